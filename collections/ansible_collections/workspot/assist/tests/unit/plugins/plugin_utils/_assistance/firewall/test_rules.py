# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of rules against a public listing, and what rules that are not in it count as."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.rules import (
    BY_NAME,
    DEFAULT_PARTS,
    FACTORY_RULES,
    GROUP,
    KNOWN_PARTS,
    NARROWED,
    PARTS,
    part_of,
    territory_of,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.firewall_rule import (
    DOMAIN,
    PRIVATE,
    PUBLIC,
    parse_firewall_rule,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.firewall.firewall_model import (
    later,
)

# Columns as public listings of Windows 10 and 11 print them (Get-NetFirewallRule and its filters, where they agree):
# name, direction, protocol, local port, remote port, program, service, profiles, enabled, edge, remote address, texts
LISTING = """
In-TCP-EdgeScope               | Inbound  | TCP | Any  | Any  | msra.exe     | Any     | Public          | False | DeferToApp | Any         | 33003 33006
In-TCP-EdgeScope-Active        | Inbound  | TCP | Any  | Any  | msra.exe     | Any     | Domain, Private | True  | DeferToApp | Any         | 33003 33006
Out-TCP                        | Outbound | TCP | Any  | Any  | msra.exe     | Any     | Public          | False | Block      | Any         | 33007 33010
Out-TCP-Active                 | Outbound | TCP | Any  | Any  | msra.exe     | Any     | Domain, Private | True  | Block      | Any         | 33007 33010
PnrpSvc-UDP-In-EdgeScope       | Inbound  | UDP | 3540 | Any  | svchost.exe  | pnrpsvc | Public          | False | DeferToApp | Any         | 33039 33040
PnrpSvc-UDP-In-EdgeScope-Active| Inbound  | UDP | 3540 | Any  | svchost.exe  | pnrpsvc | Domain, Private | True  | DeferToApp | Any         | 33039 33040
PnrpSvc-UDP-OUT                | Outbound | UDP | Any  | Any  | svchost.exe  | pnrpsvc | Public          | False | Block      | Any         | 33037 33038
PnrpSvc-UDP-OUT-Active         | Outbound | UDP | Any  | Any  | svchost.exe  | pnrpsvc | Domain, Private | True  | Block      | Any         | 33037 33038
SSDPSrv-In-UDP-Active          | Inbound  | UDP | 1900 | Any  | svchost.exe  | Ssdpsrv | Domain, Private | True  | Block      | LocalSubnet | 33019 33022
SSDPSrv-Out-UDP-Active         | Outbound | UDP | Any  | 1900 | svchost.exe  | Ssdpsrv | Domain, Private | True  | Block      | LocalSubnet | 33023 33026
SSDPSrv-In-TCP-Active          | Inbound  | TCP | 2869 | Any  | System       | Any     | Domain, Private | True  | Block      | LocalSubnet | 33027 33030
SSDPSrv-Out-TCP-Active         | Outbound | TCP | Any  | Any  | System       | Any     | Domain, Private | True  | Block      | LocalSubnet | 33031 33034
DCOM-In-TCP-NoScope-Active     | Inbound  | TCP | 135  | Any  | svchost.exe  | rpcss   | Domain          | True  | Block      | Any         | 33035 33036
RAServer-In-TCP-NoScope-Active | Inbound  | TCP | Any  | Any  | raserver.exe | Any     | Domain          | True  | Block      | Any         | 33011 33014
RAServer-Out-TCP-NoScope-Active| Outbound | TCP | Any  | Any  | raserver.exe | Any     | Domain          | True  | Block      | Any         | 33015 33018
"""  # noqa: E501
ROWS = [[cell.strip() for cell in line.split("|")] for line in LISTING.strip().splitlines()]
EDGES = {0: "Block", 3: "DeferToApp"}


def only(words: frozenset[str]) -> str:
    """A filter as a listing prints it."""
    return ", ".join(sorted(words)) or "Any"


def printed() -> list[list[str]]:
    """The table as such a listing."""
    found = []
    for item in FACTORY_RULES:
        rule = item.rule
        bits = {"Domain": DOMAIN, "Private": PRIVATE, "Public": PUBLIC}
        found.append(
            [
                rule.instance_id.removeprefix("RemoteAssistance-"),
                "Inbound" if rule.inbound else "Outbound",
                {6: "TCP", 17: "UDP"}[rule.protocol or 0],
                only(rule.local_ports),
                only(rule.remote_ports),
                rule.program.removeprefix("%SystemRoot%\\system32\\"),
                rule.service or "Any",
                ", ".join(name for name, bit in bits.items() if rule.profiles & bit),
                str(rule.enabled),
                EDGES[rule.edge],
                only(rule.remote_addresses),
                f"{-item.name_id} {-item.description_id}",
            ]
        )
    return found


def test_the_table_is_what_windows_has() -> None:
    assert sorted(printed()) == sorted(ROWS)


def test_every_rule_allows_and_is_of_the_group() -> None:
    assert {(item.rule.action, item.rule.group) for item in FACTORY_RULES} == {("Allow", "@FirewallAPI.dll,-33002")}
    assert all(not (item.rule.local_addresses or item.rule.conditions) for item in FACTORY_RULES)
    assert len(BY_NAME) == len(FACTORY_RULES) == 15


def test_the_registry_says_the_same() -> None:
    """One row as public registry dumps have it."""
    text = (
        "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|Profile=Domain|Profile=Private|LPort=1900|RA4=LocalSubnet"
        "|RA6=LocalSubnet|App=%SystemRoot%\\system32\\svchost.exe|Svc=Ssdpsrv|Name=@FirewallAPI.dll,-33019"
        "|Desc=@FirewallAPI.dll,-33022|EmbedCtxt=@FirewallAPI.dll,-33002|"
    )
    name = "RemoteAssistance-SSDPSrv-In-UDP-Active"
    assert parse_firewall_rule(name, text) == BY_NAME[name.lower()].rule


def test_what_is_on_when_windows_is_new() -> None:
    """Windows 7 Resource Kit: private on, public off, domain on; the listing tells which parts."""
    assert {
        "domain": {"msra", "raserver", "dcom", "ssdp", "pnrp"},
        "private": {"msra", "ssdp", "pnrp"},
        "public": frozenset(),
    } == DEFAULT_PARTS
    assert {**DEFAULT_PARTS, "public": {"msra", "pnrp"}} == KNOWN_PARTS


def test_each_profile_of_a_part_has_one_rule_of_a_kind() -> None:
    for part in PARTS:
        for inbound in (True, False):
            found = [item.territory for item in FACTORY_RULES if item.part == part and item.rule.inbound == inbound]
            if part != "ssdp":  # it has two rules, for TCP and UDP
                assert sum(found) in (0, DOMAIN | PRIVATE | PUBLIC)
    assert all(item.rule.profiles & item.territory for item in FACTORY_RULES)


def test_what_addresses_narrow_lets_in_from_anywhere() -> None:
    for item in FACTORY_RULES:
        if item.part in NARROWED:
            assert item.rule.remote_addresses == frozenset()


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"program": "%SystemRoot%\\System32\\MSRA.exe"}, "msra"),
        ({"program": "C:\\Windows\\System32\\raserver.exe"}, "raserver"),
        ({"program": "System"}, "ssdp"),
        ({"program": "%SystemRoot%\\system32\\svchost.exe", "service": "PNRPsvc"}, "pnrp"),
        ({"program": "%SystemRoot%\\system32\\svchost.exe", "service": "SSDPSRV"}, "ssdp"),
        ({"program": "%SystemRoot%\\system32\\svchost.exe", "service": "RpcSs"}, "dcom"),
        ({"program": "%SystemRoot%\\system32\\svchost.exe", "service": "other"}, None),
        ({"program": "%SystemRoot%\\system32\\quickassist.exe"}, None),
        ({}, None),
    ],
)
def test_the_part_of_a_later_rule(fields: dict[str, str], part: str | None) -> None:
    rule = later(profiles=DOMAIN | PUBLIC, **fields)
    assert part_of(rule) == part
    assert territory_of(rule) == DOMAIN | PUBLIC


def test_the_part_of_a_known_rule_is_in_its_name() -> None:
    for item in FACTORY_RULES:
        tampered = later(item.rule.instance_id.upper(), program="C:\\x.exe")
        assert part_of(tampered) == item.part
        assert territory_of(tampered) == item.territory
        assert item.rule.group == GROUP
