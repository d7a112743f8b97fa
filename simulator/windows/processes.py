# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes: who runs what in which session, and what happens when one ends."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .accounts import Account


@dataclass(slots=True, eq=False)
class Process:
    """One process. `path` and `command_line` are None for protected ones, as WMI shows them."""

    pid: int
    name: str
    session_id: int
    owner: Account | None
    command_line: str | None
    path: str | None
    parent: int
    created: datetime
    exit_code: int | None = None
    on_end: list[Callable[[int], None]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """For tests."""
        return {
            "pid": self.pid,
            "name": self.name,
            "session_id": self.session_id,
            "owner": self.owner.qualified if self.owner else None,
            "command_line": self.command_line,
        }

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.exit_code is None


class ProcessTable:
    """The processes of a host. Process ids are multiples of four and are not reused."""

    def __init__(self, now: Callable[[], datetime], seed: str) -> None:
        self._now = now
        self._random = random.Random(seed)
        self._next = 400
        self._table: dict[int, Process] = {}

    def __iter__(self) -> Iterator[Process]:
        return iter(list(self._table.values()))

    def get(self, pid: int) -> Process | None:
        """The process with this id."""
        return self._table.get(pid)

    def start(
        self,
        name: str,
        *,
        session_id: int = 0,
        owner: Account | None = None,
        command_line: str | None = None,
        path: str | None = None,
        parent: int = 0,
        pid: int | None = None,
    ) -> Process:
        """Add a process to the table; running something in it is the caller's business."""
        if pid is None:
            pid = self._next = self._next + 4 * self._random.randint(1, 60)
        process = Process(pid, name, session_id, owner, command_line, path, parent, self._now())
        self._table[pid] = process
        return process

    def end(self, pid: int, exit_code: int = 0) -> bool:
        """End a process at once; False when there is none."""
        process = self._table.pop(pid, None)
        if process is None:
            return False
        process.exit_code = exit_code
        for listener in process.on_end:
            listener(exit_code)
        return True

    def in_session(self, session_id: int, name: str | None = None) -> list[Process]:
        """Processes of a session, of one image name when given."""
        return [
            process
            for process in self._table.values()
            if process.session_id == session_id and (name is None or process.name.lower() == name.lower())
        ]
