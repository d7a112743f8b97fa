# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What sending through pywinrm and through pypsrp have alike: logins made again, and errors of our tree."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from .mapping import HttpStatus, http_reply, status_of, transport_error
from .negotiate_login import LoginLost, SeparateLoginNeeded
from .session import took_login_with_message

_MOST_LOGINS = 3
"""One that the host does not take together with a message, one that is lost, and one that has to do."""


class LibraryTransport(ABC):
    """One transport of a connection library as a `Send`.

    Args:
        transport: The library's own; see the classes below this one.
        host: The host as the inventory names it.
        connect_timeout: Seconds to wait for a connection.
    """

    def __init__(self, transport: Any, *, host: str, connect_timeout: float = 15.0) -> None:
        self._transport = transport
        self._host = host
        self._connect_timeout = connect_timeout
        self._login_with_message = True

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Send one envelope; see `Send`."""
        try:
            for _login in range(_MOST_LOGINS - 1):
                try:
                    return self._exchange(message, timeout)
                except LoginLost:
                    pass
                except SeparateLoginNeeded:
                    self._login_with_message = False
            return self._exchange(message, timeout)
        except Exception as error:
            raise transport_error(error, host=self._host) from None

    @property
    def endpoint(self) -> str:
        """Where it connects to, as a URL."""
        return str(self._transport.endpoint)

    @property
    def login_with_message(self) -> bool | None:
        """Whether the host takes a login together with the first message; ``None`` when none was made like that."""
        if not self._login_with_message:
            return False
        return took_login_with_message(self._transport.session) or None

    @abstractmethod
    def close(self) -> None:
        """Close the connection; the login ends with it."""

    @abstractmethod
    def _send(self, message: bytes, timeout: float) -> bytes:
        """Send one envelope through the library, and log in before it where there is no session."""

    def _exchange(self, message: bytes, timeout: float) -> bytes:
        try:
            return self._send(message, timeout)
        except Exception as error:
            status = status_of(error)
            if status is None or isinstance(error, HttpStatus):
                # Login and message encryption ended with the connection: the next message begins with a new login.
                self.close()
            if status is not None:
                return http_reply(*status, host=self._host)
            raise
