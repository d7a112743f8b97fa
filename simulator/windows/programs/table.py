# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs in System32 by file name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import (
    archive,
    dism,
    file_tools,
    findstr,
    gpupdate,
    message,
    netsh,
    powershell_free,
    process_tools,
    query,
    reg,
    schtasks,
    system,
    wevtutil,
)
from .cmd import Context, command_of_arguments

Program = Callable[[list[str], Context], Awaitable[int]]


async def cmd(words: list[str], context: Context) -> int:
    """cmd.exe inside cmd.exe; without /c it would wait for a person."""
    line = command_of_arguments(context.tail)
    return await context.host.cmd.line(line, context) if line is not None else 1


PROGRAMS: dict[str, Program] = {
    "cmd.exe": cmd,
    "quser.exe": query.quser,
    "query.exe": query.query,
    "reg.exe": reg.reg,
    "tar.exe": archive.tar,
    "taskkill.exe": process_tools.taskkill,
    "tasklist.exe": process_tools.tasklist,
    "netsh.exe": netsh.netsh,
    "netstat.exe": system.netstat,
    "findstr.exe": findstr.findstr,
    "schtasks.exe": schtasks.schtasks,
    "hostname.exe": system.hostname,
    "whoami.exe": system.whoami,
    "wevtutil.exe": wevtutil.wevtutil,
    "msra.exe": system.msra,
    "raserver.exe": system.msra,
    "fc.exe": file_tools.fc,
    "attrib.exe": file_tools.attrib,
    "gpupdate.exe": gpupdate.gpupdate,
    "dism.exe": dism.dism,
    "ping.exe": system.ping,
    "msg.exe": message.msg,
    "powershell.exe": powershell_free.powershell,
}
