# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Negotiate over HTTP in as few requests as Windows' own client needs.

The connection libraries ask without a login first, are refused, send NTLM's first token, are challenged, and send its
last token with an empty request: three exchanges before the first message. Windows' own WinRM client begins with the
first token and sends the last one together with the first encrypted message: one exchange more than the messages.
MS-WSMV 2.2.9.1.1.1 has the Authorization field in the encrypted request, and a capture of that client is in the notes
of the Open Windows Event Collector (its WS-MAN protocol page, "Source Initiated Event Forwarding").

The libraries' own login code stays in charge: the two replies that say nothing new are made up here instead of fetched.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from .mapping import HttpStatus

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from requests.adapters import BaseAdapter
else:
    # See `limits`: requests comes with pywinrm and pypsrp alone.
    BaseAdapter = object

_LOGINS = frozenset({"HttpNtlmAuth", "HTTPNegotiateAuth"})
"""Classes of requests-ntlm (pywinrm) and pypsrp: both answer a 401 that offers Negotiate."""
_TOKEN = re.compile(r"\bNegotiate\s+[A-Za-z0-9+/]", re.IGNORECASE)
_LAST_NTLM_TOKEN = b"NTLMSSP\0\x03\0\0\0"  # MS-NLMP 2.2.1.3: AUTHENTICATE_MESSAGE, not wrapped in SPNEGO
_OK, _BAD_REQUEST, _UNAUTHORIZED = 200, 400, 401


class SeparateLoginNeeded(Exception):
    """The host does not take a login that is begun like this. It has not carried out any message."""


class LoginLost(Exception):
    """The connection is a new one that nobody has logged in on. The host has not carried the message out."""


class NegotiateLogin(BaseAdapter):
    """An adapter for one session and one host, which makes up what need not be asked.

    Args:
        inner: The session's own adapter.
        auth: The session's login.
        with_message: Whether the login's last token goes with the first message. If not, all of the login is left to
            the library.

    Attributes:
        taken: Whether the host has taken a message together with the login.
    """

    def __init__(self, inner: BaseAdapter, auth: Any, *, with_message: bool) -> None:
        super().__init__()
        self._inner = inner
        self._auth = auth
        self._next = self._offer if with_message else self._librarys_own
        self._token: Any = None
        self.taken = False

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        """Send a request, or answer it from here."""
        return self._next(request, options)

    def close(self) -> None:
        """Close the adapter underneath."""
        self._inner.close()

    def _offer(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """Without a login nearly every WinRM listener says the same (MS-WSMV 2.1, RFC 4559 4.1)."""
        self._next = self._challenge
        # Nothing to bind to without TLS, and the made-up reply has no connection to look at.
        self._auth.send_cbt = False
        return _made_up(request, _UNAUTHORIZED, {"WWW-Authenticate": "Negotiate"})

    def _challenge(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """The first token, and the host's challenge."""
        self._next = self._finish
        response = self._inner.send(request, **options)
        header = response.headers.get("www-authenticate", "")
        if _TOKEN.search(header):
            return response
        if response.status_code == _UNAUTHORIZED and header:
            # It offers something else than Negotiate, such as Kerberos alone.
            response.close()
            raise SeparateLoginNeeded
        # A web server that is no WinRM listener, or knows no login; the login code would stumble over it. What else it
        # says answers no message, and may have no end.
        response.close()
        raise HttpStatus(response.status_code, "")

    def _finish(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """The last token: kept for the first message, if that is still to come."""
        self._next = self._message
        if request.body or not _is_last_of_ntlm(request):
            return self._inner.send(request, **options)
        self._token = request.headers["Authorization"]
        self._next = self._first_message
        return _made_up(request, _OK, {})

    def _first_message(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """The first message, with the last token."""
        self._next = self._message
        request.headers["Authorization"] = self._token
        self._token = None
        response = self._inner.send(request, **options)
        if response.status_code == _BAD_REQUEST:
            response.close()
            raise SeparateLoginNeeded
        if response.status_code == _UNAUTHORIZED:
            response.close()
            # The login code must not hear of it: pypsrp's tries again, and twice as often locks an account out sooner.
            raise HttpStatus(_UNAUTHORIZED, "")
        self.taken = True
        return response

    def _message(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """A message after the login, or a further token of it."""
        response = self._inner.send(request, **options)
        if response.status_code == _UNAUTHORIZED and "Authorization" not in request.headers:
            # What is encrypted for one login can not be sent again with the next one, as the login code would.
            response.close()
            raise LoginLost
        return response

    def _librarys_own(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        response = self._inner.send(request, **options)
        if response.status_code != _UNAUTHORIZED:
            self._next = self._message
        return response


def log_in_unasked(session: Session, adapter: BaseAdapter, *, with_message: bool) -> BaseAdapter:
    """The adapter for a session's ``http://`` addresses; the same one where its login is of another kind.

    Not for ``https://``: there the first reply brings the certificate that the login is bound to (RFC 5929 4).

    Args:
        session: A session that pywinrm or pypsrp has built.
        adapter: Its adapter.
        with_message: Whether the login's last token goes with the first message; see `NegotiateLogin`.
    """
    # pypsrp has one class for all that is Negotiate; Kerberos by itself is offered under its own name.
    if type(session.auth).__name__ not in _LOGINS or getattr(session.auth, "auth_provider", "") == "kerberos":
        return adapter
    return NegotiateLogin(adapter, session.auth, with_message=with_message)


def _is_last_of_ntlm(request: PreparedRequest) -> bool:
    value: Any = request.headers.get("Authorization", "")
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    try:
        return base64.b64decode(text.partition(" ")[2]).startswith(_LAST_NTLM_TOKEN)
    except (binascii.Error, ValueError):
        return False


def _made_up(request: PreparedRequest, status: int, headers: dict[str, str]) -> Response:
    from requests import Response
    from requests.structures import CaseInsensitiveDict

    response = Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.url = str(request.url)
    response.request = request
    response.raw = _NoConnection()
    response._content = b""
    return response


class _NoConnection:
    """Stands where urllib3's reply would be; the login code hands its connection back before it goes on."""

    def release_conn(self) -> None:
        """There is none."""
