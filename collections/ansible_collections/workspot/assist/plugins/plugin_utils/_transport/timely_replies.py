# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies that have to be there in time, each byte of them.

Python's HTTP client and urllib3 read status line, headers, sizes of chunks and trailers by themselves, and the read
timeout starts anew with every byte: a host that sends one now and then would never be given up. `limits` sees only what
they hand on.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import time
from collections.abc import Callable
from typing import Any


class _TimelyReply(http.client.HTTPResponse):
    """A reply whose head arrives within the socket's timeout, and what follows within as long again."""

    _seconds: float | None = None

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        raw: Any = getattr(self.fp, "raw", None)
        # Another kind is that of TLS within a proxy's TLS.
        if sock.gettimeout() and isinstance(raw, socket.SocketIO):
            self._socket, self._seconds = sock, float(sock.gettimeout() or 0)
            self._start_anew()
            read = raw.readinto

            def readinto(buffer: Any) -> int | None:
                left = self._until - time.monotonic()
                if left <= 0:
                    raise TimeoutError("the reply did not end in time")
                sock.settimeout(left)
                return read(buffer)

            reader: Any = raw
            reader.readinto = readinto

    def begin(self) -> None:
        """Read the head; what follows has the whole timeout again."""
        super().begin()
        self._start_anew()

    def _start_anew(self) -> None:
        self._until = time.monotonic() + (self._seconds or 0)

    def _close_conn(self) -> None:
        super()._close_conn()  # type: ignore[misc]
        if self._seconds:
            # The next request is sent over the same socket. It may be closed.
            with contextlib.suppress(OSError):
                self._socket.settimeout(self._seconds)


def read_in_time(pool: Any) -> None:
    """Have all connections that a pool of urllib3 makes from now on limit the time of replies."""
    make = pool.ConnectionCls
    if not (isinstance(make, functools.partial) and make.func is _made):
        pool.ConnectionCls = functools.partial(_made, make)


def _made(make: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    connection = make(*arguments, **options)
    connection.response_class = _TimelyReply
    return connection
