# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is cut at any of its requests: old files or new ones, nothing left behind, and the next run mends it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AssistError,
    LoginRefused,
    TransportError,
)

from tests.policy.rig import FOREIGN, FOREIGN_ENTRIES, HELPERS, INI, POL, RA, Files, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
FAULTS = ("drop_connection_at", "drop_reply_at", "vanish_after")
WANTED: dict[str, Any] = {
    "preset": "helpdesk",
    "offer_remote_assistance": "enabled",
    "offer_helpers": ["CORP\\Helpdesk"],
    "uac_uiaccess_prompts": "enabled",
}
DESCRIPTION: dict[str, Any] = {
    "local_policy": {"registry_pol": {"entries": [*FOREIGN_ENTRIES, {"key": RA, "name": "LoggingEnabled", "data": 0}]}}
}


def whole_run(make_host: Callable[..., Host]) -> tuple[Files, Files, int]:
    """Files before and after a run that nothing disturbs, and how many requests it takes."""
    host = make_host(**DESCRIPTION)
    before = host.files
    host.apply(**WANTED)
    return before, host.files, host.requests


def back(host: Host) -> None:
    """The host is back at once; what waits there goes on waiting."""
    for fault in FAULTS:
        host.sim.faults.set(fault, 0)
    host.sim.faults.vanished = False


def settle(host: Host) -> None:
    """The host is back, and shells that nobody uses have ended."""
    back(host)
    host.sim.clock.advance(600)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_that_is_cut_at_every_request(
    make_host: Callable[..., Host], make_hosts: Callable[..., list[Host]], fault: str
) -> None:
    before, after, requests = whole_run(make_host)
    assert before != after
    seen: set[str] = set()
    for number, host in enumerate(make_hosts(requests, **DESCRIPTION), start=1):
        host.sim.faults.set(fault, number)
        outcome = host.attempt(**WANTED)
        settle(host)
        assert host.files in (before, after), number
        seen.add("old" if host.files == before else "new")
        assert host.leftovers == [], number
        if isinstance(outcome, AssistError):
            assert isinstance(outcome, TransportError), (number, outcome)
        host.apply(**WANTED)
        host.assert_settled(**WANTED)
        assert host.leftovers == []
        assert host.of(RA)["LoggingEnabled"] == host.live()["LoggingEnabled"] == 1
        assert host.live(HELPERS) == {"CORP\\Helpdesk": "CORP\\Helpdesk"}
        assert list(host.of(FOREIGN)) == ["Proxy", "Blob"]
    assert seen == {"old", "new"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_check_run_that_is_cut_changes_nothing(make_host: Callable[..., Host], fault: str) -> None:
    host = make_host(**DESCRIPTION)
    before = host.files
    for number in range(1, 10):
        host.sim.faults.set(fault, number)
        host.attempt(check=True, **WANTED)
        settle(host)
        assert (host.files, host.writes) == (before, [])


def test_a_run_that_is_cut_holds_nobody_up(make_host: Callable[..., Host]) -> None:
    """The controller dies between the command and its input: the command waits on, and holds no lock."""
    host = make_host(**DESCRIPTION)
    host.sim.hooks.at_operation("Command", lambda: setattr(host.sim.faults, "down", True), number=2)
    assert isinstance(host.attempt(**WANTED), TransportError)
    host.sim.faults.set("down", False)
    assert host.apply(**WANTED).refreshed
    assert host.leftovers == []


def large(data: Callable[[int], str]) -> dict[str, Any]:
    """A Registry.pol of more than half a megabyte, foreign all of it."""
    many = [
        {"key": f"{FOREIGN}\\{number}", "name": "Data", "type": "REG_BINARY", "hex": data(number)}
        for number in range(10)
    ]
    return {"local_policy": {"registry_pol": {"entries": many}}}


def test_a_large_file_comes_in_one_send(make_host: Callable[..., Host]) -> None:
    host = make_host(**large(lambda number: f"{number:02x}00" * 30000))
    seen: list[int] = []
    host.sim.hooks.at_operation("Send", lambda: seen.append(1))
    host.sim.hooks.at_operation("Send", lambda: seen.append(2), number=2)
    host.apply(preset="locked_down")
    assert seen == [1]
    assert len(host.entries) == 10 + 8
    host.assert_settled(preset="locked_down")


def test_a_file_that_is_cut_while_it_is_sent(make_host: Callable[..., Host]) -> None:
    """Data that can not be compressed needs several sends: what has come already goes away again."""
    host = make_host(**large(lambda number: random.Random(number).randbytes(60000).hex()))
    before = host.files
    for number in range(1, 5):
        host.sim.hooks.at_operation("Send", lambda: host.sim.faults.set("drop_connection_at", 1), number=number)
        assert isinstance(host.attempt(preset="locked_down"), TransportError)
        back(host)
        assert host.files == before
        assert host.leftovers == []
    host.step(preset="locked_down")
    assert len(host.entries) == 10 + 8


def test_a_host_that_stops_between_the_two_renames(make_host: Callable[..., Host]) -> None:
    """What only a power cut can leave: new settings under the old version."""
    before, after, _requests = whole_run(make_host)
    host = make_host(**DESCRIPTION)
    host.put(POL, after.pol)
    assert host.info()["local_group_policy"]["pending"]
    host.apply(**WANTED)
    host.assert_settled(**WANTED)
    assert host.version == 2
    assert before.ini is not None
    host.put(INI, before.ini)  # and the other way round: an old version over settings that are in force
    host.assert_settled(**WANTED)


@pytest.mark.parametrize("fault", ["quota", "garbled_reply", "oversize_reply", "refuse_login"])
def test_a_host_that_answers_nonsense(make_host: Callable[..., Host], fault: str) -> None:
    host = make_host(**DESCRIPTION)
    before = host.files
    host.sim.faults.set(fault, True)
    outcome = host.attempt(**WANTED)
    assert isinstance(outcome, AssistError)
    assert isinstance(outcome, LoginRefused) or fault != "refuse_login"
    assert outcome.host == "desk-01"
    host.sim.faults.set(fault, False)
    assert host.files == before
