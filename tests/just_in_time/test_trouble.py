# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong: controllers that die, refreshes of policy, hosts that refuse or only say yes, GPOs that decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import create_invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.errors import (
    JustInTimeNotClosed,
    JustInTimeNotOpened,
    JustInTimeRefused,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing

from simulator.windows.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ
from tests.just_in_time.rig import HELPERS, HURRIED, MAKING_SECONDS, OWN, RA, ROUND_SECONDS, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PASSWORD = "kadum4-rebis7-gotan3"
GPO = {"name": "Contoso Baseline", "guid": "{11111111-2222-3333-4444-555555555555}"}


def attempt(host: Host, **options: Any) -> str:
    """Invite; what came of it, in words."""
    try:
        return str(host.invite(**options).as_data())
    except errors.AssistError as error:
        return str(error)


# Controllers that die ------------------------------------------------------------------------------------


def test_a_controller_that_dies_at_every_request(host: Host) -> None:
    before = host.snapshot()
    first = int(host.sim.counters["requests"])
    host.invite(minutes=20)
    last = int(host.sim.counters["requests"]) - first
    host.revoke()
    was_open = 0
    for number in range(1, last + 1):
        host.sim.faults.set("vanish_after", number)
        assert PASSWORD not in attempt(host, minutes=20, timeout=20.0), number
        host.sim.faults.set("vanish_after", 0)
        host.sim.faults.vanished = False
        was_open += bool(host.rules)
        assert PASSWORD not in str(host.describe()), number
        # Three minutes while it is being made, twenty when it was proven.
        host.pass_time(MAKING_SECONDS)
        host.pass_time(22 * 60)
        host.assert_closed(before)
    assert was_open > 10


def test_a_reply_that_is_lost_at_every_request(host: Host) -> None:
    before = host.snapshot()
    first = int(host.sim.counters["requests"])
    host.invite(minutes=20)
    last = int(host.sim.counters["requests"]) - first
    host.revoke()
    # What comes before the guard opens nothing.
    for number in range(10, last + 1):
        host.sim.faults.set("drop_reply_at", number)
        assert PASSWORD not in attempt(host, minutes=20, timeout=20.0), number
        host.sim.faults.set("drop_reply_at", 0)
        host.pass_time(MAKING_SECONDS)
        host.pass_time(22 * 60)
        host.assert_closed(before)


# What was there before -----------------------------------------------------------------------------------


BEFORE: tuple[dict[str, tuple[int, Any]], ...] = (
    {},
    {"fAllowToGetHelp": (REG_DWORD, 0), "MaxTicketExpiry": (REG_DWORD, 5), "MaxTicketExpiryUnits": (REG_DWORD, 2)},
    {"fAllowToGetHelp": (REG_DWORD, 0), "fAllowFullControl": (REG_SZ, "never")},
    {"fAllowToGetHelp": (REG_DWORD, 0), "MaxTicketExpiry": (REG_SZ, "")},
    {"fAllowToGetHelp": (REG_DWORD, 0), "MaxTicketExpiryUnits": (REG_QWORD, 4294967296)},
    {"fAllowToGetHelp": (REG_DWORD, 0), "MaxTicketExpiry": (REG_BINARY, b"\x00\xff\x10")},
    {"FALLOWTOGETHELP": (REG_DWORD, 0), "MaxTicketExpiry": (REG_EXPAND_SZ, "five")},
    {"fAllowToGetHelp": (REG_DWORD, 0), "fDenyTSConnections": (REG_DWORD, 0), "Legend": (REG_SZ, 'a "b" %c%')},
)


def test_it_is_put_back_to_the_byte(make_host: Callable[..., Host]) -> None:
    host = make_host(locked=False, settings={"fAllowToGetHelp": 0})
    for values in BEFORE:
        host.sim.registry.drop(RA.rpartition("\\")[0])
        host.sim.registry.make("HKLM\\SOFTWARE\\Policies\\Microsoft")  # as on every Windows
        for name, (kind, data) in values.items():
            host.sim.registry.put(RA, name, data, kind)
        before = host.snapshot()
        host.invite(minutes=30, wishes={"just_in_time_control": "view_only"})
        assert host.live.get("fAllowToGetHelp", host.live.get("FALLOWTOGETHELP")) == 1
        host.pass_time(32 * 60)
        host.assert_closed(before)


