# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking everything of ours off a host again, whatever went wrong, and saying what could not be taken off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .._errors import AssistError
from .._windows import tasks
from .._windows.files import delete as delete_file
from .._windows.processes import MSRA, read_processes
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .guard import is_ours, taskkill_command
from .just_in_time.flow import close_anyhow
from .just_in_time.record import rule_name
from .launch import Traces
from .timing import Timing

_LATE_SECONDS = 1.5
"""How long a process may take to appear after its task was started, or to go after it was ended."""
_LATE_PAUSE = 0.5


@dataclass(frozen=True)
class Leftovers:
    """What is, or may be, still on the host.

    Attributes:
        things: In words; empty when nothing is left.
        guarded_until: Host time at which the guard removes them; ``None`` without a guard.
    """

    things: tuple[str, ...] = ()
    guarded_until: datetime | None = None


def clean_up(client: WsmanClient, shell: Shell, traces: Traces, *, timing: Timing) -> Leftovers:
    """Remove the task, end our msra.exe, remove the file, and last the guard.

    Every step is tried, whatever became of the one before. The guard stays when something may be left.
    """
    left: list[str] = []
    if traces.task_registered and not _done(lambda: tasks.delete(client, traces.guard.task)):
        left.append("the task that starts msra.exe")
    if traces.started:
        if not _done(lambda: _end_processes(client, shell, traces, timing)):
            left.append(f"msra.exe in session {traces.guard.session_id}")
        if not _file_is_gone(client, shell, traces):
            left.append(f"the file {traces.guard.file.path}")
    opening = traces.opening
    if opening is not None and not close_anyhow(client, shell, opening.token, timing=timing):
        left.append(f"what was opened just in time (firewall rule {rule_name(opening.token)})")
    if not traces.guard_registered:
        return Leftovers(tuple(left))
    if not left and _done(lambda: _delete_guard(client, traces)):
        return Leftovers()
    return Leftovers(tuple(left) or ("the guard task itself",), traces.guarded_until)


class _Remains(AssistError):
    """Something is still there."""


def _delete_guard(client: WsmanClient, traces: Traces) -> None:
    """Delete our guard; after a lost reply the one that is there may be another run's."""
    if is_ours(client, traces.guard):
        tasks.delete(client, traces.guard.name)


def _end_processes(client: WsmanClient, shell: Shell, traces: Traces, timing: Timing) -> None:
    """End what is ours, also a process that came up late.

    Raises:
        AssistError: Something of ours still runs, or it can not be known.
    """
    ended = False
    for _remaining in timing.attempts(_LATE_SECONDS, pause=_LATE_PAUSE):
        running = read_processes(client, [MSRA], marked_by=traces.guard.file.name)
        ours = [item for item in running if item.marked or any(item.is_same_as(seen) for seen in traces.processes)]
        if ours:
            for session_id in {item.session_id for item in ours}:
                batch = [item for item in ours if item.session_id == session_id]
                _run(client, shell, taskkill_command(session_id, batch))
            ended = True
        elif ended or traces.processes:
            return
        # Started and never seen: look a little longer.
    if ended:
        raise _Remains("msra.exe can not be ended")


def _file_is_gone(client: WsmanClient, shell: Shell, traces: Traces) -> bool:
    try:
        return delete_file(shell, traces.guard.file)
    except AssistError:
        try:
            with client.shell() as other:
                return delete_file(other, traces.guard.file)
        except AssistError:
            return False


def _run(client: WsmanClient, shell: Shell, line: str) -> None:
    """Run a command, in a new shell when the old one is lost."""
    try:
        shell.run(line)
    except AssistError:
        with client.shell() as other:
            other.run(line)


def _done(step: Callable[[], None]) -> bool:
    """Whether a step worked, at the first or, its connection being new then, at the second try."""
    for _attempt in range(2):
        try:
            step()
        except AssistError:
            continue
        return True
    return False
