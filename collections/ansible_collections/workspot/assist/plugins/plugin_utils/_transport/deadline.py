# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deadline over all exchanges with a host, however many there are, and over the requests that each is made of."""

from __future__ import annotations

import time
from contextvars import ContextVar

from .._errors import ReplyTimeout
from .._wsman.client import Send

_until: ContextVar[float | None] = ContextVar("_until", default=None)


def seconds_left() -> float | None:
    """Time that is left for whatever is sent here and now; ``None`` when nothing limits it.

    An exchange may take several requests, those of a login, and a host could take each one's whole time.

    Raises:
        ReplyTimeout: There is none left.
    """
    until = _until.get()
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise ReplyTimeout("the reply did not end in time.")
    return left


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
        allowed = min(timeout, remaining)
        token = _until.set(time.monotonic() + allowed)
        try:
            return self._inner(message, timeout=allowed)
        finally:
            _until.reset(token)
