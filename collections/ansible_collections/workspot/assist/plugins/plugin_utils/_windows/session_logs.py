# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session logs of every profile of a host: which there are, in one command line (their bytes: `session_log_bytes`).

It asks for everything that decides: the profiles (``ProfileList``), where each loaded user hive has its Documents
(``User Shell Folders``, value ``Personal``), names, sizes and times of the logs below each profile and its OneDrive
folders, and new events. A host with nothing new has sent no byte of any log.

The registry of a user who is not logged on is a file that would have to be loaded; such a profile is looked at where
Documents are by default. Documents that lie on another drive or folder of the host are looked at in one command line
more. Those on a network share are not: a share that a user names in the own registry would be contacted with our
account.

Users write their folders, and a part of that registry: a name counts only when it is one that Windows gives a log, a
folder only when it is a plain path of a local drive, and what belongs to whom is told apart by marks that nobody on
the host can foresee.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .._errors import FormatError, MalformedReply, ProgramMissing, Unquotable
from .._formats.event_xml import AssistEvent, parse_events
from .._formats.quoting import cmd_quoted, windows_folder
from .._formats.reg_query import parse_reg_query
from .._formats.session_log import LOG_NAME, MAX_BYTES
from .._wsman.shell import Shell
from .event_log import ADMIN_CHANNEL, CHANNEL
from .facts_batch import Batch
from .profiles import PROFILE_LIST, profile_paths

FOLDER = "Remote Assistance Logs"
"""unverified: that the folder is called so in every language of Windows; option ``folder_names`` of the module."""
DOCUMENTS = "Documents"
"""The folder's name on disk; Explorer shows it in the user's language (desktop.ini)."""
SHELL_FOLDERS = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
LISTING_LIMIT_BYTES = 8 * 1024 * 1024
ONEDRIVE = "OneDrive"
"""How the folders begin that OneDrive makes in a profile ("OneDrive - Contoso"); Documents may be moved there."""
MAX_EVENTS = 1000
"""Of one log in one run, the oldest first; the next run goes on behind them."""
EVENT_CHANNELS = (CHANNEL, ADMIN_CHANNEL)
_EVENT_NUMBERS = "EventID>=9 and EventID<=33 and EventID!=13 and EventID!=23"
"""Ranges, as an XPath query of the event log takes some twenty conditions. Event 13 holds the password."""
_SYSTEM32 = r"%SystemRoot%\System32"
_REG, _TAR, _WEVTUTIL = rf"{_SYSTEM32}\reg.exe", rf"{_SYSTEM32}\tar.exe", rf"{_SYSTEM32}\wevtutil.exe"
_FILE = re.compile(r"([0-9]{1,15})/([^/]+)/([^/].{0,60}|)")
"""Size, name and time; no name on Windows has a slash, and the time is the last, as it may have some."""
_SHOW = "echo %~zf/%~nxf/%~tf"
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
        written: When it was last written, in the words of the host: to be compared, not to be read. Local time to the
            minute, so that it may change with the host's zone or language; then a log is brought once more.
    """

    sid: str
    folder: str
    name: str
    size: int
    written: str = ""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What makes it another log, or another content."""
        return (self.sid, self.name.lower(), self.size, self.written)


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
    """How far one event log is known: what is later, or has a higher number, is new.

    Both, as records begin again with 1 when a log is cleared, and a host's clock can be set back.
    """

    at: str
    record: int


@dataclass(frozen=True)
class Listing:
    """What a host has.

    Attributes:
        profiles: Profile folder by SID.
        logged_on: SIDs whose own registry was loaded, so that it says where Documents are.
        logs: All logs, within the limits.
        skipped: What is there and is not among them.
        events: Events since the marks, each log's in order.
    """

    profiles: Mapping[str, str]
    logged_on: frozenset[str]
    logs: tuple[LogFile, ...]
    skipped: tuple[Skipped, ...]
    events: tuple[AssistEvent, ...]


@dataclass
class _Found:
    """A listing in the making."""

    logs: list[LogFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)

    def first(self, folder: str) -> bool:
        """Whether a folder was not looked at before, under this or another name."""
        name = folder.casefold()
        seen = name in self.folders
        self.folders.add(name)
        return not seen


@dataclass
class _Section:
    """What stands behind one mark."""

    name: str
    lines: list[str] = field(default_factory=list)


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
    documents = _sections(answer["documents"], own)
    elsewhere = _below_profiles(_sections(answer["logs"], own), profiles, names, found)
    for sid, personal in _redirected(documents, profiles, root, found):
        for name in names:
            _note_folder(elsewhere, found, sid, f"{personal}\\{name}")
    for (sid, folder), lines in _look(shell, elsewhere, timeout):
        _note_files(found, sid, folder, lines)
    happened = [event for number in range(len(channels)) for event in parse_events(answer[f"events-{number}"])]
    return Listing(
        profiles=profiles,
        logged_on=frozenset(sid for sid in profiles if sid.casefold() in documents),
        logs=tuple(found.logs),
        skipped=tuple(found.skipped),
        events=tuple(happened),
    )


