# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits on what a host may answer: size and time, enforced while the reply is read.

``requests`` reads a whole reply before it hands it over, and its read timeout starts anew with every packet.
An adapter around the session's own one puts both right without replacing it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .._errors import MalformedReply, ReplyTimeout
from .._wsman.reply import MAX_REPLY_BYTES
from .deadline import seconds_left

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from requests.adapters import BaseAdapter
else:
    # requests asks no more of an adapter than send() and close(), and it comes with pywinrm and pypsrp alone:
    # without them this file still has to load, so that the missing one is named.
    BaseAdapter = object

_CHUNK = 65536
# Base64 inside an encrypted multipart body, and its headers, on top of the envelope itself.
MAX_HTTP_BYTES = MAX_REPLY_BYTES + 65536


class LimitedAdapter(BaseAdapter):
    """Delegates to another adapter and limits the replies it brings.

    Args:
        inner: The session's own adapter (TLS, proxy and retry settings stay as they are).
    """

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """Send, and bind the reply's body to the limits."""
        left = seconds_left()
        until = math.inf if left is None else time.monotonic() + left
        timeout = _within(timeout, left)
        response = self._inner.send(request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        # What a login sends on its own account goes the same way.
        response.connection = self  # type: ignore[assignment]
        if hasattr(response.raw, "stream"):
            raw: Any = response.raw
            raw.stream = _limited_stream(raw, min(until, time.monotonic() + float(timeout[1] or 60)))
        return response

    def close(self) -> None:
        """Close the adapter underneath."""
        self._inner.close()


def _within(timeout: Any, left: float | None) -> tuple[Any, Any]:
    """What requests takes as a timeout, for connecting and for reading, as two and no longer than what is left."""
    both = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if left is None:
        return both
    connect, read = (left if seconds is None else min(float(seconds), left) for seconds in both)
    return connect, read


def _limited_stream(raw: Any, deadline: float) -> Any:
    """A replacement for urllib3's ``HTTPResponse.stream`` that stops at the limits."""

    def stream(amount: int = _CHUNK, decode_content: bool | None = None) -> Iterator[bytes]:
        from urllib3.exceptions import ReadTimeoutError  # see BaseAdapter above

        def read() -> bytes:
            try:
                return bytes(raw.read1(_CHUNK, decode_content=decode_content))
            except ReadTimeoutError:
                raise ReplyTimeout("the reply did not end in time.") from None

        total = 0
        while chunk := read():
            total += len(chunk)
            if total > MAX_HTTP_BYTES:
                raw.close()
                raise MalformedReply(f"the reply is larger than {MAX_HTTP_BYTES} bytes; it was not read.")
            if time.monotonic() > deadline:
                raw.close()
                raise ReplyTimeout("the reply did not end in time.")
            yield chunk

    return stream
