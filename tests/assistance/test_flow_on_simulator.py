# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The invitation flow over real WinRM: budget, every uncertain behaviour of Windows, every cut, every expiry."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import (
    check_invitation,
    create_invitation,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.locate import look_up
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import read_sessions

PASSWORD = "kadum4-rebis7-gotan3"
Make = Callable[..., Any]
# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def desktop(**more: Any) -> dict[str, Any]:
    session = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
    return {"name": "desk-01", "sessions": [session], **more}


def traces(host: Any) -> list[str]:
    """What of ours is on a simulated host."""
    state = host.state()
    found = [f"task {task}" for task in state["tasks"]]
    found += [f"process {item['pid']}" for item in state["processes"] if item["name"].lower() == "msra.exe"]
    found += [f"file {path}" for path in state["files"] if "msrcincident" in path.lower()]
    return found


def test_an_invitation_in_its_budget(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]
    result = create_invitation(connect(pool), ask())
    assert result.session.client_name == "LAPTOP-7"
    assert result.expires_decided_by == "task"
    assert result.expires - result.created == timedelta(hours=1)
    # Thirty HTTP requests, the login's among them, waiting for msra aside.
    assert host.counters["requests"] <= 30
    assert PASSWORD not in str(host.state()["tasks"])
    assert not [path for path in host.state()["files"] if "msrcincident" in path.lower()]


def test_the_host_ends_it_in_time_and_forgets_it(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]
    create_invitation(connect(pool), ask(minutes=30))
    host.clock.advance(29 * 60)
    assert any(trace.startswith("process") for trace in traces(host))
    host.clock.advance(2 * 60)
    assert traces(host) == []


def test_a_shorter_policy_is_told(make_pool: Make, connect: Make, ask: Make) -> None:
    policy = {"fAllowToGetHelp": 1, "fAllowFullControl": 1, "MaxTicketExpiry": 20, "MaxTicketExpiryUnits": 0}
    pool = make_pool(desktop(policy=policy))
    result = create_invitation(connect(pool), ask())
    assert result.expires_decided_by == "policy"
    assert result.expires - result.created == timedelta(minutes=20)


@pytest.mark.parametrize(
    "quirk",
    [
        {"task_delete_ends_process": True},
        {"msra_appends_extension": True},
        {"incident_encoding": "utf-16"},
        {"incident_encoding": "utf-8-bom"},
        {"quser_exit_code": 0},
        {"projection_wrapper": "class"},
        {"namespace_case": "as-sent"},
        {"session_data_missing": True},
        {"hku_volatile_missing": True},
        {"session_data_missing": True, "hku_volatile_missing": True},
        {"netstat_localised": False},
        {"quser_language": "de-DE"},
        {"reg_output_order": "reverse"},
        {"reg_prints_empty_keys": True},
        {"taskkill_no_match_code": 128},
    ],
    ids=str,
)
def test_every_possible_behaviour_of_windows(make_pool: Make, connect: Make, ask: Make, quirk: dict[str, Any]) -> None:
    pool = make_pool(desktop(quirks=quirk))
    host = pool.hosts["desk-01"]
    result = create_invitation(connect(pool), ask())
    assert result.session.account == "CORP\\jdoe"
    assert PASSWORD not in str(host.state()["tasks"])
    host.clock.advance(62 * 60)
    assert traces(host) == []


def test_a_connected_helper_is_not_cut_off(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]
    result = create_invitation(connect(pool), ask())
    endpoint = next(item for item in result.endpoints if item.address.startswith("127."))
    with socket.create_connection((endpoint.address, endpoint.port)):
        time.sleep(0.2)
        host.clock.advance(75 * 60)
        assert any(trace.startswith("process") for trace in traces(host))
    time.sleep(0.2)
    host.clock.advance(6 * 60)
    assert traces(host) == []


def test_a_full_disk_is_told(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]
    host.faults.set("disk_full", True)
    with pytest.raises(errors.CommandFailed, match="disk is full"):
        create_invitation(connect(pool), ask())
    assert traces(host) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]

    def progress(text: str) -> None:
        if text.startswith("waiting"):
            host.faults.set("disk_full", True)

    host.faults.set("msra_delay", 0.5)
    with pytest.raises(errors.InvitationNotCreated):
        create_invitation(connect(pool), ask(timeout=3.0), progress=progress)
    assert traces(host) == []


@pytest.mark.parametrize("fault", ["msra_never_writes", "msra_exits_at_once"])
def test_what_goes_wrong_on_the_host_leaves_nothing(pool: Any, connect: Make, ask: Make, fault: str) -> None:
    host = pool.hosts["desk-01"]
    host.faults.set(fault, True)
    with pytest.raises(errors.InvitationNotCreated) as caught:
        create_invitation(connect(pool), ask(timeout=2.0))
    assert PASSWORD not in str(caught.value)
    assert traces(host) == []


