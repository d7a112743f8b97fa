# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opened for one invitation, and closed: by its end, by its being taken back, by the user; checks that open nothing."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import (
    check_invitation,
    create_invitation,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import ensure_policy

from simulator.windows.firewall_rule import DOMAIN, PRIVATE, PUBLIC
from simulator.windows.network import ESTABLISHED
from tests.diagnosis.rig import ask as ask_why
from tests.just_in_time.rig import HELPERS, ROUND_SECONDS, Host
from tests.policy.rig import request as policy_request

# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
OPEN = {"fAllowToGetHelp": 1, "MaxTicketExpiry": 60, "MaxTicketExpiryUnits": 0}


def test_open_for_one_invitation_and_closed_at_its_end(host: Host) -> None:
    before = host.snapshot()
    assert host.info()["presets"]["locked_down"] is True
    result = host.invite()
    assert result.as_data()["just_in_time"]["closes"] == result.as_data()["expires"]
    assert {name: host.live[name] for name in OPEN} == OPEN
    (rule,) = host.rules
    assert (rule.inbound, rule.action, rule.active, rule.protocol, rule.profiles) == (True, "Allow", True, 6, 1)
    assert rule.app.lower() == "c:\\windows\\system32\\msra.exe"
    assert rule.remote_addresses == ("10.20.0.0/255.255.0.0",)
    assert rule.local_ports == ()
    opened = {item["name"] if item["what"] == "policy" else "firewall" for item in result.opened or ()}
    assert opened == {*OPEN, "firewall"}
    host.pass_time(59 * 60)
    assert host.msra
    assert host.rules
    host.pass_time(2 * 60)
    host.assert_closed(before)
    assert host.info()["presets"]["locked_down"] is True


def test_policy_info_tells_a_drift_from_an_opening(host: Host) -> None:
    assert host.info()["just_in_time"] == []
    host.invite()
    info = host.info()
    assert info["presets"]["locked_down"] is False
    (opening,) = info["just_in_time"]
    assert opening["session_id"] == 1
    assert opening["helper_addresses"] == HELPERS
    assert opening["firewall_rule"] == host.rules[0].name
    host.revoke()
    info = host.info()
    assert info["just_in_time"] == []
    assert info["presets"]["locked_down"] is True
    assert all(rule["met"] for rule in info["baselines"])


def test_the_diagnosis_names_an_opening_and_offers_one(host: Host) -> None:
    found = {item.check: item for item in ask_why(host.sim)[0].findings}
    assert found["policy"].verdict.state == found["firewall"].verdict.state == "problem"
    assert "assist_just_in_time=true" in (found["policy"].verdict.fix or "")
    assert "assist_helper_addresses" in (found["firewall"].verdict.fix or "")
    host.invite()
    found = {item.check: item for item in ask_why(host.sim)[0].findings}
    assert re.search(r"just in time only, for the invitation in session 1 until 2", found["policy"].verdict.cause)
    assert "just in time only, from 10.20.0.0/16 (domain profile)" in found["firewall"].verdict.cause
    assert "problem" not in {found["policy"].verdict.state, found["firewall"].verdict.state}
    # A refresh would close it.
    assert "gpupdate" not in (found["policy_state"].verdict.fix or "")


def test_taken_back_it_is_closed_at_once(host: Host) -> None:
    before = host.snapshot()
    host.invite()
    (revoked,) = host.revoke().revoked
    assert revoked.as_data()["just_in_time_closed"] is True
    host.assert_closed(before)


def test_a_window_that_the_user_closes_closes_the_host_too(host: Host) -> None:
    before = host.snapshot()
    host.invite()
    host.sim.end_process(host.msra[0].pid)
    host.pass_time(ROUND_SECONDS)
    assert host.rules == []
    assert host.live["fAllowToGetHelp"] == 0
    host.pass_time(60 * 60)
    host.assert_closed(before)


def test_another_invitation_into_the_session_while_the_first_is_not_closed_yet(host: Host) -> None:
    """Its guard takes over the name of the first one's; the first one's closing task is its own."""
    before = host.snapshot()
    host.invite()
    host.sim.end_process(host.msra[0].pid)
    host.invite(helpers=["10.30.0.9"])
    assert len(host.rules) == 2
    host.pass_time(ROUND_SECONDS)
    assert [rule.remote_addresses for rule in host.rules] == [("10.30.0.9",)]
    assert host.live["fAllowToGetHelp"] == 1
    host.pass_time(62 * 60)
    host.assert_closed(before)


def connected(host: Host) -> bool:
    """Whether Windows lists a helper's connection."""
    return any(row.state == ESTABLISHED for row in host.sim.network.of(host.msra[0].pid))


