# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.event_xml import (
    MAX_EVENTS,
    NAMES,
    WITH_DATA,
    parse_events,
)
from hypothesis import given
from hypothesis import strategies as st

CHANNEL = "Microsoft-Windows-RemoteAssistance/Operational"
SID = "S-1-5-21-1004336348-1177238915-682003330-1104"


def event(number: int = 16, *data: str, at: str = "2026-11-21T09:30:00.1234567Z", system: str = "") -> str:
    """An event as wevtutil writes it, on one line."""
    values = "".join(f"<Data>{value}</Data>" for value in data)
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-RemoteAssistance' Guid='{5b0a651a-8807-45cc-9656-7579815b6af0}'/>"
        f"<EventID>{number}</EventID><TimeCreated SystemTime='{at}'/><EventRecordID>42</EventRecordID>"
        f"<Execution ProcessID='4711' ThreadID='1'/><Channel>{CHANNEL}</Channel>"
        f"<Security UserID='{SID}'/>{system}</System><EventData>{values}</EventData></Event>"
    )


def test_events_in_their_order() -> None:
    found = parse_events(event(15, "10.20.30.99") + "\r\n" + event(20))
    assert [item.as_data()["name"] for item in found] == ["connected", "invitation_closed"]
    assert found[0].data == ("10.20.30.99",)
    assert (found[0].record, found[0].process_id, found[0].sid, found[0].channel) == (42, 4711, SID, CHANNEL)
    assert found[0].at == "2026-11-21T09:30:00.1234567Z"


@pytest.mark.parametrize("number", [*NAMES, 1, 31, 40, 4688, 65535])
def test_no_command_line_stays(number: int) -> None:
    lines = ["msra.exe /saveasfile C:\\a.msrcIncident Canary-1", "C:\\Windows\\system32\\MSRA.EXE /openfile a Canary-1"]
    lines += ["password: Canary-1", "/offerRA Canary-1", "Canary-1 /email x"]
    for line in lines:
        (found,) = parse_events(event(number, line, "10.0.0.1"))
        assert "Canary-1" not in str(found)
        assert found.data == (("", "10.0.0.1") if number in WITH_DATA else ())


@pytest.mark.parametrize(
    "text",
    [
        event(at="yesterday"),
        event().replace("<EventID>16", "<EventID>x"),
        event().replace("<EventRecordID>42</EventRecordID>", ""),
        event(16, "&undefined;"),
        event(16, "<?php evil ?>"),
        event(16, "<!DOCTYPE a>"),
        event(16, "<a>" * 20 + "</a>" * 20),
        event(16, "x" * 70_000),
        event(16, "<b/>" * 300),
        event(16).replace("</System>", "</Wrong>"),
        event(16, "\ud800"),
    ],
)
def test_what_is_none_is_left_out(text: str) -> None:
    assert [item.number for item in parse_events(text + event(17))] == [17]


def test_a_document_type_is_none() -> None:
    assert parse_events('<!DOCTYPE Event [<!ENTITY a "b">]>' + event(16, "&a;")) == []


def test_there_is_an_end() -> None:
    assert len(parse_events(event() * (MAX_EVENTS + 5))) == MAX_EVENTS


@given(st.text(max_size=200))
def test_texts_of_any_kind(text: str) -> None:
    assert len(parse_events(f"{event()}{text}")) >= 1 or "<Event" in text
