# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event log: what msra.exe and the task scheduler write, by channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Channel and provider names and the event numbers: libyal/winevt-kb, message file of msra.exe.
RA_OPERATIONAL = "Microsoft-Windows-RemoteAssistance/Operational"
RA_ADMIN = "Microsoft-Windows-RemoteAssistance/Admin"
RA_PROVIDER = "Microsoft-Windows-RemoteAssistance"
TASK_OPERATIONAL = "Microsoft-Windows-TaskScheduler/Operational"


@dataclass(frozen=True)
class Event:
    """One record; `data` is its EventData in order."""

    record: int
    channel: str
    event_id: int
    moment: datetime
    data: tuple[str, ...]
    user: str | None = None
    pid: int = 0

    def as_data(self) -> dict[str, Any]:
        """For tests."""
        return {"channel": self.channel, "id": self.event_id, "data": list(self.data)}


class EventLog:
    """All channels of a host, in order of writing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.events: list[Event] = []

    def write(self, channel: str, event_id: int, *data: str, user: str | None = None, pid: int = 0) -> None:
        """Append one event."""
        record = len(self.events) + 1
        self.events.append(Event(record, channel, event_id, self._now(), data, user, pid))

    def ids(self, channel: str = RA_OPERATIONAL) -> list[int]:
        """The event numbers written to a channel, oldest first."""
        return [event.event_id for event in self.events if event.channel == channel]
