# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads everything that the checks look at, and takes no answer for an answer too.

Cost on a desktop with one user: about fifteen exchanges, one winrs shell. Nothing is changed on the host, so every
step may be repeated; a connection that breaks is tried once more.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from ..._errors import (
    AccessDenied,
    AssistError,
    CommandFailed,
    LoginRefused,
    MalformedReply,
    QuotaExceeded,
    ReplyTimeout,
    TransportError,
    Unquotable,
)
from ..._formats.connection_string import Endpoint
from ..._formats.quoting import windows_folder
from ..._windows.disks import read_disks
from ..._windows.event_log import ADMIN_CHANNEL, events_command, events_in
from ..._windows.facts_batch import Batch
from ..._windows.features import read_state
from ..._windows.files import EXTENSION, TemporaryFile
from ..._windows.host_clock import read_host
from ..._windows.host_facts import HostFacts, read_environments
from ..._windows.host_facts import add_questions as ask_windows
from ..._windows.host_facts import facts_of as windows_of
from ..._windows.local_policy import LIMIT_BYTES, fetch_command
from ..._windows.processes import MSRA, SESSION_PROCESSES, read_processes
from ..._windows.profiles import temporary_folder
from ..._windows.sessions import Session, claimed_logon, describe, identified, session_owner
from ..._windows.tcp import ANY_ADDRESSES, read_connections
from ..._wsman.client import Send, WsmanClient
from ..._wsman.shell import Shell
from .. import feature as feature_facts
from ..firewall import facts as firewall_facts
from ..guard import standing_guard
from ..policy import facts as policy_facts
from ..policy.settings import TERMINAL_SERVICES
from ..reachability import Connect, connect_tcp, report_endpoints
from ..timing import Timing
from .events import POLICY_EVENTS, POLICY_PROVIDER, TROUBLE, WANTED_EVENTS
from .facts import Facts, Question, Target, Waiting
from .probe import ANSWERS, HTTP, HTTPS, RDP, RPC, probe

T = TypeVar("T")
_READ = "workspot-assist-log-read"
"""Written after a log that could be read: an empty answer means that there is nothing in it only then."""
_FOLDER = "folder-"
_MOST_PROOFS = 4
_ENDPOINT_SECONDS = 3.0
_FATAL_AT_FIRST = (AccessDenied, QuotaExceeded, MalformedReply)


class _Stop(Exception):
    """There is no use in asking on."""


