# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring home what is new on one host: look, compare with what is in the archive, and fetch the difference."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..._errors import AssistError
from ..._formats.tar_stream import TarFile
from ..._windows.session_log_bytes import fetch_pieces
from ..._windows.session_logs import FOLDER, EventMark, Listing, LogFile, list_logs
from ..._wsman.client import WsmanClient
from .record import FoundLog, event_record, found_log, is_behind

MAX_LOGS = 5000
"""Of one host in one run; the rest is for the next one. Users can make any number of files."""
MAX_RUN_BYTES = 64 * 1024 * 1024
MAX_TOLD = 20
"""Of each kind of trouble that a result names; all are counted."""
LISTING_SECONDS = 60.0
PIECE_SECONDS = 120.0

LogKey = tuple[str, str, int, str]


@dataclass(frozen=True)
class Known:
    """What the archive has of a host.

    Attributes:
        keys: Logs, as `LogFile.key` has them.
        marks: Where the event logs were read up to, by channel.
    """

    keys: AbstractSet[LogKey] = frozenset()
    marks: Mapping[str, EventMark] = field(default_factory=dict)


@dataclass(frozen=True)
class Added:
    """What was new to the archive."""

    files: Sequence[str] = ()
    events: int = 0


class Archive(Protocol):
    """Where logs are kept."""

    def known(self, host: str) -> Known:
        """What there is of a host."""

    def add(self, host: str, logs: Sequence[FoundLog], events: Sequence[Mapping[str, Any]]) -> Added:
        """Keep logs and events; what another run has brought meanwhile is left out."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of each host.

    Attributes:
        folder_names: What the folder below Documents may be called.
        events: Whether the event log is wanted.
        chat: Whether records have the words of chat messages.
        dry: Look, and fetch nothing.
    """

    folder_names: tuple[str, ...] = (FOLDER,)
    events: bool = True
    chat: bool = True
    dry: bool = False


@dataclass
class HostCollection:
    """What came of one host; plain data, so that it travels between processes.

    Attributes:
        host: The host as the inventory names it.
        profiles: How many profiles it has.
        logged_on: Of them, those whose registry says where Documents are.
        listed: Logs that are there.
        new: Logs that were new to the archive; in a check run, those that would be looked at.
        bytes: Bytes of logs that came.
        events: Events that were new.
        unparsable: Files of the archive that could not be read, with the reason.
        left: What was left on the host, with the reason.
        unparsable_count: How many, beyond `MAX_TOLD` too.
        left_count: The same of `left`.
        exchanges: Envelopes sent.
        seconds: How long it took.
        error: Why the host gave nothing, or not all, as `AssistError.as_data` gives it.
    """

    host: str
    profiles: int = 0
    logged_on: int = 0
    listed: int = 0
    new: int = 0
    bytes: int = 0
    events: int = 0
    unparsable: list[dict[str, str]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)
    unparsable_count: int = 0
    left_count: int = 0
    exchanges: int = 0
    seconds: float = 0.0
    error: dict[str, str | None] | None = None

    def note_unparsable(self, file: str, problem: str) -> None:
        """A log that is archived and could not be read."""
        self.unparsable_count += 1
        if len(self.unparsable) < MAX_TOLD:
            self.unparsable.append({"file": file, "problem": problem})

    def note_left(self, sid: str, what: str, reason: str) -> None:
        """Something that stays on the host."""
        self.left_count += 1
        if len(self.left) < MAX_TOLD:
            self.left.append({"sid": sid, "what": what, "reason": reason})


def failed_collection(host: str, error: AssistError) -> HostCollection:
    """The outcome of a host that could not be asked."""
    return HostCollection(host, error={**error.as_data(), "host": host})


def collect_host(client: WsmanClient, archive: Archive, wanted: Wanted) -> HostCollection:
    """Bring home what is new: two exchanges to look, two for what is new, two for the shell itself.

    What came before an error is kept; the error is part of the outcome.
    """
    outcome = HostCollection(client.host)
    began, sent = time.monotonic(), client.exchanges
    try:
        _collect(client, archive, wanted, outcome)
    except AssistError as error:
        outcome.error = {**error.as_data(), "host": client.host}
    outcome.exchanges = client.exchanges - sent
    outcome.seconds = round(time.monotonic() - began, 3)
    return outcome


def _collect(client: WsmanClient, archive: Archive, wanted: Wanted, outcome: HostCollection) -> None:
    known = archive.known(client.host)
    with client.shell() as shell:
        listing = list_logs(
            shell,
            folder_names=wanted.folder_names,
            marks=known.marks,
            events=wanted.events,
            timeout=LISTING_SECONDS,
        )
        new = _new(listing, known, outcome)
        every = (event_record(client.host, event, listing.profiles) for event in listing.events)
        records = [record for record in every if is_behind(record, known.marks)]
        if wanted.dry:
            outcome.new, outcome.events = len(new), len(records)
            return
        if records:
            outcome.events += archive.add(client.host, (), records).events
        for piece in fetch_pieces(shell, new, timeout=PIECE_SECONDS):
            _keep(client.host, archive, listing, piece, wanted, outcome)


def _new(listing: Listing, known: Known, outcome: HostCollection) -> list[LogFile]:
    """Logs that the archive does not have, within a run's limits; what is left out is noted."""
    outcome.profiles, outcome.logged_on = len(listing.profiles), len(listing.logged_on)
    outcome.listed = len(listing.logs)
    for item in listing.skipped:
        outcome.note_left(item.sid, item.what, item.reason)
    different = {log.key: log for log in listing.logs if log.key not in known.keys}
    size, taken = 0, list[LogFile]()
    for log in different.values():
        size += log.size
        if len(taken) >= MAX_LOGS or size > MAX_RUN_BYTES:
            outcome.note_left(log.sid, log.name, "too much for one run: run it again")
        else:
            taken.append(log)
    return taken


def _keep(
    host: str,
    archive: Archive,
    listing: Listing,
    piece: Iterable[tuple[LogFile, TarFile | AssistError]],
    wanted: Wanted,
    outcome: HostCollection,
) -> None:
    """Archive one piece, and note what is wrong with it."""
    logs = []
    for listed, file in piece:
        if isinstance(file, AssistError):
            outcome.note_left(listed.sid, listed.name, file.message)
            continue
        outcome.bytes += len(file.content)
        logs.append(found_log(host, listed, file, listing.profiles.get(listed.sid, ""), chat=wanted.chat))
    added = archive.add(host, logs, ()) if logs else Added()
    outcome.new += sum(1 for file in added.files if file)
    for log, path in zip(logs, added.files, strict=False):
        if log.problem and path:
            outcome.note_unparsable(path, log.problem)
