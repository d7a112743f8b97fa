# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated msg.exe, disks, and what a helper who is let in leaves in the event log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.simulator.windows_rig import Rig

SESSIONS = [
    {"id": 1, "user": "CORP\\jdoe", "session_name": "RDP-Tcp#3"},
    {"id": 2, "user": "CORP\\admin", "state": "disconnected"},
]


@pytest.mark.parametrize("target", ["1", "jdoe", "rdp-tcp#3", "*"])
def test_a_message_comes_up(target: str) -> None:
    rig = Rig(sessions=SESSIONS)
    assert rig.run(f'msg {target} /time:60 /v "hello  there" you').code == 0
    assert rig.host.messages == [(1, "hello  there you")]
    assert rig.host.state()["messages"] == [[1, "hello  there you"]]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("msg", "Invalid parameter"),
        ("msg 1 /time:x hello", "Invalid parameter"),
        ("msg 1 /x hello", "Invalid parameter"),
        ('msg 1 "/time is money"', "Invalid parameter"),
        ("msg @file hello", "Invalid parameter"),
        ("msg 1 /server:rds-02 hello", "Error opening session host rds-02"),
        ("msg 2 hello", "2 does not exist or is disconnected"),
        ("msg 9 hello", "9 does not exist or is disconnected"),
    ],
)
def test_refusals(line: str, words: str) -> None:
    rig = Rig(sessions=SESSIONS)
    done = rig.run(line)
    assert done.code == 1
    assert words in done.err
    assert rig.host.messages == []
    assert Rig(sessions=SESSIONS, quirks={"msg_failure_code": 0}).run(line).code == 0


def test_refusals_in_german() -> None:
    assert "getrennt" in Rig(sessions=SESSIONS, language="de-DE").run("msg 2 hallo").err


def test_no_message_where_nothing_may_change() -> None:
    rig = Rig(sessions=SESSIONS, faults={"deny_writes": True})
    assert rig.run("msg 1 hello").code == 1
    assert rig.host.messages == []
    assert rig.host.state()["counters"]["denied_writes"] == 1


def test_disks() -> None:
    rig = Rig()
    query = "SELECT * FROM Win32_LogicalDisk WHERE DriveType=3"
    (disk,) = rig.query("root/cimv2", query)
    assert (disk.values["DeviceID"], disk.values["FreeSpace"] > 0) == ("C:", True)
    rig.host.faults.set("disk_full", True)
    assert rig.query("root/cimv2", query)[0].values["FreeSpace"] == 0
    assert rig.query("root/cimv2", "SELECT * FROM Win32_LogicalDisk WHERE DriveType=5")[0].values["Size"] is None


def test_a_helper_in_the_event_log() -> None:
    rig = Rig(sessions=SESSIONS)
    host = rig.host

    async def helped() -> list[Any]:
        host.faults.set("msra_delay", 0.0)
        host.msra.start_by_user(host.session(1))  # type: ignore[arg-type]
        while not host.msra.invitations:
            await asyncio.sleep(0.01)
        invitation = host.msra.invitations[0]
        _reader, writer = await asyncio.open_connection(host.address, invitation.port)
        while not any(row.state == 5 for row in host.network):
            await asyncio.sleep(0.01)
        rows = rig.query(
            "root/StandardCimv2", f"SELECT * FROM MSFT_NetTCPConnection WHERE OwningProcess={invitation.pid}"
        )
        host.msra.helper_joins(1)
        host.msra.share_control(1)
        host.msra.share_control(1, False)
        writer.close()
        while 18 not in host.events.ids():
            await asyncio.sleep(0.01)
        return [row.values for row in rows if row.values["State"] == 5]

    (connection,) = rig.live(helped())
    assert host.events.ids() == [13, 15, 16, 22, 21, 22, 18]
    assert len({event.pid for event in host.events.events if event.channel.endswith("/Operational")}) == 1
    assert 0 <= (host.clock.now() - connection["CreationTime"]).total_seconds() < 30


@pytest.mark.parametrize(("quirk", "ids"), [("none", [13]), ("closed", [13, 20, 30])])
def test_one_that_is_ended_may_say_so(quirk: str, ids: list[int]) -> None:
    rig = Rig(sessions=SESSIONS, quirks={"ended_msra_events": quirk})

    async def ended() -> None:
        process = await rig.host.msra.start(rig.host.session(1), '/saveasfile "C:\\x" secret-7')  # type: ignore[arg-type]
        await rig.command(f"taskkill /f /pid {process.pid}")

    rig.live(ended())
    assert rig.host.events.ids() == ids


@pytest.mark.parametrize(("quirk", "same"), [("msra", True), ("other", False)])
def test_the_process_that_an_event_names(quirk: str, same: bool) -> None:
    rig = Rig(quirks={"event_process": quirk})
    rig.host.events.write("Microsoft-Windows-RemoteAssistance/Operational", 26, pid=4712)
    out = rig.run("wevtutil qe Microsoft-Windows-RemoteAssistance/Operational /f:xml").out
    assert ("ProcessID='4712'" in out) is same
