# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The firewall's classes and registry keys, against a scripted host; and what goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import BY_NAME, GROUP
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AccessDenied, NotFound, WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.firewall import (
    FirewallRules,
    ProfileState,
    policy_profiles,
    read_active_rules,
    read_network_profiles,
    read_profiles,
    read_sources,
    rules_of,
    under_policy,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
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


# Changes ---------------------------------------------------------------------------------------------

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
URI = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/{CIM}"
FAULT = (
    '<s:Fault xmlns:w="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"><s:Code><s:Value>s:Sender</s:Value></s:Code>'
    "<s:Detail><w:WSManFault Code='{code}'><w:Message>no</w:Message></w:WSManFault>"
    "<e:CIM_Error xmlns:e='x'><e:CIMStatusCode>{status}</e:CIMStatusCode></e:CIM_Error></s:Detail></s:Fault>"
)


class Wire:
    """A transport that keeps what is sent and answers each request with one body."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = list(bodies)
        self.sent: list[ElementTree.Element] = []

    def __call__(self, message: bytes, *, timeout: float) -> bytes:
        """Keep it and answer."""
        root = ElementTree.fromstring(message)
        self.sent.append(root)
        identity = root.find(f"{SOAP}Header/{ADDRESSING}MessageID")
        assert identity is not None
        body = self.bodies.pop(0) if self.bodies else "<x/>"
        return (
            f'<s:Envelope xmlns:s="{SOAP[1:-1]}" xmlns:a="{ADDRESSING[1:-1]}"><s:Header>'
            f"<a:RelatesTo>{identity.text}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        ).encode()

    def only(self) -> dict[str, Any]:
        """The one request that was sent: action, selectors, options with their types, properties."""
        (root,) = self.sent
        header, body = root.find(f"{SOAP}Header"), root.find(f"{SOAP}Body")
        assert header is not None
        assert body is not None
        action = header.findtext(f"{ADDRESSING}Action") or ""
        return {
            "action": action.removeprefix(f"{URI}/").rpartition("/")[2],
            "resource": (header.findtext(f"{WSMAN}ResourceURI") or "").removeprefix(f"{URI}/"),
            "selectors": {item.get("Name"): item.text or "" for item in header.iter(f"{WSMAN}Selector")},
            "options": [(item.get("Name"), item.get("Type"), item.text) for item in header.iter(f"{WSMAN}Option")],
            "body": [(item.tag.rpartition("}")[2], item.text) for item in (body[0] if len(body) else ())],
        }


KEYS = {
    "CreationClassName": f"MSFT|FW|FirewallRule|{NAME}",
    "PolicyRuleName": "",
    "SystemCreationClassName": "",
    "SystemName": "",
}


def rules_on(*bodies: str) -> tuple[FirewallRules, Wire]:
    """Rules of a host behind a wire."""
    wire = Wire(*bodies)
    return FirewallRules(WsmanClient(wire, host="desk-01")), wire


@pytest.mark.parametrize(("on", "method"), [(True, "Enable"), (False, "Disable")])
def test_switching_is_a_method_with_an_empty_output(on: bool, method: str) -> None:
    rules, wire = rules_on()
    rules.set_enabled(NAME, on)
    sent = wire.only()
    assert (sent["action"], sent["resource"], sent["selectors"]) == (method, "MSFT_NetFirewallRule", KEYS)
    assert (sent["options"], sent["body"]) == ([], [])


def test_changing_properties() -> None:
    rules, wire = rules_on()
    rules.change(NAME, {"Profiles": 1, "EdgeTraversalPolicy": 0})
    sent = wire.only()
    assert (sent["action"], sent["selectors"], sent["options"]) == ("Put", KEYS, [])
    assert sent["body"] == [("Profiles", "1"), ("EdgeTraversalPolicy", "0")]


@pytest.mark.parametrize(
    ("addresses", "sent_addresses"),
    [
        ((), ["Any"]),
        (("10.20.0.0/16",), ["10.20.0.0/16"]),
        (("10.20.0.0/16", "LocalSubnet"), ["10.20.0.0/16", "LocalSubnet"]),
    ],
)
def test_narrowing_addresses(addresses: tuple[str, ...], sent_addresses: list[str]) -> None:
    rules, wire = rules_on()
    rules.set_remote_addresses(NAME, addresses)
    sent = wire.only()
    assert (sent["action"], sent["resource"]) == ("Put", "MSFT_NetAddressFilter")
    assert sent["selectors"] == {("Name" if key == "PolicyRuleName" else key): value for key, value in KEYS.items()}
    assert sent["body"] == [("RemoteAddress", item) for item in sent_addresses]


def test_copying_a_default() -> None:
    rules, wire = rules_on()
    assert rules.clone_default(NAME) is True
    sent = wire.only()
    assert (sent["action"], sent["selectors"]) == ("CloneObject", KEYS)
    assert sent["options"] == [("wmi:PolicyStore", "xs:string", "SystemDefaults")]
    assert sent["body"] == [("NewPolicyStore", "PersistentStore")]


@pytest.mark.parametrize(("code", "status"), [(2150858752, 6), (1, 7), (2150858803, 11), (5, 2)])
def test_a_default_that_can_not_be_copied(code: int, status: int) -> None:
    """Not there, not offered, in the way of another rule, not allowed: the caller makes the rule itself then."""
    rules, _wire = rules_on(FAULT.format(code=code, status=status))
    assert rules.clone_default(NAME) is False


def test_a_new_rule_whose_name_is_taken_is_left_to_who_reads_it_back() -> None:
    rules, wire = rules_on(FAULT.format(code=2150858803, status=11))
    rules.create(BY_NAME[NAME.lower()].rule, name_text="n", description="d")
    assert wire.only()["action"] == "Create"
    rules, _wire = rules_on(FAULT.format(code=5, status=2))
    with pytest.raises(AccessDenied):
        rules.create(BY_NAME[NAME.lower()].rule, name_text="n", description="d")


def test_a_new_rule_is_off_and_has_its_filters_as_options() -> None:
    rules, wire = rules_on()
    factory = BY_NAME["remoteassistance-dcom-in-tcp-noscope-active"]
    rules.create(factory.rule, name_text="@FirewallAPI.dll,-33035", description="@FirewallAPI.dll,-33036")
    sent = wire.only()
    assert (sent["action"], sent["selectors"]) == ("Create", {})
    assert sent["options"] == [
        ("wmi:Protocol", "xs:string", "TCP"),
        ("wmi:Program", "xs:string", "%SystemRoot%\\system32\\svchost.exe"),
        ("wmi:Service", "xs:string", "rpcss"),
        ("wmiarray:LocalPort", "xs:string", "135"),
    ]
    assert sent["body"] == [
        ("InstanceID", "RemoteAssistance-DCOM-In-TCP-NoScope-Active"),
        ("ElementName", "@FirewallAPI.dll,-33035"),
        ("Description", "@FirewallAPI.dll,-33036"),
        ("RuleGroup", GROUP),
        ("Enabled", "2"),
        ("Profiles", "1"),
        ("Direction", "1"),
        ("Action", "2"),
        ("EdgeTraversalPolicy", "0"),
    ]


def test_a_new_rule_for_some_addresses_and_ports_of_the_other_side() -> None:
    rules, wire = rules_on()
    rules.create(BY_NAME["remoteassistance-ssdpsrv-out-udp-active"].rule, name_text="n", description="d")
    assert wire.only()["options"][3:] == [
        ("wmiarray:RemotePort", "xs:string", "1900"),
        ("wmiarray:RemoteAddress", "xs:string", "LocalSubnet"),
    ]
    assert ("Direction", "2") in wire.only()["body"]


def test_deleting() -> None:
    rules, wire = rules_on()
    rules.delete(NAME)
    assert (wire.only()["action"], wire.only()["selectors"]) == ("Delete", KEYS)


def test_deleting_what_is_gone() -> None:
    rules, _wire = rules_on(FAULT.format(code=2150858752, status=6))
    rules.delete(NAME)


@pytest.mark.parametrize("change", ["set_enabled", "set_remote_addresses", "delete"])
def test_other_refusals_are_errors(change: str) -> None:
    rules, _wire = rules_on(FAULT.format(code=5, status=2))
    arguments: dict[str, tuple[Any, ...]] = {"set_enabled": (True,), "set_remote_addresses": ((),), "delete": ()}
    with pytest.raises(AccessDenied):
        getattr(rules, change)(NAME, *arguments[change])


def test_a_rule_that_is_not_there_is_not_switched() -> None:
    rules, _wire = rules_on(FAULT.format(code=2150858752, status=6))
    with pytest.raises(NotFound):
        rules.set_enabled(NAME, True)


def test_options_of_a_query_have_their_types() -> None:
    wire = Wire('<n:EnumerateResponse xmlns:n="n"><n:EndOfSequence/></n:EnumerateResponse>')
    read_sources(WsmanClient(wire, host="desk-01"), ["A"])
    assert wire.only()["options"] == [
        ("wmi:PolicyStore", "xs:string", "ActiveStore"),
        ("wmi:TracePolicyStore", "xs:boolean", "true"),
    ]
