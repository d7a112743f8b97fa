# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Task Scheduler: what it refuses, when it starts what, as whom, and when a task is gone (MS-TSCH)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest

from simulator.seam import CimError
from simulator.windows.task_scheduler import NEVER_RUN, NOT_STARTED, TERMINATED
from tests.simulator.windows_rig import Rig

NAMESPACE = "root/microsoft/windows/taskscheduler"
SYSTEM = "S-1-5-18"
MARK = "C:\\Windows\\Temp\\mark"
USER = {"id": 1, "user": "CORP\\jdoe", "session_name": "RDP-Tcp#3"}


def _xml(
    *,
    user: str = SYSTEM,
    logon: str = "ServiceAccount",
    triggers: str = "",
    settings: str = "",
    command: str = "C:\\Windows\\System32\\cmd.exe",
    arguments: str = f"/c echo x>>{MARK}",
    extra: str = "",
) -> str:
    kind = f"<LogonType>{logon}</LogonType>" if logon else ""
    return (
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">'
        f"<Triggers>{triggers}</Triggers><Principals><Principal><UserId>{user}</UserId>{kind}</Principal></Principals>"
        "<Settings><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
        f"<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>{settings}</Settings>"
        f"<Actions><Exec><Command>{command}</Command><Arguments>{escape(arguments)}</Arguments></Exec></Actions>"
        f"{extra}</Task>"
    )


def _at(rig: Rig, seconds: float) -> str:
    return (rig.host.clock.now() + timedelta(seconds=seconds)).isoformat()


def _time(rig: Rig, start: float, *, end: float | None = None, repeat: str = "") -> str:
    ends = f"<EndBoundary>{_at(rig, end)}</EndBoundary>" if end is not None else ""
    repeats = f"<Repetition>{repeat}</Repetition>" if repeat else ""
    return f"<TimeTrigger><StartBoundary>{_at(rig, start)}</StartBoundary>{ends}{repeats}</TimeTrigger>"


def _marks(rig: Rig) -> int:
    return len((rig.content(MARK) or b"").splitlines())


async def _call(rig: Rig, method: str, **arguments: Any) -> Any:
    provider = rig.host.providers[NAMESPACE, "ps_scheduledtask"]
    arguments = {"TaskPath": "\\ours\\", "TaskName": "one", **arguments}
    return await provider.invoke(method, {}, arguments, rig.admin)


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


# Registering -------------------------------------------------------------------------------------------


def test_a_task_is_registered_shown_and_deleted() -> None:
    rig = Rig()

    async def scene() -> tuple[list[Any], str, list[Any]]:
        await _call(rig, "RegisterByXml", Xml=_xml())
        shown = rig.query(NAMESPACE, "SELECT * FROM MSFT_ScheduledTask WHERE TaskName = 'one'")
        exported = (await _call(rig, "ExportByName"))["cmdletOutput"]
        keys = {"TaskPath": "\\ours\\", "TaskName": "one"}
        rig.host.providers[NAMESPACE, "msft_scheduledtask"].delete(keys, rig.admin)
        return shown, exported, rig.query(NAMESPACE, "SELECT * FROM MSFT_ScheduledTask")

    shown, exported, after = rig.live(scene())
    assert (shown[0].values["TaskPath"], shown[0].values["State"]) == ("\\ours\\", 3)
    assert exported == _xml()
    assert after == []
    assert rig.host.state()["task_folders"] == ["\\ours\\"]
    assert rig.host.writes.log == ["task \\ours\\one", "task \\ours\\one"]


