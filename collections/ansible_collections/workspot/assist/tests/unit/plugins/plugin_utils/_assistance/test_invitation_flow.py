# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole flow against a scripted host: the good way, every way to fail, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import (
    check_invitation,
    create_invitation,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.secret import Secret

PASSWORD = "kadum4-rebis7-gotan3"
SID = "S-1-5-21-1-2-3-1104"
OTHER_SID = "S-1-5-21-1-2-3-1105"
Make = Callable[..., Any]


def run(fake: Any, request: Any, **options: Any) -> Any:
    return create_invitation(fake, request, timing=fake.clock.timing, **options)


def session(fake: Any, number: int, user: str, sid: str, name: str = "rdp-tcp#9", domain: str = "CORP") -> None:
    fake.sessions.append(type(fake.sessions[0])(number, user, sid, name, domain))
    fake.processes.append(type(fake.processes[0])(1000 + number, "explorer.exe", number, sid))


def test_an_invitation_is_made_proven_and_guarded(fake: Any, make_request: Make) -> None:
    result = run(fake, make_request())
    assert result.session.account == "CORP\\jdoe"
    assert result.session.client_name == "LAPTOP-7"
    assert result.expires - result.created == timedelta(hours=1)
    assert result.expires_decided_by == "task"
    assert [item.port for item in result.endpoints] == [49501, 49502]
    assert not fake.files
    assert list(fake.tasks) == ["guard-session-2"]
    guard = fake.tasks["guard-session-2"].text("Arguments")
    assert f"pid eq {result.process_id}" in guard
    assert "netstat.exe" in guard
    assert fake.tasks["guard-session-2"].text("StartBoundary") == result.as_data()["expires"]
    assert fake.opened == fake.closed == 1


def test_it_stays_in_its_budget(fake: Any, make_request: Make) -> None:
    result = run(fake, make_request())
    # Thirty HTTP exchanges, up to four of them for an NTLM login.
    assert result.exchanges == fake.exchanges
    assert fake.exchanges <= 26


def test_a_session_host_with_many_users_costs_no_more(fake: Any, make_request: Make) -> None:
    for number in range(3, 23):
        session(fake, number, f"user{number}", f"S-1-5-21-1-2-3-{2000 + number}")
    run(fake, make_request())
    assert fake.exchanges <= 26


def test_the_password_is_only_in_the_first_task_and_nowhere_else(fake: Any, make_request: Make) -> None:
    request = make_request()
    result = run(fake, request)
    assert not any(PASSWORD in line for line in fake.log)
    assert not any(PASSWORD in task.xml for task in fake.tasks.values())
    for shown in (repr(request), repr(result), str(result.as_data())):
        assert PASSWORD not in shown


def test_a_shorter_policy_decides_the_end(fake: Any, make_request: Make) -> None:
    fake.policy = {"fAllowToGetHelp": 1, "fAllowFullControl": 0, "MaxTicketExpiry": 30, "MaxTicketExpiryUnits": 0}
    fake.lifetime_minutes = 30
    result = run(fake, make_request())
    assert result.expires_decided_by == "policy"
    assert result.expires - result.created == timedelta(minutes=30)
    assert not result.full_control
    assert any("30 minutes" in warning for warning in result.warnings)


