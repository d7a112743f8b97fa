# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated host as a test of the firewall or of the feature looks at it, from outside the collection."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import FIREWALL_SETTINGS
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.feature import (
    FeatureFacts,
    FeatureOutcome,
    ensure_feature,
    read_facts,
    with_pending,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.facts import read_firewall
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.flow import (
    FirewallOutcome,
    describe_firewall,
    ensure_firewall,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

from simulator.windows.firewall_rule import DOMAIN, PRIVATE, PUBLIC, Rule
from simulator.windows.firewall_rules import GROUP, factory_rules
from tests.support.direct import DirectHost

PROFILES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC}
MSRA = "RemoteAssistance-In-TCP-EdgeScope-Active"
MSRA_PUBLIC = "RemoteAssistance-In-TCP-EdgeScope"
OUT = "RemoteAssistance-Out-TCP-Active"
DCOM = "RemoteAssistance-DCOM-In-TCP-NoScope-Active"
RASERVER = "RemoteAssistance-RAServer-In-TCP-NoScope-Active"
SSDP = "RemoteAssistance-SSDPSrv-In-UDP-Active"
FACTORY: Mapping[str, Rule] = {name: rule for name, rule in factory_rules().items() if rule.group == GROUP}
PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "msra": tuple(name for name in FACTORY if name.startswith(("RemoteAssistance-In-TCP", "RemoteAssistance-Out-TCP"))),
    "raserver": tuple(name for name in FACTORY if "RAServer" in name),
    "dcom": (DCOM,),
    "ssdp": tuple(name for name in FACTORY if "SSDP" in name),
    "pnrp": tuple(name for name in FACTORY if "Pnrp" in name),
}
"""Which rules a part has, by their names; written down apart from the collection's own table."""
Rules = Mapping[str, Rule]


def opened(rules: Rules, addresses: set[str]) -> set[tuple[Any, ...]]:
    """What rules let in or out: each by its name, profile, address and what it is about.

    Args:
        rules: Rules by name.
        addresses: All addresses that any of the rules to be compared has.
    """
    return {
        (
            name,
            bit,
            address,
            far,
            rule.action,
            rule.protocol,
            rule.local_ports,
            rule.remote_ports,
            rule.app,
            rule.service,
        )
        for name, rule in rules.items()
        if rule.active and rule.action != "Block"
        for bit in PROFILES.values()
        if rule.profiles & bit
        for address in rule.remote_addresses or (*addresses, "elsewhere")
        for far in (("near", "far") if rule.edge else ("near",))
    }


def assert_nothing_else_was_open(
    before: Rules, moments: list[Rules], after: Rules, between: Rules = MappingProxyType({})
) -> None:
    """At no moment was anything open that was not before and is not after, nor is among what may be `between`."""
    addresses = {
        item
        for rules in (before, *moments, after, between)
        for rule in rules.values()
        for item in rule.remote_addresses
    }
    allowed = opened(before, addresses) | opened(after, addresses) | opened(between, addresses)
    for rules in moments:
        assert opened(rules, addresses) <= allowed, opened(rules, addresses) - allowed


