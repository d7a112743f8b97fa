# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is cut at any of its requests: never more open than before or after, and the next run mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import TransportError

from simulator.windows.firewall_rule import DOMAIN, PRIVATE
from tests.firewall.rig import DCOM, FACTORY, MSRA, OUT, SSDP, Host, assert_nothing_else_was_open, kinds

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LOST = ("drop_connection_at", "vanish_after")
FAULTS = ("drop_reply_at", *LOST)
FROM_ONE_NETWORK_TO_ANOTHER: dict[str, Any] = {
    "firewall": {
        "rules": {
            MSRA: {"profiles": "private", "remote_addresses": "10.30.0.0/16"},
            SSDP: None,
            DCOM: {"program": "C:\\Tools\\agent.exe", "service": ""},
        }
    }
}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "moved": (
        FROM_ONE_NETWORK_TO_ANOTHER,
        {
            "domain": {"msra": True, "dcom": True, "ssdp": True},
            "private": {"msra": False},
            "remote_addresses": ["10.20.0.0/16"],
            "edge_traversal": False,
        },
    ),
    "opened": ({"firewall": {"missing_group": True}}, {"preset": "windows_default"}),
    "narrowed": (
        {"firewall": {"missing_group": True}},
        {"preset": "helpdesk", "remote_addresses": ["10.20.0.0/16"]},
    ),
}


def back(host: Host) -> None:
    """The host is back, and shells that nobody uses have ended."""
    for fault in FAULTS:
        host.sim.faults.set(fault, 0)
    host.sim.faults.vanished = False
    host.sim.clock.advance(600)


@pytest.mark.parametrize("fault", ["drop_reply_at", "lost"])
@pytest.mark.parametrize(("description", "wanted"), CASES.values(), ids=CASES)
def test_a_run_that_is_cut_at_every_request(
    make_host: Callable[..., Host],
    make_hosts: Callable[..., list[Host]],
    description: dict[str, Any],
    wanted: dict[str, Any],
    fault: str,
) -> None:
    """A reply is lost, or the request itself, with the connection or with the host."""
    model = make_host(**description)
    before = model.rules
    model.apply(**wanted)
    after, requests = model.rules, model.requests
    assert before != after
    lost, half_done = 0, 0
    for cut, host in enumerate(make_hosts(requests, **description), start=1):
        moments = host.moments()
        host.sim.faults.set(fault if fault in FAULTS else LOST[cut % 2], cut)
        outcome = host.attempt(**wanted)
        back(host)
        left = host.rules
        half_done += left not in (before, after)
        if isinstance(outcome, Exception):
            assert isinstance(outcome, TransportError), (cut, outcome)
            assert outcome.host == host.sim.name
            lost += 1
        else:
            assert left == after, cut
        host.apply(**wanted)
        assert host.rules == after, cut
        assert_nothing_else_was_open(before, moments, after)
        if cut % 4 == 0:
            host.assert_settled(**wanted)
    assert lost > requests - 5
    assert half_done


def test_a_check_run_that_is_cut_writes_nothing(make_host: Callable[..., Host]) -> None:
    host = make_host()
    before = host.rules
    for fault in FAULTS:
        for number in range(1, 12):
            host.sim.faults.set(fault, number)
            host.attempt(check=True, preset="locked_down")
            back(host)
    assert (host.rules, host.writes) == (before, [])


def test_a_connection_that_breaks_after_the_last_write(make_host: Callable[..., Host]) -> None:
    """Everything was done and nobody heard: the next run says so, and writes nothing."""
    host = make_host()
    host.sim.hooks.at_operation("Disable", lambda: host.sim.faults.set("drop_connection_at", 1))
    assert isinstance(host.attempt(domain={"dcom": False}), TransportError)
    back(host)
    assert host.rules == {**FACTORY, DCOM: FACTORY[DCOM].changed(active=False)}
    host.assert_settled(domain={"dcom": False})


def test_a_conflict_that_appears_between_reading_and_writing(make_host: Callable[..., Host]) -> None:
    """The second reading sees it, and the result says it."""
    host = make_host(firewall={"rules": {MSRA: {"enabled": False}}})
    block = FACTORY[MSRA].changed(id="Meanwhile", action="Block", group="", edge=0)
    host.sim.hooks.at_operation("Enable", lambda: host.sim.firewall.keep(block))
    done = host.apply(domain={"msra": True}, private={"msra": True})
    assert kinds(done) == [("blocked", "domain"), ("blocked", "private")]
    assert host.on[MSRA] == DOMAIN | PRIVATE
    assert host.on[OUT] == DOMAIN | PRIVATE
