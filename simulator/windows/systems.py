# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operating systems a pool has, with what is and is not on them."""

from __future__ import annotations

from dataclasses import dataclass

_COMMON = tuple(
    f"{name}.exe"
    for name in (
        *("cmd", "reg", "quser", "query", "tasklist", "taskkill", "netstat", "findstr", "schtasks", "wevtutil"),
        *("hostname", "whoami", "gpupdate", "where", "msra", "fc", "attrib", "ping"),
        *("raserver", "dism", "msg", "netsh"),
    )
)


@dataclass(frozen=True)
class OperatingSystem:
    """One release.

    Attributes:
        caption: Win32_OperatingSystem.Caption (English).
        version: Version as Win32_OperatingSystem and `ver` give it.
        server: Whether ProductType is 3 (server) rather than 1 (workstation).
        programs: Programs in System32. tar.exe is there from Windows 10 1803 and Server 2019 on
            (techcommunity.microsoft.com, "Tar and Curl Come to Windows!").
    """

    caption: str
    version: str
    server: bool
    programs: tuple[str, ...]


SYSTEMS = {
    "windows-11": OperatingSystem("Microsoft Windows 11 Enterprise", "10.0.26100", False, (*_COMMON, "tar.exe")),
    "windows-10": OperatingSystem("Microsoft Windows 10 Enterprise", "10.0.19045", False, (*_COMMON, "tar.exe")),
    "server-2025": OperatingSystem(
        "Microsoft Windows Server 2025 Datacenter", "10.0.26100", True, (*_COMMON, "tar.exe")
    ),
    "server-2022": OperatingSystem(
        "Microsoft Windows Server 2022 Datacenter", "10.0.20348", True, (*_COMMON, "tar.exe")
    ),
    "server-2019": OperatingSystem(
        "Microsoft Windows Server 2019 Datacenter", "10.0.17763", True, (*_COMMON, "tar.exe")
    ),
    "server-2016": OperatingSystem("Microsoft Windows Server 2016 Datacenter", "10.0.14393", True, _COMMON),
}
