# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive's records as a table: one row for each session log and each event, readable by a spreadsheet.

It is made anew from `sessions.jsonl` as a whole, line by line, so it can be sorted, changed and deleted by anybody
without harm. Of a log with several contents the newest is shown.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .._assistance.session_logs.record import SESSION_LOG
from .._errors import LogArchiveNotWritten
from .._formats.spreadsheet import safe_cell
from .log_archive import SESSIONS, TABLE, LogArchive

COLUMNS = (
    "source",
    "host",
    "user",
    "sid",
    "started_local",
    "connected_local",
    "ended_local",
    "written_utc",
    "at_utc",
    "helpers",
    "addresses",
    "control_requested",
    "control_granted",
    "control_started",
    "control_ended",
    "chat_messages",
    "chat",
    "complete",
    "event",
    "event_name",
    "data",
    "problem",
    "file",
    "copy_of",
    "sha256",
)
_LOCK = ".table.lock"
_MAX_CELL = 32_000
"""Characters; a cell of a spreadsheet holds 32,767 (support.microsoft.com, "Excel specifications and limits")."""
_BOM = "\ufeff"
"""Without it a spreadsheet takes the file for one in the computer's own code page."""


def write_table(archive: LogArchive) -> None:
    """Make the table anew; a reader sees the old one or the new one.

    Raises:
        LogArchiveNotWritten: It can not be written.
    """
    try:
        descriptor = os.open(archive.path(_LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Of two runs, the one that reads later also writes later.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _write(archive)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LogArchiveNotWritten(f"{archive.path(TABLE)} can not be written: {error.strerror}.") from None


def _write(archive: LogArchive) -> None:
    newest = _newest(archive)
    handle, name = tempfile.mkstemp(prefix=f".{TABLE}-", dir=archive.directory)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as stream:
            stream.write(_BOM)
            table = csv.writer(stream)
            table.writerow(COLUMNS)
            for record in _records(archive):
                if record.get("version", 1) >= newest.get(_log_of(record), 1):
                    table.writerow(_row(record))
        os.replace(name, archive.path(TABLE))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _newest(archive: LogArchive) -> dict[tuple[str, ...], int]:
    """The last version of each log that has several."""
    found: dict[tuple[str, ...], int] = {}
    for record in _records(archive):
        if record.get("version", 1) > 1:
            found[_log_of(record)] = max(record["version"], found.get(_log_of(record), 1))
    return found


def _log_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(record.get(name, "")) for name in ("source", "host", "sid", "name"))


def _records(archive: LogArchive) -> Iterator[dict[str, Any]]:
    path = archive.path(SESSIONS)
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        for line in stream:
            try:
                record = json.loads(line)
            except ValueError:
                continue  # another run is writing it; that run makes the table too
            if isinstance(record, dict):
                yield record


def _row(record: Mapping[str, Any]) -> list[str]:
    shown = dict(record)
    if record["source"] != SESSION_LOG:
        shown["event_name"] = record.get("name", "")
    return [_cell(shown.get(column)) for column in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = "\n".join(str(item) for item in value)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return safe_cell(value)[:_MAX_CELL]
