# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated Windows host: everything on it, and what happens when sessions and processes end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from typing import Any

from ..hooks import Hooks
from ..pool import HostDescription, PoolDescription
from ..quirks import with_defaults
from ..seam import CimInstance, CommandStreams, Faults, Provider
from . import setup
from .accounts import Account
from .cim.firewall_access import finds_nothing
from .cim.providers import all_providers
from .cim.wql import run_query
from .clock import Clock
from .directory import host_directory
from .event_log import EventLog
from .features import FILES, Features
from .files import FileSystem, Node, windows_files
from .firewall import Firewall
from .group_policy import GroupPolicy
from .logons import Logons
from .msra import Msra
from .network import Network
from .processes import Process, ProcessTable
from .programs.cmd import Cmd
from .registry import Registry
from .sessions import Session, session_registry
from .setup import PROFILE_LIST
from .systems import SYSTEMS, OperatingSystem
from .task_scheduler import TaskScheduler

UPTIME = timedelta(days=3)  # how long a host has been up when the pool starts


@dataclass
class Writes:
    """What was changed on the host, in order: registry paths, files, tasks, refreshes of Group Policy.

    Attributes:
        log: What was changed.
        denied: Whether nothing may be changed.
        count_denied: Told of each attempt while nothing may.
    """

    log: list[str]
    denied: Callable[[], bool]
    count_denied: Callable[[], None]

    def __call__(self, path: str) -> None:
        self.log.append(path)

    def allowed(self, path: str) -> bool:
        """Whether a change may be made; an attempt that may not is counted."""
        if self.denied():
            self.count_denied()
            return False
        return True


