# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends envelopes over pywinrm: login and message encryption are its work.

No shell is opened: only ``winrm.transport.Transport.send_message`` is used (pywinrm 0.4 and newer).
"""

from __future__ import annotations

from typing import Any

from .mapping import HttpStatus, http_reply, status_of, transport_error
from .negotiate_login import LoginLost, SeparateLoginNeeded
from .session import take_over, took_login_with_message


class WinrmTransport:
    """One pywinrm transport as a `Send`.

    Args:
        transport: ``winrm.protocol.Protocol(...).transport``.
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
        """Close the connection."""
        self._transport.close_session()

    def _exchange(self, message: bytes, timeout: float) -> bytes:
        # requests takes (connect, read); pywinrm hands the attribute on as it is.
        self._transport.read_timeout_sec = (self._connect_timeout, timeout)
        try:
            if self._transport.session is None:
                _take_over_when_built(self._transport, login_with_message=self._login_with_message)
            return bytes(self._transport.send_message(message))
        except Exception as error:
            status = status_of(error)
            if status is None or isinstance(error, HttpStatus):
                # Login and message encryption ended with the connection: the next message begins with a new login.
                self._transport.close_session()
            if status is not None:
                return http_reply(*status, host=self._host)
            raise


def _take_over_when_built(transport: Any, *, login_with_message: bool) -> None:
    """Have the session taken over before its first message, which pywinrm sends while it builds it."""
    original = transport.setup_encryption

    def setup_encryption(session: Any) -> None:
        take_over(session, login_with_message=login_with_message)
        original(session)

    transport.setup_encryption = setup_encryption
    try:
        take_over(transport.build_session(), login_with_message=login_with_message)
    except Exception:
        # A login that failed half way leaves an unencrypted session behind; it must never be used.
        transport.close_session()
        raise
    finally:
        transport.setup_encryption = original
