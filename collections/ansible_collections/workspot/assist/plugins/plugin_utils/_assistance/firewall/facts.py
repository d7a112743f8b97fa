# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What decides the exception on a host: its rules, those of Group Policy, the profiles and the networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._formats.firewall_rule import FirewallRule
from ..._windows.facts_batch import Batch
from ..._windows.firewall import (
    LOCAL_RULES,
    POLICY_RULES,
    ActiveRule,
    ProfileState,
    read_active_rules,
    read_network_profiles,
    read_profiles,
    rules_of,
)
from ..._windows.host_facts import REG
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from .rules import GROUP


@dataclass(frozen=True)
class FirewallFacts:
    """What was read.

    Attributes:
        rules: The group's local rules by lower-case name.
        blocks: Local rules that block, by lower-case name.
        policy_rules: Rules of Group Policy by lower-case name.
        active: The group's and all blocking rules in force; ``None`` when the host does not tell.
        profiles: The profiles in force by their bit.
        networks: Bits of the profiles of the networks the host is connected to.
    """

    rules: Mapping[str, FirewallRule] = field(default_factory=dict)
    blocks: Mapping[str, FirewallRule] = field(default_factory=dict)
    policy_rules: Mapping[str, FirewallRule] = field(default_factory=dict)
    active: tuple[ActiveRule, ...] | None = None
    profiles: Mapping[int, ProfileState] = field(default_factory=dict)
    networks: int = 0


def add_questions(batch: Batch) -> None:
    """Add what has to be asked to a command line."""
    batch.add("firewall-rules", f'{REG} query "{LOCAL_RULES}" /f "{GROUP}" /d 2>nul')
    batch.add("firewall-blocks", f'{REG} query "{LOCAL_RULES}" /f "Action=Block" /d 2>nul')
    batch.add("firewall-policy", f'{REG} query "{POLICY_RULES}" 2>nul')


def read_firewall(client: WsmanClient, shell: Shell) -> FirewallFacts:
    """Read it: two exchanges for the command line and three queries; the shell's own aside."""
    batch = Batch()
    add_questions(batch)
    return facts_of(client, batch.run(shell))


def facts_of(client: WsmanClient, answers: Mapping[str, str]) -> FirewallFacts:
    """Put the answers of the command line and those of the queries together."""
    rules = rules_of(answers["firewall-rules"])
    active = read_active_rules(client, GROUP)
    return FirewallFacts(
        rules={name: rule for name, rule in rules.items() if rule.group.casefold() == GROUP.casefold()},
        blocks=rules_of(answers["firewall-blocks"]),
        policy_rules=rules_of(answers["firewall-policy"]),
        active=tuple(active) if active is not None else None,
        profiles=read_profiles(client),
        networks=read_network_profiles(client),
    )
