# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of a simulated host: taskkill, tasklist, findstr, reg query, netstat, wevtutil, ping; WQL; the clock.

Sources: learn.microsoft.com "Windows commands" and "WQL (SQL for WMI)"; Dave Benham on findstr (Stack Overflow
8844868); public listings for layouts.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from simulator.seam import CimError
from simulator.windows.clock import Clock
from tests.simulator.windows_rig import RA, RA_KEY, Rig

SESSION = {"id": 1, "user": "CORP\\jdoe", "session_name": "RDP-Tcp#3"}


@pytest.fixture
def rig() -> Rig:
    return Rig(sessions=[SESSION])


def _pid(rig: Rig, name: str) -> int:
    return next(process.pid for process in rig.host.processes if process.name == name)


# Processes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "ended"),
    [
        ("taskkill /f /im ctfmon.exe", 0, True),
        ("taskkill /f /im CTF*", 0, True),
        ("taskkill /f /pid {pid}", 0, True),
        ('taskkill /f /fi "SESSION eq 1" /fi "IMAGENAME eq ctfmon.exe"', 0, True),
        ('taskkill /f /fi "PID eq {pid}" /im ctfmon.exe', 0, True),
        ('taskkill /f /fi "SESSION eq 2" /fi "IMAGENAME eq ctfmon.exe"', 0, False),
        ('taskkill /f /fi "USERNAME eq CORP\\asmith" /im ctfmon.exe', 128, False),
        ("taskkill /f /im nosuch.exe", 128, False),
        ("taskkill /f /im csrss.exe", 1, False),
        ("taskkill /f", 1, False),
        ('taskkill /f /fi "NOSUCH eq 1"', 1, False),
        ('taskkill /f /fi "SESSION eq one"', 1, False),
        ("taskkill /f /pid 4 /im ctfmon.exe", 1, False),
    ],
)
def test_taskkill(rig: Rig, line: str, code: int, ended: bool) -> None:
    pid = _pid(rig, "ctfmon.exe")
    assert rig.run(line.format(pid=pid)).code == code
    assert (rig.host.processes.get(pid) is None) is ended


@pytest.mark.parametrize("code", [0, 128])
def test_taskkill_whose_filters_fit_nothing(code: int) -> None:
    rig = Rig(quirks={"taskkill_no_match_code": code})
    done = rig.run('taskkill /f /fi "IMAGENAME eq msra.exe"')
    assert (done.code, done.out) == (code, "INFO: No tasks running with the specified criteria.\r\n")


def test_taskkill_is_refused_to_others_and_where_nothing_may_change(rig: Rig) -> None:
    pid = _pid(rig, "spoolsv.exe")
    assert rig.run(f"taskkill /f /pid {pid}", caller=rig.user).code == 1
    rig.host.faults.set("deny_writes", True)
    assert rig.run(f"taskkill /f /pid {pid}").code == 1
    assert rig.host.processes.get(pid) is not None
    assert rig.host.counters["denied_writes"] == 1


def test_tasklist_lists_and_filters(rig: Rig) -> None:
    done = rig.run('tasklist /fi "IMAGENAME eq explorer.exe" /fo csv /nh')
    assert done.out.split(",")[:4] == ['"explorer.exe"', f'"{_pid(rig, "explorer.exe")}"', '"RDP-Tcp#3"', '"1"']
    assert rig.run('tasklist /fi "IMAGENAME eq nosuch.exe"').out.startswith("INFO: No tasks are running")


# findstr -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ("beta", ["beta 1", "beta1 gamma"]),
        ("BETA", []),
        ("/i BETA", ["beta 1", "beta1 gamma"]),
        ("/v beta", ["alpha", "a.pha"]),
        ('"alpha gamma"', ["alpha", "beta1 gamma"]),
        ('/c:"beta 1"', ["beta 1"]),
        ("/b gamma", []),
        ("/e gamma", ["beta1 gamma"]),
        ("/x alpha", ["alpha"]),
        ('"a.pha"', ["alpha", "a.pha"]),
        ("/l a.pha", ["a.pha"]),
        ('/r /c:"^beta[0-9] "', ["beta1 gamma"]),
        ('/r /c:"a$"', ["alpha", "a.pha", "beta1 gamma"]),
        ("/n alpha", ["1:alpha"]),
    ],
)
def test_findstr(rig: Rig, arguments: str, lines: list[str]) -> None:
    rig.host.files.store("C:\\Windows\\Temp\\f", b"alpha\r\na.pha\r\nbeta 1\r\nbeta1 gamma\r\n")
    done = rig.run(f"type C:\\Windows\\Temp\\f | findstr {arguments}")
    assert done.out.splitlines() == lines
    assert done.code == (0 if lines else 1)


