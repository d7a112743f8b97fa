# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a wanted setting from having its effect on a host. Nothing here talks to a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._formats.firewall_rule import BLOCK, FirewallRule
from ..._windows.firewall import FULL, NEEDLESS
from .blocking import NOTHING, WHOLE, how_much
from .desired import FirewallRequest
from .facts import FirewallFacts
from .plan import altered
from .rules import BY_NAME, FACTORY_RULES, GROUP, NARROWED, PARTS, PROFILES, FactoryRule, part_of

_EXCEPTION = "Remote Assistance exception"
_DISABLED, _INACTIVE, _FIREWALL_OFF, _LOCAL_FORBIDDEN = 4, 5, 2, 16
"""``EnforcementStatus`` that says nothing new: the rule's own state and the profile's."""
_TOLD = frozenset((FULL, *NEEDLESS, _FIREWALL_OFF, _DISABLED, _INACTIVE, _LOCAL_FORBIDDEN))
_STATES: Mapping[int, str] = {
    3: "another product has taken the firewall over",
    6: "its own address stands for nothing on this host",
    7: "its remote address stands for nothing on this host",
    8: "its port stands for nothing on this host",
    10: "its network interface is not there",
    11: "its program is not there",
    12: "its program is not there",
    18: "it is for another version of Windows",
}
"""``EnforcementStatus`` in words (MS-FASP 2.2.27, which prints 12 for 11 in one place)."""


@dataclass(frozen=True)
class Hindrance:
    """Why a setting has no effect, or another than wanted.

    Attributes:
        kind: One word.
        title: What is concerned.
        profile: In which profile.
        cause: The exact cause, one sentence.
        fix: What to do, one sentence.
        decides: Whether somebody else decides (a GPO, a blocking rule); else it is a remark.
    """

    kind: str
    title: str
    profile: str
    cause: str
    fix: str
    decides: bool = True

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {key: value for key, value in vars(self).items() if key != "decides"}


def hindrances(request: FirewallRequest, facts: FirewallFacts) -> list[Hindrance]:
    """What keeps the wanted settings from having their effect on this host."""
    found: list[Hindrance] = []
    if facts.active is None:
        found.append(
            Hindrance(
                "in_force_unknown",
                "Windows Firewall",
                "",
                "The host answered from its local store only, so what is in force is not known.",
                "Look at Get-NetFirewallRule -PolicyStore ActiveStore on the host.",
                decides=False,
            )
        )
    for profile in PROFILES:
        found += _of_profile(profile, request, facts)
    return found


def _of_profile(profile: str, request: FirewallRequest, facts: FirewallFacts) -> Iterator[Hindrance]:
    wishes = {part: wanted for (where, part), wanted in request.parts.items() if where == profile}
    state = facts.profiles.get(PROFILES[profile])
    if not wishes and request.parts:
        return
    if state is not None and not state.enabled:
        yield Hindrance(
            "firewall_off",
            _EXCEPTION,
            profile,
            "The firewall is off in this profile, so everything may come in and no rule counts.",
            "Switch the firewall on in this profile.",
            decides=False,
        )
        return
    on = [part for part, wanted in wishes.items() if wanted]
    if on:
        yield from _hindered(profile, on, request, facts)
    off = [part for part, wanted in wishes.items() if not wanted]
    if off or profile in request.closed:
        yield from _opened(profile, off, profile in request.closed, facts)


def _hindered(profile: str, parts: list[str], request: FirewallRequest, facts: FirewallFacts) -> Iterator[Hindrance]:
    """Why parts that are to be on are not."""
    bit = PROFILES[profile]
    state = facts.profiles.get(bit)
    if state is not None and not state.inbound_allowed:
        yield Hindrance(
            "inbound_blocked",
            _EXCEPTION,
            profile,
            "The profile blocks all incoming connections, allowed ones too.",
            "Switch off 'Block all connections' for this profile.",
        )
    local = state is None or state.local_rules
    opened = {part_of(rule) for rule in _policy_openings(bit, facts)}
    if not local and (shut := [part for part in parts if part not in opened]):
        yield Hindrance(
            "local_rules_forbidden",
            _EXCEPTION if len(shut) == len(parts) else ", ".join(PARTS[part] for part in shut),
            profile,
            "A GPO lets only its own firewall rules count in this profile (Apply local firewall rules: No).",
            "Put the Remote Assistance rules into that GPO, or let it apply local rules.",
        )
    yield from _blocked(profile, parts, request, facts)
    if local:
        yield from _not_enforced(profile, parts, facts)


