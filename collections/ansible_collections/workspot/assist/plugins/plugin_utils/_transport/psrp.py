# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends envelopes over pypsrp's HTTP transport: login and message encryption are its work.

No runspace pool is opened, so no PowerShell starts on the host (pypsrp 0.5 and newer).
"""

from __future__ import annotations

from .library_transport import LibraryTransport
from .session import take_over


class PsrpTransport(LibraryTransport):
    """``pypsrp.wsman.WSMan(...).transport``."""

    def close(self) -> None:
        """Close the connection; the login and the message encryption end with it."""
        self._transport.close()
        self._transport.session = self._transport.encryption = None

    def _send(self, message: bytes, timeout: float) -> bytes:
        transport = self._transport
        transport.connection_timeout, transport.read_timeout = self._connect_timeout, timeout
        if transport.session is None:
            transport.session = transport._build_session()
            take_over(transport.session, login_with_message=self._login_with_message)
        return bytes(transport.send(message))
