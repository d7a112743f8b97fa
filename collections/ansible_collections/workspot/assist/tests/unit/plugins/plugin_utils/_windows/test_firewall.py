# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firewall's classes and registry keys, against a scripted host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import GROUP
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import (
    ProfileState,
    policy_profiles,
    read_active_rules,
    read_network_profiles,
    read_profiles,
    read_sources,
    rules_of,
    under_policy,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._windows.scripted import instance

CIM = "root/standardcimv2"
STORE = {"wmi:PolicyStore": "ActiveStore"}
NAME = "RemoteAssistance-In-TCP-EdgeScope-Active"
LOCAL = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules"
POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall"
Row = Mapping[str, Any]


class Host:
    """Answers queries from a list, in order: rows, or an error."""

    def __init__(self, *answers: Sequence[Row] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    def enumerate(self, namespace: str, query: str, *, options: Any = None) -> list[Any]:
        """The next answer."""
        assert namespace == CIM
        self.asked.append((query, options))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [instance(row) for row in answer]


def row(name: str = NAME, **values: Any) -> Row:
    """A rule as the active store has it."""
    found = {
        "InstanceID": name,
        "RuleGroup": GROUP,
        "Enabled": 1,
        "Profiles": 3,
        "Direction": 1,
        "Action": 2,
        "EnforcementStatus": [1, 5],
        "PolicyStoreSource": "PersistentStore",
        "PolicyStoreSourceType": 1,
    }
    return {**found, **values}


# The active store ------------------------------------------------------------------------------------


def test_the_groups_rules_and_those_that_block() -> None:
    host = Host(
        [row(), row("Block", RuleGroup=None, Action=4, Profiles=0, PolicyStoreSource="GPO", PolicyStoreSourceType=2)]
    )
    rules = read_active_rules(host, GROUP)  # type: ignore[arg-type]
    ((query, options),) = host.asked
    assert options == STORE
    assert "WHERE RuleGroup='@FirewallAPI.dll,-33002' OR Action=4" in query
    assert rules is not None
    msra, block = rules
    assert (msra.instance_id, msra.enabled, msra.profiles, msra.inbound, msra.blocks) == (NAME, True, 3, True, False)
    assert (msra.enforcement, msra.in_force, msra.source, msra.from_policy) == ({1, 5}, True, "PersistentStore", False)
    assert (block.profiles, block.blocks, block.source, block.from_policy) == (7, True, "GPO", True)


@pytest.mark.parametrize(
    ("states", "in_force"), [([1], True), ([1, 5], True), ([5], False), ([16], False), ([4], False), ([2, 5], False)]
)
def test_enforced_is_what_has_full_among_its_states(states: list[int], in_force: bool) -> None:
    (rule,) = read_active_rules(Host([row(EnforcementStatus=states)]), GROUP) or []  # type: ignore[arg-type]
    assert rule.in_force is in_force


def test_a_host_that_finds_no_group_is_asked_for_all_rules() -> None:
    others = [row("Other", RuleGroup="@other"), row(RuleGroup=GROUP.upper()), row("Block", RuleGroup="", Action=4)]
    host = Host([row("Block", RuleGroup="", Action=4)], others)
    rules = read_active_rules(host, GROUP)  # type: ignore[arg-type]
    assert [item.instance_id for item in rules or ()] == [NAME, "Block"]
    assert [" WHERE " in query for query, _options in host.asked] == [True, False]
    assert [options for _query, options in host.asked] == [STORE, STORE]


def test_where_no_rule_is_expected_none_is_looked_for() -> None:
    host = Host([])
    assert read_active_rules(host, GROUP, expected=False) == []  # type: ignore[arg-type]
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "rows",
    [
        [row(EnforcementStatus=[0])],
        [row(EnforcementStatus=None)],
        [row(EnforcementStatus=[])],
        [row(EnforcementStatus=[0], Enabled=2), row("Block", Action=4, EnforcementStatus=[0])],
    ],
)
def test_an_answer_of_the_local_store_is_not_what_is_in_force(rows: list[Row]) -> None:
    assert read_active_rules(Host(rows), GROUP) is None  # type: ignore[arg-type]


def test_all_rules_of_the_local_store_tell_it_too() -> None:
    host = Host([], [row("Other", RuleGroup="@other", EnforcementStatus=[0])])
    assert read_active_rules(host, GROUP) is None  # type: ignore[arg-type]


def test_one_rule_with_a_status_is_enough() -> None:
    rules = read_active_rules(Host([row(EnforcementStatus=[0]), row("Two")]), GROUP)  # type: ignore[arg-type]
    assert rules is not None
    assert len(rules) == 2


def test_a_group_is_data() -> None:
    host = Host([row(RuleGroup="x' OR 'y")])
    read_active_rules(host, "x' OR 'y")  # type: ignore[arg-type]
    assert "RuleGroup='x\\' OR \\'y'" in host.asked[0][0]


def test_names_of_gpos() -> None:
    rows = [
        {"InstanceID": "A", "PolicyStoreSource": "Baseline", "PolicyStoreSourceType": 2},
        {"InstanceID": "A", "PolicyStoreSource": "PersistentStore", "PolicyStoreSourceType": 1},
    ]
    host = Host(rows)
    assert read_sources(host, ["A", "b'c"]) == {"a": "Baseline"}  # type: ignore[arg-type]
    ((query, options),) = host.asked
    assert options == {**STORE, "wmi:TracePolicyStore": True}
    assert query.endswith("WHERE InstanceID='A' OR InstanceID='b\\'c'")


def test_a_host_that_does_not_know_of_tracing() -> None:
    assert read_sources(Host(WsmanFault("no")), ["A"]) == {}  # type: ignore[arg-type]


def test_a_question_about_many_rules_stays_short() -> None:
    host = Host([])
    read_sources(host, [f"rule-{number}" for number in range(5000)])  # type: ignore[arg-type]
    assert len(host.asked[0][0]) < 2000


# Profiles and networks -------------------------------------------------------------------------------


def test_profiles() -> None:
    rows = [
        {"Name": "Domain", "Enabled": 1, "AllowInboundRules": 1, "AllowLocalFirewallRules": 0},
        {"Name": "Private", "Enabled": 2, "AllowInboundRules": 0, "AllowLocalFirewallRules": 2},
        {"Name": "Public", "Enabled": 0, "AllowInboundRules": 2, "AllowLocalFirewallRules": None},
        {"Name": "Later", "Enabled": 0},
    ]
    host = Host(rows)
    assert read_profiles(host) == {  # type: ignore[arg-type]
        1: ProfileState(local_rules=False),
        2: ProfileState(inbound_allowed=False),
        4: ProfileState(enabled=False),
    }
    ((query, options),) = host.asked
    assert query.endswith(" FROM MSFT_NetFirewallProfile")
    assert options == STORE


@pytest.mark.parametrize(
    ("categories", "bits"), [([], 0), ([0], 4), ([1], 2), ([2], 1), ([2, 2], 1), ([0, 2], 5), ([7], 0)]
)
def test_networks(categories: list[int], bits: int) -> None:
    rows = [{"NetworkCategory": number} for number in categories]
    assert read_network_profiles(Host(rows)) == bits  # type: ignore[arg-type]


def test_what_group_policy_sets_of_profiles() -> None:
    output = (
        f"{POLICY}\r\n    PolicyVersion    REG_DWORD    0x21e\r\n\r\n"
        f"{POLICY}\\DomainProfile\r\n    EnableFirewall    REG_DWORD    0x1\r\n"
        "    AllowLocalPolicyMerge    REG_DWORD    0x0\r\n    Note    REG_SZ    text\r\n\r\n"
        f"{POLICY}\\DomainProfile\\Logging\r\n    EnableFirewall    REG_DWORD    0x0\r\n\r\n"
        f"{POLICY}\\StandardProfile\r\n    EnableFirewall    REG_DWORD    0x0\r\n"
        "    ALLOWLOCALPOLICYMERGE    REG_DWORD    0x0\r\n\r\n"
    )
    assert policy_profiles(output) == {
        1: {"enablefirewall": 1, "allowlocalpolicymerge": 0},
        2: {"enablefirewall": 0},
        4: {"enablefirewall": 0},
    }
    own = f"{output}{POLICY}\\PublicProfile\r\n    DoNotAllowExceptions    REG_DWORD    0x1\r\n\r\n"
    assert policy_profiles(own) == {
        1: {"enablefirewall": 1, "allowlocalpolicymerge": 0},
        2: {},
        4: {"donotallowexceptions": 1},
    }
    assert policy_profiles("") == {1: {}, 2: {}, 4: {}}


@pytest.mark.parametrize(
    ("local", "policy", "expected"),
    [
        (ProfileState(), {}, ProfileState()),
        (ProfileState(enabled=False), {}, ProfileState(enabled=False)),
        (ProfileState(enabled=False), {"enablefirewall": 1}, ProfileState()),
        (ProfileState(), {"enablefirewall": 0}, ProfileState(enabled=False)),
        (ProfileState(inbound_allowed=False), {}, ProfileState(inbound_allowed=False)),
        (ProfileState(inbound_allowed=False), {"donotallowexceptions": 0}, ProfileState()),
        (ProfileState(), {"donotallowexceptions": 1}, ProfileState(inbound_allowed=False)),
        (ProfileState(), {"allowlocalpolicymerge": 0}, ProfileState(local_rules=False)),
        (ProfileState(local_rules=False), {}, ProfileState()),  # a value that only Group Policy has
    ],
)
def test_group_policy_goes_before_the_local_configuration(
    local: ProfileState, policy: dict[str, int], expected: ProfileState
) -> None:
    assert under_policy(local, policy) == expected


# Rules in the registry -------------------------------------------------------------------------------

TEXT = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|EmbedCtxt=@FirewallAPI.dll,-33002|"


def test_rules_of_a_query() -> None:
    output = f"\r\n{LOCAL}\r\n    {NAME}    REG_SZ    {TEXT}\r\n    Broken    REG_SZ    v2.30|\r\n\r\n"
    found = rules_of(output)
    assert list(found) == [NAME.lower()]
    assert (found[NAME.lower()].instance_id, found[NAME.lower()].protocol) == (NAME, 6)


@pytest.mark.parametrize(
    "end", ["End of search: 1 match(es) found.", "Ende der Suche: 1 \u00dcbereinstimmung(en) gefunden."]
)
@pytest.mark.parametrize("gap", ["", "\r\n"])
def test_the_count_at_the_end_is_no_part_of_a_rule(end: str, gap: str) -> None:
    found = rules_of(f"\r\n{LOCAL}\r\n    {NAME}    REG_SZ    {TEXT}\r\n{gap}{end}\r\n")
    assert found[NAME.lower()].group == GROUP


@pytest.mark.parametrize("output", ["", "\r\n", "\r\nEnd of search: 0 match(es) found.\r\n"])
def test_no_rules(output: str) -> None:
    assert rules_of(output) == {}


def test_only_values_below_firewall_rules_are_rules() -> None:
    """Connection security rules look much the same (MS-GPFAS 2.2.6.2)."""
    output = "".join(
        f"{POLICY}\\{key}\r\n    {key}    REG_SZ    {TEXT}\r\n    Number    REG_DWORD    0x1\r\n\r\n"
        for key in ("ConSecRules", "FirewallRules", "DomainProfile")
    )
    assert list(rules_of(output)) == ["firewallrules"]
