# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""msra.exe as the person who is helped runs it: makes an invitation file and waits for the helper.

Event numbers: libyal/winevt-kb, message file of msra.exe. What its command line takes: public scripts; no
page of Microsoft lists it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from .argv import arguments_of
from .event_log import RA_OPERATIONAL
from .files import FileError, normalise
from .invitation import OTHER_ADDRESSES, pass_stub, ticket
from .network import ESTABLISHED, listener
from .processes import Process
from .session_log import SessionLog, store_log
from .sessions import Session

if TYPE_CHECKING:
    from .host import WindowsHost

DEFAULT_LIFETIME_MINUTES = 360  # six hours (Windows 7 Resource Kit); DtLength 360 in a 2024 sample
_UNIT_MINUTES = {0: 1, 1: 60, 2: 1440}  # MaxTicketExpiryUnits of RemoteAssistance.admx
_BOX_SECONDS = 60  # how long a simulated user takes to click a message away
MINIMUM_PASSWORD = 6
HELPER_ADDRESS = "10.20.30.99"  # from where simulated helpers come
RA_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
RA_SETTINGS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Remote Assistance"
ServeDesktop = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Invitation:
    """An invitation that was made; for tests, and for whoever serves a desktop behind it."""

    pid: int
    session_id: int
    path: str
    password: str = field(repr=False)
    pass_stub: str
    port: int
    expires: datetime


