# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of writes: whatever is open between two of them was open before, or is to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.steps import Step, steps, wider
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import (
    DOMAIN,
    PRIVATE,
    PUBLIC,
    FirewallRule,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    FACTORY,
    MSRA_IN,
)
from hypothesis import given
from hypothesis import strategies as st

OURS, OTHERS = frozenset({"10.20.0.0/16"}), frozenset({"10.30.0.0/16"})
NETWORKS = sorted(OURS | OTHERS)
EVERYBODY = [*NETWORKS, "198.51.100.1"]
EDGES = {0: 0, 3: 1, 2: 2, 1: 3}
RULE = FACTORY[MSRA_IN.lower()]
RULES = st.builds(
    lambda **fields: replace(RULE, **fields),
    enabled=st.booleans(),
    profiles=st.integers(1, 7),
    edge=st.sampled_from(sorted(EDGES)),
    remote_addresses=st.frozensets(st.sampled_from(NETWORKS)),
)


def opened(rule: FirewallRule) -> set[tuple[int, str, int]]:
    """What a rule lets in: profile, from where, and how far from outside."""
    if not rule.enabled:
        return set()
    return {
        (bit, address, far)
        for bit in (DOMAIN, PRIVATE, PUBLIC)
        for address in rule.remote_addresses or EVERYBODY
        for far in range(EDGES[rule.edge] + 1)
        if rule.profiles & bit
    }


def after(rule: FirewallRule, step: Step) -> FirewallRule:
    """What Windows makes of one write."""
    if step.addresses is not None:
        assert step.properties == {}
        return replace(rule, remote_addresses=frozenset(step.addresses))
    names = {"Enabled": "enabled", "Profiles": "profiles", "EdgeTraversalPolicy": "edge"}
    fields: dict[str, Any] = {names[name]: value for name, value in step.properties.items()}
    if "enabled" in fields:
        fields["enabled"] = {1: True, 2: False}[fields["enabled"]]
    return replace(rule, **fields)


def states(now: FirewallRule, wanted: FirewallRule) -> Iterator[FirewallRule]:
    """The rule after each write."""
    for step in steps(now, wanted):
        now = after(now, step)
        yield now


@given(RULES, RULES)
def test_nothing_is_open_that_was_not_and_is_not_to_be(now: FirewallRule, wanted: FirewallRule) -> None:
    wanted = wanted if wanted.enabled else replace(wanted, profiles=now.profiles)
    allowed = opened(now) | opened(wanted)
    last = now
    for last in states(now, wanted):
        assert opened(last) <= allowed, (now, wanted, last)
    assert last == wanted


@given(RULES, RULES)
def test_three_writes_at_most_and_none_where_nothing_differs(now: FirewallRule, wanted: FirewallRule) -> None:
    assert steps(now, now) == []
    assert len(steps(now, wanted)) <= 3
    if now.remote_addresses == wanted.remote_addresses:
        assert len(steps(now, wanted)) <= 1


@given(RULES, RULES)
def test_wider_is_what_opens_more(rule: FirewallRule, other: FirewallRule) -> None:
    if not wider(rule, other):
        assert opened(rule) <= opened(other)
    if opened(rule) <= opened(other):
        assert not wider(rule, other) or len(rule.remote_addresses) == len(NETWORKS) or not opened(rule)


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        ({"enabled": False}, {}, [Step({"Enabled": 1})]),
        ({}, {"enabled": False}, [Step({"Enabled": 2})]),
        ({}, {"profiles": DOMAIN}, [Step({"Profiles": DOMAIN})]),
        ({}, {"profiles": DOMAIN, "edge": 0}, [Step({"Profiles": DOMAIN, "EdgeTraversalPolicy": 0})]),
        ({}, {"remote_addresses": OURS}, [Step(addresses=("10.20.0.0/16",))]),
        ({"remote_addresses": OURS}, {}, [Step(addresses=())]),
        # narrower addresses come first, whatever else is opened afterwards
        (
            {"profiles": DOMAIN},
            {"profiles": PUBLIC, "remote_addresses": OURS},
            [Step(addresses=("10.20.0.0/16",)), Step({"Profiles": PUBLIC})],
        ),
        # wider ones come after what is closed
        (
            {"remote_addresses": OURS},
            {"profiles": DOMAIN},
            [Step({"Profiles": DOMAIN}), Step(addresses=())],
        ),
        # other ones stand between
        (
            {"profiles": DOMAIN, "remote_addresses": OURS},
            {"profiles": PUBLIC, "remote_addresses": OTHERS},
            [Step({"Enabled": 2}), Step(addresses=("10.30.0.0/16",)), Step({"Profiles": PUBLIC, "Enabled": 1})],
        ),
        (
            {"enabled": False},
            {"remote_addresses": OTHERS, "profiles": DOMAIN},
            [Step(addresses=("10.30.0.0/16",)), Step({"Profiles": DOMAIN, "Enabled": 1})],
        ),
    ],
)
def test_orders(now: dict[str, Any], wanted: dict[str, Any], expected: list[Step]) -> None:
    assert steps(replace(RULE, **now), replace(RULE, **wanted)) == expected
