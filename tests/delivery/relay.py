# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A relay in front of a server, which cuts a connection where a test wants it cut; it sees bytes, so TLS stays."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

PIECE = 65536
"""Bytes passed on at once."""


@dataclass(frozen=True)
class Cut:
    """Where a connection ends.

    Attributes:
        sent: After so many bytes from the client; they are passed on, and later ones are not.
        answered: Or after so many bytes from the server.
        unheard: Or with the first answer after so many bytes from the client; all of those are passed on.
    """

    sent: int | None = None
    answered: int | None = None
    unheard: int | None = None


class Relay:
    """Passes connections on to a server of this machine.

    Args:
        port: Of the server.
        cuts: By the number of the connection, counted from 1.

    Attributes:
        port: Where it listens.
        connections: How many there were.
    """

    def __init__(self, port: int, cuts: dict[int, Cut] | None = None) -> None:
        self._target = port
        self._cuts = cuts or {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            cut = self._cuts.get(self.connections, Cut())
            server = socket.create_connection(("127.0.0.1", self._target))
            passing = _Passing(client, server, cut)
            for work in (passing.forth, passing.back):
                thread = threading.Thread(target=work, daemon=True)
                self._threads.append(thread)
                thread.start()


class _Passing:
    """One connection, a thread for each direction."""

    def __init__(self, client: socket.socket, server: socket.socket, cut: Cut) -> None:
        self._client = client
        self._server = server
        self._cut = cut
        self._sent = 0

    def forth(self) -> None:
        """From the client to the server."""
        left = self._cut.sent
        with suppress(OSError):
            while data := self._client.recv(PIECE if left is None else min(PIECE, left)):
                self._sent += len(data)
                self._server.sendall(data)
                left = None if left is None else left - len(data)
        self._end()

    def back(self) -> None:
        """From the server to the client."""
        left = self._cut.answered
        with suppress(OSError):
            while data := self._server.recv(PIECE if left is None else min(PIECE, left)):
                if self._cut.unheard is not None and self._sent >= self._cut.unheard:
                    break
                self._client.sendall(data)
                left = None if left is None else left - len(data)
        self._end()
        self._client.close()
        self._server.close()

    def _end(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