class Msra:
    """Everything msra.exe does on one host.

    Attributes:
        serve_desktop: What answers a helper's connection; by default it is held open and says nothing.
        invitations: Every invitation made, the newest last.
    """

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self.serve_desktop: ServeDesktop = _hold
        self.invitations: list[Invitation] = []
        self._servers: list[asyncio.Server] = []
        self._helped: set[int] = set()
        self._logs: dict[int, SessionLog] = {}
        self._work: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop listening."""
        for task in self._work:
            task.cancel()
        for server in self._servers:
            server.close()

    def start_by_user(self, session: Session) -> None:
        """Model a user who asked for help by hand: an invitation waits."""
        path = f"{self._host.profile_of(session.account)}\\Documents\\help.msrcIncident"

        async def start() -> None:
            await self.start(session, f'/saveasfile "{path}" Manual77')

        self._remember(asyncio.ensure_future(start()))

    def close_by_user(self, session_id: int) -> None:
        """Model a user who closes the window of Remote Assistance."""
        for process in self._host.processes.in_session(session_id, "msra.exe"):
            self._host.events.write(RA_OPERATIONAL, 30, pid=process.pid)
            self._host.end_process(process.pid, 0)

    def helper_joins(self, session_id: int) -> None:
        """Model a helper whose password was right and whom the user has let in: the screen is shared."""
        for process in self._host.processes.in_session(session_id, "msra.exe"):
            self._helped.add(process.pid)
            self._log(process, "INVITATION_OPENED")
            self._log(process, "INCOMING_IP_ADDRESS", HELPER_ADDRESS)
            self._log(process, "CONNECTION_ESTABLISHED", "helpdesk")
            for event in (15, 16, 22):
                self._host.events.write(RA_OPERATIONAL, event, pid=process.pid)

    def share_control(self, session_id: int, control: bool = True) -> None:
        """Model a user who lets the helper control too, or takes that back."""
        for process in self._host.processes.in_session(session_id, "msra.exe"):
            self._host.events.write(RA_OPERATIONAL, 21 if control else 22, pid=process.pid)
            asked = ("REQUEST_CONTROL", "GRANTED_CONTROL", "CONTROL_STARTED")
            for element in asked if control else ("CONTROL_ENDED",):
                self._log(process, f"EXPERT_{element}")

    def chat(self, session_id: int, text: str) -> None:
        """Model words in the chat window, as `user: words`."""
        for process in self._host.processes.in_session(session_id, "msra.exe"):
            self._log(process, "CHAT_MESSAGE", text)

    def _log(self, process: Process, element: str, text: str = "") -> None:
        """Add to the session's log, which there is while a policy does not forbid it (RA_Logging, LoggingEnabled)."""
        if self._value("LoggingEnabled") == 0 or (process.pid not in self._logs and element != "INVITATION_OPENED"):
            return
        log = self._logs.setdefault(process.pid, SessionLog(self._host))
        log.note(element, text)
        # unverified: `session_log_written`, whether the file grows with the session or comes at its end
        if self._host.quirks["session_log_written"] == "as_it_happens":
            self._store_log(process, log, complete=False)

    def _store_log(self, process: Process, log: SessionLog, *, complete: bool) -> None:
        if process.owner is not None:
            store_log(self._host, process.owner, log, complete=complete)

    def _end_log(self, process: Process) -> None:
        """The session is over: its log gets its end."""
        if process.pid in self._logs:
            self._log(process, "CONNECTION_ENDED")
            self._log(process, "INVITATION_CLOSED")
            self._store_log(process, self._logs.pop(process.pid), complete=True)

    def _remember(self, task: asyncio.Task[None]) -> None:
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def start(self, session: Session, arguments: str) -> Process:
        """Start msra.exe in a session."""
        running = self._host.processes.in_session(session.id, "msra.exe")
        # unverified: that event 13 has the whole command line as its data
        process = self._host.start_process("msra.exe", session, f"C:\\Windows\\System32\\msra.exe {arguments}")
        self._host.events.write(RA_OPERATIONAL, 13, process.command_line or "", pid=process.pid)
        process.on_end.append(lambda code: self._ended(process, code))
        if self._host.faults.msra_exits_at_once:
            self._end(process, 1)
        else:
            self._remember(asyncio.ensure_future(self._live(process, session, arguments, bool(running))))
        return process

    def _value(self, name: str) -> int | None:
        """A setting: policy first, then the system setting (unverified: that policy beats it in every case)."""
        for key in (RA_POLICY, RA_SETTINGS):
            found = self._host.registry.read(key, name)
            if isinstance(found, int):
                return found
        return None

    def lifetime(self) -> timedelta:
        """How long a ticket is good: MaxTicketExpiry in its unit, six hours where nothing says so."""
        number = self._value("MaxTicketExpiry")
        if number is None:
            return timedelta(minutes=DEFAULT_LIFETIME_MINUTES)
        return number * timedelta(minutes=_UNIT_MINUTES.get(self._value("MaxTicketExpiryUnits") or 0, 60))

    def _ended(self, process: Process, code: int) -> None:
        """unverified: `ended_msra_events`, whether one that somebody else ends has time for its last events."""
        self._helped.discard(process.pid)
        self._end_log(process)
        if code and self._host.quirks["ended_msra_events"] == "closed":
            for event in (20, 30):
                self._host.events.write(RA_OPERATIONAL, event, pid=process.pid)

    def _refusal(self, words: list[str], busy: bool) -> tuple[int, str] | None:
        """The event msra writes instead of making an invitation."""
        if not self._value("fAllowToGetHelp"):
            return 26, "disallowed"
        if len(words) not in (2, 3) or words[0].lower() != "/saveasfile":
            return 29, "usage"
        if busy:
            return 29, "already running"  # 0x80070052 in MS-RAI 3.3.4.1.1
        # unverified: the least length; public scripts say six
        if len(words) == 3 and len(words[2]) < MINIMUM_PASSWORD:
            return 29, "password"
        return None

    async def _live(self, process: Process, session: Session, arguments: str, busy: bool) -> None:
        words = arguments_of(arguments)
        refusal = self._refusal(words, busy)
        if refusal is not None:
            self._refuse(process, *refusal)
            return
        await asyncio.sleep(self._host.faults.msra_delay)
        if process.alive and not self._host.faults.msra_never_writes:
            await self._invite(process, session, words)

    def _refuse(self, process: Process, event: int, reason: str) -> None:
        """Write the event and show a message box, which waits for the user's click (unverified: the box)."""
        self._host.events.write(RA_OPERATIONAL, event, reason, pid=process.pid)
        if reason in ("already running", "usage"):
            self._end(process, 1)
        else:
            self._host.clock.call_later(_BOX_SECONDS, lambda: self._end(process))

    def _end(self, process: Process, code: int = 0) -> None:
        self._host.end_process(process.pid, code)

    async def _invite(self, process: Process, session: Session, words: list[str]) -> None:
        password = words[2] if len(words) == 3 else secrets.token_hex(6).upper()
        port = await self._listen(process)
        if not process.alive:  # it was ended meanwhile
            self._host.network.release(process.pid)
            return
        lifetime, stub = self.lifetime(), pass_stub()
        try:
            path = normalise(words[1], self._host.profile_of(session.account) or "C:\\")
        except FileError as error:
            self._refuse(process, 29, f"error {error.code}")
            return
        if self._host.quirks["msra_appends_extension"] and not path.lower().endswith(".msrcincident"):
            path += ".msrcIncident"
        expires = self._host.clock.now() + lifetime
        self.invitations.append(Invitation(process.pid, session.id, path, password, stub, port, expires))
        content = ticket(self._host, session, self.invitations[-1], int(lifetime.total_seconds()), self._encrypted())
        await self._write(path, content, session, process)
        self._host.clock.call_later(lifetime.total_seconds(), lambda: self._expired(process))

    def _encrypted(self) -> bool:
        """CreateEncryptedOnlyTickets 1 leaves out what Windows XP reads (RemoteAssistance.admx)."""
        return bool(self._value("CreateEncryptedOnlyTickets"))

    def _expired(self, process: Process) -> None:
        """The ticket's time is over: msra closes, unless a helper is connected (MS-RAI 6, DtLength)."""
        if process.alive and not any(row.state == ESTABLISHED for row in self._host.network.of(process.pid)):
            self._host.events.write(RA_OPERATIONAL, 24, pid=process.pid)
            self._host.events.write(RA_OPERATIONAL, 20, pid=process.pid)
            self._end(process)

    async def _listen(self, process: Process) -> int:
        server, port = await self._host.network.listen(process.pid, partial(self._serve, process))
        self._servers.append(server)
        # One port per interface, the next ones after each other (published samples).
        for offset, address in enumerate(OTHER_ADDRESSES, start=1):
            self._host.network.add(listener(address, port + offset, process.pid))
        process.on_end.append(lambda _: self._closed(server))
        return port

    def _closed(self, server: asyncio.Server) -> None:
        server.close()
        if server in self._servers:
            self._servers.remove(server)

    async def _serve(self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.serve_desktop(reader, writer)
        finally:
            if process.pid in self._helped and process.alive:
                self._helped.discard(process.pid)
                self._host.events.write(RA_OPERATIONAL, 18, pid=process.pid)  # disconnected remotely

    async def _write(self, path: str, data: bytes, session: Session, process: Process) -> None:
        """Write the file as the user; while it is being written other programs can read what is there.

        unverified: `msra_locks_file`, whether they meet a sharing violation instead.
        """
        files, delay = self._host.files, self._host.faults.msra_writes_slowly
        try:
            if delay:
                node = files.write(path, data[: len(data) // 2], session.account)
                node.locked = bool(self._host.quirks["msra_locks_file"])
                await asyncio.sleep(delay)
                node.locked = False
                if not process.alive:
                    return
            files.write(path, data, session.account)
        except FileError as error:
            self._refuse(process, 29, f"error {error.code}")


async def _hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hold a helper's connection until it goes."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass
