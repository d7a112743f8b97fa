# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends envelopes over pypsrp's HTTP transport: login and message encryption are its work.

No runspace pool is opened, so no PowerShell starts on the host (pypsrp 0.5 and newer).
"""

from __future__ import annotations

from typing import Any

from .mapping import HttpStatus, http_reply, status_of, transport_error
from .negotiate_login import LoginLost, SeparateLoginNeeded
from .session import take_over, took_login_with_message


class PsrpTransport:
    """One pypsrp transport as a `Send`.

    Args:
        transport: ``pypsrp.wsman.WSMan(...).transport``.
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
            for _attempt in range(2):
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

    def close(self) -> None:
        """Close the connection. The login and the message encryption end with it."""
        self._transport.close()
        self._transport.session = self._transport.encryption = None

    def _exchange(self, message: bytes, timeout: float) -> bytes:
        transport = self._transport
        transport.connection_timeout, transport.read_timeout = self._connect_timeout, timeout
        if transport.session is None:
            transport.session = transport._build_session()
            take_over(transport.session, login_with_message=self._login_with_message)
        try:
            return bytes(transport.send(message))
        except Exception as error:
            status = status_of(error)
            if status is None or isinstance(error, HttpStatus):
                # The next message begins with a new login.
                self.close()
            if status is not None:
                return http_reply(*status, host=self._host)
            raise
