# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recurrence rules of schedules as AWX takes them (``SchedulePreviewSerializer.validate_rrule`` of
awx/api/serializers.py, 24.6.1; the grammar is that of RFC 5545, 3.3.10).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import available_timezones

EXAMPLE = "DTSTART;TZID=Europe/Berlin:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1"
_START = re.compile(r"DTSTART(?:;TZID=(?P<zone>[^:\s]+))?:(?P<time>\d{8}T\d{6})(?P<utc>Z?)\Z")
_TIME = "%Y%m%dT%H%M%S"
_MOST_RUNS = 999
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
_DAYS = frozenset({"MO", "TU", "WE", "TH", "FR", "SA", "SU"})
_NUMBERS: dict[str, tuple[int, int]] = {
    "BYSECOND": (0, 59),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}


def rrule_problems(text: object) -> Iterator[str]:
    """What AWX would refuse in ``DTSTART… RRULE:…``."""
    if not isinstance(text, str) or not text:
        yield f"a schedule has to have an rrule, such as {EXAMPLE}"
        return
    parts = text.split(" ")
    starts = [part for part in parts if part.startswith("DTSTART")]
    rules = [part for part in parts if part.startswith("RRULE:")]
    if len(starts) != 1 or parts[0] != starts[0]:
        yield "an rrule has to begin with one DTSTART"
    else:
        yield from _start_problems(starts[0])
    if len(rules) != 1 or len(parts) != 2:
        yield "after DTSTART and one blank there has to be one RRULE: and nothing else (no EXDATE, EXRULE or RDATE)"
    for rule in rules:
        yield from _rule_problems(rule.removeprefix("RRULE:"))


def _start_problems(text: str) -> Iterator[str]:
    found = _START.match(text)
    if found is None:
        yield f"{text} is not DTSTART;TZID=ZONE:YYYYMMDDTHHMMSS or DTSTART:YYYYMMDDTHHMMSSZ"
        return
    if not _is_time(found["time"]):
        yield f"{found['time']} is no time there is"
    if bool(found["zone"]) == bool(found["utc"]):
        yield "DTSTART has to have a TZID, or a Z at its end for UTC, and not both"
    zones = available_timezones()
    # A machine without a time zone database can not tell.
    if found["zone"] and zones and found["zone"] not in zones:
        yield f"there is no time zone {found['zone']}"


def _rule_problems(text: str) -> Iterator[str]:
    pairs = [part.partition("=")[::2] for part in text.split(";") if part]
    rule = dict(pairs)
    if len(rule) != len(pairs):
        yield "a part of the RRULE is there twice"
    if rule.get("FREQ") not in _FREQUENCIES:
        yield f"FREQ has to be one of {', '.join(_FREQUENCIES)}"
    if "INTERVAL" not in rule:
        yield "AWX wants an INTERVAL in the RRULE, INTERVAL=1 at least"
    if "COUNT" in rule and "UNTIL" in rule:
        yield "COUNT and UNTIL can not both be there"
    for name, value in rule.items():
        check = _PARTS.get(name)
        if check is None:
            yield f"RRULE has no part {name}"
        elif not check(value):
            yield f"{name}={value} means nothing to AWX"


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text.removesuffix("Z"), _TIME)
    except ValueError:
        return False
    return True


def _whole(low: int, high: int) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(r"\d{1,6}", text)) and low <= int(text) <= high


def _numbers(low: int, high: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        found = text.split(",")
        return all(re.fullmatch(r"-?\d{1,3}", item) and low <= int(item) <= high for item in found)

    return check


_PARTS: dict[str, Callable[[str], bool]] = {
    "FREQ": lambda text: True,
    "INTERVAL": _whole(1, 999999),
    "COUNT": _whole(1, _MOST_RUNS),
    "UNTIL": lambda text: text.endswith("Z") and _is_time(text),
    # The "20MO" of RFC 5545 is not for AWX.
    "BYDAY": lambda text: set(text.split(",")) <= _DAYS,
    "WKST": lambda text: text in _DAYS,
    **{name: _numbers(*span) for name, span in _NUMBERS.items()},
}
