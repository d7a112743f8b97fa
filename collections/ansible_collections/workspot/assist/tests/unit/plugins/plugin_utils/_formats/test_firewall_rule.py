# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firewall rules as the registry holds them: every field, strings that are none, addresses in one spelling."""

from __future__ import annotations

import ipaddress
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FirewallRuleMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import (
    ADDRESS_WORDS,
    ALL_PROFILES,
    DOMAIN,
    EDGE_ALLOW,
    EDGE_BLOCK,
    EDGE_DEFER_APP,
    EDGE_DEFER_USER,
    PRIVATE,
    PUBLIC,
    FirewallRule,
    normal_address,
    parse_firewall_rule,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = "RemoteAssistance-In-TCP-EdgeScope-Active"
MSRA = (
    "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|Profile=Private"
    "|App=%SystemRoot%\\system32\\msra.exe|Name=@FirewallAPI.dll,-33003|Desc=@FirewallAPI.dll,-33006"
    "|EmbedCtxt=@FirewallAPI.dll,-33002|Edge=TRUE|Defer=App|"
)
"""As public registry dumps of Windows 10 and 11 have it."""
BARE = "v2.30|Action=Allow|Active=TRUE|Dir=In|"
NOTHING = FirewallRule("r", enabled=True, action="Allow", inbound=True, profiles=ALL_PROFILES)


def parsed(*fields: str) -> FirewallRule:
    """A rule with some fields beside what every rule has."""
    return parse_firewall_rule("r", BARE + "".join(f"{field}|" for field in fields))


def test_a_rule_of_windows() -> None:
    assert parse_firewall_rule(NAME, MSRA) == FirewallRule(
        instance_id=NAME,
        enabled=True,
        action="Allow",
        inbound=True,
        profiles=DOMAIN | PRIVATE,
        protocol=6,
        program="%SystemRoot%\\system32\\msra.exe",
        edge=EDGE_DEFER_APP,
        group="@FirewallAPI.dll,-33002",
    )


def test_what_is_not_said() -> None:
    assert parsed() == NOTHING
    assert parse_firewall_rule("r", "v2.0|Action=Block|Dir=Out|") == replace(
        NOTHING, enabled=False, action="Block", inbound=False
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Profile=Public"], {"profiles": PUBLIC}),
        (["Profile=Domain", "Profile=Private", "Profile=Public"], {"profiles": ALL_PROFILES}),
        (["Profile=DOMAIN", "PROFILE=private"], {"profiles": DOMAIN | PRIVATE}),
        (["Protocol=17"], {"protocol": 17}),
        (["Protocol=0"], {"protocol": 0}),
        (["Protocol=256"], {"protocol": None}),
        (["Protocol=6", "LPort=135"], {"protocol": 6, "local_ports": {"135"}}),
        (["Protocol=6", "LPort=80", "LPort=443"], {"protocol": 6, "local_ports": {"80", "443"}}),
        (["Protocol=6", "LPort=80,443"], {"protocol": 6, "local_ports": {"80", "443"}}),
        (["Protocol=6", "LPort2_10=5000-5010", "LPort=7"], {"protocol": 6, "local_ports": {"5000-5010", "7"}}),
        (["Protocol=6", "LPort2_20=Ply2Disc"], {"protocol": 6, "local_ports": {"Ply2Disc"}}),
        (["Protocol=6", "LPort=RPC-EPMap"], {"protocol": 6, "local_ports": {"RPC-EPMap"}}),
        (["Protocol=17", "RPort=1900"], {"protocol": 17, "remote_ports": {"1900"}}),
        (["Protocol=17", "RPort2_10=1-9"], {"protocol": 17, "remote_ports": {"1-9"}}),
        (["App=System"], {"program": "System"}),
        (["Svc=rpcss"], {"service": "rpcss"}),
        (["Svc=*"], {"service": "*"}),
        (["RA4=LocalSubnet", "RA6=LocalSubnet"], {"remote_addresses": {"LocalSubnet"}}),
        (["RA42=IntrAnet", "RA62=IntrAnet"], {"remote_addresses": {"Intranet"}}),
        (["RA42=IntErnet"], {"remote_addresses": {"Internet"}}),
        (["RA42=RmtIntrAnet"], {"remote_addresses": {"IntranetRemoteAccess"}}),
        (["RA4=10.20.0.0/255.255.0.0"], {"remote_addresses": {"10.20.0.0/16"}}),
        (["RA4=10.0.0.1", "RA4=10.0.0.2-10.0.0.9"], {"remote_addresses": {"10.0.0.1", "10.0.0.2-10.0.0.9"}}),
        (["RA6=2001:DB8:0::/32"], {"remote_addresses": {"2001:db8::/32"}}),
        (["RA4="], {}),
        (["LA4=10.1.2.3", "LA6=2001:db8::1"], {"local_addresses": {"10.1.2.3", "2001:db8::1"}}),
        (["Edge=TRUE"], {"edge": EDGE_ALLOW}),
        (["Edge=TRUE", "Defer=User"], {"edge": EDGE_DEFER_USER}),
        (["Edge=TRUE", "Defer=App"], {"edge": EDGE_DEFER_APP}),
        (["Edge=FALSE", "Defer=App"], {"edge": EDGE_BLOCK}),
        (["Defer=App"], {"edge": EDGE_BLOCK}),
        (["EmbedCtxt=@FirewallAPI.dll,-33002"], {"group": "@FirewallAPI.dll,-33002"}),
        (["IFType=Lan"], {"conditions": {"iftype"}}),
        (["Security2_9=An", "RMAuth=O:LSD:(A;;CC;;;S-1-5-2)"], {"conditions": {"security2_9", "rmauth"}}),
        (["AppPkgId=S-1-15-2-1", "LUOwn=S-1-5-2"], {"conditions": {"apppkgid", "luown"}}),
        (["Platform=2:6:2", "Platform2=GTEQ"], {"conditions": {"platform", "platform2"}}),
        (["LSM=TRUE", "LOM=TRUE", "PCross=TRUE", "SkipVer=2.0", "Name=a=b", "Later=x"], {}),
        (["Name=A", "Name=A", "Later=1", "Later=2"], {}),
    ],
)
def test_every_field(fields: list[str], expected: dict[str, object]) -> None:
    frozen = {name: frozenset(value) if isinstance(value, set) else value for name, value in expected.items()}
    assert parsed(*fields) == replace(NOTHING, **frozen)


