# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts is what is in force: who else decides is named, and nothing is written for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FirewallNotInForce

from tests.firewall.rig import MSRA, PROFILES, RASERVER, Host, kinds

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
GROUP = "@FirewallAPI.dll,-33002"
DRIFTED: dict[str, Any] = {MSRA: {"enabled": False}}
BLOCK: dict[str, Any] = {"action": "block", "direction": "in", "program": "%SystemRoot%\\system32\\msra.exe"}
OPENING: dict[str, Any] = {
    "name": "Contoso-RA",
    "program": "%SystemRoot%\\system32\\msra.exe",
    "protocol": "TCP",
    "direction": "in",
    "profiles": "domain",
}
OPEN = {"domain": {"msra": True}}
TOLD: list[dict[str, Any]] = [
    {},
    {"firewall_store_source": "traced"},
    {"firewall_store_option": "ignored"},
    {"firewall_enforcement_list": "single", "firewall_active_lists_disabled": False, "firewall_group_query": "empty"},
]
"""How a host tells what is in force, as far as that is not certain; one tells nothing of it."""


def refused(host: Host, **options: Any) -> str:
    """Nothing is written, with check mode and without; what is said."""
    said = set()
    for check in (True, False):
        with pytest.raises(FirewallNotInForce, match="something else decides, and nothing was written") as caught:
            host.apply(check=check, **options)
        assert caught.value.host == "desk-01"
        assert "on_conflict: warn" in str(caught.value)
        said.add(str(caught.value))
    assert host.writes == []
    return said.pop()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_firewall_is_off(make_host: MakeHost, profile: str) -> None:
    """A remark: everything may come in, the rules are kept for the day it is on again."""
    for off in ({"enabled": False}, {"policy_enabled": False}):
        host = make_host(firewall={"profiles": {profile: off}, "rules": DRIFTED})
        done = host.step(preset="windows_default")
        assert kinds(done) == [("firewall_off", profile)]
        assert host.rules[MSRA].active
        assert done.as_data()["warnings"] == [
            f"{profile}: The firewall is off in this profile, so everything may come in and no rule counts."
        ]
        assert host.info()["profiles"][profile]["firewall"] == "off"
        others = {name: {"state": "default"} for name in PROFILES if name != profile}
        assert kinds(host.apply(**others)) == []


def test_a_gpo_switches_the_firewall_on_again(make_host: MakeHost) -> None:
    host = make_host(firewall={"profiles": {"domain": {"enabled": False, "policy_enabled": True}}})
    assert kinds(host.apply(preset="windows_default")) == []


@pytest.mark.parametrize("option", ["block_all_inbound", "policy_block_all_inbound"])
@pytest.mark.parametrize("quirks", TOLD, ids=str)
def test_all_incoming_connections_are_blocked(make_host: MakeHost, option: str, quirks: dict[str, Any]) -> None:
    host = make_host(firewall={"profiles": {"domain": {option: True}}, "rules": DRIFTED}, quirks=quirks)
    assert "domain: The profile blocks all incoming connections" in refused(host, **OPEN)
    done = host.step(**OPEN, on_conflict="warn")
    assert ("inbound_blocked", "domain") in kinds(done)
    assert host.rules[MSRA].active
    assert host.info()["profiles"]["domain"]["inbound_allowed"] is False
    host.step(preset="locked_down")


@pytest.mark.parametrize("quirks", TOLD, ids=str)
def test_a_gpo_lets_no_local_rule_count(make_host: MakeHost, quirks: dict[str, Any]) -> None:
    host = make_host(firewall={"local_rules_allowed": False, "rules": DRIFTED}, quirks=quirks)
    said = refused(host, preset="windows_default")
    assert "A GPO lets only its own firewall rules count in this profile" in said
    assert "domain: " in said
    assert "private: " in said
    assert "public: " not in said
    assert host.info()["profiles"]["private"]["local_rules"] is False
    done = host.step(preset="windows_default", on_conflict="warn")
    assert [kind for kind in kinds(done) if kind[0] != "in_force_unknown"] == [
        ("local_rules_forbidden", "domain"),
        ("local_rules_forbidden", "private"),
    ]
    assert host.rules[MSRA].active
    host.step(preset="locked_down")


def test_it_counts_in_the_profile_that_is_asked_for_alone(make_host: MakeHost) -> None:
    host = make_host(firewall={"profiles": {"public": {"policy_local_rules": False}}, "rules": DRIFTED})
    assert kinds(host.step(preset="windows_default")) == []
    assert "public: A GPO lets only" in str(host.attempt(public={"msra": True}))


def test_a_gpo_that_forbids_local_rules_and_opens_it_itself(make_host: MakeHost) -> None:
    host = make_host(firewall={"local_rules_allowed": False, "domain_rules": [OPENING]})
    assert kinds(host.step(**OPEN)) == []
    done = host.step(domain={"msra": True, "raserver": True}, on_conflict="warn")
    (item,) = done.as_data()["hindrances"]
    assert (item["kind"], item["title"]) == (
        "local_rules_forbidden",
        "Offer Remote Assistance server (raserver.exe)",
    )


