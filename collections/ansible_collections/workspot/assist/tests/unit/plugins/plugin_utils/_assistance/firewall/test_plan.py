# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes and hosts become plans: what is written is what is wanted, once, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.plan import (
    altered,
    in_words,
    program_name,
    rule_changes,
    setting_changes,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import (
    BY_NAME,
    FACTORY_RULES,
    PARTS,
    PROFILES,
    part_of,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import (
    DOMAIN,
    PRIVATE,
    PUBLIC,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    DCOM_IN,
    FACTORY,
    MSRA_IN,
    MSRA_PUBLIC,
    OPTIONS,
    Rules,
    applied,
    facts,
    hosts,
    later,
    with_rule,
    without,
)
from hypothesis import given, settings

OUT = "RemoteAssistance-Out-TCP-Active"
NEW = "RemoteAssistance-New-In-TCP"


def wishes(**options: Any) -> FirewallRequest:
    """A request."""
    return FirewallRequest.of(options)


def told(request: FirewallRequest, rules: Rules) -> dict[str, tuple[Any, Any]]:
    """What a plan says, by setting: before and after."""
    read = facts(rules)
    found = setting_changes(request, read, rule_changes(request, read))
    assert len({item.setting for item in found}) == len(found)
    return {item.setting: (item.before, item.after) for item in found}


# Tables of wish and state ----------------------------------------------------------------------------


def test_a_new_windows_is_as_windows_has_it() -> None:
    assert rule_changes(wishes(preset="windows_default"), facts()) == []
    assert in_words(FACTORY) == {
        "domain": dict.fromkeys(PARTS, "on"),
        "private": {"msra": "on", "raserver": "off", "dcom": "off", "ssdp": "on", "pnrp": "on"},
        "public": dict.fromkeys(PARTS, "off"),
    }


def test_helpdesk_on_a_new_windows() -> None:
    request = wishes(preset="helpdesk", remote_addresses=["10.20.0.0/16"])
    rules = applied(request, FACTORY)
    assert {name for name, rule in rules.items() if rule.enabled} == {MSRA_IN.lower(), OUT.lower()}
    msra = rules[MSRA_IN.lower()]
    assert (msra.profiles, msra.edge, msra.remote_addresses) == (DOMAIN, 0, {"10.20.0.0/16"})
    said = told(request, FACTORY)
    assert said.pop("edge_traversal") == (True, False)
    assert said.pop("remote_addresses") == (["any"], ["10.20.0.0/16"])
    off = [place for place, (before, after) in said.items() if (before, after) == ("on", "off")]
    assert sorted(off) == sorted(said)
    assert "private.msra" in said
    assert "domain.msra" not in said


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("wanted", [True, False])
def test_one_part_in_one_profile(profile: str, part: str, wanted: bool) -> None:
    request = wishes(**{profile: {part: wanted}})
    before, after = in_words(FACTORY), in_words(applied(request, FACTORY))
    expected = {name: dict(found) for name, found in before.items()}
    expected[profile][part] = "on" if wanted else "off"
    assert after == expected
    changed = before != after
    assert told(request, FACTORY) == (
        {f"{profile}.{part}": (before[profile][part], after[profile][part])} if changed else {}
    )


def test_a_twin_for_the_public_profile_has_it_alone() -> None:
    rules = applied(wishes(public={"msra": True}), FACTORY)
    assert rules[MSRA_PUBLIC.lower()].enabled
    assert rules[MSRA_IN.lower()].profiles == DOMAIN | PRIVATE


def test_a_rule_in_a_profile_that_is_its_twins_is_taken_back() -> None:
    """Somebody gave the domain's rule all profiles: the public one is its twin's, where that is decided."""
    rules = with_rule(MSRA_IN, profiles=DOMAIN | PRIVATE | PUBLIC)
    assert applied(wishes(public={"msra": False}), rules)[MSRA_IN.lower()].profiles == DOMAIN | PRIVATE
    assert applied(wishes(domain={"msra": True}), rules)[MSRA_IN.lower()].profiles == DOMAIN | PRIVATE | PUBLIC
    # What the words do not show is told by the rule's name.
    assert told(wishes(public={"msra": False}), rules) == {
        MSRA_IN: ("on in domain, private, public", "on in domain, private")
    }


def test_a_part_without_a_rule_of_that_profile_gets_it() -> None:
    rules = applied(wishes(public={"dcom": True}), FACTORY)
    assert rules[DCOM_IN.lower()].profiles == DOMAIN | PUBLIC


def test_a_rule_that_is_off_everywhere_keeps_its_profiles() -> None:
    rules = applied(wishes(domain={"dcom": False}), FACTORY)
    assert rules[DCOM_IN.lower()] == replace(FACTORY[DCOM_IN.lower()], enabled=False)


def test_partly_on_is_not_on() -> None:
    rules = with_rule(OUT, profiles=PRIVATE)
    assert in_words(rules)["domain"]["msra"] == "partly"
    assert told(wishes(domain={"msra": True}), rules) == {"domain.msra": ("partly", "on")}
    assert told(wishes(domain={"msra": False}), rules) == {"domain.msra": ("partly", "off")}


def test_every_rule_that_the_words_do_not_show_is_told() -> None:
    extra = {later(f"X{number}", program="C:\\x.exe").instance_id: None for number in range(2)}
    rules = {**FACTORY, **{name.lower(): later(name, program="C:\\x.exe") for name in extra}}
    request = wishes(domain={"state": "off"}, private={"state": "off"}, public={"state": "off"})
    said = told(request, rules)
    assert {"X0", "X1", "domain.msra"} <= set(said)
    assert said["X0"] == ("on in domain, private, public", "off in domain, private, public")


# Missing and altered rules ---------------------------------------------------------------------------


def test_missing_rules_are_made_where_they_are_to_be_on() -> None:
    request = wishes(preset="helpdesk")
    changes = rule_changes(request, facts({}))
    assert {change.name for change in changes} == {MSRA_IN, OUT}
    assert all(change.again and change.now is None for change in changes)
    assert told(request, {}) == {
        "domain.msra": ("off", "on"),
        MSRA_IN: ("missing", "as Windows made it"),
        OUT: ("missing", "as Windows made it"),
    }
    assert rule_changes(wishes(preset="locked_down"), facts({})) == []
    assert rule_changes(wishes(edge_traversal=False), facts({})) == []


def test_windows_default_makes_what_is_on_when_windows_is_new() -> None:
    made = applied(wishes(preset="windows_default"), {})
    assert made == {name: rule for name, rule in FACTORY.items() if rule.enabled}


@pytest.mark.parametrize(
    "fields",
    [
        {"program": "C:\\Users\\Public\\x.exe"},
        {"program": ""},
        {"program": "%SystemRoot%\\system32\\msra.exe\\..\\x.exe"},
        {"program": "D:\\msra.exe"},
        {"program": "C:\\Users\\Public\\system32\\msra.exe"},
        {"service": "rpcss"},
        {"protocol": 17},
        {"protocol": None},
        {"local_ports": frozenset({"4711"})},
        {"remote_ports": frozenset({"4711"})},
        {"action": "Block"},
        {"action": "ByPass"},
        {"inbound": False, "edge": 0},
        {"local_addresses": frozenset({"10.0.0.1"})},
        {"conditions": frozenset({"rmauth"})},
    ],
    ids=str,
)
def test_a_rule_about_something_else_is_made_again_or_switched_off(fields: dict[str, Any]) -> None:
    rules = with_rule(MSRA_IN, **fields)
    assert altered(rules[MSRA_IN.lower()], BY_NAME[MSRA_IN.lower()])
    assert in_words(rules)["domain"]["msra"] == "partly"
    (change,) = rule_changes(wishes(domain={"msra": True}), facts(rules))
    assert change.again
    assert change.wanted == FACTORY[MSRA_IN.lower()]
    assert told(wishes(domain={"msra": True}), rules)[MSRA_IN] == ("altered", "as Windows made it")
    closing = rule_changes(wishes(domain={"msra": False}, private={"msra": False}), facts(rules))
    found = [item for item in closing if item.name == MSRA_IN]
    if fields.get("action") == "Block":
        assert found == [], "it opens nothing"
        return
    (off,) = found
    assert not off.again
    assert off.wanted == replace(rules[MSRA_IN.lower()], enabled=False)
    assert MSRA_IN in told(wishes(domain={"msra": False}, private={"msra": False}), rules)
    # What is off already, or not asked for, is left alone.
    assert rule_changes(wishes(domain={"dcom": True}), facts(rules)) == []
    idle = with_rule(MSRA_IN, enabled=False, **fields)
    closed = applied(wishes(domain={"msra": False}, private={"msra": False}), idle)
    assert closed[MSRA_IN.lower()] == idle[MSRA_IN.lower()]


@pytest.mark.parametrize(
    "path",
    ["%SystemRoot%\\system32\\msra.exe", "C:\\Windows\\System32\\MSRA.EXE", "%windir%\\system32\\msra.exe"],
)
def test_one_program_in_several_spellings(path: str) -> None:
    assert program_name(path) == "msra.exe"
    assert not altered(with_rule(MSRA_IN, program=path)[MSRA_IN.lower()], BY_NAME[MSRA_IN.lower()])


def test_a_program_elsewhere_is_another_one() -> None:
    folders = ("C:\\Windows\\Temp", "D:\\Windows\\System32x", "C:\\Users\\Public\\System32", "%TEMP%\\system32", "x")
    for folder in folders:
        path = f"{folder}\\msra.exe"
        assert program_name(path) == path.lower()


# Rules of a later Windows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "options", "profiles"),
    [
        ({"program": "C:\\Windows\\System32\\msra.exe"}, {"domain": {"msra": False}}, PRIVATE | PUBLIC),
        ({"program": "C:\\Windows\\System32\\msra.exe"}, {"domain": {"msra": True}}, DOMAIN | PRIVATE | PUBLIC),
        ({"program": "C:\\Windows\\System32\\msra.exe"}, {"preset": "helpdesk"}, DOMAIN),
        ({"program": "C:\\Windows\\System32\\msra.exe"}, {"preset": "locked_down"}, 0),
        ({"program": "C:\\new.exe"}, {"preset": "locked_down"}, 0),
        ({"program": "C:\\new.exe"}, {"preset": "helpdesk"}, 0),
        ({"program": "C:\\new.exe"}, {"preset": "windows_default"}, DOMAIN | PRIVATE | PUBLIC),
        ({"program": "C:\\new.exe"}, {"public": {"state": "off"}}, DOMAIN | PRIVATE),
        ({"program": "C:\\new.exe"}, {"public": {"msra": False}}, DOMAIN | PRIVATE | PUBLIC),
        ({"program": "C:\\new.exe", "inbound": False}, {"public": {"state": "off"}}, DOMAIN | PRIVATE),
        ({"program": "C:\\new.exe", "enabled": False}, {"domain": {"state": "on"}}, 0),
        ({"action": "Block"}, {"preset": "locked_down"}, DOMAIN | PRIVATE | PUBLIC),
    ],
)
def test_it_is_closed_with_the_rest_and_opened_by_nobody(
    fields: dict[str, Any], options: dict[str, Any], profiles: int
) -> None:
    rule = later(**fields)
    found = applied(FirewallRequest.of(options), {**FACTORY, NEW.lower(): rule})[NEW.lower()]
    assert (found.profiles if found.enabled else 0) == profiles
    assert replace(found, enabled=rule.enabled, profiles=rule.profiles) == rule