def test_what_could_not_be_put_back_is_refused(make_host: Callable[..., Host]) -> None:
    host = make_host(locked=False, policy={"fAllowToGetHelp": 0})
    for kind, data in ((REG_MULTI_SZ, ["0", "1"]), (REG_SZ, "%PATH%"), (REG_SZ, 'a"b'), (REG_SZ, "x" * 300)):
        host.sim.registry.put(RA, "MaxTicketExpiry", data, kind)
        before = host.snapshot()
        with pytest.raises(JustInTimeRefused, match="MaxTicketExpiry"):
            host.invite()
        assert host.snapshot() == before


def test_values_of_others_in_the_key_stay(host: Host) -> None:
    host.sim.registry.drop(RA)
    host.invite()
    host.sim.registry.put(RA, "fDenyTSConnections", 1)
    host.revoke()
    assert host.live == {"fDenyTSConnections": 1}


# Refreshes of Group Policy -------------------------------------------------------------------------------


def test_a_refresh_right_after_it_was_opened(host: Host) -> None:
    before = host.snapshot()
    # The third command after the guard opens; with the first one that follows it is looked at again.
    host.sim.hooks.at_operation("Command", lambda: refresh_once_open(host), number=5)
    host.invite()
    assert host.refreshed
    assert host.live["fAllowToGetHelp"] == 1
    host.pass_time(62 * 60)
    host.assert_closed(before)


def refresh_once_open(host: Host) -> None:
    """Group Policy is refreshed, with force, when the value is open; else it waits for the next command."""
    if host.live.get("fAllowToGetHelp") == 1:
        host.sim.group_policy.refresh(force=True)
        host.refreshed = True
    else:
        host.sim.hooks.at_operation("Command", lambda: refresh_once_open(host))


def test_a_refresh_right_before_msra_starts(host: Host) -> None:
    before = host.snapshot()
    host.sim.hooks.at_operation("StartByPath", lambda: host.sim.group_policy.refresh(force=True))
    with pytest.raises(errors.InvitationNotCreated, match="refresh of Group Policy"):
        host.invite(timeout=2.0)
    host.assert_closed(before)


def test_a_refresh_while_the_invitation_waits(host: Host) -> None:
    before = host.snapshot()
    host.invite()
    host.sim.group_policy.refresh(force=True)
    assert host.live["fAllowToGetHelp"] == 0
    assert host.msra
    host.pass_time(62 * 60)
    host.assert_closed(before)


# Hosts that refuse, or only say yes ----------------------------------------------------------------------


def test_a_firewall_that_only_says_yes(host: Host) -> None:
    before = host.snapshot()
    host.sim.firewall.silent_noop = True
    with pytest.raises(JustInTimeNotOpened, match="firewall rule"):
        host.invite()
    host.assert_closed(before)


def test_a_rule_that_can_not_be_removed_is_told_and_tried_again(host: Host) -> None:
    before = host.snapshot()
    host.invite()
    host.sim.firewall.silent_noop = True
    with pytest.raises(JustInTimeNotClosed, match="every five minutes"):
        host.revoke()
    assert host.live["fAllowToGetHelp"] == 0
    host.pass_time(3 * ROUND_SECONDS)
    assert host.rules
    assert any(name.startswith("close-") for name in host.tasks)
    host.sim.firewall.silent_noop = False
    host.pass_time(62 * 60)
    host.assert_closed(before)


def test_policy_that_can_not_be_restored_is_tried_again(host: Host) -> None:
    before = host.snapshot()
    host.invite(minutes=10)
    host.sim.faults.set("deny_writes", True)
    host.pass_time(30 * 60)
    assert host.live["fAllowToGetHelp"] == 1
    host.sim.faults.set("deny_writes", False)
    host.pass_time(2 * ROUND_SECONDS)
    host.assert_closed(before)


def test_rights_that_end_in_the_middle(host: Host) -> None:
    before = host.snapshot()

    def progress(text: str) -> None:
        if text.startswith("opening"):
            host.sim.faults.set("deny_writes", True)

    with pytest.raises(errors.AssistError):
        create_invitation(host.client(), host.request(), progress=progress, timing=HURRIED)
    host.sim.faults.set("deny_writes", False)
    host.pass_time(MAKING_SECONDS)
    host.assert_closed(before)


