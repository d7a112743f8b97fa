# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A relay in front of a server, which cuts a connection where a test wants it cut; it sees bytes, so TLS stays."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """Where a connection ends.

    Attributes:
        sent: After so many bytes from the client; they are passed on, and later ones are not.
        answered: Or after so many bytes from the server.
    """

    sent: int | None = None
    answered: int | None = None


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
            for source, target, limit in ((client, server, cut.sent), (server, client, cut.answered)):
                thread = threading.Thread(target=_pass_on, args=(source, target, limit), daemon=True)
                self._threads.append(thread)
                thread.start()


def _pass_on(source: socket.socket, target: socket.socket, limit: int | None) -> None:
    left = limit
    with suppress(OSError):
        while left is None or left > 0:
            data = source.recv(65536 if left is None else min(65536, left))
            if not data:
                break
            target.sendall(data)
            left = None if left is None else left - len(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        # The other direction may still read from it: the last one out closes.
        if limit is None:
            end.close()
