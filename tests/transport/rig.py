# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transports of both libraries, and listeners on loopback that hear what they send and answer as a test says."""

from __future__ import annotations

import base64
import http.client
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._transport.psrp import PsrpTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.winrm import WinrmTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from pypsrp.wsman import WSMan
from winrm.protocol import Protocol

from tests.support.pools import SERVICE_PASSWORD

Transport = WinrmTransport | PsrpTransport
USER = "CORP\\svc-ansible"
LAST_TOKEN = b"NTLMSSP\0\x03\0\0\0"
"""How NTLM's third message begins (MS-NLMP 2.2.1.3): each is one attempt at a password."""
WAYS = ("winrm-ntlm", "psrp-ntlm", "psrp-negotiate")
"""Logins by Negotiate over HTTP."""
LOGIN_ONLY = {"winrm-ntlm": 1, "psrp-ntlm": 1, "psrp-negotiate": 2}
"""Requests that carry no message."""
_SECONDS = 10.0


def winrm(address: str, *, secure: bool = False, auth: str = "ntlm", **changes: Any) -> WinrmTransport:
    """A transport of pywinrm to ``host:port``."""
    settings = {"username": USER, "password": SERVICE_PASSWORD, "proxy": None, "ca_trust_path": None, **changes}
    made = Protocol(endpoint=f"{'https' if secure else 'http'}://{address}/wsman", transport=auth, **settings)
    return WinrmTransport(made.transport, host="desk-01", connect_timeout=5.0)


def psrp(address: str, *, secure: bool = False, auth: str = "ntlm", **changes: Any) -> PsrpTransport:
    """A transport of pypsrp to ``host:port``."""
    settings = {"username": USER, "password": SERVICE_PASSWORD, "no_proxy": True, **changes}
    name, _, port = address.partition(":")
    made = WSMan(name, port=int(port), ssl=secure, auth=auth, **settings)
    return PsrpTransport(made.transport, host="desk-01", connect_timeout=5.0)


def transport(way: str, address: str, **changes: Any) -> Transport:
    """A transport by the name of its way (`WAYS`)."""
    plugin, _, auth = way.partition("-")
    made: Transport = {"winrm": winrm, "psrp": psrp}[plugin](address, auth=auth, **changes)
    return made


def asked(transport: Transport) -> str:
    """One message: a question to which the host answers with its version."""
    client = WsmanClient(transport, host="desk-01", operation_timeout=_SECONDS)
    (system,) = client.enumerate("root/cimv2", "SELECT Version FROM Win32_OperatingSystem")
    return str(system.text("Version"))


@dataclass(frozen=True)
class Heard:
    """One HTTP request."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def token(self) -> bytes:
        """The login's token; empty where there is none."""
        return base64.b64decode(self.headers.get("authorization", "").partition(" ")[2])

    @property
    def is_attempt(self) -> bool:
        """Whether a password is tried with it."""
        return LAST_TOKEN in self.token


@dataclass
class Answer:
    """One HTTP reply, and whether the connection ends with it (which nobody is told)."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    hang_up: bool = False


class Listener:
    """What listens on loopback, and hears.

    Attributes:
        address: ``host:port``.
        heard: All requests.
        ended: Set when a connection has been hung up.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[Heard] = []
        self.ended = threading.Event()

    @property
    def attempts(self) -> int:
        """Passwords tried."""
        return sum(item.is_attempt for item in self.heard)


Answers = Callable[[Heard, Any], Answer]
"""Answers a request; the second argument is the connection's own handler, for what belongs to a connection."""


@contextmanager
def listening(answer: Answers) -> Iterator[Listener]:
    """A listener for as long as the block lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = Heard({name.lower(): value for name, value in self.headers.items()}, body)
            listener.heard.append(request)
            reply = answer(request, self)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = reply.hang_up

        do_GET = do_POST

        def finish(self) -> None:
            super().finish()
            backend = getattr(self, "backend", None)
            if backend is not None:
                backend.close()

        def log_message(self, *_arguments: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            listener.ended.set()

    server = Server(("127.0.0.1", 0), Handler)
    listener = Listener(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gateway(host: Any, change: Callable[[Heard, Answer], Answer] = lambda _request, answer: answer) -> Answers:
    """Answers as a simulated host does, each connection being one to the host; a test may change the answers."""

    def answer(request: Heard, handler: Any) -> Answer:
        if not hasattr(handler, "backend"):
            handler.backend = http.client.HTTPConnection(host.address, 5985, timeout=_SECONDS)
        handler.backend.request("POST", "/wsman", request.body, dict(request.headers))
        reply = handler.backend.getresponse()
        kept = [item for item in reply.getheaders() if item[0].lower() not in ("content-length", "server")]
        return change(request, Answer(reply.status, kept, reply.read()))

    return answer