def test_all_times_are_the_hosts_own(fake: Any, make_request: Make) -> None:
    fake.ahead = timedelta(hours=3)
    result = run(fake, make_request())
    assert result.created == fake.now
    assert result.clock_difference_seconds == pytest.approx(10800)
    assert any("clock differs" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("switches", "error", "words"),
    [
        ({"policy": {"fAllowToGetHelp": 0}}, errors.AssistanceForbidden, "Group Policy"),
        ({"setting": {"fAllowToGetHelp": 0}}, errors.AssistanceForbidden, "system settings"),
        ({"programs": {"quser", "tar"}}, errors.ProgramMissing, "msra.exe"),
        ({"programs": {"quser", "msra"}}, errors.ProgramMissing, "tar.exe"),
        ({"programs": {"msra", "tar"}}, errors.ProgramMissing, "quser.exe"),
        ({"sessions": []}, errors.UserNotFound, "no session"),
        ({"folder_there": False}, errors.InvitationNotCreated, "temporary folder"),
        ({"taken": True}, errors.InvitationNotCreated, "already"),
        ({"profiles": {}}, errors.InvitationNotCreated, "profile"),
        ({"profiles": {SID: r'C:\Users\a%b"c'}}, errors.Unquotable, "profile folder"),
        ({"profiles": {SID: r"C:\Users\..\Windows"}}, errors.Unquotable, "profile folder"),
        ({"profiles": {SID: r"\\server\share\jdoe"}}, errors.Unquotable, "profile folder"),
    ],
)
@pytest.mark.parametrize("checking", [False, True])
def test_a_failed_check_starts_nothing(
    fake: Any, make_request: Make, switches: dict[str, Any], error: type[Exception], words: str, checking: bool
) -> None:
    for name, value in switches.items():
        setattr(fake, name, value)
    with pytest.raises(error, match=words.replace(".", r"\.")):
        (check_invitation if checking else create_invitation)(fake, make_request(), timing=fake.clock.timing)
    assert not fake.own_traces
    assert not any("RegisterByXml" in line for line in fake.log)


def test_a_check_run_checks_and_starts_nothing(fake: Any, make_request: Make) -> None:
    checked = check_invitation(fake, make_request(), timing=fake.clock.timing)
    assert checked.session.session_id == 2
    assert checked.as_data()["assistance"]["lifetime_minutes"] == 360
    assert not fake.own_traces


def test_a_running_msra_in_the_session_is_refused(fake: Any, make_request: Make) -> None:
    fake.processes.append(type(fake.processes[0])(77, "msra.exe", 2, SID))
    with pytest.raises(errors.InvitationPending, match="process 77"):
        run(fake, make_request())
    assert [item.pid for item in fake.processes if item.name == "msra.exe"] == [77]


def test_another_sessions_msra_is_left_alone(fake: Any, make_request: Make) -> None:
    session(fake, 5, "mmuster", OTHER_SID)
    fake.processes.append(type(fake.processes[0])(77, "msra.exe", 5, OTHER_SID))
    result = run(fake, make_request())
    assert result.process_id != 77


def test_a_disconnected_session_is_named(fake: Any, make_request: Make) -> None:
    fake.sessions[0].session_name = ""
    with pytest.raises(errors.SessionInactive, match="disconnected"):
        run(fake, make_request())


def test_two_sessions_want_a_choice(fake: Any, make_request: Make) -> None:
    session(fake, 4, "jdoe", SID)
    with pytest.raises(errors.UserAmbiguous, match=r"session_id=2 .*session_id=4"):
        run(fake, make_request())
    assert run(fake, make_request(session_id=2)).session.session_id == 2


def test_one_name_in_two_domains_is_two_people(fake: Any, make_request: Make) -> None:
    session(fake, 4, "jdoe", OTHER_SID, domain="OTHER")
    with pytest.raises(errors.UserAmbiguous):
        run(fake, make_request())
    assert run(fake, make_request("CORP\\jdoe")).session.sid == SID
    fake.processes = [item for item in fake.processes if item.name != "msra.exe"]
    fake.tasks.clear()
    fake.msra_session = 4
    assert run(fake, make_request("jdoe@other")).session.sid == OTHER_SID


def test_a_stale_entry_does_not_make_somebody_else_the_owner(fake: Any, make_request: Make) -> None:
    for process in fake.processes:
        process.sid = OTHER_SID
    with pytest.raises(errors.SessionMismatch):
        run(fake, make_request(sid=SID))
    assert not fake.own_traces


def test_a_session_without_any_entry_is_proven_by_its_processes(fake: Any, make_request: Make) -> None:
    fake.session_data = False
    assert run(fake, make_request()).session.sid == SID


@pytest.mark.parametrize("hides", [False, True])
def test_windows_may_choose_another_session_of_the_user(fake: Any, make_request: Make, hides: bool) -> None:
    session(fake, 4, "jdoe", SID)
    fake.msra_session, fake.hides_command_lines = 4, hides
    with pytest.raises(errors.SessionMismatch, match="in session 4, not in session 2"):
        run(fake, make_request(session_id=2))
    assert not fake.own_traces


