# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that answer and come to no end: they cost neither more time than they have, nor memory."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import ReplyTimeout, Unreachable
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.deadline import DeadlineTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

from tests.transport.rig import WAYS, Answer, Heard, Transport, gateway, listening, psrp, transport, winrm

SECONDS = 0.6
"""What the host has for everything."""
PATIENCE = 5.0
"""After this a host that nobody gives up stops by itself, and the test fails."""
_BLOCK = b"x" * 65536
_ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"


class Endless:
    """Counts what a listener could send before it was hung up."""

    def __init__(self, begin: bytes, more: bytes, pause: float) -> None:
        self._begin, self._more, self._pause = begin, more, pause
        self.sent = 0
        self.given_up = threading.Event()

    def answer(self, connection: socket.socket) -> None:
        """Answer whatever is asked, without an end."""
        end = time.monotonic() + PATIENCE
        try:
            connection.recv(65536)
            connection.sendall(self._begin)
            while time.monotonic() < end:
                connection.sendall(self._more)
                self.sent += len(self._more)
                threading.Event().wait(self._pause)
        except OSError:
            self.given_up.set()


@contextmanager
def endless(endless: Endless) -> Iterator[str]:
    """Its address, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                connection.settimeout(PATIENCE)
                endless.answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def ask(asked: Transport) -> None:
    limited = DeadlineTransport(asked, SECONDS)
    client = WsmanClient(limited, host="desk-01", operation_timeout=PATIENCE)
    client.enumerate("root/cimv2", "SELECT Version FROM Win32_OperatingSystem")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_what_comes_in_place_of_a_challenge_is_not_read(way: str, pause: float) -> None:
    host = Endless(_ENDLESS, _BLOCK, pause)
    with endless(host) as address, pytest.raises(Unreachable, match="answered HTTP 200"):
        ask(transport(way, address))
    assert host.given_up.is_set()
    # What the kernel takes before it hears that nobody reads.
    assert host.sent < 20_000_000


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"HTTP/1.1 2", b"0"),
        (b"HTTP/1.1 200 OK\r\nServer: ", b"x"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status line", "header", "provisional replies"],
)
def test_a_head_that_comes_byte_by_byte_has_no_more_time_than_one_at_once(way: str, begin: bytes, more: bytes) -> None:
    host = Endless(begin, more, 0.05)
    began = time.monotonic()
    with endless(host) as address:
        with pytest.raises(ReplyTimeout):
            ask(transport(way, address))
        taken = time.monotonic() - began
    assert taken < PATIENCE / 2


@pytest.mark.parametrize("make", [winrm, psrp])
@pytest.mark.parametrize("body", [b"", b"1;", b"0\r\nX: "], ids=["size of a chunk", "chunk's extension", "trailer"])
def test_what_belongs_to_no_body_has_no_more_time_either(make: Any, body: bytes) -> None:
    host = Endless(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n" + body, b"0", 0.05)
    setting = {"message_encryption": "never"} if make is winrm else {"encryption": "never"}
    began = time.monotonic()
    with endless(host) as address:
        with pytest.raises(ReplyTimeout):
            ask(make(address, auth="basic", **setting))
        taken = time.monotonic() - began
    assert taken < PATIENCE / 2


@pytest.mark.parametrize("way", WAYS)
def test_all_requests_of_a_login_share_the_time_of_its_message(way: str, pool: Any) -> None:
    def late(_request: Heard, answer: Answer) -> Answer:
        threading.Event().wait(SECONDS * 0.7)
        return answer

    answers: Callable[[Heard, Any], Answer] = gateway(pool.hosts["desk-01"], late)
    with listening(answers) as listener:
        began = time.monotonic()
        with pytest.raises(ReplyTimeout):
            ask(transport(way, listener.address))
        assert time.monotonic() - began < SECONDS * 1.3