def test_it_counts_in_the_words() -> None:
    rules = {**without(), NEW.lower(): later(service="rpcss", profiles=PUBLIC)}
    assert in_words(rules)["public"]["dcom"] == "partly"
    assert told(wishes(public={"dcom": False}), rules) == {"public.dcom": ("partly", "off")}


# Limits ----------------------------------------------------------------------------------------------


def test_edge_traversal_is_for_the_rules_that_are_made_for_it() -> None:
    off = applied(wishes(edge_traversal=False), FACTORY)
    assert {rule.edge for rule in off.values()} == {0}
    assert applied(wishes(edge_traversal=True), off) == FACTORY
    changed = {name for name, rule in off.items() if rule != FACTORY[name]}
    assert changed == {name for name, rule in FACTORY.items() if rule.edge}
    assert told(wishes(edge_traversal=False), FACTORY) == {"edge_traversal": (True, False)}


@pytest.mark.parametrize("edge", [1, 2])
def test_edge_traversal_by_another_rule_is_put_right(edge: int) -> None:
    rules = with_rule(MSRA_IN, edge=edge)
    assert applied(wishes(edge_traversal=True), rules)[MSRA_IN.lower()].edge == 3
    assert applied(wishes(edge_traversal=False), rules)[MSRA_IN.lower()].edge == 0


