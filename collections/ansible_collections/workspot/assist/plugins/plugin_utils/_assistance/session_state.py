# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Remote Assistance does in each session now: idle, waiting for a helper, sharing the screen or control.

The three states at work are Windows' own ("How Remote Assistance Works"). They are put together from the processes,
their TCP connections and the numbers of their events; no localised word takes part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .._formats.invitation import iso_utc
from .._windows.event_log import AssistanceEvent, read_events
from .._windows.processes import MSRA, Process, read_processes
from .._windows.sessions import Session, read_sessions_in
from .._windows.tcp import Connection, read_connections
from .._wsman.client import WsmanClient
from .guard import WAITING, StandingGuard, standing_guard

IDLE, RUNNING, WAITING_FOR_CONNECT = "idle", "running", "waiting_for_connect"
SHARING_SCREEN, SHARING_CONTROL = "sharing_screen", "sharing_control"
_VERIFIED, _CONTROL, _VIEW = 16, 21, 22
"""Password verified and session begun; the helper shares control; the helper can view."""
_ANY = -1
_EVENTS = (_VERIFIED, _CONTROL, _VIEW)


@dataclass(frozen=True)
class SessionAssistance:
    """One session.

    Attributes:
        session: The session.
        state: ``idle``, ``running`` (a window of Remote Assistance that waits for nobody), ``waiting_for_connect``,
            ``sharing_screen`` or ``sharing_control``.
        since: Since when, host time; ``None`` when idle, or when the host does not say.
        helper_address: The connected helper's address.
        guard: Our guard, when the invitation is ours.
    """

    session: Session
    state: str = IDLE
    since: datetime | None = None
    helper_address: str | None = None
    guard: StandingGuard | None = None

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {
            **self.session.as_data(),
            "assistance": self.state,
            "since": iso_utc(self.since) if self.since else None,
            "helper_address": self.helper_address,
            "ours": self.guard is not None,
            "expires": iso_utc(self.guard.until) if self.guard is not None else None,
        }


def read_assistance(client: WsmanClient) -> list[SessionAssistance]:
    """The state of every session of a host."""
    with client.shell() as shell:
        sessions = read_sessions_in(client, shell)
        processes = read_processes(client, [MSRA])
        if not processes:
            return [SessionAssistance(session) for session in sessions]
        listeners, connections = read_connections(client, [item.process_id for item in processes])
        events = read_events(shell, _EVENTS)
        listening = {item.process_id for item in listeners}
        events = _attributed(events, processes)
        return [
            _state(session, processes, listening, connections, events, _guard(client, session, processes))
            for session in sessions
        ]


def _attributed(events: Sequence[AssistanceEvent], processes: Sequence[Process]) -> list[AssistanceEvent]:
    """Events; where none names any msra.exe that runs, they can only be of the one that does.

    unverified: that ``Execution ProcessID`` of an event is that of msra.exe.
    """
    running = {item.process_id for item in processes}
    if len(running) == 1 and not any(item.process_id in running for item in events):
        return [replace(item, process_id=_ANY) for item in events]
    return list(events)


def _guard(client: WsmanClient, session: Session, processes: Sequence[Process]) -> StandingGuard | None:
    ours = {item.process_id for item in processes if item.session_id == session.session_id}
    if not ours:
        return None
    guard = standing_guard(client, session.session_id)
    return guard if guard is not None and guard.stage == WAITING and guard.process_id in ours else None


def _state(
    session: Session,
    processes: Sequence[Process],
    listening: set[int],
    connections: Sequence[Connection],
    events: Sequence[AssistanceEvent],
    guard: StandingGuard | None,
) -> SessionAssistance:
    mine = [item for item in processes if item.session_id == session.session_id]
    if not mine:
        return SessionAssistance(session)
    for process in mine:
        connection = next((item for item in connections if item.process_id == process.process_id), None)
        if connection is not None:
            return _connected(session, process, connection, events, guard)
    process = next((item for item in mine if item.process_id in listening), mine[0])
    state = WAITING_FOR_CONNECT if process.process_id in listening else RUNNING
    return SessionAssistance(session, state, process.started, guard=guard)


def _connected(
    session: Session,
    process: Process,
    connection: Connection,
    events: Sequence[AssistanceEvent],
    guard: StandingGuard | None,
) -> SessionAssistance:
    """A helper is connected: to see, or after the user's second consent to control."""
    own = [item for item in events if process.started is None or item.at >= process.started]
    own = [item for item in own if item.process_id in (process.process_id, _ANY)]
    last = next((item for item in own if item.number in (_CONTROL, _VIEW)), None)
    begun = next((item for item in own if item.number == _VERIFIED), None)
    if last is None and begun is None:
        # Connected, and not through the password yet.
        return SessionAssistance(session, WAITING_FOR_CONNECT, process.started, connection.remote_address, guard)
    state = SHARING_CONTROL if last is not None and last.number == _CONTROL else SHARING_SCREEN
    moment = last or begun
    since = moment.at if moment is not None else connection.since
    return SessionAssistance(session, state, since, connection.remote_address, guard)