@pytest.mark.parametrize(("text", "on"), [("TRUE", True), ("true", True), ("FALSE", False), ("1", False), ("", False)])
def test_on_is_what_says_so(text: str, on: bool) -> None:
    assert parse_firewall_rule("r", f"v2.30|Action=Allow|Active={text}|Dir=In|").enabled is on


@pytest.mark.parametrize(("text", "action"), [("allow", "Allow"), ("BLOCK", "Block"), ("Bypass", "ByPass")])
def test_actions(text: str, action: str) -> None:
    assert parse_firewall_rule("r", f"v2.30|Action={text}|Active=TRUE|Dir=in|").action == action


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|",
        "v2.30",
        "v2.30|",
        "v|Action=Allow|Dir=In|",
        "v2|Action=Allow|Dir=In|",
        "v2.30x|Action=Allow|Dir=In|",
        "v2222.30|Action=Allow|Dir=In|",
        "v\u0662.30|Action=Allow|Dir=In|",
        "w2.30|Action=Allow|Dir=In|",
        "Action=Allow|Dir=In|",
        "v2.30|Action=Allow|Dir=In",  # cut off
        "v2.30|Action=Allow|Dir=In|Active",
        "v2.30|Action=Allow||Dir=In|",
        "v2.30|Dir=In|",
        "v2.30|Action=Allow|",
        "v2.30|Action=Maybe|Dir=In|",
        "v2.30|Action=Allow|Dir=Sideways|",
        "v2.30|Action=Secure|Dir=In|",
        "v2.30|Action=Allow|Action=Block|Dir=In|",
        "v2.30|Action=Allow|Active=TRUE|Active=FALSE|Dir=In|",
        "v2.30|Action=Allow|Dir=In|App=a.exe|app=b.exe|",
        "v2.30|Action=Allow|Dir=In|Profile=Guest|",
        "v2.30|Action=Allow|Dir=In|Profile=|",
        "v2.30|Action=Allow|Dir=In|Protocol=|",
        "v2.30|Action=Allow|Dir=In|Protocol=TCP|",
        "v2.30|Action=Allow|Dir=In|Protocol=-6|",
        "v2.30|Action=Allow|Dir=In|Protocol=257|",
        "v2.30|Action=Allow|Dir=In|Protocol=\u00b2|",
        "v2.30|Action=Allow|Dir=In|Protocol=\u0666|",
        f"v2.30|Action=Allow|Dir=In|Protocol={'9' * 5000}|",
        f"v2.30|Action=Allow|Dir=In|Name={'x' * 70000}|",
    ],
)
def test_what_is_no_rule(text: str) -> None:
    with pytest.raises(FirewallRuleMalformed) as caught:
        parse_firewall_rule("n" * 5000, text)
    assert len(str(caught.value)) < 200


