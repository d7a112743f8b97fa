# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins: Basic, and Negotiate with NTLM and message encryption (MS-WSMV 2.2.9.1, RFC 4559).

The server side of NTLM is pyspnego's. It reads credentials from the file that NTLM_USER_FILE names, so that
variable is set for each step and taken away again, under a lock: nothing else of the process gets to see it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spnego
from spnego._ntlm_raw.crypto import ntowfv1
from spnego.channel_bindings import GssChannelBindings

from ..seam import Host
from ..windows.accounts import Account
from .http import Connection, HttpRequest, HttpResponse

ENCRYPTED = "application/HTTP-SPNEGO-session-encrypted"
_BOUNDARY = b"--Encrypted Boundary"
_EMPTY_LM = "00" * 16
_lock = threading.Lock()


class Refused(Exception):
    """The request is answered by this response instead of being carried out."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Login:
    """The state of one connection's login."""

    def __init__(self) -> None:
        self.context: Any = None
        self.account: Account | None = None
        self.last_token: str = ""

    def take_token(self) -> list[tuple[str, str]]:
        """The header with SPNEGO's closing token (mechListMIC, RFC 4178 5); sent once, with the first answer."""
        token, self.last_token = self.last_token, ""
        return [("WWW-Authenticate", token)] if token else []


class Authenticator:
    """Checks logins to one host."""

    def __init__(self, host: Host, folder: Path) -> None:
        self._host = host
        self._folder = folder
        self._store: Path | None = None

    def close(self) -> None:
        """Remove the credential file."""
        if self._store is not None:
            self._store.unlink(missing_ok=True)

    def authenticate(self, request: HttpRequest, connection: Connection) -> Account:
        """The account behind a request.

        Raises:
            Refused: With the 401 or the challenge to answer.
        """
        login = connection.context
        if not isinstance(login, Login):
            login = connection.context = Login()
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return self._basic(value, connection)
        if scheme.lower() in ("negotiate", "ntlm"):
            account = self._negotiate(scheme, value, login, connection)
            self._take_with_message(request)
            return account
        if login.account is not None:
            return login.account
        raise Refused(self._unauthorized(connection))

    def _take_with_message(self, request: HttpRequest) -> None:
        """MS-WSMV 2.2.9.1.1.1 has the login's last token in an encrypted request; unverified: that every host does."""
        if self._host.quirks["login_with_message"] == "bad_request" and is_sealed(request):
            raise Refused(HttpResponse(400, headers=[("Connection", "close")]))

    def _unauthorized(self, connection: Connection) -> HttpResponse:
        headers = [("WWW-Authenticate", "Negotiate")]
        if self._basic_allowed(connection):
            headers.append(("WWW-Authenticate", 'Basic realm="WSMAN"'))
        return HttpResponse(401, headers=headers)

    def _basic_allowed(self, connection: Connection) -> bool:
        """Basic has to be allowed in the service, and over HTTP AllowUnencrypted too (winrm/config)."""
        quirks = self._host.quirks
        return not quirks["basic_disabled"] and (connection.secure or bool(quirks["allow_unencrypted"]))

    def _basic(self, value: str, connection: Connection) -> Account:
        if not self._basic_allowed(connection):
            raise Refused(self._unauthorized(connection))
        try:
            name, _, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(self._unauthorized(connection)) from None
        account = self._host.accounts.find(name)
        if account is None or account.password is None or account.password != password:
            raise Refused(self._unauthorized(connection))
        return self._admitted(account, self._unauthorized(connection))

    def _negotiate(self, scheme: str, value: str, login: Login, connection: Connection) -> Account:
        refusal = HttpResponse(401, headers=[("WWW-Authenticate", "Negotiate")])
        try:
            token = base64.b64decode(value, validate=True)
            with _credential_store(self._credentials()):
                if login.context is None or login.context.complete:
                    login.context = self._new_context(token, connection)
                    login.account = None
                answer = login.context.step(token)
        except (ValueError, LookupError, TypeError, AttributeError, struct.error, spnego.exceptions.SpnegoError):
            # Wrong password, unknown user, wrong binding, no token at all: Windows says no more than 401.
            login.context = login.account = None
            raise Refused(refusal) from None
        if not login.context.complete:
            encoded = base64.b64encode(answer or b"").decode()
            raise Refused(HttpResponse(401, headers=[("WWW-Authenticate", f"{scheme} {encoded}")]))
        account = self._host.accounts.find(login.context.client_principal or "")
        if account is None:
            raise Refused(refusal)
        login.account = self._admitted(account, refusal)
        if answer:
            login.last_token = f"{scheme} {base64.b64encode(answer).decode()}"
        return login.account

    def _new_context(self, token: bytes, connection: Connection) -> Any:
        """The acceptor; CbtHardeningLevel=Strict makes it insist on the right channel binding (RFC 5929 4)."""
        bindings = None
        if connection.secure and self._host.quirks["channel_binding"] == "strict":
            bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + connection.certificate_digest)
        plain = token.startswith(b"NTLMSSP\0")
        # pyspnego's own implementation, also where a GSSAPI library is installed.
        own = spnego.NegotiateOptions.use_negotiate | spnego.NegotiateOptions.use_ntlm
        return spnego.server(protocol="ntlm" if plain else "negotiate", channel_bindings=bindings, options=own)

    def _admitted(self, account: Account, refusal: HttpResponse) -> Account:
        if self._host.faults.refuse_login:
            raise Refused(refusal)
        return account

    def _credentials(self) -> Path:
        """The host's accounts in smbpasswd format: hashes, so that no step has to make them."""
        if self._store is None:
            lines = [
                line
                for account in self._host.accounts
                if account.password is not None
                for line in _smbpasswd_lines(account.qualified, account.name, account.upn, account.password)
            ]
            descriptor, name = tempfile.mkstemp(prefix="ntlm-", dir=self._folder)
            os.write(descriptor, "\n".join(lines).encode())
            os.close(descriptor)
            self._store = Path(name)
        return self._store


