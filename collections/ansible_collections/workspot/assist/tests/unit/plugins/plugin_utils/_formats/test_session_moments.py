# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.session_moments import moment
from hypothesis import given
from hypothesis import strategies as st

BEGAN = "2008-05-07T15:24:00"


@pytest.mark.parametrize(
    ("date", "time", "found"),
    [
        ("Wednesday, May 07, 2008", "3:24 PM", "2008-05-07T15:24"),  # the published sample's form
        ("Mittwoch, 7. Mai 2008", "15:24", "2008-05-07T15:24"),
        ("07.05.2008", "15.24", "2008-05-07T15:24"),
        ("5/7/08", "3:24:09 p.m.", "2008-05-07T15:24:09"),
        ("2008年5月7日", "15:24", "2008-05-07T15:24"),
        ("5/8/2008", "12:01 AM", "2008-05-08T00:01"),  # after midnight
        ("Wednesday, May 07, 2008", "3:24\u202fPM", "2008-05-07T15:24"),
        # not certain
        ("7 พฤษภาคม 2551", "15:24", None),  # another calendar
        ("الأربعاء", "15:24", None),
        ("Wednesday, May 07, 2008", "오후 3:24", None),
        ("Wednesday, May 07, 2008", "3:24", None),  # would be before the log began
        ("Wednesday, May 07, 2008", "13:24 PM", None),
        ("Wednesday, May 07, 2008", "25:00", None),
        ("Wednesday, May 07, 2008", "", None),
        ("May 07", "15:24", None),
        ("June 07, 2009", "15:24", None),
        ("", "15:24", None),
        ("7 7 7 2008", "15:24", None),
        ("9" * 5000, "9" * 5000, None),
    ],
)
def test_only_what_is_certain(date: str, time: str, found: str | None) -> None:
    assert moment(date, time, BEGAN) == found


def test_nothing_without_the_beginning() -> None:
    assert moment("Wednesday, May 07, 2008", "3:24 PM", None) is None


DATES = ("%A, %B %d, %Y", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%Y-%m-%d", "%y/%m/%d", "%d %b %Y")
TIMES = ("%H:%M", "%I:%M %p", "%H.%M", "%I:%M:%S %p")


@given(
    st.datetimes(datetime(1999, 1, 2), datetime(2098, 12, 30)),
    st.timedeltas(timedelta(0), timedelta(hours=30)),
    st.sampled_from(DATES),
    st.sampled_from(TIMES),
)
def test_a_moment_in_any_order_is_the_right_one(began: datetime, after: timedelta, date: str, time: str) -> None:
    """Never another moment than the one that was written; and of forms with a year of four digits, always that."""
    began = began.replace(second=0, microsecond=0)
    at = (began + after).replace(second=0, microsecond=0)
    found = moment(at.strftime(date), at.strftime(time), began.isoformat())
    assert found in (None, at.isoformat(timespec="minutes"))
    assert found is not None or "%y" in date
