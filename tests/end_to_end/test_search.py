# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking for one user on many hosts: a first look tells of most of them, and nobody is lost by it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import ACCOUNTS

PEOPLE = [f"user{number:02}" for number in range(1, 25)]
MOST_FOR_THE_ONE = 12


def session(user: str, **more: Any) -> dict[str, Any]:
    return {"id": 2, "user": f"CORP\\{user}", "session_name": "RDP-Tcp#1", "client": "THIN-1", **more}


@pytest.fixture
def crowd(make_pool: Any) -> Any:
    """24 desktops with one user each, some of which answer the first look in ways of their own."""
    odd: dict[str, dict[str, Any]] = {
        "user01": {"quirks": {"logon_sessions": "own"}},
        "user02": {"quirks": {"logon_session_query": "fails"}},
        "user03": {"quirks": {"logon_sessions": "without_interactive"}},
        "user04": {"quirks": {"reference_form": "path"}},
        "user05": {"quirks": {"logon_sessions_stale": True}},
        "user06": {"faults": {"refuse_login": True}},
    }
    accounts = [*ACCOUNTS, *({"name": user} for user in PEOPLE)]
    sessions = {user: [session(user)] for user in PEOPLE}
    # What the first look sees of user21 is a session that nobody sits at.
    sessions["user21"] = [session("user21", state="disconnected")]
    sessions["user03"].append(session("user21", id=3, session_name="RDP-Tcp#2"))
    hosts = [{"name": f"on-{user}", "sessions": sessions[user], **odd.get(user, {})} for user in PEOPLE]
    return make_pool(*hosts, accounts=accounts)


def search(crowd: Any, run_playbook: PlaybookRunner, inventory: Any, user: str, **options: Any) -> Run:
    """One search, of all hosts; counters begin anew."""
    for host in crowd.hosts.values():
        host.counters.clear()
    task = {"workspot.assist.locate_user": {"user": user, **options}, "run_once": True}
    return run_playbook([{"hosts": "all", "gather_facts": False, "tasks": [task]}], inventory=inventory)


def asked(crowd: Any) -> dict[str, int]:
    """HTTP requests by user of the host."""
    return {name.removeprefix("on-"): host.counters["requests"] for name, host in crowd.hosts.items()}


def test_one_exchange_tells_that_a_user_is_not_there(
    crowd: Any, run_playbook: PlaybookRunner, inventory_for: Any
) -> None:
    run = search(crowd, run_playbook, inventory_for(crowd, "winrm", "ntlm"), "CORP\\user20").ok()
    located = run.of("locate_user")
    assert (located["host"], located["searched"], len(located["candidates"])) == ("on-user20", 24, 1)
    assert [item["host"] for item in located["unreachable_hosts"]] == ["on-user06"]
    requests = asked(crowd)
    assert requests["user20"] <= MOST_FOR_THE_ONE
    # A login and the question; or, where that tells nothing, the session list after it.
    in_short = {user for user, number in requests.items() if number == 2}
    assert set(PEOPLE) - in_short <= {"user01", "user02", "user05", "user06", "user20"}
    assert {"user03", "user04", "user19"} <= in_short
    assert requests["user01"] == requests["user02"] == 6
    assert located["exchanges"] < 60


def test_whom_the_first_look_misses_is_found_in_the_second(
    crowd: Any, run_playbook: PlaybookRunner, inventory_for: Any
) -> None:
    run = search(crowd, run_playbook, inventory_for(crowd, "winrm", "ntlm"), "user03").ok()
    located = run.of("locate_user")
    assert located["host"] == "on-user03"
    assert [item["host"] for item in located["unreachable_hosts"]] == ["on-user06"]
    # Those that had been asked for their sessions at once are not asked again.
    assert asked(crowd)["user01"] == 6
    assert located["exchanges"] > 23 * 4


@pytest.mark.parametrize(
    ("options", "host", "passes"),
    [
        ({}, "on-user03", 2),
        ({"session_id": 3}, "on-user03", 2),
        ({"session_id": 2, "disconnected": True}, "on-user21", 1),
    ],
)
def test_a_session_that_will_not_do_ends_no_search(
    options: dict[str, Any], host: str, passes: int, crowd: Any, run_playbook: PlaybookRunner, inventory_for: Any
) -> None:
    run = search(crowd, run_playbook, inventory_for(crowd, "winrm", "ntlm"), "user21", **options).ok()
    located = run.of("locate_user")
    assert located["host"] == host
    assert [item["host"] for item in located["candidates"]] == ["on-user03", "on-user21"][-passes:]
    assert located["searched"] == 24


def test_nobody_is_said_to_be_nowhere_without_a_look_at_all_sessions(
    crowd: Any, run_playbook: PlaybookRunner, inventory_for: Any
) -> None:
    run = search(crowd, run_playbook, inventory_for(crowd, "psrp", "ntlm"), "user7")
    located = run.of("locate_user")
    assert located["error"]["kind"] == "user_not_found"
    assert "24 hosts, 1 of which did not answer" in located["msg"]
    assert "Did you mean" in located["msg"]
    assert "user07" in located["msg"]
    assert min(number for user, number in asked(crowd).items() if user != "user06") >= 5


def test_a_thorough_search_asks_every_host_for_its_sessions(
    crowd: Any, run_playbook: PlaybookRunner, inventory_for: Any
) -> None:
    run = search(crowd, run_playbook, inventory_for(crowd, "winrm", "ntlm"), "user20", thorough=True).ok()
    assert run.of("locate_user")["host"] == "on-user20"
    assert {number for user, number in asked(crowd).items() if user not in {"user06", "user20"}} == {5}
