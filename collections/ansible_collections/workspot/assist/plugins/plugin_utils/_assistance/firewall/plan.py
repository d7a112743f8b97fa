# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs, what has to be written, and what keeps it from having an effect. Nothing here talks to a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..._formats.firewall_rule import ALLOW, BLOCK, EDGE_BLOCK, EDGE_DEFER_APP, FirewallRule
from .desired import FirewallRequest
from .facts import FirewallFacts
from .rules import BY_NAME, FACTORY_RULES, NARROWED, PARTS, PROFILES, FactoryRule, part_of, territory_of

ON, OFF, PARTLY = "on", "off", "partly"
MISSING, ALTERED = "missing", "altered"


@dataclass(frozen=True)
class RuleChange:
    """One rule and what it is to be.

    Attributes:
        name: The rule.
        now: What it is; ``None`` when it is missing.
        wanted: What it is to be.
        factory: The row of the table, for a rule that has to be made again.
    """

    name: str
    now: FirewallRule | None
    wanted: FirewallRule
    factory: FactoryRule | None = None

    @property
    def again(self) -> bool:
        """Whether it has to be made again: it is missing, or is about something else than Windows made it for."""
        return self.now is None or (self.factory is not None and altered(self.now, self.factory))


@dataclass(frozen=True)
class FirewallChange:
    """One setting that differs, in words."""

    setting: str
    title: str
    before: Any
    after: Any

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return dict(vars(self))


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


def altered(rule: FirewallRule, factory: FactoryRule) -> bool:
    """Whether a rule is about another program, port or direction than Windows made it for."""
    made = factory.rule
    return (
        rule.action != ALLOW
        or rule.inbound != made.inbound
        or rule.protocol != made.protocol
        or rule.local_ports != made.local_ports
        or rule.remote_ports != made.remote_ports
        or _program(rule.program) != _program(made.program)
        or rule.service.lower() != made.service.lower()
        or bool(rule.local_addresses)
    )


def _program(path: str) -> str:
    """A program by its name below System32, however its folder is spelled."""
    path = path.lower().replace("%systemroot%", r"c:\windows").replace("%windir%", r"c:\windows")
    return path.rpartition("\\system32\\")[2] or path


def rule_changes(request: FirewallRequest, facts: FirewallFacts) -> list[RuleChange]:
    """The rules that are not what they are to be."""
    found = []
    for factory in FACTORY_RULES:
        now = facts.rules.get(factory.rule.instance_id.lower())
        base = now if now is not None and not altered(now, factory) else replace(factory.rule, enabled=False)
        wanted = _wanted(request, base, now)
        if _needed(request, now, wanted, factory) and wanted != now:
            found.append(RuleChange(factory.rule.instance_id, now, wanted, factory))
    for name, rule in facts.rules.items():
        if name not in BY_NAME and (wanted := _wanted(request, rule, rule)) != rule:
            found.append(RuleChange(rule.instance_id, rule, wanted))
    return found


def _needed(request: FirewallRequest, now: FirewallRule | None, wanted: FirewallRule, factory: FactoryRule) -> bool:
    """Whether a rule is to be written at all: a missing one only where it is to be on."""
    if now is not None and not altered(now, factory):
        return True
    managed = any((profile, factory.part) in request.parts for profile in PROFILES)
    return managed and (wanted.enabled or (now is not None and now.enabled))


def _wanted(request: FirewallRequest, base: FirewallRule, now: FirewallRule | None) -> FirewallRule:
    """What a rule is to be, starting from what it is."""
    part, territory = part_of(base), territory_of(base)
    current = now.profiles if now is not None and now.enabled else 0
    target = 0
    for profile, bit in PROFILES.items():
        wish = request.parts.get((profile, part))
        keep = bool(current & bit) and not (wish is not None and not bit & territory)
        if bit & territory and wish is not None:
            # A rule that a later Windows added to the group is closed with the rest, and opened by nobody.
            keep = wish if base.instance_id.lower() in BY_NAME else keep and wish
        target |= bit if keep else 0
    wanted = replace(base, enabled=bool(target), profiles=target or base.profiles)
    return _with_limits(request, wanted, part)


