# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible import log_archive
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_archive import LogArchive
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_state import host_folder, log_path
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_table import COLUMNS, write_table
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_verify import verify_archive
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_logs.record import FoundLog, found_log
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import LogArchiveNotWritten, LogArchiveTampered
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.tar_stream import TarFile
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.session_logs import LogFile
from hypothesis import given
from hypothesis import strategies as st

SID = "S-1-5-21-1004336348-1177238915-682003330-1104"
CHANNEL = "Microsoft-Windows-RemoteAssistance/Operational"
HOST = "desk-01"


def a_log(number: int = 0, content: bytes = b"<SESSION></SESSION>", written: str = "", host: str = HOST) -> FoundLog:
    """A log that came from a host."""
    listed = LogFile(
        SID, "C:\\Users\\jdoe\\Documents\\Remote Assistance Logs", f"202611210930{number:02d}.xml", 1, written
    )
    return found_log(host, listed, TarFile(content, 1_700_000_000), "C:\\Users\\jdoe")


def an_event(record: int, at: str = "2026-11-21T09:30:00.1Z") -> dict[str, Any]:
    """The record of an event."""
    return {"source": "event_log", "channel": CHANNEL, "record": record, "at_utc": at, "event": 16, "name": "x"}


@pytest.fixture
def archive(tmp_path: Path) -> LogArchive:
    """One with two logs and an event."""
    made = LogArchive(tmp_path / "kept" / "archive")
    made.prepare()
    made.add(HOST, [a_log(0), a_log(1)], [])
    made.add(HOST, [], [an_event(1)])
    return made


def records(archive: LogArchive) -> list[dict[str, Any]]:
    """All records."""
    return [json.loads(line) for line in archive.path("sessions.jsonl").read_text().splitlines()]


def originals(archive: LogArchive) -> list[str]:
    """Paths of all originals."""
    root = archive.path("originals")
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def whole(archive: LogArchive) -> bool:
    """Whether nothing was changed."""
    return verify_archive(archive).problems == []


def test_what_is_added_is_there_once(archive: LogArchive) -> None:
    assert archive.add(HOST, [a_log(0), a_log(1)], [an_event(1)]).files == ["", ""]
    assert len(records(archive)) == 3
    assert originals(archive) == [f"{HOST}/{SID}/20261121093000.xml", f"{HOST}/{SID}/20261121093001.xml"]
    assert archive.known(HOST).marks[CHANNEL].record == 1
    assert whole(archive)


