# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking a user up on a host, and many hosts' answers as one report."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.locate import (
    HostLookup,
    look_up,
    merge,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import Unreachable, UserNotFound
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import Session

USER = parse_user("jdoe")


def find_sessions(host: Any, user: str) -> list[Session]:
    """Sessions of a user on a host that answers."""
    lookup = look_up(host, parse_user(user))
    assert lookup.error is None
    return list(lookup.sessions)


def test_a_host_without_the_user_costs_four_exchanges(fake: Any) -> None:
    assert find_sessions(fake, "mmuster") == []
    assert fake.exchanges == 4


def test_a_host_with_the_user_tells_the_whole_session(fake: Any) -> None:
    (session,) = find_sessions(fake, "jdoe")
    assert session.as_data() == {
        "user": "jdoe",
        "domain": "CORP",
        "sid": "S-1-5-21-1-2-3-1104",
        "session_id": 2,
        "state": "active",
        "kind": "desktop",
        "client": "LAPTOP-7",
        "session_name": "rdp-tcp#1",
        "profile_path": r"C:\Users\jdoe",
        "locked": False,
    }
    assert fake.exchanges <= 10


def test_another_domains_namesake_is_not_the_user(fake: Any) -> None:
    assert find_sessions(fake, r"OTHER\jdoe") == []
    assert len(find_sessions(fake, "jdoe@corp.example")) == 1


def test_a_published_app_session_is_told(fake: Any) -> None:
    fake.processes[0].name = "rdpinit.exe"
    assert find_sessions(fake, "jdoe")[0].kind == "published_app"


def test_an_error_is_an_outcome(fake: Any) -> None:
    fake.lose_request = 2
    lookup = look_up(fake, USER)
    assert lookup.error is not None
    assert (lookup.error["kind"], lookup.error["host"]) == ("unreachable", "desk-01")
    assert lookup.exchanges == 3


def test_outcomes_travel_between_processes(fake: Any) -> None:
    lookup = look_up(fake, USER)
    assert pickle.loads(pickle.dumps(lookup)) == lookup


def test_answers_become_a_report_in_a_fixed_order(fake: Any) -> None:
    good = look_up(fake, USER)
    other = HostLookup("b-host", accounts=("jdoel",))
    bad = HostLookup("a-host", error=Unreachable("gone", host="a-host").as_data())
    report = merge([other, good, bad], ["desk-01", "b-host", "a-host", "lost"])
    assert report.searched == 4
    assert [item["host"] for item in report.unreachable] == ["a-host", "lost"]
    assert report.choose(USER).host == "desk-01"
    data = report.as_data(USER)
    assert data["candidates"][0]["command"].endswith("-e host=desk-01 -e session_id=2")
    with pytest.raises(UserNotFound, match="2 of which did not answer"):
        merge([other, bad], ["b-host", "a-host", "lost"]).choose(USER)
