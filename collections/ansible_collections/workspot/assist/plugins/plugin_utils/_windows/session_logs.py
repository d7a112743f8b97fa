# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session logs of every profile of a host: which there are, in one command line, and the bytes of those that are new.

The first command line asks for everything that decides: the profiles (``ProfileList``), where each loaded user hive has
its Documents (``User Shell Folders``, value ``Personal``), names and sizes of the logs below each profile, and new
events. A host with nothing new has sent no byte of any log. What is new follows in a second one, by ``tar.exe``.

Documents that lie on another drive or folder of the host are looked at in one command line more. Those on a network
share are not: a share that a user names in the own registry would be contacted with our account.

Users write their folders, and a part of that registry: a name counts only when it is one that Windows gives a log, a
folder only when it is a plain path of a local drive, and what belongs to whom is told apart by marks that nobody on
the host can foresee.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .._errors import ArchiveError, AssistError, CommandFailed, FormatError, MalformedReply, ProgramMissing, Unquotable
from .._formats.event_xml import AssistEvent, parse_events
from .._formats.quoting import cmd_quoted, windows_folder
from .._formats.reg_query import parse_reg_query
from .._formats.session_log import LOG_NAME, MAX_BYTES
from .._formats.tar_stream import TarFile, read_members
from .._wsman.shell import Shell
from .event_log import ADMIN_CHANNEL, CHANNEL
from .facts_batch import MAX_LINE_CHARACTERS, Batch
from .profiles import PROFILE_LIST, USER_SID, profile_paths

FOLDER = "Remote Assistance Logs"
"""unverified: that the folder is called so in every language of Windows; option ``folder_names`` of the module."""
DOCUMENTS = "Documents"
"""The folder's name on disk; Explorer shows it in the user's language (desktop.ini)."""
SHELL_FOLDERS = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
LISTING_LIMIT_BYTES = 8 * 1024 * 1024
FETCH_BYTES = 1536 * 1024
"""Logs of one command line, by the sizes they were listed with."""
FETCH_FILES = 200
MAX_EVENTS = 1000
"""Of one log in one run, the oldest first; the next run goes on behind them."""
EVENT_CHANNELS = (CHANNEL, ADMIN_CHANNEL)
_EVENT_NUMBERS = "EventID>=9 and EventID<=33 and EventID!=13 and EventID!=23"
"""Ranges, as an XPath query of the event log takes some twenty conditions. Event 13 holds the password."""
_SYSTEM32 = r"%SystemRoot%\System32"
_REG, _TAR, _WEVTUTIL = rf"{_SYSTEM32}\reg.exe", rf"{_SYSTEM32}\tar.exe", rf"{_SYSTEM32}\wevtutil.exe"
_FILE = re.compile(r"([0-9]{1,15}) (.+)")
_VARIABLE = re.compile(r"%(USERPROFILE|SystemDrive|SystemRoot)%", re.IGNORECASE)
_MARK_AT = re.compile(r"[0-9T:.\-]{19,30}Z", re.ASCII)
_NO_TAR = (
    "tar.exe is not on this host, so no session log can be brought from it.",
    "Windows 10 1803, Windows Server 2019 and newer have it.",
)


@dataclass(frozen=True)
class LogFile:
    """A log as it was listed.

    Attributes:
        sid: The profile's owner.
        folder: The folder it lies in.
        name: Its name, ``YYYYMMDDHHMMSS.xml``.
        size: Bytes.
    """

    sid: str
    folder: str
    name: str
    size: int


@dataclass(frozen=True)
class Skipped:
    """Something that was left on the host, and why."""

    sid: str
    what: str
    reason: str

    def as_data(self) -> dict[str, str]:
        """For results."""
        return {"sid": self.sid, "what": self.what, "reason": self.reason}


@dataclass(frozen=True)
class EventMark:
    """The last event that is known of one log."""

    at: str
    record: int