def test_findstr_counts_lines_with_any_of_its_words(rig: Rig) -> None:
    rig.host.files.store("C:\\Windows\\Temp\\f", b"alpha\r\nbeta\r\n")
    assert rig.run("findstr beta C:\\Windows\\Temp\\f").out == "beta\r\n"
    assert rig.run("findstr /v beta C:\\Windows\\Temp\\f").out == "alpha\r\n"
    assert rig.run("findstr").code == 2


# reg query -----------------------------------------------------------------------------------------------


def test_reg_query_prints_four_blanks_and_every_type() -> None:
    values: dict[str, Any] = {"Text": "a b", "Number": 255, "List": ["x", "y"], "Bytes": b"\x01\xff"}
    out = Rig(registry={RA_KEY: values}).run(f'reg query "{RA_KEY}"').out
    head, *lines = out.strip("\r\n").split("\r\n")
    assert head == f"HKEY_LOCAL_MACHINE\\{RA}"
    assert set(lines) == {
        "    Text    REG_SZ    a b",
        "    Number    REG_DWORD    0xff",
        "    List    REG_MULTI_SZ    x\\0y",
        "    Bytes    REG_BINARY    01FF",
    }


@pytest.mark.parametrize("order", ["kernel", "sorted", "reverse"])
def test_reg_query_with_subkeys_in_any_order(order: str) -> None:
    rig = Rig(registry={f"{RA_KEY}\\{name}": {"v": 1} for name in "abc"}, quirks={"reg_output_order": order})
    out = rig.run(f'reg query "{RA_KEY}" /s').out
    assert sorted(line[-1] for line in out.splitlines() if line.startswith("HKEY")) == ["a", "b", "c"]


@pytest.mark.parametrize("prints", [False, True])
def test_reg_query_may_print_keys_without_values(prints: bool) -> None:
    rig = Rig(quirks={"reg_prints_empty_keys": prints})
    rig.host.registry.make(f"{RA_KEY}\\RAUnsolicit")
    assert ("RAUnsolicit" in rig.run(f'reg query "{RA_KEY}" /s').out) is prints


def test_reg_query_of_what_is_not_there(rig: Rig) -> None:
    done = rig.run('reg query "HKLM\\SOFTWARE\\NoSuch"')
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("ERROR: The system was unable to find")


# Others --------------------------------------------------------------------------------------------------


def test_netstat_shows_listeners_of_both_families(rig: Rig) -> None:
    out = rig.run("netstat -ano").out
    assert "0.0.0.0:5985" in out
    assert "[::]:5985" in out
    assert "[::]:5985" not in rig.run("netstat -ano -p tcp").out
    assert "ABHÖREN" in Rig(language="de-DE").run("netstat -ano").out
    assert "LISTENING" in Rig(language="de-DE", quirks={"netstat_localised": False}).run("netstat -ano").out


def test_wevtutil_gives_the_newest_first(rig: Rig) -> None:
    rig.host.events.write("Some/Channel", 1, "<first>")
    rig.host.events.write("Some/Channel", 2, "second")
    out = rig.run("wevtutil qe Some/Channel /f:xml /rd:true /c:1").out
    assert "<EventID>2</EventID>" in out
    assert "first" not in out
    assert "&lt;first&gt;" in rig.run('wevtutil qe Some/Channel /f:xml "/q:*[System[EventID=1]]"').out


def test_who_and_where(rig: Rig) -> None:
    assert rig.run("whoami").out == "corp\\admin\r\n"
    assert rig.run("hostname").out == "DESK-01\r\n"
    assert "10.0.26100" in rig.run("ver").out


def test_ping_waits_by_the_hosts_clock(rig: Rig) -> None:
    async def scene() -> int:
        waiting = asyncio.ensure_future(rig.command("ping -n 3601 127.0.0.1 >nul"))
        for _ in range(20):
            await asyncio.sleep(0)
        await rig.host.clock.advance_async(3601)
        return (await waiting).code

    assert rig.live(scene()) == 0
    assert rig.run("ping -n 1 198.51.100.7").code == 1


