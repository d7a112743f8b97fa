# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things a test wants to happen on a host at the moment when a certain request arrives.

They run in the pool's own thread, before the request is carried out::

    host.hooks.at_request(7, lambda: another_controller(host))
    host.hooks.at_operation("Command", lambda: another_controller(host), number=2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Action = Callable[[], None]


@dataclass
class _Waiting:
    """`left` more requests whose operation begins with `operation` (empty: any HTTP request)."""

    operation: str
    left: int
    action: Action


class Hooks:
    """What waits for requests of one host; each runs once."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def at_request(self, number: int, action: Action) -> None:
        """Run `action` when the n-th HTTP request from now arrives, 401 legs of a login included."""
        self._waiting.append(_Waiting("", number, action))

    def at_operation(self, operation: str, action: Action, *, number: int = 1) -> None:
        """Run `action` when the n-th request from now with this operation arrives.

        Args:
            operation: What `Pool.trace` shows, or its beginning: `Command`, `Send`, `Enumerate root/rsop`.
            action: Takes nothing and gives nothing.
            number: Counted from 1.
        """
        self._waiting.append(_Waiting(operation, number, action))

    def request(self) -> None:
        """An HTTP request has arrived."""
        self._arrived(lambda item: not item.operation)

    def operation(self, name: str) -> None:
        """The operation of a request is known."""
        self._arrived(lambda item: bool(item.operation) and name.lower().startswith(item.operation.lower()))

    def _arrived(self, counts: Callable[[_Waiting], bool]) -> None:
        for item in [item for item in self._waiting if counts(item)]:
            item.left -= 1
            if item.left <= 0:
                self._waiting.remove(item)
                item.action()
