# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One rule's way from what it is to what it is to be, in an order in which it never opens more than both.

A rule and its addresses are two writes. A run may end between them, so whatever is open after the first one was open
before or is to be open. Nothing here talks to a host.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..._formats.firewall_rule import EDGE_ALLOW, EDGE_BLOCK, EDGE_DEFER_APP, EDGE_DEFER_USER, FirewallRule

_OPENNESS = {EDGE_BLOCK: 0, EDGE_DEFER_APP: 1, EDGE_DEFER_USER: 2, EDGE_ALLOW: 3}
ON, OFF = 1, 2
"""``Enabled`` of MSFT_NetFirewallRule."""


@dataclass(frozen=True)
class Step:
    """One write.

    Attributes:
        properties: Of the rule: ``Enabled``, ``Profiles``, ``EdgeTraversalPolicy``.
        addresses: Or who may connect, empty for anybody.
    """

    properties: dict[str, int] = field(default_factory=dict)
    addresses: tuple[str, ...] | None = None


def steps(now: FirewallRule, wanted: FirewallRule) -> list[Step]:
    """The writes that take a rule from what it is to what it is to be.

    Args:
        now: What it is.
        wanted: What it is to be; it differs in state, profiles, edge traversal and remote addresses alone.
    """
    found: list[Step] = []
    if now.remote_addresses != wanted.remote_addresses:
        if not _narrower(wanted.remote_addresses, now.remote_addresses):
            between = _in_common(now, wanted)
            found += _rule_step(now, between)
            now = between
        found.append(Step(addresses=tuple(sorted(wanted.remote_addresses))))
        now = replace(now, remote_addresses=wanted.remote_addresses)
    return found + _rule_step(now, wanted)


def wider(rule: FirewallRule, other: FirewallRule) -> bool:
    """Whether a rule opens anything that another one does not."""
    if not rule.enabled:
        return False
    return (
        not other.enabled
        or bool(rule.profiles & ~other.profiles)
        or _OPENNESS[rule.edge] > _OPENNESS[other.edge]
        or not _narrower(rule.remote_addresses, other.remote_addresses)
    )


def _narrower(addresses: frozenset[str], others: frozenset[str]) -> bool:
    """Whether addresses are surely all among others; empty is anybody."""
    return not others or bool(addresses and addresses <= others)


def _in_common(now: FirewallRule, wanted: FirewallRule) -> FirewallRule:
    """What a rule may be with either one's addresses."""
    if not now.enabled:
        return now
    profiles = now.profiles & wanted.profiles if wanted.enabled else 0
    edge = min(now.edge, wanted.edge, key=lambda item: _OPENNESS[item])
    if not profiles:
        return replace(now, enabled=False)
    return replace(now, profiles=profiles, edge=edge)


def _rule_step(now: FirewallRule, wanted: FirewallRule) -> list[Step]:
    properties = {}
    if wanted.enabled and now.profiles != wanted.profiles:
        properties["Profiles"] = wanted.profiles
    if now.edge != wanted.edge:
        properties["EdgeTraversalPolicy"] = wanted.edge
    if now.enabled != wanted.enabled:
        properties["Enabled"] = ON if wanted.enabled else OFF
    return [Step(properties)] if properties else []