# WQL -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("SessionId = 1 AND Name = 'explorer.exe'", 1),
        ("SessionId = 1 AND Name = 'EXPLORER.EXE'", 1),
        ("SessionId = '1' AND Name LIKE 'expl%'", 1),
        ("SessionId = 1 AND (Name = 'explorer.exe' OR Name = 'sihost.exe')", 2),
        ("SessionId = 1 AND NOT Name LIKE '%.exe'", 0),
        ("SessionId = 1 AND Name LIKE 'sihost_exe'", 1),
        ("SessionId = 1 AND CommandLine IS NULL", 1),
        ("SessionId = 1 AND ExecutablePath = 'C:\\\\Windows\\\\explorer.exe'", 1),
        ('SessionId >= 1 AND SessionId < 2 AND SessionId <> 0 AND Name = "explorer.exe"', 1),
    ],
)
def test_wql(rig: Rig, where: str, count: int) -> None:
    assert len(rig.query("root/cimv2", f"SELECT * FROM Win32_Process WHERE {where}")) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "SELECT * FROM",
        "SELECT * FROM Win32_Process WHERE",
        "SELECT * FROM Win32_Process WHERE Name",
        "SELECT * FROM Win32_Process WHERE Name = ",
        "SELECT * FROM Win32_Process WHERE Name = 'a' 'b'",
        "SELECT * FROM Win32_Process WHERE Name = 'it's'",
        "SELECT * FROM Win32_Process WHERE NoSuch = 1",
        "SELECT NoSuch FROM Win32_Process",
        "SELECT * FROM Win32_NoSuch",
        "SELECT * FROM Win32_Process WHERE ExecutablePath = 'C:\\Windows\\explorer.exe'",
        "DELETE FROM Win32_Process",
    ],
)
def test_wql_that_is_refused(rig: Rig, text: str) -> None:
    with pytest.raises(CimError):
        rig.query("root/cimv2", text)


def test_only_the_properties_asked_for_come(rig: Rig) -> None:
    (row,) = rig.query("root/cimv2", "SELECT processid, NAME FROM Win32_Process WHERE Name = 'explorer.exe'")
    assert set(row.values) == {"ProcessId", "Name"}


# The clock -----------------------------------------------------------------------------------------------


def test_skipped_time_fires_what_is_due_in_order_at_its_moment() -> None:
    clock, seen = Clock(), list[tuple[str, float]]()
    start = clock.timestamp()

    async def scene() -> None:
        clock.attach(asyncio.get_running_loop())
        clock.call_later(20, lambda: seen.append(("late", clock.timestamp() - start)))
        clock.call_later(10, lambda: seen.append(("early", clock.timestamp() - start)))
        clock.call_later(15, lambda: seen.append(("never", 0.0))).cancel()
        clock.call_later(40, lambda: seen.append(("after", 0.0)))
        await clock.advance_async(timedelta(seconds=30))
        clock.detach()

    asyncio.run(scene())
    assert [name for name, _ in seen] == ["early", "late"]
    assert [round(moment) for _, moment in seen] == [10, 20]
    assert 30 <= clock.timestamp() - start < 35


def test_a_skew_moves_the_clock_and_no_timer() -> None:
    skew = [0.0]
    clock, seen = Clock(lambda: skew[0]), list[str]()
    clock.call_later(60, lambda: seen.append("fired"))
    before = clock.timestamp()
    skew[0] = 3600.0
    assert clock.timestamp() - before >= 3600
    clock.advance(59)
    assert seen == []
    clock.advance(2)
    assert seen == ["fired"]


def test_a_timer_may_arm_another() -> None:
    clock, seen = Clock(), list[int]()

    def again() -> None:
        seen.append(len(seen))
        clock.call_later(10, again)

    clock.call_later(10, again)
    clock.advance(35)
    assert seen == [0, 1, 2]


