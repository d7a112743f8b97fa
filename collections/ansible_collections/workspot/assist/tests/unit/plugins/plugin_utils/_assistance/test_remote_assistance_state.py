# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policy and settings make of Remote Assistance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.remote_assistance_state import (
    effective_state,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.policy import AssistanceValues


@pytest.mark.parametrize(
    ("policy", "system", "allowed", "by"),
    [
        ({}, {}, True, "default"),
        ({}, {"fallowtogethelp": 1}, True, "setting"),
        ({}, {"fallowtogethelp": 0}, False, "setting"),
        ({"fallowtogethelp": 0}, {"fallowtogethelp": 1}, False, "policy"),
        ({"fallowtogethelp": 1}, {"fallowtogethelp": 0}, True, "policy"),
    ],
)
def test_policy_beats_the_setting(policy: dict[str, int], system: dict[str, int], allowed: bool, by: str) -> None:
    state = effective_state(AssistanceValues(policy, system))
    assert (state.allowed, state.allowed_by) == (allowed, by)


@pytest.mark.parametrize(
    ("policy", "system", "minutes", "by"),
    [
        ({}, {}, 360, "default"),
        ({}, {"maxticketexpiry": 6, "maxticketexpiryunits": 1}, 360, "setting"),
        ({}, {"maxticketexpiry": 2}, 120, "setting"),
        ({"maxticketexpiry": 30, "maxticketexpiryunits": 0}, {"maxticketexpiry": 6}, 30, "policy"),
        ({"maxticketexpiry": 10, "maxticketexpiryunits": 2}, {}, 14400, "policy"),
        ({"maxticketexpiry": 0}, {"maxticketexpiry": 3}, 180, "setting"),
        ({"maxticketexpiry": 2, "maxticketexpiryunits": 9}, {}, 120, "policy"),
    ],
)
def test_the_lifetime_and_who_decides_it(policy: dict[str, int], system: dict[str, int], minutes: int, by: str) -> None:
    state = effective_state(AssistanceValues(policy, system))
    assert (state.lifetime, state.lifetime_by) == (timedelta(minutes=minutes), by)


def test_the_rest() -> None:
    state = effective_state(AssistanceValues({"fallowfullcontrol": 0, "createencryptedonlytickets": 1}, {}))
    assert not state.full_control
    assert state.encrypted_only
    assert state.as_data()["lifetime_minutes"] == 360
