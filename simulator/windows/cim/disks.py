# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_LogicalDisk: the drives and how much is free on them (learn.microsoft.com, cimwin32prov)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...seam import CimClass, CimInstance, Provider, schema
from ..accounts import Account

if TYPE_CHECKING:
    from ..host import WindowsHost

SIZE = 136_365_211_648  # bytes of a 127 GiB system disk
FREE = 61_203_283_968
_FIXED, _CD = 3, 5  # DriveType


class Win32LogicalDisk(Provider):
    """The system drive, and an empty DVD drive as virtual machines have one: it has neither size nor free space."""

    cls = CimClass(
        "root/cimv2",
        "Win32_LogicalDisk",
        ("DeviceID",),
        schema(
            DeviceID="string", Caption="string", Description="string", DriveType="uint32", FileSystem="string",
            FreeSpace="uint64", Name="string", Size="uint64", VolumeName="string",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """Both."""
        free = 0 if self._host.faults.disk_full else FREE
        yield self._drive("C:", _FIXED, "NTFS", SIZE, free)
        yield self._drive("D:", _CD, None, None, None)

    def _drive(self, name: str, kind: int, system: str | None, size: int | None, free: int | None) -> CimInstance:
        return CimInstance(
            self.cls,
            {
                "DeviceID": name,
                "Caption": name,
                "Description": None,
                "DriveType": kind,
                "FileSystem": system,
                "FreeSpace": free,
                "Name": name,
                "Size": size,
                "VolumeName": None,
            },
        )
