# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All providers of a host, by namespace and class in lower case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...seam import Provider
from .disks import Win32LogicalDisk
from .features import Win32OptionalFeature, Win32ServerFeature
from .firewall import MsftNetFirewallRule
from .firewall_filters import FILTERS, MsftNetFilter
from .firewall_profiles import MsftNetConnectionProfile, MsftNetFirewallProfile, MsftNetSecuritySettingData
from .logons import Win32LoggedOnUser
from .rsop import RsopGpo, RsopRegistryPolicySetting
from .scheduled_tasks import MsftScheduledTask, PsScheduledTask
from .std_reg_prov import StdRegProv
from .system import (
    CimDataFile,
    MsftNetTcpConnection,
    Win32ComputerSystem,
    Win32OperatingSystem,
    Win32Process,
    Win32UserProfile,
)

if TYPE_CHECKING:
    from ..host import WindowsHost


def all_providers(host: WindowsHost) -> dict[tuple[str, str], Provider]:
    """Make the host's providers. StdRegProv is in two namespaces (its documentation says so)."""
    tasks = MsftScheduledTask(host)
    providers: list[Provider] = [
        StdRegProv(host, "root/cimv2"),
        StdRegProv(host, "root/default"),
        Win32OperatingSystem(host),
        Win32ComputerSystem(host),
        Win32Process(host),
        Win32UserProfile(host),
        Win32LoggedOnUser(host),
        CimDataFile(host),
        Win32LogicalDisk(host),
        MsftNetTcpConnection(host),
        *((RsopRegistryPolicySetting(host), RsopGpo(host)) if not host.quirks["rsop_namespace_missing"] else ()),
        tasks,
        PsScheduledTask(host, tasks),
        MsftNetFirewallRule(host),
        *(MsftNetFilter(host, name) for name in FILTERS),
        MsftNetFirewallProfile(host),
        MsftNetSecuritySettingData(host),
        MsftNetConnectionProfile(host),
        Win32OptionalFeature(host),
        *([Win32ServerFeature(host)] if host.system.server else ()),
    ]
    return {(item.cls.namespace.lower(), item.cls.name.lower()): item for item in providers}
