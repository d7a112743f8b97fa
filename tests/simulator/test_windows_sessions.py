# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: what quser, the registry, processes and CIM show of them, and what a logoff takes away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.windows_rig import Rig

SESSION_DATA = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\LogonUI\\SessionData"
PROFILE_LIST = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
ACTIVE = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
DISCONNECTED = {"id": 4, "user": "CORP\\asmith", "state": "disconnected"}


def _rig(*sessions: dict[str, Any], **more: Any) -> Rig:
    return Rig(sessions=list(sessions) or [ACTIVE], **more)


def _rows(rig: Rig, line: str = "quser") -> list[str]:
    return rig.run(line).out.splitlines()


# quser -------------------------------------------------------------------------------------------------


def test_quser_has_fixed_columns() -> None:
    """Columns of public listings: name at 1, session at 23, id right-aligned to 44, state at 46."""
    head, first, second = _rows(_rig(ACTIVE, DISCONNECTED))
    assert head == " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME"
    assert (first[1:21].strip(), first[23:39].strip(), first[40:44].strip(), first[46:52].strip()) == (
        "jdoe", "rdp-tcp#3", "1", "Active",
    )  # fmt: skip
    assert (second[1:21].strip(), second[23:39].strip(), second[40:44].strip(), second[46:52].strip()) == (
        "asmith", "", "4", "Disc",
    )  # fmt: skip


@pytest.mark.parametrize("code", [0, 1])
def test_quser_ends_with_one_of_two_codes(code: int) -> None:
    assert _rig(quirks={"quser_exit_code": code}).run("quser").code == code


def test_quser_without_sessions_says_so() -> None:
    done = Rig().run("quser")
    assert (done.code, done.out, done.err) == (1, "", "No User exists for *\r\n")


@pytest.mark.parametrize("wanted", ["jdoe", "JDOE", "rdp-tcp#3", "1"])
def test_quser_finds_by_user_session_and_number(wanted: str) -> None:
    assert [row.split()[0] for row in _rows(_rig(ACTIVE, DISCONNECTED), f"quser {wanted}")[1:]] == ["jdoe"]
    assert _rows(_rig(ACTIVE, DISCONNECTED), f"query user {wanted}")[1:] != []


def test_quser_speaks_german() -> None:
    rig = _rig(ACTIVE, DISCONNECTED, language="de-DE")
    assert "BENUTZERNAME" in _rows(rig)[0]
    assert "Aktiv" in _rows(rig)[1]
    assert "Getr." in _rows(rig)[2]
    assert "USERNAME" in _rows(_rig(language="de-DE", quirks={"quser_language": "en-US"}))[0]


def test_names_of_twenty_characters_and_more_are_cut() -> None:
    (_, row) = _rows(_rig({**ACTIVE, "user": "CORP\\abcdefghijklmnopqrstuvwxyz"}))
    assert row[1:21] == "abcdefghijklmnopqrst"


# Traces ------------------------------------------------------------------------------------------------


def test_the_registry_names_each_session() -> None:
    rig = _rig(ACTIVE, DISCONNECTED)
    assert rig.value("LoggedOnUserSID", f"{SESSION_DATA}\\1") == rig.user.sid
    assert rig.value("LoggedOnUser", f"{SESSION_DATA}\\4") == "CORP\\asmith"
    assert rig.value("CLIENTNAME", f"HKU\\{rig.user.sid}\\Volatile Environment\\1") == "LAPTOP-7"
    assert rig.value("ProfileImagePath", f"{PROFILE_LIST}\\{rig.user.sid}") == "C:\\Users\\jdoe"


@pytest.mark.parametrize(
    ("quirk", "key"),
    [
        ("session_data_missing", f"{SESSION_DATA}\\1"),
        ("hku_volatile_missing", "HKU\\{sid}\\Volatile Environment"),
    ],
)
def test_traces_may_be_missing(quirk: str, key: str) -> None:
    rig = _rig(quirks={quirk: True})
    assert rig.host.registry.find(key.format(sid=rig.user.sid)) is None