def test_a_helper_who_is_connected_is_not_cut_off(host: Host) -> None:
    before = host.snapshot()
    result = host.invite()
    place = next(item for item in result.endpoints if item.address.startswith("127."))
    with socket.create_connection((place.address, place.port)):
        host.wait_for(lambda: connected(host))
        host.pass_time(80 * 60)
        assert host.rules
        assert host.msra
    host.wait_for(lambda: not connected(host))
    host.pass_time(2 * ROUND_SECONDS)
    host.assert_closed(before)


def test_whoever_sets_policy_meanwhile_is_warned(host: Host) -> None:
    host.invite()
    outcome = ensure_policy(host.client(), policy_request(preset="locked_down"), check=True).as_data()
    assert "open here just in time" in " ".join(outcome["warnings"])
    host.revoke()
    outcome = ensure_policy(host.client(), policy_request(preset="locked_down"), check=True).as_data()
    assert outcome["warnings"] == []
    assert outcome["changed"] is False


def test_a_check_run_opens_nothing(host: Host) -> None:
    before, written = host.snapshot(), len(host.sim.writes.log)
    checked = check_invitation(host.client(), host.request()).as_data()
    assert [item["what"] for item in checked["just_in_time"]["opened"]] == ["policy", "policy", "policy", "firewall"]
    assert checked["just_in_time"]["closes"] is None
    assert len(host.sim.writes.log) == written
    assert host.snapshot() == before


def test_without_being_asked_nothing_is_opened(host: Host, ask: Callable[..., Any]) -> None:
    before = host.snapshot()
    with pytest.raises(errors.AssistanceForbidden, match="just_in_time"):
        create_invitation(host.client(), ask())
    assert host.snapshot() == before


def test_an_invitation_that_fails_leaves_it_closed(host: Host) -> None:
    before = host.snapshot()
    host.sim.faults.set("msra_never_writes", True)
    with pytest.raises(errors.InvitationNotCreated):
        host.invite(timeout=1.0)
    host.assert_closed(before)


def test_an_invitation_that_can_not_be_kept_leaves_it_closed(host: Host) -> None:
    before = host.snapshot()

    def deliver(_result: object) -> None:
        raise errors.AuditNotWritten("full")

    with pytest.raises(errors.AuditNotWritten):
        create_invitation(host.client(), host.request(), deliver=deliver)
    host.assert_closed(before)


def test_the_ticket_lives_no_longer_than_asked(host: Host) -> None:
    for minutes, amount, unit in ((1, 1, 0), (100, 2, 1), (99 * 60 + 1, 5, 2)):
        result = host.invite(minutes=minutes)
        assert (host.live["MaxTicketExpiry"], host.live["MaxTicketExpiryUnits"]) == (amount, unit)
        assert result.expires - result.created == timedelta(minutes=minutes)
        host.revoke()


def test_what_a_helper_may_do(host: Host) -> None:
    before = host.snapshot()
    for control, number in (("view_only", 0), ("allow_control", 1)):
        result = host.invite(wishes={"just_in_time_control": control})
        assert host.live["fAllowFullControl"] == number
        assert result.full_control is bool(number)
        host.revoke()
        host.assert_closed(before)


def test_policy_that_lets_users_ask_is_left_alone(make_host: Callable[..., Host]) -> None:
    host = make_host(locked=False, policy={"fAllowToGetHelp": 1, "MaxTicketExpiry": 2, "MaxTicketExpiryUnits": 1})
    before = host.snapshot()
    result = host.invite()
    assert [item["what"] for item in result.opened or ()] == ["firewall"]
    assert host.live == {"fAllowToGetHelp": 1, "MaxTicketExpiry": 2, "MaxTicketExpiryUnits": 1}
    host.pass_time(62 * 60)
    host.assert_closed(before)


def test_anybody_when_that_was_said(host: Host) -> None:
    host.invite(helpers=["any"])
    assert host.rules[0].remote_addresses == ()


@pytest.mark.parametrize(
    "quirks",
    [
        {"task_delete_ends_process": True, "cmd_output_shared": True, "reg_output_order": "reverse"},
        {"reg_output_order": "sorted", "reg_prints_empty_keys": True, "taskkill_no_match_code": 128},
        {"firewall_registry_live": True, "firewall_store_option": "ignored", "ticket_lifetime_unit": "seconds"},
        {"rsop_namespace_missing": True, "missing_value_return": 2, "demand_start_keeps_limit": True},
    ],
    ids=str,
)
def test_every_possible_behaviour_of_windows(make_host: Callable[..., Host], quirks: dict[str, Any]) -> None:
    host = make_host(quirks=quirks, language="de-DE")
    before = host.snapshot()
    host.invite(minutes=30)
    assert host.live["fAllowToGetHelp"] == 1
    host.pass_time(32 * 60)
    host.assert_closed(before)


def test_the_profiles_that_the_host_is_in(host: Host) -> None:
    for networks, profiles in (((PRIVATE,), 2), ((PUBLIC,), 4), ((DOMAIN, PUBLIC), 5), ((), 7)):
        host.sim.firewall.networks = networks
        host.invite()
        assert host.rules[0].profiles == profiles
        host.revoke()
