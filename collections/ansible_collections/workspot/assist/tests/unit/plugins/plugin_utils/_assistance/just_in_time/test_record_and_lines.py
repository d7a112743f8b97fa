# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record on a host, the lines made of it, and the task that holds them: hostile data never gets into a command."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.closer import closer_xml
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.lines import (
    close_line,
    open_line,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.record import (
    NAMES,
    Kept,
    Record,
    openings,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.reg_query import RegValue
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.facts_batch import MAX_LINE_CHARACTERS
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.processes import Process
from hypothesis import given
from hypothesis import strategies as st

ROOT = r"HKEY_LOCAL_MACHINE\SOFTWARE\workspot.assist\JustInTime"
TOKEN, OTHER = "0123456789abcdef", "fedcba9876543210"
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
LONGEST = Record(TOKEN, dict.fromkeys(NAMES, Kept("REG_EXPAND_SZ", "x" * 60)), 2)


def printed(**keys: dict[str, str]) -> str:
    """What reg.exe prints of our key; names of keys have _ for -."""
    lines = []
    for key, values in keys.items():
        lines += ["", f"{ROOT}\\{key.replace('_', '-')}"]
        lines += [f"    {name}    REG_SZ    {data}" for name, data in values.items()]
    return "\r\n".join([*lines, ""])


def texts(record: Record) -> dict[str, str]:
    return record.as_texts()


@pytest.mark.parametrize(
    "record",
    [
        Record(TOKEN),
        Record(TOKEN, dict.fromkeys(NAMES), 2),
        Record(TOKEN, {**dict.fromkeys(NAMES), NAMES[0]: Kept("REG_DWORD", "0x0")}, 0),
        Record(TOKEN, {**dict.fromkeys(NAMES), NAMES[1]: Kept("REG_SZ", "a.b-c d")}, 1),
    ],
)
def test_what_is_written_is_read_again(record: Record) -> None:
    holder = {"session": "3", "until": "2026-11-21T10:30:00Z", "helper_addresses": "10.0.0.1,LocalSubnet"}
    found = openings(printed(before=texts(record), **{f"open_{OTHER}": holder}))
    assert found.record == record
    assert found.damaged is None
    assert found.as_data() == [
        {
            "session_id": 3,
            "until": "2026-11-21T10:30:00Z",
            "helper_addresses": ["10.0.0.1", "LocalSubnet"],
            "firewall_rule": f"workspot.assist-{OTHER}",
        }
    ]


def test_nothing_is_open() -> None:
    assert openings("") == openings("\r\n")
    assert openings("").record is None
    assert openings("").as_data() == []


def test_a_record_without_its_end_is_none() -> None:
    whole = texts(Record(TOKEN, dict.fromkeys(NAMES)))
    del whole["token"]
    assert openings(printed(before=whole)).record is None


@pytest.mark.parametrize(
    "text",
    ['REG_SZ:0" /f & calc "', "REG_DWORD:%x%", "REG_MULTI_SZ:a", "REG_LINK:a", "nonsense", "", "REG_SZ:" + "x" * 61],
)
def test_a_record_that_could_become_program_text_is_damaged(text: str) -> None:
    found = openings(printed(before={**texts(Record(TOKEN, dict.fromkeys(NAMES))), NAMES[2]: text}))
    assert found.record is None
    assert found.damaged == NAMES[2]


@given(st.text(max_size=40), st.sampled_from(["REG_SZ", "REG_DWORD", "REG_BINARY", "REG_MULTI_SZ", "REG_NONE"]))
def test_only_plain_data_gets_into_a_line(data: str, kind: str) -> None:
    kept = Kept.of(RegValue(kind, data))
    assert not kept.restorable or not set(data) & set('"%!&|<>^()\r\n')


@pytest.mark.parametrize("token", ["../../x", "0123456789ABCDEG", "short", f"{TOKEN}0"])
def test_what_is_no_token_is_no_opening(token: str) -> None:
    assert openings(f"{ROOT}\\open-{token}\r\n    session    REG_SZ    1\r\n").holders == {}


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("9" * 5000, None), ("-1", None), ("\u0663", None), ("", None)])
def test_the_session_of_an_opening_is_a_number_or_none(text: str, number: int | None) -> None:
    (found,) = openings(f"{ROOT}\\open-{TOKEN}\r\n    session    REG_SZ    {text}\r\n").as_data()
    assert found["session_id"] == number


@pytest.mark.parametrize("joins", [False, True])
def test_the_longest_line_is_short_enough(joins: bool) -> None:
    addresses = ["255.255.255.255"] * 75
    line = open_line(
        "m" * 24,
        TOKEN,
        record=LONGEST,
        joins=joins,
        holder={"session": "65535", "until": "2026-11-21T10:30:00Z", "helper_addresses": ",".join(addresses)},
        values=dict.fromkeys(NAMES, 99),
        addresses=addresses,
        profiles=7,
    )
    assert len(line) < MAX_LINE_CHARACTERS
    assert len(close_line(TOKEN, LONGEST, done="x" * 150)) < MAX_LINE_CHARACTERS - 600


def test_the_closing_task_has_no_end_and_starts_with_the_computer() -> None:
    process = Process(4711, "msra.exe", 3, None)
    for running in (None, process):
        root = ET.fromstring(closer_xml(TOKEN, LONGEST, at=AT, process=running))
        (timed, boot) = root.iterfind(f"{NAMESPACE}Triggers/*")
        assert timed.findtext(f"{NAMESPACE}StartBoundary") == "2026-11-21T09:30:00Z"
        assert timed.findtext(f"{NAMESPACE}Repetition/{NAMESPACE}Interval") == "PT5M"
        assert boot.tag == f"{NAMESPACE}BootTrigger"
        assert not list(root.iter(f"{NAMESPACE}EndBoundary"))
        assert not list(root.iter(f"{NAMESPACE}DeleteExpiredTaskAfter"))
        lines = [item.text or "" for item in root.iter(f"{NAMESPACE}Arguments")]
        assert len(lines) == 2
        assert all(("pid eq 4711" in line) is (running is not None) for line in lines)
        assert all(re.search(rf'schtasks\.exe /delete /tn "\\workspot\.assist\\close-{TOKEN}"', line) for line in lines)
        assert all(len(html.unescape(line)) < 8191 - 200 for line in lines)


def test_without_a_record_nothing_is_restored() -> None:
    line = close_line(TOKEN, None, done="echo done")
    assert "reg.exe add" not in line
    assert "Terminal Services" not in line
