# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an Ansible connection plugin, with all its variables, to a transport: no shell, no runspace.

The plugin's own code turns its options into arguments of pywinrm or pypsrp, and gets Kerberos tickets; so
every ``ansible_winrm_*`` and ``ansible_psrp_*`` variable means here what it means for any other module. The
few inner names used are the same in ansible-core 2.18 to 2.21, and a test holds them for each of these.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from .._errors import AssistError, InvalidOption, LibraryMissing, LoginRefused
from .._transport.mapping import LOGIN_HINT, transport_error
from .._transport.psrp import PsrpTransport
from .._transport.winrm import WinrmTransport

Transport = WinrmTransport | PsrpTransport

CONNECT_SECONDS = 15.0
"""How long to wait for a TCP connection; a live host on a pool's network needs milliseconds."""


def connection_name(connection: Any) -> str:
    """Short name of a connection plugin, such as ``winrm``."""
    name = getattr(connection, "transport", "") or getattr(connection, "_load_name", "")
    return str(name).rpartition(".")[2]


def require_library(module: str, package: str, *, host: str) -> None:
    """Refuse early, and in one line, when a connection's Python library is missing.

    Raises:
        LibraryMissing: `module` can not be imported by the Python that runs Ansible.
    """
    if importlib.util.find_spec(module) is None:
        raise LibraryMissing(
            f"the connection needs the Python package {package}, which is not installed.",
            host=host,
            hint=f"Install {package} for the Python that runs ansible-playbook.",
        )


def open_transport(connection: Any, *, host: str, connect_timeout: float = CONNECT_SECONDS) -> Transport:
    """A transport over a connection plugin whose options are set. Nothing is sent yet.

    Args:
        connection: A ``winrm`` or ``psrp`` connection plugin.
        host: The host as the inventory names it.
        connect_timeout: Seconds to wait for a TCP connection.

    Raises:
        InvalidOption: Another connection plugin, or options it does not take.
        LibraryMissing: pywinrm or pypsrp is missing.
        LoginRefused: No Kerberos ticket could be had.
    """
    openers = {"winrm": _open_winrm, "psrp": _open_psrp}
    name = connection_name(connection)
    if name not in openers:
        raise InvalidOption(
            f"this needs a winrm or psrp connection, and the inventory says {name!r}.",
            host=host,
            hint="Set ansible_connection to winrm or psrp for Windows hosts.",
        )
    try:
        return openers[name](connection, host, connect_timeout)
    except AssistError:
        raise
    except Exception as error:
        raise _plugin_error(error, host) from None


def _open_winrm(connection: Any, host: str, connect_timeout: float) -> Transport:
    require_library("winrm", "pywinrm", host=host)
    connection._build_winrm_kwargs()
    # With a shell id set the plugin makes its Protocol (and Kerberos ticket) without opening a shell.
    connection.shell_id = "none"
    try:
        protocol = connection._winrm_connect()
    finally:
        connection.shell_id = None
    return WinrmTransport(protocol.transport, host=host, connect_timeout=connect_timeout)


def _open_psrp(connection: Any, host: str, connect_timeout: float) -> Transport:
    require_library("pypsrp", "pypsrp", host=host)
    from pypsrp.wsman import WSMan

    connection._build_kwargs()
    wsman = WSMan(**connection._psrp_conn_kwargs)
    return PsrpTransport(wsman.transport, host=host, connect_timeout=connect_timeout)


def _plugin_error(error: Exception, host: str) -> AssistError:
    """An error of the connection plugin itself: bad options, or a Kerberos ticket that could not be had."""
    text = str(error)
    if "kerberos" in text.lower() or "kinit" in text.lower():
        return LoginRefused(
            "no Kerberos ticket could be had for the connection's user.",
            host=host,
            hint="Check krb5.conf, the user name (user@REALM) and that pykerberos and kinit are installed.",
        )
    if type(error).__name__.startswith("Ansible") or isinstance(error, ValueError | TypeError):
        hint = "Check the host's ansible_winrm_* or ansible_psrp_* variables."
        return InvalidOption("the connection's settings are not usable.", host=host, hint=hint)
    mapped = transport_error(error, host=host)
    mapped.hint = mapped.hint or LOGIN_HINT
    return mapped
