# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

r"""A file on a share, by SMB 3 with the library smbprotocol.

The file is created for this alone (an existing one is never replaced), and nobody else can open it before it is
whole: it is open without any sharing until then (MS-SMB2 2.2.13, ShareAccess).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from .._errors import DeliveryFailed, InvalidOption, LibraryMissing
from .channel import PATIENCE, Channel, Parcel
from .credentials import Credentials, credentials_for

PORT = 445
"""MS-SMB2 2.1: SMB2 directly over TCP."""
_SHARE = re.compile(r"\\\\(?P<server>[^\\/\s:*?\"<>|]+)\\(?P<share>[^\\/:*?\"<>|]+)(?P<folder>(?:\\[^\\/:*?\"<>|]+)*)")
_REASONS = {
    0xC0000022: "access is denied",
    0xC000006D: "the login was refused",
    0xC000006A: "the login was refused",
    0xC0000064: "the login was refused",
    0xC0000072: "the account is disabled",
    0xC0000234: "the account is locked",
    0xC0000071: "the account's password has expired",
    0xC00000CC: "there is no such share",
    0xC0000225: "there is no such share",
    0xC0000034: "there is no such folder",
    0xC000003A: "there is no such folder",
    0xC000007F: "the disk is full",
    0xC0000044: "the account's disk quota is used up",
    0xC0000804: "the disk quota is used up",
    0xC00000A2: "the share is read-only",
    0xC0000103: "this is no folder",
    0xC0000043: "somebody has the file open",
}
"""MS-ERREF 2.3.1, in words."""
_COLLISION = 0xC0000035
_NO_FILE = 0xC0000034
_IN_USE = 0xC0000043
_ADD_FILE = 0x00000002
"""MS-SMB2 2.2.13.1.2, FILE_ADD_FILE."""
_IN_USE_SECONDS = 5.0
"""How long a server may take to see that a connection of ours is gone, and to close the file."""


@dataclass(frozen=True)
class Share:
    r"""``\\server\share\folder``, taken apart."""

    server: str
    path: str


def parse_share(text: str) -> Share:
    r"""Take a share apart; ``//server/share`` is the same.

    Raises:
        InvalidOption: It is no share, or leads out of its folder.
    """
    wanted = text.replace("/", "\\").rstrip("\\")
    found = _SHARE.fullmatch(wanted)
    if not found or ".." in wanted.split("\\") or not wanted.isprintable():
        raise InvalidOption(r"share of delivery_smb has to be \\SERVER\SHARE or \\SERVER\SHARE\FOLDER.")
    return Share(found["server"], wanted)


def require_smbprotocol() -> None:
    """Refuse early, and in one line, when the library is missing.

    Raises:
        LibraryMissing: smbprotocol can not be imported by the Python that runs Ansible.
    """
    try:
        import smbclient  # noqa: F401
    except ImportError:
        raise LibraryMissing(
            "a share is written with the Python package smbprotocol, which is not installed.",
            hint="Install smbprotocol for the Python that runs ansible-playbook.",
        ) from None


class SmbChannel(Channel):
    """A folder of a share.

    Args:
        share: The folder.
        account: ``None`` for the Kerberos ticket of whoever runs this.
        port: TCP port.
        encrypt: Whether a connection without encryption is refused.
    """

    kind = "smb"
    rank = 2

    def __init__(self, share: Share, account: Credentials | None, *, port: int = PORT, encrypt: bool = True) -> None:
        self._share = share
        self._account = account
        self._port = port
        self._encrypt = encrypt
        self._begun: tuple[str, bytes] | None = None

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> SmbChannel:
        """A channel from ``delivery_smb``.

        Raises:
            AssistError: Something in it is wrong, or the library is missing.
        """
        share = parse_share(options["share"])
        account = credentials_for("smb", options["credentials_file"])
        require_smbprotocol()
        return cls(share, account, port=options["port"], encrypt=options["encrypt"])

    @property
    def secrets(self) -> list[str]:
        """What must turn up nowhere."""
        return [self._account.password] if self._account else []

    @property
    def goal(self) -> str:
        """The folder."""
        return self._share.path

    def greet(self) -> None:
        """Log in, and open the folder with the right to add a file to it."""
        import smbclient

        rights = {"desired_access": _ADD_FILE, "share_access": "rwd"}
        with self._connected() as way:
            smbclient.open_file(self._share.path, mode="rb", buffering=0, file_type="dir", **rights, **way).close()

    def put(self, parcel: Parcel) -> str:
        """Write the file under the first name that is free."""
        with self._connected() as way:
            for name in parcel.names:
                path = f"{self._share.path}\\{name}"
                if self._written(path, parcel.data, way):
                    return path
        raise DeliveryFailed(f"{self.goal} has files of all names that were tried, such as {parcel.names[0]}.")

    def take_back(self) -> str | None:
        """Delete the file."""
        if self._begun is None:
            return None
        path, data = self._begun
        deadline = time.monotonic() + _IN_USE_SECONDS
        while True:
            with self._connected() as way:
                status = _removed(path, data, way)
            if status != _IN_USE or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if status == 0:
            self._begun = None
        return None if status == 0 else f"{path} ({_words(status)})"

    def _written(self, path: str, data: bytes, way: dict[str, Any]) -> bool:
        """Create and write one file; False when there is one already."""
        import smbclient
        from smbprotocol.exceptions import SMBOSError

        self.refuse_if_given_up()
        # From here on it may be there, even when no answer comes any more.
        self._begun = (path, data)
        try:
            stream = smbclient.open_file(path, mode="xb", share_access="", buffering=0, **way)
        except SMBOSError as error:
            self._begun = None
            if error.ntstatus == _COLLISION:
                return False
            raise
        try:
            left = memoryview(data)
            while left:
                # A server takes so many bytes at once as it has given credits for.
                left = left[stream.write(left) :]
            stream.close()
        finally:
            with suppress(Exception):
                stream.close()
        return True

    @contextmanager
    def _connected(self) -> Iterator[dict[str, Any]]:
        """A connection of its own, logged in, as smbclient's functions take it; every failure in our own words."""
        import smbclient
        from smbprotocol.exceptions import SMBException

        cache: dict[str, Any] = {}
        account = {"username": self._account.account, "password": self._account.password} if self._account else {}
        # All of it again with every call: a DFS share may lead to another server, which has to be as good.
        way: dict[str, Any] = {
            "port": self._port,
            "encrypt": self._encrypt or None,
            "connection_timeout": PATIENCE,
            "connection_cache": cache,
            "auth_protocol": "negotiate" if self._account else "kerberos",
            **account,
        }
        try:
            smbclient.register_session(self._share.server, **way)
            yield way
        except (SMBException, OSError, ValueError) as error:
            raise self._failure(error) from None
        finally:
            _close(cache)

    def _failure(self, error: Exception) -> DeliveryFailed:
        status = getattr(error, "ntstatus", None) or getattr(error, "status", None)
        number = status if isinstance(status, int) else 0
        if number:
            return DeliveryFailed(f"{self.goal}: {_words(number)}.")
        kind = type(error).__name__
        if kind == "SMBAuthenticationError":
            return DeliveryFailed(f"{self.goal}: the login was refused.")
        if "encrypt" in str(error).lower():
            return DeliveryFailed(
                f"{self.goal}: the server does not encrypt.",
                hint="SMB 3 encrypts; turn it on there, or set encrypt to false.",
            )
        if isinstance(error, ValueError):
            return DeliveryFailed(f"{self.goal}: no connection to {self._share.server}, port {self._port}.")
        return DeliveryFailed(f"{self.goal}: the connection broke ({kind}).")


def _words(status: int) -> str:
    return f"{_REASONS.get(status, 'the server refused it')} (0x{status:08X})"


def _removed(path: str, data: bytes, way: dict[str, Any]) -> int:
    """Delete a file if it is the one that these data began; the NTSTATUS of what failed, 0 when it is gone."""
    import smbclient
    from smbprotocol.exceptions import SMBOSError

    try:
        with smbclient.open_file(path, mode="rb", share_access="rd", **way) as stream:
            ours = data.startswith(stream.read(len(data) + 1))
        if ours:
            smbclient.remove(path, **way)
    except SMBOSError as error:
        return 0 if error.ntstatus == _NO_FILE else int(error.ntstatus)
    return 0


def _close(cache: dict[str, Any]) -> None:
    """Say goodbye, and do not wait long for an answer."""
    for connection in cache.values():
        with suppress(Exception):
            connection.disconnect(close=True, timeout=2)
        with suppress(Exception):
            connection.transport.close()
    cache.clear()
