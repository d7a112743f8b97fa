# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much room a host's own drives have (``Win32_LogicalDisk``, learn.microsoft.com win32-logicaldisk)."""

from __future__ import annotations

from dataclasses import dataclass

from .._wsman.client import WsmanClient

CIMV2 = "root/cimv2"
_FIXED = 3
"""``DriveType``: a local fixed disk."""


@dataclass(frozen=True)
class Disk:
    """One drive.

    Attributes:
        name: Such as ``C:``.
        free: Bytes.
        size: Bytes.
    """

    name: str
    free: int
    size: int


def read_disks(client: WsmanClient) -> list[Disk]:
    """The fixed drives (one exchange)."""
    rows = client.enumerate(CIMV2, f"SELECT * FROM Win32_LogicalDisk WHERE DriveType={_FIXED}")
    return [
        Disk(name.upper(), free, row.integer("Size") or 0)
        for row in rows
        if (name := row.text("DeviceID")) and (free := row.integer("FreeSpace")) is not None
    ]
