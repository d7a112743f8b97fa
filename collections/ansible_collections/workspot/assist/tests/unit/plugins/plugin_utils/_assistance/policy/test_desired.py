# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task wants: presets, refinement, refusals, elements that stay or begin at the editor's defaults."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.desired import (
    check_settings,
    wanted_security_options,
    wanted_states,
    with_preset,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.presets import BASELINES, PRESETS
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import (
    DISABLED,
    ENABLED,
    NOT_CONFIGURED,
    POLICIES,
    POLICY_OF_ELEMENT,
    SECURITY_OPTIONS,
    STATES,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.state import INVALID, PolicyState
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.policy import wishes
from hypothesis import given

NOTHING = {policy.option: PolicyState(NOT_CONFIGURED) for policy in POLICIES}
HELPDESK = dict(PRESETS["helpdesk"].options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"preset": None, "session_logging": None}, {}),
        ({"session_logging": "enabled", "scope": "registry"}, {"session_logging": "enabled"}),
        ({"preset": "helpdesk"}, HELPDESK),
        ({"preset": "helpdesk", "ticket_lifetime": 4}, {**HELPDESK, "ticket_lifetime": 4}),
        ({"preset": "helpdesk", "uac_secure_desktop": "disabled"}, {**HELPDESK, "uac_secure_desktop": "disabled"}),
        (
            {"preset": "helpdesk", "solicited_remote_assistance": "disabled"},
            {
                "solicited_remote_assistance": "disabled",
                "offer_remote_assistance": "disabled",
                "session_logging": "enabled",
                "vista_or_later_only": "enabled",
            },
        ),
        (
            {"preset": "locked_down", "offer_remote_assistance": "enabled", "offer_helpers": []},
            {"solicited_remote_assistance": "disabled", "offer_remote_assistance": "enabled", "offer_helpers": []},
        ),
    ],
)
def test_presets_and_their_refinement(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert with_preset(options) == expected


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(InvalidOption, match="there is no preset 'x'; there are helpdesk, locked_down"):
        with_preset({"preset": "x"})


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_made_of_options_and_passes_its_own_check(name: str) -> None:
    preset = PRESETS[name]
    known = {*(policy.option for policy in POLICIES), *POLICY_OF_ELEMENT}
    assert set(preset.options) <= known  # and touches no security option
    check_settings(preset.options)
    assert preset.name == name
    assert preset.source


def test_baselines_are_about_policies_and_states() -> None:
    assert {rule.option for rule in BASELINES} <= {policy.option for policy in POLICIES}
    assert {rule.wanted for rule in BASELINES} <= set(STATES)
    assert len({rule.rule_id for rule in BASELINES}) == len(BASELINES)
    assert {rule.rule_id for rule in BASELINES} >= {"WN11-CC-000155", "18.9.35.1", "18.9.35.2"}
    # locked_down is what the baselines ask for.
    assert {rule.option: rule.wanted for rule in BASELINES} == dict(PRESETS["locked_down"].options)


def test_no_two_settings_share_a_name_or_a_value() -> None:
    options = [policy.option for policy in POLICIES] + [item.option for item in SECURITY_OPTIONS] + [*POLICY_OF_ELEMENT]
    assert len(set(options)) == len(options) == 17
    values = [policy.value_name for policy in POLICIES]
    values += [getattr(e, "value_name", e.option) for policy in POLICIES for e in policy.elements]
    assert len({name.lower() for name in values}) == len(values)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ticket_lifetime": 0}, "ticket_lifetime is between 1 and 99, not 0."),
        ({"ticket_lifetime": 100}, "between 1 and 99, not 100"),
        ({"warning_before_control": "x" * 1024}, "at most 1023 characters, not 1024"),
        ({"warning_before_connecting": "a\r\nb"}, "one line of printable text"),
        ({"warning_before_connecting": "a\0b"}, "one line of printable text"),
        ({"offer_helpers": ["CORP\\ok", "  "]}, "takes names such as"),
        ({"offer_helpers": ["**del.CORP\\x"]}, "takes names such as"),
        ({"offer_helpers": ["x" * 260]}, "at most 259 characters, not 260"),
        ({"offer_helpers": ["A", "a"]}, "names A twice"),
        ({"offer_remote_assistance": "disabled", "offer_control": "view_only"}, "only where offer_remote_assistance"),
        ({"offer_remote_assistance": "not_configured", "offer_helpers": []}, "not not_configured"),
    ],
)
def test_what_the_editor_would_not_take(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        check_settings(settings)
    assert said in str(caught.value)


@given(wishes.wishes)
def test_what_may_be_said_passes(settings: dict[str, Any]) -> None:
    check_settings(settings)
    states = wanted_states(settings, NOTHING)
    assert {option: state.state for option, state in states.items()} == {
        policy.option: settings[policy.option] for policy in POLICIES if policy.option in settings
    }
    for policy in POLICIES:
        if policy.option in states:
            elements = {element.option for element in policy.elements}
            # As the editor: all elements of an enabled policy, and none of another one.
            assert set(states[policy.option].elements) == (elements if settings[policy.option] == ENABLED else set())


@given(wishes.wishes, wishes.wishes)
def test_what_is_not_said_stays(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = wanted_states(first, NOTHING)
    current = {**NOTHING, **before}
    after = wanted_states(second, current)
    for policy in POLICIES:
        if policy.option not in after or ENABLED not in (after[policy.option].state, current[policy.option].state):
            continue
        for element in policy.elements:
            if element.option not in second and current[policy.option].state == after[policy.option].state == ENABLED:
                kept = current[policy.option].elements[element.option]
                assert after[policy.option].elements[element.option] == kept


def test_an_element_of_a_policy_that_is_not_enabled_is_refused() -> None:
    for state in (NOT_CONFIGURED, DISABLED, INVALID):
        current = {**NOTHING, "solicited_remote_assistance": PolicyState(state)}
        with pytest.raises(InvalidOption, match=f"is enabled, and it is {state}"):
            wanted_states({"ticket_lifetime": 5}, current)
    enabled = {**NOTHING, "solicited_remote_assistance": PolicyState(ENABLED, {"ticket_lifetime": 3})}
    state = wanted_states({"solicited_control": "view_only"}, enabled)["solicited_remote_assistance"]
    assert state.elements == {
        "solicited_control": 0,
        "ticket_lifetime": 3,
        "ticket_lifetime_units": 1,
        "invitation_mail_method": 0,
    }


def test_elements_that_no_editor_wrote_begin_anew() -> None:
    broken = PolicyState(ENABLED, {"ticket_lifetime": 1000, "ticket_lifetime_units": 7, "solicited_control": INVALID})
    current = {**NOTHING, "solicited_remote_assistance": broken}
    state = wanted_states({"solicited_remote_assistance": "enabled"}, current)["solicited_remote_assistance"]
    assert (state.elements["ticket_lifetime"], state.elements["ticket_lifetime_units"]) == (1, 1)
    assert state.elements["solicited_control"] == 1


def test_security_options_are_numbers() -> None:
    assert wanted_security_options({}) == {}
    assert wanted_security_options({"uac_secure_desktop": "disabled", "uac_uiaccess_prompts": "enabled"}) == {
        "uac_uiaccess_prompts": 1,
        "uac_secure_desktop": 0,
    }
