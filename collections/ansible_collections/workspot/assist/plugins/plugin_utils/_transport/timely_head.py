# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies whose head has to be there in time.

Python's HTTP client reads status line and headers by itself, and its read timeout starts anew with every byte: a host
that sends one now and then would never be given up. What comes after the head is for `limits`.
"""

from __future__ import annotations

import functools
import http.client
import socket
import time
from collections.abc import Callable
from typing import Any


class _TimelyHead(http.client.HTTPResponse):
    """A reply whose status line and headers arrive within the socket's timeout, all of them together."""

    _raw: Any = None

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        raw: Any = getattr(self.fp, "raw", None)
        self._socket, self._seconds = sock, sock.gettimeout()
        # Another kind is that of TLS within a proxy's TLS.
        if self._seconds and isinstance(raw, socket.SocketIO):
            self._raw = raw
            self._raw.readinto = _in_time(sock, self._raw.readinto, self._seconds)

    def begin(self) -> None:
        """Read the head; what follows has the whole timeout again."""
        try:
            super().begin()
        finally:
            if self._raw is not None:
                del self._raw.readinto
                self._raw = None
                self._socket.settimeout(self._seconds)


def read_heads_in_time(pool: Any) -> None:
    """Have all connections that a pool of urllib3 makes from now on limit the heads of replies."""
    make = pool.ConnectionCls
    if not (isinstance(make, functools.partial) and make.func is _made):
        pool.ConnectionCls = functools.partial(_made, make)


def _made(make: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    connection = make(*arguments, **options)
    connection.response_class = _TimelyHead
    return connection


def _in_time(sock: socket.socket, read: Callable[[Any], int | None], seconds: float) -> Callable[[Any], int | None]:
    until = time.monotonic() + seconds

    def readinto(buffer: Any) -> int | None:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the head of the reply did not end in time")
        sock.settimeout(left)
        return read(buffer)

    return readinto