def test_a_slow_msra_is_waited_for(pool: Any, connect: Make, ask: Make) -> None:
    pool.hosts["desk-01"].faults.set("msra_writes_slowly", 1.5)
    assert create_invitation(connect(pool), ask()).endpoints


@pytest.mark.parametrize("choice", ["first", "last"])
def test_windows_chooses_among_sessions_of_one_user(make_pool: Make, connect: Make, ask: Make, choice: str) -> None:
    sessions = [
        {"id": number, "user": "CORP\\jdoe", "client": f"LAPTOP-{number}", "session_name": f"RDP-Tcp#{number}"}
        for number in (2, 3)
    ]
    pool = make_pool(desktop(sessions=sessions, quirks={"task_session_choice": choice}))
    host = pool.hosts["desk-01"]
    with pytest.raises(errors.UserAmbiguous, match="session_id=3"):
        create_invitation(connect(pool), ask())
    right, wrong = (2, 3) if choice == "first" else (3, 2)
    with pytest.raises(errors.SessionMismatch, match=f"in session {right}, not in session {wrong}"):
        create_invitation(connect(pool), ask(session_id=wrong))
    assert traces(host) == []
    assert create_invitation(connect(pool), ask(session_id=right)).session.session_id == right


def test_a_check_run_changes_nothing(pool: Any, connect: Make, ask: Make) -> None:
    host = pool.hosts["desk-01"]
    checked = check_invitation(connect(pool), ask())
    assert checked.session.session_id == 1
    assert host.state()["writes"] == []
    assert traces(host) == []


def test_twenty_users_cost_no_more_than_ten_requests_extra(make_pool: Make, connect: Make, ask: Make) -> None:
    accounts = [{"name": "svc-ansible", "password": "Only-A-Simulated-Account-1", "administrator": True}]
    accounts += [{"name": f"user{number:02}"} for number in range(1, 21)]
    sessions = [
        {
            "id": number,
            "user": f"CORP\\user{number:02}",
            "client": f"THIN-{number}",
            "session_name": f"RDP-Tcp#{number}",
        }
        for number in range(1, 21)
    ]
    pool = make_pool({"name": "desk-01", "os": "server-2022", "sessions": sessions}, accounts=accounts)
    create_invitation(connect(pool), ask("user07"))
    assert pool.hosts["desk-01"].counters["requests"] <= 40


def test_sessions_are_read_whatever_the_language(make_pool: Make, connect: Make) -> None:
    pool = make_pool(desktop(language="de-DE"))
    (session,) = read_sessions(connect(pool))
    assert (session.account, session.state, session.kind) == ("CORP\\jdoe", "active", "desktop")
    lookup = look_up(connect(pool), parse_user("jdoe@corp.example"))
    assert len(lookup.sessions) == 1


def outcome(client: Any, request: Any) -> str:
    try:
        return str(create_invitation(client, request).as_data())
    except errors.AssistError as error:
        return str(error)


def requests_of_a_run(make_pool: Make, connect: Make, ask: Make) -> int:
    pool = make_pool(desktop())
    create_invitation(connect(pool), ask())
    return int(pool.hosts["desk-01"].counters["requests"])


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("fault", ["drop_connection_at", "drop_reply_at"])
def test_a_connection_cut_at_every_request(make_pool: Make, connect: Make, ask: Make, fault: str, ends: bool) -> None:
    last = requests_of_a_run(make_pool, connect, ask) + (10 if ends else 0)
    pool = make_pool(desktop(quirks={"task_delete_ends_process": ends}))
    host = pool.hosts["desk-01"]
    for number in range(1, last + 3):
        host.faults.set(fault, number)
        assert PASSWORD not in outcome(connect(pool), ask(timeout=5.0)), number
        host.faults.set(fault, 0)
        # Whatever could not be tidied up has an end of its own: three minutes while it is being made,
        # an hour when it was finished.
        host.clock.advance(65 * 60)
        assert traces(host) == [], number


@pytest.mark.parametrize("ends", [False, True])
def test_a_controller_that_dies_at_every_request(make_pool: Make, connect: Make, ask: Make, ends: bool) -> None:
    last = requests_of_a_run(make_pool, connect, ask) + (10 if ends else 0)
    pool = make_pool(desktop(quirks={"task_delete_ends_process": ends}))
    host = pool.hosts["desk-01"]
    for number in range(1, last + 1):
        host.faults.set("vanish_after", number)
        outcome(connect(pool), ask(timeout=5.0))
        host.faults.set("vanish_after", 0)
        host.faults.vanished = False
        host.clock.advance(65 * 60)
        assert traces(host) == [], number