def test_an_existing_task_is_replaced_only_by_force() -> None:
    """TASK_CREATE without TASK_UPDATE: 0x800700B7 (MS-TSCH SchRpcRegisterTask)."""
    rig = Rig()

    async def scene() -> int:
        await _call(rig, "RegisterByXml", Xml=_xml())
        with pytest.raises(CimError) as caught:
            await _call(rig, "RegisterByXml", Xml=_xml(arguments="/c echo y"))
        await _call(rig, "RegisterByXml", Xml=_xml(arguments="/c echo z"), Force=True)
        return caught.value.code

    assert rig.live(scene()) == 0x800700B7
    assert "echo z" in rig.host.state()["tasks"][0]["xml"]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<Task", 0x8004131A),
        ('<?xml version="1.0" encoding="UTF-16"?>' + _xml(), 0x8004131A),
        (_xml(extra="<Wrong/>"), 0x80041316),
        (_xml(settings="<Enabled>yes</Enabled>"), 0x80041318),
        (_xml(settings="<ExecutionTimeLimit>1 hour</ExecutionTimeLimit>"), 0x80041318),
        (_xml(settings="<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter>"), 0x80041319),
        (_xml(triggers="<TimeTrigger><Enabled>true</Enabled></TimeTrigger>"), 0x80041319),
        (_xml(triggers="<TimeTrigger><EndBoundary>2030-01-01T00:00:00Z</EndBoundary>"
                       "<StartBoundary>2029-01-01T00:00:00Z</StartBoundary></TimeTrigger>"), 0x80041316),
        (_xml(command=""), 0x80041319),
        (_xml().replace("2004/02/mit/task", "2004/02/mit/other"), 0x80041317),
        (_xml(user="CORP\\nobody", logon="InteractiveToken"), 0x80070534),
        (_xml(user="CORP\\jdoe", logon="Password"), 0x80041318),
    ],
    ids=["xml", "declaration", "node", "boolean", "duration", "expiry", "no-start", "order", "command", "namespace",
         "account", "logon-type"],
)  # fmt: skip
def test_definitions_that_are_refused(xml: str, code: int) -> None:
    """SCHED_E_* of winerror.h; the schema's sequences and required elements: MS-TSCH 2.5."""
    rig = Rig()
    with pytest.raises(CimError) as caught:
        rig.live(_call(rig, "RegisterByXml", Xml=xml))
    assert caught.value.code == code
    assert rig.host.state()["tasks"] == []


@pytest.mark.parametrize("name", ["a/b", "a:b", "a*", "a|b", 'a"b', ""])
def test_names_that_are_refused(name: str) -> None:
    rig = Rig()
    with pytest.raises(CimError) as caught:
        rig.live(_call(rig, "RegisterByXml", TaskName=name, Xml=_xml()))
    assert caught.value.code == 0x8007007B


def test_the_declaration_may_be_taken() -> None:
    rig = Rig(quirks={"task_xml_declaration_refused": False})
    rig.live(_call(rig, "RegisterByXml", Xml='<?xml version="1.0"?>' + _xml()))
    assert len(rig.host.state()["tasks"]) == 1


def test_a_full_disk_takes_no_task() -> None:
    rig = Rig(faults={"disk_full": True})
    with pytest.raises(CimError) as caught:
        rig.live(_call(rig, "RegisterByXml", Xml=_xml()))
    assert caught.value.code == 0x80070070


@pytest.mark.parametrize("method", ["StartByPath", "StopByPath", "ExportByName", "GetInfoByName", "EnableByName"])
def test_a_task_that_is_not_there_is_not_found(method: str) -> None:
    rig = Rig()
    with pytest.raises(CimError) as caught:
        rig.live(_call(rig, method))
    assert caught.value.code == 0x80070002


# Starting ----------------------------------------------------------------------------------------------


def test_a_task_of_system_runs_on_demand() -> None:
    rig = Rig()

    async def scene() -> Any:
        await _call(rig, "RegisterByXml", Xml=_xml())
        before = (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["LastTaskResult"]
        await _call(rig, "StartByPath")
        await _settle()
        return before, (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["LastTaskResult"]

    assert rig.live(scene()) == (NEVER_RUN, 0)
    assert _marks(rig) == 1


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("<AllowStartOnDemand>false</AllowStartOnDemand>", 0x80041328),
        ("<Enabled>false</Enabled>", 0x80041326),
    ],
)
def test_tasks_that_do_not_start_on_demand(settings: str, code: int) -> None:
    rig = Rig()

    async def scene() -> int:
        await _call(rig, "RegisterByXml", Xml=_xml(settings=settings))
        with pytest.raises(CimError) as caught:
            await _call(rig, "StartByPath")
        return caught.value.code

    assert rig.live(scene()) == code
    assert _marks(rig) == 0


