# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firewall in force, for the profile of the network that the host is really in."""

from __future__ import annotations

from typing import Any

from ..._formats.firewall_rule import ALLOW, FirewallRule
from ..firewall.desired import FirewallRequest
from ..firewall.facts import FirewallFacts
from ..firewall.hindrances import hindrances
from ..firewall.plan import altered, in_words
from ..firewall.rules import BY_NAME, MSRA, PROFILES
from ..just_in_time.record import Openings
from .facts import Facts
from .finding import Verdict, ok, problem, remark, unknown

_TCP = 6
_FOR_ONE = "Or have it opened for one invitation alone: assist_just_in_time=true with assist_helper_addresses."
_FIX_RULE = "ansible-playbook workspot.assist.enforce, or the module workspot.assist.firewall with its preset helpdesk"


def check_firewall(facts: Facts) -> Verdict:
    """Whether msra.exe may be reached in every profile that is active."""
    firewall = facts.firewall
    if firewall is None:
        raise AssertionError("firewall: read before this check is made")
    active = [name for name, bit in PROFILES.items() if (firewall.networks or 0) & bit]
    evidence: dict[str, Any] = {
        "active_profiles": active,
        "parts": {name: in_words(firewall.rules)[name] for name in active},
    }
    if not active:
        return unknown(
            "The host does not say which network it is connected to, so which firewall profile counts is not known.",
            "Look at Get-NetConnectionProfile on the host.",
            **evidence,
        )
    there = facts.policy.openings if facts.policy is not None else Openings()
    verdicts = [_profile(name, firewall, evidence, there) for name in active]
    order = ("problem", "unknown", "remark", "ok")
    return min(verdicts, key=lambda item: order.index(item.state))


def _profile(profile: str, firewall: FirewallFacts, evidence: dict[str, Any], there: Openings) -> Verdict:
    """One active profile."""
    state = firewall.profiles.get(PROFILES[profile])
    found = hindrances(FirewallRequest(parts={(profile, MSRA): True}), firewall)
    evidence = {**evidence, "profile": profile, "hindrances": [item.as_data() for item in found]}
    off = next((item for item in found if item.kind == "firewall_off"), None)
    if off is not None:
        return remark(
            f"The firewall is off in the {profile} profile, which is active: everything may come in.",
            off.fix,
            **evidence,
        )
    rules = _allowing(profile, firewall, local_rules=state is None or state.local_rules)
    others = [item for item in found if item.kind not in ("in_force_unknown", "local_rules_forbidden")]
    if others:
        worst = others[0]
        return problem(f"In the {profile} profile, which is active: {_lower(worst.cause)}", worst.fix, **evidence)
    if not rules and there.holders and (state is None or state.local_rules):
        limits = sorted({address for item in there.as_data() for address in item["helper_addresses"]})
        return remark(
            f"The firewall lets in to msra.exe just in time only, from {', '.join(limits)} ({profile} profile).",
            "Check that the helper's address is among them: assist_helper_addresses says who may connect.",
            **evidence,
            remote_addresses=limits,
        )
    if not rules:
        return _closed(profile, firewall, found, evidence)
    return _open(profile, firewall, rules, evidence)


def _closed(profile: str, firewall: FirewallFacts, found: list[Any], evidence: dict[str, Any]) -> Verdict:
    forbidden = next((item for item in found if item.kind == "local_rules_forbidden"), None)
    if forbidden is not None:
        return problem(
            f"In the {profile} profile, which is active: {_lower(forbidden.cause)}", forbidden.fix, **evidence
        )
    if not firewall.rules:
        cause = "The firewall has no rules of the group Remote Assistance: they were removed from the image"
    else:
        cause = "The firewall lets nobody in to msra.exe: its rule is off"
    where = f"in the {profile} profile, which is the active network's"
    fix = f"Switch the exception on for that profile: {_FIX_RULE}. {_FOR_ONE}"
    if profile == "public":
        fix = (
            "Make the network private or domain-authenticated (Set-NetConnectionProfile), or open the public profile: "
            f"{_FIX_RULE}. {_FOR_ONE}"
        )
    return problem(f"{cause}, {where}.", fix, **evidence)


def _open(profile: str, firewall: FirewallFacts, rules: list[FirewallRule], evidence: dict[str, Any]) -> Verdict:
    names = [rule.instance_id for rule in rules]
    evidence = {**evidence, "rules": names}
    limits = sorted({address for rule in rules for address in rule.remote_addresses})
    if all(rule.remote_addresses for rule in rules):
        return remark(
            f"The firewall lets in to msra.exe only {', '.join(limits)} ({profile} profile).",
            "Check that the helper's address is among them, or widen remote_addresses of the module firewall.",
            **evidence,
            remote_addresses=limits,
        )
    if firewall.active is None:
        return remark(
            f"The firewall's own rules let msra.exe be reached in the {profile} profile; what is in force the host "
            "does not tell.",
            "Look at Get-NetFirewallRule -PolicyStore ActiveStore on the host.",
            **evidence,
        )
    listed = {rule.instance_id.lower(): rule for rule in firewall.active}
    known = [listed[name.lower()] for name in names if name.lower() in listed]
    if known and not any(rule.in_force for rule in known):
        return problem(
            f"The firewall's rule for msra.exe is on and not in force in the {profile} profile, which is active.",
            "Look at EnforcementStatus of Get-NetFirewallRule -PolicyStore ActiveStore on the host.",
            **evidence,
        )
    return ok(f"The firewall lets helpers in to msra.exe in the {profile} profile, which is active.", **evidence)


def _allowing(profile: str, firewall: FirewallFacts, *, local_rules: bool) -> list[FirewallRule]:
    """Rules that let helpers in to msra.exe in a profile."""
    bit = PROFILES[profile]
    stores = [firewall.policy_rules, *([firewall.rules] if local_rules else [])]
    return [
        rule
        for rules in stores
        for rule in rules.values()
        if rule.enabled and rule.inbound and rule.action == ALLOW and rule.profiles & bit and _is_about_msra(rule)
    ]


def _is_about_msra(rule: FirewallRule) -> bool:
    known = BY_NAME.get(rule.instance_id.lower())
    if known is not None and known.part == MSRA:
        return not altered(rule, known)
    if rule.protocol not in (None, _TCP) or rule.service:
        return False
    everything = not rule.program and not rule.local_ports
    return everything or rule.program.lower().endswith("\\msra.exe")


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
