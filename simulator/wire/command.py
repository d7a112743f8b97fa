# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A shell's commands: standard input as it comes, output as it is fetched (MS-WSMV 3.1.4.11 to 3.1.4.14)."""

from __future__ import annotations

import asyncio
import base64
import traceback
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..windows.accounts import Account
from ..windows.clock import Timer
from .soap import RSP

STREAMS = ("stdout", "stderr")
_PATIENCE = 5.0  # seconds for the end of a program
CONTROL_C_EXIT = 0xC000013A - 2**32  # STATUS_CONTROL_C_EXIT, ntstatus.h


@dataclass
class Command:
    """One command: its input, its output so far, and whether it ended.

    `errors` takes the traceback when the simulated program itself is wrong.
    """

    identity: str
    errors: list[str]
    output: list[tuple[str, bytes]] = field(default_factory=list)
    exit_code: int | None = None
    task: asyncio.Task[int] | None = None

    def __post_init__(self) -> None:
        self._stdin: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._news = asyncio.Event()

    def run(self, work: Coroutine[Any, Any, int]) -> None:
        """Start the program."""
        self.task = asyncio.get_running_loop().create_task(work)
        self.task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[int]) -> None:
        if task.cancelled():
            self.exit_code = CONTROL_C_EXIT
        elif (error := task.exception()) is not None:
            self.errors.append("".join(traceback.format_exception(error)))
            self.output.append(("stderr", f"simulator: {type(error).__name__}: {error}\r\n".encode()))
            self.exit_code = -1
        else:
            self.exit_code = task.result()
        self._news.set()

    async def read(self) -> AsyncIterator[bytes]:
        """Standard input as it arrives."""
        while (chunk := await self._stdin.get()) is not None:
            yield chunk

    def feed(self, data: bytes, *, last: bool) -> None:
        """Take standard input."""
        if data:
            self._stdin.put_nowait(data)
        if last:
            self._stdin.put_nowait(None)

    def write(self, stream: str, data: bytes) -> None:
        """Take output of the program."""
        if data:
            self.output.append((stream, data))
            self._news.set()

    async def wait(self, wanted: tuple[str, ...], seconds: float) -> bool:
        """Wait for output of these streams or the end; whether there is any."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.exit_code is None and not any(name in wanted for name, _ in self.output):
            self._news.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._news.wait(), max(left, 0.0))
            except TimeoutError:
                return False
        return True

    def end(self) -> None:
        """End the program."""
        self._stdin.put_nowait(None)
        if self.task is not None:
            self.task.cancel()

    async def ended(self) -> None:
        """Wait until a program that was told to end is gone with all it held."""
        if self.task is not None:
            await asyncio.wait([self.task], timeout=_PATIENCE)

    def output_xml(self, wanted: tuple[str, ...], room: int, *, done_apart: bool) -> str:
        """A ReceiveResponse with at most `room` bytes of output.

        Args:
            wanted: Streams to give.
            room: Bytes, before base64.
            done_apart: Give output and the end in separate replies.
        """
        identity = self.identity
        parts = [
            f'<rsp:Stream Name="{name}" CommandId="{identity}">{base64.b64encode(data).decode("ascii")}</rsp:Stream>'
            for name, data in self._take(wanted, room)
        ]
        pending = any(name in wanted for name, _ in self.output)
        if self.exit_code is None or pending or (done_apart and parts):
            return f"<rsp:ReceiveResponse>{''.join(parts)}{self._state('Running')}</rsp:ReceiveResponse>"
        parts += [f'<rsp:Stream Name="{name}" CommandId="{identity}" End="true"></rsp:Stream>' for name in wanted]
        return f"<rsp:ReceiveResponse>{''.join(parts)}{self._state('Done')}</rsp:ReceiveResponse>"

    def _take(self, wanted: tuple[str, ...], room: int) -> Iterator[tuple[str, bytes]]:
        """Remove output of these streams, neighbouring pieces of one stream joined."""
        rest: list[tuple[str, bytes]] = []
        taken: list[tuple[str, bytearray]] = []
        for name, data in self.output:
            size = min(len(data), room) if name in wanted else 0
            if size < len(data):
                rest.append((name, data[size:]))
            if size:
                room -= size
                if not taken or taken[-1][0] != name:
                    taken.append((name, bytearray()))
                taken[-1][1].extend(data[:size])
        self.output = rest
        return ((name, bytes(data)) for name, data in taken)

    def _state(self, state: str) -> str:
        code = f"<rsp:ExitCode>{self.exit_code}</rsp:ExitCode>" if state == "Done" else ""
        return (
            f'<rsp:CommandState CommandId="{self.identity}" State="{RSP}/CommandState/{state}">{code}'
            "</rsp:CommandState>"
        )


@dataclass
class Shell:
    """One shell of one account; times are in seconds of the host's clock."""

    identity: str
    owner: Account
    codepage: int
    directory: str
    environment: Mapping[str, str]
    idle_timeout: float
    commands: dict[str, Command] = field(default_factory=dict)
    used: float = 0.0
    timer: Timer | None = None

    def end(self) -> None:
        """End the shell and all that runs in it."""
        if self.timer is not None:
            self.timer.cancel()
        for command in self.commands.values():
            command.end()
