# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps wishes from having their effect, each cause by itself and together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.facts import FirewallFacts
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.hindrances import (
    Hindrance,
    hindrances,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import (
    ALL_PROFILES,
    DOMAIN,
    PRIVATE,
    PUBLIC,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import ProfileState
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    DCOM_IN,
    FACTORY,
    MSRA_IN,
    OPTIONS,
    active,
    facts,
    hosts,
    later,
    with_rule,
)
from hypothesis import given

GPO_RULE = "{11111111-2222-3333-4444-555555555555}"
MSRA = "%SystemRoot%\\system32\\msra.exe"
PATH_GROUP = "@%SystemRoot%\\system32\\FirewallAPI.dll,-33002"
BLOCK = later("Block all", action="Block", protocol=None, group="")
ALL_IN_FORCE = tuple(active(rule) for rule in FACTORY.values())


def found(options: dict[str, Any], read: FirewallFacts) -> list[Hindrance]:
    """What keeps options from having their effect."""
    return hindrances(FirewallRequest.of(options), read)


def kinds(options: dict[str, Any], read: FirewallFacts) -> list[tuple[str, str]]:
    """The same as kind and profile."""
    return [(item.kind, item.profile) for item in found(options, read)]


def host(**more: Any) -> FirewallFacts:
    """A new Windows of which everything is in force, with more."""
    return facts(**{"active": ALL_IN_FORCE, **more})


def profiles(**states: ProfileState) -> dict[int, ProfileState]:
    """The three profiles, some in another state."""
    bits = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
    return {bit: states.get(name, ProfileState()) for name, bit in bits.items()}


@pytest.mark.parametrize("preset", ["windows_default", "helpdesk", "locked_down"])
def test_nothing_hinders_on_a_new_windows(preset: str) -> None:
    assert found({"preset": preset}, host()) == []


def test_a_host_that_does_not_tell() -> None:
    (item,) = found({"preset": "helpdesk"}, facts())
    assert (item.kind, item.profile, item.decides) == ("in_force_unknown", "", False)
    assert set(item.as_data()) == {"kind", "title", "profile", "cause", "fix"}


@pytest.mark.parametrize(
    "options",
    [{"preset": "helpdesk"}, {"preset": "locked_down"}, {"domain": {"msra": False}}, {"edge_traversal": False}],
    ids=str,
)
def test_the_firewall_is_off(options: dict[str, Any]) -> None:
    """Then nothing is closed either."""
    read = host(profiles=profiles(domain=ProfileState(enabled=False, inbound_allowed=False, local_rules=False)))
    (item,) = found(options, read)
    assert (item.kind, item.profile, item.decides) == ("firewall_off", "domain", False)


def test_a_profile_that_is_not_asked_for_hinders_nothing() -> None:
    read = host(profiles=profiles(public=ProfileState(enabled=False), private=ProfileState(inbound_allowed=False)))
    assert found({"domain": {"state": "on"}}, read) == []


def test_all_incoming_connections_are_blocked() -> None:
    read = host(profiles=profiles(domain=ProfileState(inbound_allowed=False)))
    assert kinds({"preset": "helpdesk"}, read) == [("inbound_blocked", "domain")]
    assert kinds({"preset": "locked_down"}, read) == []


def test_a_gpo_forbids_local_rules() -> None:
    read = host(profiles=profiles(domain=ProfileState(local_rules=False), private=ProfileState(local_rules=False)))
    assert kinds({"preset": "helpdesk"}, read) == [("local_rules_forbidden", "domain")]
    assert kinds({"preset": "windows_default"}, read) == [
        ("local_rules_forbidden", "domain"),
        ("local_rules_forbidden", "private"),
    ]
    assert kinds({"preset": "locked_down"}, read) == []


def test_a_gpo_forbids_local_rules_and_brings_its_own() -> None:
    """Then what is wanted is in force, by that GPO."""
    gpo = later(GPO_RULE, program=MSRA, profiles=DOMAIN, group="")
    shut = profiles(domain=ProfileState(local_rules=False))
    assert found({"preset": "helpdesk"}, host(profiles=shut, policy_rules={GPO_RULE: gpo})) == []
    (item,) = found({"domain": {"msra": True, "dcom": True}}, host(profiles=shut, policy_rules={GPO_RULE: gpo}))
    assert (item.kind, item.title) == ("local_rules_forbidden", "DCOM for offers (TCP 135)")
    for useless in ({"enabled": False}, {"action": "Block"}, {"profiles": PUBLIC}, {"inbound": False}):
        read = host(profiles=shut, policy_rules={GPO_RULE: replace(gpo, **useless)})
        assert ("local_rules_forbidden", "domain") in kinds({"preset": "helpdesk"}, read)


# Blocking rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_a_local_rule_blocks(known: bool) -> None:
    listed = (*ALL_IN_FORCE, active(BLOCK, source="PersistentStore")) if known else None
    (item,) = [
        item
        for item in found({"preset": "helpdesk"}, facts(blocks={"block all": BLOCK}, active=listed))
        if item.kind != "in_force_unknown"
    ]
    assert (item.kind, item.profile, item.decides) == ("blocked", "domain", True)
    assert "Block all (local) wins" in item.cause


@pytest.mark.parametrize(("source", "said"), [("Workstations baseline", "Workstations baseline"), ("", "Group Policy")])
def test_a_rule_of_a_gpo_blocks(source: str, said: str) -> None:
    listed = (*ALL_IN_FORCE, active(BLOCK, source=source, from_policy=True))
    (item,) = found({"preset": "helpdesk"}, host(policy_rules={"block all": BLOCK}, active=listed))
    assert f"Block all ({said}) wins" in item.cause


def test_rules_of_one_name_from_both() -> None:
    listed = (
        *ALL_IN_FORCE,
        active(BLOCK, source="PersistentStore"),
        active(BLOCK, source="Baseline", from_policy=True),
    )
    read = host(blocks={"block all": BLOCK}, policy_rules={"block all": BLOCK}, active=listed)
    assert [item.cause.partition(")")[0] for item in found({"preset": "helpdesk"}, read)] == [
        "The blocking rule Block all (local",
        "The blocking rule Block all (Baseline",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"enabled": False},
        {"inbound": False},
        {"profiles": PRIVATE | PUBLIC},
        {"protocol": 17},
        {"program": "C:\\x.exe"},
    ],
    ids=str,
)
def test_a_block_of_something_else(fields: dict[str, Any]) -> None:
    block = replace(BLOCK, **fields)
    assert found({"preset": "helpdesk"}, host(blocks={"block all": block}, active=(*ALL_IN_FORCE, active(block)))) == []


