# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of session logs on the controller: originals that nobody changes, and a manifest that shows it if so.

::

    originals/HOST/SID/20261121093000.xml    what came from a host, to the byte; a later content is ...000.2.xml
    manifest.jsonl                           what was added when, with SHA-256, in a chain of hashes
    sessions.jsonl                           one record for each original and each event; covered by the manifest
    sessions.csv                             the same for spreadsheets, made anew from sessions.jsonl (`log_table`)
    .state/hosts/HOST.json                   what a host has that is here already; made anew when it is lost
    .state/users/SID                         from which host a user's logs came first; made anew when it is lost

An addition is what a line of the manifest says. Before it, a journal (`.state/next`) names what is about to change; a
run that dies leaves either the line, and the next run finishes, or no line, and the next run takes the rest back. All
of it happens under one lock, host by host, so that several runs can fill one archive at the same time.

No name of a host makes a path: folders are called by the inventory's names and by SIDs, files by fourteen digits.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._assistance.session_logs.collect import Added, Known
from .._assistance.session_logs.record import FoundLog, is_behind, marks_with
from .._errors import LogArchiveNotWritten, LogArchiveTampered
from .._formats.audit_chain import HASH, LONGEST_LINE, links, record_of, sealed
from .._formats.invitation import iso_utc
from .log_state import (
    HostState,
    UserState,
    host_file,
    host_folder,
    host_state_from,
    log_path,
    marks_data,
    user_file,
    user_state_from,
    version_of,
)

ORIGINALS, MANIFEST, SESSIONS, TABLE = "originals", "manifest.jsonl", "sessions.jsonl", "sessions.csv"
_STATE, _NEXT, _INCOMING, _LOCK = ".state", ".state/next", ".state/incoming", ".lock"
_FOLDERS = (_STATE, _INCOMING, f"{_STATE}/hosts", f"{_STATE}/users")
_KIND = "session logs of Remote Assistance"
"""What the first line of a manifest says that it is."""
ADDED, END, FROM, SHA = "files", "sessions_end", "sessions_from", "sessions_sha256"
"""Fields of a manifest's line: originals, and which part of sessions.jsonl came with them."""


_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_ABANDONED_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Head:
    """The last line of the manifest."""

    hash: str
    sessions_end: int


