# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become wishes: presets, what refines them, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import FIREWALL_SETTINGS
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import (
    PRESETS,
    FirewallRequest,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import PARTS, PROFILES
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    OPTIONS,
)
from hypothesis import given

EVERYWHERE = {(profile, part) for profile in PROFILES for part in PARTS}


def on(**options: Any) -> set[tuple[str, str]]:
    """What options want to be on."""
    return {place for place, wanted in FirewallRequest.of(options).parts.items() if wanted}


def of(profile: str, *parts: str) -> set[tuple[str, str]]:
    """Parts of one profile."""
    return {(profile, part) for part in parts}


DOMAIN_DEFAULT = of("domain", "msra", "raserver", "dcom", "ssdp", "pnrp")
PRIVATE_DEFAULT = of("private", "msra", "ssdp", "pnrp")


def test_presets() -> None:
    assert set(PRESETS) == set(FIREWALL_SETTINGS["preset"]["choices"])
    assert on(preset="windows_default") == DOMAIN_DEFAULT | PRIVATE_DEFAULT
    assert on(preset="helpdesk") == of("domain", "msra")
    assert on(preset="locked_down") == set()
    for name in PRESETS:
        assert set(FirewallRequest.of({"preset": name}).parts) == EVERYWHERE


def test_limits_of_presets() -> None:
    default, helpdesk, locked = (FirewallRequest.of({"preset": name}) for name in PRESETS)
    assert (default.edge_traversal, default.remote_addresses) == (True, frozenset())
    assert (helpdesk.edge_traversal, helpdesk.remote_addresses) == (False, None)
    assert (locked.edge_traversal, locked.remote_addresses) == (None, None)
    assert default.closed == frozenset()
    assert helpdesk.closed == locked.closed == set(PROFILES)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("on", of("public", "msra", "pnrp")),
        ("default", set()),
        ("off", set()),
    ],
)
def test_a_state_is_about_every_part_of_its_profile(state: str, expected: set[tuple[str, str]]) -> None:
    request = FirewallRequest.of({"public": {"state": state}})
    assert set(request.parts) == {place for place in EVERYWHERE if place[0] == "public"}
    assert on(public={"state": state}) == expected
    assert request.closed == ({"public"} if state == "off" else frozenset())


def test_on_and_default_of_the_other_profiles() -> None:
    assert on(domain={"state": "on"}) == on(domain={"state": "default"}) == DOMAIN_DEFAULT
    assert on(private={"state": "on"}) == on(private={"state": "default"}) == PRIVATE_DEFAULT


def test_parts_refine_a_state() -> None:
    assert on(private={"state": "off", "dcom": True}) == of("private", "dcom")
    assert on(private={"state": "on", "msra": False, "pnrp": None}) == PRIVATE_DEFAULT - of("private", "msra")


def test_parts_alone_leave_the_others() -> None:
    request = FirewallRequest.of({"public": {"msra": True, "pnrp": False}})
    assert request.parts == {("public", "msra"): True, ("public", "pnrp"): False}


def test_parts_refine_a_preset_and_a_state_begins_anew() -> None:
    assert on(preset="helpdesk", domain={"raserver": True}) == of("domain", "msra", "raserver")
    assert on(preset="helpdesk", domain={"state": "off"}) == set()
    assert on(preset="helpdesk", private={"state": "default"}) == of("domain", "msra") | PRIVATE_DEFAULT
    assert FirewallRequest.of({"preset": "helpdesk", "private": {"state": "on"}}).closed == {"domain", "public"}
    assert FirewallRequest.of({"preset": "helpdesk", "edge_traversal": True}).edge_traversal is True
    assert FirewallRequest.of({"preset": "windows_default", "remote_addresses": ["10.0.0.1"]}).remote_addresses == {
        "10.0.0.1"
    }


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["10.20.0.0/16", "10.20.0.0/255.255.0.0"], {"10.20.0.0/16"}),
        (["localsubnet", "DNS"], {"LocalSubnet", "DNS"}),
        (["any"], set()),
        (["10.0.0.5-10.0.0.9", "2001:db8::/32"], {"10.0.0.5-10.0.0.9", "2001:db8::/32"}),
    ],
)
def test_addresses(given_: list[str], expected: set[str]) -> None:
    assert FirewallRequest.of({"remote_addresses": given_}).remote_addresses == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing is asked for"),
        ({"on_conflict": "warn"}, "nothing is asked for"),
        ({"domain": {}}, "nothing is asked for"),
        ({"domain": {"state": None, "msra": None}}, "nothing is asked for"),
        ({"preset": "strict"}, "there is no preset 'strict'; there are windows_default, helpdesk, locked_down"),
        ({"remote_addresses": []}, "remote_addresses is empty"),
        ({"remote_addresses": ["Any", "10.0.0.1"]}, "names Any and something else"),
        ({"remote_addresses": ["helpdesk.corp.example"]}, "'helpdesk.corp.example' is no address"),
        ({"remote_addresses": ["10.0.0.0/33"]}, "is no address"),
        ({"remote_addresses": ["10.0.0.9-10.0.0.1"]}, "is no address"),
        ({"remote_addresses": ["10.0.0.1-2001:db8::1"]}, "is no address"),
        ({"remote_addresses": ["10.0.0.0/0.0.255.255"]}, "is no address"),
        ({"remote_addresses": ["10.0.0.0/255.0.255.0"]}, "is no address"),
        ({"remote_addresses": ["fe80::1%3"]}, "is no address"),
        ({"remote_addresses": ["fe80::%3/64"]}, "is no address"),
        ({"remote_addresses": ["10.0.0.0/16|Action=Allow"]}, "is no address"),
        ({"remote_addresses": ["Ply2Renders"]}, "is no address"),
        ({"remote_addresses": [""]}, "is no address"),
        ({"remote_addresses": ["0.0.0.0/0"]}, "'0.0.0.0/0' is every address; say Any"),
        ({"remote_addresses": ["10.0.0.0/0.0.0.0"]}, "is every address"),
        ({"remote_addresses": ["::/0"]}, "is every address"),
        ({"remote_addresses": [f"10.0.{number // 250}.{number % 250}" for number in range(1001)]}, "more than 1000"),
    ],
)
def test_what_means_nothing_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        FirewallRequest.of(options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@given(OPTIONS)
def test_what_the_task_names_goes_before_its_preset(options: dict[str, Any]) -> None:
    request = FirewallRequest.of(options)
    for profile in PROFILES:
        for part in PARTS:
            if part in options.get(profile, {}):
                assert request.parts[(profile, part)] is options[profile][part]
    if "edge_traversal" in options:
        assert request.edge_traversal is options["edge_traversal"]
    if "preset" not in options:
        named = {profile for profile in PROFILES if profile in options}
        assert {profile for profile, _part in request.parts} == named
