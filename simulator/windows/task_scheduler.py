# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Task Scheduler: registration, starting, triggers, expiry (MS-TSCH 3.2.5)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..seam import CommandStreams
from .accounts import SYSTEM, Account
from .clock import Timer
from .event_log import TASK_OPERATIONAL
from .programs.cmd import command_of_arguments
from .task_xml import INVALID_VALUE, TaskDefinition, TaskXmlError, parse

if TYPE_CHECKING:
    from .host import WindowsHost

NOT_FOUND = 0x80070002  # ERROR_FILE_NOT_FOUND as HRESULT
ALREADY_EXISTS = 0x800700B7
NO_ACCOUNT = 0x80070534  # ERROR_NONE_MAPPED
ACCESS_DENIED = 0x80070005
NEVER_RUN, RUNNING = 0x41303, 0x41301  # SCHED_S_TASK_HAS_NOT_RUN, SCHED_S_TASK_RUNNING
BAD_NAME = 0x8007007B
TERMINATED = 0x41306  # SCHED_S_TASK_TERMINATED


class TaskError(Exception):
    """The service refuses with an HRESULT."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(eq=False)
class Task:
    """A registered task."""

    path: str
    xml: str
    definition: TaskDefinition
    timers: list[Timer] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    last_result: int = NEVER_RUN
    last_run: datetime | None = None

    @property
    def folder(self) -> str:
        """The folder with both its backslashes."""
        return self.path.rpartition("\\")[0] + "\\"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("\\")[2]

    def as_data(self) -> dict[str, Any]:
        """For tests; the XML too, as a test has to see what it says."""
        return {"path": self.path, "xml": self.xml, "last_result": self.last_result}


class TaskScheduler:
    """All tasks of a host."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._tasks: dict[str, Task] = {}
        self._running: set[asyncio.Task[Any]] = set()

    def __iter__(self) -> Iterator[Task]:
        return iter(list(self._tasks.values()))

    def get(self, path: str) -> Task | None:
        """The task at a path."""
        return self._tasks.get(path.lower())

    def register(self, path: str, xml: str, *, force: bool) -> Task:
        """Register or, with force, replace a task.

        Raises:
            TaskError: With the service's HRESULT.
        """
        if not re.fullmatch(r'(?:\\[^\\/:*?"<>|\x00-\x1f]+)+', path):
            raise TaskError(BAD_NAME, "The filename, directory name, or volume label syntax is incorrect.")
        if xml.lstrip().startswith("<?xml") and self._host.quirks["task_xml_declaration_refused"]:
            raise TaskError(0x8004131A, "The task XML is malformed: unable to switch the encoding.")
        if self.get(path) is not None and not force:
            raise TaskError(ALREADY_EXISTS, "Cannot create a file when that file already exists.")
        try:
            definition = parse(xml)
        except TaskXmlError as error:
            raise TaskError(error.code, str(error)) from None
        if self._host.accounts.by_sid(definition.user) is None and self._host.accounts.find(definition.user) is None:
            raise TaskError(NO_ACCOUNT, "No mapping between account names and security IDs was done.")
        if definition.logon_type not in ("InteractiveToken", "ServiceAccount", ""):
            raise TaskError(INVALID_VALUE, "This logon type needs a password.")
        if self._host.faults.disk_full:
            raise TaskError(0x80070070, "There is not enough space on the disk.")
        old = self.get(path)
        if old is not None:
            self._forget(old)
        task = Task(path, xml, definition)
        if old is not None:
            task.pids, task.last_result, task.last_run = old.pids, old.last_result, old.last_run
        self._tasks[path.lower()] = task
        self._host.events.write(TASK_OPERATIONAL, 106, path)
        self._arm(task)
        return task

    def delete(self, path: str, caller: Account) -> bool:
        """Delete a task; False when there is none."""
        task = self.get(path)
        if task is None or not caller.elevated:
            return False
        self._forget(task)
        del self._tasks[task.path.lower()]
        self._host.writes(f"task {path}")
        self._host.events.write(TASK_OPERATIONAL, 141, path)
        if self._host.quirks["task_delete_ends_process"]:
            for pid in task.pids:
                self._host.end_process(pid, 1)
        return True

    def start(self, path: str) -> None:
        """Run a task on demand. S_OK says nothing: conditions may keep it from running (MS-TSCH SchRpcRun)."""
        task = self.get(path)
        if task is None:
            raise TaskError(NOT_FOUND, "The system cannot find the file specified.")
        if not task.definition.allow_start_on_demand:
            raise TaskError(0x80041328, "The task does not allow to be started on demand.")
        if not task.definition.enabled:
            raise TaskError(0x80041326, "The task is disabled.")
        self._spawn(task)

    def stop(self, path: str) -> None:
        """End what a task started."""
        task = self.get(path)
        if task is None:
            raise TaskError(NOT_FOUND, "The system cannot find the file specified.")
        for pid in task.pids:
            self._host.end_process(pid, TERMINATED)

    # Time -----------------------------------------------------------------------------------------

    def _arm(self, task: Task) -> None:
        clock, now = self._host.clock, self._host.clock.now()
        for trigger in task.definition.triggers:
            if not trigger.enabled:
                continue
            if trigger.kind == "RegistrationTrigger":
                self._spawn(task)
                continue
            due = trigger.start
            if due is not None and due < now and trigger.interval:
                missed = (now - due) // trigger.interval + 1
                due = due + missed * trigger.interval
            if due is not None and (due >= now or task.definition.start_when_available):
                self._schedule(task, due, trigger.interval, trigger.end)
        ends = [trigger.end for trigger in task.definition.triggers if trigger.end is not None]
        if ends and task.definition.delete_expired_after is not None:
            moment = max(ends) + task.definition.delete_expired_after
            task.timers.append(clock.call_at(moment, lambda: self._expire(task)))

    def _schedule(self, task: Task, due: datetime, interval: timedelta | None, end: datetime | None) -> None:
        async def fire() -> None:
            if self._tasks.get(task.path.lower()) is not task:
                return
            if interval is not None:
                self._schedule(task, due + interval, interval, end)
            await self._run(task)

        if end is None or due < end:
            task.timers.append(self._host.clock.call_at(due, fire))

    def _expire(self, task: Task) -> None:
        if self._tasks.get(task.path.lower()) is task:
            self._forget(task)
            del self._tasks[task.path.lower()]

    def _forget(self, task: Task) -> None:
        for timer in task.timers:
            timer.cancel()

    # Running --------------------------------------------------------------------------------------

    def _spawn(self, task: Task) -> None:
        running = asyncio.ensure_future(self._run(task))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _run(self, task: Task) -> None:
        definition = task.definition
        if definition.blocks_on_battery and self._host.quirks.get("on_battery"):
            return
        task.last_run, task.last_result = self._host.clock.now(), RUNNING
        if definition.user.upper() in (SYSTEM.sid, "SYSTEM", "NT AUTHORITY\\SYSTEM"):
            for command, arguments in definition.actions:
                task.last_result = await self._as_system(command, arguments)
            return
        await self._in_session(task)

    async def _as_system(self, command: str, arguments: str) -> int:
        """An action of SYSTEM in session 0; cmd.exe runs its line, other programs run by themselves."""
        line = command_of_arguments(arguments) if command.lower().endswith("cmd.exe") else f'"{command}" {arguments}'
        if line is None:
            return 1
        return await self._host.run_command(line, CommandStreams(_no_input(), _drop, _drop), SYSTEM)

    async def _in_session(self, task: Task) -> None:
        """InteractiveToken: in the user's session, if there is one (MS-TSCH 2.5.5 and 3.2.5.4.13)."""
        definition = task.definition
        account = self._host.accounts.by_sid(definition.user) or self._host.accounts.find(definition.user)
        sessions = [item for item in self._host.sessions if item.account is account]
        if not sessions or definition.logon_type != "InteractiveToken":
            task.last_result = 0x8007042B  # the process terminated unexpectedly: nothing was started
            return
        # Which session of several the service takes is not documented (unverified: task_session_choice).
        session = sessions[0 if self._host.quirks["task_session_choice"] == "first" else -1]
        for command, arguments in definition.actions:
            if command.lower().rpartition("\\")[2] != "msra.exe":
                task.last_result = NOT_FOUND
                continue
            process = await self._host.msra.start(session, arguments)
            if process is None:
                task.last_result = NOT_FOUND
                continue
            task.pids.append(process.pid)
            if definition.execution_limit is not None:
                self._limit(process.pid, definition.execution_limit)

    def _limit(self, pid: int, limit: timedelta) -> None:
        def time_out() -> None:
            self._host.end_process(pid, 0x41306)  # SCHED_S_TASK_TERMINATED

        self._host.clock.call_later(limit.total_seconds(), time_out)


async def _no_input() -> AsyncIterator[bytes]:
    if False:
        yield b""


def _drop(data: bytes) -> None:
    """Output of a task goes nowhere."""
