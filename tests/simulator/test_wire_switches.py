# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fault switch does what simulator/README.md says; requests, reads and writes are counted right.

Switches of Windows itself (`msra_...`, `disk_full`, ...) are tested beside what they break; all have to be somewhere.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.faults import Faults, switch_names
from tests.simulator.wire_rig import HKLM, PLAIN, REGISTRY, SHELL, WMI, N, T, Wire, pull_body
from tests.support.pools import SERVICE_PASSWORD

Make = Callable[..., Any]
SYSTEM = f"{WMI}root/cimv2/Win32_ComputerSystem"
LOST = (http.client.RemoteDisconnected, ConnectionError)
"""What a client sees when a connection breaks."""


@pytest.fixture
def pool(make_pool: Make) -> Any:
    return make_pool(PLAIN)


@pytest.fixture
def host(pool: Any) -> Any:
    return pool.hosts["desk-01"]


@pytest.fixture
def connect(pool: Any) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(**options: Any) -> Wire:
        made.append(Wire(pool, **options))
        return made[-1]

    yield make
    for wire in made:
        wire.close()
    assert pool.errors == []


@pytest.fixture
def wire(connect: Callable[..., Wire]) -> Wire:
    return connect()


def get(wire: Wire) -> int:
    """The status of a Get."""
    return wire.get(SYSTEM, Name="DESK-01").status


def lost(wire: Wire) -> bool:
    """Whether the next request is not answered."""
    try:
        wire.get(SYSTEM, Name="DESK-01")
    except LOST:
        return True
    return False


def ended(connection: socket.socket) -> bool:
    """Whether the other side ends a connection within five seconds."""
    connection.settimeout(5)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def create_key(wire: Wire, name: str) -> Any:
    return wire.invoke(REGISTRY, "CreateKey", (("hDefKey", HKLM), ("sSubKeyName", f"SOFTWARE\\{name}")))


def has_key(host: Any, name: str) -> bool:
    return host.registry.find(f"HKLM\\SOFTWARE\\{name}") is not None


