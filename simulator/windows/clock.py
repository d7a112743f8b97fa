# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's clock: real time plus a skew plus what a test skipped, with timers that fire on it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

Callback = Callable[[], Awaitable[None] | None]

# The event loop is asked again at least this often (seconds), so that a timer is right even when
# the machine slept.
_LONGEST_NAP = 3600.0


class Timer:
    """One thing that is due at a moment of the host's clock."""

    __slots__ = ("callback", "cancelled", "due")

    def __init__(self, due: float, callback: Callback) -> None:
        self.due = due
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Make the timer do nothing when it comes due."""
        self.cancelled = True


class Clock:
    """Host time in UTC, in seconds since 1970 or as aware datetimes.

    `advance` skips time: timers that come due in the skipped span fire in order, each with the
    clock standing at its own due moment.
    """

    def __init__(self, skew: Callable[[], float] = lambda: 0.0, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._skew = skew
        self._held: float | None = None
        self._queue: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    def timestamp(self) -> float:
        """Seconds since 1970, UTC, as this host sees it."""
        return self.absolute() + self._skew()

    def now(self) -> datetime:
        """The moment as an aware UTC datetime."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def absolute(self) -> float:
        """Time without the skew; timers live on it, so that a skew switched later moves none."""
        return self._held if self._held is not None else self._source() + self._offset

    def moment_of(self, absolute: float) -> datetime:
        """A timer's due time as this host's clock will show it."""
        return datetime.fromtimestamp(absolute + self._skew(), UTC)

    def call_at(self, moment: datetime, callback: Callback) -> Timer:
        """Run `callback` at `moment` of this host's clock (at once when that is past)."""
        return self._add(moment.timestamp() - self._skew(), callback)

    def call_later(self, seconds: float, callback: Callback) -> Timer:
        """Run `callback` in so many seconds of host time."""
        return self._add(self.absolute() + seconds, callback)

    def _add(self, due: float, callback: Callback) -> Timer:
        timer = Timer(due, callback)
        heapq.heappush(self._queue, (due, next(self._order), timer))
        self._arm()
        return timer

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let timers fire by themselves on this event loop."""
        self._loop = loop
        self._arm()

    def detach(self) -> None:
        """Stop firing by itself."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop = None

    def _arm(self) -> None:
        if self._loop is None or self._held is not None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._queue and self._queue[0][2].cancelled:
            heapq.heappop(self._queue)
        if self._queue:
            wait = min(max(self._queue[0][0] - self.absolute(), 0.0), _LONGEST_NAP)
            self._alarm = self._loop.call_later(wait, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        while (timer := self._next_due(self.absolute())) is not None:
            outcome = timer.callback()
            if outcome is not None:
                task = asyncio.ensure_future(_finish(outcome))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        self._arm()

    def _next_due(self, until: float) -> Timer | None:
        while self._queue and self._queue[0][0] <= until:
            timer = heapq.heappop(self._queue)[2]
            if not timer.cancelled:
                return timer
        return None

    async def advance_async(self, seconds: float | timedelta) -> None:
        """Skip time; what comes due in it happens before this returns."""
        span = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        target = self.absolute() + span
        try:
            while (timer := self._next_due(target)) is not None:
                self._held = max(timer.due, self._held or 0.0)
                outcome = timer.callback()
                if outcome is not None:
                    await _finish(outcome)
                await asyncio.sleep(0)
        finally:
            self._held = None
            self._offset = target - self._source()
            self._arm()

    def advance(self, seconds: float | timedelta) -> None:
        """As `advance_async`, from another thread than the event loop's, or where no loop runs."""
        if self._loop is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self.advance_async(seconds), self._loop).result(120)
        else:
            asyncio.run(self.advance_async(seconds))


async def _finish(outcome: Awaitable[None]) -> None:
    await outcome
