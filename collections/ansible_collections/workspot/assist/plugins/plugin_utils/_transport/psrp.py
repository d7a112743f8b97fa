# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends envelopes over pypsrp's HTTP transport: login and message encryption are its work.

No runspace pool is opened, so no PowerShell starts on the host (pypsrp 0.5 and newer).
"""

from __future__ import annotations

from typing import Any

from .mapping import http_reply, status_of, transport_error
from .negotiate_login import SeparateLoginNeeded
from .session import take_over


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
            try:
                return self._exchange(message, timeout)
            except SeparateLoginNeeded:
                self._login_with_message = False
                return self._exchange(message, timeout)
        except Exception as error:
            raise transport_error(error, host=self._host) from None

    @property
    def endpoint(self) -> str:
        """Where it connects to, as a URL."""
        return str(self._transport.endpoint)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _exchange(self, message: bytes, timeout: float) -> bytes:
        transport = self._transport
        transport.connection_timeout, transport.read_timeout = self._connect_timeout, timeout
        if transport.session is None:
            transport.session = transport._build_session()
            take_over(transport.session, login_with_message=self._login_with_message)
        try:
            return bytes(transport.send(message))
        except Exception as error:
            if status := status_of(error):
                return http_reply(*status, host=self._host)
            # Login and message encryption ended with the connection: the next message begins with a new login.
            self.close()
            transport.session = transport.encryption = None
            raise
