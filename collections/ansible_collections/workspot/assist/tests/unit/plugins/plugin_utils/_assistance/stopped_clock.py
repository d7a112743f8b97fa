# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that moves only when somebody sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


class Clock:
    """The controller's clock; sleeping moves it, and the host's with it."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds

    @property
    def timing(self) -> Timing:
        return Timing(now=self.now, monotonic=lambda: self.elapsed, sleep=self.sleep)
