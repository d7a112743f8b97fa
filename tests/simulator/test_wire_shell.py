# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell's messages one by one: what each answers, its limits and its refusals (MS-WSMV 3.1.4.1.31, 3.1.4.11 on)."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.wire_rig import PLAIN, RSP, SHELL, Fault, N, Reply, S, T, W, Wire, local
from tests.support.pools import ACCOUNTS, SERVICE_PASSWORD

Make = Callable[..., Any]
STATE = f"{RSP}/CommandState"
WAITS = "findstr ."


@pytest.fixture
def pool(make_pool: Make) -> Any:
    other = {"name": "other", "password": SERVICE_PASSWORD, "administrator": True}
    return make_pool(PLAIN, accounts=[*ACCOUNTS, other])


@pytest.fixture
def wire(pool: Any) -> Iterator[Wire]:
    made = Wire(pool)
    yield made
    made.close()
    assert pool.errors == []


@pytest.fixture
def shell(wire: Wire) -> str:
    return opened(wire)


def opened(wire: Wire, **changes: Any) -> str:
    reply = wire.open_shell(**changes)
    assert reply.status == 200, reply.body
    return reply.text("ShellId") or ""


def start(wire: Wire, shell: str, line: str, *arguments: str) -> str:
    reply = command(wire, shell, line, *arguments)
    assert reply.status == 200, reply.body
    return reply.text("CommandId") or ""


