# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An invitation is taken back: that one alone, by whichever controller, whatever goes wrong on the way."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance import revoke as revoke_module
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.guard import Guard
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.revoke import (
    RevokeOutcome,
    RevokeRequest,
    revoke_invitation,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.files import TemporaryFile
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

from tests.revoke.traces import answers, endpoint, traces

Make = Callable[..., Any]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
FILE = TemporaryFile("C:\\Users\\jdoe\\AppData\\Local\\Temp", f"assist-{'0' * 16}.msrcIncident")
USERS = ("jdoe", "asmith", "bmeyer", "cjones")
ACCOUNTS = [{"name": name} for name in USERS[2:]]


def revoke(client: WsmanClient, user: str = "jdoe", **more: Any) -> RevokeOutcome:
    """Take back, without patience for addresses that never answer."""
    request = RevokeRequest(parse_user(user), more.pop("session_id", None), more.pop("sid", None))
    more.setdefault("connect", _connect_soon)
    return revoke_invitation(client, request, **more)


def _connect_soon(address: str, port: int, seconds: float) -> None:
    if not address.startswith("127."):
        raise OSError("a simulated host lists addresses of others besides its own")
    socket.create_connection((address, port), timeout=seconds).close()


def session_host(**more: Any) -> dict[str, Any]:
    """A session host with four users; jdoe is on it twice."""
    sessions = [
        {"id": number, "user": f"CORP\\{name}", "session_name": f"RDP-Tcp#{number}"}
        for number, name in enumerate(USERS, start=1)
    ]
    return {"name": "rds-01", "os": "server-2022", "sessions": sessions, **more}


def many_users(make_pool: Make) -> Any:
    """A pool of that session host."""
    from tests.support.pools import ACCOUNTS as USUAL

    return make_pool(session_host(), accounts=[*USUAL, *ACCOUNTS])


def test_another_controller_takes_it_back(pool: Any, connect: Make, invite: Make) -> None:
    host = pool.hosts["desk-01"]
    result = invite(pool)
    place = endpoint(host)
    assert answers(place)
    outcome = revoke(connect(pool))
    (revoked,) = outcome.revoked
    assert revoked.was_waiting
    assert revoked.endpoint_closed is True
    assert revoked.event_log == "silent"
    assert revoked.as_data()["would_have_ended"] == result.as_data()["expires"]
    assert outcome.warnings == ()
    assert traces(host) == []
    assert not answers(place)


@pytest.mark.parametrize(
    ("quirks", "said"),
    [
        ({"ended_msra_events": "closed"}, "closed"),
        ({"ended_msra_events": "closed", "event_process": "other"}, "silent"),
        ({"taskkill_no_match_code": 128}, "silent"),
        ({"task_delete_ends_process": True}, "silent"),
        ({"msra_appends_extension": True}, "silent"),
    ],
    ids=str,
)
def test_whatever_windows_does(make_pool: Make, connect: Make, invite: Make, quirks: dict[str, Any], said: str) -> None:
    from tests.support.pools import DESKTOP

    pool = make_pool({**DESKTOP, "quirks": quirks})
    invite(pool)
    (revoked,) = revoke(connect(pool)).revoked
    assert (revoked.endpoint_closed, revoked.event_log) == (True, said)
    assert traces(pool.hosts["desk-01"]) == []


def test_other_users_are_left_alone(make_pool: Make, connect: Make, invite: Make) -> None:
    pool = many_users(make_pool)
    host = pool.hosts["rds-01"]
    for name in USERS:
        invite(pool, "rds-01", name)
    others = {number: endpoint(host, number) for number in (2, 3, 4)}
    processes = {item.pid for number in others for item in host.processes.in_session(number)}
    (revoked,) = revoke(connect(pool, "rds-01")).revoked
    assert revoked.session.session_id == 1
    left = [f"task \\workspot.assist\\guard-session-{number}" for number in others]
    left += [f"process {host.processes.in_session(number, 'msra.exe')[0].pid}" for number in others]
    assert sorted(traces(host)) == sorted(left)
    assert all(answers(place) for place in others.values())
    assert {item.pid for number in others for item in host.processes.in_session(number)} == processes
    assert host.processes.in_session(1)


def test_one_of_two_sessions(make_pool: Make, connect: Make, invite: Make) -> None:
    sessions = [{"id": number, "user": "CORP\\jdoe", "session_name": f"RDP-Tcp#{number}"} for number in (1, 2)]
    pool = make_pool({"name": "rds-01", "os": "server-2022", "sessions": sessions})
    host = pool.hosts["rds-01"]
    invite(pool, "rds-01", session_id=1)
    assert revoke(connect(pool, "rds-01"), session_id=2).revoked == ()
    assert answers(endpoint(host))
    assert len(revoke(connect(pool, "rds-01")).revoked) == 1
    assert traces(host) == []


def test_somebody_of_the_same_name_is_somebody_else(pool: Any, connect: Make, invite: Make) -> None:
    invite(pool)
    assert revoke(connect(pool), sid="S-1-5-21-1-2-3-4").revoked == ()
    assert revoke(connect(pool), "OTHER\\jdoe").revoked == ()
    assert answers(endpoint(pool.hosts["desk-01"]))


def test_the_users_own_invitation_is_left_alone_and_named(make_pool: Make, connect: Make, wait_for: Make) -> None:
    from tests.support.pools import DESKTOP

    sessions = [{"id": 1, "user": "CORP\\jdoe", "invitation_waiting": True}]
    pool = make_pool({**DESKTOP, "sessions": sessions})
    host = pool.hosts["desk-01"]
    wait_for(lambda: host.msra.invitations)
    before = traces(host)
    outcome = revoke(connect(pool))
    assert outcome.revoked == ()
    assert len(outcome.warnings) == 1
    assert "is no invitation of ours and was left alone" in outcome.warnings[0]
    assert traces(host) == before
    assert answers(endpoint(host))


def test_a_left_guard_beside_the_users_own_invitation(pool: Any, connect: Make, invite: Make, wait_for: Make) -> None:
    """The user closed ours and made one by hand: the guard goes, that one stays."""
    host = pool.hosts["desk-01"]
    invite(pool)
    host.msra.close_by_user(1)
    host.msra.invitations.clear()
    pool.call(_there(lambda: host.msra.start_by_user(host.session(1))))
    wait_for(lambda: host.msra.invitations)
    outcome = revoke(connect(pool))
    assert [item.was_waiting for item in outcome.revoked] == [False]
    assert "no invitation of ours" in outcome.warnings[0]
    assert answers(endpoint(host))
    assert not [trace for trace in traces(host) if trace.startswith("task")]


def test_a_left_guard_alone_is_removed(pool: Any, connect: Make, invite: Make) -> None:
    invite(pool)
    pool.hosts["desk-01"].msra.close_by_user(1)
    (revoked,) = revoke(connect(pool)).revoked
    assert (revoked.was_waiting, revoked.endpoint_closed, revoked.event_log) == (False, None, None)
    assert traces(pool.hosts["desk-01"]) == []


def test_a_connected_helper_is_named_and_cut_off(pool: Any, connect: Make, invite: Make, wait_for: Make) -> None:
    host = pool.hosts["desk-01"]
    invite(pool)
    with socket.create_connection(endpoint(host)) as helper:
        wait_for(lambda: any(row.state == 5 for row in host.network))
        (revoked,) = revoke(connect(pool)).revoked
        assert revoked.helper_address == "127.0.0.1"
        helper.settimeout(5)
        assert helper.recv(1) == b""
    assert traces(host) == []


def test_one_that_is_being_made_is_refused(pool: Any, connect: Make) -> None:
    host = pool.hosts["desk-01"]
    guard = Guard(1, FILE, f"invite-{'0' * 16}")
    xml = guard.making_xml(host.clock.now() + timedelta(minutes=2))
    host.tasks.register("\\workspot.assist\\guard-session-1", xml, force=True)
    before = traces(host)
    for check in (True, False):
        with pytest.raises(errors.InvitationPending, match="another run makes an invitation in session 1 right now"):
            revoke(connect(pool), check=check)
        assert traces(host) == before
    xml = guard.making_xml(host.clock.now() - timedelta(minutes=1))
    pool.call(_there(lambda: host.tasks.register("\\workspot.assist\\guard-session-1", xml, force=True)))
    # Its time is over and its controller gone: what is left is taken away.
    assert len(revoke(connect(pool)).revoked) <= 1
    assert traces(host) == []


def test_one_that_nobody_finished_is_ended_too(pool: Any, connect: Make, invite: Make, wait_for: Make) -> None:
    """Its controller died, and its guard has not come to it yet: only that guard's file says which process it is."""
    host = pool.hosts["desk-01"]
    invite(pool)
    (task,) = [item for item in host.tasks if item.name == "guard-session-1"]
    (process,) = host.processes.in_session(1, "msra.exe")
    name = process.command_line.split("assist-")[1][:16]
    guard = Guard(1, TemporaryFile(FILE.folder, f"assist-{name}.msrcIncident"), f"invite-{'0' * 16}")
    xml = guard.making_xml(host.clock.now() - timedelta(seconds=1))
    pool.call(_there(lambda: host.tasks.register(task.path, xml, force=True)))
    (revoked,) = revoke(connect(pool)).revoked
    assert revoked.was_waiting
    assert traces(host) == []


def test_the_guard_of_a_later_invitation_stays(
    pool: Any, connect: Make, invite: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two take the same one back; before the slower one has finished, somebody makes the next."""
    host = pool.hosts["desk-01"]
    invite(pool)
    real = revoke_module.delete_file

    def slow(shell: Any, file: TemporaryFile) -> bool:
        monkeypatch.setattr(revoke_module, "delete_file", real)
        revoke(connect(pool))
        invite(pool)
        return bool(real(shell, file))

    monkeypatch.setattr(revoke_module, "delete_file", slow)
    revoke(connect(pool))
    assert "task \\workspot.assist\\guard-session-1" in traces(host)
    assert answers(endpoint(host))


def test_one_that_can_not_be_ended_does_not_keep_the_others(
    make_pool: Make, connect: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [{"id": number, "user": "CORP\\jdoe", "session_name": f"RDP-Tcp#{number}"} for number in (1, 2)]
    pool = make_pool({"name": "rds-01", "os": "server-2022", "sessions": sessions})
    host = pool.hosts["rds-01"]
    now = host.clock.now()
    for number, at in ((1, now + timedelta(minutes=2)), (2, now - timedelta(minutes=1))):
        xml = Guard(number, FILE, f"invite-{'0' * 16}").making_xml(at)
        host.tasks.register(f"\\workspot.assist\\guard-session-{number}", xml, force=True)
    with pytest.raises(errors.InvitationPending, match=r"right now\. Would be taken back all the same: session 2\."):
        revoke(connect(pool, "rds-01"), check=True)
    assert len(traces(host)) == 2
    with pytest.raises(errors.InvitationPending, match=r"session 1 right now\. Taken back all the same: session 2\."):
        revoke(connect(pool, "rds-01"))
    assert traces(host) == ["task \\workspot.assist\\guard-session-1"]


def test_check_mode_changes_nothing(pool: Any, connect: Make, invite: Make) -> None:
    host = pool.hosts["desk-01"]
    invite(pool)
    before, writes = traces(host), list(host.state()["writes"])
    (revoked,) = revoke(connect(pool), check=True).revoked
    assert revoked.was_waiting
    assert traces(host) == before
    assert host.state()["writes"] == writes
    assert answers(endpoint(host))


def test_nothing_to_take_back(pool: Any, connect: Make) -> None:
    outcome = revoke(connect(pool))
    assert outcome.as_data() == {"changed": False, "revoked": [], "warnings": []}
    with pytest.raises(errors.UserNotFound, match="no session 9"):
        revoke(connect(pool), session_id=9)
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_an_endpoint_that_still_answers_is_told(pool: Any, connect: Make, invite: Make) -> None:
    invite(pool)
    (revoked,) = revoke(connect(pool), connect=lambda address, port, seconds: None).revoked
    assert revoked.endpoint_closed is False


def test_one_that_can_not_be_ended_is_an_error(
    pool: Any, connect: Make, invite: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = pool.hosts["desk-01"]
    invite(pool)
    seconds = iter(range(10_000))
    monkeypatch.setattr(host, "end_process", lambda pid, code=1: False)
    timing = Timing(monotonic=lambda: float(next(seconds)), sleep=lambda pause: None)
    with pytest.raises(errors.InvitationNotEnded, match="can not be ended"):
        revoke(connect(pool), timing=timing)
    assert "task \\workspot.assist\\guard-session-1" in traces(host)


async def _there(work: Callable[[], Any]) -> Any:
    """Something that has to happen in the pool's own loop."""
    return work()


class Killed(BaseException):
    """The controller's process is gone."""


def _killed_after(client: WsmanClient, number: int) -> None:
    """Have a client's process end at its n-th message: neither it nor any tidying up gets further."""
    inner, left = client._send, [number]

    def send(message: bytes, *, timeout: float) -> bytes:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return inner(message, timeout=timeout)

    client._send = send


def test_a_controller_killed_at_any_message_leaves_it_to_the_guard(pool: Any, connect: Make, invite: Make) -> None:
    """Until the guard itself is gone, it ends the rest when the invitation's time is over."""
    host = pool.hosts["desk-01"]
    for number in range(2, 60):
        invite(pool)
        client = connect(pool)
        _killed_after(client, number)
        try:
            revoke(client)
        except Killed:
            host.clock.advance(61 * 60 + 5)
            assert traces(host) == [], f"killed at message {number}"
        else:
            break
    assert 10 < number < 40
    assert traces(host) == []


@pytest.mark.parametrize("fault", ["drop_connection_at", "drop_reply_at"])
def test_cut_at_any_request_and_repeated(pool: Any, connect: Make, invite: Make, fault: str) -> None:
    host = pool.hosts["desk-01"]
    for number in range(1, 60):
        invite(pool)
        requests = host.counters["requests"]
        host.faults.set(fault, number)
        try:
            revoke(connect(pool))
        except errors.AssistError:
            host.faults.set(fault, 0)
            revoke(connect(pool))
        cut = host.counters["requests"] - requests >= number
        host.faults.set(fault, 0)
        assert traces(host) == [], f"{fault} {number}"
        if not cut:
            break
    assert 10 < number < 40