def run(wire: Wire, line: str) -> tuple[int, int]:
    """Run a command line: the status of its last reply, and its exit code."""
    shell = wire.open_shell().text("ShellId") or ""
    command = wire.shell("Command", shell, f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command></rsp:CommandLine>")
    wanted = f'<rsp:DesiredStream CommandId="{command.text("CommandId")}">stdout</rsp:DesiredStream>'
    reply = wire.shell("Receive", shell, f"<rsp:Receive>{wanted}</rsp:Receive>")
    wire.send(f"{T}/Delete", SHELL, selectors={"ShellId": shell})
    return reply.status, int(reply.text("ExitCode") or -1)


# Connections -------------------------------------------------------------------------------------


def test_refuse_login(wire: Wire, host: Any, connect: Callable[..., Wire]) -> None:
    host.faults.set("refuse_login", True)
    assert (get(wire), get(connect(secure=True))) == (401, 401)
    host.faults.set("refuse_login", False)
    assert get(wire) == 200


def test_refuse_login_with_ntlm(pool: Any, host: Any) -> None:
    import winrm
    from winrm.exceptions import InvalidCredentialsError

    session = winrm.Session(
        pool.endpoint("desk-01"), auth=("CORP\\svc-ansible", SERVICE_PASSWORD), transport="ntlm", proxy=None,
        ca_trust_path=None,
    )  # fmt: skip
    host.faults.set("refuse_login", True)
    with pytest.raises(InvalidCredentialsError):
        session.run_cmd("hostname")
    session.protocol.transport.close_session()


@pytest.mark.parametrize("number", [1, 3])
def test_drop_connection_at(wire: Wire, host: Any, number: int) -> None:
    get(wire)
    host.faults.set("drop_connection_at", number)
    for count in range(1, number):
        assert create_key(wire, f"K{count}").status == 200
    with pytest.raises(LOST):
        create_key(wire, "dropped")
    assert not has_key(host, "dropped")
    assert create_key(wire, "after").status == 200
    assert has_key(host, "after")


def test_drop_reply_at(wire: Wire, host: Any) -> None:
    host.faults.set("drop_reply_at", 2)
    assert create_key(wire, "first").status == 200
    with pytest.raises(LOST):
        create_key(wire, "second")
    assert has_key(host, "second")
    assert get(wire) == 200


def test_numbers_count_from_each_switch(wire: Wire, host: Any) -> None:
    host.faults.set("drop_connection_at", 3)
    assert not lost(wire)
    host.faults.set("drop_reply_at", 1)
    # The second request from the first switch, the first from the other.
    assert lost(wire)
    assert lost(wire)
    assert not lost(wire)


def test_a_switch_thrown_again_counts_anew(wire: Wire, host: Any) -> None:
    for _ in range(2):
        host.faults.set("drop_connection_at", 2)
        assert [lost(wire) for _ in range(3)] == [False, True, False]


def test_vanish_after(wire: Wire, host: Any, connect: Callable[..., Wire]) -> None:
    idle = connect()
    assert get(idle) == 200
    host.faults.set("vanish_after", 2)
    assert [lost(wire) for _ in range(4)] == [False, False, True, True]
    with pytest.raises(LOST):
        idle.http(b"")
    with pytest.raises(ConnectionRefusedError):
        get(connect(secure=True))
    host.faults.set("vanish_after", 0)
    assert not lost(wire)


def test_down(wire: Wire, host: Any, connect: Callable[..., Wire]) -> None:
    assert get(wire) == 200
    host.faults.set("down", True)
    assert lost(wire)
    for secure in (False, True):
        with pytest.raises(ConnectionRefusedError):
            get(connect(secure=secure))
    host.faults.set("down", False)
    assert (get(wire), get(connect(secure=True))) == (200, 200)


def test_down_from_the_start(make_pool: Make) -> None:
    pool = make_pool({**PLAIN, "faults": {"down": True}})
    wire = Wire(pool)
    with pytest.raises(ConnectionRefusedError):
        get(wire)
    pool.hosts["desk-01"].faults.clear()
    assert get(wire) == 200
    wire.close()


def test_slow_reply(wire: Wire, host: Any) -> None:
    get(wire)
    host.faults.set("slow_reply", 0.2)
    begun = time.monotonic()
    assert get(wire) == 200
    assert 0.2 <= time.monotonic() - begun < 5


def test_a_slow_host_holds_up_nobody_else(make_pool: Make) -> None:
    pool = make_pool(PLAIN, {**PLAIN, "name": "desk-02"})
    pool.hosts["desk-01"].faults.set("slow_reply", 30)
    slow, quick = Wire(pool), Wire(pool, "desk-02")
    slow._connection.request("POST", "/wsman", b"")
    assert quick.get(SYSTEM, Name="DESK-02").status == 200
    slow.close()
    quick.close()


@pytest.mark.parametrize("first", [True, False], ids=["after a request", "before any"])
def test_idle_close(pool: Any, host: Any, first: bool) -> None:
    host.faults.set("idle_close", 0.1)
    wire = Wire(pool)
    wire._connection.connect()
    if first:
        assert get(wire) == 200
    assert wire._connection.sock is not None
    assert ended(wire._connection.sock)
    wire.close()


# Answers -----------------------------------------------------------------------------------------


def test_quota(wire: Wire, host: Any) -> None:
    host.faults.set("quota", True)
    for reply in (wire.get(SYSTEM, Name="DESK-01"), wire.open_shell(), create_key(wire, "x")):
        assert reply.fault.of_wmi("error_Code") == "2150859174"
    assert not has_key(host, "x")
    host.faults.set("quota", False)
    assert wire.open_shell().status == 200


def test_oversize_reply(wire: Wire, host: Any) -> None:
    host.faults.set("oversize_reply", True)
    reply = wire.get(SYSTEM, Name="DESK-01")
    assert len(reply.body) > 9_000_000
    assert reply.text("Name") == "DESK-01"


def test_garbled_reply(wire: Wire, host: Any) -> None:
    whole = wire.get(SYSTEM, Name="DESK-01").body
    host.faults.set("garbled_reply", True)
    reply = wire.get(SYSTEM, Name="DESK-01")
    assert reply.status == 200
    assert abs(len(reply.body) - len(whole) // 2) <= 4
    with pytest.raises(SyntaxError):
        _ = reply.root


def test_deny_writes(wire: Wire, host: Any) -> None:
    host.faults.set("deny_writes", True)
    assert create_key(wire, "x").fault.code == 5
    assert get(wire) == 200
    assert run(wire, "hostname") == (200, 0)
    assert host.counters["denied_writes"] == 1
    status, code = run(wire, "echo x&gt;C:\\Windows\\Temp\\x.txt")
    assert (status, code) == (200, 1)
    assert host.counters["denied_writes"] == 2
    assert host.state()["writes"] == []
    host.faults.set("deny_writes", False)
    assert create_key(wire, "x").status == 200
    assert run(wire, "echo x&gt;C:\\Windows\\Temp\\x.txt") == (200, 0)
    assert host.state()["writes"] == ["HKLM\\SOFTWARE\\x", "C:\\Windows\\Temp\\x.txt"]


# Counters ----------------------------------------------------------------------------------------


def counted(host: Any, *names: str) -> tuple[int, ...]:
    return tuple(host.counters[name] for name in names or ("requests", "reads", "writes", "shell"))


def test_requests_reads_writes_and_shell_operations(wire: Wire, host: Any, connect: Callable[..., Wire]) -> None:
    assert counted(host) == (0, 0, 0, 0)
    get(wire)
    assert counted(host) == (1, 1, 0, 0)
    context = wire.query("SELECT * FROM Win32_Process", max_elements=1).text("EnumerationContext") or ""
    wire.send(f"{N}/Pull", f"{WMI}root/cimv2/*", pull_body(context))
    assert counted(host) == (3, 3, 0, 0)
    wire.invoke(REGISTRY, "EnumKey", (("hDefKey", HKLM), ("sSubKeyName", "SOFTWARE")))
    assert counted(host) == (4, 4, 0, 0)
    create_key(wire, "x")
    assert counted(host) == (5, 4, 1, 0)
    run(wire, "hostname")
    assert counted(host) == (9, 4, 1, 4)
    assert get(connect(user=None)) == 401
    assert counted(host) == (10, 4, 1, 4)


def test_what_is_refused_before_it_is_carried_out_is_a_request_alone(wire: Wire, host: Any) -> None:
    wire.send(f"{T}/Get", SYSTEM)
    wire.http(b"no soap")
    wire.invoke(REGISTRY, "CreateKey")
    assert counted(host) == (3, 0, 0, 0)


def test_the_trace_names_every_request(wire: Wire, pool: Any, host: Any) -> None:
    get(wire)
    create_key(wire, "x")
    run(wire, "hostname")
    host.faults.set("drop_connection_at", 1)
    assert lost(wire)
    assert [(item.number, item.what, item.status) for item in pool.trace("desk-01")] == [
        (1, "Get root/cimv2/Win32_ComputerSystem", 200),
        (2, "CreateKey root/cimv2/StdRegProv", 200),
        (3, "Create /cmd", 200),
        (4, "Command /cmd", 200),
        (5, "Receive /cmd", 200),
        (6, "Delete /cmd", 200),
        (7, "login", 0),
    ]


def test_hooks_run_at_their_request(wire: Wire, host: Any) -> None:
    seen: list[str] = []
    host.hooks.at_request(2, lambda: seen.append(f"request {host.counters['requests']}"))
    host.hooks.at_operation("createkey", lambda: seen.append(f"key {host.counters['requests']}"), number=2)
    get(wire)
    create_key(wire, "a")
    get(wire)
    create_key(wire, "b")
    create_key(wire, "c")
    assert seen == ["request 2", "key 4"]


# The switches themselves -------------------------------------------------------------------------


def test_what_is_thrown_and_cleared(host: Any) -> None:
    assert host.faults.thrown() == {}
    host.faults.update({"quota": True, "slow_reply": 1, "vanish_after": 9})
    assert host.faults.thrown() == {"quota": True, "slow_reply": 1.0, "vanish_after": 9}
    host.faults.clear()
    assert host.faults.thrown() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", True),
        ("requests_seen", 1),
        ("vanished", True),
        ("quota", 1),
        ("slow_reply", True),
        ("slow_reply", "1"),
        ("slow_reply", -1),
        ("slow_reply", float("nan")),
        ("clock_skew", float("inf")),
        ("drop_reply_at", 1.5),
        ("drop_reply_at", -1),
        ("down", None),
    ],
)
def test_values_that_can_not_be(name: str, value: Any) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=name):
        faults.set(name, value)
    assert faults == Faults()


def test_a_clock_may_be_behind() -> None:
    faults = Faults()
    faults.set("clock_skew", -90)
    assert faults.thrown() == {"clock_skew": -90.0}


def test_every_switch_is_tested_somewhere() -> None:
    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in switch_names() if f'"{name}"' not in texts and f"{name}=" not in texts] == []
