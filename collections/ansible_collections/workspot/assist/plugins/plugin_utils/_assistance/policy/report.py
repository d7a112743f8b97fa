# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's Remote Assistance policy is, in words, and which baselines it meets: what ``policy_info`` returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .desired import wanted_security_options, wanted_states
from .facts import PolicyFacts
from .plan import changes, local_values, manage, security_changes, security_option_words, slots, titles_of
from .presets import BASELINES, PRESETS, Rule
from .settings import POLICIES, SECURITY_OPTIONS, TERMINAL_SERVICES, NameList, Policy
from .state import PolicyState, observed

LOCAL = "local_group_policy"
REGISTRY = "registry"
NOBODY = "nobody"


def describe_policy(facts: PolicyFacts) -> dict[str, Any]:
    """A host's policy as a module result carries it."""
    local = local_values(facts.local.pol)
    return {
        "settings": {**_settings(facts), **_security_options(facts)},
        "baselines": describe_baselines(facts),
        "presets": {name: _meets(name, facts) for name in PRESETS},
        "local_group_policy": {
            "registry_pol": facts.local.condition,
            "damage": facts.local.damage,
            "version": facts.local.version,
            "processing_off": facts.local_processing_off,
            "pending": _pending(facts, local),
        },
        "just_in_time": facts.openings.as_data(),
        "domain_policy_known": facts.domain is not None,
        "managed_by_mdm": facts.managed_by_mdm,
    }


def describe_baselines(facts: PolicyFacts) -> list[dict[str, Any]]:
    """Rules of published baselines, met or broken."""
    live = {policy.option: observed(policy, TERMINAL_SERVICES, facts.live).state for policy in POLICIES}
    return [_rule(rule, live[rule.option]) for rule in BASELINES]


def _states(facts: PolicyFacts) -> Mapping[str, tuple[PolicyState, PolicyState]]:
    """Each policy in Registry.pol and in force."""
    local = local_values(facts.local.pol)
    return {
        policy.option: (observed(policy, TERMINAL_SERVICES, local), observed(policy, TERMINAL_SERVICES, facts.live))
        for policy in POLICIES
    }


def _settings(facts: PolicyFacts) -> dict[str, Any]:
    found: dict[str, Any] = {}
    states = _states(facts)
    for policy in POLICIES:
        kept, force = states[policy.option]
        local, live = slots(policy, kept), slots(policy, force)
        titles = titles_of(policy)
        for name in live:
            found[name] = {
                "title": titles[name],
                "in_force": live[name],
                LOCAL: local[name],
                "decided_by": _decided_by(policy, name, local[name], live[name], facts),
            }
    return found


def _decided_by(policy: Policy, name: str, local: Any, live: Any, facts: PolicyFacts) -> str:
    if name == policy.option:
        where = (TERMINAL_SERVICES.lower(), policy.value_name.lower())
        found = (facts.domain or {}).get(where)
    else:
        element = next(item for item in policy.elements if item.option == name)
        key = element.key.lower() if isinstance(element, NameList) else TERMINAL_SERVICES.lower()
        wanted = None if isinstance(element, NameList) else element.value_name.lower()
        values = (facts.domain or {}).items()
        found = next((value for (at, what), value in values if at == key and wanted in (None, what)), None)
    if found is not None:
        return found.gpo
    if live in (None, "not_configured"):
        return NOBODY
    return LOCAL if local == live else REGISTRY


def _security_options(facts: PolicyFacts) -> dict[str, Any]:
    return {
        item.option: {
            "title": item.title,
            "in_force": security_option_words(item, facts.live),
            LOCAL: None,
            "decided_by": REGISTRY,
        }
        for item in SECURITY_OPTIONS
    }


def _rule(rule: Rule, in_force: str) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id,
        "baseline": rule.baseline,
        "setting": rule.option,
        "wanted": rule.wanted,
        "in_force": in_force,
        "met": in_force == rule.wanted,
    }


def _meets(name: str, facts: PolicyFacts) -> bool:
    """Whether everything that a preset says is in force, whoever decided it."""
    settings = PRESETS[name].options
    current = {option: live for option, (_local, live) in _states(facts).items()}
    managed = manage(wanted_states(settings, current), {}, facts.live)
    named = [item for item in changes(managed, frozenset(), with_files=False) if item.setting in settings]
    return not named and not security_changes(wanted_security_options(settings), facts.live)[0]


def _pending(facts: PolicyFacts, local: Any) -> list[str]:
    """Settings that Registry.pol has and that are not in force, though no domain GPO decides them."""
    pending = []
    for policy in POLICIES:
        kept, force = observed(policy, TERMINAL_SERVICES, local), observed(policy, TERMINAL_SERVICES, facts.live)
        if kept.state == "not_configured":
            continue
        domain = (facts.domain or {}).get((TERMINAL_SERVICES.lower(), policy.value_name.lower()))
        if domain is None and kept.state != force.state:
            pending.append(policy.option)
    return pending