class LogArchive:
    """One archive.

    Args:
        directory: Where it is; it is made when it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self._here: frozenset[str] = frozenset()

    def path(self, *parts: str) -> Path:
        """A path in the archive."""
        return self.directory.joinpath(*parts)

    def prepare(self, *, dry: bool = False) -> None:
        """Begin, or see that what is there can be continued; finishes or takes back what a dead run left.

        Args:
            dry: Make nothing that is not there.

        Raises:
            LogArchiveNotWritten: It can not be written or read.
            LogArchiveTampered: Its manifest is not whole, so that nothing can be added to it.
        """
        if dry and not self.path(MANIFEST).exists():
            return
        with self.locked():
            here = set()
            for link in links(self.manifest_lines()):
                if link.problem is not None:
                    raise tampered(f"line {link.number} of {MANIFEST}: {link.problem}")
                here.add(host_file(str(link.record.get("folder", ""))))
                here.update(user_file(entry["sid"]) for entry in link.record.get(ADDED, ()))
            self._here = frozenset(here)
            self._tidy()

    def known(self, host: str) -> Known:
        """What there is of a host; see `Archive`."""
        return self._host(host_folder(host)).known()

    def add(self, host: str, logs: Sequence[FoundLog], events: Sequence[Mapping[str, Any]]) -> Added:
        """Keep logs and events; see `Archive`.

        Returns:
            For each log the file it became, empty for one whose content was here already.
        """
        with self._errors():
            incoming = [self._written(log.content) for log in logs]
        try:
            with self.locked() as head:
                return self._add(head, host, logs, incoming, events)
        finally:
            for path in incoming:
                path.unlink(missing_ok=True)

    def head(self) -> str:
        """Hash of the manifest's last line."""
        with self.locked() as head:
            return head.hash

    def manifest_lines(self) -> Iterator[str]:
        """Lines of the manifest, one at a time; for use under the lock."""
        with self.path(MANIFEST).open(encoding="utf-8", errors="replace", newline="\n") as stream:
            while line := stream.readline(LONGEST_LINE + 2):
                yield line

    @contextmanager
    def locked(self) -> Iterator[Head]:
        """Keep other runs out; what a dead run left half done is put right first.

        Raises:
            LogArchiveNotWritten: It can not be written or read.
            LogArchiveTampered: It lacks what its manifest says.
        """
        with self._errors():
            for folder in (self.directory, *map(self.path, _FOLDERS)):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path(_LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                self._begin()
                head = self._recovered()
                yield head
            finally:
                os.close(descriptor)

    # Adding ------------------------------------------------------------------------------------------------

    def _add(
        self,
        head: Head,
        host: str,
        logs: Sequence[FoundLog],
        incoming: Sequence[Path],
        events: Sequence[Mapping[str, Any]],
    ) -> Added:
        folder = host_folder(host)
        state, users = self._host(folder), {sid: self._user(sid) for sid in {log.listed.sid for log in logs}}
        before = state.known()
        files: list[str] = []
        moves: list[tuple[Path, str]] = []
        entries, records = [], []
        for log, source in zip(logs, incoming, strict=True):
            name = self._place(state, folder, log, taken=[target for _source, target in moves])
            files.append(name)
            if not name:
                continue
            moves.append((source, name))
            entry = _entry(log, name)
            entries.append(entry)
            first = users[log.listed.sid].first(log.listed, entry["sha256"], name)
            records.append({**log.record, **_origin(entry, copy_of=first if first != name else "")})
        new_events = [event for event in events if is_behind(event, before.marks)]
        state.marks = marks_with(new_events, before.marks)
        notes = {"host": folder, "state": state.as_data(), "users": {sid: user.added for sid, user in users.items()}}
        lines = _lines([*records, *new_events])
        if not entries and not new_events:
            self._note(notes)
            return Added(files)
        record: dict[str, Any] = {"at": iso_utc(datetime.now(UTC)), "host": host, "folder": folder, ADDED: entries}
        record |= marks_data(state.marks)
        record |= {FROM: head.sessions_end, END: head.sessions_end + len(lines), SHA: _sha(lines)}
        self._commit(head, sealed(record, head.hash), notes, moves, lines)
        return Added(files, len(new_events))

    def _place(self, state: HostState, folder: str, log: FoundLog, *, taken: Iterable[str]) -> str:
        """Where a log goes; empty when its content is here. The state knows it from now on."""
        digest = _sha(log.content)
        here = state.file_with(log.listed, digest)
        if here is not None:
            state.note(log.listed, digest, here)
            return ""
        version, name = 1, ""
        while (name := log_path(folder, log.listed, version)) in taken or os.path.lexists(self.path(ORIGINALS, name)):
            version += 1
        state.note(log.listed, digest, name)
        return name

    def _commit(
        self, head: Head, line: str, notes: Mapping[str, Any], moves: list[tuple[Path, str]], lines: bytes
    ) -> None:
        """Make an addition: all of it, or after the next run's recovery nothing."""
        files = [name for _source, name in moves]
        journal = {"hash": record_of(line)[HASH], "files": files, "notes": notes}
        self._replace(_NEXT, json.dumps(journal).encode())
        for source, name in moves:
            target = self.path(ORIGINALS, name)
            for parent in [*reversed(target.relative_to(self.directory).parents)][1:]:
                self.directory.joinpath(parent).mkdir(exist_ok=True, mode=0o700)
            # Nothing is replaced: `_place` saw that there is none, under the lock that is still held.
            os.rename(source, target)
        for parent in {self.path(ORIGINALS, name).parent for name in files}:
            _sync(parent)
        self._append(SESSIONS, lines, head.sessions_end)
        self._append(MANIFEST, line.encode(), self.path(MANIFEST).stat().st_size)
        self._finish(journal)

    def _append(self, name: str, data: bytes, end: int) -> None:
        """Write behind the end of a file, durably; what there is behind that is of a run that died."""
        descriptor = os.open(self.path(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.ftruncate(descriptor, end)
            if os.pwrite(descriptor, data, end) != len(data):
                os.ftruncate(descriptor, end)
                raise OSError(28, "the disk is full", str(self.path(name)))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _written(self, content: bytes) -> Path:
        """A file that waits for its name; made outside the lock, as making sure that it is on the disk takes time."""
        path = self.path(_INCOMING, f"{os.getpid()}-{secrets.token_hex(8)}")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return path

    def _tidy(self) -> None:
        """Remove what runs that died long ago were about to add."""
        for path in self.path(_INCOMING).iterdir():
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink(missing_ok=True)

    # State and recovery ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """The first line, before anything else is there."""
        if self.path(MANIFEST).exists() and self.path(MANIFEST).stat().st_size:
            return
        if self.path(ORIGINALS).exists() or self.path(SESSIONS).exists():
            raise tampered(f"{MANIFEST} is missing, and there is something that it should tell of")
        line = sealed({"at": iso_utc(datetime.now(UTC)), "archive": _KIND, END: 0}, "0" * 64)
        self._append(MANIFEST, line.encode(), 0)

    def _recovered(self) -> Head:
        """The head, after a run that died was finished or taken back."""
        head = self._head()
        with suppress(FileNotFoundError):
            journal = self._journal()
            if journal["hash"] == head.hash:
                self._finish(journal)
            else:
                for name in journal["files"]:
                    self.path(ORIGINALS, name).unlink(missing_ok=True)
                self.path(_NEXT).unlink()
        there = self.path(SESSIONS).stat().st_size if self.path(SESSIONS).exists() else 0
        if there < head.sessions_end:
            raise tampered(f"{SESSIONS} was cut off")
        if there > head.sessions_end:
            self._append(SESSIONS, b"", head.sessions_end)
        return head

    def _journal(self) -> dict[str, Any]:
        """What the last run was about to change, if it did not come to its end."""
        try:
            journal = json.loads(self.path(_NEXT).read_bytes())
            return {name: journal[name] for name in ("hash", "files", "notes")}
        except (ValueError, KeyError, TypeError):
            raise tampered(f"{_NEXT} says nothing of what a run that died was about to add") from None

    def _head(self) -> Head:
        path = self.path(MANIFEST)
        size = path.stat().st_size
        with path.open("rb") as stream:
            stream.seek(max(0, size - 2 * LONGEST_LINE))
            tail = stream.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        if len(whole) < len(tail):
            # The run that wrote it died, and so it was never part of the archive.
            self._append(MANIFEST, b"", size - (len(tail) - len(whole)))
        try:
            record = record_of(whole[:-1].rpartition(b"\n")[2].decode() + "\n")
            return Head(str(record[HASH]), int(record[END]))
        except (ValueError, KeyError, TypeError):
            raise tampered(f"the last line of {MANIFEST} is none") from None

    def _finish(self, journal: Mapping[str, Any]) -> None:
        self._note(journal["notes"])
        self.path(_NEXT).unlink()

    def _note(self, notes: Mapping[str, Any]) -> None:
        """Write down what is here; doing so twice changes nothing."""
        self._replace(f"{_STATE}/{host_file(notes['host'])}", json.dumps(notes["state"]).encode())
        for sid, lines in notes["users"].items():
            with os.fdopen(os.open(self.path(_STATE, user_file(sid)), _APPEND, 0o600), "w", encoding="ascii") as stream:
                stream.write(lines)

    def _host(self, folder: str) -> HostState:
        data = self._state(host_file(folder))
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            if data is not None:
                return HostState.from_data(data)
        # A host that was never here has neither a file nor a line.
        known = host_file(folder) in self._here or self.path(_STATE, host_file(folder)).exists()
        return host_state_from(links(self.manifest_lines()), folder) if known else HostState()

    def _user(self, sid: str) -> UserState:
        name = user_file(sid)
        with suppress(FileNotFoundError):
            return UserState(self.path(_STATE, name).read_text(encoding="ascii", errors="replace"))
        return user_state_from(links(self.manifest_lines()), sid) if name in self._here else UserState()

    def _state(self, name: str) -> Any:
        """A file of states; None where it is lost or was never there."""
        with self._errors(), suppress(FileNotFoundError, ValueError):
            return json.loads(self.path(_STATE, name).read_bytes())
        return None

    def _replace(self, name: str, data: bytes) -> None:
        """Write a file of our own bookkeeping, whole or not at all."""
        part = self.path(_INCOMING, f"{os.getpid()}-{secrets.token_hex(8)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            if name == _NEXT:
                # The rest can be made anew. This has to be on the disk before what it tells of.
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(part, self.path(name))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LogArchiveNotWritten(
                f"the archive {self.directory} can not be used: {error.strerror or type(error).__name__}.",
                hint="Name a folder that this account may write, with room (assist_logs_directory in the playbook).",
            ) from None


def tampered(problem: str) -> LogArchiveTampered:
    """The error of an archive that is not as it was written."""
    return LogArchiveTampered(
        f"the archive of session logs is not as it was written: {problem}.",
        hint="Compare it with a backup; move it away to begin a new one.",
    )


def _entry(log: FoundLog, name: str) -> dict[str, Any]:
    listed = log.listed
    return {
        "file": name,
        "size": len(log.content),
        "sha256": _sha(log.content),
        "sid": listed.sid,
        "name": listed.name.lower(),
        "listed": [listed.size, listed.written],
    }


def _origin(entry: Mapping[str, Any], *, copy_of: str) -> dict[str, Any]:
    """What a record says of its original."""
    name = entry["file"]
    return {
        "file": name,
        "version": version_of(name),
        "copy_of": copy_of,
        "sha256": entry["sha256"],
        "collected_utc": iso_utc(datetime.now(UTC)),
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for record in records)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