def test_only_the_owner_may_read(archive: LogArchive) -> None:
    write_table(archive)
    for path in [archive.directory, *archive.directory.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_another_content_is_another_file(archive: LogArchive) -> None:
    added = archive.add(HOST, [a_log(0, b"<SESSION><A /></SESSION>", "later")], [])
    assert added.files == [f"{HOST}/{SID}/20261121093000.2.xml"]
    assert archive.add(HOST, [a_log(0, written="third")], []).files == [""]  # the first content again
    assert len(archive.known(HOST).keys) == 4
    assert records(archive)[-1]["version"] == 2
    write_table(archive)
    rows = list(csv.DictReader(archive.path("sessions.csv").read_text("utf-8-sig").splitlines()))
    assert [row["file"] for row in rows] == [records(archive)[number].get("file", "") for number in (1, 2, 3)]
    assert whole(archive)


def test_the_table_is_text(archive: LogArchive) -> None:
    chat = '<SESSION><CHAT_MESSAGE>=HYPERLINK("http://x")</CHAT_MESSAGE><CHAT_MESSAGE>a,"b"</CHAT_MESSAGE></SESSION>'
    archive.add("=cmd", [a_log(5, chat.encode(), host="=cmd")], [])
    write_table(archive)
    *_others, row = csv.DictReader(archive.path("sessions.csv").read_text("utf-8-sig").splitlines(keepends=True))
    assert tuple(row) == COLUMNS
    assert (row["host"], row["chat"]) == ("'=cmd", '\'=HYPERLINK("http://x")\na,"b"')
    assert (row["complete"], row["chat_messages"]) == ("yes", "2")


# Tampering -------------------------------------------------------------------------------------------------


def _spoil(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


TAMPERINGS: dict[str, tuple[Callable[[LogArchive], None], str]] = {
    "changed": (lambda a: _spoil(a.path("originals", originals(a)[0]), lambda d: d[:-1] + b"!"), "it was changed"),
    "longer": (lambda a: _spoil(a.path("originals", originals(a)[0]), lambda d: d + b" "), "it was changed"),
    "gone": (lambda a: a.path("originals", originals(a)[1]).unlink(), "it is missing"),
    "more": (lambda a: a.path("originals", HOST, SID, "20200101000000.xml").write_bytes(b""), "not in the manifest"),
    "link": (lambda a: a.path("originals", "x").symlink_to("/etc"), "not in the manifest"),
    "swapped": (
        lambda a: (
            a.path("originals", originals(a)[0]).unlink(),
            a.path("originals", originals(a)[0].replace("00.xml", "01.xml")).rename(
                a.path("originals", HOST, SID, "x")
            ),
            a.path("originals", HOST, SID, "20261121093000.xml").symlink_to("x"),
        )[0],
        "can not be read",
    ),
    "record": (lambda a: _spoil(a.path("sessions.jsonl"), lambda d: d.replace(b"jdoe", b"eodj", 1)), "was changed"),
    "record cut": (lambda a: _spoil(a.path("sessions.jsonl"), lambda d: d[:-9]), "cut off"),
    "line": (lambda a: _spoil(a.path("manifest.jsonl"), lambda d: d.replace(b"sha256", b"sha257", 1)), "changed"),
    "line removed": (
        lambda a: _spoil(a.path("manifest.jsonl"), lambda d: b"".join(d.splitlines(True)[::2])),
        "does not follow",
    ),
    "lines cut off": (
        lambda a: _spoil(a.path("manifest.jsonl"), lambda d: b"".join(d.splitlines(True)[:1])),
        "not in the manifest",
    ),
    "manifest gone": (lambda a: a.path("manifest.jsonl").unlink(), "manifest.jsonl is missing"),
    "manifest nonsense": (lambda a: a.path("manifest.jsonl").write_bytes(b"nonsense\n"), "is none"),
}


@pytest.mark.parametrize("what", sorted(TAMPERINGS))
def test_every_change_is_seen(what: str, archive: LogArchive) -> None:
    assert whole(archive)
    change, words = TAMPERINGS[what]
    change(archive)
    try:
        problems = "; ".join(verify_archive(archive).problems)
    except LogArchiveTampered as error:
        problems = error.message
    assert words in problems


def test_a_manifest_cut_with_its_originals_is_seen_by_its_head(archive: LogArchive) -> None:
    head = archive.head()
    _spoil(archive.path("manifest.jsonl"), lambda data: b"".join(data.splitlines(keepends=True)[:-1]))
    assert whole(archive)  # the last line was of an event alone
    assert "is not in it" in verify_archive(archive, head=head).problems[0]


def test_a_broken_chain_is_not_continued(archive: LogArchive) -> None:
    TAMPERINGS["line"][0](archive)
    with pytest.raises(LogArchiveTampered, match=r"line 2 of manifest\.jsonl"):
        LogArchive(archive.directory).prepare()


# Names -----------------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=40))
def test_a_host_of_any_name_has_a_folder_of_its_own(name: str) -> None:
    folder = host_folder(name)
    assert "/" not in folder
    assert folder not in (".", "..")
    assert folder.isascii()
    assert folder.isprintable()
    assert not folder.startswith(".")
    assert len(folder) <= 100
    assert folder == name or "~" in folder


def test_other_hosts_of_similar_names_have_others() -> None:
    names = ["a/b", "a:b", "a b", "../x", "..", ".", "", "x" * 300, "x" * 301, "é", "ê", "a.", "~"]
    assert len({host_folder(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("sid", "name"),
    [
        ("../../etc", "20261121093000.xml"),
        ("S-1-5-18", "20261121093000.xml"),
        (SID, "../20261121093000.xml"),
        (SID, "20261121093000.xml/x"),
        (SID, "2026112109300\u0660.xml"),
        (SID, "20261121093000.xml\n"),
        (SID, ".xml"),
    ],
)
def test_no_name_of_a_host_makes_a_path(sid: str, name: str, archive: LogArchive) -> None:
    log = FoundLog(LogFile(sid, "C:\\x", name, 1), b"", {})
    with pytest.raises(LogArchiveNotWritten):
        log_path(HOST, log.listed, 1)
    with pytest.raises(LogArchiveNotWritten):
        archive.add(HOST, [log], [])
    assert whole(archive)
    assert len(originals(archive)) == 2


# Runs that die, and runs at once ---------------------------------------------------------------------------

STEPS = ("rename", "replace", "fsync", "ftruncate", "pwrite", "mkdir", "unlink", "open")


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Has the n-th step of the file system, and all after it, fail; None of them happens."""
    left = [10**9]
    real = {name: getattr(os, name) for name in STEPS}

    def step(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise SystemExit("killed")
            return real[name](*arguments, **options)

        return call

    def die_at(number: int) -> None:
        left[0] = number

    for name in STEPS:
        monkeypatch.setattr(log_archive.os, name, step(name))
    yield die_at
    left[0] = 10**9


def test_a_run_that_dies_leaves_all_or_nothing(dying: Callable[[int], None], tmp_path: Path) -> None:
    """Killed at every step of an addition: the next run has it, or adds it; nothing is there twice or half."""
    outcomes = set()
    for number in range(200):
        archive = LogArchive(tmp_path / str(number))
        archive.prepare()
        archive.add(HOST, [a_log(0)], [an_event(1)])
        before = len(records(archive))
        dying(number)
        try:
            archive.add(HOST, [a_log(1), a_log(2)], [an_event(2)])
            ended = True
        except SystemExit:
            ended = False
        dying(10**9)
        again = LogArchive(archive.directory)
        again.prepare()
        assert whole(again), number
        there = len(records(again))
        assert there in (before, before + 3), number
        assert len(originals(again)) == (1 if there == before else 3), number
        outcomes.add(there == before)
        again.add(HOST, [a_log(1), a_log(2)], [an_event(2)])
        assert (len(records(again)), len(originals(again))) == (before + 3, 3), number
        assert whole(again), number
        if ended:
            break
    assert ended
    assert outcomes == {True, False}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"hash": "x"}'])
def test_a_journal_that_says_nothing_is_told(text: str, archive: LogArchive) -> None:
    archive.path(".state", "next").write_text(text)
    with pytest.raises(LogArchiveTampered, match=r"\.state/next says nothing"):
        archive.prepare()


def test_what_is_left_of_a_run_is_tidied(archive: LogArchive) -> None:
    old, young = archive.path(".state/incoming/1-a"), archive.path(".state/incoming/2-b")
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    archive.prepare()
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("x"), lambda path: path.write_text("[]")])
def test_lost_bookkeeping_of_a_host_is_made_again(spoil: Callable[[Path], None], archive: LogArchive) -> None:
    known, path = archive.known(HOST), archive.path(f".state/hosts/{HOST}.json")
    assert (len(known.keys), len(known.marks)) == (2, 1)
    spoil(path)
    again = LogArchive(archive.directory)
    again.prepare()
    assert again.known(HOST) == known
    again.add(HOST, [a_log(0)], [an_event(1)])
    assert len(records(archive)) == 3
    assert path.read_text().startswith("{")


@pytest.mark.parametrize("lost", [True, False])
def test_bookkeeping_of_a_user(lost: bool, archive: LogArchive) -> None:
    path = archive.path(f".state/users/{SID}")
    text = path.read_text()
    if lost:
        path.unlink()
    else:
        path.write_text(text + "2026112109")  # a run died while it wrote
    again = LogArchive(archive.directory)
    again.prepare()
    again.add("desk-02", [a_log(1), a_log(3)], [])
    again.add("desk-03", [a_log(3)], [])
    said = [record["copy_of"] for record in records(archive)[-3:]]
    assert said == [f"{HOST}/{SID}/20261121093001.xml", "", f"desk-02/{SID}/20261121093003.xml"]


def test_a_profile_that_follows_its_user_is_no_other_session(archive: LogArchive) -> None:
    archive.add("desk-07", [a_log(0, host="desk-07"), a_log(2, host="desk-07")], [])
    assert len(originals(archive)) == 4
    write_table(archive)
    rows = list(csv.DictReader(archive.path("sessions.csv").read_text("utf-8-sig").splitlines()))
    assert [row["copy_of"] for row in rows[-2:]] == [f"{HOST}/{SID}/20261121093000.xml", ""]
    assert whole(archive)


@pytest.mark.parametrize(
    ("record", "at", "new"),
    [
        (8, "2026-11-21T09:30:00.1Z", True),  # at the same moment
        (8, "2026-11-20", True),  # the clock was set back
        (1, "2026-11-22", True),  # the log was cleared
        (7, "2026-11-21T09:30:00.1Z", False),
        (6, "2026-11-21T09:29:00.1Z", False),
    ],
)
def test_which_events_are_new(record: int, at: str, new: bool, archive: LogArchive) -> None:
    archive.add("desk-02", [], [an_event(7)])
    assert archive.add("desk-02", [], [an_event(record, at)]).events == new
    assert archive.add("desk-02", [], [an_event(7), an_event(record, at)]).events == 0


def _fill(directory: Path, first: int) -> None:
    archive = LogArchive(directory)
    archive.prepare()

    def one(number: int) -> None:
        for host in ("desk-01", "desk-02"):
            archive.add(
                host, [a_log(number, f"{host} {number}".encode(), host=host)], [an_event(number, f"2026-{number:02d}")]
            )

    threads = [threading.Thread(target=one, args=(number,)) for number in range(first, first + 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_runs_at_once(tmp_path: Path) -> None:
    """Four processes with twelve threads each, which partly bring the same logs."""
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_fill, args=(tmp_path, first)) for first in (0, 0, 6, 12)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    archive = LogArchive(tmp_path)
    logs = [record for record in records(archive) if record["source"] == "session_log"]
    assert len(logs) == len({(log["host"], log["name"]) for log in logs}) == len(originals(archive)) == 48
    for log in logs:
        content = archive.path("originals", log["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == log["sha256"]
    assert whole(archive)


def test_a_full_disk_is_an_error_and_no_harm(archive: LogArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(log_archive.os, "pwrite", lambda descriptor, data, end: real(descriptor, data[:10], end))
    with pytest.raises(LogArchiveNotWritten, match="disk is full"):
        archive.add(HOST, [a_log(7)], [])
    monkeypatch.undo()
    assert whole(archive)
    assert len(originals(archive)) == 2
    assert archive.add(HOST, [a_log(7)], []).files != [""]


def test_nothing_is_begun_where_something_else_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(LogArchiveNotWritten, match="can not be used"):
        LogArchive(file).prepare()
    with pytest.raises(LogArchiveNotWritten, match="there is no archive"):
        verify_archive(LogArchive(tmp_path))
    LogArchive(tmp_path / "new").prepare(dry=True)
    assert not (tmp_path / "new").exists()
