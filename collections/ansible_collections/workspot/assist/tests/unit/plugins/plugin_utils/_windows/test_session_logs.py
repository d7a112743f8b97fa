# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    ArchiveError,
    AssistError,
    CommandFailed,
    MalformedReply,
    ProgramMissing,
    Unquotable,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.session_log_bytes import (
    PIECE_FILES,
    fetch_pieces,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.session_logs import (
    EventMark,
    Listing,
    LogFile,
    events_command,
    list_logs,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import CommandResult

SID = "S-1-5-21-1004336348-1177238915-682003330-1104"
OTHER = "S-1-5-21-1004336348-1177238915-682003330-1105"
PROFILES = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
LOGS = "Documents\\Remote Assistance Logs"
FOLDER = f"C:\\Users\\jdoe\\{LOGS}"
NAME = "20261121093000.xml"


class FakeShell:
    """Answers each command line by a function of it."""

    def __init__(self, answer: Callable[[str], bytes]) -> None:
        self.answer = answer
        self.lines: list[str] = []

    def run(self, line: str, *, timeout: float, limit: int) -> CommandResult:
        """One command line."""
        assert timeout > 0
        self.lines.append(line)
        output = self.answer(line)
        assert len(output) <= limit
        return CommandResult(0, output, b"")


def a_tar(files: Mapping[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    """What tar.exe writes."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as stream:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content) if kind == tarfile.REGTYPE else 0
            stream.addfile(info, io.BytesIO(content))
    return output.getvalue()


# What there is ---------------------------------------------------------------------------------------------


def host(
    logs: str = "",
    documents: str = "",
    profiles: Mapping[str, str] | None = None,
    programs: str = "tar",
    root: str = "C:\\Windows",
) -> FakeShell:
    """A host with these answers; MARK stands for the mark of the questions themselves."""

    def answer(line: str) -> bytes:
        batch = re.search(r"workspot-assist-[0-9a-f]{24}", line)
        mark = re.search(r"workspot-logs-[0-9a-f]{24}", line)
        assert batch is not None
        shown = "".join(
            f"{PROFILES}\\{sid}\r\n    ProfileImagePath    REG_EXPAND_SZ    {path}\r\n\r\n"
            for sid, path in (profiles or {SID: "C:\\Users\\jdoe"}).items()
        )
        said = {"root": root, "programs": programs, "profiles": shown, "documents": documents, "logs": logs}
        names = re.findall(rf"{batch[0]}:([a-z0-9-]+)", line)
        text = "".join(f"{batch[0]}:{name}\r\n{said.get(name, '')}\r\n" for name in names)
        return text.replace("MARK", mark[0] if mark else "").encode()

    return FakeShell(answer)


def listing(shell: FakeShell, **options: Any) -> Listing:
    """What `list_logs` makes of it."""
    return list_logs(shell, **options)  # type: ignore[arg-type]


def test_sizes_names_and_times() -> None:
    shell = host(f"MARK:{FOLDER}\r\n1364/{NAME}/11/21/2026 09:31 AM\r\n7/20261121093001.XML/\r\n")
    found = listing(shell)
    assert found.logs == (
        LogFile(SID, FOLDER, NAME, 1364, "11/21/2026 09:31 AM"),
        LogFile(SID, FOLDER, "20261121093001.XML", 7, ""),
    )
    assert len(shell.lines) == 1
    assert len(shell.lines[0]) < 8191


@pytest.mark.parametrize(
    "line",
    ["x", "1364", f"1364/{NAME}", f"-1/{NAME}/t", f"1/..\\{NAME}/t", f"1/a{NAME}/t", "1//t", f"1/{NAME}/x/" + "y" * 99],
)
def test_other_lines_are_told(line: str) -> None:
    found = listing(host(f"MARK:{FOLDER}\r\n{line}\r\n5/{NAME}/t\r\n"))
    assert [log.name for log in found.logs] == [NAME]
    assert len(found.skipped) == 1


def test_a_mark_in_the_middle_of_a_line_is_none() -> None:
    """What a user can write into a name or a value never begins a line of another user."""
    profiles = {SID: "C:\\Users\\jdoe", OTHER: "C:\\Users\\asmith"}
    text = f"MARK:{FOLDER}\r\n1/{NAME}/xMARK:C:\\Users\\asmith\\{LOGS}\r\nMARK:C:\\Users\\asmith\\{LOGS}\r\n"
    found = listing(host(text, profiles=profiles))
    assert [log.sid for log in found.logs] == []


def test_a_folder_belongs_to_one_user() -> None:
    profiles = {SID: "C:\\Users\\jdoe", OTHER: "c:\\users\\JDOE\\"}
    found = listing(host(f"MARK:{FOLDER}\r\n1/{NAME}/t\r\n", profiles=profiles))
    assert [log.sid for log in found.logs] == [SID]


@pytest.mark.parametrize("folder", ['OneDrive" & calc & "', "OneDrive%TEMP%", "OneDrive\\..\\..\\asmith", "OneDrive."])
def test_folders_that_are_none(folder: str) -> None:
    text = f"MARK:{FOLDER}\r\nMARK:C:\\Users\\jdoe\\{folder}\\{LOGS}\r\n1/{NAME}/t\r\n"
    found = listing(host(text))
    assert (found.logs, len(found.skipped)) == ((), 1)


def test_nobody_names_somebody_else_s_onedrive() -> None:
    profiles = {SID: "C:\\Users\\jdoe", OTHER: "C:\\Users\\jdoe2"}
    text = f"MARK:{FOLDER}\r\nMARK:C:\\Users\\jdoe2\\{LOGS}\r\n"
    text += f"MARK:C:\\Users\\jdoe2\\OneDrive\\{LOGS}\r\n1/{NAME}/t\r\n"
    assert [log.sid for log in listing(host(text, profiles=profiles)).logs] == [OTHER]


def test_a_host_that_can_not() -> None:
    with pytest.raises(ProgramMissing):
        listing(host(programs=""))
    with pytest.raises(MalformedReply):
        listing(host(root="\\\\evil\\share"))
    with pytest.raises(MalformedReply):
        listing(FakeShell(lambda line: b"nothing of that"))
    for name in ("a & calc", "..", "a\\b", "x ", '"', "%x%", ""):
        with pytest.raises(Unquotable):
            listing(host(), folder_names=[name])


def test_events_behind_a_mark() -> None:
    command = events_command("Channel/Operational", EventMark("2026-11-21T09:30:00.1234567Z", 42))
    assert "(EventRecordID>42 or TimeCreated[@SystemTime>'2026-11-21T09:30:00.1234567Z'])" in command
    assert "EventID!=13" in command
    for at in ("", "x' or '1'='1", "2026-11-21T09:30:00Z\n", "2026"):
        assert "TimeCreated" not in events_command("Channel/Operational", EventMark(at, 42))


# The bytes -------------------------------------------------------------------------------------------------


def tars(*answers: bytes, end: bool = True) -> FakeShell:
    """A host that answers with these streams, one for each folder."""

    def answer(line: str) -> bytes:
        mark = re.search(rb"workspot-logs-[0-9a-f]{24}", line.encode())
        assert mark is not None
        parts = [mark[0] + b":%d\r\n" % number + data for number, data in enumerate(answers)]
        return b"".join(parts) + (mark[0] + b":end\r\n") * end

    return FakeShell(answer)


def fetched(shell: FakeShell, *logs: LogFile) -> list[bytes | AssistError]:
    """What came of each log."""
    pieces = fetch_pieces(shell, logs)  # type: ignore[arg-type]
    return [item if isinstance(item, AssistError) else item.content for piece in pieces for _log, item in piece]


MINE, THEIRS = LogFile(SID, FOLDER, NAME, 5), LogFile(OTHER, f"C:\\Users\\z\\{LOGS}", NAME, 5)


def test_logs_of_two_folders() -> None:
    shell = tars(a_tar({NAME: b"mine"}), a_tar({NAME: b"theirs\r\n"}))
    assert fetched(shell, THEIRS, MINE) == [b"mine", b"theirs\r\n"]
    assert len(shell.lines) == 1


@pytest.mark.parametrize(
    "stream",
    [
        a_tar({NAME: b"x", "../../etc/passwd": b"x"}),
        a_tar({"other": b"x"}),
        a_tar({NAME: b""}, tarfile.SYMTYPE),
        a_tar({NAME: b""}, tarfile.DIRTYPE),
        a_tar({NAME: b"x" * 1000})[:700],
        a_tar({NAME: b"x" * (1024 * 1024 + 1)}),
        b"tar.exe: no such file\r\n" * 40,
    ],
    ids=["more", "another", "link", "folder", "cut", "large", "no tar"],
)
def test_what_one_user_s_folder_does_costs_nobody_else(stream: bytes) -> None:
    mine, theirs = fetched(tars(stream, a_tar({NAME: b"theirs"})), MINE, THEIRS)
    assert isinstance(mine, ArchiveError)
    assert theirs == b"theirs"


def test_a_log_that_is_gone() -> None:
    gone = LogFile(SID, FOLDER, "20261121093001.xml", 5)
    here, missing = fetched(tars(a_tar({NAME: b"here"})), MINE, gone)
    assert here == b"here"
    assert isinstance(missing, CommandFailed)
    assert isinstance(fetched(tars(b""), MINE)[0], CommandFailed)


def test_an_answer_without_its_end() -> None:
    with pytest.raises(MalformedReply):
        fetched(tars(a_tar({NAME: b"x"}), end=False), MINE)


@pytest.mark.parametrize("size", [1, 5000, 600_000])
def test_pieces_are_bounded(size: int) -> None:
    folders = [f"C:\\Users\\{'u' * 200}{number}\\{LOGS}" for number in range(40)]
    logs = [LogFile(SID, folder, f"202611210930{n:02d}.xml", size) for folder in folders for n in range(10)]
    shell = FakeShell(lambda line: re.findall(r"workspot-logs-[0-9a-f]{24}:end", line)[0].encode() + b"\r\n")
    pieces = list(fetch_pieces(shell, logs))  # type: ignore[arg-type]
    assert sum(map(len, pieces)) == 400
    assert max(map(len, pieces)) <= PIECE_FILES
    assert max(map(len, shell.lines)) < 8191
    assert max(sum(log.size for log, _item in piece) for piece in pieces) <= max(512 * 1024, size)
