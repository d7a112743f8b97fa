# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard: a task of SYSTEM on the host that tidies up even when the controller is gone.

It has two stages. While an invitation is being made, it fires soon and ends whatever of ours it finds. Once the
invitation is proven, it is replaced by one that fires when the invitation is to end, and ends msra.exe only
while that *waits*: a helper who is connected is left alone, and asked again every few minutes. In both it
removes the file and then itself, and should it never run, the scheduler deletes it after its end.

There is one guard per session, under a fixed name. Registering it without permission to replace is therefore
also the lock that keeps a second controller out.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .._errors import InvitationPending
from .._formats.invitation import iso_utc
from .._formats.quoting import cmd_quoted
from .._formats.task_xml import (
    ExecAction,
    Principal,
    Repetition,
    TaskDefinition,
    TaskSettings,
    TimeTrigger,
)
from .._windows import tasks
from .._windows.files import TemporaryFile
from .._windows.processes import MSRA, Process, read_processes
from .._wsman.client import WsmanClient
from .just_in_time.lines import run_closer_command

MAKING = "making"
WAITING = "waiting"
MAKING_MARGIN = timedelta(minutes=2)
"""How long after the deadline of its making an unproven invitation is ended by the host itself."""
REPEAT = timedelta(minutes=5)
AFTERMATH = timedelta(hours=24)
"""How long after an invitation's end the guard still looks whether a helper has left."""
RUN_LIMIT = timedelta(minutes=5)
_SYSTEM32 = r"%SystemRoot%\System32"
_DESCRIPTION = re.compile(
    r"workspot\.assist (?P<stage>making|waiting) (?P<token>[0-9a-f]{16}) until (?P<until>[0-9TZ:.-]+)"
)
_PID = re.compile(r'"pid eq (\d{1,10})"')
_FILE = re.compile(r'del /f /q "([^"*?]{3,400})\\(assist-[0-9a-f]{16}\.msrcIncident)\*"')
_TASK = re.compile(r'/tn "\\workspot\.assist\\(invite-[0-9a-f]{16})"')
_CLOSER = re.compile(r'/run /tn "\\workspot\.assist\\close-([0-9a-f]{16})"')


@dataclass(frozen=True)
class Guard:
    """The guard of one session.

    Attributes:
        session_id: The session.
        file: The file to remove.
        task: Name of the task that starts msra.exe, to remove as well.
        token: Tells this run's guard from another run's.
        closes: Whether something is opened for this invitation, under the same token, and has to be closed with it.
    """

    session_id: int
    file: TemporaryFile
    task: str
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    closes: bool = False

    @property
    def name(self) -> str:
        """The task's name."""
        return f"guard-session-{self.session_id:d}"

    def describe(self, stage: str, until: datetime) -> str:
        """The task's description: how another run knows what this one is about."""
        return f"workspot.assist {stage} {self.token} until {iso_utc(until)}"

    def making_xml(self, at: datetime) -> str:
        """The guard while the invitation is being made: ends every msra.exe of the session."""
        end = f"{_taskkill(self.session_id)} & {self._tidy()}"
        return self._xml(MAKING, end, at=at, until=at + AFTERMATH)

    def waiting_xml(self, process: Process, at: datetime, *, until: datetime) -> str:
        """The guard of a proven invitation: ends that msra.exe when nobody is connected to it."""
        end = f"{_connected(process.process_id)} || ({_taskkill(self.session_id, process)} & {self._tidy()})"
        return self._xml(WAITING, end, at=at, until=until)

    def _tidy(self) -> str:
        commands = [self.file.delete_command(), _schtasks_delete(self.task), _schtasks_delete(self.name)]
        if self.closes:
            commands.insert(0, run_closer_command(self.token))
        return " & ".join(commands)

    def _xml(self, stage: str, line: str, *, at: datetime, until: datetime) -> str:
        definition = TaskDefinition(
            path=f"{tasks.FOLDER}{self.name}",
            principal=Principal.system(),
            # /s: of all the quotes, cmd takes off the first and the last one and no others.
            actions=(ExecAction(rf"{_SYSTEM32}\cmd.exe", f'/d /v:off /s /c "{line}"'),),
            triggers=(TimeTrigger(start=at, end=until, repetition=Repetition(REPEAT)),),
            settings=TaskSettings(
                execution_time_limit=RUN_LIMIT,
                delete_expired_after=timedelta(0),
                start_when_available=True,
            ),
            description=self.describe(stage, at),
            author=tasks.AUTHOR,
        )
        return definition.to_xml()


def taskkill_command(session_id: int, processes: Sequence[Process]) -> str:
    """A command that ends these msra.exe, each only if it still is one and runs in that session."""
    return "& ".join(f"{_taskkill(item.session_id, item)} >nul 2>nul" for item in processes)


