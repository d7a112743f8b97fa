# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file on a web server: PUT to a WebDAV folder, or to one presigned address of an object store.

Always TLS with a verified certificate. An existing file is not replaced (RFC 9110 13.1.2, ``If-None-Match: *``), and
what was written is deleted again when the delivery as a whole fails. A presigned address allows nothing but PUT: the
object is emptied instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from .._errors import DeliveryFailed, InvalidOption, LibraryMissing
from .channel import PATIENCE, Channel, Parcel
from .credentials import Credentials, credentials_for, read_secret_file

MARK = "{file}"
_WRITTEN = (200, 201, 204)
_GONE = (404, 410)
_EMPTY = b""


def check_url(url: str, *, presigned: bool) -> None:
    """Refuse an address that can not be meant.

    Raises:
        InvalidOption: See the message; it never holds the address.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise InvalidOption("the address of delivery_http is none.") from None
    if parts.scheme != "https" or not host:
        raise InvalidOption("the address of delivery_http has to begin with https://.")
    if parts.username or parts.password:
        raise InvalidOption(
            "the address of delivery_http holds a name or password.", hint="Use credentials_file for them."
        )
    if not url.isprintable() or " " in url:
        raise InvalidOption("the address of delivery_http has a blank or control character.")
    if parts.query and not presigned:
        raise InvalidOption(
            "the address of delivery_http has a query.", hint="If it is a presigned one, set presigned to true."
        )
    if not presigned and MARK not in parts.path and not parts.path.endswith("/"):
        raise InvalidOption(f"the address of delivery_http has to end with a slash, or to hold {MARK}.")


class HttpChannel(Channel):
    """A folder of a web server, or one address.

    Args:
        url: The address; `MARK` in it stands for the file's name.
        account: For HTTP Basic.
        ca_file: Authorities to trust instead of the usual ones.
        presigned: Whether the address alone gives the right to write, and is a secret.
        headers: More headers, such as ``x-ms-blob-type``; no secrets.
    """

    kind = "http"
    rank = 3

    def __init__(
        self,
        url: str,
        account: Credentials | None = None,
        *,
        ca_file: str | None = None,
        presigned: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        check_url(url, presigned=presigned)
        self._url = url
        self._account = account
        self._ca_file = ca_file
        self._presigned = presigned
        self._headers = dict(headers or {})
        self._target: str | None = None

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> HttpChannel:
        """A channel from ``delivery_http``.

        Raises:
            AssistError: Something in it is wrong, or the library is missing.
        """
        require_requests()
        url = options["url"]
        if options["url_file"]:
            url = read_secret_file(Path(options["url_file"])).strip()
        account = None if options["presigned"] else credentials_for("http", options["credentials_file"])
        if options["ca_file"] and not Path(options["ca_file"]).is_file():
            raise InvalidOption(f"{options['ca_file']} is no file.")
        headers = {str(name): str(value) for name, value in (options["headers"] or {}).items()}
        return cls(url, account, ca_file=options["ca_file"], presigned=options["presigned"], headers=headers)

    @property
    def secrets(self) -> list[str]:
        """What must turn up nowhere: the password, and the signature in an address."""
        query = urlsplit(self._url).query
        found = [query, unquote(query)] + [part.partition("=")[2] for part in query.split("&")]
        # Times and versions in a signed address are no secrets, and masking them would hide half of a result.
        kept = [text for text in found if len(text) >= 16]
        if self._presigned:
            # Some object stores sign in the path (OCI: /p/TOKEN/n/...); the last part is the file's own name.
            kept += [part for part in urlsplit(self._url).path.split("/")[:-1] if len(part) >= 32]
        return [*kept, *([self._account.password] if self._account else [])]

    @property
    def goal(self) -> str:
        """The address without its query."""
        return _shown(self._url)

    def greet(self) -> None:
        """Connect, and see whether the login is accepted; a presigned address can not be asked anything else."""
        if self._presigned:
            self._ask("OPTIONS", _server(self._url))
            return
        status = self._ask("PROPFIND", self._folder(), headers={"Depth": "0"})
        # 403 may be a folder that can be written and not be listed.
        if status == HTTPStatus.UNAUTHORIZED:
            raise self._refused(status, "the login")
        if status in _GONE:
            raise DeliveryFailed(f"{self.goal}: there is no such folder ({status}).")
        if status >= 500 and status not in (501,):
            raise self._refused(status, "the question for the folder")

    def put(self, parcel: Parcel) -> str:
        """Write the file under the first name that is free."""
        for name in parcel.names:
            target = self._target_for(name)
            if not self._presigned and self._ask("HEAD", target) == HTTPStatus.OK:
                continue
            self.refuse_if_given_up()
            self._target = target
            condition = {} if self._presigned else {"If-None-Match": "*"}
            status = self._ask("PUT", target, data=parcel.data, headers={**condition, **self._headers})
            if status in _WRITTEN:
                return _shown(target)
            if status != HTTPStatus.PRECONDITION_FAILED or self._presigned:
                raise self._refused(status, "the file")
            self._target = None
        raise DeliveryFailed(f"{self.goal} has files of all names that were tried, such as {parcel.names[0]}.")

    def take_back(self) -> str | None:
        """Delete the file; behind a presigned address, make it empty."""
        target = self._target
        if target is None:
            return None
        if self._presigned:
            status = self._ask("PUT", target, data=_EMPTY, headers=self._headers)
            return None if status in _WRITTEN else f"{_shown(target)} ({_words(status)})"
        status = self._ask("DELETE", target)
        if status in (*_WRITTEN, 202, *_GONE) or self._ask("HEAD", target) in _GONE:
            self._target = None
            return None
        return f"{_shown(target)} ({_words(status)})"

    def _target_for(self, name: str) -> str:
        quoted = quote(name, safe="")
        if MARK in self._url:
            return self._url.replace(MARK, quoted)
        return self._url if self._presigned else self._url + quoted

    def _folder(self) -> str:
        """The folder that files go to: what is before the part with the file's name."""
        parts = urlsplit(self._url)
        before = parts.path.partition(MARK)[0].rpartition("/")[0] + "/"
        return urlunsplit((parts.scheme, parts.netloc, before, "", ""))

    def _ask(
        self, method: str, url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """One request; its status.

        Raises:
            DeliveryFailed: There was no answer. The library's own words are not passed on: they hold the address.
        """
        import requests
        from requests.auth import HTTPBasicAuth

        with requests.Session() as session:
            # Proxies are taken from the environment, and passwords out of ~/.netrc are not.
            session.trust_env = False
            session.proxies.update(requests.utils.get_environ_proxies(url))
            session.verify = self._ca_file or os.environ.get("REQUESTS_CA_BUNDLE") or True
            if self._account:
                # As bytes: RFC 7617 has UTF-8, and text would become Latin-1.
                session.auth = HTTPBasicAuth(self._account.account.encode(), self._account.password.encode())
            options: dict[str, Any] = {"allow_redirects": False, "stream": True, "timeout": PATIENCE}
            try:
                with closing(session.request(method, url, data=data, headers=dict(headers or {}), **options)) as reply:
                    return int(reply.status_code)
            except requests.exceptions.SSLError:
                raise self._untrusted() from None
            except requests.exceptions.Timeout:
                raise DeliveryFailed(f"{self.goal} did not answer within {PATIENCE:.0f} seconds.") from None
            except requests.exceptions.RequestException as error:
                raise DeliveryFailed(f"{self.goal}: no answer ({type(error).__name__}).") from None
            except OSError:
                raise DeliveryFailed(f"{self.goal}: the authorities in ca_file can not be read.") from None

    def _untrusted(self) -> DeliveryFailed:
        return DeliveryFailed(
            f"{self.goal}: the server's certificate is not trusted, or is for another name.",
            hint="Give the authority that signed it as ca_file.",
        )

    def _refused(self, status: int, what: str) -> DeliveryFailed:
        hint = "Give the address that it leads to in the end." if 300 <= status < 400 else None
        return DeliveryFailed(f"{self.goal}: the server did not take {what} ({_words(status)}).", hint=hint)


def require_requests() -> None:
    """Refuse early, and in one line, when the library is missing.

    Raises:
        LibraryMissing: requests can not be imported by the Python that runs Ansible.
    """
    try:
        import requests  # noqa: F401
    except ImportError:
        raise LibraryMissing(
            "a web server is written to with the Python package requests, which is not installed.",
            hint="Install requests for the Python that runs ansible-playbook.",
        ) from None


def _words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _server(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