@functools.cache
def _smbpasswd_lines(qualified: str, name: str, upn: str | None, password: str) -> tuple[str, ...]:
    """An account under each of its names; the hosts of a domain share them."""
    names = {qualified, name} | ({upn} if upn else set())
    return tuple(f"{item}:1000:{_EMPTY_LM}:{_nt_hash(password)}:[U]:LCT-0" for item in sorted(names))


@functools.cache
def _nt_hash(password: str) -> str:
    """MD4 in Python is slow, and many hosts share their accounts."""
    return ntowfv1(password).hex().upper()


@contextlib.contextmanager
def _credential_store(path: Path) -> Iterator[None]:
    with _lock:
        before = os.environ.get("NTLM_USER_FILE")
        os.environ["NTLM_USER_FILE"] = str(path)
        try:
            yield
        finally:
            if before is None:
                del os.environ["NTLM_USER_FILE"]
            else:
                os.environ["NTLM_USER_FILE"] = before


def is_sealed(request: HttpRequest) -> bool:
    """Whether a request says that its body is encrypted (MS-WSMV 2.2.9.1.1.1)."""
    return request.headers.get("content-type", "").startswith("multipart/encrypted")


def decrypted(request: HttpRequest, connection: Connection) -> bytes:
    """The SOAP envelope of a request, taken out of its multipart/encrypted body when there is one.

    Raises:
        Refused: An encrypted body without a login, or one that is malformed: an empty 400.
    """
    if not is_sealed(request):
        return request.body
    login = connection.context
    try:
        parts = request.body.split(_BOUNDARY)
        length = int(parts[1].split(b"Length=")[1].split()[0])
        payload = parts[2].split(b"application/octet-stream\r\n", 1)[1]
        # Only the last delimiter ends the part: sealed bytes may hold anything.
        rest = _BOUNDARY.join([payload, *parts[3:-1]])
        (size,) = struct.unpack("<i", rest[:4])
        header, data = rest[4 : 4 + size], rest[4 + size :]
        plain = bytes(login.context.unwrap_winrm(header, data))
    except (IndexError, ValueError, AttributeError, struct.error, spnego.exceptions.SpnegoError):
        raise Refused(HttpResponse(400)) from None
    if len(plain) != length:
        raise Refused(HttpResponse(400))
    return plain


def encrypted(body: bytes, connection: Connection) -> HttpResponse:
    """A response body sealed for the connection's login; the caller sets the status."""
    header, data, _ = connection.context.context.wrap_winrm(body)
    sealed = b"".join(
        [
            _BOUNDARY,
            f"\r\n\tContent-Type: {ENCRYPTED}\r\n".encode(),
            f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(body)}\r\n".encode(),
            _BOUNDARY,
            b"\r\n\tContent-Type: application/octet-stream\r\n",
            struct.pack("<i", len(header)),
            header,
            data,
            _BOUNDARY,
            b"--\r\n",
        ]
    )
    content_type = f'multipart/encrypted;protocol="{ENCRYPTED}";boundary="Encrypted Boundary"'
    return HttpResponse(200, sealed, content_type)
