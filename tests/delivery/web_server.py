# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WebDAV server (WsgiDAV on cheroot) with TLS, beside it a small object store, and a place to refuse things."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from wsgidav.wsgidav_app import WsgiDAVApp

USER = "helpdesk"
SIGNATURE = "a1f4c9e2b7d85036a1f4c9e2b7d85036"
_Start = Callable[..., Any]


@dataclass
class Refusals:
    """What the server does otherwise than it should.

    Attributes:
        status: Status of the answer to a method, such as ``{"PUT": "507 Insufficient Storage"}``.
        keep: Whether what is refused is kept all the same.
    """

    status: dict[str, str] = field(default_factory=dict)
    keep: bool = False


class WebServer:
    """A server with WebDAV below ``/dav/`` and objects with presigned addresses below ``/bucket/``.

    Args:
        folder: What WebDAV shows.
        certificate: Certificate chain, PEM.
        key: Its key, PEM.
        password: Of the account `USER`.
    """

    def __init__(self, folder: Path, certificate: Path, key: Path, password: str) -> None:
        self.files = folder
        (folder / "invitations").mkdir(parents=True)
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        self.refusals = Refusals()
        logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
        self._dav = WsgiDAVApp(_configuration(folder, password))
        self._server = wsgi.Server(("127.0.0.1", 0), self._serve, numthreads=4, shutdown_timeout=1)
        self._server.ssl_adapter = adapter = BuiltinSSLAdapter(str(certificate), str(key))
        # As in `Authority.context`: no tickets, so that what follows the handshake are answers.
        adapter.context.num_tickets = 0
        # What goes wrong on a connection that a test cuts is nobody's business.
        self._server.error_log = lambda *_arguments, **_options: None
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """The folder to deliver into."""
        return f"https://127.0.0.1:{self.port}/dav/invitations/"

    @property
    def presigned(self) -> str:
        """The address of an object, good for PUT alone."""
        return f"https://127.0.0.1:{self.port}/bucket/offer.msrcincident?X-Amz-Expires=600&X-Amz-Signature={SIGNATURE}"

    @property
    def delivered(self) -> dict[str, bytes]:
        """Everything that is there, by name."""
        return {path.name: path.read_bytes() for path in (self.files / "invitations").iterdir()}

    def reset(self) -> None:
        """Forget everything."""
        for path in (self.files / "invitations").iterdir():
            path.unlink()
        self.objects.clear()
        self.requests.clear()
        self.refusals = Refusals()

    def stop(self) -> None:
        """End it."""
        self._server.stop()
        self._thread.join(5)

    def _serve(self, environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path))
        refusal = self.refusals.status.get(method)
        if refusal and not self.refusals.keep:
            environ["wsgi.input"].read()
            return _answer(start, refusal)
        if path.startswith("/bucket/"):
            return _answer(start, refusal or self._store(method, path, environ))
        if refusal:
            list(self._dav(environ, lambda *_arguments, **_options: lambda _data: None))
            return _answer(start, refusal)
        found: Iterable[bytes] = self._dav(environ, start)
        return found

    def _store(self, method: str, path: str, environ: dict[str, Any]) -> str:
        """An object store looks at the signature first, which is for one method, and at nothing else."""
        given = parse_qs(environ["QUERY_STRING"]).get("X-Amz-Signature")
        body = environ["wsgi.input"].read()
        if method != "PUT" or given != [SIGNATURE] or "HTTP_AUTHORIZATION" in environ:
            return "403 Forbidden"
        self.objects[path.rpartition("/")[2]] = body
        return "200 OK"


def _answer(start: _Start, status: str) -> list[bytes]:
    start(status, [("Content-Length", "0")])
    return [b""]


def _configuration(folder: Path, password: str) -> dict[str, Any]:
    return {
        "provider_mapping": {"/dav": str(folder)},
        "http_authenticator": {
            "domain_controller": None,
            "accept_basic": True,
            "accept_digest": False,
            "default_to_digest": False,
        },
        "simple_dc": {"user_mapping": {"*": {USER: {"password": password}}}},
        "verbose": 0,
        "logging": {"enable": False},
        "property_manager": True,
        "lock_storage": True,
        "dir_browser": {"enable": False},
    }
