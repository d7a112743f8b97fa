# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP: the host's connection table, and real listeners for programs that open ports."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# MIB_TCP_STATE and MSFT_NetTCPConnection.State share these numbers
# (learn.microsoft.com tcpmib.h MIB_TCP_STATE).
LISTEN, ESTABLISHED, CLOSE_WAIT = 2, 5, 8
# Dynamic ports since Windows Vista: learn.microsoft.com "default dynamic port range", KB 929851.
FIRST_DYNAMIC_PORT, LAST_DYNAMIC_PORT = 49152, 65535
_SPARE = 8  # ports left above one that is handed out, for its neighbours of the same program

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True, eq=False)
class Row:
    """One line of the table. A listener's remote side is `0.0.0.0` or `::` with port 0; `created` is host time."""

    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    state: int
    pid: int
    created: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """For tests."""
        return {
            "address": self.local_address,
            "port": self.local_port,
            "remote": f"{self.remote_address}:{self.remote_port}",
            "state": self.state,
            "pid": self.pid,
        }

    @property
    def is_v6(self) -> bool:
        """Whether this is a row of the IPv6 table."""
        return ":" in self.local_address


def listener(address: str, port: int, pid: int) -> Row:
    """A row for a listener."""
    return Row(address, port, "::" if ":" in address else "0.0.0.0", 0, LISTEN, pid)


class Network:
    """The TCP table of a host at `address`."""

    def __init__(self, address: str, seed: str, now: Callable[[], datetime]) -> None:
        self.address = address
        self._now = now
        self._random = random.Random("port" + seed)
        self._rows: list[Row] = []
        self._open: dict[int, set[asyncio.StreamWriter]] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows))

    def add(self, row: Row) -> Row:
        """Show a row."""
        row.created = row.created or self._now()
        self._rows.append(row)
        return row

    def remove(self, row: Row) -> None:
        """Stop showing a row."""
        with contextlib.suppress(ValueError):
            self._rows.remove(row)

    def release(self, pid: int) -> None:
        """Drop every row and connection of a process that ended."""
        for writer in self._open.pop(pid, ()):
            writer.close()
        self._rows = [row for row in self._rows if row.pid != pid]

    def of(self, pid: int) -> list[Row]:
        """The rows of one process."""
        return [row for row in self._rows if row.pid == pid]

    def dynamic_port(self) -> int:
        """A dynamic port number that no row uses."""
        used = {row.local_port for row in self._rows}
        while True:
            port = self._random.randint(FIRST_DYNAMIC_PORT, LAST_DYNAMIC_PORT - _SPARE)
            if used.isdisjoint(range(port, port + _SPARE)):
                return port

    async def listen(self, pid: int, handler: Handler) -> tuple[asyncio.Server, int]:
        """Open a real listener on the host's address and show it, with its connections.

        Returns:
            The asyncio server (close it when the process ends) and its port.
        """
        while True:
            port = self.dynamic_port()
            opened = _try_bind(self.address, port)
            if opened is not None:
                break

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = writer.get_extra_info("peername") or ("127.0.0.1", 0)
            row = self.add(Row(self.address, port, peer[0], peer[1], ESTABLISHED, pid))
            self._open.setdefault(pid, set()).add(writer)
            try:
                await handler(reader, writer)
            finally:
                self.remove(row)
                self._open.get(pid, set()).discard(writer)
                writer.close()

        server = await asyncio.start_server(accept, sock=opened)
        self.add(listener(self.address, port, pid))
        return server, port


def _try_bind(address: str, port: int) -> socket.socket | None:
    """A bound socket, or None when some other program of this machine has the port."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
    except OSError:
        opened.close()
        return None
    opened.setblocking(False)
    return opened
