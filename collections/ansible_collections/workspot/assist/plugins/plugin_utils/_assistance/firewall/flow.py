# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply, read back: what the module ``firewall`` does with a host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..._errors import FirewallNotInForce, NotFound
from ..._formats.firewall_rule import FirewallRule
from ..._windows.firewall import FirewallRules
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from .desired import FirewallRequest
from .facts import FirewallFacts, read_firewall, read_rules
from .hindrances import Hindrance, hindrances
from .plan import FirewallChange, RuleChange, altered, in_words, rule_changes, setting_changes
from .rules import PROFILES, FactoryRule
from .steps import ON, steps, wider

_PROFILES = tuple(PROFILES.items())
_MOST_NAMED = 5
Progress = Callable[[str], None]


@dataclass(frozen=True)
class FirewallOutcome:
    """What a run found and did.

    Attributes:
        changes: Settings that differed, in words.
        hindrances: What keeps settings from having their effect.
        facts: The host after the run.
    """

    changes: tuple[FirewallChange, ...]
    hindrances: tuple[Hindrance, ...]
    facts: FirewallFacts

    def as_data(self) -> dict[str, Any]:
        """The outcome as a module result carries it."""
        return {
            "changed": bool(self.changes),
            "changes": [item.as_data() for item in self.changes],
            "hindrances": [item.as_data() for item in self.hindrances],
            "warnings": [f"{item.profile or 'firewall'}: {item.cause}" for item in self.hindrances],
        }

    def diff(self) -> dict[str, str]:
        """Before and after per setting, in words, for ``--diff``."""
        return {
            "before": "".join(f"{item.title}: {_shown(item.before)}\n" for item in self.changes),
            "after": "".join(f"{item.title}: {_shown(item.after)}\n" for item in self.changes),
        }


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def ensure_firewall(
    client: WsmanClient,
    request: FirewallRequest,
    *,
    check: bool = False,
    progress: Progress = lambda _text: None,
) -> FirewallOutcome:
    """Make a host agree with a request, or with `check` say what that would take.

    Raises:
        FirewallNotInForce: Something else decides, and that is to fail; or a change had no effect.
        AssistError: It could not be read or written.
    """
    with client.shell() as shell:
        facts = read_firewall(client, shell)
        return apply_firewall(client, shell, request, facts, check=check, progress=progress)


def apply_firewall(
    client: WsmanClient,
    shell: Shell,
    request: FirewallRequest,
    facts: FirewallFacts,
    *,
    check: bool,
    progress: Progress,
) -> FirewallOutcome:
    """Plan and apply on facts that were read already."""
    changes = rule_changes(request, facts)
    said = tuple(setting_changes(request, facts, changes))
    found = tuple(hindrances(request, facts))
    _refuse(request, found, client.host)
    if check or not changes:
        return FirewallOutcome(said, found, facts)
    _write_all(client, shell, changes, progress)
    facts = read_firewall(client, shell)
    left = rule_changes(request, facts)
    if left:
        raise _not_done(left, setting_changes(request, facts, left), client.host)
    return FirewallOutcome(said, tuple(hindrances(request, facts)), facts)


def _refuse(request: FirewallRequest, found: tuple[Hindrance, ...], host: str) -> None:
    deciding = [item for item in found if item.decides]
    if deciding and request.on_conflict == "fail":
        said = " ".join(dict.fromkeys(f"{item.profile}: {item.cause} {item.fix}" for item in deciding))
        raise FirewallNotInForce(
            f"something else decides, and nothing was written: {said}",
            host=host,
            hint="Or use on_conflict: warn.",
        )


def _not_done(left: list[RuleChange], said: list[FirewallChange], host: str) -> FirewallNotInForce:
    """Writes were answered with success, and had no effect."""
    settings = [f"{item.title}: {_shown(item.before)}, not {_shown(item.after)}" for item in said[:_MOST_NAMED]]
    more = f" and {len(said) - _MOST_NAMED} more" if len(said) > _MOST_NAMED else ""
    return FirewallNotInForce(
        f"the host said that it changed {left[0].name}{' and others' if len(left) > 1 else ''}, and it did not "
        f"({'; '.join(settings)}{more}).",
        host=host,
        hint="A security agent or a GPO may keep the firewall as it is; look for its service on the host.",
    )