# What writes: reg add, reg delete, netsh advfirewall ------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind", "data"),
    [
        (f'reg add "{RA_KEY}" /v New /t REG_DWORD /d 5 /f', 4, 5),
        (f'reg add "{RA_KEY}" /v New /t reg_dword /d 0x1F /f', 4, 31),
        (f'reg add "{RA_KEY}" /v New /d "a b" /f', 1, "a b"),
        (f'reg add "{RA_KEY}" /v New /t REG_BINARY /d 00ff10 /f', 3, b"\x00\xff\x10"),
        (f'reg add "{RA_KEY}" /v New /t REG_QWORD /d 4294967296', 11, 4294967296),
        (f'reg add "{RA_KEY}" /v New /t REG_MULTI_SZ /s # /d one#two', 7, ["one", "two"]),
    ],
)
def test_reg_add(rig: Rig, line: str, kind: int, data: Any) -> None:
    assert rig.run(line).code == 0
    value = rig.host.registry.find(RA_KEY).value("New")  # type: ignore[union-attr]
    assert value is not None
    assert (value.kind, value.data) == (kind, data)


@pytest.mark.parametrize(
    "rest",
    ["/v New /t REG_DWORD /d five /f", "/v New /t REG_DWORD /d 4294967296 /f", "/v New /t REG_ODD /f", "/v", "/d x /f",
     "/v New /ve /f", "/v New /v New /f", "/v New /t REG_BINARY /d 0 /f"],
)  # fmt: skip
def test_reg_add_refuses(rig: Rig, rest: str) -> None:
    assert rig.run(f'reg add "{RA_KEY}" {rest}').code == 1
    assert rig.host.registry.find(RA_KEY) is None


def test_reg_asks_before_it_overwrites_or_deletes(rig: Rig) -> None:
    rig.host.registry.put(RA_KEY, "Old", 1)
    assert rig.run(f'reg add "{RA_KEY}" /v Old /t REG_DWORD /d 2').code == 1
    assert rig.run(f'reg delete "{RA_KEY}" /v Old').code == 1
    assert rig.host.registry.read(RA_KEY, "Old") == 1


def test_reg_delete(rig: Rig) -> None:
    rig.host.registry.put(f"{RA_KEY}\\Below", "Deep", 1)
    rig.host.registry.put(RA_KEY, "Old", 1)
    assert rig.run(f'reg delete "{RA_KEY}" /v Nothing /f').code == 1
    assert rig.run(f'reg delete "{RA_KEY}" /v old /f', caller=rig.user).code == 1
    assert rig.run(f'reg delete "{RA_KEY}" /v old /f').code == 0
    assert rig.host.registry.read(RA_KEY, "Old") is None
    assert rig.run(f'reg delete "{RA_KEY}" /f').code == 0
    assert rig.host.registry.find(RA_KEY) is None
    assert rig.run(f'reg delete "{RA_KEY}" /f').code == 1


RULE = "netsh advfirewall firewall {} rule name=ours"


def _ours(rig: Rig) -> list[Any]:
    return [rule for rule in rig.host.firewall.local_rules.values() if rule.name == "ours"]


def test_netsh_adds_and_deletes_by_name(rig: Rig) -> None:
    line = RULE.format("add") + " dir=in action=allow protocol=tcp profile=domain,public"
    program = "program=C:\\Windows\\System32\\msra.exe remoteip=10.1.0.0/16,LocalSubnet"
    assert rig.run(f"{line} {program}").code == 0
    assert rig.run(f"{line} {program}").code == 0
    first, _second = _ours(rig)  # a name is no key
    assert (first.profiles, first.protocol, first.inbound, first.active) == (5, 6, True, True)
    assert first.remote_addresses == ("10.1.0.0/255.255.0.0", "LocalSubnet")
    assert rig.run(RULE.format("delete"), caller=rig.user).code == 1
    assert rig.run(RULE.format("delete")).code == 0
    assert _ours(rig) == []
    assert rig.run(RULE.format("delete")).code == 1


@pytest.mark.parametrize(
    "rest",
    ["dir=in", "action=allow", "dir=in action=maybe", "dir=in action=allow remoteip=Internet",
     "dir=in action=allow odd=1", "dir=in action=allow remoteip=10.1.0.0/0", "dir=in action=allow profile=home",
     "dir=in action=allow localport=80"],
)  # fmt: skip
def test_netsh_refuses(rig: Rig, rest: str) -> None:
    assert rig.run(f"{RULE.format('add')} {rest}").code == 1
    assert _ours(rig) == []
