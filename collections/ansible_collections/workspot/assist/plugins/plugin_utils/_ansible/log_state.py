# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive of session logs has of one user and of one host, and what things are called in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._assistance.session_logs.collect import Known, LogKey
from .._errors import LogArchiveNotWritten
from .._formats.audit_chain import Link
from .._formats.session_log import LOG_NAME
from .._windows.profiles import USER_SID
from .._windows.session_logs import EventMark, LogFile

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", re.ASCII)
_OTHER = re.compile(r"[^A-Za-z0-9]+", re.ASCII)


def host_folder(host: str) -> str:
    """The folder of a host; a name that is no plain one gets a part of its hash, so that no two share a folder."""
    if _PLAIN.fullmatch(host):
        return host
    digest = hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_OTHER.sub('-', host).strip('-')[:40] or 'host'}~{digest[:16]}"


def version_of(name: str) -> int:
    """Which content of its log a file is, from its path."""
    middle = name.rpartition("/")[2].split(".")[1:-1]
    return int(middle[0]) if middle else 1


def log_path(folder: str, log: LogFile, version: int) -> str:
    """Where an original goes, below the folder of originals.

    Raises:
        LogArchiveNotWritten: Its name or its owner's is none that Windows gives: nothing else becomes a path.
    """
    if not USER_SID.fullmatch(log.sid) or not LOG_NAME.fullmatch(log.name):
        raise LogArchiveNotWritten("a log whose name or owner is none can not be kept.")
    end = ".xml" if version == 1 else f".{version}.xml"
    return f"{folder}/{log.sid.upper()}/{log.name[:14]}{end}"


@dataclass
class HostState:
    """What there is of one host.

    Attributes:
        logs: Hash and file of each log as it was listed; several may have one file.
        marks: How far the event logs were read, by channel.
    """

    logs: dict[LogKey, tuple[str, str]] = field(default_factory=dict)
    marks: dict[str, EventMark] = field(default_factory=dict)
    _files: dict[tuple[str, str, str], str] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Index what is there by content."""
        for (sid, name, _size, _written), (digest, file) in self.logs.items():
            self._files[(sid, name, digest)] = file

    def known(self) -> Known:
        """The part that a host is compared with."""
        return Known(frozenset(self.logs), dict(self.marks))

    def file_with(self, log: LogFile, digest: str) -> str | None:
        """The file that has this content of a log already, however it was listed then."""
        return self._files.get((log.sid, log.name.lower(), digest))

    def note(self, log: LogFile, digest: str, file: str) -> None:
        """A log is here."""
        self.logs[log.key] = (digest, file)
        self._files[(log.sid, log.name.lower(), digest)] = file

    def as_data(self) -> dict[str, Any]:
        """For a file."""
        return {"logs": [[*key, *value] for key, value in self.logs.items()], **marks_data(self.marks)}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> HostState:
        """From a file.

        Raises:
            ValueError, KeyError, TypeError: It is none of ours.
        """
        logs = {
            (str(sid), str(name), int(size), str(written)): (str(digest), str(file))
            for sid, name, size, written, digest, file in data["logs"]
        }
        return HostState(logs, _marks(data["marks"]))


@dataclass
class UserState:
    """Of one user's logs the files that came first, by name and hash.

    A profile may follow its user from host to host, and its logs with it; they are not another session on each. Its
    file is only appended to: one line for each log, so that a user with very many costs no more than one with few.

    Attributes:
        text: The file.
        added: Lines to append.
    """

    text: str = ""
    added: str = ""

    def first(self, log: LogFile, digest: str, file: str) -> str:
        """The file with this content of a log that came first; from now on this one, when there is none."""
        key = f"\n{log.name.lower()} {digest} "
        for text in (f"\n{self.text}", f"\n{self.added}"):
            place = text.find(key)
            if place >= 0:
                return text[place + len(key) :].partition("\n")[0]
        self.note(log.name, digest, file)
        return file

    def note(self, name: str, digest: str, file: str) -> None:
        """Have a line appended."""
        # What a run that died has written half of stays a line by itself.
        torn = not self.added and self.text and not self.text.endswith("\n")
        self.added += "\n" * bool(torn) + f"{name.lower()} {digest} {file}\n"


def host_state_from(links: Iterable[Link], folder: str) -> HostState:
    """The state of a host as the manifest has it; slower than its file, and needed when that is lost."""
    logs: dict[LogKey, tuple[str, str]] = {}
    marks: dict[str, EventMark] = {}
    for link in links:
        if link.record.get("folder") != folder:
            continue
        for entry in link.record["files"]:
            size, written = entry["listed"]
            logs[(entry["sid"], entry["name"], size, written)] = (entry["sha256"], entry["file"])
        marks |= _marks(link.record["marks"])
    return HostState(logs, marks)


def user_state_from(links: Iterable[Link], sid: str) -> UserState:
    """The same for a user."""
    state = UserState()
    for link in links:
        for entry in link.record.get("files", ()):
            if entry["sid"] == sid:
                state.note(entry["name"], entry["sha256"], entry["file"])
    return state


def _marks(data: Mapping[str, Any]) -> dict[str, EventMark]:
    return {str(channel): EventMark(str(at), int(record)) for channel, (at, record) in data.items()}


def marks_data(marks: Mapping[str, EventMark]) -> dict[str, Any]:
    """For a file, or a line of the manifest."""
    return {"marks": {channel: [mark.at, mark.record] for channel, mark in marks.items()}}


def host_file(folder: str) -> str:
    """Where a host's state is, in the folder of states."""
    return f"hosts/{folder}.json"


def user_file(sid: str) -> str:
    """Where a user's state is, in the folder of states.

    Raises:
        LogArchiveNotWritten: That is no SID of a user: nothing else becomes a path.
    """
    if not USER_SID.fullmatch(sid):
        raise LogArchiveNotWritten("logs of somebody who is no user can not be kept.")
    return f"users/{sid.upper()}"
