# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When something in a session log happened, where the words of an unknown language leave no doubt.

``DATE`` and ``TIME`` are in the user's language, in an order of its own. The file's name is not: it holds the moment
the log began. An entry lies on that day or close to it, so its date is the one day near it whose numbers stand in
``DATE``, whatever their order; two such days, or none (another calendar, other digits), leave it undecided. A time
with other letters than AM or PM is undecided, and so is one that would be before the log began.

All moments are local time of the host, without a zone and without seconds, as that is all there is.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

DAYS_AROUND = range(-1, 4)
"""Days around the file's own that are tried: a session that lasts four days is none."""
EARLIER_SECONDS = 600
"""An invitation may be open for some time before its log has a name."""
_NUMBER = re.compile(r"[0-9]+", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?", re.ASCII)
_HALVES = {"am": 0, "pm": 12}


def moment(date_text: str, time_text: str, started: str | None) -> str | None:
    """An entry's moment, ISO 8601 to the minute or second; ``None`` where it is not certain.

    Args:
        date_text: ``DATE`` as written.
        time_text: ``TIME`` as written.
        started: When the log began, from its name (`session_log.started_at`).
    """
    if started is None:
        return None
    began = datetime.fromisoformat(started)
    days = [day for offset in DAYS_AROUND if _says(date_text, day := began.date() + timedelta(days=offset))]
    clock = _clock(time_text)
    if len(days) != 1 or clock is None:
        return None
    found = datetime.combine(days[0], clock)
    if found < began - timedelta(seconds=EARLIER_SECONDS):
        return None
    return found.isoformat(timespec="seconds" if clock.second else "minutes")


def _says(text: str, day: date) -> bool:
    """Whether a date's numbers are that day's: day and year, and the month where it is a number too."""
    numbers = sorted(int(item) for item in _NUMBER.findall(text[:200]) if len(item) <= 4)
    years = (day.year, day.year % 100)
    return any(numbers in (sorted((day.day, year)), sorted((day.day, day.month, year))) for year in years)


def _clock(text: str) -> time | None:
    """A time of day: 24 hours, or 12 with AM or PM."""
    match = _TIME.search(text)
    if match is None:
        return None
    half = re.sub(r"[\s.\u200e\u200f]", "", text[: match.start()] + text[match.end() :]).lower()
    hour = int(match[1])
    if half:
        if half not in _HALVES or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + _HALVES[half]
    try:
        return time(hour, int(match[2]), int(match[3] or 0))
    except ValueError:
        return None
