# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends envelopes over pywinrm: login and message encryption are its work.

No shell is opened: only ``winrm.transport.Transport.send_message`` is used (pywinrm 0.4 and newer).
"""

from __future__ import annotations

from typing import Any

from .library_transport import LibraryTransport
from .session import take_over


class WinrmTransport(LibraryTransport):
    """``winrm.protocol.Protocol(...).transport``."""

    def close(self) -> None:
        """Close the connection; the login ends with it."""
        self._transport.close_session()

    def _send(self, message: bytes, timeout: float) -> bytes:
        # requests takes (connect, read); pywinrm hands the attribute on as it is.
        self._transport.read_timeout_sec = (self._connect_timeout, timeout)
        if self._transport.session is None:
            _take_over_when_built(self._transport, login_with_message=self._login_with_message)
        return bytes(self._transport.send_message(message))


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
