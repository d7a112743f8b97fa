# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP messages that leave in one write.

Python's HTTP client writes a message's head and its body apart: two system calls and two packets for each of the small
messages that WS-Management consists of. Here the two go together.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

_SMALL_BYTES = 256 * 1024
"""A larger body is not copied; it goes in many packets anyway."""


class _OneWrite:
    """Mixed into urllib3's connections: what `request` writes is kept until it is whole."""

    _held: bytearray | None = None

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send a request; see ``urllib3.connection.HTTPConnection.request``."""
        self._held = bytearray()
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
        finally:
            held, self._held = self._held, None
        if held:
            super().send(held)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """Write, or keep for the one write."""
        if self._held is None or not isinstance(data, bytes | bytearray):
            super().send(data)  # type: ignore[misc]
            return
        self._held += data
        if len(self._held) > _SMALL_BYTES:
            held, self._held = self._held, bytearray()
            super().send(held)  # type: ignore[misc]


def write_at_once(adapter: BaseAdapter) -> None:
    """Have a requests adapter's connections write each message at once; other adapters stay as they are."""
    ours, theirs = _pools()
    manager: Any = getattr(adapter, "poolmanager", None)
    # Where somebody put connections of their own, they know why.
    if getattr(manager, "pool_classes_by_scheme", None) == theirs:
        manager.pool_classes_by_scheme = ours


@functools.cache
def _pools() -> tuple[dict[str, type], dict[str, type]]:
    """Connection pools by URL scheme: ours, and urllib3's own, which comes with pywinrm and pypsrp alone."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    plain = type("OneWriteConnection", (_OneWrite, HTTPConnection), {})
    secure = type("OneWriteSecureConnection", (_OneWrite, HTTPSConnection), {})
    ours = {
        "http": type("OneWritePool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("OneWriteSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
    return ours, {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}
