# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two files of the local GPO, against a scripted shell: how far it came decides what is said."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    ArchiveError,
    AssistError,
    CommandFailed,
    PolicyBusy,
    PolicyChanged,
    Unreachable,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.local_policy import (
    LocalPolicyFiles,
    fetch_command,
    files_of,
    presence_command,
    refresh,
    replace,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import SEND_CHUNK_BYTES, CommandResult
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._windows.scripted import ScriptedShell

OLD, NEW = LocalPolicyFiles(b"old pol", b"old ini"), LocalPolicyFiles(b"new pol", b"new ini")
NONE = LocalPolicyFiles(None, None)
STAGES = ["unpacked", "locked", "same", "pol", "replaced"]


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as file:
        for name, data in members.items():
            member = tarfile.TarInfo(name.replace("__", "/").replace("_", "."))
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """Name within the stage, and bytes."""
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        return {item.name.partition("/")[2]: file.extractfile(item).read() for item in file}  # type: ignore[union-attr]


def shell(reached: list[str], stderr: bytes = b"", code: int = 0) -> tuple[ScriptedShell, list[bytes]]:
    sent: list[bytes] = []

    def answer(line: str, stdin: bytes) -> CommandResult:
        sent.append(stdin)
        mark = re.search(r"echo ([0-9a-f]{24}):unpacked", line)
        assert mark
        out = "".join(f"{mark[1]}:{stage}\r\n" for stage in reached)
        return CommandResult(code, out.encode(), stderr)

    return ScriptedShell(answer), sent


def test_what_is_brought_to_the_host() -> None:
    run, sent = shell(STAGES)
    replace(run, OLD, NEW)  # type: ignore[arg-type]
    replace(run, NONE, NEW)  # type: ignore[arg-type]
    assert members(sent[0]) == {
        "old.pol": b"old pol",
        "old.ini": b"old ini",
        "new.pol": b"new pol",
        "new.ini": b"new ini",
    }
    assert members(sent[1]) == {"new.pol": b"new pol", "new.ini": b"new ini"}
    first, second = run.lines
    assert first.count("fc.exe /b") == 2
    assert second.count("fc.exe") == 0
    assert second.count("if exist") == 2
    stages = {re.search(r"workspot\.assist-([0-9a-f]{16})", line)[1] for line in run.lines}  # type: ignore[index]
    assert len(stages) == 2  # a name of its own each time, that nobody can foresee


def test_a_large_archive_is_compressed() -> None:
    run, sent = shell(STAGES)
    replace(run, OLD, LocalPolicyFiles(b"x" * SEND_CHUNK_BYTES, b"ini"))  # type: ignore[arg-type]
    assert len(sent[0]) < 4000
    assert members(gzip.decompress(sent[0]))["new.pol"] == b"x" * SEND_CHUNK_BYTES


@pytest.mark.parametrize(
    ("reached", "kind", "said"),
    [
        ([], CommandFailed, "could not be brought to the host: tar: Write failed"),
        (["unpacked"], PolicyBusy, "another run replaces"),
        (["unpacked", "locked"], PolicyChanged, "nothing was changed"),
        (["unpacked", "locked", "same"], CommandFailed, "Registry.pol could not be replaced, and is what it was"),
        (["unpacked", "locked", "same", "pol"], CommandFailed, "Registry.pol was replaced, gpt.ini was not"),
    ],
)
def test_how_far_it_came(reached: list[str], kind: type[AssistError], said: str) -> None:
    run, _sent = shell(reached, b"tar: Write failed\r\n", 1)
    with pytest.raises(kind) as caught:
        replace(run, OLD, NEW)  # type: ignore[arg-type]
    assert caught.type is kind
    assert said in str(caught.value)


def test_words_that_are_not_ours_are_no_progress() -> None:
    run = ScriptedShell(lambda line, stdin: CommandResult(0, b"000000000000000000000000:replaced\r\nreplaced", b""))
    with pytest.raises(CommandFailed):
        replace(run, OLD, NEW)  # type: ignore[arg-type]


def test_a_cut_is_tidied_up_where_it_can_be() -> None:
    def answer(line: str, stdin: bytes) -> CommandResult:
        if stdin:
            raise Unreachable("the connection broke.")
        return CommandResult(0, b"", b"")

    run = ScriptedShell(answer)
    with pytest.raises(Unreachable):
        replace(run, OLD, NEW)  # type: ignore[arg-type]
    stage = re.search(r"workspot\.assist-[0-9a-f]{16}", run.lines[0])[0]  # type: ignore[index]
    assert run.lines[1].startswith("rd /s /q ")
    assert stage in run.lines[1]

    def dead(line: str, stdin: bytes) -> CommandResult:
        raise Unreachable("the connection broke.")

    with pytest.raises(Unreachable):
        replace(ScriptedShell(dead), OLD, NEW)  # type: ignore[arg-type]


BOTH = archive(gpt_ini=b"ini", Machine__Registry_pol=b"pol")


@pytest.mark.parametrize(
    ("data", "present", "files"),
    [
        (BOTH, "pol\r\nini\r\n", LocalPolicyFiles(b"pol", b"ini")),
        (BOTH, "ini\r\n", LocalPolicyFiles(None, b"ini")),
        (b"", "", NONE),
        (bytes(10240), "", NONE),
        (archive(gpt_ini=b""), "ini", LocalPolicyFiles(None, b"")),
    ],
)
def test_what_came_back(data: bytes, present: str, files: LocalPolicyFiles) -> None:
    assert files_of(data, present) == files


@pytest.mark.parametrize("data", [b"", bytes(10240), archive(gpt_ini=b"ini")])
def test_a_file_that_is_there_and_did_not_come(data: bytes) -> None:
    with pytest.raises(CommandFailed, match=r"could not read .*Machine\\Registry\.pol, which is there"):
        files_of(data, "pol")


@pytest.mark.parametrize("data", [BOTH[:1000], BOTH[: BOTH.index(b"pol", 600) + 1]])
def test_an_archive_that_is_cut_off_is_no_absence(data: bytes) -> None:
    with pytest.raises((ArchiveError, CommandFailed)):
        files_of(data, "pol ini")


def test_reading_names_both_files_and_writes_nothing() -> None:
    assert "gpt.ini" in fetch_command()
    assert "Machine/Registry.pol" in fetch_command()
    assert "-cf -" in fetch_command()
    assert presence_command().count("if exist") == 2
    assert ">" not in presence_command() + fetch_command().replace("2>nul", "")


@pytest.mark.parametrize(("force", "words"), [(False, 0), (True, 1)])
def test_a_refresh(force: bool, words: int) -> None:
    run = ScriptedShell(lambda line, stdin: CommandResult(1, b"said", b""))
    result: Any = refresh(run, force=force)  # type: ignore[arg-type]
    assert (result.exit_code, result.stdout) == (1, b"said")
    assert run.lines[0].count("/force") == words
    assert "/target:computer" in run.lines[0]
    assert int(run.lines[0].partition("/wait:")[2]) < 180