@given(st.text(alphabet=st.sampled_from("v2.30|=ActionDirInAllowRA46LPort,-/\n\r\0%\u0660"), max_size=200))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    with suppress(FirewallRuleMalformed):
        parse_firewall_rule("r", text)


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_fields_are_a_rule_or_refused(fields: list[str]) -> None:
    with suppress(FirewallRuleMalformed):
        rule = parsed(*(f"{name}={value}" for value in fields for name in ("RA4", "LPort", "Profile", "Later")))
        assert rule.profiles & ALL_PROFILES


def test_a_long_text_takes_no_long_time() -> None:
    before = time.process_time()
    for text in ("|" * 60000, "v2.30|" + "a=b|" * 15000, "v2.30|" + "RA4=1|" * 10000, "=" * 60000):
        with suppress(FirewallRuleMalformed):
            parse_firewall_rule("r", text)
    assert time.process_time() - before < 2


# Addresses -----------------------------------------------------------------------------------------

NETWORKS = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)),
).map(lambda pair: ipaddress.ip_network(f"{pair[0]}/{pair[1]}", strict=False))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.20.0.0/16", "10.20.0.0/16"),
        ("10.20.0.0/255.255.0.0", "10.20.0.0/16"),
        ("10.20.30.40/16", "10.20.0.0/16"),
        (" 10.0.0.1 ", "10.0.0.1"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("10.0.0.1/255.255.255.255", "10.0.0.1"),
        ("10.0.0.1-10.0.0.1", "10.0.0.1"),
        ("10.0.0.1 - 10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("2001:0db8:0000::1/128", "2001:db8::1"),
        ("2001:DB8::1-2001:DB8::F", "2001:db8::1-2001:db8::f"),
        ("LOCALSUBNET", "LocalSubnet"),
        ("defaultgateway", "DefaultGateway"),
        ("IntErnet", "Internet"),
        ("RmtIntrAnet", "IntranetRemoteAccess"),
        ("Any", "any"),
        ("Helpdesk-Net", "helpdesk-net"),
        ("10.0.0.0/33", "10.0.0.0/33"),
        ("", ""),
    ],
)
def test_one_spelling(text: str, expected: str) -> None:
    assert normal_address(text) == expected


@pytest.mark.parametrize("word", ADDRESS_WORDS)
def test_words_in_any_case(word: str) -> None:
    assert {normal_address(text) for text in (word, word.lower(), word.upper(), f" {word}")} == {word}


@given(NETWORKS)
def test_a_network_is_the_same_however_it_is_written(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    spellings = {network.with_prefixlen, network.with_netmask if network.version == 4 else str(network).upper()}
    if network.num_addresses == 1:
        spellings |= {str(network.network_address), f"{network.network_address}-{network.network_address}"}
    (found,) = {normal_address(text) for text in spellings}
    assert ipaddress.ip_network(found) == network


@given(NETWORKS, NETWORKS)
def test_different_networks_stay_different(one: ipaddress.IPv4Network, other: ipaddress.IPv4Network) -> None:
    assert (normal_address(str(one)) == normal_address(str(other))) == (one == other)


@given(st.one_of(st.text(), NETWORKS.map(str), st.sampled_from(ADDRESS_WORDS)))
def test_a_spelling_is_its_own(text: str) -> None:
    once = normal_address(text)
    assert normal_address(once) == once
