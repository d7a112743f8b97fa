# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting msra.exe in the user's own session, and finding the process that came of it.

The task that starts it carries the password, so it is deleted as soon as the process is there. Whether Windows
ends a process together with its task is unverified: the process is looked for once more after the deletion,
and where it is gone, it is started once again and its task kept, with the password overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .._errors import InvitationNotCreated, SessionMismatch
from .._formats.task_xml import (
    ExecAction,
    Principal,
    TaskDefinition,
    TaskSettings,
    TimeTrigger,
)
from .._windows import tasks
from .._windows.processes import MSRA, Process, owner_sid, read_processes
from .._wsman.client import WsmanClient
from .guard import AFTERMATH, Guard
from .just_in_time.flow import Opening
from .request import CheckedSession, InvitationRequest, Progress
from .timing import Timing

POLL_SECONDS = 0.4
TASK_MARGIN = timedelta(minutes=1)
"""How long after our own deadline the host deletes the task with the password, if nobody else has."""
_TRIGGER_AGE = timedelta(days=1)
"""A trigger in the past never starts the task, and gives it the end that DeleteExpiredTaskAfter needs."""
_SETTLE_SECONDS = 2.0
"""How long a process may take to end when its task is deleted."""


@dataclass
class Traces:
    """What may be on the host because of us. Set *before* each step: a lost reply may have done its work.

    Attributes:
        guard: The guard.
        guard_registered: Whether registering it was tried.
        task_registered: Whether registering the task with the password was tried.
        started: Whether starting it was tried.
        processes: Processes of ours that were seen.
        guarded_until: Host time at which the guard removes what is left.
        known: Processes that were there before.
        opening: What was, or is being, opened for it.
    """

    guard: Guard
    guard_registered: bool = False
    task_registered: bool = False
    started: bool = False
    processes: list[Process] = field(default_factory=list)
    guarded_until: datetime | None = None
    known: Sequence[Process] = ()
    opening: Opening | None = None


@dataclass(frozen=True)
class Launched:
    """A msra.exe that runs where it should.

    Attributes:
        process: The process.
        task_kept: Whether its task, without the password, has to stay as long as it.
    """

    process: Process
    task_kept: bool = False


class _EndedWithTask(Exception):
    """msra.exe was gone right after its task was deleted."""


def launch(
    client: WsmanClient,
    checked: CheckedSession,
    request: InvitationRequest,
    traces: Traces,
    *,
    deadline: float,
    timing: Timing,
    progress: Progress,
) -> Launched:
    """Start msra.exe, and take the password off the host again.

    Args:
        client: The host.
        checked: What the checks found.
        request: What is asked for.
        traces: Where every step is noted before it is taken.
        deadline: On `timing.monotonic`.
        timing: Clocks.
        progress: Told about what takes time.

    Raises:
        InvitationNotCreated: It did not start, or ended at once.
        SessionMismatch: Windows started it in another session.
    """
    try:
        process = _started(client, checked, request, traces, deadline=deadline, timing=timing)
        tasks.delete(client, traces.guard.task)
        _expect_alive(client, process, timing, settle=0.0)
        return Launched(process)
    except _EndedWithTask:
        progress("Windows ended msra.exe together with its task; starting it once more and keeping the task.")
    traces.processes.clear()
    process = _started(client, checked, request, traces, deadline=deadline, timing=timing)
    _overwrite_task(client, checked, traces, timing=timing)
    try:
        _expect_alive(client, process, timing, settle=_SETTLE_SECONDS)
    except _EndedWithTask:
        raise InvitationNotCreated(
            "msra.exe ended as soon as its task was changed or deleted.", host=client.host
        ) from None
    return Launched(process, task_kept=True)


