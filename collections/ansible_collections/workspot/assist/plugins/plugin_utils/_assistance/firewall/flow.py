# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply, read back: what the module ``firewall`` does with a host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..._errors import FirewallNotInForce
from ..._formats.firewall_rule import FirewallRule
from ..._windows.firewall import FirewallRules
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from .desired import FirewallRequest
from .facts import FirewallFacts, read_firewall
from .plan import FirewallChange, Hindrance, RuleChange, hindrances, in_words, rule_changes, setting_changes
from .rules import PROFILES, FactoryRule

_PROFILES = tuple(PROFILES.items())
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
    for change in changes:
        progress(f"firewall rule {change.name}")
        _write(client, shell, change)
    facts = read_firewall(client, shell)
    left = rule_changes(request, facts)
    if left:
        now = in_words(facts.rules)
        names = ", ".join(change.name for change in left[:5])
        raise FirewallNotInForce(
            f"the host said that it changed {names}, and it did not (now: {now}).",
            host=client.host,
            hint="A security agent or a GPO may keep the firewall as it is; look for its service on the host.",
        )
    return FirewallOutcome(said, found, facts)


def _refuse(request: FirewallRequest, found: tuple[Hindrance, ...], host: str) -> None:
    deciding = [item for item in found if item.decides]
    if deciding and request.on_conflict == "fail":
        said = " ".join(dict.fromkeys(f"{item.profile}: {item.cause} {item.fix}" for item in deciding))
        raise FirewallNotInForce(
            f"something else decides, and nothing was written: {said}",
            host=host,
            hint="Or use on_conflict: warn.",
        )


def _write(client: WsmanClient, shell: Shell, change: RuleChange) -> None:
    rules = FirewallRules(client)
    now = change.now
    if change.again and change.factory is not None:
        now = _made_again(client, shell, rules, change, change.factory)
    if now is None:
        raise FirewallNotInForce(
            f"the rule {change.name} could not be made again.",
            host=client.host,
            hint="Restore the firewall's defaults, or import the rule from another host.",
        )
    wanted = change.wanted
    if now.remote_addresses != wanted.remote_addresses:
        # Before it is switched on: a rule must never be open to more than it is to be.
        rules.set_remote_addresses(change.name, sorted(wanted.remote_addresses))
    differing = {}
    if wanted.enabled and now.profiles != wanted.profiles:
        differing["Profiles"] = wanted.profiles
    if now.edge != wanted.edge:
        differing["EdgeTraversalPolicy"] = wanted.edge
    if differing:
        if now.enabled != wanted.enabled:
            differing["Enabled"] = 1 if wanted.enabled else 2
        rules.change(change.name, differing)
    elif now.enabled != wanted.enabled:
        rules.set_enabled(change.name, wanted.enabled)


def _made_again(
    client: WsmanClient, shell: Shell, rules: FirewallRules, change: RuleChange, factory: FactoryRule
) -> FirewallRule | None:
    """Bring a rule back as Windows made it, from its own defaults or else from the table; what it is now."""
    if change.now is not None:
        rules.delete(change.name)
    if not rules.clone_default(change.name):
        rules.create(factory.rule, name_text=_resource(factory.name_id), description=_resource(factory.description_id))
    made = read_firewall(client, shell).rules.get(change.name.lower())
    if made is None:
        return None
    if _limits(made) != _limits(factory.rule):
        # A host that ignores the options of a new rule made one without limits.
        rules.delete(change.name)
        return None
    return made


def _limits(rule: FirewallRule) -> tuple[Any, ...]:
    program = rule.program.lower().rpartition("\\")[2]
    return rule.protocol, rule.local_ports, rule.remote_ports, program, rule.service.lower(), rule.inbound, rule.action


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
                "connected": bool(facts.networks & bit),
            }
            for name, bit in _PROFILES
            if bit in facts.profiles
        },
    }


def _in_force(facts: FirewallFacts, name: str) -> bool | None:
    if facts.active is None:
        return None
    return any(rule.in_force for rule in facts.active if rule.instance_id.lower() == name.lower())
