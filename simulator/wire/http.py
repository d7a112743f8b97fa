# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 over asyncio: one small protocol object per connection, parsed by httptools.

A login belongs to its connection (NTLM over HTTP), so the connection is handed to the handler.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httptools

MAX_BODY = 2 * 1024 * 1024  # bytes that are kept of a body; more than any request that is not refused
_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
}


@dataclass(slots=True)
class HttpRequest:
    """One request, its header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    chunked: bool = False


@dataclass(slots=True)
class HttpResponse:
    """One response."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def encoded(self) -> bytes:
        """The bytes on the wire; WinRM's server says it is Microsoft-HTTPAPI/2.0."""
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, '')}", "Server: Microsoft-HTTPAPI/2.0"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.content_type:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body


class Drop(Exception):
    """Close the connection without an answer."""


Handler = Callable[[HttpRequest, "Connection"], Awaitable[HttpResponse]]


class Connection(asyncio.Protocol):
    """One client connection: requests are answered one after the other.

    Args:
        handler: Answers requests.
        secure: Whether TLS is underneath.
        known: The listener's open connections.
        idle: Gives the seconds after which a connection without requests is closed, 0 for never.
        certificate_digest: SHA-256 of the certificate under `secure`, for channel bindings.

    Attributes:
        context: What the authentication keeps for this connection.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        secure: bool,
        known: set[Connection],
        idle: Callable[[], float] | None = None,
        certificate_digest: bytes = b"",
    ) -> None:
        self._handler = handler
        self.secure = secure
        self.context: Any = None
        self._known = known
        self._idle = idle
        self.certificate_digest = certificate_digest
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[HttpRequest] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._known.add(self)
        self._start_timer()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        self._known.discard(self)
        self._stop_timer()
        if self._worker is not None:
            self._worker.cancel()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._stop_timer()
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()

    # Called by the parser -------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request starts."""
        self._path, self._headers, self._body = b"", {}, bytearray()

    def on_url(self, url: bytes) -> None:
        """A part of the path."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Clients that ask first are told to go on."""
        if self._headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if len(self._body) <= MAX_BODY:
            self._body += body

    def on_message_complete(self) -> None:
        """A request is complete."""
        request = HttpRequest(
            self._parser.get_method().decode("latin-1"),
            self._path.decode("latin-1"),
            self._headers,
            bytes(self._body),
            "chunked" in self._headers.get("transfer-encoding", ""),
        )
        self._waiting.append(request)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    # Answers --------------------------------------------------------------------------------------

    async def _work(self) -> None:
        """Answer what waits, then end: a worker lives for a burst of requests, not for the connection."""
        while self._waiting and self._transport is not None and not self._transport.is_closing():
            request = self._waiting.popleft()
            try:
                response = await self._handler(request, self)
            except Drop:
                self.close()
                break
            except OSError:
                self.close()
                break
            self._transport.write(response.encoded())
            if request.headers.get("connection", "").lower() == "close" or ("Connection", "close") in response.headers:
                self._transport.close()
        self._worker = None
        self._start_timer()

    def _start_timer(self) -> None:
        if self._idle is not None and (seconds := self._idle()) > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Break the connection off, as a lost network does."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.abort()
