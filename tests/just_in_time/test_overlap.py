# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two invitations on one session host: the last one closes, in whatever order, and what was there first is restored."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import create_invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.errors import JustInTimeRefused

from tests.just_in_time.conftest import SESSIONS
from tests.just_in_time.rig import OWN, RA, ROUND_SECONDS, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("first", ["jdoe", "asmith"])
@pytest.mark.parametrize("ends", ["revoked", "expired"])
def test_the_last_one_closes(session_host: Host, first: str, ends: str) -> None:
    host, before = session_host, session_host.snapshot()
    last = "asmith" if first == "jdoe" else "jdoe"
    # The one that opened ends first, and the one that opened ends last: jdoe opens in both.
    host.invite("jdoe", minutes=30 if first == "jdoe" else 90, helpers=["10.20.0.1"])
    host.invite("asmith", minutes=30 if first == "asmith" else 90, helpers=["10.30.0.1"])
    assert len(host.rules) == 2
    if ends == "revoked":
        host.revoke(first)
    else:
        host.pass_time(32 * 60)
    host.wait_for(lambda: len(host.rules) == 1)
    assert host.rules[0].remote_addresses == (("10.20.0.1",) if last == "jdoe" else ("10.30.0.1",))
    assert host.live["fAllowToGetHelp"] == 1
    assert len(host.msra) == 1
    assert len(host.info()["just_in_time"]) == 1
    if ends == "revoked":
        host.revoke(last)
    else:
        host.pass_time(62 * 60)
    host.assert_closed(before)


def test_two_that_end_at_the_same_moment(session_host: Host) -> None:
    host, before = session_host, session_host.snapshot()
    host.invite("jdoe", minutes=30)
    host.invite("asmith", minutes=30)
    host.pass_time(32 * 60)
    host.pass_time(ROUND_SECONDS)
    host.assert_closed(before)


def test_two_that_begin_at_the_same_moment(session_host: Host) -> None:
    host, before = session_host, session_host.snapshot()
    failed: list[BaseException] = []

    def invite(user: str) -> None:
        try:
            host.invite(user)
        except errors.AssistError as error:
            failed.append(error)

    threads = [threading.Thread(target=invite, args=(user,)) for user in ("jdoe", "asmith")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(host.rules) == 2
    own = host.sim.registry.find(f"{OWN}\\JustInTime\\before")
    assert own.value("fAllowToGetHelp").data == "REG_DWORD:0x0"
    host.pass_time(62 * 60)
    host.assert_closed(before)


def test_the_state_before_the_first_is_what_counts(session_host: Host) -> None:
    host, before = session_host, session_host.snapshot()
    host.invite("jdoe", minutes=30, wishes={"just_in_time_control": "allow_control"})
    host.invite("asmith", minutes=120)
    assert (host.live["MaxTicketExpiry"], host.live["MaxTicketExpiryUnits"]) == (2, 1)
    host.revoke("jdoe")
    assert host.live["fAllowFullControl"] == 1
    host.revoke("asmith")
    host.assert_closed(before)


def test_a_longer_ticket_lifetime_stays_for_the_one_that_has_it(session_host: Host) -> None:
    session_host.invite("jdoe", minutes=90)
    session_host.invite("asmith", minutes=30)
    assert (session_host.live["MaxTicketExpiry"], session_host.live["MaxTicketExpiryUnits"]) == (90, 0)


def test_no_more_control_for_the_first_than_it_has(session_host: Host) -> None:
    host = session_host
    host.invite("jdoe", wishes={"just_in_time_control": "view_only"})
    opened = host.snapshot()
    with pytest.raises(JustInTimeRefused, match="control"):
        host.invite("asmith", wishes={"just_in_time_control": "allow_control"})
    assert host.snapshot() == opened


def test_one_that_fails_does_not_close_the_other(session_host: Host) -> None:
    host, before = session_host, session_host.snapshot()
    host.invite("jdoe")
    host.sim.faults.set("msra_never_writes", True)
    with pytest.raises(errors.InvitationNotCreated):
        host.invite("asmith", timeout=1.0)
    assert len(host.rules) == 1
    assert host.live["fAllowToGetHelp"] == 1
    host.revoke("jdoe")
    host.assert_closed(before)


def test_an_invitation_that_opens_nothing_is_told_of_the_other(session_host: Host, ask: Callable[..., object]) -> None:
    session_host.invite("jdoe")
    result = create_invitation(session_host.client(), ask("asmith"))
    assert "open here for another invitation only" in " ".join(result.warnings)


def test_policy_that_was_shut_after_an_opening_that_did_not_need_it(make_host: Callable[..., Host]) -> None:
    host = make_host(locked=False, os="server-2022", sessions=SESSIONS, policy={"fAllowToGetHelp": 1})
    host.invite("jdoe")
    host.sim.registry.put(RA, "fAllowToGetHelp", 0)
    before = host.snapshot()
    with pytest.raises(JustInTimeRefused, match="since something else was opened"):
        host.invite("asmith")
    assert host.snapshot() == before
    host.revoke("jdoe")
    assert host.live == {"fAllowToGetHelp": 0}