def claim(client: WsmanClient, guard: Guard, *, host_now: datetime, at: datetime) -> None:
    """Register the guard of the first stage, unless another run has its own there.

    Raises:
        InvitationPending: Another run makes an invitation in that session right now.
    """
    xml = guard.making_xml(at)
    try:
        tasks.register(client, guard.name, xml, replace=False)
        return
    except tasks.TaskExists:
        refuse_if_busy(client, guard.session_id, host_now=host_now)
    # What stands there is over: its controller died, or the user closed that invitation.
    tasks.register(client, guard.name, xml, replace=True)
    if not is_ours(client, guard):
        raise _pending(client, guard.session_id, "another run was faster")


def refuse_if_busy(client: WsmanClient, session_id: int, *, host_now: datetime) -> None:
    """Raise when a guard says that an invitation is being made, or waits, in that session.

    Raises:
        InvitationPending: It does.
    """
    found = _DESCRIPTION.search(tasks.definition(client, f"guard-session-{session_id:d}") or "")
    if found is not None and found["stage"] == MAKING and _moment(found["until"]) > host_now:
        raise _pending(client, session_id, f"another run makes one, which ends by {found['until']} at the latest")
    if any(item.session_id == session_id for item in read_processes(client, [MSRA])):
        raise _pending(client, session_id, "msra.exe runs in it")


def is_ours(client: WsmanClient, guard: Guard) -> bool:
    """Whether the guard of the session is this run's, and no other one's."""
    found = _DESCRIPTION.search(tasks.definition(client, guard.name) or "")
    return found is not None and found["token"] == guard.token


@dataclass(frozen=True)
class StandingGuard:
    """A guard as it stands on a host: what an invitation of ours is, whoever made it.

    Attributes:
        session_id: The session.
        stage: ``making`` or ``waiting``.
        until: When the invitation ends, or its making has to be over; host time.
        process_id: The waiting msra.exe; ``None`` while it is being made.
        file: The file it removes; ``None`` when its name can not be read.
        task: The task that starts msra.exe.
        closes: What was opened for it, by its token; ``None`` when nothing was.
        token: Tells it from the guard of a later invitation, which has the same name.
    """

    session_id: int
    stage: str
    until: datetime
    process_id: int | None
    file: TemporaryFile | None
    task: str | None
    closes: str | None = None
    token: str = ""

    @property
    def name(self) -> str:
        """The guard task's name."""
        return f"guard-session-{self.session_id:d}"


def standing_guard(client: WsmanClient, session_id: int) -> StandingGuard | None:
    """The guard of a session; ``None`` when there is none (one exchange).

    Only SYSTEM and administrators can write the task, and what is read from it is quoted anew before it is used.
    """
    xml = tasks.definition(client, f"guard-session-{session_id:d}")
    found = _DESCRIPTION.search(xml or "")
    if xml is None or found is None:
        return None
    line = html.unescape(xml)
    process, file, task = _PID.search(line), _FILE.search(line), _TASK.search(line)
    closer = _CLOSER.search(line)
    return StandingGuard(
        session_id=session_id,
        stage=found["stage"],
        until=_moment(found["until"]),
        process_id=int(process[1]) if process else None,
        file=TemporaryFile(file[1], file[2]) if file else None,
        task=task[1] if task else None,
        closes=closer[1] if closer else None,
        token=found["token"],
    )


def await_end(client: WsmanClient, guard: Guard, process: Process, *, at: datetime, until: datetime) -> None:
    """Replace the guard by that of the second stage."""
    tasks.register(client, guard.name, guard.waiting_xml(process, at, until=until), replace=True)


def _pending(client: WsmanClient, session_id: int, why: str) -> InvitationPending:
    return InvitationPending(
        f"session {session_id} has an invitation already: {why}.",
        host=client.host,
        hint="Use that invitation, or wait until it has ended.",
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _taskkill(session_id: int, process: Process | None = None) -> str:
    filters = [f"imagename eq {MSRA}", f"session eq {session_id:d}"]
    if process is not None:
        filters.append(f"pid eq {process.process_id:d}")
    return f"{_SYSTEM32}\\taskkill.exe /f " + " ".join(f"/fi {cmd_quoted(item)}" for item in filters)


def _connected(process_id: int) -> str:
    """A command that succeeds when that process has a TCP connection, in whatever language netstat speaks.

    A listening socket's foreign address is all zeros; the words for the states are localised.
    """
    return (
        rf"{_SYSTEM32}\netstat.exe -ano | {_SYSTEM32}\findstr.exe /r /c:{cmd_quoted(f'TCP.* {process_id:d} *$')}"
        rf" | {_SYSTEM32}\findstr.exe /v /l /c:{cmd_quoted(' 0.0.0.0:0 ')} /c:{cmd_quoted(' [::]:0 ')} >nul"
    )


def _schtasks_delete(name: str) -> str:
    return rf"{_SYSTEM32}\schtasks.exe /delete /tn {cmd_quoted(f'{tasks.FOLDER}{name}')} /f"
