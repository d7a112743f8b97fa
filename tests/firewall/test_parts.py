# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every part in every profile on, off and as Windows has it; limits; presets; on clients and servers, in German too."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from simulator.windows.firewall_rule import DOMAIN, PRIVATE, PUBLIC
from tests.firewall.rig import (
    DCOM,
    FACTORY,
    MSRA,
    MSRA_PUBLIC,
    OUT,
    PARTS_OF,
    PROFILES,
    RASERVER,
    SSDP,
    Host,
    told,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
HOSTS: dict[str, dict[str, Any]] = {
    "client": {"os": "windows-11"},
    "server in German": {"os": "server-2022", "language": "de-DE"},
}


@pytest.fixture(params=HOSTS.values(), ids=HOSTS)
def host(request: pytest.FixtureRequest, make_host: MakeHost) -> Host:
    """A host as from the factory, with as many rules as a real one has."""
    return make_host(**request.param, firewall={"rule_count": 300})


def is_on(host: Host, part: str, profile: str) -> bool:
    """Whether all rules of a part that stand for a profile are on in it, and if not, that none is."""
    bit = PROFILES[profile]
    names = PARTS_OF[part]
    if any(FACTORY[name].profiles == PUBLIC for name in names):
        names = tuple(name for name in names if (FACTORY[name].profiles == PUBLIC) == (bit == PUBLIC))
    found = {bool(host.on.get(name, 0) & bit) for name in names}
    assert len(found) == 1, (part, profile)
    return found.pop()


def test_every_part_in_every_profile(host: Host) -> None:
    """One after the other on one host: each changes itself alone."""
    wanted = {(part, profile): is_on(host, part, profile) for part, profile in itertools.product(PARTS_OF, PROFILES)}
    for (part, profile), was in list(wanted.items()):
        for state in (not was, was) if part in ("msra", "dcom") else (not was,):
            done = host.step(**{profile: {part: state}})
            assert told(done) == {f"{profile}.{part}": (("off", "on") if state else ("on", "off"))}
            wanted[(part, profile)] = state
            assert {place: is_on(host, *place) for place in wanted} == wanted


@pytest.mark.parametrize("profile", PROFILES)
def test_states_of_a_profile(host: Host, profile: str) -> None:
    as_new = {part: is_on(host, part, profile) for part in PARTS_OF}
    known = {part: any(rule.profiles & PROFILES[profile] for rule in map(FACTORY.get, names) if rule)
             for part, names in PARTS_OF.items()}  # fmt: skip
    for state, expected in (("off", dict.fromkeys(PARTS_OF, False)), ("on", known), ("default", as_new)):
        host.step(**{profile: {"state": state}})
        assert {part: is_on(host, part, profile) for part in PARTS_OF} == expected, state
    assert host.rules == dict(FACTORY)


def test_parts_refine_a_state(host: Host) -> None:
    host.step(private={"state": "off", "raserver": True}, public={"state": "on", "pnrp": False})
    assert host.on[RASERVER] == DOMAIN | PRIVATE
    assert host.on[MSRA] == DOMAIN
    assert host.on[MSRA_PUBLIC] == PUBLIC
    assert not [name for name in host.on if "Pnrp" in name and name.endswith("EdgeScope")]


def test_helpdesk(host: Host) -> None:
    done = host.step(preset="helpdesk", remote_addresses=["10.20.0.0/16", "10.30.7.0/24"])
    assert host.on == {MSRA: DOMAIN, OUT: DOMAIN}
    assert host.rules[MSRA].edge == 0
    assert host.rules[MSRA].remote_addresses == ("10.20.0.0/255.255.0.0", "10.30.7.0/255.255.255.0")
    assert told(done)["domain.dcom"] == ("on", "off")
    assert "Remote addresses: any\n" in done.diff()["before"]
    assert "Remote addresses: 10.20.0.0/16, 10.30.7.0/24\n" in done.diff()["after"]
    host.step(preset="windows_default")
    assert host.rules == dict(FACTORY)


def test_locked_down_and_back(host: Host) -> None:
    host.step(preset="locked_down")
    assert host.on == {}
    host.step(preset="windows_default")
    assert host.rules == dict(FACTORY)


def test_windows_default_is_no_change_on_a_new_windows(host: Host) -> None:
    host.assert_settled(preset="windows_default")
    assert host.writes == []


def test_edge_traversal(host: Host) -> None:
    assert told(host.step(edge_traversal=False)) == {"edge_traversal": (True, False)}
    assert {rule.edge for rule in host.rules.values()} == {0}
    assert told(host.step(edge_traversal=True)) == {"edge_traversal": (False, True)}
    assert host.rules == dict(FACTORY)


@pytest.mark.parametrize("form", ["mask", "length"])
@pytest.mark.parametrize(
    ("addresses", "kept"),
    [
        (["10.20.0.0/16"], {"10.20.0.0/255.255.0.0"}),
        (["10.20.0.0/255.255.0.0"], {"10.20.0.0/255.255.0.0"}),
        (["10.20.30.40"], {"10.20.30.40"}),
        (["10.20.0.5-10.20.0.9"], {"10.20.0.5-10.20.0.9"}),
        (["2001:db8:7::/48", "2001:DB8::1"], {"2001:db8:7::/48", "2001:db8::1"}),
        (["2001:db8::1-2001:db8::9"], {"2001:db8::1-2001:db8::9"}),
        (["LocalSubnet", "10.20.0.0/16"], {"LocalSubnet", "10.20.0.0/255.255.0.0"}),
        (["intranet", "INTERNET", "DNS"], {"Intranet", "Internet", "DNS"}),
        (["IntranetRemoteAccess", "DefaultGateway", "DHCP", "WINS"],
         {"IntranetRemoteAccess", "DefaultGateway", "DHCP", "WINS"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_addresses_as_windows_writes_them_back(
    make_host: MakeHost, addresses: list[str], kept: set[str], form: str
) -> None:
    host = make_host(quirks={"firewall_address_form": form})
    before = {name: rule for name, rule in host.rules.items() if name not in (MSRA, MSRA_PUBLIC, DCOM, RASERVER)}
    host.step(remote_addresses=addresses)
    for name in (MSRA, MSRA_PUBLIC, DCOM, RASERVER):
        assert set(host.rules[name].remote_addresses) == kept
    assert {name: host.rules[name] for name in before} == before, "what is for the local subnet stays so"
    assert host.rules[SSDP].remote_addresses == ("LocalSubnet",)
    host.step(remote_addresses=["any"])
    assert host.rules == dict(FACTORY)


def test_other_networks_open_nothing_in_between(host: Host) -> None:
    """From one network and profile to another, and to everybody; `step` looks after each write."""
    host.step(domain={"msra": True}, private={"msra": False}, remote_addresses=["10.20.0.0/16"])
    host.step(domain={"msra": False}, private={"msra": True}, remote_addresses=["10.30.0.0/16"], edge_traversal=False)
    host.step(domain={"msra": True}, private={"msra": False}, remote_addresses=["any"], edge_traversal=True)
    assert host.on[MSRA] == DOMAIN


def test_what_is_not_named_is_left_alone(host: Host) -> None:
    host.put(SSDP, active=False)
    host.put(MSRA, remote_addresses=("10.9.9.9",))
    host.step(domain={"raserver": False})
    assert not host.rules[SSDP].active
    assert host.rules[MSRA].remote_addresses == ("10.9.9.9",)
    assert host.rules[MSRA].edge == 3


def test_the_result_says_it_in_words_and_in_data(host: Host) -> None:
    data = host.apply(domain={"msra": False}).as_data()
    assert data == {
        "changed": True,
        "changes": [
            {
                "setting": "domain.msra",
                "title": "Remote Assistance program (msra.exe), domain profile",
                "before": "on",
                "after": "off",
            }
        ],
        "hindrances": [],
        "warnings": [],
    }


def test_a_run_costs_few_requests(make_host: MakeHost) -> None:
    host = make_host(firewall={"rule_count": 450})
    client = host.connect(host.sim)
    host.apply(client=client, preset="windows_default")
    assert client.exchanges <= 7
    client = host.connect(host.sim)
    host.apply(client=client, preset="helpdesk", remote_addresses=["10.20.0.0/16"])
    assert client.exchanges <= 34
