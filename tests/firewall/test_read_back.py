# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was answered with success is read back; what is refused is said; nothing of either counts as a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AccessDenied,
    AssistError,
    FirewallNotInForce,
    InvalidOption,
    LoginRefused,
)

from simulator.windows.firewall_rule import DOMAIN
from tests.firewall.rig import DCOM, MSRA, Host
from tests.support.pools import ACCOUNTS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
SWALLOWED: dict[str, dict[str, Any]] = {
    "switched off": {"domain": {"raserver": False}},
    "switched on": {"public": {"msra": True}},
    "profiles": {"private": {"msra": False}},
    "addresses": {"remote_addresses": ["10.20.0.0/16"]},
    "edge traversal": {"edge_traversal": False},
    "everything": {"preset": "helpdesk", "remote_addresses": ["LocalSubnet"]},
}


@pytest.mark.parametrize("options", SWALLOWED.values(), ids=SWALLOWED)
def test_a_host_that_swallows_writes(make_host: MakeHost, options: dict[str, Any]) -> None:
    """Of the kind of community.windows issue 495: success is told, and nothing was done."""
    host = make_host(firewall={"silent_noop": True})
    before = host.rules
    for _ in range(2):
        with pytest.raises(
            FirewallNotInForce, match=r"the host said that it changed RemoteAssistance-.*did not"
        ) as error:
            host.apply(**options)
        assert error.value.hint
        assert error.value.host == "desk-01"
    assert host.rules == before


def test_it_is_said_what_they_left(make_host: MakeHost) -> None:
    host = make_host(firewall={"silent_noop": True})
    said = str(host.attempt(domain={"raserver": False}))
    assert said.startswith(
        "desk-01: the host said that it changed RemoteAssistance-RAServer-In-TCP-NoScope-Active and others, and it did "
        "not (Offer Remote Assistance server (raserver.exe), domain profile: on, not off). A security agent"
    )
    assert "Peer Name Resolution, for Easy Connect, domain profile: on, not off and " in str(
        host.attempt(preset="locked_down")
    )


def test_what_was_changed_meanwhile_is_not_said_to_be_done(make_host: MakeHost) -> None:
    """A security agent turns a rule back as soon as it was written."""
    host = make_host()
    put = host.sim.firewall.keep

    def turned_back(rule: Any) -> None:
        put(rule)
        if rule.id == DCOM:
            host.sim.firewall._keep(rule.changed(active=True))

    host.sim.firewall.keep = turned_back
    with pytest.raises(FirewallNotInForce, match=DCOM):
        host.apply(preset="helpdesk")
    host.sim.firewall.keep = put
    host.apply(preset="helpdesk")
    host.assert_settled(preset="helpdesk")


def test_a_rule_that_goes_meanwhile(make_host: MakeHost) -> None:
    """Read, removed by somebody, then to be written: an error that names the rule's absence, and the next run mends."""
    host = make_host()
    host.put(MSRA, active=False)
    host.sim.hooks.at_operation("Enable", lambda: host.sim.firewall.remove(MSRA))
    outcome = host.attempt(domain={"msra": True}, private={"msra": True})
    assert isinstance(outcome, FirewallNotInForce), outcome
    assert str(outcome).startswith(f"desk-01: the rule {MSRA} is gone since it was read.")
    host.step(domain={"msra": True}, private={"msra": True})
    assert host.rules[MSRA].active


def test_writes_that_are_refused(make_host: MakeHost) -> None:
    host = make_host()
    host.sim.faults.set("deny_writes", True)
    before = host.rules
    outcome = host.attempt(preset="helpdesk", remote_addresses=["10.20.0.0/16"])
    assert isinstance(outcome, AccessDenied), outcome
    assert host.rules == before
    host.sim.faults.set("deny_writes", False)
    host.step(preset="helpdesk", remote_addresses=["10.20.0.0/16"])


OTHERS = {
    "no administrator": {"name": "clerk", "password": "Only-A-Simulated-Account-2"},
    "filtered": {
        "name": "clerk",
        "password": "Only-A-Simulated-Account-2",
        "administrator": True,
        "filtered": True,
    },
}


@pytest.mark.parametrize("account", OTHERS.values(), ids=OTHERS)
def test_an_account_without_rights(
    make_pool: Callable[..., Any], connect: Callable[..., Any], account: dict[str, Any]
) -> None:
    pool = make_pool({"name": "desk-01"}, accounts=[*ACCOUNTS, account])
    host = Host(pool.hosts["desk-01"], connect)
    before = host.rules
    client = connect(host.sim, user="CORP\\clerk", password="Only-A-Simulated-Account-2")
    with pytest.raises((AccessDenied, LoginRefused)) as error:
        host.apply(client=client, preset="locked_down")
    assert error.value.host == "desk-01"
    assert (host.rules, host.writes) == (before, [])


@pytest.mark.parametrize("fault", ["quota", "garbled_reply", "oversize_reply", "refuse_login", "down"])
def test_a_host_that_answers_nonsense(make_host: MakeHost, fault: str) -> None:
    host = make_host()
    before = host.rules
    host.sim.faults.set(fault, True)
    outcome = host.attempt(preset="locked_down")
    assert isinstance(outcome, AssistError)
    assert outcome.host == "desk-01"
    host.sim.faults.set(fault, False)
    assert host.rules == before
    host.apply(preset="locked_down")
    assert host.on == {}


def test_a_value_of_the_registry_that_is_no_rule(make_host: MakeHost) -> None:
    """Left alone, and no obstacle to the others."""
    host = make_host()
    key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
    for number, text in enumerate(("", "v2.30|", "nonsense @FirewallAPI.dll,-33002", "v9|Action=|EmbedCtxt=x|")):
        host.sim.registry.put(key, f"Broken {number}", text)
    host.apply(preset="helpdesk")
    assert host.on[MSRA] == DOMAIN
    host.assert_settled(preset="helpdesk")
    assert host.sim.registry.read(key, "Broken 2").startswith("nonsense")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing is asked for"),
        ({"remote_addresses": []}, "remote_addresses is empty"),
        ({"remote_addresses": ["0.0.0.0/0"]}, "is every address; say Any"),
        ({"remote_addresses": ["10.20.0.0/40"]}, "is no address, network, range or word"),
        ({"remote_addresses": ["helpdesk.corp.example"]}, "is no address, network, range or word"),
        ({"remote_addresses": ["Any", "10.0.0.1"]}, "names Any and something else"),
    ],
    ids=str,
)
def test_options_that_mean_nothing_reach_no_host(make_host: MakeHost, options: dict[str, Any], said: str) -> None:
    host = make_host()
    with pytest.raises(InvalidOption, match=said):
        host.apply(**options)
    assert host.requests == 0
