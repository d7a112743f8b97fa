# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs of Windows write, read without a host: batches, registry sources, events, profiles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import MalformedReply
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.event_log import reasons_in
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.facts_batch import Batch
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.files import TemporaryFile
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.policy import assistance_values
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.profiles import (
    profile_paths,
    temporary_folder,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.session_sources import (
    environment_query,
    loaded_user_sids,
    session_data_logons,
    user_environment,
)

SID = "S-1-5-21-1-2-3-1104"
LOGONS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\LogonUI\SessionData"


def test_a_batch_is_one_line_and_comes_apart_again() -> None:
    batch = Batch(mark="MARK")
    batch.add("a", "first")
    batch.add("b", "if exist x echo y")
    ((names, line),) = batch.lines()
    assert names == ["a", "b"]
    assert line == "echo MARK:a& (first)& echo MARK:b& (if exist x echo y)& echo MARK:end"
    text = "MARK:a\r\none\r\ntwo\r\nMARK:b\r\nwithout newlineMARK:end\r\n"
    assert batch.split(text, names) == {"a": "one\ntwo", "b": "without newline"}


@pytest.mark.parametrize("text", ["", "MARK:a\r\none", "MARK:a\r\nMARK:b\r\n", "echo off\r\nMARK:b\r\nMARK:end"])
def test_an_incomplete_batch_is_refused(text: str) -> None:
    with pytest.raises(MalformedReply, match="lacks"):
        Batch(mark="MARK").split(text, ["a", "b"])


def test_a_long_batch_becomes_several_lines() -> None:
    batch = Batch()
    for number in range(120):
        batch.add(f"n{number}", f'reg query "HKU\\{SID}-{number}\\Volatile Environment" /s 2>nul')
    lines = batch.lines()
    assert len(lines) > 1
    assert all(len(line) < 8191 for _names, line in lines)
    assert sum(len(names) for names, _line in lines) == 120


def test_session_data_tells_who_logged_on() -> None:
    output = (
        f"\r\n{LOGONS}\\2\r\n    LoggedOnUser    REG_SZ    jane.doe@corp.example\r\n"
        f"    LoggedOnSAMUser    REG_SZ    CORP\\jdoe\r\n    LoggedOnUserSID    REG_SZ    {SID}\r\n\r\n"
        f"{LOGONS}\\1\r\n    LoggedOnUserSID    REG_SZ    S-1-5-18\r\n"
    )
    logons = session_data_logons(output)
    assert list(logons) == [2]
    assert (logons[2].domain, logons[2].user, logons[2].sid) == ("CORP", "jdoe", SID)
    assert logons[2].principal_name == "jane.doe@corp.example"


def test_an_environment_can_not_speak_for_another_user() -> None:
    forged = (
        f"HKEY_USERS\\{SID}\\Volatile Environment\r\n    USERNAME    REG_SZ    jdoe\r\n"
        f"HKEY_USERS\\S-1-5-21-9-9-9-500\\Volatile Environment\\7\r\n    CLIENTNAME    REG_SZ    X\r\n\r\n"
        f"HKEY_USERS\\{SID}\\Volatile Environment\\3\r\n    CLIENTNAME    REG_SZ    LAPTOP-7\r\n"
    )
    environment = user_environment(forged, SID)
    assert environment.user == "jdoe"
    assert dict(environment.sessions) == {3: "LAPTOP-7"}


@pytest.mark.parametrize("sid", ["S-1-5-18", 'S-1-5-21-1-2-3-4" & del *', "", "S-1-5-21-1-2-3-4\n"])
def test_only_a_users_sid_becomes_part_of_a_command(sid: str) -> None:
    with pytest.raises(ValueError, match="SID"):
        environment_query(sid)


def test_loaded_hives_of_people_are_found() -> None:
    output = f"\r\nHKEY_USERS\\.DEFAULT\r\nHKEY_USERS\\S-1-5-18\r\nHKEY_USERS\\{SID}\r\nHKEY_USERS\\{SID}_Classes\r\n"
    assert loaded_user_sids(output) == [SID]
    assert loaded_user_sids("HKEY_USERS\\S-1-12-1-1-2-3-4\r\n") == ["S-1-12-1-1-2-3-4"]


def test_profiles_and_their_variables() -> None:
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
    output = (
        f"{key}\r\n    Default    REG_EXPAND_SZ    %SystemDrive%\\Users\\Default\r\n\r\n"
        f"{key}\\S-1-5-18\r\n    ProfileImagePath    REG_EXPAND_SZ    %systemroot%\\system32\\config\r\n\r\n"
        f"{key}\\{SID}\r\n    ProfileImagePath    REG_EXPAND_SZ    %SystemDrive%\\Users\\jdoe\r\n"
    )
    assert profile_paths(output, system_root=r"D:\Windows") == {SID: r"D:\Users\jdoe"}
    assert temporary_folder("C:\\Users\\jdoe\\") == r"C:\Users\jdoe\AppData\Local\Temp"


def test_only_the_two_keys_count_for_policy() -> None:
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
    output = f"{key}\r\n    fAllowToGetHelp    REG_DWORD    0x1\r\n    X    REG_SZ    1\r\n\r\n{key}\\RAUnsolicit\r\n"
    assert assistance_values(output, "").policy == {"fallowtogethelp": 1}
    assert assistance_values("", output).system == {}


def test_events_since_the_start_are_reasons_once() -> None:
    event = (
        "<Event xmlns='x'><System><EventID Qualifiers='0'>{}</EventID><TimeCreated SystemTime='{}'/></System></Event>"
    )
    text = "".join(
        event.format(number, moment)
        for number, moment in [
            (26, "2026-03-02T09:00:05.1234567Z"),
            (26, "2026-03-02T09:00:04Z"),
            (28, "2026-03-02T08:59:59.999999999Z"),
            (13, "2026-03-02T09:00:05Z"),
            (29, "nonsense"),
        ]
    )
    reasons = reasons_in(text, since=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert len(reasons) == 1
    assert "event 26" in reasons[0]


def test_file_commands_never_take_the_name_for_a_folder() -> None:
    file = TemporaryFile(r"C:\Users\O'Brien & Co\AppData\Local\Temp", "assist-1.msrcIncident")
    pattern = '"C:\\Users\\O\'Brien & Co\\AppData\\Local\\Temp\\assist-1.msrcIncident*"'
    assert file.delete_command() == f"del /f /q {pattern}"
    assert pattern in file.check_command()
    assert file.fetch_command().startswith("if exist ")
