# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What decides the exception on a host: its rules, those of Group Policy, the profiles and the networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..._formats.firewall_rule import FirewallRule
from ..._windows.facts_batch import Batch
from ..._windows.firewall import (
    LOCAL_RULES,
    POLICY,
    ActiveRule,
    ProfileState,
    policy_profiles,
    read_active_rules,
    read_network_profiles,
    read_profiles,
    read_sources,
    rules_of,
    under_policy,
)
from ..._windows.host_facts import REG
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from .rules import GROUP

_GROUP_RULES = f'{REG} query "{LOCAL_RULES}" /f "{GROUP}" /d 2>nul'


@dataclass(frozen=True)
class FirewallFacts:
    """What was read.

    Attributes:
        rules: The group's local rules by lower-case name.
        blocks: Local rules that block, by lower-case name.
        policy_rules: Rules of Group Policy by lower-case name.
        active: The group's and all blocking rules in force; ``None`` when the host does not tell.
        profiles: The profiles in force by their bit.
        networks: Bits of the profiles of the networks the host is connected to; ``None`` when it was not asked.
    """

    rules: Mapping[str, FirewallRule] = field(default_factory=dict)
    blocks: Mapping[str, FirewallRule] = field(default_factory=dict)
    policy_rules: Mapping[str, FirewallRule] = field(default_factory=dict)
    active: tuple[ActiveRule, ...] | None = None
    profiles: Mapping[int, ProfileState] = field(default_factory=dict)
    networks: int | None = None


def add_questions(batch: Batch) -> None:
    """Add what has to be asked to a command line."""
    batch.add("firewall-rules", _GROUP_RULES)
    batch.add("firewall-blocks", f'{REG} query "{LOCAL_RULES}" /f "Action=Block" /d 2>nul')
    batch.add("firewall-policy", f'{REG} query "{POLICY}" /s 2>nul')


def read_firewall(client: WsmanClient, shell: Shell, *, networks: bool = False) -> FirewallFacts:
    """Read it: two exchanges for the command line and two queries, three with `networks`; the shell's own aside."""
    batch = Batch()
    add_questions(batch)
    return facts_of(client, batch.run(shell), networks=networks)


def facts_of(client: WsmanClient, answers: Mapping[str, str], *, networks: bool = False) -> FirewallFacts:
    """Put the answers of the command line and those of the queries together.

    Args:
        client: The host.
        answers: From the command line.
        networks: Ask for the networks it is connected to as well: what is wanted does not depend on them.
    """
    rules = _group(answers["firewall-rules"])
    policy_rules = rules_of(answers["firewall-policy"])
    expected = not rules or any(rule.enabled for rule in rules.values())
    active = read_active_rules(client, GROUP, expected=expected)
    profiles = read_profiles(client)
    if active is None:
        # Not told what the profiles come to either, but what the local configuration and Group Policy are.
        policy = policy_profiles(answers["firewall-policy"])
        profiles = {bit: under_policy(state, policy[bit]) for bit, state in profiles.items()}
    return FirewallFacts(
        rules=rules,
        blocks=rules_of(answers["firewall-blocks"]),
        policy_rules=policy_rules,
        active=None if active is None else tuple(_with_sources(client, active, policy_rules)),
        profiles=profiles,
        networks=read_network_profiles(client) if networks else None,
    )


def read_rules(shell: Shell) -> Mapping[str, FirewallRule]:
    """The group's local rules alone, by lower-case name (two exchanges)."""
    batch = Batch()
    batch.add("firewall-rules", _GROUP_RULES)
    return _group(batch.run(shell)["firewall-rules"])


def _group(output: str) -> Mapping[str, FirewallRule]:
    return {name: rule for name, rule in rules_of(output).items() if rule.group.casefold() == GROUP.casefold()}


def _with_sources(
    client: WsmanClient, active: list[ActiveRule], policy_rules: Mapping[str, FirewallRule]
) -> list[ActiveRule]:
    """Ask for the names of GPOs where there is something to be named, and Windows did not tell unasked."""
    unnamed = [rule for rule in active if not rule.source and rule.instance_id.lower() in policy_rules]
    if not unnamed:
        return active
    sources = read_sources(client, {rule.instance_id for rule in unnamed})
    return [
        replace(rule, source=sources.get(rule.instance_id.lower(), ""), from_policy=True) if rule in unnamed else rule
        for rule in active
    ]
