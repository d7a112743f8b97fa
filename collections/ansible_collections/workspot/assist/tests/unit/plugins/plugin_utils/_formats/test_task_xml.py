# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError, InvalidOption, Unquotable
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.task_xml import (
    ADMINISTRATORS_ONLY,
    NAMESPACE,
    ExecAction,
    MultipleInstances,
    Principal,
    RegistrationTrigger,
    Repetition,
    TaskDefinition,
    TaskSettings,
    TimeTrigger,
    boundary_text,
    duration_text,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.second_opinion import (
    HOSTILE,
    split_arguments,
)
from hypothesis import given, settings, strategies

FAST = settings(deadline=None, max_examples=300)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SID = "S-1-5-21-1004336348-1177238915-682003330-1103"
PATH = "\\Workspot Assist\\invitation-1"

# Children in the order of MS-TSCH 2.5 (the order of each complex type there).
ORDER = {
    "Task": ["RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"],
    "RegistrationInfo": ["URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description"],
    "TimeTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay"],
    "RegistrationTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "Delay"],
    "Repetition": ["Interval", "Duration", "StopAtDurationEnd"],
    "Settings": [
        "AllowStartOnDemand",
        "RestartOnFailure",
        "MultipleInstancesPolicy",
        "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate",
        "StartWhenAvailable",
        "NetworkProfileName",
        "RunOnlyIfNetworkAvailable",
        "WakeToRun",
        "Enabled",
        "Hidden",
        "DeleteExpiredTaskAfter",
        "IdleSettings",
        "NetworkSettings",
        "ExecutionTimeLimit",
        "Priority",
    ],
    "Principal": ["UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}


def task(**changes: object) -> TaskDefinition:
    parts: dict[str, object] = {
        "path": PATH,
        "principal": Principal.user(SID),
        "actions": (ExecAction.of("%SystemRoot%\\System32\\msra.exe", "/saveasfile", "C:\\a b\\c", "pa55-word"),),
        "triggers": (TimeTrigger(NOW - timedelta(days=1), NOW + timedelta(minutes=5)),),
        "settings": TaskSettings(delete_expired_after=timedelta()),
        "description": "Makes one invitation.",
        "author": "workspot.assist",
    }
    return TaskDefinition(**(parts | changes))  # type: ignore[arg-type]


def parsed(definition: TaskDefinition) -> ElementTree.Element:
    text = definition.to_xml()
    assert text.startswith("<Task ")  # no declaration
    root = ElementTree.fromstring(text)
    for element in root.iter():
        assert element.tag.startswith(f"{{{NAMESPACE}}}")
        element.tag = element.tag.rpartition("}")[2]
        names = [child.tag.rpartition("}")[2] for child in element]
        if element.tag in ORDER:
            positions = [ORDER[element.tag].index(name) for name in names]
            assert positions == sorted(set(positions))
    return root


def test_a_whole_task() -> None:
    root = parsed(task())

    assert root.findtext("RegistrationInfo/URI") == PATH
    assert root.findtext("RegistrationInfo/SecurityDescriptor") == ADMINISTRATORS_ONLY
    assert root.findtext("Triggers/TimeTrigger/StartBoundary") == "2026-01-01T03:04:05Z"
    assert root.findtext("Triggers/TimeTrigger/EndBoundary") == "2026-01-02T03:09:05Z"
    assert root.findtext("Settings/DeleteExpiredTaskAfter") == "PT0S"
    assert root.findtext("Settings/DisallowStartIfOnBatteries") == "false"
    assert root.findtext("Settings/StopIfGoingOnBatteries") == "false"
    assert root.findtext("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert root.findtext("Settings/ExecutionTimeLimit") == "PT1H"
    assert root.findtext("Principals/Principal/UserId") == SID
    assert root.findtext("Principals/Principal/LogonType") == "InteractiveToken"
    assert root.findtext("Principals/Principal/RunLevel") == "LeastPrivilege"
    assert root.find("Actions").get("Context") == root.find("Principals/Principal").get("id")  # type: ignore[union-attr]
    assert root.findtext("Actions/Exec/Arguments") == '/saveasfile "C:\\a b\\c" pa55-word'
    assert (task().folder, task().name) == ("\\Workspot Assist\\", "invitation-1")


def test_system_repeats_until_its_end() -> None:
    repetition = Repetition(timedelta(minutes=1), timedelta(hours=1), stop_at_end=True)
    root = parsed(
        task(
            principal=Principal.system(),
            triggers=(
                RegistrationTrigger(NOW, repetition, timedelta(seconds=30)),
                TimeTrigger(NOW, NOW + timedelta(days=2), Repetition(timedelta(minutes=5))),
            ),
            settings=TaskSettings(None, timedelta(minutes=1), MultipleInstances.PARALLEL, True, False, False),
        )
    )

    assert root.findtext("Principals/Principal/UserId") == "S-1-5-18"
    assert root.find("Principals/Principal/LogonType") is None
    assert root.findtext("Principals/Principal/RunLevel") == "HighestAvailable"
    first, second = root.findall("Triggers/*")
    assert first.findtext("Repetition/Interval") == "PT1M"
    assert first.findtext("Repetition/Duration") == "PT1H"
    assert first.findtext("Repetition/StopAtDurationEnd") == "true"
    assert first.findtext("Delay") == "PT30S"
    assert second.find("Repetition/Duration") is None
    assert root.findtext("Settings/ExecutionTimeLimit") == "PT0S"


def test_the_password_is_not_shown() -> None:
    assert "pa55-word" not in repr(task())


@FAST
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_hostile_texts_arrive_unchanged_or_not_at_all(
    argument: str, command: str, folder: str, text: str, name: str
) -> None:
    try:
        definition = task(
            actions=(ExecAction.of(command, argument, working_directory=folder),),
            description=text,
            author=text,
            path=f"\\Workspot Assist\\{name}",
        )
        root = parsed(definition)
    except AssistError:
        return
    assert root.findtext("Actions/Exec/Command") == command
    assert root.findtext("Actions/Exec/WorkingDirectory") == folder
    assert split_arguments(root.findtext("Actions/Exec/Arguments") or "") == [argument]
    assert (root.findtext("RegistrationInfo/Description") or "") == text
    assert root.findtext("RegistrationInfo/URI") == definition.path
    # A backslash in the name is a folder more.
    assert definition.folder + definition.name == definition.path
    assert definition.folder.startswith("\\Workspot Assist\\")
    assert "\\" not in definition.name


@FAST
@given(HOSTILE)
def test_one_hostile_argument(argument: str) -> None:
    try:
        root = parsed(task(actions=(ExecAction.of("msra.exe", "/saveasfile", argument),)))
    except Unquotable:
        return
    assert split_arguments(root.findtext("Actions/Exec/Arguments") or "") == ["/saveasfile", argument]


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "invitation"},
        {"path": "\\invitation"},
        {"path": "\\a\\..\\b"},
        {"path": "\\a\\"},
        {"principal": Principal("jdoe")},
        {"principal": Principal("S-1-5-18</UserId>")},
        {"principal": Principal("")},
        {"security_descriptor": ""},
        {"security_descriptor": "D:(A;;FA;;;SY)</SecurityDescriptor>"},
        {"actions": (ExecAction("msra.exe", "$(Arg0)"),)},
        {"actions": (ExecAction(""),)},
        {"actions": (ExecAction("x" * 261),)},
        {"actions": (ExecAction("a\0"),)},
        {"description": "\x1b[2J"},
    ],
    ids=str,
)
def test_what_no_task_can_carry(changes: dict[str, object]) -> None:
    with pytest.raises(Unquotable):
        task(**changes).to_xml()


