# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules as texts of the registry, their addresses, and the rules from the factory."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.windows.firewall_address import KEYWORDS, AddressError, address_text, addresses, with_length
from simulator.windows.firewall_rule import Rule, RuleError, check, parse, ports, protocol_number, text_of
from simulator.windows.firewall_rules import GROUP, display_text, factory_rules, factory_values

RULES = factory_rules()
ASSISTANCE = {name: rule for name, rule in RULES.items() if rule.group == GROUP}


def test_remote_assistance_has_its_fifteen_rules() -> None:
    assert len(ASSISTANCE) == 15
    assert sorted(name for name, rule in ASSISTANCE.items() if not rule.active) == [
        "RemoteAssistance-In-TCP-EdgeScope",
        "RemoteAssistance-Out-TCP",
        "RemoteAssistance-PnrpSvc-UDP-In-EdgeScope",
        "RemoteAssistance-PnrpSvc-UDP-OUT",
    ]
    assert len(RULES) - 15 > 25, "filters need others to leave out"


def test_a_rule_is_the_text_that_public_listings_have() -> None:
    assert factory_values()["remoteassistance-in-tcp-edgescope-active"].data == (
        "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private"
        "|App=%SystemRoot%\\system32\\msra.exe|Name=@FirewallAPI.dll,-33003|Desc=@FirewallAPI.dll,-33006"
        "|EmbedCtxt=@FirewallAPI.dll,-33002|Edge=TRUE|Defer=App|"
    )
    assert factory_values()["remoteassistance-ssdpsrv-in-tcp-active"].data == (
        "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private|LPort=2869"
        "|RA4=LocalSubnet|RA6=LocalSubnet|App=System|Name=@FirewallAPI.dll,-33027|Desc=@FirewallAPI.dll,-33030"
        "|EmbedCtxt=@FirewallAPI.dll,-33002|"
    )


@pytest.mark.parametrize("rule", [*RULES.values()], ids=[*RULES])
def test_a_factory_rule_survives_its_text(rule: Rule) -> None:
    assert parse(rule.id, text_of(rule)) == rule


def test_a_long_listing_has_as_many_rules_as_asked() -> None:
    assert len(factory_rules(count=450)) == 450
    assert len(factory_values(count=450)) == 450
    assert len(factory_rules(assistance=False)) == len(RULES) - 15


def test_display_texts_are_in_the_language_of_the_host() -> None:
    assert display_text(GROUP, "en-US") == "Remote Assistance"
    assert display_text(GROUP, "de-DE") != "Remote Assistance"
    assert display_text("my rule", "de-DE") == "my rule"
    assert "@" not in display_text("@%SystemRoot%\\system32\\firewallapi.dll,-37302", "en-US")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "v2.30|Action=Allow|Dir=In|Name=x",  # no bar at the end
        "v2.30|Action=Allow|Name=x|",  # no direction
        "v2.30|Action=Perhaps|Dir=In|Name=x|",
        "v2.30|Action=Allow|Action=Block|Dir=In|Name=x|",
        "v2.30|Action=Allow|Dir=In|LPort=80|Name=x|",  # a port without a protocol
        "v2.30|Action=Allow|Dir=In|Protocol=6|LPort=70000|Name=x|",
        "v2.30|Action=Allow|Dir=In|RA4=1.2.3.4.5|Name=x|",
        "v2.30|Action=Allow|Dir=In|Profile=Work|Name=x|",
        "v2.30|Action=Allow|Dir=In|",  # no name
        "2.30|Action=Allow|Dir=In|Name=x|",
    ],
)
def test_what_is_no_rule_is_skipped(text: str) -> None:
    assert parse("x", text) is None


def test_absent_tokens_mean_what_the_specification_says() -> None:
    rule = parse("x", "v2.10|Action=Allow|Dir=Out|Name=x|")
    assert rule is not None
    assert (rule.active, rule.inbound, rule.protocol, rule.profiles, rule.edge) == (False, False, 256, 7, 0)
    deferred = parse("x", "v2.10|Action=Allow|Dir=In|Name=x|Edge=TRUE|Defer=User|")
    assert deferred is not None
    assert deferred.edge == 2


def test_a_rule_of_a_newer_windows_is_ignored() -> None:
    rule = parse("x", "v9.99|Action=Block|Active=TRUE|Dir=In|Name=x|")
    assert rule is not None
    assert rule.ignored
    assert not RULES["WINRM-HTTP-In-TCP"].ignored


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""},
        {"id": "a|b"},
        {"id": "x" * 512},
        {"name": ""},
        {"name": "All"},
        {"name": "a|b"},
        {"app": "c:\\*.exe"},
        {"app": "c" * 260},
        {"service": "a/b"},
        {"profiles": 0},
        {"profiles": 8},
        {"protocol": 257},
        {"protocol": 47, "local_ports": ("80",)},
        {"protocol": 6, "icmp": ("8:*",)},
        {"inbound": False, "edge": 1},
        {"edge": 4},
        {"action": "ByPass"},
    ],
    ids=str,
)
def test_what_no_server_may_take_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        Rule("x", name="x").changed(**fields)


# Addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3/32", "10.1.2.3"),
        ("10.0.0.0/8", "10.0.0.0/255.0.0.0"),
        ("10.1.2.3/255.0.0.0", "10.0.0.0/255.0.0.0"),
        (" 192.168.0.0/24 ", "192.168.0.0/255.255.255.0"),
        ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("10.0.0.1-10.0.0.1", "10.0.0.1"),
        ("FE80::/64", "fe80::/64"),
        ("fe80::1", "fe80::1"),
        ("fe80::1-fe80::9", "fe80::1-fe80::9"),
        ("localsubnet", "LocalSubnet"),
        ("DNS", "DNS"),
    ],
)
def test_an_address_comes_back_in_its_form(text: str, form: str) -> None:
    assert address_text(text) == form
    assert address_text(form) == form


@pytest.mark.parametrize(
    "text",
    ["", "host-7", "10.0.0.300", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/0.0.0.255", "10.0.0.0/255.0.255.0",
     "10.0.0.9-10.0.0.1", "10.0.0.1-fe80::1", "10.0.0.0/8/8", "LocalSubnets", "1.2.3.4,1.2.3.5"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        address_text(text)


def test_any_stands_alone() -> None:
    assert addresses(["Any"]) == addresses(["*"]) == addresses([]) == ()
    with pytest.raises(AddressError):
        addresses(["Any", "10.0.0.1"])


def test_an_address_is_there_once_and_a_list_has_an_end() -> None:
    assert addresses(["10.0.0.0/8", "10.9.9.9/255.0.0.0"]) == ("10.0.0.0/255.0.0.0",)
    with pytest.raises(AddressError):
        addresses([f"10.0.{number // 250}.{number % 250}" for number in range(1001)])


def test_a_mask_can_be_shown_as_a_length() -> None:
    assert [with_length(item) for item in ("10.0.0.0/255.0.0.0", "10.0.0.1", "fe80::/64", "10.0.0.1-10.0.0.2")] == [
        "10.0.0.0/8", "10.0.0.1", "fe80::/64", "10.0.0.1-10.0.0.2",
    ]  # fmt: skip


# Ports and protocols -------------------------------------------------------------------------------


def test_ports_are_numbers_ranges_and_keywords() -> None:
    assert ports(["80", "5000-5020", "rpc-epmap", "Teredo"]) == ("80", "5000-5020", "RPCEPMap", "Teredo")
    assert ports(["Any"]) == ()
    for wrong in ("65536", "20-10", "http", "80,81"):
        with pytest.raises(RuleError):
            ports([wrong])
    with pytest.raises(RuleError):
        ports(["Any", "80"])


def test_protocols_have_names_and_numbers() -> None:
    assert [protocol_number(item) for item in ("TCP", "udp", "Any", "ICMPv4", "47")] == [6, 17, 256, 1, 47]
    for wrong in ("tpc", "256", "-1"):
        with pytest.raises(RuleError):
            protocol_number(wrong)


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="|", exclude_categories=("Cc", "Cs")), max_size=30)
_ADDRESS = st.one_of(
    st.sampled_from(sorted(KEYWORDS)),
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(1, 31)).map(lambda item: f"{item[0]}/{item[1]}"),
)
_RULES = st.builds(
    Rule,
    id=_TEXT.filter(bool),
    action=st.sampled_from(["Allow", "Block"]),
    active=st.booleans(),
    protocol=st.sampled_from([6, 17]),
    profiles=st.integers(1, 7),
    local_ports=st.lists(st.sampled_from(["80", "1000-2000", "RPC", "Teredo"]), unique=True, max_size=1).map(tuple),
    remote_addresses=st.lists(_ADDRESS.map(address_text), unique=True, max_size=4).map(tuple),
    app=_TEXT.filter(lambda text: not re.search(r'[/*?"<>]', text)),
    service=st.just(""),
    name=_TEXT.filter(lambda text: text.upper() not in ("", "ALL")),
    description=_TEXT,
    group=_TEXT,
    edge=st.integers(0, 3),
)


@given(_RULES)
def test_every_rule_survives_its_text(rule: Rule) -> None:
    check(rule)
    found = parse(rule.id, text_of(rule))
    assert found is not None
    # v4 comes before v6 in the text, keywords are in both
    assert sorted(found.remote_addresses) == sorted(rule.remote_addresses)
    assert found.changed(remote_addresses=()) == rule.changed(remote_addresses=())


def test_later_words_have_tokens_of_their_own() -> None:
    """MS-GPFAS 2.2.2.13 and 2.2.2.19: they are of version 2.20 on."""
    words = ("LocalSubnet", "Internet", "IntranetRemoteAccess")
    text = text_of(Rule("x", name="x", remote_addresses=words))
    tokens = "RA4=LocalSubnet|RA42=IntErnet|RA42=RmtIntrAnet|RA6=LocalSubnet|RA62=IntErnet|RA62=RmtIntrAnet|"
    assert tokens in text
    found = parse("x", text)
    assert found is not None
    assert set(found.remote_addresses) == set(words)
