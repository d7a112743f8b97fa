# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that closes: on the host itself, whatever becomes of the controller.

It is apart from the invitation's guard, whose name the next invitation into that session takes over. It has two stages
like the guard. While an invitation is being made it closes at a deadline, whatever is there. Once the invitation is
proven it looks every few minutes whether its msra.exe is gone, and the guard starts it as well when it has ended that.
It has no end, and starts with the computer too: it goes when everything is closed, and not before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..._formats.invitation import iso_utc
from ..._formats.task_xml import (
    BootTrigger,
    ExecAction,
    Principal,
    Repetition,
    TaskDefinition,
    TaskSettings,
    TimeTrigger,
)
from ..._windows import tasks
from ..._windows.host_facts import SYSTEM32
from ..._windows.processes import Process
from .lines import a_little_later, close_line, closer_name, delete_closer_command, unless_running
from .record import Record

REPEAT = timedelta(minutes=5)
_RUN_LIMIT = timedelta(minutes=5)


def closer_xml(token: str, record: Record, *, at: datetime, process: Process | None = None) -> str:
    """The closing task.

    Args:
        token: Whose opening.
        record: The state before the first opening; what it restores stands in the task itself.
        at: When it looks first.
        process: The msra.exe that it leaves alone while it runs; ``None`` while there is none.
    """
    line = close_line(token, record, done=delete_closer_command(token))
    if process is not None:
        line = unless_running(process, line)
    definition = TaskDefinition(
        path=f"{tasks.FOLDER}{closer_name(token)}",
        principal=Principal.system(),
        actions=(_run(line), _run(a_little_later(line))),
        triggers=(TimeTrigger(start=at, repetition=Repetition(REPEAT)), BootTrigger()),
        settings=TaskSettings(execution_time_limit=_RUN_LIMIT, start_when_available=True),
        description=f"workspot.assist closes {token} from {iso_utc(at)}",
        author=tasks.AUTHOR,
    )
    return definition.to_xml()


def _run(line: str) -> ExecAction:
    # /s: of all the quotes, cmd takes off the first and the last one and no others.
    return ExecAction(rf"{SYSTEM32}\cmd.exe", f'/d /v:off /s /c "{line}"')