def _write_all(client: WsmanClient, shell: Shell, changes: list[RuleChange], progress: Progress) -> None:
    rules = FirewallRules(client)
    again = [change for change in changes if change.again]
    made = _make_again(client, shell, rules, again, progress) if again else {}
    for change in changes:
        progress(f"firewall rule {change.name}")
        now = made[change.name] if change.again else change.now
        if now is None:
            continue
        try:
            _write(rules, now, change.wanted)
        except NotFound:
            raise FirewallNotInForce(
                f"the rule {change.name} is gone since it was read.",
                host=client.host,
                hint="Somebody else changes the firewall at this moment; run it again.",
            ) from None


def _write(rules: FirewallRules, now: FirewallRule, wanted: FirewallRule) -> None:
    name = now.instance_id
    for step in steps(now, wanted):
        if step.addresses is not None:
            rules.set_remote_addresses(name, step.addresses)
        elif set(step.properties) == {"Enabled"}:
            rules.set_enabled(name, step.properties["Enabled"] == ON)
        else:
            rules.change(name, step.properties)


def _make_again(
    client: WsmanClient, shell: Shell, rules: FirewallRules, changes: list[RuleChange], progress: Progress
) -> dict[str, FirewallRule]:
    """Bring rules back as Windows made them; what they are now, by name.

    A copy of Windows' own defaults is on at once, so it is the first choice only where it opens nothing that is not
    wanted. Else the rule is made from the table, switched off. What one way does not bring, the other one may.

    Raises:
        FirewallNotInForce: Neither way brought a rule.
    """
    for change in changes:
        progress(f"firewall rule {change.name} is made again")
        if change.now is not None:
            rules.delete(change.name)
        factory = _factory(change)
        if wider(factory.rule, change.wanted) or not rules.clone_default(change.name):
            _create(rules, factory)
    made, wrong = _sorted(shell, changes)
    for change in wrong:
        _remove(rules, made, change)
        if not wider(_factory(change).rule, change.wanted):
            _create(rules, _factory(change))
        elif rules.clone_default(change.name) and _factory(change).rule.enabled:
            rules.set_enabled(change.name, False)
    if wrong:
        made, wrong = _sorted(shell, changes)
    for change in wrong:
        # A host that ignores the options of a new rule made one without limits: it must not stay.
        _remove(rules, made, change)
    if wrong:
        raise FirewallNotInForce(
            f"the rule {wrong[0].name} could not be made again.",
            host=client.host,
            hint="Remove a rule of others that has its name, or restore the firewall's defaults.",
        )
    return made


def _factory(change: RuleChange) -> FactoryRule:
    if change.factory is None:
        raise AssertionError("a rule is made from the factory's alone")
    return change.factory


def _create(rules: FirewallRules, factory: FactoryRule) -> None:
    rules.create(factory.rule, name_text=_resource(factory.name_id), description=_resource(factory.description_id))


def _sorted(shell: Shell, changes: list[RuleChange]) -> tuple[dict[str, FirewallRule], list[RuleChange]]:
    """What was made, by name, and what is missing or not what it should be."""
    there = read_rules(shell)
    made = {change.name: there[change.name.lower()] for change in changes if change.name.lower() in there}
    wrong = [change for change in changes if change.name not in made or altered(made[change.name], _factory(change))]
    return made, wrong


def _remove(rules: FirewallRules, made: dict[str, FirewallRule], change: RuleChange) -> None:
    if change.name in made:
        rules.delete(change.name)


def _resource(number: int) -> str:
    return f"@FirewallAPI.dll,{number}"


def describe_firewall(facts: FirewallFacts) -> dict[str, Any]:
    """A host's exception as a module result carries it."""
    return {
        "parts": in_words(facts.rules),
        "rules": [
            {
                "name": rule.instance_id,
                "enabled": rule.enabled,
                "profiles": [name for name, bit in _PROFILES if rule.profiles & bit],
                "direction": "in" if rule.inbound else "out",
                "remote_addresses": sorted(rule.remote_addresses) or ["any"],
                "edge_traversal": rule.edge != 0,
                "in_force": _in_force(facts, rule.instance_id),
            }
            for _name, rule in sorted(facts.rules.items())
        ],
        "profiles": {
            name: {
                "firewall": "on" if facts.profiles[bit].enabled else "off",
                "local_rules": facts.profiles[bit].local_rules,
                "inbound_allowed": facts.profiles[bit].inbound_allowed,
                "connected": bool((facts.networks or 0) & bit),
            }
            for name, bit in _PROFILES
            if bit in facts.profiles
        },
    }


def _in_force(facts: FirewallFacts, name: str) -> bool | None:
    if facts.active is None:
        return None
    return any(rule.in_force for rule in facts.active if rule.instance_id.lower() == name.lower())
