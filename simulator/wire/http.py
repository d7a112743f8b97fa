# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 over asyncio: one small protocol object per connection, parsed by httptools.

A login belongs to its connection (NTLM over HTTP), so the connection is handed to the handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httptools

MAX_BODY = 2 * 1024 * 1024
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "",
    404: "Not Found",
    413: "Request Entity Too Large",
    500: "",
}


@dataclass
class HttpRequest:
    """One request, its header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    chunked: bool = False


@dataclass
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

    Attributes:
        context: What the authentication keeps for this connection.
        secure: Whether TLS is underneath.
    """

    def __init__(self, handler: Handler, *, secure: bool, known: set[Connection]) -> None:
        self._handler = handler
        self.secure = secure
        self.context: Any = None
        self._known = known
        self._transport: asyncio.Transport | None = None
        self._queue: asyncio.Queue[HttpRequest] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._reset()

    def _reset(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._start_message()

    def _start_message(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._known.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        self._known.discard(self)
        if self._worker is not None:
            self._worker.cancel()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if len(self._body) <= MAX_BODY:
            self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        request = HttpRequest(
            self._parser.get_method().decode(),
            self._path.decode("latin-1"),
            self._headers,
            bytes(self._body),
            "chunked" in self._headers.get("transfer-encoding", ""),
        )
        self._start_message()
        self._queue.put_nowait(request)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._transport is not None and not self._transport.is_closing():
            request = await self._queue.get()
            try:
                response = await self._handler(request, self)
            except Drop:
                self.close()
                return
            self._transport.write(response.encoded())

    def close(self) -> None:
        """Break the connection off, as a lost network does."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def peer(self) -> str:
        """The client's address, for logs."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else "?"
