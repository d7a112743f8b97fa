# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host's session logs over real WinRM: what is new, what is where, what can not be read, what ends half way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_archive import LogArchive
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.log_table import write_table
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.session_logs import collect as flow
from ansible_collections.workspot.assist.plugins.plugin_utils._windows import session_log_bytes

from tests.assistance.conftest import PASSWORD
from tests.session_logs.rig import LOG, NAME, archive_at, logs_left, original, problems, put, records, rows

Make = Callable[..., Any]
FOLDER = "C:\\Users\\jdoe\\Documents\\Remote Assistance Logs"
JDOE, ASMITH = "CORP\\jdoe", "CORP\\asmith"
# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_new_ones_come_and_nothing_comes_again(desk: Make, collect: Make, archive: LogArchive) -> None:
    pool = desk([{"user": JDOE, "count": 20}, {"user": ASMITH, "count": 5}])
    host = pool.hosts["desk-01"]
    before = logs_left(host)
    first = collect(pool)
    assert (first.error, first.listed, first.new, first.left) == (None, 25, 25, [])
    assert (first.profiles, first.logged_on, first.exchanges) == (2, 1, 6)
    assert host.counters["requests"] == first.exchanges + 1  # the login's challenge
    second = collect(pool)
    assert (second.new, second.bytes, second.exchanges) == (0, 0, 4)
    assert {record["user"] for record in records(archive.directory)} == {"jdoe", "asmith"}
    assert problems(archive.directory) == []
    # Nothing of ours was ever on the host.
    assert (host.state()["writes"], logs_left(host)) == ([], before)


def test_bytes_are_kept_and_told(desk: Make, collect: Make, archive: LogArchive) -> None:
    collect(desk([{"user": JDOE, "name": NAME, "content": LOG}]))
    (record,) = records(archive.directory)
    assert original(archive.directory, record) == LOG
    assert record["helpers"] == ["helpdesk"]
    assert (record["addresses"], record["chat"]) == (["10.20.30.99"], ["helpdesk: hello"])
    assert (record["started_local"], record["ended_local"]) == ("2008-05-07T15:24:00", "2008-05-07T15:40")
    assert record["entries"][0]["date"] == "Wednesday, May 07, 2008"
    assert record["written_utc"].endswith("Z")


def test_only_what_is_new_moves(desk: Make, collect: Make) -> None:
    pool = desk([{"user": JDOE, "count": 20}])
    collect(pool)
    put(pool.hosts["desk-01"], f"{FOLDER}\\{NAME}", LOG)
    found = collect(pool)
    assert (found.new, found.bytes) == (1, len(LOG))


def test_another_content_of_the_same_size(desk: Make, collect: Make, archive: LogArchive) -> None:
    pool = desk([{"user": JDOE, "name": NAME, "content": LOG}])
    host = pool.hosts["desk-01"]
    collect(pool)
    host.clock.advance(120)
    put(host, f"{FOLDER}\\{NAME}", LOG.replace(b"helpdesk", b"somebody"))
    assert collect(pool).new == 1
    first, second = records(archive.directory)
    assert original(archive.directory, first) == LOG
    assert (second["version"], second["helpers"]) == (2, ["somebody"])
    write_table(archive)
    assert [row["helpers"] for row in rows(archive.directory)] == ["somebody"]


def test_another_time_alone_is_nothing_new(desk: Make, collect: Make, archive: LogArchive) -> None:
    pool = desk([{"user": JDOE, "name": NAME, "content": LOG}])
    collect(pool)
    pool.hosts["desk-01"].clock.advance(120)
    put(pool.hosts["desk-01"], f"{FOLDER}\\{NAME}", LOG)
    touched, again = collect(pool), collect(pool)
    assert (touched.new, touched.bytes, again.bytes) == (0, len(LOG), 0)
    assert len(records(archive.directory)) == 1


def test_without_the_archive_s_own_notes_nothing_is_kept_twice(desk: Make, collect: Make, archive: LogArchive) -> None:
    pool = desk([{"user": JDOE, "count": 3}], events=[{"id": 16, "seconds_ago": 9}])
    collect(pool)
    for path in archive.path(".state").glob("[hu]*/*"):
        path.unlink()
    archive.prepare()
    found = collect(pool)
    assert (found.new, found.bytes, found.events) == (0, 0, 0)


