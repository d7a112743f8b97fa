# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A firewall for the tests of plans, without any host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.facts import FirewallFacts
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.plan import rule_changes
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import (
    FACTORY_RULES,
    GROUP,
    PARTS,
    PROFILES,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import ALL_PROFILES, FirewallRule
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import ActiveRule, ProfileState
from hypothesis import strategies as st

MSRA_IN = "RemoteAssistance-In-TCP-EdgeScope-Active"
MSRA_PUBLIC = "RemoteAssistance-In-TCP-EdgeScope"
DCOM_IN = "RemoteAssistance-DCOM-In-TCP-NoScope-Active"
Rules = Mapping[str, FirewallRule]
FACTORY: Rules = {item.rule.instance_id.lower(): item.rule for item in FACTORY_RULES}


def facts(rules: Rules = FACTORY, **more: Any) -> FirewallFacts:
    """What was read of a host with these rules."""
    return FirewallFacts(rules=rules, **{"profiles": {bit: ProfileState() for bit in PROFILES.values()}, **more})


def with_rule(name: str, **fields: Any) -> Rules:
    """The factory's rules, one of them with other values."""
    return {**FACTORY, name.lower(): replace(FACTORY[name.lower()], **fields)}


def without(*names: str) -> Rules:
    """The factory's rules without some."""
    return {name: rule for name, rule in FACTORY.items() if name not in {item.lower() for item in names}}


def later(name: str = "RemoteAssistance-New-In-TCP", **fields: Any) -> FirewallRule:
    """A rule of the group that a later Windows has."""
    known = {"enabled": True, "action": "Allow", "inbound": True, "profiles": ALL_PROFILES, "protocol": 6}
    return FirewallRule(**{"instance_id": name, "group": GROUP, **known, **fields})


def applied(request: FirewallRequest, rules: Rules) -> Rules:
    """The rules after the changes of a plan."""
    changes = rule_changes(request, facts(rules))
    return {**rules, **{change.name.lower(): change.wanted for change in changes}}


def active(rule: FirewallRule, *states: int, source: str = "", from_policy: bool = False) -> ActiveRule:
    """How the active store has a rule."""
    return ActiveRule(
        instance_id=rule.instance_id,
        group=rule.group,
        enabled=rule.enabled,
        profiles=rule.profiles,
        inbound=rule.inbound,
        blocks=rule.action == "Block",
        enforcement=frozenset(states or (1,)),
        source=source,
        from_policy=from_policy,
    )


# What tests may wish and what hosts may have ---------------------------------------------------------

ADDRESSES = st.sampled_from(["10.20.0.0/16", "10.30.0.0/16", "LocalSubnet", "10.20.7.0/24", "2001:db8::/32"])
_PROFILE = st.fixed_dictionaries(
    {},
    optional={"state": st.sampled_from(["on", "off", "default"]), **{part: st.booleans() for part in PARTS}},
)
OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "preset": st.sampled_from(["windows_default", "helpdesk", "locked_down"]),
        **{profile: _PROFILE.filter(bool) for profile in PROFILES},
        "edge_traversal": st.booleans(),
        "remote_addresses": st.one_of(
            st.just(["Any"]), st.lists(ADDRESSES, min_size=1, max_size=3, unique=True)
        ),
    },
).filter(bool)  # fmt: skip
_CHANGED = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "profiles": st.integers(1, 7),
        "edge": st.integers(0, 3),
        "remote_addresses": st.frozensets(ADDRESSES, max_size=2),
        "local_addresses": st.sampled_from([frozenset(), frozenset({"10.0.0.9"})]),
        "program": st.sampled_from(["", "C:\\x.exe", "%windir%\\System32\\msra.exe"]),
        "protocol": st.sampled_from([None, 6, 17]),
        "action": st.sampled_from(["Allow", "Block"]),
        "inbound": st.booleans(),
        "service": st.sampled_from(["", "rpcss"]),
        "conditions": st.sampled_from([frozenset(), frozenset({"iftype"})]),
    },
)


@st.composite
def hosts(draw: st.DrawFn) -> Rules:
    """Rules of a host: some of the factory's gone, some changed, some of a later Windows."""
    found: dict[str, FirewallRule] = {}
    for name, rule in FACTORY.items():
        fate = draw(st.sampled_from(["kept", "kept", "gone", "changed"]))
        if fate == "kept":
            found[name] = rule
        elif fate == "changed":
            found[name] = replace(rule, **draw(_CHANGED))
    for number in range(draw(st.integers(0, 2))):
        rule = later(f"RemoteAssistance-New-{number}", **draw(_CHANGED))
        found[rule.instance_id.lower()] = rule
    return found
