# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_OptionalFeature and Win32_ServerFeature in root/cimv2 (learn.microsoft.com, cimwin32prov and wmisdk).

InstallState: 1 enabled, 2 disabled, 3 absent, 4 unknown. Win32_ServerFeature lists what is installed, by numbers that
its page names; there is no such class on Windows 10 and 11.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...seam import CimClass, CimInstance, Provider, schema
from ..accounts import Account
from ..features import DISABLE_PENDING, DISABLED, ENABLE_PENDING, ENABLED, REMOVED
from ..firewall_rules import display_text

if TYPE_CHECKING:
    from ..host import WindowsHost

_STATES = {ENABLED: 1, DISABLED: 2, REMOVED: 3}
_BEFORE, _AFTER = {ENABLE_PENDING: 2, DISABLE_PENDING: 1}, {ENABLE_PENDING: 1, DISABLE_PENDING: 2}


class Win32OptionalFeature(Provider):
    """Optional features by their DISM names."""

    cls = CimClass(
        "root/cimv2",
        "Win32_OptionalFeature",
        ("Name",),
        schema(
            Name="string", Caption="string", Description="string", InstallDate="datetime", InstallState="uint32",
            Status="string",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All of them. unverified: the state of one that waits for a restart (`feature_pending_state`)."""
        pending = _AFTER if self._host.quirks["feature_pending_state"] == "new" else _BEFORE
        for feature in self._host.features:
            values = {
                "Name": feature.name,
                "Caption": feature.display,
                "Description": None,
                "InstallDate": None,
                "InstallState": (_STATES | pending)[feature.state],
                "Status": None,
            }
            yield CimInstance(self.cls, values)


class Win32ServerFeature(Provider):
    """Features of Windows Server that are installed."""

    cls = CimClass(
        "root/cimv2",
        "Win32_ServerFeature",
        ("ID",),
        schema(ID="uint32", ParentID="uint32", Name="string"),
    )

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """What is installed; the name is in the host's language."""
        after = self._host.quirks["feature_pending_state"] == "new"
        there = {ENABLED, ENABLE_PENDING if after else DISABLE_PENDING}
        for feature in self._host.features:
            if feature.server_id and feature.state in there:
                name = feature.display
                if feature is self._host.features.assistance:
                    name = display_text("@FirewallAPI.dll,-33002", self._host.language)
                yield CimInstance(self.cls, {"ID": feature.server_id, "ParentID": 0, "Name": name})