@pytest.mark.parametrize("switch", ["hides_command_lines", "appends_extension"])
def test_both_behaviours_of_windows_work(fake: Any, make_request: Make, switch: str) -> None:
    setattr(fake, switch, True)
    run(fake, make_request())
    assert list(fake.tasks) == ["guard-session-2"]
    assert not fake.files


def test_a_host_that_ends_msra_with_its_task_keeps_the_task_without_password(fake: Any, make_request: Make) -> None:
    fake.task_delete_ends = True
    told: list[str] = []
    result = run(fake, make_request(), progress=told.append)
    assert sorted(fake.tasks)[0] == "guard-session-2"
    assert len(fake.tasks) == 2
    assert not any(PASSWORD in task.xml for task in fake.tasks.values())
    assert any("twice" in warning for warning in result.warnings)
    assert any("once more" in line for line in told)
    kept = next(name for name in fake.tasks if name.startswith("invite"))
    assert kept in fake.tasks["guard-session-2"].text("Arguments")


def test_a_host_that_ends_msra_at_any_change_of_its_task_can_not_do_it(fake: Any, make_request: Make) -> None:
    fake.task_delete_ends = fake.task_change_ends = True
    with pytest.raises(errors.InvitationNotCreated, match="changed or deleted"):
        run(fake, make_request())
    assert not fake.own_traces


@pytest.mark.parametrize(
    ("switches", "error", "words"),
    [
        ({"msra_starts": False}, errors.InvitationNotCreated, "did not start.*Windows did not run the task"),
        ({"msra_ends_at_once": True, "last_result": 1}, errors.InvitationNotCreated, "0x00000001"),
        ({"msra_never_writes": True}, errors.InvitationNotCreated, "wrote no invitation in time"),
        ({"msra_half_until": 1e9}, errors.InvitationNotCreated, "incomplete invitation in time"),
        ({"msra_user": "mallory"}, errors.InvitationNotProven, "another user"),
        ({"msra_password": "somethingelse"}, errors.InvitationNotProven, "does not open"),
        ({"msra_start_offset": timedelta(hours=-7)}, errors.InvitationNotProven, "not made just now"),
        ({"msra_listens": False}, errors.InvitationNotProven, "port 49501"),
    ],
)
def test_a_failure_after_the_start_leaves_nothing(
    fake: Any, make_request: Make, switches: dict[str, Any], error: type[Exception], words: str
) -> None:
    for name, value in switches.items():
        setattr(fake, name, value)
    with pytest.raises(error, match=words) as caught:
        run(fake, make_request())
    assert not fake.own_traces
    assert PASSWORD not in str(caught.value)


def test_the_hosts_event_log_explains_a_failure(fake: Any, make_request: Make) -> None:
    fake.msra_never_writes = True
    event = "<Event xmlns='x'><System><EventID>{}</EventID><TimeCreated SystemTime='{}'/></System></Event>"
    fake.events = event.format(28, "2026-03-02T09:00:01.1234567Z") + event.format(26, "2026-03-01T09:00:01.1234567Z")
    with pytest.raises(errors.InvitationNotCreated, match="Firewall blocks") as caught:
        run(fake, make_request())
    assert "does not allow" not in str(caught.value)


@pytest.mark.parametrize("switch", ["msra_writes_after", "msra_half_until"])
def test_it_waits_for_a_complete_file(fake: Any, make_request: Make, switch: str) -> None:
    setattr(fake, switch, 4.0)
    run(fake, make_request())
    assert fake.clock.elapsed >= 4.0


def test_waiting_ends_at_the_deadline(fake: Any, make_request: Make) -> None:
    fake.msra_never_writes = True
    with pytest.raises(errors.InvitationNotCreated):
        run(fake, make_request(timeout=20.0))
    assert 20.0 <= fake.clock.elapsed <= 25.0


def test_an_undeletable_file_is_told(fake: Any, make_request: Make) -> None:
    fake.undeletable = True
    result = run(fake, make_request())
    assert any("could not be removed" in warning for warning in result.warnings)


