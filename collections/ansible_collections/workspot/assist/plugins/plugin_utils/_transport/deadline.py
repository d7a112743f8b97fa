# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deadline over all exchanges with a host, however many there are."""

from __future__ import annotations

import time

from .._errors import ReplyTimeout
from .._wsman.client import Send


class DeadlineTransport:
    """Sends through another transport until a host's time is over.

    Args:
        inner: The transport that does the work.
        seconds: Time for all exchanges together, from now.
    """

    def __init__(self, inner: Send, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Send one envelope; see `Send`."""
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise ReplyTimeout(
                f"the host's {self._seconds:g} seconds were used up.",
                hint="Give it longer with host_timeout (assist_host_timeout in the playbook).",
            )
        return self._inner(message, timeout=min(timeout, remaining))