def test_addresses_narrow_what_comes_in_from_anywhere() -> None:
    narrowed = applied(wishes(remote_addresses=["10.20.0.0/16"]), FACTORY)
    changed = {name for name, rule in narrowed.items() if rule.remote_addresses != FACTORY[name].remote_addresses}
    names = (
        "In-TCP-EdgeScope",
        "In-TCP-EdgeScope-Active",
        "DCOM-In-TCP-NoScope-Active",
        "RAServer-In-TCP-NoScope-Active",
    )
    assert changed == {f"remoteassistance-{name.lower()}" for name in names}
    assert applied(wishes(remote_addresses=["any"]), narrowed) == FACTORY
    assert told(wishes(remote_addresses=["any"]), narrowed) == {"remote_addresses": (["10.20.0.0/16"], ["any"])}


# Properties ------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(OPTIONS, hosts())
def test_a_plan_is_carried_out_once_and_is_what_was_wished(options: dict[str, Any], rules: Rules) -> None:
    request = FirewallRequest.of(options)
    after = applied(request, rules)
    assert rule_changes(request, facts(after)) == []
    words = in_words(after)
    for (profile, part), wanted in request.parts.items():
        assert words[profile][part] == ("on" if wanted else "off")
    for name, rule in after.items():
        for profile in request.closed:
            open_there = rule.enabled and rule.action == "Allow" and bool(rule.profiles & PROFILES[profile])
            part = part_of(rule)
            assert not open_there or request.parts.get((profile, part or "")) is True, (name, profile)


