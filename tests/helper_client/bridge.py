# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP listener that stands for the endpoint a waiting msra.exe opens, bridged to a desktop or a dead end."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from .ticket import Endpoint

CHUNK = 65536  # bytes read at once
CONNECT_DEADLINE = 5.0  # seconds to reach the desktop behind the bridge


@dataclass
class Caller:
    """Somebody who connected: from where, and the first bytes sent."""

    peer: str
    first_bytes: bytes = b""
    sockets: list[socket.socket] = field(default_factory=list, repr=False)


def is_rdp_request(data: bytes) -> bool:
    """Says whether bytes are an RDP client's opening: TPKT, X.224 request, negotiation request.

    MS-RDPBCGR 2.2.1.1: TPKT version 3 with the packet's length, code 0xE0 (connection request), and at
    the end an RDP_NEG_REQ: type 1, flags, length 8, protocols asked for.
    """
    if len(data) < 19 or data[:2] != b"\x03\x00" or int.from_bytes(data[2:4], "big") != len(data):
        return False
    negotiation = data[-8:]
    return data[5] == 0xE0 and negotiation[0] == 1 and negotiation[2:4] == b"\x08\x00"


class Bridge:
    """Listens on a loopback address; every caller is joined to `target`, or just kept when there is none."""

    def __init__(self, address: str, target: Endpoint | None) -> None:
        self.target = target
        self.callers: list[Caller] = []
        self._listener = socket.create_server((address, 0))
        self.endpoint: Endpoint = (address, self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Cuts every connection, as a novice's side does that refuses its helper."""
        for caller in list(self.callers):
            for end in list(caller.sockets):
                _hang_up(end)

    def close(self) -> None:
        """Stops listening and cuts every connection."""
        _hang_up(self._listener)  # wakes accept()
        self._listener.close()
        self.cut()
        self._thread.join(CONNECT_DEADLINE)

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            caller = Caller(peer[0], sockets=[connection])
            self.callers.append(caller)
            threading.Thread(target=self._serve, args=(caller, connection), daemon=True).start()

    def _serve(self, caller: Caller, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            caller.first_bytes = connection.recv(CHUNK)
            if self.target is None:
                while connection.recv(CHUNK):
                    pass
                return
            with socket.create_connection(self.target, CONNECT_DEADLINE) as desktop:
                desktop.settimeout(None)
                caller.sockets.append(desktop)
                desktop.sendall(caller.first_bytes)
                back = threading.Thread(target=_pump, args=(desktop, connection), daemon=True)
                back.start()
                _pump(connection, desktop)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    _hang_up(source)
    _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def bridge(target: Endpoint | None = None, *, address: str = "127.0.0.1") -> Iterator[Bridge]:
    """Opens an endpoint on a free port of `address`; without `target` it answers nobody."""
    opened = Bridge(address, target)
    try:
        yield opened
    finally:
        opened.close()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Endpoint) -> None:
    """Joins one accepted asyncio connection to `target` until either side ends: a listener's callback."""
    async with asyncio.timeout(CONNECT_DEADLINE):
        back_reader, back_writer = await asyncio.open_connection(*target)
    ways = [asyncio.create_task(_copy(reader, back_writer)), asyncio.create_task(_copy(back_reader, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, back_writer):
            end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
