# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 as it comes: in pieces, one request after the other, broken off (RFC 9112)."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.wire_rig import PLAIN, SOAP_TYPE, WMI, T, envelope
from tests.support.pools import SERVICE_PASSWORD

LOGIN = base64.b64encode(f"svc-ansible:{SERVICE_PASSWORD}".encode()).decode()
BODY = envelope(f"{T}/Get", f"{WMI}root/cimv2/Win32_ComputerSystem", selectors={"Name": "DESK-01"})


def request(body: bytes = BODY, *more: str, length: int | None = None) -> bytes:
    lines = [
        "POST /wsman HTTP/1.1", "Host: desk-01", f"Authorization: Basic {LOGIN}", f"Content-Type: {SOAP_TYPE}",
        f"Content-Length: {len(body) if length is None else length}", *more,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def pool(make_pool: Callable[..., Any]) -> Iterator[Any]:
    made = make_pool(PLAIN)
    yield made
    assert made.errors == []


@pytest.fixture
def line(pool: Any) -> Iterator[socket.socket]:
    with socket.create_connection((pool.hosts["desk-01"].address, 5985), timeout=10) as made:
        yield made


def replies(line: socket.socket, number: int) -> list[tuple[bytes, bytes]]:
    """Heads and bodies of this many replies."""
    found = []
    with line.makefile("rb") as stream:
        for _ in range(number):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                piece = stream.readline()
                assert piece, head
                head += piece
            (length,) = [
                int(item.split(b":")[1]) for item in head.split(b"\r\n") if item.lower().startswith(b"content-length:")
            ]
            found.append((head, stream.read(length)))
    return found


def ended(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def test_a_reply(line: socket.socket) -> None:
    line.sendall(request())
    ((head, body),) = replies(line, 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\n")
    assert b"DESK-01" in body


def test_a_request_byte_by_byte(line: socket.socket) -> None:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for value in request():
        line.sendall(bytes([value]))
    assert b" 200 " in replies(line, 1)[0][0]


def test_requests_that_do_not_wait_are_answered_in_order(line: socket.socket) -> None:
    line.sendall(request() + request(b"no soap") + request())
    assert [head.split()[1] for head, _ in replies(line, 3)] == [b"200", b"500", b"200"]


def test_a_client_that_asks_first(line: socket.socket) -> None:
    head, _, body = request(BODY, "Expect: 100-continue").partition(b"\r\n\r\n")
    line.sendall(head + b"\r\n\r\n")
    assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(body)
    assert b" 200 " in replies(line, 1)[0][0]


def test_a_connection_that_is_to_be_closed(line: socket.socket) -> None:
    line.sendall(request(BODY, "Connection: close"))
    assert b" 200 " in replies(line, 1)[0][0]
    assert ended(line)


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"\0" * 100])
def test_what_is_no_http(line: socket.socket, pool: Any, noise: bytes) -> None:
    line.sendall(noise)
    assert ended(line)
    assert pool.hosts["desk-01"].counters["requests"] == 0


def test_half_a_request_is_none(line: socket.socket, pool: Any) -> None:
    line.sendall(request()[:-10])
    line.close()
    with socket.create_connection((pool.hosts["desk-01"].address, 5985), timeout=10) as other:
        other.sendall(request())
        replies(other, 1)
    assert pool.hosts["desk-01"].counters["requests"] == 1


def test_a_client_that_does_not_wait_for_its_answer(pool: Any) -> None:
    host = pool.hosts["desk-01"]
    host.faults.set("slow_reply", 0.1)
    with socket.create_connection((host.address, 5985), timeout=10) as line:
        line.sendall(request())
    host.faults.set("slow_reply", 0)
    with socket.create_connection((host.address, 5985), timeout=10) as line:
        line.sendall(request())
        assert b" 200 " in replies(line, 1)[0][0]


def test_many_connections_at_once(pool: Any) -> None:
    address = (pool.hosts["desk-01"].address, 5985)
    lines = [socket.create_connection(address, timeout=10) for _ in range(100)]
    for line in lines:
        line.sendall(request())
    assert {replies(line, 1)[0][0].split()[1] for line in lines} == {b"200"}
    for line in lines:
        line.close()