def _started(
    client: WsmanClient,
    checked: CheckedSession,
    request: InvitationRequest,
    traces: Traces,
    *,
    deadline: float,
    timing: Timing,
) -> Process:
    seconds = max(0.0, deadline - timing.monotonic())
    end = checked.host.host_time(timing.now()) + timedelta(seconds=seconds) + TASK_MARGIN
    traces.task_registered = True
    tasks.register(client, traces.guard.task, _msra_xml(checked, request, traces, end=end), replace=True)
    traces.started = True
    tasks.start(client, traces.guard.task)
    for _remaining in timing.attempts(seconds, pause=POLL_SECONDS):
        process = _ours(client, checked, traces)
        if process is not None:
            return process
    raise InvitationNotCreated(
        f"msra.exe did not start in session {checked.session.session_id} in time.", host=client.host
    )


def _ours(client: WsmanClient, checked: CheckedSession, traces: Traces) -> Process | None:
    """Our process among all msra.exe, its owner and session checked."""
    mine = checked.session
    running = read_processes(client, [MSRA], marked_by=traces.guard.file.name)
    new = [item for item in running if not any(item.is_same_as(old) for old in traces.known)]
    # Where Windows hides command lines, a new msra.exe of that user is ours.
    candidates = [item for item in new if item.marked] or new
    candidates.sort(key=lambda item: item.session_id != mine.session_id)
    for process in candidates:
        owner = (owner_sid(client, process) or "").upper()
        if owner != mine.sid and not process.marked:
            continue
        if not owner:
            continue
        traces.processes.append(process)
        if process.session_id != mine.session_id:
            raise SessionMismatch(
                f"Windows started msra.exe in session {process.session_id}, not in session "
                f"{mine.session_id} of {mine.account}, who has more than one.",
                host=client.host,
                hint="Windows alone chooses among sessions of one user: have the user log off from the "
                "other one, or ask for help there.",
            )
        if owner != mine.sid:
            raise SessionMismatch(
                f"msra.exe runs as another account ({owner}) than the session's ({mine.sid}).",
                host=client.host,
            )
        return process
    return None


def _expect_alive(client: WsmanClient, process: Process, timing: Timing, *, settle: float) -> None:
    if settle:
        timing.sleep(settle)
    if not is_alive(client, process):
        raise _EndedWithTask


def is_alive(client: WsmanClient, process: Process) -> bool:
    """Whether that very process still runs (one exchange)."""
    return any(item.is_same_as(process) for item in read_processes(client, [MSRA]))


def _msra_xml(checked: CheckedSession, request: InvitationRequest, traces: Traces, *, end: datetime) -> str:
    action = ExecAction.of(
        f"{checked.facts.system_root}\\System32\\{MSRA}",
        "/saveasfile",
        traces.guard.file.path,
        request.password.reveal(),
    )
    return _user_task_xml(checked, traces, action, end=end, what="asks for Remote Assistance")


def _overwrite_task(client: WsmanClient, checked: CheckedSession, traces: Traces, *, timing: Timing) -> None:
    """Replace the running task by one without the password, which lives as long as the guard may."""
    longest = max(checked.state.lifetime, timedelta(hours=6))
    end = checked.host.host_time(timing.now()) + longest + AFTERMATH
    action = ExecAction.of(f"{checked.facts.system_root}\\System32\\{MSRA}")
    xml = _user_task_xml(checked, traces, action, end=end, what="keeps Remote Assistance waiting")
    tasks.register(client, traces.guard.task, xml, replace=True)


def _user_task_xml(checked: CheckedSession, traces: Traces, action: ExecAction, *, end: datetime, what: str) -> str:
    if checked.session.sid is None:
        raise AssertionError("the checks let no session without a SID through")
    start = checked.host.local_time.astimezone(UTC) - _TRIGGER_AGE
    return TaskDefinition(
        path=f"{tasks.FOLDER}{traces.guard.task}",
        principal=Principal.user(checked.session.sid),
        actions=(action,),
        triggers=(TimeTrigger(start=start, end=end),),
        # No limit: it would end an assistance session that goes on.
        settings=TaskSettings(execution_time_limit=None, delete_expired_after=timedelta(0)),
        description=f"workspot.assist {what} in session {checked.session.session_id}",
        author=tasks.AUTHOR,
    ).to_xml()