# Where logs are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "documents",
    [
        "%USERPROFILE%\\Documents",
        "C:\\Users\\jdoe\\Documents",
        "%USERPROFILE%\\OneDrive - Contoso & Co\\Documents",
        "%SystemDrive%\\Files\\jdoe",
        "C:\\Files\\Jürgen & Söhne\\Dokumente",
    ],
)
def test_documents_elsewhere_on_the_host(documents: str, desk: Make, collect: Make, archive: LogArchive) -> None:
    found = collect(desk([{"user": JDOE, "count": 2}], documents={JDOE: documents}))
    assert (found.new, found.left, found.error) == (2, [], None)
    assert problems(archive.directory) == []


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        ("\\\\filer\\home\\jdoe", "Documents are on a network share"),
        ("%HOMESHARE%\\Documents", "the path of Documents can not be used"),
        ("\\\\?\\C:\\Users\\jdoe", "Documents are on a network share"),
        ("%USERPROFILE%\\50%", "the path of Documents can not be used"),
        ("C:\\a\\..\\Windows", "the path of Documents can not be used"),
        ('C:\\x" & calc & "', "the path of Documents can not be used"),
    ],
)
def test_documents_that_are_not_looked_at(documents: str, reason: str, desk: Make, collect: Make) -> None:
    pool = desk([{"user": ASMITH, "count": 1}])
    host = pool.hosts["desk-01"]
    (session,) = host.sessions
    key = f"HKU\\{session.account.sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders"
    host.registry.put(key, "Personal", documents, 2)
    found = collect(pool)
    assert found.new == 1  # asmith's: nobody loses by what somebody else's registry says
    ((left),) = found.left
    assert (left["reason"], left["sid"]) == (reason, session.account.sid)
    assert "calc" not in [process.name for process in host.processes]


def test_onedrive_of_somebody_who_is_not_logged_on(desk: Make, collect: Make) -> None:
    documents = {ASMITH: "%USERPROFILE%\\OneDrive - Contoso\\Documents"}
    found = collect(desk([{"user": ASMITH, "count": 3}], documents=documents))
    assert (found.new, found.logged_on) == (3, 1)


def test_the_same_log_in_two_places_is_one(desk: Make, collect: Make, archive: LogArchive) -> None:
    pool = desk([{"user": JDOE, "name": NAME, "content": LOG}])
    put(pool.hosts["desk-01"], f"C:\\Users\\jdoe\\OneDrive\\Documents\\Remote Assistance Logs\\{NAME}", LOG)
    found = collect(pool)
    assert (found.listed, found.new, collect(pool).bytes) == (2, 1, 0)


def test_a_profile_that_follows_its_user_is_one_session(make_pool: Make, collect: Make, archive: LogArchive) -> None:
    logs = [{"user": JDOE, "name": NAME, "content": LOG}]
    pool = make_pool(*({"name": name, "session_logs": logs} for name in ("desk-01", "desk-02")))
    assert (collect(pool).new, collect(pool, "desk-02").new) == (1, 1)
    first, second = records(archive.directory)
    assert (first["copy_of"], second["copy_of"]) == ("", first["file"])


def test_folders_of_other_names(desk: Make, collect: Make) -> None:
    pool = desk([{"user": JDOE, "count": 2, "folder": "Remoteunterstützungsprotokolle"}, {"user": JDOE, "count": 1}])
    names = ("Remote Assistance Logs", "Remoteunterstützungsprotokolle")
    assert collect(pool, folder_names=names).new == 3


@pytest.mark.parametrize("quirk", [{"for_f_reads_utf8": False}, {}])
def test_profiles_outside_ascii(quirk: dict[str, Any], make_pool: Make, collect: Make) -> None:
    accounts = [
        {"name": "svc-ansible", "password": "Only-A-Simulated-Account-1", "administrator": True},
        {"name": "Jörg 石", "profile": "C:\\Users\\Jörg 石"},
    ]
    host = {"name": "desk-01", "session_logs": [{"user": "CORP\\Jörg 石", "count": 2}], "quirks": quirk}
    assert collect(make_pool(host, accounts=accounts)).new == 2


