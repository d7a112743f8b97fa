# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting a program for the Task Scheduler: in session 0 for SYSTEM, in a user's session for the user."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..seam import CommandStreams
from .accounts import Account
from .files import FileError, normalise
from .processes import Process
from .programs.cmd import command_of_arguments
from .sessions import Session

if TYPE_CHECKING:
    from .host import WindowsHost

_VARIABLES = {
    "systemroot": "C:\\Windows",
    "windir": "C:\\Windows",
    "systemdrive": "C:",
    "programdata": "C:\\ProgramData",
}


@dataclass
class Launched:
    """A program that was started; `work` ends with it, and is None for one that waits for a person."""

    process: Process
    work: asyncio.Task[int] | None = None


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _drop(data: bytes) -> None:
    """Nobody reads what a task writes."""


def expand(text: str) -> str:
    """%VARIABLES% of the machine, as the service expands them in a task's command."""
    return re.sub(r"%([^%]+)%", lambda found: _VARIABLES.get(found[1].lower(), found[0]), text)


def find_program(host: WindowsHost, command: str) -> str | None:
    """Full path of the program a task's command names."""
    command = expand(command).replace('"', "")
    try:
        path = normalise(command)
    except FileError:
        return None
    for candidate in (path, f"{path}.exe"):
        node = host.files.get(candidate)
        if node is not None and not node.is_directory:
            return node.path
    return None


async def launch(
    host: WindowsHost, command: str, arguments: str, account: Account, session: Session | None
) -> Launched | None:
    """Start a program; None when there is no such file.

    Args:
        host: Where.
        command: The program, with variables.
        arguments: Its arguments as one text.
        account: Who it runs as.
        session: The session, or None for session 0.
    """
    path = find_program(host, command)
    if path is None:
        return None
    name = path.rpartition("\\")[2]
    if name.lower() == "msra.exe" and session is not None:
        return Launched(await host.msra.start(session, arguments))
    process = host.processes.start(
        name,
        session_id=session.id if session else 0,
        owner=account,
        command_line=f'"{path}" {arguments}'.rstrip(),
        path=path,
    )
    work = asyncio.ensure_future(_run(host, path, arguments, account, process))

    def ended(code: int) -> None:
        work.cancel()

    process.on_end.append(ended)
    return Launched(process, work)


async def _run(host: WindowsHost, path: str, arguments: str, account: Account, process: Process) -> int:
    line: str | None = f'"{path}" {arguments}'
    if path.lower().endswith("\\cmd.exe"):
        line = command_of_arguments(arguments)
    streams = CommandStreams(_nothing(), _drop, _drop)
    code = 1
    if line is not None:
        code = await host.cmd.run(line, streams, account, session_id=process.session_id)
    process.on_end.pop(0)  # it ends by itself: there is nothing to cancel
    host.end_process(process.pid, code)
    return code
