# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of Remote Assistance as ``wevtutil qe ... /f:xml`` writes them: one ``Event`` element after the other.

Numbers and what they mean: the message file of msra.exe, as published by the libyal winevt-kb project. Windows writes
msra.exe's command line, with the invitation's password, into event 13, and the words of message boxes and paths into
others. So data is kept of a few events alone, where it is names and addresses (`WITH_DATA`); that of all others, known
or not, never leaves this parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

NAMES = {
    9: "com_problem",
    10: "mail_failed",
    11: "closed_after_wrong_passwords",
    12: "session_log_not_created",
    13: "started",
    14: "invitation_opened",
    15: "connected",
    16: "session_began",
    17: "wrong_password",
    18: "disconnected_by_helper",
    19: "disconnected_by_user",
    20: "invitation_closed",
    21: "helper_shares_control",
    22: "helper_views",
    24: "time_limit_reached",
    25: "disallowed_by_user_setting",
    26: "invitation_disallowed",
    27: "control_disallowed",
    28: "blocked_by_firewall",
    29: "error_shown",
    30: "ended",
    33: "ticket_addresses",
}
"""What an event says, by its number; the rendered words are in the host's language."""
WITH_DATA = frozenset({15, 16, 18, 19, 21, 22, 33})
SECRET = re.compile(r"msra(?:\.exe)?\b|/(?:saveasfile|openfile|email|offerra)\b|password", re.IGNORECASE)
"""Words of a command line of msra.exe; a text that has one is no address and no name."""
MAX_EVENT_CHARACTERS = 64 * 1024
MAX_EVENTS = 5000
_MAX_DATA = 16
_MAX_TEXT = 512
_EVENT = re.compile(r"<Event[ >].*?</Event>", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z", re.ASCII)
_SID = re.compile(r"S-1-[0-9-]{3,180}", re.ASCII)


@dataclass(frozen=True)
class AssistEvent:
    """One event.

    Attributes:
        number: Event number.
        record: Its number in the log; the count begins again when the log is cleared.
        at: Host time in UTC as written, up to nine digits of a second.
        channel: The log.
        process_id: The process that wrote it.
        sid: The account it was written by.
        data: Names and addresses; empty for every event that may hold anything else.
    """

    number: int
    record: int
    at: str
    channel: str = ""
    process_id: int = 0
    sid: str = ""
    data: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The event as a record carries it."""
        return {
            "at": self.at,
            "event": self.number,
            "name": NAMES.get(self.number, ""),
            "record": self.record,
            "channel": self.channel,
            "process_id": self.process_id,
            "sid": self.sid,
            "data": list(self.data),
        }


def parse_events(text: str) -> list[AssistEvent]:
    """The events in an output, in its order; what is none, or is hostile, is left out."""
    found = [event for match in _EVENT.finditer(text) if (event := _event(match[0])) is not None]
    return found[:MAX_EVENTS]


class _Refused(Exception):
    """The XML is none that Windows writes."""


@dataclass
class _Element:
    path: str
    attributes: dict[str, str]
    text: str


def _event(text: str) -> AssistEvent | None:
    try:
        return _read(text)
    except (_Refused, expat.ExpatError, UnicodeEncodeError):
        return None


def _read(text: str) -> AssistEvent | None:
    elements = list(_elements(text))
    first = {element.path: element for element in reversed(elements)}
    number = _number(first, "System/EventID")
    record = _number(first, "System/EventRecordID")
    at = first["System/TimeCreated"].attributes.get("SystemTime", "") if "System/TimeCreated" in first else ""
    if number is None or record is None or not _MOMENT.fullmatch(at):
        return None
    process = _attribute(first, "System/Execution", "ProcessID")
    sid = _attribute(first, "System/Security", "UserID")
    channel = first["System/Channel"].text.strip() if "System/Channel" in first else ""
    return AssistEvent(
        number=number,
        record=record,
        at=at,
        channel=channel[:128] if channel.isprintable() else "",
        process_id=int(process) if _NUMBER.fullmatch(process) else 0,
        sid=sid if _SID.fullmatch(sid) else "",
        data=tuple(_data(elements)) if number in WITH_DATA else (),
    )


def _data(elements: list[_Element]) -> Iterator[str]:
    """Values of EventData and UserData, without whatever looks like a command line."""
    kept = [item for item in elements if item.path.startswith(("EventData/", "UserData/")) and item.text.strip()]
    for element in kept[:_MAX_DATA]:
        line = " ".join(element.text.split())[:_MAX_TEXT]
        yield "" if SECRET.search(line) else line


def _number(first: dict[str, _Element], path: str) -> int | None:
    text = first[path].text.strip() if path in first else ""
    return int(text) if _NUMBER.fullmatch(text) else None


def _attribute(first: dict[str, _Element], path: str, name: str) -> str:
    return first[path].attributes.get(name, "") if path in first else ""


def _elements(text: str) -> Iterator[_Element]:
    """All elements of one event with their paths below ``Event``."""
    if len(text) > MAX_EVENT_CHARACTERS:
        raise _Refused
    found: list[_Element] = []
    stack: list[_Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) >= 8 or len(found) >= 200:
            raise _Refused
        path = "/".join([*(item.path for item in stack[1:][-1:]), name]) if stack else ""
        stack.append(_Element(path, attributes, ""))
        found.append(stack[-1])

    def end(_name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def refuse(*_details: object) -> None:
        raise _Refused

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.SkippedEntityHandler = parser.ProcessingInstructionHandler = refuse
    parser.Parse(text.encode("utf-8"), True)
    yield from found
