# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Task Scheduler: registration, starting, triggers, expiry (MS-TSCH 3.2.5)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .accounts import LOCAL_SERVICE, NETWORK_SERVICE, SYSTEM, Account
from .clock import Timer
from .event_log import TASK_OPERATIONAL
from .launch import launch
from .sessions import Session
from .task_xml import INVALID_VALUE, TaskDefinition, TaskXmlError, Trigger, parse

if TYPE_CHECKING:
    from .host import WindowsHost

# winerror.h, and the SCHED_* codes of "Task Scheduler error and success constants", learn.microsoft.com
NOT_FOUND = 0x80070002  # ERROR_FILE_NOT_FOUND as HRESULT
ALREADY_EXISTS = 0x800700B7
NO_ACCOUNT = 0x80070534  # ERROR_NONE_MAPPED
ACCESS_DENIED = 0x80070005
DISK_FULL = 0x80070070
BAD_NAME = 0x8007007B
NEVER_RUN, RUNNING, TERMINATED = 0x41303, 0x41301, 0x41306
DISABLED, NOT_ON_DEMAND = 0x80041326, 0x80041328
NOT_STARTED = 0x8007042B  # nobody of that account is logged on; unverified: the code Windows leaves here
_TURNS = 100  # of the event loop
_SERVICES = {
    name: account
    for account in (SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE)
    for name in (account.sid, account.name, account.qualified.upper())
}


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
    registered: datetime
    timers: list[Timer] = field(default_factory=list)
    expiry: Timer | None = None
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
    """All tasks of a host.

    Attributes:
        folders: Folders that registrations made. Windows keeps them when their last task is gone.
    """

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._tasks: dict[str, Task] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self.folders: set[str] = set()

    def __iter__(self) -> Iterator[Task]:
        return iter(list(self._tasks.values()))

    def get(self, path: str) -> Task | None:
        """The task at a path."""
        return self._tasks.get(path.lower())

    def _known(self, path: str) -> Task:
        task = self.get(path)
        if task is None:
            raise TaskError(NOT_FOUND, "The system cannot find the file specified.")
        return task

    def register(self, path: str, xml: str, *, force: bool) -> Task:
        """Register or, with force, replace a task.

        Raises:
            TaskError: With the service's HRESULT.
        """
        definition = self._checked(path, xml, force=force)
        old = self.get(path)
        task = Task(path, xml, definition, self._host.clock.now())
        if old is not None:
            self._forget(old)
            task.pids, task.last_result, task.last_run = old.pids, old.last_result, old.last_run
        self._tasks[path.lower()] = task
        if task.folder != "\\":
            self.folders.add(task.folder)
        self._host.events.write(TASK_OPERATIONAL, 140 if old else 106, path)
        self._arm(task)
        return task

    def _checked(self, path: str, xml: str, *, force: bool) -> TaskDefinition:
        if not re.fullmatch(r'(?:\\[^\\/:*?"<>|\x00-\x1f]+)+', path):
            raise TaskError(BAD_NAME, "The filename, directory name, or volume label syntax is incorrect.")
        if self._host.quirks["task_xml_declaration_refused"] and xml.lstrip().startswith("<?xml"):
            raise TaskError(0x8004131A, "The task XML is malformed: unable to switch the encoding.")
        if self.get(path) is not None and not force:
            raise TaskError(ALREADY_EXISTS, "Cannot create a file when that file already exists.")
        try:
            definition = parse(xml)
        except TaskXmlError as error:
            raise TaskError(error.code, str(error)) from None
        if self.account(definition) is None:
            raise TaskError(NO_ACCOUNT, "No mapping between account names and security IDs was done.")
        if definition.logon_type not in ("InteractiveToken", "ServiceAccount", ""):
            raise TaskError(INVALID_VALUE, "This logon type needs a password.")
        if self._host.faults.disk_full:
            raise TaskError(DISK_FULL, "There is not enough space on the disk.")
        return definition

    def account(self, definition: TaskDefinition) -> Account | None:
        """Who a task runs as."""
        name = definition.user
        known = _SERVICES.get(name.upper())
        return known or self._host.accounts.by_sid(name) or self._host.accounts.find(name)

    def delete(self, path: str, caller: Account) -> bool:
        """Delete a task; False when there is none.

        What it started goes on (unverified: `task_delete_ends_process`).
        """
        task = self.get(path)
        if task is None or not caller.elevated:
            return False
        self._remove(task)
        self._host.writes(f"task {path}")
        return True

    def _remove(self, task: Task) -> None:
        self._forget(task)
        del self._tasks[task.path.lower()]
        self._host.events.write(TASK_OPERATIONAL, 141, task.path)
        if self._host.quirks["task_delete_ends_process"]:
            for pid in list(task.pids):
                self._host.end_process(pid, TERMINATED)

    def start(self, path: str) -> None:
        """Run a task on demand. S_OK says nothing: conditions may keep it from running (MS-TSCH SchRpcRun)."""
        task = self._known(path)
        if not task.definition.allow_start_on_demand:
            raise TaskError(NOT_ON_DEMAND, "The task does not allow to be started on demand.")
        if not task.definition.enabled:
            raise TaskError(DISABLED, "The task is disabled.")
        self._spawn(task, on_demand=True)

    def stop(self, path: str) -> None:
        """End what a task started."""
        for pid in list(self._known(path).pids):
            self._host.end_process(pid, TERMINATED)

    def enable(self, path: str, wanted: bool) -> None:
        """Enable or disable a task; a disabled one starts neither by itself nor on demand."""
        task = self._known(path)
        task.definition.enabled = wanted
        self._forget(task)
        self._arm(task)

    # Time -----------------------------------------------------------------------------------------

    def _arm(self, task: Task) -> None:
        now = self._host.clock.now()
        for trigger in task.definition.triggers:
            if trigger.enabled and task.definition.enabled:
                self._arm_trigger(task, trigger, now)
        ends = [trigger.end for trigger in task.definition.triggers]
        after = task.definition.delete_expired_after
        if after is not None and ends and all(ends):
            moment = max(end for end in ends if end is not None) + after
            task.expiry = self._host.clock.call_at(moment, lambda: self._expire(task))

    def _arm_trigger(self, task: Task, trigger: Trigger, now: datetime) -> None:
        due = trigger.start
        if trigger.kind == "RegistrationTrigger":
            due = now + trigger.delay
        if due is None:
            return  # triggers of boot and logon: a simulated host does neither
        if due < now and trigger.interval:
            # a repetition goes on from its start; when a start was missed, see StartWhenAvailable
            missed = (now - due) // trigger.interval + 1
            due = due + missed * trigger.interval
        elif due < now and task.definition.start_when_available:
            due = now
        if due >= now:
            self._schedule(task, due, trigger)

    def _schedule(self, task: Task, due: datetime, trigger: Trigger) -> None:
        async def fire() -> None:
            if self._tasks.get(task.path.lower()) is not task:
                return
            if trigger.interval is not None:
                self._schedule(task, due + trigger.interval, trigger)
            # Wait for what it does at once, and not for a program that itself waits for the clock.
            running = self._spawn(task, on_demand=False)
            for _ in range(_TURNS):
                if running.done():
                    break
                await asyncio.sleep(0)

        if trigger.active_at(due):
            task.timers.append(self._host.clock.call_at(due, fire))

    def _expire(self, task: Task) -> None:
        """DeleteExpiredTaskAfter (MS-TSCH 2.5.4); a task that still runs goes when it ends: left out."""
        if self._tasks.get(task.path.lower()) is task:
            self._remove(task)

    def _forget(self, task: Task) -> None:
        for timer in (*task.timers, *([task.expiry] if task.expiry else [])):
            timer.cancel()
        task.timers.clear()

    # Running --------------------------------------------------------------------------------------

    def _spawn(self, task: Task, *, on_demand: bool) -> asyncio.Task[None]:
        running = asyncio.ensure_future(self._run(task, on_demand=on_demand))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return running

    async def _run(self, task: Task, *, on_demand: bool) -> None:
        definition = task.definition
        if definition.blocks_on_battery and self._host.quirks["on_battery"]:
            return
        if task.pids and definition.multiple_instances in ("IgnoreNew", "Queue"):
            return  # MS-TSCH 2.5.4.3; a queued start is dropped too
        account = self.account(definition)
        if account is None:
            return
        session: Session | None = None
        if account.sid not in _SERVICES:
            session = self._session_of(account, definition)
            if session is None:
                task.last_run, task.last_result = self._host.clock.now(), NOT_STARTED
                return
        await self._act(task, account, session, on_demand=on_demand)

    def _session_of(self, account: Account, definition: TaskDefinition) -> Session | None:
        """InteractiveToken: the user's session, if there is one (MS-TSCH 2.5.5 and 3.2.5.4.13).

        Which of several the service takes is not documented (unverified: `task_session_choice`).
        """
        sessions = [item for item in self._host.sessions if item.account is account]
        if not sessions or definition.logon_type != "InteractiveToken":
            return None
        choice = self._host.quirks["task_session_choice"]
        if choice == "console":
            return next((item for item in sessions if item.session_name.lower() == "console"), sessions[0])
        return sessions[0 if choice == "first" else -1]

    async def _act(self, task: Task, account: Account, session: Session | None, *, on_demand: bool) -> None:
        """Run the actions, each after the one before; one that waits for a person is not waited for."""
        task.last_run = self._host.clock.now()
        for command, arguments in task.definition.actions:
            launched = await launch(self._host, command, arguments, account, session)
            if launched is None:
                task.last_result = NOT_FOUND
                self._host.events.write(TASK_OPERATIONAL, 203, task.path, str(NOT_FOUND))
                continue
            process = launched.process
            task.last_result = RUNNING
            if process.alive:
                task.pids.append(process.pid)
                process.on_end.append(lambda code, pid=process.pid: self._ended(task, pid, code))  # type: ignore[misc]
            limit = task.definition.execution_limit
            # "If a task is started on demand, the ExecutionTimeLimit setting is bypassed": ITaskSettings
            # ::ExecutionTimeLimit, learn.microsoft.com (unverified: `demand_start_keeps_limit`).
            if limit is not None and (not on_demand or self._host.quirks["demand_start_keeps_limit"]):
                self._limit(process.pid, limit)
            if launched.work is not None:
                await asyncio.wait([launched.work])

    def _ended(self, task: Task, pid: int, code: int) -> None:
        task.last_result = code & 0xFFFFFFFF
        if pid in task.pids:
            task.pids.remove(pid)

    def _limit(self, pid: int, limit: timedelta) -> None:
        self._host.clock.call_later(limit.total_seconds(), lambda: self._time_out(pid))

    def _time_out(self, pid: int) -> None:
        self._host.end_process(pid, TERMINATED)