def test_reachability_is_checked_on_request_only(fake: Any, make_request: Make) -> None:
    tried: list[tuple[str, int]] = []

    def connect(address: str, port: int, _seconds: float) -> None:
        tried.append((address, port))

    run(fake, make_request(), connect=connect)
    assert not tried
    fake.processes = [item for item in fake.processes if item.name != "msra.exe"]
    result = run(fake, make_request(check_reachable=True), connect=connect)
    # The link-local address means something on the host alone.
    assert tried == [("10.0.0.7", 49501)]
    assert [item.reachable for item in result.endpoints] == [True, None]


def test_an_unreachable_invitation_is_taken_back(fake: Any, make_request: Make) -> None:
    def connect(_address: str, _port: int, _seconds: float) -> None:
        raise ConnectionRefusedError

    with pytest.raises(errors.InvitationNotProven, match="no endpoint"):
        run(fake, make_request(check_reachable=True), connect=connect)
    assert not fake.own_traces


def test_an_invitation_that_can_not_be_kept_is_taken_back(fake: Any, make_request: Make) -> None:
    def deliver(_result: Any) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(fake, make_request(), deliver=deliver)
    assert not fake.own_traces


def test_an_interrupt_cleans_up_too(fake: Any, make_request: Make) -> None:
    def progress(text: str) -> None:
        if text.startswith("waiting"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(fake, make_request(), progress=progress)
    assert not fake.own_traces


def test_an_unusable_password_sends_nothing(fake: Any, make_request: Make) -> None:
    with pytest.raises(errors.PasswordUnusable):
        run(fake, make_request(password=Secret("a b")))
    assert fake.exchanges == 0


def guard_of_another_run(fake: Any, stage: str, minutes: int) -> None:
    from ansible_collections.workspot.assist.plugins.plugin_utils._formats.invitation import iso_utc

    until = iso_utc(fake.now + timedelta(minutes=minutes))
    words = f"workspot.assist {stage} 0123456789abcdef until {until}"
    fake.tasks["guard-session-2"] = SimpleNamespace(xml=f"<Description>{words}</Description>")


def test_a_second_controller_is_kept_out(fake: Any, make_request: Make) -> None:
    guard_of_another_run(fake, "making", 2)
    with pytest.raises(errors.InvitationPending, match="another run makes one"):
        run(fake, make_request())
    with pytest.raises(errors.InvitationPending):
        check_invitation(fake, make_request(), timing=fake.clock.timing)
    assert list(fake.tasks) == ["guard-session-2"]


@pytest.mark.parametrize(("stage", "minutes"), [("making", -1), ("waiting", 30)])
def test_what_another_run_left_is_replaced(fake: Any, make_request: Make, stage: str, minutes: int) -> None:
    guard_of_another_run(fake, stage, minutes)
    result = run(fake, make_request())
    assert f"pid eq {result.process_id}" in fake.tasks["guard-session-2"].text("Arguments")


@pytest.mark.parametrize("number", range(1, 40))
@pytest.mark.parametrize("switch", ["lose_request", "lose_reply"])
def test_a_connection_cut_anywhere_leaves_nothing_unguarded(
    fake: Any, make_request: Make, switch: str, number: int
) -> None:
    setattr(fake, switch, number)
    error = failure(fake, make_request())
    if error is None:
        # Only the shell's own end may be lost without harm.
        assert number >= fake.exchanges
        return
    assert isinstance(error, errors.Unreachable)
    left = fake.own_traces
    assert not left or "guard-session-2" in left
    assert not any(name.startswith("invite") for name in fake.tasks)
    assert not left or "may be left" in str(error)


@pytest.mark.parametrize("number", range(1, 26))
def test_a_host_that_vanishes_has_a_guard_that_ends_everything(fake: Any, make_request: Make, number: int) -> None:
    fake.lose_all_from = number
    error = failure(fake, make_request())
    if error is None or not fake.own_traces:
        return
    assert "guard-session-2" in fake.tasks
    assert "a task on it removes that" in str(error)
    # The task with the password has an end of its own.
    assert all("DeleteExpiredTaskAfter" in task.xml for task in fake.tasks.values())


def failure(fake: Any, request: Any) -> errors.AssistError | None:
    try:
        run(fake, request)
    except errors.AssistError as error:
        return error
    return None
