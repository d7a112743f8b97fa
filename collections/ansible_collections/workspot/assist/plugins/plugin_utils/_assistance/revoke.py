# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take an invitation back: end the one msra.exe that holds it, and nothing else.

Which one that is, its guard on the host says (see `guard`), so it works whoever made the invitation, and also when that
controller is gone. Another msra.exe of the user, such as an invitation the user made, is left alone and named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .._errors import AssistError, InvitationNotEnded, InvitationPending, UserNotFound
from .._formats.connection_string import Endpoint
from .._formats.invitation import iso_utc
from .._windows import tasks
from .._windows.event_log import read_events
from .._windows.files import delete as delete_file
from .._windows.host_clock import read_host
from .._windows.host_facts import HostFacts, read_environments, read_facts
from .._windows.processes import MSRA, Process, read_processes
from .._windows.sessions import Session, describe, identified
from .._windows.tcp import Listener, read_connections
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .guard import MAKING, StandingGuard, standing_guard, taskkill_command
from .just_in_time.errors import JustInTimeNotClosed
from .just_in_time.flow import close
from .reachability import Connect, connect_tcp, report_endpoints
from .timing import Timing
from .user_name import UserName

CLOSED, SILENT = "closed", "silent"
_CLOSING_EVENTS = (18, 19, 20, 30)
"""Disconnected remotely, locally, invitation closed, Remote Assistance ended."""
_END_SECONDS = 10.0
_LOOK_BACK = timedelta(seconds=2)
_OF_ONE_SESSION = (InvitationNotEnded, InvitationPending, JustInTimeNotClosed)
"""What hinders the end of one invitation, and not that of the user's others on the host."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RevokeRequest:
    """Whose invitation is to be taken back.

    Attributes:
        user: The user.
        session_id: In this session alone.
        sid: The user's SID, when it is known.
    """

    user: UserName
    session_id: int | None = None
    sid: str | None = None


@dataclass(frozen=True)
class Revoked:
    """One invitation that was, or would be, taken back.

    Attributes:
        session: Whose session it led to.
        guard: Its guard.
        was_waiting: Whether its msra.exe still ran.
        helper_address: A helper who was connected.
        endpoint_closed: Whether nothing answers on its endpoints any more; ``None`` when nothing ran.
        event_log: ``closed`` when Windows wrote that it ended, else ``silent``: a process that is ended may write
            nothing. ``None`` when nothing ran.
    """

    session: Session
    guard: StandingGuard
    was_waiting: bool = False
    helper_address: str | None = None
    endpoint_closed: bool | None = None
    event_log: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {
            "session": self.session.as_data(),
            "was_waiting": self.was_waiting,
            "would_have_ended": iso_utc(self.guard.until),
            "helper_address": self.helper_address,
            "endpoint_closed": self.endpoint_closed,
            "event_log": self.event_log,
            "just_in_time_closed": self.guard.closes is not None,
        }


@dataclass(frozen=True)
class RevokeOutcome:
    """What a run found and did."""

    revoked: tuple[Revoked, ...]
    warnings: tuple[str, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {
            "changed": bool(self.revoked),
            "revoked": [item.as_data() for item in self.revoked],
            "warnings": list(self.warnings),
        }


def revoke_invitation(
    client: WsmanClient,
    request: RevokeRequest,
    *,
    check: bool = False,
    timing: Timing | None = None,
    progress: Progress = lambda _text: None,
    connect: Connect = connect_tcp,
) -> RevokeOutcome:
    """Take back every invitation of ours in a user's sessions on one host.

    Raises:
        InvitationPending: Another run is making one at this moment.
        InvitationNotEnded: Its msra.exe can not be ended.
        JustInTimeNotClosed: What was opened for it can not be closed.
    """
    timing = timing or Timing()
    with client.shell() as shell:
        host = read_host(client, now=timing.now)
        facts = read_facts(client, shell)
        sessions = _sessions(client, shell, facts, request)
        found = [(session, guard) for session in sessions if (guard := standing_guard(client, session.session_id))]
        running = _running(client, [guard for _session, guard in found])
        warnings = _others(sessions, [guard for _session, guard in found], running)
        revoked: list[Revoked] = []
        failed: list[AssistError] = []
        for session, guard in found:
            now = host.host_time(timing.now())
            try:
                _refuse_unfinished(client, guard, now)
                if check:
                    revoked.append(_seen(session, guard, running))
                    continue
                progress(f"taking back the invitation in session {session.session_id} of {session.account}")
                revoked.append(_revoke(client, shell, session, guard, running, now=now, timing=timing, connect=connect))
            except AssistError as error:
                failed.append(error)
                if not isinstance(error, _OF_ONE_SESSION):
                    break
        if failed:
            raise _in_one(failed, revoked, "Would be taken" if check else "Taken")
        return RevokeOutcome(tuple(revoked), tuple(warnings))


def _in_one(failed: Sequence[AssistError], revoked: Sequence[Revoked], taken: str) -> AssistError:
    """The first error; it says as well what else could not be done, and what was: nobody else tells of that."""
    first = failed[0]
    others = "".join(f" {error.message}" for error in failed[1:])
    done = ", ".join(f"session {item.session.session_id}" for item in revoked)
    first.message += others + (f" {taken} back all the same: {done}." if done else "")
    return first


def _running(client: WsmanClient, guards: Sequence[StandingGuard]) -> list[Process]:
    """Every msra.exe; one of an invitation that nobody finished, whose guard does not know it yet, is marked."""
    unfinished = [guard.file.name for guard in guards if guard.stage == MAKING and guard.file is not None]
    running = read_processes(client, [MSRA], marked_by=unfinished[0]) if unfinished else read_processes(client, [MSRA])
    for name in unfinished[1:]:
        more = {item.process_id for item in read_processes(client, [MSRA], marked_by=name) if item.marked}
        running = [replace(item, marked=item.marked or item.process_id in more) for item in running]
    return running


def _sessions(client: WsmanClient, shell: Shell, facts: HostFacts, request: RevokeRequest) -> list[Session]:
    sids = [*(logon.sid for logon in facts.logons.values()), *facts.loaded_sids]
    environments, _outputs = read_environments(shell, sids)
    found = []
    for row in facts.rows:
        session = describe(facts, row, environments)
        if session.sid is None and request.user.fits_account(row.user_name):
            session = identified(client, facts, session)
        fits = request.user.fits(session) and request.session_id in (None, session.session_id)
        if fits and (request.sid is None or session.sid in (None, request.sid.upper())):
            found.append(session)
    if not found and request.session_id is not None:
        raise UserNotFound(
            f"{request.user.text} has no session {request.session_id} here.",
            host=client.host,
            hint="A session that ended took its invitation along.",
        )
    return found


def _others(sessions: Sequence[Session], guards: Sequence[StandingGuard], running: Sequence[Process]) -> list[str]:
    ours = {item.process_id for guard in guards if (item := _held_by(guard, running))}
    numbers = {session.session_id for session in sessions}
    return [
        f"Remote Assistance in session {item.session_id} (process {item.process_id}) is no invitation of ours "
        "and was left alone."
        for item in running
        if item.session_id in numbers and item.process_id not in ours
    ]


def _held_by(guard: StandingGuard, running: Sequence[Process]) -> Process | None:
    """The msra.exe that holds an invitation: that process, or the marked one, and in that session."""
    return next(
        (
            item
            for item in running
            if item.session_id == guard.session_id and (item.process_id == guard.process_id or item.marked)
        ),
        None,
    )


def _seen(session: Session, guard: StandingGuard, running: Sequence[Process]) -> Revoked:
    return Revoked(session, guard, was_waiting=_held_by(guard, running) is not None)


def _refuse_unfinished(client: WsmanClient, guard: StandingGuard, now: datetime) -> None:
    if guard.stage == MAKING and guard.until > now:
        raise InvitationPending(
            f"another run makes an invitation in session {guard.session_id} right now.",
            host=client.host,
            hint=f"Repeat when it is done; it is over by {iso_utc(guard.until)} at the latest.",
        )


def _revoke(
    client: WsmanClient,
    shell: Shell,
    session: Session,
    guard: StandingGuard,
    running: Sequence[Process],
    *,
    now: datetime,
    timing: Timing,
    connect: Connect,
) -> Revoked:
    outcome = _seen(session, guard, running)
    process = _held_by(guard, running)
    if process is not None:
        listeners, connections = read_connections(client, [process.process_id])
        _end(client, shell, process, timing)
        outcome = replace(
            outcome,
            helper_address=connections[0].remote_address if connections else None,
            endpoint_closed=_is_closed(client, process, listeners, connect),
            event_log=_event_log(shell, process, since=now),
        )
    _tidy(client, shell, guard, timing)
    return outcome


def _end(client: WsmanClient, shell: Shell, process: Process, timing: Timing) -> None:
    shell.run(taskkill_command(process.session_id, [process]))
    for _remaining in timing.attempts(_END_SECONDS, pause=0.5):
        if not any(item.is_same_as(process) for item in read_processes(client, [MSRA])):
            return
    raise InvitationNotEnded(
        f"msra.exe (process {process.process_id}) in session {process.session_id} can not be ended.",
        host=client.host,
        hint="Its guard stays on the host and tries again when the invitation's time is over.",
    )


def _is_closed(client: WsmanClient, process: Process, listeners: Sequence[Listener], connect: Connect) -> bool:
    """Whether nothing listens there on the host any more, and nothing answers from the controller."""
    if read_connections(client, [process.process_id])[0]:
        return False
    endpoints = [Endpoint(item.address, item.port) for item in listeners if item.address not in ("0.0.0.0", "::")]
    return not any(item.reachable for item in report_endpoints(endpoints, check=True, connect=connect, seconds=1.0))


def _event_log(shell: Shell, process: Process, *, since: datetime) -> str:
    events = read_events(shell, _CLOSING_EVENTS, limit=20)
    ended = any(item.process_id == process.process_id and item.at >= since - _LOOK_BACK for item in events)
    return CLOSED if ended else SILENT


def _tidy(client: WsmanClient, shell: Shell, guard: StandingGuard, timing: Timing) -> None:
    """Remove what the invitation left: what was opened for it, its file, the task that started it, last the guard."""
    if guard.closes is not None:
        close(client, shell, guard.closes, timing=timing)
    if guard.file is not None and not delete_file(shell, guard.file):
        raise InvitationNotEnded(
            f"the file {guard.file.path} can not be removed.", host=client.host, hint="Its guard tries again later."
        )
    if guard.task is not None:
        with suppress(AssistError):
            tasks.delete(client, guard.task)
    standing = standing_guard(client, guard.session_id)
    # Another run may have taken this one back, and a third has its own guard there by now.
    if standing is not None and standing.token == guard.token:
        tasks.delete(client, guard.name)
