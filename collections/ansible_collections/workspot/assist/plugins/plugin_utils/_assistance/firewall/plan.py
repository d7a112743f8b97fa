# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs, and what has to be written. Nothing here talks to a host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..._formats.firewall_rule import ALLOW, BLOCK, EDGE_BLOCK, EDGE_DEFER_APP, FirewallRule
from .desired import FirewallRequest
from .facts import FirewallFacts
from .rules import BY_NAME, FACTORY_RULES, NARROWED, PARTS, PROFILES, FactoryRule, part_of, territory_of

ON, OFF, PARTLY = "on", "off", "partly"
MISSING, ALTERED = "missing", "altered"
_SYSTEM32 = re.compile(r"^(%systemroot%|%windir%|[a-z]:\\windows)\\system32\\")


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
        """Whether it has to be made again: it is missing, or is about something else than Windows made it for.

        An altered one that is only to be off is switched off as it is.
        """
        if self.now is None or self.factory is None:
            return self.now is None
        return altered(self.now, self.factory) and not altered(self.wanted, self.factory)


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


def altered(rule: FirewallRule, factory: FactoryRule) -> bool:
    """Whether a rule is about another program, port or direction than Windows made it for."""
    made = factory.rule
    return (
        rule.action != ALLOW
        or rule.inbound != made.inbound
        or rule.protocol != made.protocol
        or rule.local_ports != made.local_ports
        or rule.remote_ports != made.remote_ports
        or program_name(rule.program) != program_name(made.program)
        or rule.service.lower() != made.service.lower()
        or bool(rule.local_addresses or rule.conditions)
    )


def program_name(path: str) -> str:
    """A program of Windows by its name, however its folder System32 is spelled; another one by its path."""
    return _SYSTEM32.sub("", path.lower(), count=1)


def rule_changes(request: FirewallRequest, facts: FirewallFacts) -> list[RuleChange]:
    """The rules that are not what they are to be; those that only close something come first."""
    found = []
    for factory in FACTORY_RULES:
        now = facts.rules.get(factory.rule.instance_id.lower())
        base = now if now is not None and not altered(now, factory) else replace(factory.rule, enabled=False)
        wanted = _wanted(request, base, now)
        if now is not None and altered(now, factory) and not wanted.enabled:
            wanted = replace(now, enabled=False)
        if _needed(request, now, wanted, factory) and wanted != now:
            found.append(RuleChange(factory.rule.instance_id, now, wanted, factory))
    for name, rule in facts.rules.items():
        if name in BY_NAME or rule.action != ALLOW:
            continue
        if (wanted := _wanted(request, rule, rule)) != rule:
            found.append(RuleChange(rule.instance_id, rule, wanted))
    return sorted(found, key=lambda change: change.wanted.enabled)


def _needed(request: FirewallRequest, now: FirewallRule | None, wanted: FirewallRule, factory: FactoryRule) -> bool:
    """Whether a rule is to be written at all: a missing one only where it is to be on."""
    if now is not None and not altered(now, factory):
        return True
    managed = any((profile, factory.part) in request.parts for profile in PROFILES)
    # One that was turned to block opens nothing.
    opens = now is not None and now.enabled and now.action != BLOCK
    return managed and (wanted.enabled or opens)


def _wanted(request: FirewallRequest, base: FirewallRule, now: FirewallRule | None) -> FirewallRule:
    """What a rule is to be, starting from what it is."""
    part, territory = part_of(base), territory_of(base)
    current = now.profiles if now is not None and now.enabled else 0
    target = 0
    for profile, bit in PROFILES.items():
        if part is None:
            # Not one of the parts: closed with the whole exception only.
            keep = bool(current & bit) and profile not in request.closed
        else:
            keep = _kept(request.parts.get((profile, part)), base, bool(current & bit), bool(territory & bit))
        target |= bit if keep else 0
    wanted = replace(base, enabled=bool(target), profiles=target or base.profiles)
    return _with_limits(request, wanted, part)


def _kept(wish: bool | None, rule: FirewallRule, current: bool, own: bool) -> bool:
    """Whether a rule is to be on in a profile.

    Args:
        wish: What is wanted of its part there.
        rule: The rule.
        current: Whether it is on there.
        own: Whether the profile is one of those it stands for.
    """
    if wish is None:
        return current
    if not own:
        return False
    # A rule that a later Windows added to the group is closed with its part, and opened by nobody.
    return wish and (current or rule.instance_id.lower() in BY_NAME)


def _with_limits(request: FirewallRequest, rule: FirewallRule, part: str | None) -> FirewallRule:
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
    if any(rule.enabled and rule.action == ALLOW and rule.profiles & bit for rule in others):
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
    found += _limit_changes(changes)
    for change in changes:
        if change.again:
            state = MISSING if change.now is None else ALTERED
            found.append(FirewallChange(change.name, f"Rule {change.name}", state, "as Windows made it"))
        elif not _told(change, before, after):
            found.append(FirewallChange(change.name, f"Rule {change.name}", _shape(change.now), _shape(change.wanted)))
    return found


def _told(change: RuleChange, before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a change shows in the state of its part, or is one of its limits alone."""
    now, part = change.now, part_of(change.wanted)
    if now is None or (now.enabled, now.profiles) == (change.wanted.enabled, change.wanted.profiles):
        return True
    if change.factory is not None and altered(now, change.factory):
        return False
    # It is on in these profiles before and not after, or the other way round.
    moved = (now.profiles if now.enabled else 0) ^ (change.wanted.profiles if change.wanted.enabled else 0)
    return all(
        part is not None and before[profile][part] != after[profile][part]
        for profile, bit in PROFILES.items()
        if moved & bit
    )


def _limit_changes(changes: list[RuleChange]) -> Iterator[FirewallChange]:
    kept = [(change.now, change.wanted) for change in changes if change.now is not None and not change.again]
    edges = [wanted.edge == EDGE_DEFER_APP for now, wanted in kept if now.edge != wanted.edge]
    if edges:
        yield FirewallChange("edge_traversal", "Edge traversal (Teredo)", not edges[0], edges[0])
    moved = [(now, wanted) for now, wanted in kept if now.remote_addresses != wanted.remote_addresses]
    if moved:
        before = sorted({address for now, _wanted in moved for address in now.remote_addresses})
        after = sorted(moved[0][1].remote_addresses)
        yield FirewallChange("remote_addresses", "Remote addresses", before or ["any"], after or ["any"])


def _shape(rule: FirewallRule | None) -> str:
    if rule is None:
        return MISSING
    names = [name for name, bit in PROFILES.items() if rule.profiles & bit]
    return f"{ON if rule.enabled else OFF} in {', '.join(names)}"