@dataclass(frozen=True)
class Listing:
    """What a host has.

    Attributes:
        profiles: Profile folder by SID.
        logs: All logs, within the limits.
        skipped: What is there and is not among them.
        events: Events since the marks, each log's in order.
    """

    profiles: Mapping[str, str]
    logs: tuple[LogFile, ...]
    skipped: tuple[Skipped, ...]
    events: tuple[AssistEvent, ...]

    def new(self, known: Collection[tuple[str, str, int]]) -> list[LogFile]:
        """Logs that are not among SIDs, names (lower case) and sizes; each of those once."""
        wanted = {(log.sid, log.name.lower(), log.size): log for log in self.logs}
        return [log for key, log in wanted.items() if key not in known]


@dataclass
class _Found:
    """A listing in the making."""

    logs: list[LogFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def list_logs(
    shell: Shell,
    *,
    folder_names: Iterable[str] = (FOLDER,),
    marks: Mapping[str, EventMark] | None = None,
    events: bool = True,
    timeout: float = 60.0,
) -> Listing:
    """See what there is (two exchanges; two more where Documents lie elsewhere on the host).

    Args:
        shell: An open shell.
        folder_names: What the folder below Documents may be called.
        marks: Where the event logs were read up to, by channel.
        events: Whether the event logs are wanted.
        timeout: Seconds each command line may take.

    Raises:
        ProgramMissing: The host has no tar.exe.
        MalformedReply: The answer is not complete.
        CommandFailed: It is far too long.
    """
    names = list(folder_names)
    own = f"workspot-logs-{secrets.token_hex(12)}"
    batch = Batch()
    batch.add("root", "echo %SystemRoot%")
    batch.add("programs", f"if exist {_TAR} echo tar")
    batch.add("profiles", f"{_REG} query {cmd_quoted(PROFILE_LIST)} /s 2>nul")
    batch.add("documents", _documents_command(own))
    batch.add("logs", _below_profiles_command(own, names))
    channels = EVENT_CHANNELS if events else ()
    for number, channel in enumerate(channels):
        batch.add(f"events-{number}", events_command(channel, (marks or {}).get(channel)))
    answer: dict[str, str] = {}
    for sections, line in batch.lines():
        output = shell.run(line, timeout=timeout, limit=LISTING_LIMIT_BYTES)
        answer.update(batch.split(output.text, sections))
    if "tar" not in answer["programs"].split():
        raise ProgramMissing(_NO_TAR[0], hint=_NO_TAR[1])
    root = answer["root"].strip()
    if not root.isprintable() or root[1:3] != ":\\":
        raise MalformedReply("the host does not say where its Windows folder is.")
    profiles = profile_paths(answer["profiles"], system_root=root)
    found = _Found()
    listed = _sections(answer["logs"], own)
    elsewhere: list[tuple[str, str]] = []
    for sid, profile in profiles.items():
        for name in names:
            folder = f"{profile.rstrip(chr(92))}\\{DOCUMENTS}\\{name}"
            lines = listed.get(folder.casefold())
            if lines is None:
                # A profile whose path the host's own loop could not say, such as one with a variable in it.
                _note_folder(elsewhere, found, sid, folder)
            else:
                _note_files(found, sid, folder, lines)
    for sid, personal in _redirected(_sections(answer["documents"], own), profiles, root, found):
        for name in names:
            _note_folder(elsewhere, found, sid, f"{personal}\\{name}")
    for (sid, folder), lines in _look(shell, elsewhere, timeout):
        _note_files(found, sid, folder, lines)
    happened = [event for number in range(len(channels)) for event in parse_events(answer[f"events-{number}"])]
    return Listing(profiles, tuple(found.logs), tuple(found.skipped), tuple(happened))


def fetch_logs(
    shell: Shell, wanted: Iterable[LogFile], *, timeout: float = 120.0
) -> Iterator[tuple[LogFile, TarFile | AssistError]]:
    """Bring logs (two exchanges for some hundred of them); one that can not be had comes with its error.

    Yields:
        Each log with its bytes. A log that has vanished meanwhile is left out.
    """
    for part in _parts(wanted):
        mark = f"workspot-logs-{secrets.token_hex(12)}"
        line = "& ".join([*_tar_commands(part, mark), f"echo {mark}:end"])
        output = shell.run(line, timeout=timeout, limit=2 * FETCH_BYTES + 4096 * FETCH_FILES).stdout
        yield from _unpacked(part, output, mark)


def events_command(channel: str, mark: EventMark | None) -> str:
    """A command that writes the events of Remote Assistance behind a mark, the oldest first."""
    query = _EVENT_NUMBERS
    if mark is not None and _MARK_AT.fullmatch(mark.at):
        # The last event's own moment may have another event; its number alone begins again when a log is cleared.
        query += f" and TimeCreated[@SystemTime>='{mark.at}'] and EventRecordID!={mark.record:d}"
    return f'{_WEVTUTIL} qe {channel} /q:"*[System[{query}]]" /f:xml /c:{MAX_EVENTS:d} 2>nul'


# The host's own loops --------------------------------------------------------------------------------------
#
# `for /f` hands each line of a program's output to a command. The value of a loop variable is put in after cmd has
# read the line, so that no character of it is an operator (Dave Benham, "How does the Windows Command Interpreter
# parse scripts", phase 4); the quotes around it are for blanks.


def _documents_command(mark: str) -> str:
    """Every loaded hive's own value for Documents, each behind a line that names the hive."""
    query = f'{_REG} query "HKU\\%a\\{SHELL_FOLDERS}" /v Personal 2>nul'
    return f"for /f \"tokens=2 delims=\\\" %a in ('{_REG} query HKU 2^>nul') do @(echo {mark}:%a& {query})"


def _below_profiles_command(mark: str, names: Iterable[str]) -> str:
    """Size and name of every XML file in the logs' folder of each profile, behind a line with that folder."""
    looks = "& ".join(
        f'echo {mark}:%b\\{DOCUMENTS}\\{name}& (for %f in ("%b\\{DOCUMENTS}\\{name}\\*.xml") do @echo %~zf %~nxf)'
        for name in map(_folder_name, names)
    )
    profiles = f"{_REG} query {cmd_quoted(PROFILE_LIST)} /s /v ProfileImagePath 2^>nul"
    return f'for /f "tokens=2,*" %a in (\'{profiles}\') do @if "%a"=="REG_EXPAND_SZ" ({looks})'


def _folder_name(name: str) -> str:
    """A folder's name, for a line without quotes too: only characters that mean nothing to cmd."""
    if not re.fullmatch(r"\w[\w .'-]{0,80}", name) or name.endswith((" ", ".")):
        raise Unquotable("a name among folder_names is none that can be used: letters, digits, blanks and - are.")
    return name


def _sections(text: str, mark: str) -> dict[str, list[str]]:
    """Lines by what stands behind the mark, in lower case."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        before, ours, name = line.partition(f"{mark}:")
        if ours and not before:
            lines = found.setdefault(name.rstrip("\r ").casefold(), [])
        else:
            lines.append(line.rstrip("\r"))
    return found


def _redirected(
    documents: Mapping[str, list[str]], profiles: Mapping[str, str], root: str, found: _Found
) -> Iterator[tuple[str, str]]:
    """SID and folder of Documents that do not lie in the profile."""
    for sid, profile in profiles.items():
        values = _personal(documents.get(sid.casefold(), []))
        if values is None:
            continue
        path = _expanded(values, profile, root)
        if path.casefold() == f"{profile.rstrip(chr(92))}\\{DOCUMENTS}".casefold():
            continue
        if path.startswith("\\\\"):
            found.skipped.append(Skipped(sid, _shown(path), "Documents are on a network share"))
        else:
            yield sid, path


def _expanded(path: str, profile: str, root: str) -> str:
    """A path with the variables that Windows itself puts there; the user's own are not looked up."""
    values = {"userprofile": profile, "systemroot": root, "systemdrive": root.partition("\\")[0]}
    return _VARIABLE.sub(lambda match: values[match[1].lower()], path).rstrip("\\")


def _personal(lines: list[str]) -> str | None:
    """The value of one hive; whatever the user has made of it, nothing behind its mark belongs to anybody else."""
    try:
        tree = parse_reg_query("\n".join(lines))
    except FormatError:
        return None
    for values in list(tree.values())[:1]:
        for name, value in values.items():
            if name.lower() == "personal" and isinstance(value.data, str) and value.data.strip():
                return value.data
    return None


def _note_folder(elsewhere: list[tuple[str, str]], found: _Found, sid: str, folder: str) -> None:
    try:
        folder = windows_folder(folder)
        cmd_quoted(folder)
    except Unquotable:
        found.skipped.append(Skipped(sid, _shown(folder), "the path of Documents can not be used"))
        return
    elsewhere.append((sid, folder))


def _note_files(found: _Found, sid: str, folder: str, lines: Iterable[str]) -> None:
    for line in lines:
        match = _FILE.fullmatch(line.rstrip())
        if match is None or not LOG_NAME.fullmatch(match[2]):
            if line.strip():
                found.skipped.append(Skipped(sid, _shown(line.partition(" ")[2] or line), "not the name of a log"))
            continue
        size = int(match[1])
        if size == 0 or size > MAX_BYTES:
            reason = f"larger than {MAX_BYTES} bytes" if size else "still empty"
            found.skipped.append(Skipped(sid, match[2], reason))
            continue
        found.logs.append(LogFile(sid, folder, match[2], size))


def _shown(text: str) -> str:
    """A text of a host for a result: printable and short."""
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _look(
    shell: Shell, folders: Iterable[tuple[str, str]], timeout: float
) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """List folders by their paths."""
    wanted = list(dict.fromkeys(folders))
    batch = Batch()
    for number, (_sid, folder) in enumerate(wanted):
        pattern = cmd_quoted(f"{folder}\\*.xml")
        batch.add(str(number), f"for %f in ({pattern}) do @echo %~zf %~nxf")
    for sections, line in batch.lines() if wanted else ():
        output = shell.run(line, timeout=timeout, limit=LISTING_LIMIT_BYTES)
        for name, text in batch.split(output.text, sections).items():
            yield wanted[int(name)], text.split("\n")


# The bytes -------------------------------------------------------------------------------------------------


def _parts(wanted: Iterable[LogFile]) -> Iterator[list[LogFile]]:
    """Logs of one command line each, those of a folder together."""
    part: list[LogFile] = []
    size = characters = 0
    for log in sorted(wanted, key=lambda item: (item.folder, item.name)):
        another = not part or part[-1].folder != log.folder
        needed = len(log.name) + 4 + (len(log.folder) + 160 if another else 0)
        full = size + log.size > FETCH_BYTES or len(part) >= FETCH_FILES
        if part and (full or characters + needed > MAX_LINE_CHARACTERS - 200):
            yield part
            part, size, characters = [], 0, 0
            needed = len(log.name) + 4 + len(log.folder) + 160
        part.append(log)
        size, characters = size + log.size, characters + needed
    if part:
        yield part


def _by_folder(part: Iterable[LogFile]) -> dict[str, list[LogFile]]:
    found: dict[str, list[LogFile]] = {}
    for log in part:
        found.setdefault(log.folder, []).append(log)
    return found


def _tar_commands(part: Iterable[LogFile], mark: str) -> Iterator[str]:
    for number, (folder, logs) in enumerate(_by_folder(part).items()):
        # The names are digits and an extension (`LOG_NAME`); tar.exe gets no folder, as it can not read all of them.
        names = " ".join(log.name for log in logs)
        yield f"echo {mark}:{number}& (cd /d {cmd_quoted(folder)}&& {_TAR} -cf - {names}) 2>nul"


def _unpacked(part: list[LogFile], output: bytes, mark: str) -> Iterator[tuple[LogFile, TarFile | AssistError]]:
    pieces = re.split(re.escape(mark.encode()) + rb":([0-9]{1,4}|end)\r?\n", output)
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if b"end" not in sections:
        raise MalformedReply("the host's answer with the session logs is not complete.")
    for number, logs in enumerate(_by_folder(part).values()):
        archive = sections.get(str(number).encode(), b"")
        try:
            files = read_members(archive, [log.name for log in logs], limit=MAX_BYTES) if archive else {}
        except ArchiveError as error:
            for log in logs:
                yield log, error
            continue
        for log in logs:
            file = files.get(log.name)
            yield log, CommandFailed("tar.exe could not read it: it is in use, or gone.") if file is None else file


def is_user(sid: str) -> bool:
    """Whether a text is the SID of a person, and so a name for a folder of ours."""
    return USER_SID.fullmatch(sid) is not None