def test_an_interactive_task_needs_its_user() -> None:
    """InteractiveToken: "MUST run in the user's interactive logon session" (MS-TSCH 2.5.5)."""
    rig = Rig()

    async def scene() -> int:
        await _call(rig, "RegisterByXml", Xml=_xml(user="CORP\\jdoe", logon="InteractiveToken"))
        await _call(rig, "StartByPath")
        await _settle()
        result: int = (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["LastTaskResult"]
        return result

    assert rig.live(scene()) == NOT_STARTED
    assert _marks(rig) == 0


@pytest.mark.parametrize(("choice", "session"), [("first", 2), ("last", 5), ("console", 3)])
def test_which_session_of_several(choice: str, session: int) -> None:
    sessions = [{**USER, "id": 2}, {**USER, "id": 3, "session_name": "Console"}, {**USER, "id": 5}]
    rig = Rig(sessions=sessions, quirks={"task_session_choice": choice})
    xml = _xml(user=rig.user.sid, logon="InteractiveToken", arguments="/c ping -n 60 127.0.0.1")

    async def scene() -> list[int]:
        await _call(rig, "RegisterByXml", Xml=xml)
        await _call(rig, "StartByPath")
        await _settle()
        return [process.session_id for process in rig.host.processes if process.name == "cmd.exe"]

    assert rig.live(scene()) == [session]


def test_a_battery_keeps_a_task_from_starting() -> None:
    rig = Rig(quirks={"on_battery": True})
    blocked = _xml().replace("<DisallowStartIfOnBatteries>false", "<DisallowStartIfOnBatteries>true")

    async def scene() -> None:
        for xml in (blocked, _xml()):
            await _call(rig, "RegisterByXml", Xml=xml, Force=True)
            await _call(rig, "StartByPath")
            await _settle()

    rig.live(scene())
    assert _marks(rig) == 1


def test_a_program_that_is_not_there() -> None:
    rig = Rig()

    async def scene() -> int:
        await _call(rig, "RegisterByXml", Xml=_xml(command="C:\\No\\x.exe"))
        await _call(rig, "StartByPath")
        await _settle()
        result: int = (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["LastTaskResult"]
        return result

    assert rig.live(scene()) == 0x80070002


# Time --------------------------------------------------------------------------------------------------


def _after(rig: Rig, xml: str, *seconds: float) -> list[int]:
    """Marks after each span of time."""

    async def scene() -> list[int]:
        await _call(rig, "RegisterByXml", Xml=xml)
        found = []
        for span in seconds:
            await rig.host.clock.advance_async(span)
            await _settle()
            found.append(_marks(rig))
        return found

    return rig.live(scene())


def test_a_time_trigger_fires_once_at_its_start() -> None:
    rig = Rig()
    assert _after(rig, _xml(triggers=_time(rig, 60)), 59, 2, 3600) == [0, 1, 1]


def test_a_start_that_was_missed_is_not_made_up_for() -> None:
    rig = Rig()
    assert _after(rig, _xml(triggers=_time(rig, -60)), 3600) == [0]
    rig = Rig()
    xml = _xml(triggers=_time(rig, -60), settings="<StartWhenAvailable>true</StartWhenAvailable>")
    assert _after(rig, xml, 1) == [1]


def test_a_repetition_goes_on_until_its_end() -> None:
    rig = Rig()
    repeat = "<Interval>PT5M</Interval>"
    assert _after(rig, _xml(triggers=_time(rig, 60, end=900, repeat=repeat)), 61, 300, 3600) == [1, 2, 3]
    rig = Rig()
    limited = "<Interval>PT5M</Interval><Duration>PT7M</Duration>"
    assert _after(rig, _xml(triggers=_time(rig, 60, repeat=limited)), 3600) == [2]


def test_a_registration_trigger_fires_after_its_delay() -> None:
    rig = Rig()
    xml = _xml(triggers="<RegistrationTrigger><Delay>PT30S</Delay></RegistrationTrigger>")
    assert _after(rig, xml, 29, 2) == [0, 1]


def test_an_expired_task_is_deleted() -> None:
    """DeleteExpiredTaskAfter counts from the last EndBoundary (MS-TSCH 2.5.4)."""
    rig = Rig()
    triggers = _time(rig, 10, end=120)
    settings = "<DeleteExpiredTaskAfter>PT60S</DeleteExpiredTaskAfter>"

    async def scene() -> list[int]:
        await _call(rig, "RegisterByXml", Xml=_xml(triggers=triggers, settings=settings))
        found = []
        for span in (121, 58, 2):
            await rig.host.clock.advance_async(span)
            found.append(len(rig.host.state()["tasks"]))
        return found

    assert rig.live(scene()) == [1, 1, 0]


def test_a_disabled_task_waits_until_it_is_enabled() -> None:
    rig = Rig()

    async def scene() -> list[int]:
        await _call(rig, "RegisterByXml", Xml=_xml(triggers=_time(rig, 60, repeat="<Interval>PT1M</Interval>")))
        await _call(rig, "DisableByName")
        await rig.host.clock.advance_async(300)
        before = _marks(rig)
        await _call(rig, "EnableByName")
        await rig.host.clock.advance_async(61)
        return [before, _marks(rig)]

    assert rig.live(scene()) == [0, 1]


def _lives_after_its_limit(rig: Rig, *, on_demand: bool) -> bool:
    """Whether a task's process is there before, and still after, its limit of two minutes."""
    settings = "<ExecutionTimeLimit>PT2M</ExecutionTimeLimit>"
    xml = _xml(triggers=_time(rig, 600), arguments="/c ping -n 9999 127.0.0.1", settings=settings)

    async def scene() -> list[bool]:
        await _call(rig, "RegisterByXml", Xml=xml)
        if on_demand:
            await _call(rig, "StartByPath")
            await _settle()
        else:
            await rig.host.clock.advance_async(600)
        found = []
        for span in (110, 20):
            await rig.host.clock.advance_async(span)
            found.append(any(process.name == "cmd.exe" for process in rig.host.processes))
        return found

    before, after = rig.live(scene())
    assert before
    return after


def test_a_limit_ends_what_a_trigger_started() -> None:
    assert not _lives_after_its_limit(Rig(), on_demand=False)


@pytest.mark.parametrize("kept", [False, True])
def test_a_limit_may_not_count_for_a_start_on_demand(kept: bool) -> None:
    """ITaskSettings::ExecutionTimeLimit: bypassed when a task is started on demand."""
    assert _lives_after_its_limit(Rig(quirks={"demand_start_keeps_limit": kept}), on_demand=True) is not kept


@pytest.mark.parametrize(("ends", "lives"), [(False, True), (True, False)])
def test_deleting_a_task_may_end_its_process(ends: bool, lives: bool) -> None:
    rig = Rig(quirks={"task_delete_ends_process": ends})
    xml = _xml(arguments="/c ping -n 9999 127.0.0.1")

    async def scene() -> bool:
        await _call(rig, "RegisterByXml", Xml=xml)
        await _call(rig, "StartByPath")
        await _settle()
        rig.host.tasks.delete("\\ours\\one", rig.admin)
        return any(process.name == "cmd.exe" for process in rig.host.processes)

    assert rig.live(scene()) is lives


def test_stopping_ends_the_process_and_leaves_its_result() -> None:
    rig = Rig()

    async def scene() -> Any:
        await _call(rig, "RegisterByXml", Xml=_xml(arguments="/c ping -n 9999 127.0.0.1"))
        await _call(rig, "StartByPath")
        await _settle()
        await _call(rig, "StopByPath")
        return (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["LastTaskResult"]

    assert rig.live(scene()) == TERMINATED


def test_the_next_run_is_told() -> None:
    rig = Rig()

    async def scene() -> datetime:
        await _call(rig, "RegisterByXml", Xml=_xml(triggers=_time(rig, 600)))
        moment: datetime = (await _call(rig, "GetInfoByName"))["cmdletOutput"].values["NextRunTime"]
        return moment

    expected = rig.host.clock.now() + timedelta(seconds=600)
    assert abs(rig.live(scene()) - expected) < timedelta(seconds=5)


def test_a_task_can_delete_itself() -> None:
    """The guard's way: schtasks /delete /f from inside the task."""
    rig = Rig()
    arguments = f'/d /c echo x>>{MARK} & schtasks /delete /tn "\\ours\\one" /f'
    assert _after(rig, _xml(triggers=_time(rig, 5, repeat="<Interval>PT1M</Interval>"), arguments=arguments), 600) == [
        1
    ]
    assert rig.host.state()["tasks"] == []


def test_schtasks_shows_and_refuses() -> None:
    rig = Rig()
    rig.live(_call(rig, "RegisterByXml", Xml=_xml()))
    assert rig.run("schtasks /query /tn \\ours\\one /xml").out.strip() == _xml()
    assert rig.run("schtasks /query /tn \\ours\\two").code == 1
    assert rig.run("schtasks /delete /tn \\ours\\one /f", caller=rig.user).code == 1
    assert rig.run("schtasks /delete /tn \\ours\\one").code == 1  # it asks, and nobody answers
    assert rig.run("schtasks /delete /tn \\ours\\one /f").code == 0