def _with_limits(request: FirewallRequest, rule: FirewallRule, part: str) -> FirewallRule:
    factory = BY_NAME.get(rule.instance_id.lower())
    if factory is None or not rule.inbound:
        return rule
    if request.edge_traversal is not None and factory.rule.edge == EDGE_DEFER_APP:
        rule = replace(rule, edge=EDGE_DEFER_APP if request.edge_traversal else EDGE_BLOCK)
    if request.remote_addresses is not None and part in NARROWED:
        rule = replace(rule, remote_addresses=request.remote_addresses)
    return rule


def in_words(rules: Mapping[str, FirewallRule]) -> dict[str, dict[str, str]]:
    """On, off or partly, by profile and part."""
    return {profile: {part: _state(rules, profile, part) for part in PARTS} for profile in PROFILES}


def _state(rules: Mapping[str, FirewallRule], profile: str, part: str) -> str:
    bit = PROFILES[profile]
    known = [item for item in FACTORY_RULES if item.part == part and item.territory & bit]
    states = {_is_on(rules.get(item.rule.instance_id.lower()), item, bit) for item in known}
    others = [rule for name, rule in rules.items() if name not in BY_NAME and part_of(rule) == part]
    if any(rule.enabled and rule.profiles & bit for rule in others):
        states.add(True)
    return PARTLY if len(states) == 2 else ON if states == {True} else OFF


def _is_on(rule: FirewallRule | None, factory: FactoryRule, bit: int) -> bool:
    return rule is not None and rule.enabled and bool(rule.profiles & bit) and not altered(rule, factory)


def setting_changes(request: FirewallRequest, facts: FirewallFacts, changes: list[RuleChange]) -> list[FirewallChange]:
    """The changes of rules, as settings: by profile and part, then limits, then rules that are made again."""
    after_rules = {**facts.rules, **{change.name.lower(): change.wanted for change in changes}}
    before, after = in_words(facts.rules), in_words(after_rules)
    found = [
        FirewallChange(f"{profile}.{part}", f"{title}, {profile} profile", before[profile][part], after[profile][part])
        for profile in PROFILES
        for part, title in PARTS.items()
        if before[profile][part] != after[profile][part]
    ]
    found += _limit_changes(facts, changes)
    for change in changes:
        if change.again:
            state = MISSING if change.now is None else ALTERED
            found.append(FirewallChange(change.name, f"Rule {change.name}", state, "as Windows made it"))
        elif not found:
            found.append(FirewallChange(change.name, f"Rule {change.name}", _shape(change.now), _shape(change.wanted)))
    return found


def _limit_changes(facts: FirewallFacts, changes: list[RuleChange]) -> Iterator[FirewallChange]:
    kept = [change for change in changes if change.now is not None and not change.again]
    edges = [change for change in kept if change.now is not None and change.now.edge != change.wanted.edge]
    if edges:
        wanted = edges[0].wanted.edge == EDGE_DEFER_APP
        yield FirewallChange("edge_traversal", "Edge traversal (Teredo)", not wanted, wanted)
    moved = [
        change
        for change in kept
        if change.now is not None and change.now.remote_addresses != change.wanted.remote_addresses
    ]
    if moved:
        before = sorted({address for change in moved if change.now for address in change.now.remote_addresses})
        after = sorted(moved[0].wanted.remote_addresses)
        yield FirewallChange("remote_addresses", "Remote addresses", before or ["any"], after or ["any"])


