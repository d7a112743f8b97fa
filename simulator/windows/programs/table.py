# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs in System32 by file name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import archive, query, reg, system
from .cmd import Context

Program = Callable[[list[str], Context], Awaitable[int]]

PROGRAMS: dict[str, Program] = {
    "quser.exe": query.quser,
    "query.exe": query.query,
    "reg.exe": reg.reg,
    "tar.exe": archive.tar,
    "taskkill.exe": system.taskkill,
    "netstat.exe": system.netstat,
    "findstr.exe": system.findstr,
    "schtasks.exe": system.schtasks,
    "hostname.exe": system.hostname,
    "whoami.exe": system.whoami,
    "wevtutil.exe": system.wevtutil,
    "msra.exe": system.msra,
}