def test_a_local_block_that_is_not_in_the_active_store_blocks_nothing() -> None:
    assert found({"preset": "helpdesk"}, host(blocks={"block all": BLOCK})) == []


def test_a_local_block_does_not_count_where_no_local_rule_does() -> None:
    read = host(
        blocks={"block all": BLOCK},
        active=(*ALL_IN_FORCE, active(BLOCK, 16)),
        profiles=profiles(domain=ProfileState(local_rules=False)),
    )
    assert kinds({"preset": "helpdesk"}, read) == [("local_rules_forbidden", "domain")]


def test_blocks_are_no_matter_where_it_is_to_be_closed() -> None:
    read = host(blocks={"block all": BLOCK}, active=(*ALL_IN_FORCE, active(BLOCK)))
    assert found({"preset": "locked_down"}, read) == []


def test_a_part_of_the_traffic_is_a_remark() -> None:
    block = replace(BLOCK, remote_addresses=frozenset({"203.0.113.0/24"}))
    read = host(blocks={"block all": block}, active=(*ALL_IN_FORCE, active(block)))
    (item,) = found({"domain": {"msra": True}}, read)
    assert (item.kind, item.decides) == ("partly_blocked", False)
    assert "for a part of the traffic." in item.cause
    assert found({"domain": {"msra": True}, "remote_addresses": ["10.20.0.0/16"]}, read) == []


def test_addresses_that_the_rule_has_already_count() -> None:
    block = replace(BLOCK, remote_addresses=frozenset({"203.0.113.0/24"}))
    rules = with_rule(MSRA_IN, remote_addresses=frozenset({"10.20.0.0/16"}))
    public = replace(FACTORY["remoteassistance-in-tcp-edgescope"], remote_addresses=frozenset({"10.20.0.0/16"}))
    read = host(
        rules={**rules, public.instance_id.lower(): public},
        blocks={"block all": block},
        active=(*ALL_IN_FORCE, active(block)),
    )
    assert found({"domain": {"msra": True}}, read) == []


def test_addresses_of_helpers_do_not_narrow_the_other_parts() -> None:
    block = replace(BLOCK, remote_addresses=frozenset({"LocalSubnet"}), protocol=17)
    read = host(blocks={"block all": block}, active=(*ALL_IN_FORCE, active(block)))
    assert kinds({"domain": {"ssdp": True}, "remote_addresses": ["10.20.0.0/16"]}, read) == [("blocked", "domain")]


