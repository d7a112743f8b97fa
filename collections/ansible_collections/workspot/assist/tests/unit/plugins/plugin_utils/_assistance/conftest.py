# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host in memory, at the level of the client's operations: what the invitation flow is scripted against.

It does not interpret cmd.exe; it recognises the command lines by what they contain. The simulator does the
honest work; this one fails exactly where a test wants it to.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.secret import Secret
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import NotFound, Unreachable, WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.instance import CimInstance
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import CommandResult
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.invitation_file import (
    invitation_file,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.stopped_clock import START, Clock

PASSWORD = "kadum4-rebis7-gotan3"
SID = "S-1-5-21-1-2-3-1104"
OTHER_SID = "S-1-5-21-1-2-3-1105"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@dataclass
class FakeProcess:
    pid: int
    name: str
    session_id: int
    sid: str
    command_line: str = ""
    started: datetime = START


@dataclass
class FakeTask:
    xml: str

    def text(self, name: str) -> str:
        return next((item.text or "" for item in ElementTree.fromstring(self.xml).iter(f"{TASK}{name}")), "")


@dataclass
class FakeSession:
    session_id: int
    user: str
    sid: str
    session_name: str = "rdp-tcp#1"
    domain: str = "CORP"


def instance(name: str, values: Mapping[str, Any]) -> CimInstance:
    root = ElementTree.Element(name)
    for key, value in values.items():
        if value is None:
            continue
        child = ElementTree.SubElement(root, key)
        if isinstance(value, datetime):
            ElementTree.SubElement(child, "Datetime").text = value.isoformat()
        elif isinstance(value, dict):
            for inner, text in value.items():
                ElementTree.SubElement(child, inner).text = str(text)
        else:
            child.text = str(value)
    return CimInstance(root)


@dataclass
class FakeHost:
    """State of the host, and switches for what goes wrong. Also the client."""

    clock: Clock
    host: str = "desk-01"
    exchanges: int = 0
    sessions: list[FakeSession] = field(default_factory=lambda: [FakeSession(2, "jdoe", SID)])
    processes: list[FakeProcess] = field(
        default_factory=lambda: [FakeProcess(40, "explorer.exe", 2, SID), FakeProcess(44, "sihost.exe", 2, SID)]
    )
    tasks: dict[str, FakeTask] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    policy: dict[str, int] = field(default_factory=dict)
    setting: dict[str, int] = field(default_factory=lambda: {"fAllowToGetHelp": 1, "MaxTicketExpiry": 6})
    programs: set[str] = field(default_factory=lambda: {"quser", "msra", "tar", "netstat", "taskkill", "schtasks"})
    profiles: dict[str, str] = field(default_factory=lambda: {SID: r"C:\Users\jdoe", OTHER_SID: r"C:\Users\mmuster"})
    session_data: bool = True
    ahead: timedelta = timedelta(0)
    folder_there: bool = True
    taken: bool = False
    # msra
    msra_starts: bool = True
    msra_ends_at_once: bool = False
    msra_session: int | None = None
    msra_writes_after: float = 0.0
    msra_half_until: float = 0.0
    msra_never_writes: bool = False
    msra_listens: bool = True
    msra_user: str | None = None
    msra_password: str | None = None
    msra_start_offset: timedelta = timedelta(0)
    lifetime_minutes: int = 360
    appends_extension: bool = False
    hides_command_lines: bool = False
    task_delete_ends: bool = False
    task_change_ends: bool = False
    events: str = ""
    last_result: int = 0x41303
    undeletable: bool = False
    # transport
    lose_request: int | None = None
    lose_reply: int | None = None
    lose_all_from: int | None = None
    log: list[str] = field(default_factory=list)
    written_at: float | None = None
    _pid: int = 100
    opened: int = 0
    closed: int = 0

    @property
    def operation_timeout(self) -> float:
        return 30.0

    @property
    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def exchange(self, what: str, act: Callable[[], Any], count: int = 1) -> Any:
        for step in range(count):
            self.exchanges += 1
            number = self.exchanges
            if number == self.lose_request or (self.lose_all_from is not None and number >= self.lose_all_from):
                raise Unreachable("the connection broke.", host=self.host)
            if step == count - 1:
                self.log.append(what)
                result = act()
            if number == self.lose_reply:
                raise Unreachable("the connection broke.", host=self.host)
        return result

    # Operations of WsmanClient

    def enumerate(self, namespace: str, query: str, **_options: Any) -> list[CimInstance]:
        return self.exchange(query, lambda: self._query(query))

    def invoke(
        self,
        namespace: str,
        class_name: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        selectors: Mapping[str, str] | None = None,
    ) -> CimInstance:
        act = getattr(self, f"_{method.lower()}")
        return self.exchange(method, lambda: instance(f"{method}_OUTPUT", act({**arguments, **(selectors or {})})))

    def delete(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> None:
        self.exchange("delete task", lambda: self._delete_task(selectors["TaskName"]))

    def shell(self) -> FakeShell:
        return FakeShell(self)

    # State

    def _query(self, query: str) -> list[CimInstance]:
        if "Win32_OperatingSystem" in query:
            values = {
                "CSName": "DESK-01",
                "Version": "10.0.22631",
                "BuildNumber": "22631",
                "ProductType": 1,
                "LocalDateTime": self.now,
            }
            return [instance("Win32_OperatingSystem", values)]
        if "MSFT_NetTCPConnection" in query:
            pid = int(re.findall(r"OwningProcess=(\d+)", query)[0])
            alive = any(item.pid == pid and item.name == "msra.exe" for item in self.processes)
            if not (alive and self.msra_listens):
                return []
            return [
                instance("T", {"LocalAddress": "0.0.0.0", "LocalPort": port, "State": 2, "OwningProcess": pid})
                for port in (49501, 49502)
            ]
        names = {name.lower() for name in re.findall(r"Name='([^']+)'", query)}
        sessions = {int(number) for number in re.findall(r"SessionId=(\d+)", query)}
        return [
            instance(
                "Win32_Process",
                {
                    "Handle": item.pid,
                    "ProcessId": item.pid,
                    "Name": item.name,
                    "SessionId": item.session_id,
                    "CreationDate": item.started,
                    "CommandLine": None
                    if self.hides_command_lines or "CommandLine" not in query
                    else item.command_line,
                },
            )
            for item in self.processes
            if item.name in names or item.session_id in sessions
        ]

    def _process(self, arguments: Mapping[str, Any]) -> FakeProcess:
        for item in self.processes:
            if item.pid == int(arguments["Handle"]):
                return item
        raise NotFound("no process")

    def _getownersid(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"ReturnValue": 0, "Sid": self._process(arguments).sid}

    def _getowner(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        sid = self._process(arguments).sid
        user = next((item.user for item in self.sessions if item.sid == sid), "somebody")
        return {"ReturnValue": 0, "Domain": "CORP", "User": user}

    def _registerbyxml(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        name = arguments["TaskName"]
        if name in self.tasks and not arguments["Force"]:
            raise WsmanFault("exists", code=0x800700B7, cim_status=11)
        task = FakeTask(arguments["Xml"])
        if name in self.tasks and name.startswith("invite") and self.task_change_ends:
            self._end_msra()
        self.tasks[name] = task
        return {"ReturnValue": 0}

    def _startbypath(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        task = self.tasks[arguments["TaskName"]]
        if self.msra_starts:
            self._pid += 4
            words = task.text("Arguments")
            session_id = self.msra_session or 2
            self.processes.append(
                FakeProcess(self._pid, "msra.exe", session_id, task.text("UserId"), f"msra.exe {words}", self.now)
            )
            self.path, self.password = re.match(r'/saveasfile "?(.+?\.msrcIncident)"? (\S+)', words).groups()
            self.written_at = self.clock.elapsed + self.msra_writes_after
            if self.msra_ends_at_once:
                self._end_msra()
        return {"ReturnValue": 0}

    def _getinfobyname(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments["TaskName"] not in self.tasks:
            raise NotFound("no task")
        return {"ReturnValue": 0, "cmdletOutput": {"LastTaskResult": self.last_result}}

    def _exportbyname(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments["TaskName"] not in self.tasks:
            raise NotFound("no task", code=0x80070002)
        return {"ReturnValue": 0, "cmdletOutput": self.tasks[arguments["TaskName"]].xml}

    def _delete_task(self, name: str) -> None:
        if name not in self.tasks:
            raise NotFound("no task", code=0x80070002)
        del self.tasks[name]
        if name.startswith("invite") and self.task_delete_ends:
            self._end_msra()

    def _end_msra(self) -> None:
        self.processes = [item for item in self.processes if item.name != "msra.exe"]

    def write_if_due(self) -> None:
        """msra writes its file when its time has come."""
        alive = any(item.name == "msra.exe" for item in self.processes)
        if self.written_at is None or self.msra_never_writes or self.clock.elapsed < self.written_at or not alive:
            return
        path = self.path + (".msrcIncident" if self.appends_extension else "")
        data = invitation_file(
            self.msra_user or "jdoe",
            self.now + self.msra_start_offset,
            self.lifetime_minutes,
            self.msra_password or self.password,
        )
        half = self.clock.elapsed < self.msra_half_until
        if path not in self.files or len(self.files[path]) < len(data):
            self.files[path] = data[: len(data) // 2] if half else data

    @property
    def own_traces(self) -> list[str]:
        """What of ours is on the host."""
        msra = [f"msra {item.pid}" for item in self.processes if item.name == "msra.exe"]
        return [*self.tasks, *self.files, *msra]


@dataclass
class FakeShell:
    """The winrs shell of a `FakeHost`: three exchanges for the first command, two for each other."""

    fake: FakeHost
    is_open: bool = False

    def __enter__(self) -> FakeShell:
        return self

    def __exit__(self, *_details: object) -> None:
        if self.is_open:
            self.fake.closed += 1
            with suppress(Unreachable):
                self.fake.exchange("close", lambda: None)

    def run(self, line: str, **_options: Any) -> CommandResult:
        if not self.is_open:
            self.fake.exchange("open", lambda: None)
            self.is_open = True
            self.fake.opened += 1
        assert len(line) < 8191
        assert not line.startswith('"')
        return self.fake.exchange(line, lambda: self._output(line), count=2)

    def _output(self, line: str) -> CommandResult:
        self.fake.write_if_due()
        if line.startswith("echo workspot-assist-"):
            return CommandResult(0, self._batch(line).encode(), b"")
        if "tar.exe -cf" in line:
            return self._tar()
        if "wevtutil" in line:
            return CommandResult(0, self.fake.events.encode(), b"")
        if "taskkill" in line:
            pids = {int(pid) for pid in re.findall(r"pid eq (\d+)", line)}
            self.fake.processes = [item for item in self.fake.processes if item.pid not in pids]
            return CommandResult(0, b"", b"")
        assert line.startswith("del /f /q"), line
        if not self.fake.undeletable:
            self.fake.files.clear()
        return CommandResult(0, b"left\r\n" if self.fake.files else b"", b"")

    def _tar(self) -> CommandResult:
        for path, data in self.fake.files.items():
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as archive:
                member = tarfile.TarInfo(path.rpartition("\\")[2])
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
            return CommandResult(0, buffer.getvalue(), b"")
        return CommandResult(0, b"", b"")

    def _batch(self, line: str) -> str:
        out = []
        for part in re.split(r"(?=echo workspot-assist-)", line):
            if not part:
                continue
            marker, _and, command = part.partition("& ")
            marker = marker.removeprefix("echo ").strip()
            out.append(marker)
            name = marker.partition(":")[2]
            text = self._section(name, command)
            if text:
                out.append(text)
        return "\r\n".join(out) + "\r\n"

    def _section(self, name: str, command: str) -> str:
        fake = self.fake
        dwords = "\r\n".join
        if name == "root":
            return "C:\\Windows"
        if name == "programs":
            return "\r\n".join(sorted(item for item in fake.programs if item in command))
        if name == "quser":
            rows = [" USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME"]
            rows += [
                f" {item.user:<20}  {item.session_name:<18} {item.session_id:>2}  "
                f"{'Active' if item.session_name else 'Disc':<8}{'.':>9}  3/2/2026 9:12 AM"
                for item in fake.sessions
            ]
            return "\r\n".join(rows) if fake.sessions else ""
        if name == "logons" and fake.session_data:
            key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\LogonUI\SessionData"
            return "\r\n\r\n".join(
                f"{key}\\{item.session_id}\r\n    LoggedOnSAMUser    REG_SZ    {item.domain}\\{item.user}\r\n"
                f"    LoggedOnUserSID    REG_SZ    {item.sid}"
                for item in fake.sessions
            )
        if name == "hives":
            return "\r\n".join(f"HKEY_USERS\\{item.sid}\r\nHKEY_USERS\\{item.sid}_Classes" for item in fake.sessions)
        if name == "profiles":
            key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
            return "\r\n\r\n".join(
                f"{key}\\{sid}\r\n    ProfileImagePath    REG_EXPAND_SZ    {path}"
                for sid, path in fake.profiles.items()
            )
        if name == "policy" and fake.policy:
            key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
            return dwords([key, *(f"    {item}    REG_DWORD    {number:#x}" for item, number in fake.policy.items())])
        if name == "system":
            key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Remote Assistance"
            return dwords([key, *(f"    {item}    REG_DWORD    {number:#x}" for item, number in fake.setting.items())])
        if name.startswith("S-1-5-21"):
            return self._environment(name)
        if name.startswith("check-"):
            words = ["folder"] if fake.folder_there else []
            return "\r\n".join(words + (["taken"] if fake.taken else []))
        return ""

    def _environment(self, sid: str) -> str:
        key = f"HKEY_USERS\\{sid}\\Volatile Environment"
        mine = [item for item in self.fake.sessions if item.sid == sid]
        if not mine:
            return ""
        text = (
            f"{key}\r\n    USERNAME    REG_SZ    {mine[0].user}\r\n    USERDOMAIN    REG_SZ    {mine[0].domain}\r\n"
            f"    USERDNSDOMAIN    REG_SZ    CORP.EXAMPLE"
        )
        for item in mine:
            text += f"\r\n\r\n{key}\\{item.session_id}\r\n    CLIENTNAME    REG_SZ    LAPTOP-7"
        return text


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> FakeHost:
    return FakeHost(clock)


@pytest.fixture
def make_request() -> Callable[..., InvitationRequest]:
    def make(user: str = "jdoe", **options: Any) -> InvitationRequest:
        options.setdefault("password", Secret(PASSWORD))
        return InvitationRequest(user=parse_user(user), **options)

    return make