# What can not be read --------------------------------------------------------------------------------------


def test_logs_that_are_none_are_kept_and_told(desk: Make, collect: Make, archive: LogArchive) -> None:
    kept = {
        "20260101000001.xml": LOG[: len(LOG) // 2],  # cut off: a session that ended with the computer
        "20260101000002.xml": b"\x00\x01 nonsense",
        "20260101000003.xml": b'<!DOCTYPE SESSION [<!ENTITY a "b">]><SESSION>&a;</SESSION>',
    }
    left = {"20260101000004.xml": b"", "20260101000005.xml": b"x" * (1024 * 1024 + 1), "notes.xml": b"<x/>"}
    found = collect(desk([{"user": JDOE, "name": name, "content": data} for name, data in {**kept, **left}.items()]))
    assert (found.new, found.unparsable_count, found.left_count) == (3, 2, 3)
    assert {item["what"] for item in found.left} == set(left)
    said = {record["name"]: record for record in records(archive.directory)}
    assert {name: original(archive.directory, said[name]) for name in kept} == kept
    assert said["20260101000001.xml"]["complete"] is False
    assert said["20260101000001.xml"]["addresses"] == ["10.20.30.99"]
    assert (
        "well-formed" in said["20260101000002.xml"]["problem"] or "characters" in said["20260101000002.xml"]["problem"]
    )
    write_table(archive)
    assert sum(1 for row in rows(archive.directory) if row["problem"]) == 2
    assert collect(desk([])).error is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-bom", "utf-16"])
def test_german_logs(encoding: str, desk: Make, collect: Make, archive: LogArchive) -> None:
    collect(desk([{"user": JDOE, "count": 1}], language="de-DE", quirks={"session_log_encoding": encoding}))
    (record,) = records(archive.directory)
    opened = record["entries"][0]
    assert opened["event"] == "Eine Remoteunterstützungseinladung wurde geöffnet."
    assert opened["at_local"] == record["opened_local"] == record["started_local"][:16]
    assert opened["date"].split(", ")[0] in "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"


def test_a_host_without_tar(desk: Make, collect: Make) -> None:
    found = collect(desk([{"user": JDOE, "count": 1}], missing=["tar.exe"]))
    assert found.error is not None
    assert (found.error["kind"], found.new) == ("program_missing", 0)


# Real sessions, events -------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["at_end", "as_it_happens"])
def test_a_session_while_it_lasts_and_after_it(
    written: str, desk: Make, collect: Make, archive: LogArchive, invite: Make
) -> None:
    pool = desk(quirks={"session_log_written": written})
    host = pool.hosts["desk-01"]
    invite(pool)
    pool.call(_session(host))
    during = collect(pool)
    assert during.new == (1 if written == "as_it_happens" else 0)
    pool.call(_end(host))
    after = collect(pool)
    assert after.new == 1
    record = records(archive.directory)[-1]
    assert (record["complete"], record["connection_ended"], record["control_granted"]) == (True, True, 1)
    assert record["chat"] == ["helpdesk: good morning"]
    write_table(archive)
    assert [row["complete"] for row in rows(archive.directory) if row["source"] == "session_log"] == ["yes"]
    names = [event["name"] for event in records(archive.directory, "event_log")]
    assert {"connected", "session_began", "helper_views", "helper_shares_control"} <= set(names)
    # Windows has the password: in event 13.
    assert any(PASSWORD in str(event) for event in host.state()["events"])
    assert not [
        path for path in archive.directory.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()
    ]


async def _session(host: Any) -> None:
    host.msra.helper_joins(1)
    host.msra.share_control(1)
    host.msra.chat(1, "helpdesk: good morning")


async def _end(host: Any) -> None:
    host.msra.close_by_user(1)


def test_events_come_once_and_only_new_ones(desk: Make, collect: Make, archive: LogArchive) -> None:
    events = [{"id": number, "seconds_ago": 5, "data": ["10.20.30.99"]} for number in (15, 16, 13, 23, 20)]
    events.append({"id": 11, "channel": "Microsoft-Windows-RemoteAssistance/Admin", "seconds_ago": 3})
    pool = desk(events=events)
    host = pool.hosts["desk-01"]
    assert (collect(pool).events, collect(pool).events) == (4, 0)
    host.events.write("Microsoft-Windows-RemoteAssistance/Operational", 28)
    assert (collect(pool).events, collect(pool).events) == (1, 0)
    said = [(event["event"], event["data"]) for event in records(archive.directory, "event_log")]
    address = ["10.20.30.99"]
    assert said == [(15, address), (16, address), (20, []), (11, []), (28, [])]
    assert collect(desk(events=events), events=False).events == 0


# Limits, and hosts that end half way -----------------------------------------------------------------------


def test_many_and_large_logs_come_in_pieces(
    desk: Make, collect: Make, archive: LogArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = b"<SESSION><A>" + b"x" * 200_000 + b"</A></SESSION>"
    logs = [{"user": JDOE, "name": f"202601010000{n:02d}.xml", "content": large} for n in range(5)]
    biggest: list[int] = []
    real = LogArchive.add
    monkeypatch.setattr(
        LogArchive,
        "add",
        lambda self, host, found, events: (
            biggest.append(sum(len(item.content) for item in found)),
            real(self, host, found, events),
        )[1],
    )
    found = collect(desk([{"user": ASMITH, "count": 150}, *logs]))
    assert (found.new, found.error) == (155, None)
    assert max(biggest) <= session_log_bytes.PIECE_BYTES
    assert len(biggest) == 4
    assert problems(archive.directory) == []


def test_too_many_for_one_run(desk: Make, collect: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MAX_LOGS", 8)
    monkeypatch.setattr(flow, "MAX_TOLD", 3)
    pool = desk([{"user": JDOE, "count": 20}])
    found = [collect(pool) for _run in range(4)]
    assert [item.new for item in found] == [8, 8, 4, 0]
    assert (found[0].left_count, len(found[0].left), found[2].left_count) == (12, 3, 0)


@pytest.mark.parametrize(
    ("fault", "requests"),
    [("vanish_after", (2, 6, 8, 10)), ("drop_connection_at", (5, 8, 10)), ("drop_reply_at", range(4, 12))],
)
def test_a_host_that_ends_half_way(
    fault: str, requests: Sequence[int], desk: Make, collect: Make, archive: LogArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any of its requests: what came is kept and whole, and the next run brings the rest and nothing twice."""
    monkeypatch.setattr(session_log_bytes, "PIECE_FILES", 6)
    pool = desk([{"user": JDOE, "count": 12}], events=[{"id": 16, "seconds_ago": 5}])
    host = pool.hosts["desk-01"]
    before, partial = logs_left(host), set()
    for number in requests:
        there = archive_at(archive.directory.with_name(f"{fault}-{number}"))
        host.faults.set(fault, number)
        found = collect(pool, archive=there)
        host.faults.set(fault, 0)
        assert problems(there.directory) == []
        kept = records(there.directory) if there.path("sessions.jsonl").exists() else []
        assert len(kept) == found.new
        assert found.error is not None or found.new == 12
        partial.add(found.new)
        again = collect(pool, archive=there)
        assert (again.error, again.new) == (None, 12 - found.new)
        assert len(records(there.directory)) == 12
        assert len(records(there.directory, "event_log")) == 1
    assert partial >= {0, 6}
    assert logs_left(host) == before


def test_a_log_that_can_not_be_had_costs_no_other(desk: Make, collect: Make) -> None:
    pool = desk([{"user": JDOE, "count": 2}, {"user": JDOE, "name": NAME, "content": LOG}])
    host = pool.hosts["desk-01"]
    host.files.get(f"{FOLDER}\\{NAME}").locked = True
    found = collect(pool)
    assert (found.new, found.error) == (2, None)
    assert [item["what"] for item in found.left] == [NAME]
    host.files.get(f"{FOLDER}\\{NAME}").locked = False
    assert collect(pool).new == 1