class Stopwatch:
    """Sends through another transport, and knows how long each reply took."""

    def __init__(self, inner: Send) -> None:
        self._inner = inner
        self.seconds: list[float] = []

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Send one envelope; see `Send`."""
        began = time.monotonic()
        reply = self._inner(message, timeout=timeout)
        self.seconds.append(time.monotonic() - began)
        return reply


def read_all(
    send: Send,
    question: Question,
    target: Target,
    *,
    timing: Timing | None = None,
    connect: Connect = connect_tcp,
    operation_timeout: float = 30.0,
) -> Facts:
    """Read what can be read; whatever goes wrong becomes a part of the facts.

    Args:
        send: The transport.
        question: What is asked.
        target: How the host is reached.
        timing: Clocks; for tests.
        connect: Opens a TCP connection from the controller.
        operation_timeout: Seconds the host may work on one operation.
    """
    watch = Stopwatch(send)
    client = WsmanClient(watch, host=target.host, operation_timeout=operation_timeout)
    reading = _Reading(client, watch, Facts(question, target), timing or Timing(), connect)
    with client.shell() as shell:
        reading.run(shell)
    facts = reading.facts
    facts.answers = len(watch.seconds)
    facts.typical_seconds = round(statistics.median(watch.seconds), 2) if watch.seconds else 0.0
    return facts


class _Reading:
    """One reading: what was found so far."""

    def __init__(self, client: WsmanClient, watch: Stopwatch, facts: Facts, timing: Timing, connect: Connect) -> None:
        self._client = client
        self._watch = watch
        self.facts = facts
        self._timing = timing
        self._connect = connect

    def run(self, shell: Shell) -> None:
        """Ask everything."""
        facts, client = self.facts, self._client
        try:
            facts.system = self._step("system", lambda: read_host(client, now=self._timing.now))
            if facts.system is not None:
                facts.now = facts.system.host_time(self._timing.now())
            self._line(shell)
            facts.disks = self._step("disks", lambda: read_disks(client))
            if facts.windows is not None and "quser" in facts.windows.programs:
                self._sessions(shell, facts.windows)
        except _Stop:
            return

    # Asking ---------------------------------------------------------------------------------------

    def _step(self, name: str, ask: Callable[[], T]) -> T | None:
        """Ask once, and once more when only the connection broke.

        Raises:
            _Stop: There is no use in asking on; the reason stands in the facts.
        """
        for again in (True, False):
            try:
                return ask()
            except LoginRefused as error:
                self._stop(error)
            except ReplyTimeout as error:
                if not self._watch.seconds:
                    self._stop(error)
                self.facts.errors[name] = error
                return None
            except TransportError as error:
                if not (again and self._still_there()):
                    self._stop(error)
                self.facts.repeats += 1
            except AssistError as error:
                if isinstance(error, _FATAL_AT_FIRST) and self.facts.system is None:
                    self._stop(error)
                self.facts.errors[name] = error
                return None
        return None

    def _still_there(self) -> bool:
        target = self.facts.target
        ports = probe(target.address, (target.port, HTTP, HTTPS, RDP), self._connect)
        self.facts.ports.update(ports)
        return ports[target.port] == ANSWERS

    def _stop(self, error: AssistError) -> None:
        self.facts.error = error
        raise _Stop

    # The parts ------------------------------------------------------------------------------------

    def _line(self, shell: Shell) -> None:
        """One command line for all that programs tell."""
        batch = Batch()
        ask_windows(batch)
        policy_facts.add_questions(batch)
        firewall_facts.add_questions(batch)
        feature_facts.add_questions(batch)
        batch.add("trouble", f"{events_command(WANTED_EVENTS, limit=20)} && echo {_READ}")
        batch.add("trouble-admin", f"{events_command(TROUBLE, channel=ADMIN_CHANNEL, limit=20)} && echo {_READ}")
        of_policy = events_command(POLICY_EVENTS, channel="System", provider=POLICY_PROVIDER, limit=5)
        batch.add("refreshes", f"{of_policy} && echo {_READ}")
        found = self._step("programs", lambda: batch.run_before(shell, fetch_command(), limit=LIMIT_BYTES))
        if found is None:
            return
        answers, archive = found
        facts, client = self.facts, self._client
        processes = self._step("processes", lambda: read_processes(client, SESSION_PROCESSES))
        if processes is not None:
            facts.windows = self._step(
                "programs", lambda: windows_of(answers, processes, client.host, with_sessions=False)
            )
        self._events(answers)
        self._policy(answers, archive)
        facts.firewall = self._step("firewall", lambda: firewall_facts.facts_of(client, answers, networks=True))
        facts.feature = self._step("feature", lambda: self._feature(shell, answers))

    def _feature(self, shell: Shell, answers: Mapping[str, str]) -> feature_facts.FeatureFacts:
        """The feature; without its program also what dism.exe says of it: that knows what a restart completes."""
        found = feature_facts.facts_of(self._client, answers, wanted="present")
        if found.feature is None or found.program:
            return found
        with suppress(CommandFailed):
            return replace(found, feature=read_state(shell, found.feature.name))
        return found

    def _events(self, answers: Mapping[str, str]) -> None:
        facts = self.facts
        if _READ in answers["trouble"] and _READ in answers["trouble-admin"]:
            found = [*events_in(answers["trouble"]), *events_in(answers["trouble-admin"])]
            facts.events = sorted(found, key=lambda item: item.at, reverse=True)
        if _READ in answers["refreshes"]:
            facts.refreshes = events_in(answers["refreshes"])

    def _policy(self, answers: Mapping[str, str], archive: bytes) -> None:
        domain = self._step("domain_policy", lambda: policy_facts.read_domain(self._client))
        facts = self.facts
        facts.policy = self._step("local_policy", lambda: policy_facts.facts_of(answers, archive, domain))
        if facts.policy is None:
            # The files can not be read; what is in force still can.
            without = {**answers, "policy-files": ""}
            facts.policy = self._step("policy", lambda: policy_facts.facts_of(without, b"", domain))

    def _sessions(self, shell: Shell, windows: HostFacts) -> None:
        found = self._step("sessions", lambda: self._described(shell, windows))
        if found is None:
            return
        facts = self.facts
        facts.sessions = found
        self._folder(shell)
        facts.owners = {item.session_id: self._owner(windows, item) for item in facts.own[:_MOST_PROOFS]}
        self._waiting(windows)

    def _described(self, shell: Shell, windows: HostFacts) -> list[Session]:
        sids = [*(logon.sid for logon in windows.logons.values()), *windows.loaded_sids]
        environments, outputs = read_environments(shell, sids, also=self._folder_checks(windows))
        self.facts.folders = {
            name.removeprefix(_FOLDER): "folder" in answer.split() for name, answer in outputs.items()
        }
        sessions = [describe(windows, row, environments) for row in windows.rows]
        user = self.facts.question.user
        # Asking whose a session is takes exchanges: only where the answer may be the user.
        return [
            identified(self._client, windows, item)
            if item.sid is None and user is not None and user.fits_account(item.user)
            else item
            for item in sessions
        ]

    def _folder_checks(self, windows: HostFacts) -> dict[str, str]:
        """Commands that look for the temporary folder of users whose name fits."""
        user, commands = self.facts.question.user, {}
        for row in windows.rows:
            logon = claimed_logon(windows, row)
            if logon is None or user is None or not user.fits_account(row.user_name):
                continue
            with suppress(Unquotable):
                commands[f"{_FOLDER}{logon.sid}"] = _check_command(windows.profiles.get(logon.sid, ""))
        return commands

    def _folder(self, shell: Shell) -> None:
        """Look for the folder of a user whose SID was not known before."""
        session = self.facts.chosen
        if session is None or session.sid is None or session.sid in self.facts.folders or not session.profile_path:
            return
        sid, path = session.sid, session.profile_path
        with suppress(Unquotable):
            command = _check_command(path)
            answer = self._step("folder", lambda: read_environments(shell, (), also={_FOLDER: command})[1])
            if answer is not None:
                self.facts.folders = {**self.facts.folders, sid: "folder" in answer[_FOLDER].split()}

    def _owner(self, windows: HostFacts, session: Session) -> str | None:
        found = self._step("owner", lambda: session_owner(self._client, windows, session.session_id))
        return found[0] if found else None

    def _waiting(self, windows: HostFacts) -> None:
        facts, client = self.facts, self._client
        running = {item.session_id: item for item in windows.processes if item.name == MSRA}
        looked = {item.session_id for item in facts.concerned}
        if facts.question.user is None:
            # A guard alone does no harm, and asking for one in each of twenty sessions takes its time.
            looked &= set(running)
        waiting = {number: Waiting(process=running.get(number)) for number in sorted(looked)}
        ids = [item.process.process_id for item in waiting.values() if item.process]
        connections = self._step("connections", lambda: read_connections(client, ids))
        for number, item in waiting.items():
            self._guarded(number, item)
            if item.process is not None and connections is not None:
                own = item.process.process_id
                item.listeners = [found for found in connections[0] if found.process_id == own]
                item.helper = next((found for found in connections[1] if found.process_id == own), None)
            self._tried(item)
        facts.waiting = waiting if connections is not None else None
        if facts.policy is not None and _offers(facts):
            facts.ports.update(probe(facts.target.address, [RPC], self._connect))

    def _guarded(self, number: int, item: Waiting) -> None:
        item.guard = self._step("guard", lambda: standing_guard(self._client, number))

    def _tried(self, item: Waiting) -> None:
        """Try the endpoints, unless a helper is at work: nothing must come in between."""
        if not self.facts.question.check_reachable or item.helper is not None:
            return
        address = self.facts.target.address
        endpoints = [
            Endpoint(address if found.address in ANY_ADDRESSES else found.address, found.port)
            for found in item.listeners
            if found.is_ip_address
        ]
        item.endpoints = report_endpoints(
            list(dict.fromkeys(endpoints)), check=True, connect=self._connect, seconds=_ENDPOINT_SECONDS
        )


def _check_command(profile_path: str) -> str:
    """A command that looks for the temporary folder of a profile.

    Raises:
        Unquotable: The path can not stand in a command.
    """
    folder = windows_folder(temporary_folder(profile_path))
    return TemporaryFile(folder, f"assist-check{EXTENSION}").check_command()


def _offers(facts: Facts) -> bool:
    return facts.policy is not None and facts.policy.live.get((TERMINAL_SERVICES.lower(), "fallowunsolicited")) == 1