@pytest.mark.parametrize("quirks", TOLD, ids=str)
def test_a_local_rule_blocks(make_host: MakeHost, quirks: dict[str, Any]) -> None:
    """Enforced as it is, the allowing rule says nothing of it: a blocking one wins."""
    host = make_host(firewall={"rules": {"No help": {**BLOCK, "profiles": "domain"}, **DRIFTED}}, quirks=quirks)
    assert "The blocking rule No help (local) wins over every allowing rule." in refused(host, **OPEN)
    done = host.step(**OPEN, on_conflict="warn")
    assert ("blocked", "domain") in kinds(done)
    assert host.rules[MSRA].active
    assert {name for name in host.others if name == "No help"}
    assert [kind for kind in kinds(host.step(private={"msra": True})) if kind[0] == "blocked"] == []


@pytest.mark.parametrize("quirks", TOLD, ids=str)
def test_a_rule_of_a_gpo_blocks(make_host: MakeHost, quirks: dict[str, Any]) -> None:
    block = {**BLOCK, "name": "{D00F}", "profiles": "domain"}
    host = make_host(firewall={"domain_rules": [block], "rules": DRIFTED}, quirks=quirks)
    source = "Group Policy" if "firewall_store_option" in quirks else "Firewall"
    assert f"The blocking rule {{D00F}} ({source}) wins over every allowing rule." in refused(host, **OPEN)
    assert ("blocked", "domain") in kinds(host.step(**OPEN, on_conflict="warn"))


NO_OBSTACLE: dict[str, dict[str, Any]] = {
    "that is off": {"enabled": False},
    "of another program": {"program": "C:\\Tools\\other.exe"},
    "of another profile": {"profiles": "public"},
    "of UDP": {"protocol": "UDP"},
    "at another port": {"protocol": "TCP", "local_ports": "4711"},
    "that goes out": {"direction": "out"},
    "from elsewhere": {"remote_addresses": "192.0.2.0/24"},
}


def test_blocks_that_meet_nothing_of_it(make_host: MakeHost) -> None:
    blocks = {f"Block {name}": {**BLOCK, "profiles": "domain", **fields} for name, fields in NO_OBSTACLE.items()}
    host = make_host(firewall={"rules": blocks})
    assert kinds(host.step(**OPEN, remote_addresses=["10.20.0.0/16"])) == []


def test_a_block_of_some_networks_is_a_remark(make_host: MakeHost) -> None:
    block = {**BLOCK, "remote_addresses": "10.20.30.0/24"}
    host = make_host(firewall={"rules": {"Not from there": block}})
    done = host.step(**OPEN, remote_addresses=["10.20.0.0/16"])
    assert kinds(done) == [("partly_blocked", "domain")]
    (warning,) = done.as_data()["warnings"]
    assert "Not from there (local) wins over every allowing rule, for a part of the traffic." in warning


@pytest.mark.parametrize("quirks", TOLD, ids=str)
@pytest.mark.parametrize("fields", [{}, {"program": "", "group": GROUP}], ids=["by its program", "by the group"])
def test_a_gpo_opens_what_is_to_be_off(make_host: MakeHost, fields: dict[str, Any], quirks: dict[str, Any]) -> None:
    opening = {**OPENING, **fields}
    host = make_host(firewall={"domain_rules": [opening]}, quirks=quirks)
    said = refused(host, preset="locked_down")
    assert "domain: A GPO opens it with its rule Contoso-RA." in said
    done = host.step(preset="locked_down", on_conflict="warn")
    assert ("opened_by_policy", "domain") in kinds(done)
    assert host.on == {}
    assert [kind for kind in kinds(host.apply(private={"state": "off"})) if kind[0] != "in_force_unknown"] == []


def test_a_gpo_that_opens_what_is_to_be_on_is_no_conflict(make_host: MakeHost) -> None:
    host = make_host(firewall={"domain_rules": [OPENING]})
    assert kinds(host.step(preset="windows_default")) == []


def test_a_gpos_rule_of_the_same_name(make_host: MakeHost) -> None:
    """The active store has both then, and each is told from the other."""
    host = make_host(firewall={"domain_rules": [{**OPENING, "name": MSRA, "group": GROUP}], "rules": DRIFTED})
    assert host.step(**OPEN).changes
    assert host.rules[MSRA].active
    assert "opens it with its rule" in str(host.attempt(domain={"msra": False}))


def test_a_host_that_tells_nothing_of_what_is_in_force(make_host: MakeHost) -> None:
    host = make_host(quirks={"firewall_store_option": "ignored"}, firewall={"rules": DRIFTED})
    done = host.step(**OPEN)
    assert kinds(done) == [("in_force_unknown", "")]
    assert {rule["in_force"] for rule in host.info()["rules"]} == {None}


@pytest.mark.parametrize("category", ["domain", "private", "public", "none", ["domain", "public"]], ids=str)
def test_info_says_what_is_in_force(make_host: MakeHost, category: Any) -> None:
    """Enforced is what is on in a profile of a network that the host is in."""
    host = make_host(firewall={"network_category": category, "rules": {RASERVER: {"enabled": False}}})
    names = [] if category == "none" else category if isinstance(category, list) else [category]
    bits = sum(PROFILES[name] for name in names)
    info = host.info()
    assert {rule["name"]: rule["in_force"] for rule in info["rules"]} == {
        name: rule.active and bool(rule.profiles & bits) for name, rule in host.rules.items()
    }
    assert {name for name, profile in info["profiles"].items() if profile["connected"]} == set(names)
    assert info["parts"]["domain"]["raserver"] == "partly"
    assert info["parts"]["private"]["msra"] == "on"
    assert info["parts"]["public"]["msra"] == "off"
    assert host.writes == []
