# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated Windows host: everything on it, and what happens when sessions and processes end."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..pool import AccountDescription, HostDescription, PoolDescription, SessionDescription
from ..quirks import with_defaults
from ..seam import CimInstance, CommandStreams, Faults, Provider
from .accounts import LOCAL_SERVICE, SYSTEM, Account, AccountDirectory, domain_sid
from .cim.providers import all_providers
from .cim.wql import run_query
from .clock import Clock
from .event_log import EventLog
from .files import FileSystem, Node, windows_files
from .msra import Msra
from .network import Network, listener
from .processes import Process, ProcessTable
from .programs.cmd import Cmd
from .registry import REG_EXPAND_SZ, Registry
from .sessions import Session, session_registry
from .systems import SYSTEMS, OperatingSystem
from .task_scheduler import TaskScheduler

RA_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
RA_SETTINGS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Remote Assistance"
PROFILE_LIST = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
_DESKTOP = ("winlogon.exe", "dwm.exe", "fontdrvhost.exe", "sihost.exe", "taskhostw.exe", "explorer.exe")
# A RemoteApp session runs rdpinit.exe and rdpshell.exe in place of explorer.exe (public support threads).
_PUBLISHED_APP = ("winlogon.exe", "dwm.exe", "rdpinit.exe", "rdpshell.exe", "sihost.exe", "excel.exe")
_SYSTEM_PROCESSES = (
    "System",
    "smss.exe",
    "csrss.exe",
    "services.exe",
    "lsass.exe",
    "svchost.exe",
    "spoolsv.exe",
)
_OWNED_BY_SYSTEM = frozenset({"winlogon.exe", "dwm.exe", "fontdrvhost.exe"})


@dataclass
class Writes:
    """What was changed on the host, in order."""

    log: list[str]
    counters: Counter[str]

    def __call__(self, path: str) -> None:
        self.log.append(path)