def _shape(rule: FirewallRule | None) -> str:
    if rule is None:
        return MISSING
    names = [name for name, bit in PROFILES.items() if rule.profiles & bit]
    return f"{ON if rule.enabled else OFF} in {', '.join(names)}"


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
        wishes = {part: wanted for (where, part), wanted in request.parts.items() if where == profile}
        if any(wishes.values()):
            found += _hindered(profile, [part for part, wanted in wishes.items() if wanted], facts)
        if any(not wanted for wanted in wishes.values()):
            found += _opened(profile, [part for part, wanted in wishes.items() if not wanted], facts)
    return found


def _hindered(profile: str, parts: list[str], facts: FirewallFacts) -> Iterator[Hindrance]:
    """Why parts that are to be on are not."""
    bit = PROFILES[profile]
    state = facts.profiles.get(bit)
    title = "Remote Assistance exception"
    if state is not None and not state.enabled:
        yield Hindrance(
            "firewall_off",
            title,
            profile,
            "The firewall is off in this profile, so everything may come in and no rule counts.",
            "Switch the firewall on in this profile.",
            decides=False,
        )
        return
    if state is not None and not state.inbound_allowed:
        yield Hindrance(
            "inbound_blocked",
            title,
            profile,
            "The profile blocks all incoming connections, allowed ones too.",
            "Switch off 'Block all connections' for this profile.",
        )
    if state is not None and not state.local_rules:
        yield Hindrance(
            "local_rules_forbidden",
            title,
            profile,
            "A GPO lets only its own firewall rules count in this profile (Apply local firewall rules: No).",
            "Put the Remote Assistance rules into that GPO, or let it apply local rules.",
        )
    for rule, source in _blocking(bit, parts, facts):
        yield Hindrance(
            "blocked",
            title,
            profile,
            f"The blocking rule {rule.instance_id} ({source}) wins over every allowing rule.",
            "Remove or narrow that rule.",
        )


def _blocking(bit: int, parts: list[str], facts: FirewallFacts) -> Iterator[tuple[FirewallRule, str]]:
    """Blocking rules that meet the incoming traffic of some parts."""
    inbound = [item.rule for item in FACTORY_RULES if item.part in parts and item.rule.inbound]
    active = {rule.instance_id.lower(): rule for rule in facts.active or () if rule.blocks and rule.enabled}
    for rules, origin in ((facts.blocks, "local"), (facts.policy_rules, "Group Policy")):
        for name, rule in rules.items():
            if rule.action != BLOCK or not (rule.enabled and rule.inbound and rule.profiles & bit):
                continue
            if rules is facts.blocks and name in BY_NAME and name in facts.rules:
                # One of the exception's own rules that somebody turned: it is made again like any altered one.
                continue
            if facts.active is not None and name not in active:
                continue
            if any(_meets(rule, ours) for ours in inbound):
                yield rule, (active[name].source or origin) if name in active else origin


def _meets(block: FirewallRule, ours: FirewallRule) -> bool:
    return (
        (block.protocol is None or block.protocol == ours.protocol)
        and (not block.program or _program(block.program) == _program(ours.program))
        and (not block.service or block.service.lower() in ("*", ours.service.lower()))
        and (not block.local_ports or not ours.local_ports or bool(block.local_ports & ours.local_ports))
    )


def _opened(profile: str, parts: list[str], facts: FirewallFacts) -> Iterator[Hindrance]:
    """Rules of Group Policy that open what is to be off."""
    bit = PROFILES[profile]
    for rule in facts.policy_rules.values():
        if rule.action == BLOCK or not (rule.enabled and rule.inbound and rule.profiles & bit):
            continue
        ours = rule.group.casefold().endswith("firewallapi.dll,-33002") or _program(rule.program) in (
            "msra.exe",
            "raserver.exe",
        )
        if ours and part_of(rule) in parts:
            yield Hindrance(
                "opened_by_policy",
                PARTS[part_of(rule)],
                profile,
                f"A GPO opens it with its rule {rule.instance_id}.",
                "Change that GPO: a local rule can not take back what it allows.",
            )
