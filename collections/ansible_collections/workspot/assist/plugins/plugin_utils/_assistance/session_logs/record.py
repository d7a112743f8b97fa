# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One record for each session log and each event: who helped whom, when, from where, and what was allowed.

A log's own account of times is in the user's words; it is kept, and beside it the moment where that is certain. Its
name says when it began, in the host's local time; the file system says in UTC when it was last written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..._errors import SessionLogMalformed
from ..._formats.event_xml import AssistEvent
from ..._formats.session_log import (
    CHAT,
    CLOSED,
    CONNECTED,
    ENDED,
    OPENED,
    SessionLog,
    parse_session_log,
    started_at,
)
from ..._formats.session_moments import moment
from ..._formats.tar_stream import TarFile
from ..._windows.session_logs import EventMark, LogFile

SESSION_LOG, EVENT_LOG = "session_log", "event_log"
"""Where a record comes from."""
_LAST_MOMENT = 253402300799
"""Seconds since 1970 of the end of the year 9999; a host may say anything."""


@dataclass(frozen=True)
class FoundLog:
    """A log that came home.

    Attributes:
        listed: How the host listed it.
        content: Its bytes.
        record: What it says.
        problem: Why it could not be read; empty for a log that could.
    """

    listed: LogFile
    content: bytes
    record: Mapping[str, Any]
    problem: str = ""


def found_log(host: str, listed: LogFile, file: TarFile, profile: str, *, chat: bool = True) -> FoundLog:
    """Read one log; one that can not be read has a record that says so.

    Args:
        host: The host as the inventory names it.
        listed: How it was listed.
        file: Its bytes and time.
        profile: The owner's profile folder.
        chat: Whether the words of chat messages are kept in the record.
    """
    name = listed.name.lower()
    started = started_at(name)
    record: dict[str, Any] = {
        "source": SESSION_LOG,
        "host": host,
        "sid": listed.sid,
        "user": user_of(profile),
        "name": name,
        "folder": listed.folder,
        "size": len(file.content),
        "started_local": started,
        "written_utc": _utc(file.modified),
    }
    try:
        log = parse_session_log(file.content)
    except SessionLogMalformed as error:
        return FoundLog(listed, file.content, {**record, "problem": error.message}, error.message)
    return FoundLog(listed, file.content, {**record, **_told(log, started, chat=chat), "problem": ""})


def event_record(host: str, event: AssistEvent, profiles: Mapping[str, str]) -> dict[str, Any]:
    """One event of Remote Assistance."""
    said = event.as_data()
    user = user_of(profiles.get(event.sid.upper(), ""))
    return {"source": EVENT_LOG, "host": host, "sid": event.sid, "user": user, "at_utc": said.pop("at"), **said}


def user_of(profile: str) -> str:
    """Whose a profile is, as its folder says: ``jdoe``, or ``jdoe.CORP`` where another jdoe came first."""
    name = profile.rstrip("\\").rpartition("\\")[2]
    return "".join(char if char.isprintable() else "?" for char in name)[:256]


def marks_with(records: Iterable[Mapping[str, Any]], marks: Mapping[str, EventMark]) -> dict[str, EventMark]:
    """Where the event logs were read up to, by channel, with some records of events more."""
    found = dict(marks)
    for record in records:
        mark = found.get(record["channel"], EventMark("", 0))
        found[record["channel"]] = EventMark(max(record["at_utc"], mark.at), max(record["record"], mark.record))
    return found


def is_behind(record: Mapping[str, Any], marks: Mapping[str, EventMark]) -> bool:
    """Whether an event came after what was read."""
    mark = marks.get(record["channel"])
    return mark is None or record["at_utc"] > mark.at or record["record"] > mark.record


def _told(log: SessionLog, started: str | None, *, chat: bool) -> dict[str, Any]:
    """What a log says, with moments."""
    said = log.as_data(chat=chat)
    moments = [moment(entry.date, entry.time, started) for entry in log.entries]
    for entry, at in zip(said["entries"], moments, strict=True):
        entry["at_local"] = at

    def first(*names: str) -> str | None:
        return next((at for entry, at in zip(log.entries, moments, strict=True) if entry.name in names and at), None)

    ended = [at for entry, at in zip(log.entries, moments, strict=True) if entry.name in (ENDED, CLOSED) and at]
    return {
        **said,
        "opened_local": first(OPENED),
        "connected_local": first(CONNECTED),
        "ended_local": ended[-1] if ended else None,
        "chat": [entry.text for entry in log.entries if entry.name == CHAT] if chat else [],
    }


def _utc(seconds: int) -> str | None:
    if not 0 < seconds <= _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
