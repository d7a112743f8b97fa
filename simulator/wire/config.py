# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's own settings, to be read alone (`winrm get winrm/config`; MS-WSMV 2.2.4.10, 3.1.4.1.29, 4.2.1)."""

from __future__ import annotations

from collections.abc import Mapping

from ..seam import ACTION_NOT_SUPPORTED, CimError, Host
from . import codes
from .enumeration import CONTEXT_LIFETIME, MOST_ITEMS
from .shell import IDLE_TIMEOUT, MAX_PROCESSES, MAX_SHELLS
from .soap import DEFAULT_ENVELOPE, LONGEST_OPERATION, SoapRequest, T

CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
_ROOT_SDDL = "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)"
"""Administrators alone over the network: the default (learn.microsoft.com, winrm/config RootSDDL)."""
_Values = Mapping[str, object]


def config_reply(soap: SoapRequest, host: Host) -> str:
    """The body of the reply to a Get of the settings or of a part of them.

    Raises:
        CimError: It is another operation, or there is no such part.
    """
    if soap.action != f"{T}/Get":
        raise CimError(ACTION_NOT_SUPPORTED, "The settings are read-only here.")
    values = _settings(host)
    path = [part for part in soap.resource.removeprefix(CONFIG).split("/") if part]
    name = "Config"
    for part in path:
        found = {key.lower(): key for key, value in values.items() if isinstance(value, Mapping)}
        name = found.get(part.lower(), "")
        inner = values.get(name)
        if not isinstance(inner, Mapping):
            raise CimError(codes.INVALID_RESOURCE_URI, "The resource URI is missing or it has an incorrect format.")
        values = inner
    return f'<cfg:{name} xmlns:cfg="{"/".join([CONFIG, *path])}">{_xml(values)}</cfg:{name}>'


def _settings(host: Host) -> _Values:
    """Defaults of Server 2012 and later (MS-WSMV 2.2.4.10, 2.2.4.36, 2.2.4.42 with their notes)."""
    basic = not host.quirks["basic_disabled"]
    return {
        "MaxEnvelopeSizekb": DEFAULT_ENVELOPE // 1024,
        "MaxTimeoutms": int(LONGEST_OPERATION * 1000),
        "MaxBatchItems": MOST_ITEMS,
        "MaxProviderRequests": 4294967295,
        "Service": {
            "RootSDDL": _ROOT_SDDL,
            "MaxConcurrentOperations": 4294967295,
            "MaxConcurrentOperationsPerUser": 1500,
            "EnumerationTimeoutms": int(CONTEXT_LIFETIME * 1000),
            "MaxConnections": 300,
            "AllowUnencrypted": bool(host.quirks["allow_unencrypted"]),
            "Auth": {
                "Basic": basic,
                "Kerberos": True,
                "Negotiate": True,
                "Certificate": False,
                "CredSSP": False,
                "CbtHardeningLevel": str(host.quirks["channel_binding"]).capitalize(),
            },
            "DefaultPorts": {"HTTP": 5985, "HTTPS": 5986},
        },
        "Winrs": {
            "AllowRemoteShellAccess": True,
            "IdleTimeout": int(IDLE_TIMEOUT * 1000),
            "MaxConcurrentUsers": 10,
            "MaxShellRunTime": 2147483647,
            "MaxProcessesPerShell": MAX_PROCESSES,
            "MaxMemoryPerShellMB": 1024,
            "MaxShellsPerUser": MAX_SHELLS,
        },
    }


def _xml(values: _Values) -> str:
    parts = []
    for name, value in values.items():
        text = _xml(value) if isinstance(value, Mapping) else str(value)
        parts.append(f"<cfg:{name}>{text.lower() if isinstance(value, bool) else text}</cfg:{name}>")
    return "".join(parts)