class WindowsHost:
    """One host of a pool; see simulator/README.md for what tests can look at."""

    def __init__(self, description: HostDescription, pool: PoolDescription) -> None:
        self.name = description.name
        self.address = description.address
        self.language = description.language
        self.computer_name = (description.computer_name or description.name).upper()[:15]
        self.netbios, self.dns = pool.netbios, pool.dns
        self.system: OperatingSystem = SYSTEMS[description.os]
        self.quirks: dict[str, Any] = with_defaults(description.quirks)
        self.faults = Faults()
        for name, value in description.faults.items():
            self.faults.set(name, value)
        self.counters: Counter[str] = Counter()
        self.clock = Clock()
        self.accounts = _accounts(description, pool, self.computer_name)
        self.events = EventLog(self.clock.now)
        self.writes = Writes([], self.counters)
        self.registry = Registry(self.writes)
        self.network = Network(self.address, self.name)
        self.processes = ProcessTable(self.clock.now, self.name)
        programs = [item for item in self.system.programs if item not in description.missing]
        self.files = FileSystem(self.clock.now, _windows_files(tuple(programs)), self.writes)
        self.files.disk_full = lambda: self.faults.disk_full
        self.sessions: list[Session] = []
        self.msra = Msra(self)
        self.tasks = TaskScheduler(self)
        self.cmd = Cmd(self)
        self.providers: dict[tuple[str, str], Provider] = all_providers(self)
        self._fill_registry(description)
        self._start_system()
        for session in description.sessions:
            self._log_on(session)

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

    def end_process(self, pid: int, exit_code: int = 1) -> bool:
        """End a process with all it holds."""
        ended = self.processes.end(pid, exit_code)
        if ended:
            self.network.release(pid)
        return ended

    def log_off(self, session_id: int) -> None:
        """End a session and its processes, as a user who logs off does."""
        for process in self.processes.in_session(session_id):
            self.end_process(process.pid, 0x40010004)  # DBG_TERMINATE_PROCESS
        self.sessions = [item for item in self.sessions if item.id != session_id]
        if not self.quirks["session_data_stale"]:
            session_registry(self.registry, self.sessions, self.quirks, self.netbios, self.dns)

    def session(self, session_id: int) -> Session | None:
        """The session of this number."""
        return next((item for item in self.sessions if item.id == session_id), None)

    # Seam -----------------------------------------------------------------------------------------

    def query(self, namespace: str, wql: str, caller: Account) -> list[CimInstance]:
        """Run a WQL query."""
        return run_query(self.providers, namespace, wql, caller)

    async def run_command(self, command_line: str, streams: CommandStreams, caller: Account) -> int:
        """Run a command line under cmd.exe, in session 0."""
        return await self.cmd.run(command_line, streams, caller)

    def state(self) -> dict[str, Any]:
        """All that tests look at, as JSON data."""
        return {
            "name": self.name,
            "time": self.clock.now().isoformat(),
            "counters": dict(self.counters),
            "writes": list(self.writes.log),
            "tasks": [task.as_data() for task in self.tasks],
            "sessions": [session.as_data() for session in self.sessions],
            "processes": [
                {
                    "pid": item.pid,
                    "name": item.name,
                    "session_id": item.session_id,
                    "command_line": item.command_line,
                }
                for item in self.processes
            ],
            "files": [node.path for node in self.files.nodes() if not node.is_directory],
            "tcp": [
                {"port": row.local_port, "address": row.local_address, "pid": row.pid, "state": row.state}
                for row in self.network
            ],
            "events": [
                {"channel": item.channel, "id": item.event_id, "data": list(item.data)} for item in self.events.events
            ],
        }

    # Set-up ---------------------------------------------------------------------------------------

    def _fill_registry(self, description: HostDescription) -> None:
        put = self.registry.put
        put(RA_SETTINGS, "fAllowToGetHelp", 1)
        put(RA_SETTINGS, "fAllowFullControl", 1)
        put(RA_SETTINGS, "MaxTicketExpiry", 6)
        put(RA_SETTINGS, "MaxTicketExpiryUnits", 1)
        put(RA_SETTINGS, "CreateEncryptedOnlyTickets", 0)
        for name, number in description.settings.items():
            put(RA_SETTINGS, name, number)
        for name, number in description.policy.items():
            put(RA_POLICY, name, number)
        self.registry.make("HKU\\.DEFAULT\\Software")
        self.registry.make("HKU\\S-1-5-18\\Software")
        put(
            f"{PROFILE_LIST}\\S-1-5-18",
            "ProfileImagePath",
            "%systemroot%\\system32\\config\\systemprofile",
            REG_EXPAND_SZ,
        )

    def _start_system(self) -> None:
        for name in _SYSTEM_PROCESSES:
            owner = LOCAL_SERVICE if name == "spoolsv.exe" else SYSTEM
            self.processes.start(name, owner=owner, path=f"C:\\Windows\\System32\\{name}")
        for port in (135, 445, 3389, 5985, 5986):
            self.network.add(listener("0.0.0.0", port, 4))

    def _log_on(self, description: SessionDescription) -> None:
        account = self.accounts.find(description.user)
        if account is None:
            domain, _, name = description.user.rpartition("\\")
            account = self.accounts.add(
                Account(name, domain or self.netbios, f"{domain_sid(domain or self.netbios)}-{_rid(name)}")
            )
        session = Session.of(description, account, self.clock.now(), self.system.server)
        self.sessions.append(session)
        names = _PUBLISHED_APP if session.kind == "published_app" else _DESKTOP
        for name in names if session.state == "active" else (*names, "LogonUI.exe"):
            owner = SYSTEM if name in _OWNED_BY_SYSTEM or name == "LogonUI.exe" else account
            folder = "C:\\Windows" if name == "explorer.exe" else "C:\\Windows\\System32"
            self.processes.start(name, session_id=session.id, owner=owner, command_line=name, path=f"{folder}\\{name}")
        profile = account.profile or f"C:\\Users\\{account.name}"
        self.files.make_directory(profile, account)
        self.files.make_directory(f"{profile}\\AppData\\Local\\Temp", account)
        self.registry.put(f"{PROFILE_LIST}\\{account.sid}", "ProfileImagePath", profile, REG_EXPAND_SZ)
        self.registry.make(f"HKU\\{account.sid}_Classes")
        session_registry(self.registry, self.sessions, self.quirks, self.netbios, self.dns)

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


def _rid(name: str) -> int:
    return 1000 + sum(ord(character) * (place + 7) for place, character in enumerate(name.lower()))


def _account(item: AccountDescription, domain: str) -> Account:
    return Account(
        item.name,
        domain,
        f"{domain_sid(domain)}-{_rid(item.name)}",
        item.password,
        item.administrator,
        item.filtered,
        upn=item.upn,
        profile=item.profile,
    )


_DOMAINS: dict[int, AccountDirectory] = {}


def _accounts(description: HostDescription, pool: PoolDescription, machine: str) -> AccountDirectory:
    """The host's own accounts over those of the domain, which all hosts of a pool share."""
    shared = _DOMAINS.get(id(pool))
    if shared is None:
        shared = AccountDirectory(pool.netbios, pool.netbios, pool.dns)
        for item in pool.accounts:
            shared.add(_account(item, item.domain or pool.netbios))
        _DOMAINS.clear()
        _DOMAINS[id(pool)] = shared
    own = AccountDirectory(machine, pool.netbios, pool.dns, shared)
    for item in description.accounts:
        own.add(_account(item, machine))
    return own