class Host(DirectHost):
    """One host, and what is asked of it and seen on it."""

    # What the collection does

    def apply(self, *, check: bool = False, client: WsmanClient | None = None, **options: Any) -> FirewallOutcome:
        """Run the module's work with these options."""
        return ensure_firewall(client or self.client, request(**options), check=check)

    def attempt(self, **options: Any) -> AssistError | FirewallOutcome:
        """The same; an error is a result too."""
        try:
            return self.apply(**options)
        except AssistError as error:
            return error

    def info(self) -> dict[str, Any]:
        """What firewall_info says."""
        client = self.client
        with client.shell() as shell:
            return describe_firewall(read_firewall(client, shell, networks=True))

    def feature(self, state: str, *, check: bool = False, client: WsmanClient | None = None) -> FeatureOutcome:
        """Run the module ``feature``."""
        return ensure_feature(client or self.client, state, check=check)

    def feature_info(self) -> FeatureFacts:
        """What feature_info reads."""
        client = self.client
        with client.shell() as shell:
            return with_pending(shell, read_facts(client, shell))

    # What is there

    @property
    def rules(self) -> dict[str, Rule]:
        """The group's rules of the local store."""
        return {name: rule for name, rule in self.sim.firewall.local_rules.items() if rule.group == GROUP}

    @property
    def others(self) -> dict[str, Rule]:
        """All other local rules."""
        return {name: rule for name, rule in self.sim.firewall.local_rules.items() if rule.group != GROUP}

    @property
    def on(self) -> dict[str, int]:
        """Rules of the group that are on, with their profiles."""
        return {name: rule.profiles for name, rule in self.rules.items() if rule.active}

    @property
    def writes(self) -> list[str]:
        """What was changed on the host so far."""
        return list(self.sim.writes.log)

    @property
    def requests(self) -> int:
        """HTTP requests so far, logins included."""
        return int(self.sim.counters["requests"])

    def put(self, name: str, **fields: Any) -> None:
        """Change a rule behind everybody's back."""
        self.sim.firewall.keep(self.sim.firewall.local_rules[name].changed(**fields))

    def moments(self) -> list[Rules]:
        """A list that from now on gets the group's rules after each write."""
        seen: list[Rules] = []
        firewall = self.sim.firewall
        keep, drop = firewall._keep, firewall._drop

        def kept(rule: Rule) -> None:
            keep(rule)
            seen.append(self.rules)

        def dropped(name: str) -> None:
            drop(name)
            seen.append(self.rules)

        firewall._keep, firewall._drop = kept, dropped
        return seen

    def step(self, between: Rules = MappingProxyType({}), **options: Any) -> FirewallOutcome:
        """A check run, a real run and a second one; what all three have to be whatever they are about.

        Args:
            between: Rules that may be open for a moment.
            options: Of the module.

        Returns:
            The outcome of the real run.
        """
        before, others, written = self.rules, self.others, len(self.writes)
        checked = self.apply(check=True, **options)
        assert (self.rules, len(self.writes)) == (before, written)
        moments = self.moments()
        done = self.apply(**options)
        assert checked.changes == done.changes
        assert checked.diff() == done.diff()
        assert_nothing_else_was_open(before, moments, self.rules, between)
        assert self.others == others, "rules of others are left alone"
        self.assert_settled(**options)
        return done

    def assert_settled(self, **options: Any) -> None:
        """One more run finds nothing to do: not one write is even tried."""
        after, written = self.rules, len(self.writes)
        denied = self.sim.counters["denied_writes"]
        self.sim.faults.set("deny_writes", True)
        again = self.apply(**options)
        self.sim.faults.set("deny_writes", False)
        assert again.changes == ()
        assert again.as_data()["changed"] is False
        assert again.diff() == {"before": "", "after": ""}
        assert self.sim.counters["denied_writes"] == denied
        assert (self.rules, len(self.writes)) == (after, written)


def request(**options: Any) -> FirewallRequest:
    """A request as the action makes it; options that are not given are unset."""
    unknown = set(options) - set(FIREWALL_SETTINGS)
    assert not unknown, unknown
    return FirewallRequest.of(
        {name: options.get(name, spec.get("default")) for name, spec in FIREWALL_SETTINGS.items()}
    )


def told(outcome: FirewallOutcome) -> dict[str, tuple[Any, Any]]:
    """What an outcome says was changed: before and after by setting."""
    return {item["setting"]: (item["before"], item["after"]) for item in outcome.as_data()["changes"]}


def kinds(outcome: FirewallOutcome) -> list[tuple[str, str]]:
    """What an outcome says is in the way: kind and profile."""
    return [(item["kind"], item["profile"]) for item in outcome.as_data()["hindrances"]]