class WindowsHost:
    """One host of a pool; simulator/README.md says what tests can look at and do."""

    def __init__(self, description: HostDescription, pool: PoolDescription) -> None:
        self.name = description.name
        self.address = description.address
        self.language = description.language
        self.computer_name = (description.computer_name or description.name).upper()[:15]
        self.netbios, self.dns = pool.netbios, pool.dns
        self.zone = timezone(timedelta(minutes=description.time_zone))
        self.system: OperatingSystem = SYSTEMS[description.os]
        self.quirks: dict[str, Any] = with_defaults(description.quirks)
        self.faults = Faults()
        for name, value in description.faults.items():
            self.faults.set(name, value)
        self.counters: Counter[str] = Counter()
        self.clock = Clock(lambda: self.faults.clock_skew)
        self.booted = self.clock.now() - UPTIME
        self.accounts = host_directory(description, pool, self.computer_name)
        self.events = EventLog(self.clock.now)
        self.hooks = Hooks()
        self.writes = Writes([], lambda: self.faults.deny_writes, self._count_denied)
        self.registry = Registry(self.writes, self.writes.allowed)
        self.network = Network(self.address, self.name, self.clock.now)
        self.messages: list[tuple[int, str]] = []
        self.processes = ProcessTable(self.clock.now, self.name)
        self.features = Features(self, description)
        absent = (*description.missing, *(() if self.features.assistance_installed else FILES))
        programs = [item for item in self.system.programs if item not in absent]
        programs += ["powershell.exe"] if description.powershell_free else []
        self.files = FileSystem(self.clock.now, _windows_files(tuple(programs)), self.writes, self.writes.allowed)
        self.files.disk_full = lambda: self.faults.disk_full
        self.sessions: list[Session] = []
        self.logons = Logons(self)
        self.msra = Msra(self)
        self.tasks = TaskScheduler(self)
        self.cmd = Cmd(self)
        policies = (*description.domain_policies, *description.firewall.gpo())
        self.group_policy = GroupPolicy(self, replace(description, domain_policies=policies))
        self.firewall = Firewall(self, description.firewall)
        self.providers: dict[tuple[str, str], Provider] = all_providers(self)
        self.firewall.start(assistance=self.features.assistance_installed)
        self.features.mark()
        setup.fill_registry(self, description)
        setup.start_system(self)
        for session in description.sessions:
            setup.log_on(self, session)
        setup.fill_logs(self, description)
        setup.fill_group_policy(self, description)

    def _count_denied(self) -> None:
        self.counters["denied_writes"] += 1

    # Life -----------------------------------------------------------------------------------------

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let time pass on this host."""
        self.clock.attach(loop)
        for session in self.sessions:
            if session.invitation_waiting:
                loop.call_soon(self.msra.start_by_user, session)

    async def close(self) -> None:
        """Stop everything that runs for this host."""
        self.clock.detach()
        await self.msra.close()

    def restart(self) -> None:
        """What a restart changes of the firewall and of optional features; sessions and tasks live on here."""
        self.features.restart()
        self.firewall.restart()

    def end_process(self, pid: int, exit_code: int = 1) -> bool:
        """End a process with all it holds."""
        ended = self.processes.end(pid, exit_code)
        if ended:
            self.network.release(pid)
        return ended

    def session(self, session_id: int) -> Session | None:
        """The session of this number."""
        return next((item for item in self.sessions if item.id == session_id), None)

    def log_off(self, session_id: int) -> None:
        """End a session and its processes, as a user who logs off does."""
        session = self.session(session_id)
        if session is not None:
            setup.log_off(self, session)

    def disconnect(self, session_id: int) -> None:
        """Take a session's client away: its programs go on."""
        session = self.session(session_id)
        if session is not None and session.state == "active":
            session.state, session.session_name = "disconnected", ""
            setup.start_in_session(self, session, "LogonUI.exe")
            session_registry(self.registry, self.sessions, self.quirks, self.netbios, self.dns)

    def lock(self, session_id: int) -> None:
        """Put the lock screen up in a session; it stays active."""
        session = self.session(session_id)
        if session is not None and not self.processes.in_session(session_id, "LogonUI.exe"):
            setup.start_in_session(self, session, "LogonUI.exe")

    # Seam -----------------------------------------------------------------------------------------

    def query(self, namespace: str, wql: str, caller: Account) -> list[CimInstance]:
        """Run a WQL query."""
        if finds_nothing(self, wql):
            return []
        return run_query(self.providers, namespace, wql, caller)

    async def run_command(self, command_line: str, streams: CommandStreams, caller: Account) -> int:
        """Run a command line under cmd.exe in session 0, as winrs and tasks of SYSTEM do.

        The process shows `cmd.exe /C` and the line, as MS-WSMV 3.1.4.1.31 says the shell builds it.
        """
        path = "C:\\Windows\\System32\\cmd.exe"
        process = self.processes.start(
            "cmd.exe", owner=caller, command_line=f'{path.lower()} /C "{command_line}"', path=path, parent=4
        )
        try:
            return await self.cmd.run(command_line, streams, caller)
        finally:
            self.end_process(process.pid, 0)

    def state(self) -> dict[str, Any]:
        """All that tests look at, as JSON data."""
        return {
            "name": self.name,
            "time": self.clock.now().isoformat(),
            "counters": dict(self.counters),
            "writes": list(self.writes.log),
            "tasks": [task.as_data() for task in self.tasks],
            "task_folders": sorted(self.tasks.folders),
            "messages": [list(item) for item in self.messages],
            "sessions": [session.as_data() for session in self.sessions],
            "processes": [process.as_data() for process in self.processes],
            "files": [node.path for node in self.files.nodes() if not node.is_directory],
            "tcp": [row.as_data() for row in self.network],
            "events": [event.as_data() for event in self.events.events],
        }

    def profile_of(self, account: Account) -> str | None:
        """The account's profile directory on this host."""
        found = self.registry.read(f"{PROFILE_LIST}\\{account.sid}", "ProfileImagePath")
        return found if isinstance(found, str) else None

    def start_process(self, name: str, session: Session, command_line: str) -> Process:
        """Start a program in a user's session."""
        path = f"C:\\Windows\\System32\\{name}"
        return self.processes.start(
            name, session_id=session.id, owner=session.account, command_line=command_line, path=path
        )


_FILES: dict[tuple[str, ...], dict[str, Node]] = {}


def _windows_files(programs: tuple[str, ...]) -> dict[str, Node]:
    """Windows' own files, made once for all hosts with the same programs."""
    if programs not in _FILES:
        _FILES[programs] = windows_files(list(programs), Clock().now())
    return _FILES[programs]