def test_the_profile_and_its_temporary_folder_are_there() -> None:
    rig = _rig()
    assert rig.run("if exist C:\\Users\\jdoe\\AppData\\Local\\Temp\\ echo there").out == "there\r\n"
    rows = rig.query("root/cimv2", "SELECT * FROM Win32_UserProfile WHERE Loaded = TRUE AND Special = FALSE")
    assert [(row.values["SID"], row.values["LocalPath"]) for row in rows] == [(rig.user.sid, "C:\\Users\\jdoe")]


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [("desktop", "explorer.exe", "rdpinit.exe"), ("published_app", "rdpinit.exe", "explorer.exe")],
)
def test_a_published_app_has_other_programs(kind: str, there: str, absent: str) -> None:
    rig = _rig({**ACTIVE, "kind": kind})
    rows = rig.query("root/cimv2", "SELECT Name FROM Win32_Process WHERE SessionId = 1")
    names = {row.values["Name"] for row in rows}
    assert there in names
    assert absent not in names


# What happens to a session --------------------------------------------------------------------------------


def test_a_logoff_takes_processes_registry_and_session() -> None:
    rig = _rig(ACTIVE, DISCONNECTED)
    rig.host.log_off(1)
    assert [session["id"] for session in rig.host.state()["sessions"]] == [4]
    assert rig.host.processes.in_session(1) == []
    assert rig.host.registry.find(f"HKU\\{rig.user.sid}") is None
    assert rig.host.registry.find(f"{SESSION_DATA}\\1") is None
    assert rig.host.registry.find(f"{PROFILE_LIST}\\{rig.user.sid}") is not None


def test_a_second_session_keeps_the_hive() -> None:
    rig = _rig(ACTIVE, {**ACTIVE, "id": 2})
    rig.host.log_off(1)
    assert rig.host.registry.find(f"HKU\\{rig.user.sid}\\Volatile Environment\\1") is None
    assert rig.host.registry.find(f"HKU\\{rig.user.sid}\\Volatile Environment\\2") is not None


def test_session_data_may_be_stale() -> None:
    rig = _rig(ACTIVE, quirks={"session_data_stale": True})
    rig.host.log_off(1)
    assert rig.value("LoggedOnUserSID", f"{SESSION_DATA}\\1") == rig.user.sid


def test_a_disconnected_session_goes_on_without_a_client() -> None:
    rig = _rig()
    before = {process.pid for process in rig.host.processes.in_session(1)}
    rig.host.disconnect(1)
    assert before < {process.pid for process in rig.host.processes.in_session(1)}
    assert _rows(rig)[1][46:52].strip() == "Disc"
    assert rig.host.processes.in_session(1, "LogonUI.exe") != []


def test_a_locked_session_stays_active() -> None:
    rig = _rig()
    rig.host.lock(1)
    rig.host.lock(1)
    assert len(rig.host.processes.in_session(1, "LogonUI.exe")) == 1
    assert _rows(rig)[1][46:52].strip() == "Active"


def test_no_two_accounts_share_a_sid() -> None:
    sessions = [{"id": number, "user": f"CORP\\user{number}"} for number in range(1, 30)]
    rig = _rig(*sessions, {"id": 40, "user": "OTHER\\user1"}, {"id": 41, "user": "DESK-01\\user1"})
    sids = [session["sid"] for session in rig.host.state()["sessions"]]
    assert len(set(sids)) == 31


def test_processes_show_their_owner_but_protected_ones_no_command() -> None:
    rig = _rig()
    provider = rig.host.providers["root/cimv2", "win32_process"]
    (explorer,) = rig.host.processes.in_session(1, "explorer.exe")
    (csrss,) = rig.host.processes.in_session(1, "csrss.exe")
    owner = rig.live(provider.invoke("GetOwnerSid", {"Handle": str(explorer.pid)}, {}, rig.admin))
    assert owner == {"ReturnValue": 0, "Sid": rig.user.sid}
    assert provider.get({"Handle": str(csrss.pid)}, rig.admin).values["CommandLine"] is None