def events_command(channel: str, mark: EventMark | None) -> str:
    """A command that writes the events of Remote Assistance behind a mark, the oldest first."""
    query = _EVENT_NUMBERS
    if mark is not None and _MARK_AT.fullmatch(mark.at):
        query += f" and (EventRecordID>{mark.record:d} or TimeCreated[@SystemTime>'{mark.at}'])"
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
    """Every XML file in the logs' folder of each profile and its OneDrive folders, behind a line with that folder."""
    shown = [_folder_name(name) for name in names]
    here = "& ".join(_files_of(mark, f"%b\\{DOCUMENTS}\\{name}") for name in shown)
    cloud = "& ".join(_files_of(mark, f"%d\\{DOCUMENTS}\\{name}") for name in shown)
    profiles = f"{_REG} query {cmd_quoted(PROFILE_LIST)} /s /v ProfileImagePath 2^>nul"
    looks = f'{here}& (for /d %d in ("%b\\{ONEDRIVE}*") do @({cloud}))'
    return f'for /f "tokens=2,*" %a in (\'{profiles}\') do @if "%a"=="REG_EXPAND_SZ" ({looks})'


def _files_of(mark: str, folder: str) -> str:
    return f'echo {mark}:{folder}& (for %f in ("{folder}\\*.xml") do @{_SHOW})'


def _folder_name(name: str) -> str:
    """A folder's name, for a line without quotes too: only characters that mean nothing to cmd."""
    if not re.fullmatch(r"\w[\w .'-]{0,80}", name) or name.endswith((" ", ".")):
        raise Unquotable("a name among folder_names is none that can be used: letters, digits, blanks and - are.")
    return name


def _sections(text: str, mark: str) -> dict[str, _Section]:
    """What stands behind each mark, by its name in lower case."""
    found: dict[str, _Section] = {}
    current = _Section("")
    for line in text.split("\n"):
        before, ours, rest = line.partition(f"{mark}:")
        if ours and not before:
            name = rest.rstrip("\r ")
            current = found.setdefault(name.casefold(), _Section(name))
        else:
            current.lines.append(line.rstrip("\r"))
    return found


def _below_profiles(
    listed: Mapping[str, _Section], profiles: Mapping[str, str], names: Iterable[str], found: _Found
) -> list[tuple[str, str]]:
    """Note the logs that the host's own loop has listed; returned are folders that have to be asked for by name."""
    elsewhere: list[tuple[str, str]] = []
    for sid, profile in profiles.items():
        top = profile.rstrip("\\")
        for name in names:
            folder = f"{top}\\{DOCUMENTS}\\{name}"
            section = listed.get(folder.casefold())
            if section is None:
                # A profile whose path the host's own loop could not say, such as one with a variable in it.
                _note_folder(elsewhere, found, sid, folder)
            elif _usable(folder, sid, found):
                _note_files(found, sid, folder, section.lines)
        start = f"{top}\\{ONEDRIVE}".casefold()
        for path, section in listed.items():
            if path.startswith(start) and _usable(section.name, sid, found):
                _note_files(found, sid, section.name, section.lines)
    return elsewhere


def _redirected(
    documents: Mapping[str, _Section], profiles: Mapping[str, str], root: str, found: _Found
) -> Iterator[tuple[str, str]]:
    """SID and folder of Documents that do not lie in the profile."""
    for sid, profile in profiles.items():
        section = documents.get(sid.casefold())
        value = None if section is None else _personal(section.lines)
        if value is None:
            continue
        path = _expanded(value, profile, root)
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
    if _usable(folder, sid, found):
        elsewhere.append((sid, folder))


def _usable(folder: str, sid: str, found: _Found) -> bool:
    """Whether a folder can be named to the host, and was not looked at before."""
    try:
        folder = windows_folder(folder)
        cmd_quoted(folder)
    except Unquotable:
        found.skipped.append(Skipped(sid, _shown(folder), "the path of Documents can not be used"))
        return False
    return found.first(folder)


def _note_files(found: _Found, sid: str, folder: str, lines: Iterable[str]) -> None:
    for line in lines:
        match = _FILE.fullmatch(line.rstrip())
        if match is None or not LOG_NAME.fullmatch(match[2]):
            if line.strip():
                name = match[2] if match else line
                found.skipped.append(Skipped(sid, _shown(name), "not the name of a log"))
            continue
        size = int(match[1])
        if size == 0 or size > MAX_BYTES:
            reason = f"larger than {MAX_BYTES} bytes" if size else "still empty"
            found.skipped.append(Skipped(sid, match[2], reason))
            continue
        found.logs.append(LogFile(sid, folder, match[2], size, _shown(match[3].strip())))


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
        batch.add(str(number), f"for %f in ({pattern}) do @{_SHOW}")
    for sections, line in batch.lines() if wanted else ():
        output = shell.run(line, timeout=timeout, limit=LISTING_LIMIT_BYTES)
        for name, text in batch.split(output.text, sections).items():
            yield wanted[int(name)], text.split("\n")
