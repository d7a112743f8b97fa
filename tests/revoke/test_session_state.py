# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Remote Assistance does in each session: put together from processes, connections and event numbers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_state import (
    SessionAssistance,
    read_assistance,
)

from simulator.windows.network import ESTABLISHED
from tests.revoke.traces import endpoint
from tests.support.pools import DESKTOP

Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def look(connect: Make) -> Callable[..., SessionAssistance]:
    """The state of one session."""

    def state(pool: Any, session_id: int = 1, name: str = "desk-01") -> SessionAssistance:
        found = {item.session.session_id: item for item in read_assistance(connect(pool, name))}
        return found[session_id]

    return state


@pytest.fixture
def helper(wait_for: Make) -> Callable[..., socket.socket]:
    """A helper who is connected; nobody has let the helper in yet."""

    def connected(host: Any, session_id: int = 1) -> socket.socket:
        opened = socket.create_connection(endpoint(host, session_id))
        (process,) = host.processes.in_session(session_id, "msra.exe")
        wait_for(lambda: any(row.state == ESTABLISHED for row in host.network.of(process.pid)))
        return opened

    return connected


def test_idle(pool: Any, look: Make) -> None:
    found = look(pool)
    assert (found.state, found.since, found.helper_address, found.guard) == ("idle", None, None, None)
    assert found.as_data()["ours"] is False


def test_ours_waits(pool: Any, look: Make, invite: Make) -> None:
    result = invite(pool)
    found = look(pool)
    (process,) = pool.hosts["desk-01"].processes.in_session(1, "msra.exe")
    assert found.state == "waiting_for_connect"
    assert found.since is not None
    assert abs((found.since - process.created).total_seconds()) < 0.001
    assert found.as_data()["ours"] is True
    assert found.as_data()["expires"] == result.as_data()["expires"]


def test_the_users_own_waits(make_pool: Make, look: Make, wait_for: Make) -> None:
    pool = make_pool({**DESKTOP, "sessions": [{"id": 1, "user": "CORP\\jdoe", "invitation_waiting": True}]})
    wait_for(lambda: pool.hosts["desk-01"].msra.invitations)
    found = look(pool)
    assert (found.state, found.guard) == ("waiting_for_connect", None)


def test_a_window_that_waits_for_nobody(make_pool: Make, look: Make, wait_for: Make) -> None:
    sessions = [{"id": 1, "user": "CORP\\jdoe", "invitation_waiting": True}]
    pool = make_pool({**DESKTOP, "sessions": sessions, "faults": {"msra_never_writes": True}})
    wait_for(lambda: 13 in pool.hosts["desk-01"].events.ids())
    assert look(pool).state == "running"


@pytest.mark.parametrize("quirks", [{}, {"event_process": "other"}, {"connection_time": "missing"}], ids=str)
def test_screen_and_control(
    make_pool: Make, look: Make, invite: Make, helper: Make, wait_for: Make, quirks: dict[str, Any]
) -> None:
    pool = make_pool({**DESKTOP, "quirks": quirks})
    host = pool.hosts["desk-01"]
    invite(pool)
    with helper(host):
        waiting = look(pool)
        assert (waiting.state, waiting.helper_address) == ("waiting_for_connect", "127.0.0.1")
        host.msra.helper_joins(1)
        seeing = look(pool)
        assert (seeing.state, seeing.helper_address) == ("sharing_screen", "127.0.0.1")
        host.clock.advance(60)
        host.msra.share_control(1)
        controlling = look(pool)
        assert controlling.state == "sharing_control"
        assert controlling.since is not None
        assert seeing.since is not None
        assert 59 < (controlling.since - seeing.since).total_seconds() < 70
        host.msra.share_control(1, False)
        assert look(pool).state == "sharing_screen"
        assert look(pool).as_data()["ours"] is True
    wait_for(lambda: 18 in host.events.ids())
    assert look(pool).state == "waiting_for_connect"


def test_events_of_an_earlier_invitation_do_not_count(pool: Any, look: Make, invite: Make, helper: Make) -> None:
    host = pool.hosts["desk-01"]
    invite(pool)
    host.msra.helper_joins(1)
    host.msra.share_control(1)
    host.msra.close_by_user(1)
    host.clock.advance(5)
    invite(pool)
    with helper(host):
        assert look(pool).state == "waiting_for_connect"


def test_each_session_for_itself(make_pool: Make, look: Make, invite: Make, helper: Make) -> None:
    sessions = [{"id": number, "user": f"CORP\\{name}"} for number, name in ((1, "jdoe"), (2, "asmith"), (3, "bmeyer"))]
    from tests.support.pools import ACCOUNTS

    pool = make_pool(
        {"name": "rds-01", "os": "server-2022", "sessions": sessions}, accounts=[*ACCOUNTS, {"name": "bmeyer"}]
    )
    host = pool.hosts["rds-01"]
    invite(pool, "rds-01", "jdoe")
    invite(pool, "rds-01", "asmith")
    with helper(host, 2):
        host.msra.helper_joins(2)
        host.msra.share_control(2)
        states = [look(pool, number, "rds-01").state for number in (1, 2, 3)]
    assert states == ["waiting_for_connect", "sharing_control", "idle"]


def test_nothing_is_changed(pool: Any, look: Make, invite: Make) -> None:
    invite(pool)
    host = pool.hosts["desk-01"]
    before = (list(host.state()["writes"]), host.state()["tasks"])
    look(pool)
    assert (host.state()["writes"], host.state()["tasks"]) == before
