# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""States out of values, and plans out of states: what is written is what is wanted, and nothing else moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.desired import (
    wanted_security_options,
    wanted_states,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.plan import (
    DomainValue,
    changes,
    direct_writes,
    local_values,
    manage,
    overruled,
    rewritten,
    security_changes,
    slots,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import (
    DISABLED,
    ENABLED,
    NOT_CONFIGURED,
    POLICIES,
    POLICY_OF_ELEMENT,
    TERMINAL_SERVICES,
    NameList,
    Policy,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.state import (
    INVALID,
    PolicyState,
    as_data,
    in_words,
    observed,
    same,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    Effect,
    PolicyEntry,
    RegistryPol,
    build_registry_pol,
    effective,
    parse_registry_pol,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.policy import wishes
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats import policy_files
from hypothesis import given
from hypothesis import strategies as st

KEY, HELPERS = wishes.KEY, wishes.HELPERS
BY_OPTION: Mapping[str, Policy] = {policy.option: policy for policy in POLICIES}
NOTHING = {policy.option: PolicyState(NOT_CONFIGURED) for policy in POLICIES}
OURS = {(KEY, policy.value_name.lower()) for policy in POLICIES} | {
    (KEY, element.value_name.lower())
    for policy in POLICIES
    for element in policy.elements
    if not isinstance(element, NameList)
}


@pytest.mark.parametrize(
    ("values", "state", "elements"),
    [
        ({}, NOT_CONFIGURED, {}),
        ({"fallowtogethelp": 1}, ENABLED, {}),
        ({"fallowtogethelp": 0}, DISABLED, {}),
        ({"fallowtogethelp": 2}, INVALID, {}),
        ({"fallowtogethelp": "1"}, INVALID, {}),
        ({"fallowtogethelp": None}, INVALID, {}),
        ({"fallowtogethelp": 1, "maxticketexpiry": 5}, ENABLED, {"ticket_lifetime": 5}),
        ({"fallowtogethelp": 1, "maxticketexpiryunits": 9}, ENABLED, {"ticket_lifetime_units": "invalid (9)"}),
        ({"maxticketexpiry": None}, NOT_CONFIGURED, {"ticket_lifetime": INVALID}),
    ],
)
def test_a_state_out_of_values(values: dict[str, Any], state: str, elements: dict[str, Any]) -> None:
    policy = BY_OPTION["solicited_remote_assistance"]
    found = observed(policy, TERMINAL_SERVICES, {(KEY, name): data for name, data in values.items()})
    assert found.state == state
    assert found.words(policy) == {policy.option: state, **elements}


def test_helpers_out_of_values_are_their_data_in_order() -> None:
    policy = BY_OPTION["offer_remote_assistance"]
    values = {(HELPERS, "2"): "CORP\\b", (HELPERS, "1"): "CORP\\C", (HELPERS, "bad"): None, (KEY, "x"): "CORP\\a"}
    assert observed(policy, TERMINAL_SERVICES, values).elements == {"offer_helpers": ("CORP\\b", "CORP\\C")}


@given(wishes.wishes)
def test_words_and_data_are_two_ways_to_say_it(said: dict[str, Any]) -> None:
    for option, policy in POLICY_OF_ELEMENT.items():
        if option in said:
            element = next(item for item in policy.elements if item.option == option)
            assert in_words(element, as_data(element, said[option])) == said[option]


def test_same_ignores_the_case_and_order_of_names_and_nothing_else() -> None:
    offer, warn = BY_OPTION["offer_remote_assistance"], BY_OPTION["warning_messages"]
    one = PolicyState(ENABLED, {"offer_helpers": ("CORP\\A", "corp\\b")})
    assert same(offer, one, PolicyState(ENABLED, {"offer_helpers": ("CORP\\B", "corp\\a")}))
    assert not same(offer, one, PolicyState(ENABLED, {"offer_helpers": ("CORP\\B",)}))
    assert not same(offer, one, PolicyState(DISABLED, one.elements))
    assert same(warn, PolicyState(ENABLED, {"warning_before_control": ""}), PolicyState(ENABLED))
    assert not same(
        warn,
        PolicyState(ENABLED, {"warning_before_control": "a"}),
        PolicyState(ENABLED, {"warning_before_control": "A"}),
    )


def planned(settings: Mapping[str, Any], pol: RegistryPol, live: dict[tuple[str, str], Any]) -> Any:
    local = local_values(pol)
    current = {policy.option: observed(policy, TERMINAL_SERVICES, local) for policy in POLICIES}
    return manage(wanted_states(settings, current), local, live)


def left(effect: Effect | None) -> PolicyEntry | str | None:
    """What a file leaves of a value; a list that deletes it may be shorter by another one's name."""
    return "deleted" if effect is not None and effect.kind == "delete" else effect.entry if effect else None


@given(policy_files.sane_files, wishes.wishes, wishes.keys_full)
def test_a_rewritten_file_says_what_is_wanted_and_all_else_as_before(
    pol: RegistryPol, settings: dict[str, Any], live: dict[tuple[str, str], Any]
) -> None:
    managed = planned(settings, pol, live)
    found = changes(managed, frozenset(), with_files=True)
    new = rewritten(pol, managed, frozenset(item.setting for item in found))
    assert parse_registry_pol(build_registry_pol(new)) == new
    again = planned(settings, new, live)
    for item in again:
        assert same(item.policy, item.wanted, item.local), item
        assert same(item.policy, item.wanted, observed(item.policy, TERMINAL_SERVICES, local_values(new)))
    assert not [item for item in changes(again, frozenset(), with_files=True) if "local_group_policy" in item.where]
    before, after = effective(pol), effective(new)
    managed_lists = {HELPERS} if any(item.policy.option == "offer_remote_assistance" for item in managed) else set()
    for where in before.keys() | after.keys():
        if where not in OURS and where[0] not in managed_lists:
            assert left(before.get(where)) == left(after.get(where)), where
    if not found:
        assert new is pol


@given(wishes.wishes, wishes.keys_full)
def test_direct_writes_make_the_registry_agree(settings: dict[str, Any], live: dict[tuple[str, str], Any]) -> None:
    current = {policy.option: observed(policy, TERMINAL_SERVICES, live) for policy in POLICIES}
    managed = manage(wanted_states(settings, current), {}, live)
    writes = direct_writes(managed, frozenset(), live)
    assert bool(writes) == bool(changes(managed, frozenset(), with_files=False))
    after = dict(live)
    for write in writes:
        where = (write.key.lower(), write.name.lower())
        if write.data is None:
            del after[where]  # it is there: nothing is removed that is not
        else:
            assert after.get(where) != write.data
            after[where] = write.data
    for item in managed:
        assert same(item.policy, item.wanted, observed(item.policy, TERMINAL_SERVICES, after))
    named = {(KEY, name) for _key, name in OURS} | {where for where in live if where[0] == HELPERS}
    assert {k: v for k, v in after.items() if k not in named and k[0] != HELPERS} == {
        k: v for k, v in live.items() if k not in named
    }


@given(wishes.wishes, wishes.keys_full)
def test_a_policy_that_nobody_names_is_not_written(settings: dict[str, Any], live: dict[tuple[str, str], Any]) -> None:
    settings = {name: value for name, value in settings.items() if name != "session_logging"}
    current = {policy.option: observed(policy, TERMINAL_SERVICES, live) for policy in POLICIES}
    managed = manage(wanted_states(settings, current), {}, live)
    assert "LoggingEnabled" not in {write.name for write in direct_writes(managed, frozenset(), live)}


def test_what_a_disabled_policy_writes() -> None:
    managed = planned(
        {"solicited_remote_assistance": "disabled", "offer_remote_assistance": "disabled"}, RegistryPol(()), {}
    )
    names = frozenset(item.setting for item in changes(managed, frozenset(), with_files=True))
    entries = [
        (entry.key, entry.value_name, entry.number or entry.text)
        for entry in rewritten(RegistryPol(()), managed, names).entries
    ]
    assert entries == [
        (TERMINAL_SERVICES, "fAllowToGetHelp", None),
        (TERMINAL_SERVICES, "**del.fAllowFullControl", " "),
        (TERMINAL_SERVICES, "**del.MaxTicketExpiry", " "),
        (TERMINAL_SERVICES, "**del.MaxTicketExpiryUnits", " "),
        (TERMINAL_SERVICES, "**del.fUseMailto", " "),
        (TERMINAL_SERVICES, "fAllowUnsolicited", None),
        (TERMINAL_SERVICES, "**del.fAllowUnsolicitedFullControl", " "),
        (f"{TERMINAL_SERVICES}\\RAUnsolicit", "**delvals.", " "),
    ]


def test_an_unprocessed_file_counts_as_not_there_but_for_what_has_to_go() -> None:
    pol = RegistryPol((PolicyEntry.dword(TERMINAL_SERVICES, "LoggingEnabled", 1),))
    for wanted, seen in (("enabled", NOT_CONFIGURED), ("not_configured", ENABLED)):
        (item,) = manage(
            {"session_logging": PolicyState(wanted)}, local_values(pol), {(KEY, "loggingenabled"): 1}, processed=False
        )
        assert item.local.state == seen
        assert changes([item], frozenset(), with_files=True)


def test_changes_say_where() -> None:
    pol = RegistryPol((PolicyEntry.dword(TERMINAL_SERVICES, "LoggingEnabled", 1),))
    settings = {"session_logging": "enabled"}
    (change,) = changes(planned(settings, pol, {}), frozenset(), with_files=True)
    assert (change.before, change.after, change.where) == (
        "enabled",
        "enabled",
        ("registry",),
    ) or change.before != "enabled"
    live = {(KEY, "loggingenabled"): 1}
    (change,) = changes(planned(settings, RegistryPol(()), live), frozenset(), with_files=True)
    assert (change.before, change.where) == (NOT_CONFIGURED, ("local_group_policy",))
    assert changes(planned(settings, RegistryPol(()), live), frozenset(), with_files=False) == []
    (change,) = changes(planned(settings, RegistryPol(()), {}), frozenset({"session_logging"}), with_files=True)
    assert change.where == ("local_group_policy",)


def domain(**values: Any) -> dict[tuple[str, str], DomainValue]:
    return {(KEY, name.lower()): DomainValue("Baseline", "{1}", data) for name, data in values.items()}


@pytest.mark.parametrize(
    ("wanted", "theirs", "lost"),
    [
        ({"session_logging": "enabled"}, domain(LoggingEnabled=0), {"session_logging": DISABLED}),
        ({"session_logging": "enabled"}, domain(LoggingEnabled=1), {}),
        ({"session_logging": "enabled"}, domain(fAllowToGetHelp=0), {}),
        ({"session_logging": "enabled"}, domain(LoggingEnabled=None), {"session_logging": NOT_CONFIGURED}),
        ({"session_logging": "not_configured"}, domain(LoggingEnabled=None), {}),
        ({"session_logging": "not_configured"}, domain(LoggingEnabled=1), {"session_logging": ENABLED}),
        ({"session_logging": "enabled"}, domain(LoggingEnabled="1"), {"session_logging": INVALID}),
        (
            {"solicited_remote_assistance": "enabled", "ticket_lifetime": 2},
            domain(MaxTicketExpiry=3, MaxTicketExpiryUnits=1),
            {"ticket_lifetime": 3},
        ),
        (
            {"warning_messages": "enabled", "warning_before_control": ""},
            domain(ShareControlMessage=None),
            {},
        ),
    ],
)
def test_what_a_domain_overrules(wanted: Any, theirs: Any, lost: dict[str, Any]) -> None:
    managed = manage(wanted_states(wanted, NOTHING), {}, {})
    assert {item.setting: item.in_force for item in overruled(managed, theirs)} == lost


@given(wishes.wishes, wishes.keys_full, st.sets(st.sampled_from([*BY_OPTION, *POLICY_OF_ELEMENT])))
def test_what_a_domain_decides_is_never_written_to_the_registry(
    settings: dict[str, Any], live: dict[tuple[str, str], Any], lost: set[str]
) -> None:
    current = {policy.option: observed(policy, TERMINAL_SERVICES, live) for policy in POLICIES}
    writes = direct_writes(manage(wanted_states(settings, current), {}, live), frozenset(lost), live)
    names = {write.name.lower() for write in writes if write.key == TERMINAL_SERVICES}
    for option in lost:
        if option in BY_OPTION:
            assert BY_OPTION[option].value_name.lower() not in names
    assert "offer_helpers" not in lost or not [write for write in writes if write.key != TERMINAL_SERVICES]


@given(wishes.security_wishes, wishes.keys_full)
def test_security_options(settings: dict[str, str], live: dict[tuple[str, str], Any]) -> None:
    found, writes = security_changes(wanted_security_options(settings), live)
    after = {**live, **{(write.key.lower(), write.name.lower()): write.data for write in writes}}
    assert len(found) == len(writes)
    assert security_changes(wanted_security_options(settings), after) == ([], [])


def test_slots_leave_empty_boxes_out() -> None:
    policy = BY_OPTION["warning_messages"]
    assert slots(policy, PolicyState(ENABLED, {"warning_before_control": "", "warning_before_connecting": "x"})) == {
        "warning_messages": ENABLED,
        "warning_before_control": None,
        "warning_before_connecting": "x",
    }
