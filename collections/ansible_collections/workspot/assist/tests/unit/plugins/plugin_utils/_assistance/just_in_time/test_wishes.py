# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, and how long a ticket has to live for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.plan import _lifetime
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.wishes import Wishes
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from hypothesis import given
from hypothesis import strategies as st

_MINUTES = {0: 1, 1: 60, 2: 24 * 60}


@given(st.integers(1, 99 * 24 * 60))
def test_a_ticket_lives_long_enough_and_no_longer_than_it_has_to(minutes: int) -> None:
    found = _lifetime(timedelta(minutes=minutes))
    amount, unit = found["MaxTicketExpiry"], found["MaxTicketExpiryUnits"]
    assert 1 <= amount <= 99
    assert (amount - 1) * _MINUTES[unit] < minutes <= amount * _MINUTES[unit]
    assert unit == 0 or minutes > 99 * _MINUTES[unit - 1]


def test_seconds_are_rounded_up() -> None:
    assert _lifetime(timedelta(seconds=61))["MaxTicketExpiry"] == 2


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (None, "needs helper_addresses"),
        ([], "needs helper_addresses"),
        (["0.0.0.0/0"], "say Any"),
        (["any", "10.0.0.1"], "Any and something else"),
        (["10.0.0.1 & calc"], "no address"),
        (['10.0.0.1" enable=no'], "no address"),
        (["%PATH%"], "no address"),
        (["Internet"], "Internet"),
        ([f"10.20.{number}.0/24" for number in range(200)], "too long"),
    ],
)
def test_addresses_that_are_none(addresses: list[str] | None, words: str) -> None:
    with pytest.raises(InvalidOption, match=words):
        Wishes.of({"just_in_time": True, "helper_addresses": addresses})


def test_addresses_mean_nothing_by_themselves() -> None:
    assert Wishes.of({"just_in_time": False, "helper_addresses": ["10.0.0.1"]}) is None


@pytest.mark.parametrize("word", ["any", "Any", "ANY"])
def test_anybody(word: str) -> None:
    wishes = Wishes.of({"just_in_time": True, "helper_addresses": [word]})
    assert wishes is not None
    assert wishes.addresses == ()
    assert wishes.shown == ["any"]
