# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's clocks and its patience, in one object that tests can replace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timing:
    """Clocks and sleep.

    Attributes:
        now: Wall clock, aware; for what is compared with a host's clock.
        monotonic: Seconds that only grow; for deadlines.
        sleep: Wait for some seconds.
    """

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def attempts(self, seconds: float, *, pause: float) -> Iterator[float]:
        """Yield the seconds that remain, at once and then after each pause, until a deadline.

        There is at least one attempt, and one at the deadline itself.

        Args:
            seconds: Time from now to the deadline.
            pause: The first pause; later ones grow to three times as long.
        """
        deadline = self.monotonic() + seconds
        wait = pause
        while True:
            remaining = deadline - self.monotonic()
            yield max(0.0, remaining)
            remaining = deadline - self.monotonic()
            if remaining <= 0:
                return
            self.sleep(min(wait, remaining))
            wait = min(wait * 1.3, pause * 3)