@given(OPTIONS, hosts())
def test_what_is_not_named_is_left_alone(options: dict[str, Any], rules: Rules) -> None:
    request = FirewallRequest.of(options)
    managed = {part for _profile, part in request.parts}
    limited = request.edge_traversal is not None or request.remote_addresses is not None
    for name, rule in applied(request, rules).items():
        if limited or part_of(rule) in managed or (part_of(rule) is None and request.closed):
            continue
        assert rules[name] == rule
    assert not set(rules) - set(applied(request, rules))


@given(OPTIONS, hosts())
def test_other_profiles_keep_what_they_have(options: dict[str, Any], rules: Rules) -> None:
    request = FirewallRequest.of(options)
    known = {item.rule.instance_id.lower(): item for item in FACTORY_RULES}
    sound = {name: rule for name, rule in rules.items() if name not in known or not altered(rule, known[name])}
    before, after = in_words(sound), in_words(applied(request, sound))
    for profile in PROFILES:
        for part in PARTS:
            if (profile, part) not in request.parts:
                assert after[profile][part] == before[profile][part] or profile in request.closed


@given(OPTIONS, hosts())
def test_whatever_is_written_is_told_and_nothing_else(options: dict[str, Any], rules: Rules) -> None:
    request = FirewallRequest.of(options)
    said, changes = told(request, rules), rule_changes(request, facts(rules))
    assert bool(said) == bool(changes)
    assert all(before != after for before, after in said.values())
    closing = [change.wanted.enabled for change in changes]
    assert closing == sorted(closing), "what closes comes first"