def command(wire: Wire, shell: str, line: str, *arguments: str) -> Reply:
    inner = "".join(f"<rsp:Arguments>{item}</rsp:Arguments>" for item in arguments)
    return wire.shell("Command", shell, f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command>{inner}</rsp:CommandLine>")


def receive(wire: Wire, shell: str, identity: str, streams: str = "stdout stderr", **changes: Any) -> Reply:
    wanted = f'<rsp:DesiredStream CommandId="{identity}">{streams}</rsp:DesiredStream>'
    return wire.shell("Receive", shell, f"<rsp:Receive>{wanted}</rsp:Receive>", **changes)


def send(wire: Wire, shell: str, identity: str, data: bytes, *, end: bool = False, name: str = "stdin") -> Reply:
    text, mark = base64.b64encode(data).decode(), ' End="true"' if end else ""
    stream = f'<rsp:Stream Name="{name}" CommandId="{identity}"{mark}>{text}</rsp:Stream>'
    return wire.shell("Send", shell, f"<rsp:Send>{stream}</rsp:Send>")


def signal(wire: Wire, shell: str, identity: str, code: str = "terminate") -> Reply:
    uri = code if "/" in code else f"{RSP}/signal/{code}"
    body = f'<rsp:Signal CommandId="{identity}"><rsp:Code>{uri}</rsp:Code></rsp:Signal>'
    return wire.shell("Signal", shell, body)


def output(reply: Reply, name: str = "stdout") -> bytes:
    """The bytes of one stream in a reply."""
    found = [item for item in reply.content if local(item) == "Stream" and item.get("Name") == name]
    return b"".join(base64.b64decode(item.text or "") for item in found)


def state(reply: Reply) -> tuple[str, str | None]:
    """The state that a reply tells, and the exit code."""
    found = next(item for item in reply.content if local(item) == "CommandState")
    return (found.get("State") or "").removeprefix(f"{STATE}/"), found.findtext(f"{{{RSP}}}ExitCode")


def waiting(wire: Wire) -> list[Any]:
    """The processes that wait for input."""
    return [item for item in wire.host.state()["processes"] if WAITS in (item["command_line"] or "")]


def comes_to(wire: Wire, number: int) -> bool:
    """Whether this many processes wait for input, within five seconds: they start and end after an answer."""
    deadline = time.monotonic() + 5
    while len(waiting(wire)) != number and time.monotonic() < deadline:
        time.sleep(0.01)
    return len(waiting(wire)) == number


def incorrect(fault: Fault) -> bool:
    """What is wrong with a request to a shell is one fault (MS-WSMV note 89; Server 2016 in pypsrp's tests)."""
    return (fault.code, fault.subcode, fault.detail_uri) == (87, f"{{{W}}}InvalidParameter", "InvalidValue")


# Right messages ----------------------------------------------------------------------------------


def test_create_tells_where_the_shell_is(wire: Wire) -> None:
    # MS-WSMV 3.1.4.5.2.
    reply = wire.open_shell()
    created, shell = reply.root.iterfind(f"{{{S}}}Body/*")
    assert created.tag == f"{{{T}}}ResourceCreated"
    assert created.findtext(f".//{{{W}}}ResourceURI") == SHELL
    assert created.findtext(f".//{{{W}}}Selector[@Name='ShellId']") == shell.findtext(f"{{{RSP}}}ShellId")
    assert shell.findtext(f"{{{RSP}}}Owner") == "CORP\\svc-ansible"
    assert shell.findtext(f"{{{RSP}}}OutputStreams") == "stdout stderr"


def test_ids_may_be_the_client_s(wire: Wire) -> None:
    mine = "AAAAAAAA-0000-0000-0000-000000000001"
    body = f'<rsp:Shell ShellId="{mine}"><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>'  # noqa: E501
    assert wire.open_shell(body).text("ShellId") == mine
    line = f'<rsp:CommandLine CommandId="{mine}"><rsp:Command>hostname</rsp:Command></rsp:CommandLine>'
    assert wire.shell("Command", mine.lower(), line).text("CommandId") == mine
    assert output(receive(wire, mine, mine)) == b"DESK-01\r\n"


def test_the_end_of_a_command(wire: Wire, shell: str) -> None:
    identity = start(wire, shell, "echo out &amp; exit /b 9")
    reply = receive(wire, shell, identity)
    assert output(reply) == b"out \r\n"
    assert state(reply) == ("Done", "9")
    ends = {item.get("Name") for item in reply.content if item.get("End") == "true"}
    assert ends == {"stdout", "stderr"}


def test_the_end_may_come_by_itself(make_pool: Make) -> None:
    pool = make_pool({**PLAIN, "quirks": {"allow_unencrypted": True, "receive_done_apart": True}})
    wire = Wire(pool)
    shell = opened(wire)
    identity = start(wire, shell, "echo out")
    first, second = receive(wire, shell, identity), receive(wire, shell, identity)
    wire.close()
    assert (output(first), state(first)) == (b"out\r\n", ("Running", None))
    assert (output(second), state(second)) == (b"", ("Done", "0"))


def test_one_stream_at_a_time(wire: Wire, shell: str) -> None:
    identity = start(wire, shell, "echo out &amp; echo err 1>&amp;2")
    assert (output(receive(wire, shell, identity, "stdout"))) == b"out \r\n"
    reply = receive(wire, shell, identity, "stderr")
    assert (output(reply, "stderr"), state(reply)) == (b"err \r\n", ("Done", "0"))


def test_input_in_pieces(wire: Wire, shell: str) -> None:
    identity = start(wire, shell, WAITS)
    for piece in (b"a\r\nb", b"", b"c\r\n"):
        assert local(send(wire, shell, identity, piece).content) == "SendResponse"
    assert send(wire, shell, identity, b"", end=True).status == 200
    assert output(receive(wire, shell, identity)) == b"a\r\nbc\r\n"


@pytest.mark.parametrize("code", ["terminate", "Terminate", "ctrl_c", "CTRL_BREAK", "powershell/signal/ctrl_c"])
def test_signals_end_a_command(wire: Wire, shell: str, code: str) -> None:
    # MS-WSMV 2.2.4.38 has the codes; pywinrm sends terminate, pypsrp Terminate.
    identity = start(wire, shell, WAITS)
    assert signal(wire, shell, identity, code).status == 200
    after = receive(wire, shell, identity)
    if code.lower() == "terminate":
        assert incorrect(after.fault)
    else:
        assert state(after) == ("Done", str(0xC000013A - 2**32))
    assert not waiting(wire)


def test_delete_ends_what_runs(wire: Wire, shell: str) -> None:
    start(wire, shell, WAITS)
    assert comes_to(wire, 1)
    assert wire.send(f"{T}/Delete", SHELL, selectors={"ShellId": shell}).status == 200
    assert not waiting(wire)
    assert command(wire, shell, "hostname").fault.code == 2150858843


def test_the_code_page_of_a_shell(wire: Wire) -> None:
    # WINRS_CODEPAGE (MS-WSMV 3.1.4.5.2); without it the OEM code page, 437 on an English host.
    for options, expected in (
        ({"WINRS_CODEPAGE": "65001"}, "ü".encode()),
        ({}, b"\x81"),
        ({"winrs_codepage": "1252"}, b"\xfc"),
    ):
        shell = opened(wire, options=options)
        assert output(receive(wire, shell, start(wire, shell, "echo ü"))).rstrip() == expected


# Limits ------------------------------------------------------------------------------------------


def test_more_shells_than_a_user_may_have(wire: Wire, pool: Any) -> None:
    # MaxShellsPerUser 30 (MS-WSMV 2.2.4.42), wsman:QuotaLimit (3.1.4.5.2.1) and its text (note 111).
    shells = [opened(wire) for _ in range(30)]
    fault = wire.open_shell().fault
    assert (fault.code, fault.role, fault.subcode) == (2150859173, f"{{{S}}}Sender", f"{{{W}}}QuotaLimit")
    assert "maximum number of concurrent shells for this user" in fault.reason
    someone_else = Wire(pool, user="other")
    assert someone_else.open_shell().status == 200
    someone_else.close()
    wire.send(f"{T}/Delete", SHELL, selectors={"ShellId": shells[0]})
    assert wire.open_shell().status == 200


def test_more_processes_than_a_shell_may_have(wire: Wire, shell: str) -> None:
    # MaxProcessesPerShell 25 and wsman:InternalError (MS-WSMV 2.2.4.42).
    running = [start(wire, shell, WAITS) for _ in range(25)]
    assert command(wire, shell, WAITS).fault.subcode == f"{{{W}}}InternalError"
    signal(wire, shell, running[0])
    assert command(wire, shell, WAITS).status == 200


def test_a_shell_nobody_uses_ends(wire: Wire, shell: str) -> None:
    # IdleTimeout of winrs 7200000 ms (MS-WSMV 2.2.4.42, 3.1.4.1.31.5); each request starts it anew.
    start(wire, shell, WAITS)
    wire.host.clock.advance(7199)
    identity = start(wire, shell, "hostname")
    wire.host.clock.advance(7199)
    assert output(receive(wire, shell, identity)) == b"DESK-01\r\n"
    wire.host.clock.advance(7201)
    assert command(wire, shell, "hostname").fault.code == 2150858843
    assert comes_to(wire, 0)


# Refusals ----------------------------------------------------------------------------------------


def test_a_shell_is_its_owner_s(wire: Wire, shell: str, pool: Any) -> None:
    someone_else = Wire(pool, user="other")
    assert command(someone_else, shell, "hostname").fault.code == 5
    someone_else.close()


def test_a_shell_needs_its_selector(wire: Wire, shell: str) -> None:
    line = "<rsp:CommandLine><rsp:Command>hostname</rsp:Command></rsp:CommandLine>"
    for selectors in ({}, {"Shell": shell}, {"ShellId": shell, "x": "y"}):
        assert wire.send(f"{RSP}/Command", SHELL, line, selectors=selectors).fault.code == 2150858842


@pytest.mark.parametrize(
    "body",
    [
        "<rsp:Other/>",
        "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams></rsp:Shell>",
        "<rsp:Shell><rsp:OutputStreams>stdout debug</rsp:OutputStreams></rsp:Shell>",
        "<rsp:Shell><rsp:InputStreams>keys</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>",
    ],
)
def test_shells_that_can_not_be(wire: Wire, body: str) -> None:
    assert incorrect(wire.open_shell(body).fault)


def test_a_code_page_that_is_none(wire: Wire) -> None:
    assert incorrect(wire.open_shell(options={"WINRS_CODEPAGE": "utf-8"}).fault)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("Command", "<rsp:Other/>"),
        ("Command", "<rsp:CommandLine/>"),
        ("Command", "<rsp:CommandLine><rsp:Command/></rsp:CommandLine>"),
        # pypsrp's test data has this very mistake.
        ("Command", "<rsp:CommandLine><rsp:Command>a</rsp:Command><rsp:Argument>b</rsp:Argument></rsp:CommandLine>"),
        ("Send", "<rsp:Send/>"),
        ("Send", '<rsp:Send><rsp:Stream Name="stdin" CommandId="{}">!!!</rsp:Stream></rsp:Send>'),
        ("Send", '<rsp:Send><rsp:Stream Name="stdout" CommandId="{}">YQ==</rsp:Stream></rsp:Send>'),
        ("Send", '<rsp:Send><rsp:Stream Name="stdin">YQ==</rsp:Stream></rsp:Send>'),
        ("Receive", "<rsp:Receive/>"),
        ("Receive", '<rsp:Receive><rsp:DesiredStream CommandId="{}"/></rsp:Receive>'),
        ("Receive", '<rsp:Receive><rsp:DesiredStream CommandId="{}">stdlog</rsp:DesiredStream></rsp:Receive>'),
        ("Receive", '<rsp:Receive><rsp:DesiredStream CommandId="none">stdout</rsp:DesiredStream></rsp:Receive>'),
        ("Signal", '<rsp:Signal CommandId="{}"/>'),
        ("Signal", '<rsp:Signal CommandId="{}"><rsp:Code>kill</rsp:Code></rsp:Signal>'),
        ("Signal", f"<rsp:Signal><rsp:Code>{RSP}/signal/ctrl_c</rsp:Code></rsp:Signal>"),
    ],
)
def test_messages_that_are_wrong(wire: Wire, shell: str, operation: str, body: str) -> None:
    identity = start(wire, shell, WAITS)
    assert incorrect(wire.shell(operation, shell, body.replace("{}", identity)).fault)
    # The command has not noticed.
    send(wire, shell, identity, b"x\r\n", end=True)
    assert output(receive(wire, shell, identity)) == b"x\r\n"


def test_two_commands_of_one_id(wire: Wire, shell: str) -> None:
    line = '<rsp:CommandLine CommandId="A-1"><rsp:Command>findstr .</rsp:Command></rsp:CommandLine>'
    assert wire.shell("Command", shell, line).status == 200
    assert incorrect(wire.shell("Command", shell, line).fault)


def test_shells_are_not_enumerated(wire: Wire) -> None:
    # Windows may (MS-WSMV 3.1.4.8); nothing here needs it, so it is refused and not half done.
    assert wire.send(f"{N}/Enumerate", SHELL, "<n:Enumerate/>").fault.code == 2150858771


def test_a_receive_waits_for_output_not_for_its_timeout(wire: Wire, shell: str, pool: Any) -> None:
    identity = start(wire, shell, WAITS)
    other = Wire(pool)
    answered, arrived = list[Reply](), threading.Event()
    wire.host.hooks.at_operation("Receive", arrived.set)
    thread = threading.Thread(target=lambda: answered.append(receive(wire, shell, identity)))
    thread.start()
    assert arrived.wait(10)
    send(other, shell, identity, b"now\r\n", end=True)
    thread.join(10)
    other.close()
    assert output(answered[0]) == b"now\r\n"
