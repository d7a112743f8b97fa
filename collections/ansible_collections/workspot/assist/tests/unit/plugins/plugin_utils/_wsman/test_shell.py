# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The winrs shell against a small server joined in memory."""

from __future__ import annotations

import base64
import re

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    CommandFailed,
    MalformedReply,
    ReplyTimeout,
    Unreachable,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.memory import MemoryTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import SEND_CHUNK_BYTES

SOAP = "http://www.w3.org/2003/05/soap-envelope"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TIMED_OUT = (
    "<s:Fault><s:Code><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code><s:Detail>"
    '<f:WSManFault xmlns:f="x" Code="2150858793"/></s:Detail></s:Fault>'
)


class ShellServer:
    """Answers Create, Command, Send, Receive, Signal, Delete; Receives come from a list."""

    def __init__(self, *receives: str) -> None:
        self.receives = list(receives)
        self.actions: list[str] = []
        self.stdin = b""
        self.ended = False

    def __call__(self, message: bytes) -> bytes:
        text = message.decode()
        action = re.search(r"<a:Action[^>]*>[^<]*/(\w+)<", text)
        assert action
        self.actions.append(action.group(1))
        body = {
            "Create": f'<rsp:Shell xmlns:rsp="{RSP}"><rsp:ShellId>SHELL-1</rsp:ShellId></rsp:Shell>',
            "Command": f'<rsp:CommandResponse xmlns:rsp="{RSP}"><rsp:CommandId>CMD-1</rsp:CommandId>'
            "</rsp:CommandResponse>",
        }.get(action.group(1), "")
        if action.group(1) == "Send":
            stream = re.search(r"<rsp:Stream ([^>]*)>([^<]*)<", text)
            assert stream
            self.stdin += base64.b64decode(stream.group(2))
            self.ended = 'End="true"' in stream.group(1)
        if action.group(1) == "Receive":
            body = self.receives.pop(0) if self.receives else TIMED_OUT
        return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def output(*streams: tuple[str, bytes], done: int | None = None) -> str:
    parts = [
        f'<rsp:Stream Name="{name}" CommandId="CMD-1">{base64.b64encode(data).decode()}</rsp:Stream>'
        for name, data in streams
    ]
    if done is not None:
        parts.append(
            f'<rsp:CommandState CommandId="CMD-1" State="{RSP}/CommandState/Done">'
            f"<rsp:ExitCode>{done}</rsp:ExitCode></rsp:CommandState>"
        )
    return f'<rsp:ReceiveResponse xmlns:rsp="{RSP}">{"".join(parts)}</rsp:ReceiveResponse>'


def test_one_command_costs_four_exchanges_and_joins_its_streams() -> None:
    server = ShellServer(output(("stdout", b"a\0b"), ("stderr", b"!"), ("stdout", b"c"), done=3))
    client = WsmanClient(MemoryTransport(server), host="h")
    with client.shell() as shell:
        result = shell.run("quser")
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"a\0bc", b"!")
    assert server.actions == ["Create", "Command", "Receive", "Delete"]
    assert client.exchanges == 4


def test_a_shell_that_ran_nothing_was_never_opened() -> None:
    server = ShellServer()
    with WsmanClient(MemoryTransport(server), host="h").shell():
        pass
    assert server.actions == []


def test_input_goes_in_chunks_and_its_end_is_marked() -> None:
    server = ShellServer(output(done=0))
    data = bytes(range(256)) * (SEND_CHUNK_BYTES // 256) + b"tail"
    with WsmanClient(MemoryTransport(server), host="h").shell() as shell:
        shell.run("tar -xf -", stdin=data)
    assert server.stdin == data
    assert server.ended
    assert server.actions.count("Send") == 2


def test_receive_is_repeated_after_the_hosts_timeout_fault() -> None:
    server = ShellServer(TIMED_OUT, TIMED_OUT, output(("stdout", b"late"), done=0))
    with WsmanClient(MemoryTransport(server), host="h").shell() as shell:
        assert shell.run("slow").text == "late"
    assert server.actions.count("Receive") == 3


def test_a_command_that_does_not_end_is_stopped_and_the_shell_closed() -> None:
    server = ShellServer()
    with pytest.raises(ReplyTimeout) as caught, WsmanClient(MemoryTransport(server), host="h").shell() as shell:
        shell.run("secret command line", timeout=0.05)
    assert "secret" not in str(caught.value)
    assert server.actions[-2:] == ["Signal", "Delete"]


def test_too_much_output_is_refused() -> None:
    server = ShellServer(output(("stdout", b"x" * 100)))
    with pytest.raises(CommandFailed), WsmanClient(MemoryTransport(server), host="h").shell() as shell:
        shell.run("chatty", limit=99)
    assert "Signal" in server.actions


@pytest.mark.parametrize(
    "receive",
    [
        f'<rsp:ReceiveResponse xmlns:rsp="{RSP}"><rsp:Stream Name="stdout">a</rsp:Stream></rsp:ReceiveResponse>',
        output(done=0).replace(">0<", ">zero<"),
    ],
)
def test_nonsense_from_the_host_is_an_error_of_the_tree(receive: str) -> None:
    with (
        pytest.raises(MalformedReply),
        WsmanClient(MemoryTransport(ShellServer(receive)), host="h").shell() as shell,
    ):
        shell.run("x")


def test_a_lost_connection_keeps_its_own_error() -> None:
    def broken(message: bytes) -> bytes:
        raise Unreachable("gone")

    with (
        pytest.raises(Unreachable) as caught,
        WsmanClient(MemoryTransport(broken), host="desk-09").shell() as shell,
    ):
        shell.run("x")
    assert caught.value.host == "desk-09"