def test_an_opening_that_takes_too_long(host: Host) -> None:
    """The guard's time runs since before: a msra.exe that came after it would be one that nobody ends."""
    before, late = host.snapshot(), [0.0]

    def progress(text: str) -> None:
        late[0] += 300 * text.startswith("opening")

    timing = Timing(monotonic=lambda: HURRIED.monotonic() + late[0], sleep=HURRIED.sleep)
    with pytest.raises(JustInTimeNotOpened, match="took too long"):
        create_invitation(host.client(), host.request(), progress=progress, timing=timing)
    host.assert_closed(before)


def test_a_record_that_somebody_changed(session_host: Host) -> None:
    host = session_host
    host.invite("jdoe")
    host.sim.registry.put(f"{OWN}\\JustInTime\\before", "fAllowToGetHelp", 'REG_SZ:0" /f & calc "')
    with pytest.raises(JustInTimeRefused, match="damaged"):
        host.invite("asmith")


def test_a_record_that_somebody_changed_is_no_reason_to_stay_open(host: Host) -> None:
    """The registry does not say any more what was there before; the task on the host still does."""
    before = host.snapshot()
    host.invite()
    host.sim.registry.put(f"{OWN}\\JustInTime\\before", "fAllowToGetHelp", "REG_SZ:(")
    host.revoke()
    host.assert_closed(before)


def test_what_nobody_remembers_is_not_called_closed(host: Host) -> None:
    host.invite()
    host.sim.registry.put(f"{OWN}\\JustInTime\\before", "fAllowToGetHelp", "REG_SZ:(")
    (closer,) = [task for task in host.sim.tasks if task.name.startswith("close-")]
    host.sim.tasks._remove(closer)
    with pytest.raises(JustInTimeNotClosed, match="not closed"):
        host.revoke()
    assert host.rules == []


# Who decides ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("firewall", "words"),
    [
        ({"profiles": {"domain": {"block_all_inbound": True}}}, "blocks all incoming"),
        ({"profiles": {"domain": {"policy_local_rules": False}}}, "only its own firewall rules"),
        (
            {"domain_rules": [{"name": "No-Msra", "action": "Block", "program": "%SystemRoot%\\system32\\msra.exe"}]},
            "No-Msra",
        ),
    ],
    ids=["shielded", "local-rules", "blocked"],
)
def test_a_rule_that_would_not_count(make_host: Callable[..., Host], firewall: dict[str, Any], words: str) -> None:
    host = make_host(locked=False, policy={"fAllowToGetHelp": 0}, firewall=firewall)
    before = host.snapshot()
    with pytest.raises(JustInTimeRefused, match=words):
        host.invite()
    assert host.snapshot() == before


def test_a_gpo_of_the_domain(make_host: Callable[..., Host]) -> None:
    host = make_host(locked=False, domain_policies=[{**GPO, "values": {"fAllowToGetHelp": 0}}])
    before = host.snapshot()
    with pytest.raises(JustInTimeRefused, match='the GPO "Contoso Baseline"') as caught:
        host.invite()
    assert "just_in_time_over_domain" in str(caught.value)
    assert host.snapshot() == before
    result = host.invite(minutes=30, wishes={"just_in_time_over_domain": True})
    assert "closes it again" in " ".join(result.warnings)
    host.pass_time(32 * 60)
    host.assert_closed(before)


def test_a_host_that_does_not_say_who_decides(make_host: Callable[..., Host]) -> None:
    host = make_host(quirks={"rsop_namespace_missing": True})
    assert "does not say" in " ".join(host.invite().warnings)


def test_helpers_are_kept_for_whoever_looks(host: Host) -> None:
    host.invite(helpers=[*HELPERS, "LocalSubnet"])
    (opening,) = host.info()["just_in_time"]
    assert opening["helper_addresses"] == sorted([*HELPERS, "LocalSubnet"])
    assert set(host.rules[0].remote_addresses) == {"10.20.0.0/255.255.0.0", "LocalSubnet"}
