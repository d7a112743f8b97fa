# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is an archive of session logs as it was written? Every original, every record, every line of the manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._errors import LogArchiveNotWritten
from .._formats.audit_chain import BEGINNING, links
from .log_archive import ADDED, END, FROM, MANIFEST, ORIGINALS, SESSIONS, SHA, LogArchive

MAX_PROBLEMS = 100
"""That are named; all are counted."""
_BLOCK_BYTES = 1024 * 1024


@dataclass
class Verified:
    """What a look at a whole archive found.

    Attributes:
        head: Hash of the manifest's last line; kept elsewhere, it shows later that no lines were cut off.
        originals: Files that the manifest has.
        bytes: Their size.
        problems: What is not as it was written.
        problem_count: How many there are.
        heads: Hashes asked for that were met.
    """

    head: str = BEGINNING
    originals: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    met: bool = False

    def note(self, problem: str) -> None:
        """Something is not as it was written."""
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)


def verify_archive(archive: LogArchive, *, head: str | None = None) -> Verified:
    """Look at all of it; other runs wait meanwhile.

    Args:
        archive: The archive.
        head: Hash of a line that has to be part of the manifest.

    Raises:
        LogArchiveNotWritten: There is none, or it can not be read.
        LogArchiveTampered: Its manifest ends in something that is no line, or lacks what it says.
    """
    if not archive.path(MANIFEST).exists() and not archive.path(ORIGINALS).exists():
        raise LogArchiveNotWritten(f"there is no archive of session logs in {archive.directory}.")
    found = Verified()
    with archive.locked():
        listed = _manifest(archive, found, head)
        for path in _strays(archive.path(ORIGINALS), listed):
            found.note(f"{ORIGINALS}/{path}: it is not in the manifest")
    if head is not None and not found.met:
        found.note(f"{MANIFEST}: the line with the hash {head} is not in it")
    return found


def _manifest(archive: LogArchive, found: Verified, head: str | None) -> set[str]:
    """Go through the manifest; returned are the originals in it."""
    listed: set[str] = set()
    end = 0
    with (
        archive.path(SESSIONS).open("rb") if archive.path(SESSIONS).exists() else Path(os.devnull).open("rb") as records
    ):
        for link in links(archive.manifest_lines()):
            if link.problem is not None:
                found.note(f"{MANIFEST}, line {link.number}: {link.problem}")
                break
            found.head = link.hash
            found.met = found.met or link.hash == head
            for entry in link.record.get(ADDED, ()):
                listed.add(entry["file"])
                _original(archive, entry, found)
            if FROM in link.record:
                end = link.record[END]
                if _hash(records, end - link.record[FROM]) != link.record[SHA]:
                    found.note(f"{SESSIONS}: what line {link.number} of {MANIFEST} added was changed")
    return listed


def _original(archive: LogArchive, entry: Mapping[str, Any], found: Verified) -> None:
    found.originals += 1
    found.bytes += entry["size"]
    path = archive.path(ORIGINALS, entry["file"])
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        found.note(f"{ORIGINALS}/{entry['file']}: it is missing")
        return
    except OSError as error:
        found.note(f"{ORIGINALS}/{entry['file']}: it can not be read ({error.strerror})")
        return
    with os.fdopen(descriptor, "rb") as stream:
        if _hash(stream, entry["size"] + 1) != entry["sha256"]:
            found.note(f"{ORIGINALS}/{entry['file']}: it was changed")


def _hash(stream: Any, size: int) -> str:
    """SHA-256 of the next bytes of a file."""
    digest = hashlib.sha256()
    while size > 0 and (data := stream.read(min(size, _BLOCK_BYTES))):
        digest.update(data)
        size -= len(data)
    return digest.hexdigest()


def _strays(folder: Path, listed: set[str]) -> Iterator[str]:
    """Files below a folder that are not listed, links included."""
    for here, _folders, files in os.walk(folder):
        for name in [*files, *(item for item in _folders if os.path.islink(os.path.join(here, item)))]:
            path = os.path.relpath(os.path.join(here, name), folder)
            if path not in listed:
                yield path