def test_one_part_is_blocked_and_another_is_not() -> None:
    block = replace(BLOCK, protocol=6, local_ports=frozenset({"100-200"}))
    read = host(blocks={"block all": block}, active=(*ALL_IN_FORCE, active(block)))
    assert kinds({"preset": "helpdesk"}, read) == []
    assert kinds({"domain": {"dcom": True}}, read) == [("blocked", "domain")]


def test_an_own_rule_that_was_turned_is_made_again_and_no_conflict() -> None:
    turned = replace(FACTORY[MSRA_IN.lower()], action="Block")
    name = MSRA_IN.lower()
    listed = tuple(active(turned) if rule.instance_id == MSRA_IN else rule for rule in ALL_IN_FORCE)
    read = host(rules={**FACTORY, name: turned}, blocks={name: turned}, active=listed)
    assert found({"preset": "helpdesk"}, read) == []


# Rules that Windows leaves out -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([7], "its remote address stands for nothing on this host"),
        ([5, 11], "its program is not there"),
        ([3], "another product has taken the firewall over"),
        ([9], "enforcement state 9"),
        ([1], None),
        ([1, 7], None),
        ([5], None),
        ([4], None),
        ([19], None),
        ([24], None),
    ],
)
def test_a_rule_that_is_on_and_not_enforced(states: list[int], said: str | None) -> None:
    listed = tuple(
        replace(rule, enforcement=frozenset(states)) if rule.instance_id == MSRA_IN else rule for rule in ALL_IN_FORCE
    )
    items = found({"preset": "helpdesk"}, host(active=listed))
    if said is None:
        assert items == []
        return
    (item,) = items
    assert (item.kind, item.profile, item.decides) == ("not_enforced", "domain", False)
    assert f"The rule {MSRA_IN} is on, and Windows does not enforce it: {said}." == item.cause


def test_a_rule_that_is_off_is_not_expected_to_be_enforced() -> None:
    rules = with_rule(DCOM_IN, enabled=False)
    listed = tuple(active(rule, *([4] if not rule.enabled else [1])) for rule in rules.values())
    assert found({"domain": {"dcom": True}}, host(rules=rules, active=listed)) == []


# What a GPO opens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "options", "expected"),
    [
        ({"program": MSRA}, {"preset": "locked_down"}, ["domain", "private", "public"]),
        ({"program": MSRA, "group": ""}, {"preset": "locked_down"}, ["domain", "private", "public"]),
        ({"program": MSRA}, {"preset": "helpdesk"}, ["private", "public"]),
        ({"program": MSRA}, {"private": {"msra": False}}, ["private"]),
        ({"program": MSRA}, {"private": {"dcom": False}}, []),
        ({"program": MSRA, "profiles": DOMAIN}, {"private": {"msra": False}}, []),
        ({"program": MSRA, "enabled": False}, {"private": {"msra": False}}, []),
        ({"program": MSRA, "inbound": False}, {"private": {"msra": False}}, []),
        ({"program": MSRA, "action": "Block"}, {"private": {"msra": False}}, []),
        ({"program": "C:\\new.exe"}, {"private": {"state": "off"}}, ["private"]),
        ({"program": "C:\\new.exe"}, {"private": {"msra": False}}, []),
        ({"program": "C:\\new.exe", "group": ""}, {"preset": "locked_down"}, []),
        ({"service": "rpcss", "group": ""}, {"preset": "locked_down"}, []),
        ({"group": PATH_GROUP, "service": "rpcss"}, {"domain": {"dcom": False}}, ["domain"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_gpo_opens_what_is_to_be_off(fields: dict[str, Any], options: dict[str, Any], expected: list[str]) -> None:
    rule = later(GPO_RULE, **{"profiles": ALL_PROFILES, **fields})
    items = [item for item in found(options, host(policy_rules={GPO_RULE: rule})) if item.kind == "opened_by_policy"]
    assert [item.profile for item in items] == expected
    assert all(item.decides and GPO_RULE in item.cause for item in items)


def test_several_at_once_are_all_told() -> None:
    gpo = later(GPO_RULE, program=MSRA, profiles=PUBLIC)
    read = host(
        profiles=profiles(domain=ProfileState(inbound_allowed=False), private=ProfileState(enabled=False)),
        blocks={"block all": BLOCK},
        policy_rules={GPO_RULE: gpo},
        active=(*ALL_IN_FORCE, active(BLOCK)),
    )
    assert kinds({"preset": "helpdesk"}, read) == [
        ("inbound_blocked", "domain"),
        ("blocked", "domain"),
        ("firewall_off", "private"),
        ("opened_by_policy", "public"),
    ]


@given(OPTIONS, hosts())
def test_whatever_the_rules_are_nobody_else_decides_without_a_reason(options: dict[str, Any], rules: Any) -> None:
    assert found(options, facts(rules, active=())) == []