@pytest.mark.parametrize(
    "changes",
    [
        {"actions": ()},
        {"triggers": ()},
        {"triggers": (TimeTrigger(NOW),)},
        {"triggers": (TimeTrigger(NOW, NOW),)},
        {"triggers": (TimeTrigger(NOW, NOW + timedelta(1)), RegistrationTrigger())},
        {"triggers": (TimeTrigger(NOW.replace(tzinfo=None), NOW.replace(tzinfo=None) + timedelta(1)),)},
        {"triggers": (RegistrationTrigger(NOW, Repetition(timedelta(seconds=59))),)},
        {"triggers": (RegistrationTrigger(NOW, Repetition(timedelta(days=32))),)},
        {"triggers": (RegistrationTrigger(NOW, Repetition(timedelta(hours=1), timedelta(minutes=1))),)},
        {"settings": TaskSettings(timedelta(seconds=-1))},
    ],
    ids=str,
)
def test_what_the_task_scheduler_refuses(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidOption):
        task(**changes).to_xml()


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(seconds=90), "PT1M30S"),
        (timedelta(hours=1), "PT1H"),
        (timedelta(days=1), "P1D"),
        (timedelta(days=31, hours=2, seconds=3), "P31DT2H3S"),
    ],
)
def test_durations(duration: timedelta, text: str) -> None:
    assert duration_text(duration) == text


@FAST
@given(strategies.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_durations_lose_less_than_a_second(duration: timedelta) -> None:
    units = {"D": 86400, "H": 3600, "M": 60, "S": 1}
    text, total, number = duration_text(duration), 0, ""
    for character in text.replace("P", "").replace("T", ""):
        if character.isdigit():
            number += character
        else:
            total, number = total + int(number) * units[character], ""
    assert timedelta(0) <= duration - timedelta(seconds=total) < timedelta(seconds=1)


def test_boundaries_are_utc() -> None:
    berlin = timezone(timedelta(hours=1))

    assert boundary_text(datetime(2026, 1, 1, 0, 30, tzinfo=berlin)) == "2025-12-31T23:30:00Z"