def _blocked(profile: str, parts: list[str], request: FirewallRequest, facts: FirewallFacts) -> Iterator[Hindrance]:
    """Blocking rules that meet the incoming traffic of some parts: they win over every allowing rule."""
    ours = [item for item in FACTORY_RULES if item.part in parts and item.rule.inbound]
    for block, source in _blocks(PROFILES[profile], facts):
        share = max((how_much(block, item.rule, _helpers(item, request, facts)) for item in ours), default=NOTHING)
        if share == NOTHING:
            continue
        whole = share == WHOLE
        yield Hindrance(
            "blocked" if whole else "partly_blocked",
            _EXCEPTION,
            profile,
            f"The blocking rule {block.instance_id} ({source}) wins over every allowing rule"
            f"{'.' if whole else ', for a part of the traffic.'}",
            "Remove or narrow that rule.",
            decides=whole,
        )


def _helpers(factory: FactoryRule, request: FirewallRequest, facts: FirewallFacts) -> frozenset[str]:
    """Whom a rule lets in, or is to let in."""
    if request.remote_addresses is not None and factory.part in NARROWED:
        return request.remote_addresses
    now = facts.rules.get(factory.rule.instance_id.lower())
    return now.remote_addresses if now is not None and not altered(now, factory) else factory.rule.remote_addresses


def _blocks(bit: int, facts: FirewallFacts) -> Iterator[tuple[FirewallRule, str]]:
    """Rules that block incoming traffic in a profile and count there, with where they come from."""
    state = facts.profiles.get(bit)
    for rules, origin, from_policy in ((facts.blocks, "local", False), (facts.policy_rules, "Group Policy", True)):
        if not from_policy and state is not None and not state.local_rules:
            continue
        for name, rule in rules.items():
            if rule.action != BLOCK or not (rule.enabled and rule.inbound and rule.profiles & bit):
                continue
            if not from_policy and name in BY_NAME and name in facts.rules:
                # One of the exception's own rules that somebody turned: it is made again like any altered one.
                continue
            if facts.active is None:
                yield rule, origin
                continue
            listed = [
                item for item in facts.active if item.blocks and item.enabled and item.instance_id.lower() == name
            ]
            if listed:
                # A rule of the same name may come from both.
                known = [item.source for item in listed if item.source and item.from_policy == from_policy]
                yield rule, known[0] if known and from_policy else origin


def _not_enforced(profile: str, parts: list[str], facts: FirewallFacts) -> Iterator[Hindrance]:
    """Rules that are on, and that Windows leaves out for a reason of its own."""
    listed = {rule.instance_id.lower(): rule for rule in facts.active or () if not rule.from_policy}
    for factory in FACTORY_RULES:
        name = factory.rule.instance_id
        rule, active = facts.rules.get(name.lower()), listed.get(name.lower())
        if rule is None or active is None or factory.part not in parts or altered(rule, factory):
            continue
        if not (rule.enabled and rule.inbound and rule.profiles & PROFILES[profile]) or active.enforcement & {FULL}:
            continue
        states = sorted(active.enforcement - _TOLD)
        if states:
            said = "; ".join(_STATES.get(state, f"enforcement state {state}") for state in states)
            yield Hindrance(
                "not_enforced",
                PARTS[factory.part],
                profile,
                f"The rule {name} is on, and Windows does not enforce it: {said}.",
                "Look at EnforcementStatus of that rule (Get-NetFirewallRule -PolicyStore ActiveStore) on the host.",
                decides=False,
            )


def _opened(profile: str, parts: list[str], closed: bool, facts: FirewallFacts) -> Iterator[Hindrance]:
    """Rules of Group Policy that open what is to be off."""
    for rule in _policy_openings(PROFILES[profile], facts):
        part = part_of(rule)
        if part in parts or (part is None and closed):
            yield Hindrance(
                "opened_by_policy",
                PARTS[part] if part is not None else _EXCEPTION,
                profile,
                f"A GPO opens it with its rule {rule.instance_id}.",
                "Change that GPO: a local rule can not take back what it allows.",
            )


def _policy_openings(bit: int, facts: FirewallFacts) -> Iterator[FirewallRule]:
    """Rules of Group Policy that let something of Remote Assistance in."""
    for rule in facts.policy_rules.values():
        if rule.action == BLOCK or not (rule.enabled and rule.inbound and rule.profiles & bit):
            continue
        program = rule.program.lower().rpartition("\\")[2]
        # Any service may have a rule for itself; only the group, or a program of its own, makes it Remote Assistance.
        if rule.group.casefold().endswith(GROUP.casefold().lstrip("@")) or program in ("msra.exe", "raserver.exe"):
            yield rule
