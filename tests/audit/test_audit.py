# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit trail of real runs: who did what, when and why, in a chain that shows every change."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import resource
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.action.invitation import ActionModule
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.audit_export import COLUMNS, export_entries
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.audit_file import AuditFile, record
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AuditNotWritten, InvitationNotEnded

from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import DESKTOP

PASSWORD = "kadum4-rebis7-gotan3"


def entries_of(path: Path) -> list[dict[str, Any]]:
    """The entries of a whole trail."""
    found = AuditFile(path).verify()
    assert found.problem is None
    return list(found.entries)


def test_an_invitation_and_its_end_are_recorded(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    inventory, trail = inventory_for(make_pool(DESKTOP)), tmp_path / "kept" / "trail.jsonl"
    said = {"user": "jdoe", "ticket": 4711, "reason": "cannot print", "assist_audit_file": str(trail)}
    made = run_playbook("assist", inventory=inventory, extra={**said, "password": PASSWORD}).ok().of("invitation")
    run_playbook("revoke", inventory=inventory, extra=said).ok()
    first, second = entries_of(trail)
    assert (first["action"], first["outcome"], first["host"]) == ("invitation", "created", "desk-01")
    assert (first["user"], first["ticket"], first["reason"]) == ("jdoe", "4711", "cannot print")
    assert (first["sha256"], first["expires"]) == (made["sha256"], made["expires"])
    assert second["outcome"] == "revoked"
    assert second["sessions"] == [{"session_id": first["session_id"], "sid": first["sid"]}]
    assert stat.S_IMODE(trail.stat().st_mode) == 0o600
    assert PASSWORD not in trail.read_text()


def test_the_person_who_launched_a_job_is_named(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    trail = tmp_path / "trail.jsonl"
    extra = {"user": "jdoe", "awx_user_name": "alice", "assist_audit_file": str(trail)}
    run_playbook("assist", inventory=inventory_for(make_pool(DESKTOP)), extra=extra).ok()
    assert [entry["operator"] for entry in entries_of(trail)] == ["alice"]


def test_a_refused_invitation_is_recorded(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    trail = tmp_path / "trail.jsonl"
    inventory = inventory_for(make_pool({**DESKTOP, "policy": {"fAllowToGetHelp": 0}}))
    run = run_playbook("assist", inventory=inventory, extra={"user": "jdoe", "assist_audit_file": str(trail)})
    assert run.returncode != 0
    (entry,) = entries_of(trail)
    assert (entry["outcome"], entry["error"]) == ("failed", "assistance_forbidden")


def test_check_mode_and_an_empty_name_record_nothing(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    inventory, trail = inventory_for(make_pool(DESKTOP)), tmp_path / "trail.jsonl"
    run_playbook("assist", "--check", inventory=inventory, extra={"user": "jdoe", "assist_audit_file": str(trail)}).ok()
    run = run_playbook("assist", inventory=inventory, extra={"user": "jdoe", "assist_audit_file": ""}).ok()
    assert not trail.exists()
    assert list(run.folder.glob("*.jsonl")) == [run.folder / "results.jsonl"]


def test_without_a_trail_nothing_is_done(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    pool = make_pool(DESKTOP)
    extra = {"user": "jdoe", "assist_audit_file": str(tmp_path)}
    run = run_playbook("assist", inventory=inventory_for(pool), extra=extra)
    assert run.returncode != 0
    assert "audit trail" in run.failures[-1]
    assert pool.hosts["desk-01"].state()["writes"] == []
    assert run.invitations == []


def test_an_invitation_that_can_not_be_recorded_is_taken_back(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    pool, trail = make_pool(DESKTOP), tmp_path / "trail.jsonl"
    run = run_playbook.start(
        "assist", inventory=inventory_for(pool), extra={"user": "jdoe", "assist_audit_file": str(trail)}
    )
    # Between the check and the record, somebody spoils the trail.
    run.wait_until(lambda: trail.exists() and not trail.read_bytes())
    trail.write_text("spoiled\n")
    done = run.wait()
    assert done.returncode != 0
    assert "can not be continued" in done.failures[-1]
    state = pool.hosts["desk-01"].state()
    assert [item for item in state["processes"] if item["name"] == "msra.exe"] == []
    assert done.invitations == []
    assert trail.read_text() == "spoiled\n"


def test_what_failed_is_told_although_it_can_not_be_recorded(tmp_path: Path) -> None:
    """What is still open on a host matters more than a trail."""
    trail = tmp_path / "trail.jsonl"
    trail.write_text("spoiled\n")
    action: Any = object.__new__(ActionModule)
    action._audit, action._secrets, action._variables, action._task_host = AuditFile(trail), set(), {}, "desk-01"
    error = InvitationNotEnded("msra.exe can not be ended.", host="desk-01", hint="Repeat.")
    action._audit_failure(error, {})
    assert str(error).startswith(
        "desk-01: msra.exe can not be ended. Repeat. Nor could it be recorded: the audit trail"
    )
    assert "can not be continued" in str(error)
    assert trail.read_text() == "spoiled\n"


def test_an_enforcement_is_recorded_once(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    inventory, trail = inventory_for(make_pool(DESKTOP)), tmp_path / "trail.jsonl"
    extra = {"assist_audit_file": str(trail), "reason": "nightly"}
    for _time in range(2):
        run_playbook("enforce", inventory=inventory, extra=extra).ok()
    (entry,) = entries_of(trail)
    assert (entry["action"], entry["outcome"], entry["reason"]) == ("enforcement", "changed", "nightly")
    changed = {item["setting"]: item["after"] for item in entry["changes"]["policy"]}
    assert changed["solicited_remote_assistance"] == "enabled"
    assert entry["changes"]["firewall"]


def audit(run_playbook: PlaybookRunner, **extra: Any) -> Run:
    """A run of audit.yml."""
    return run_playbook("audit", inventory="localhost,", extra=extra)


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """A trail of three entries."""
    path = tmp_path / "trail.jsonl"
    for user in ("jdoe", "asmith", "=cmd|' /c calc'!A0"):
        AuditFile(path).append(record("invitation", "created", {}, host="desk-01", user=user))
    return path


def test_the_playbook_shows_and_exports(trail: Path, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    found = audit(run_playbook, assist_audit_file=str(trail)).ok().of("audit_info")
    assert found["count"] == len(found["lines"]) == 3
    export = tmp_path / "out" / "trail.csv"
    audit(run_playbook, assist_audit_file=str(trail), export=str(export), user="jdoe", head=found["head"]).ok()
    (heading, row) = list(csv.reader(export.read_text().splitlines()))
    assert (tuple(heading), row[6]) == (COLUMNS, "jdoe")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("asmith", "nobody"), "line 2"),
        (lambda text: "".join(text.splitlines(keepends=True)[1:]), "line 1"),
        (lambda text: text + "x\n", "line 4"),
    ],
)
def test_the_playbook_sees_tampering(spoil: Any, words: str, trail: Path, run_playbook: PlaybookRunner) -> None:
    trail.write_text(spoil(trail.read_text()))
    run = audit(run_playbook, assist_audit_file=str(trail))
    assert run.returncode != 0
    assert words in run.failures[-1]


def test_the_playbook_sees_what_was_cut_off(trail: Path, run_playbook: PlaybookRunner) -> None:
    head = AuditFile(trail).verify().head
    trail.write_text("".join(trail.read_text().splitlines(keepends=True)[:2]))
    run = audit(run_playbook, assist_audit_file=str(trail), head=head)
    assert run.returncode != 0
    assert head in run.failures[-1]


def test_a_table_has_where_it_went_and_takes_any_text(tmp_path: Path) -> None:
    """Half a surrogate pair comes from an operator's terminal that is not in UTF-8."""
    path = tmp_path / "trail.csv"
    export_entries(path, [{"reason": "caf\udce9", "delivered": [{"channel": "smb"}], "sessions": [{"session_id": 3}]}])
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert (row["reason"], row["delivered"], row["sessions"]) == ("caf?", '[{"channel": "smb"}]', '[{"session_id": 3}]')


def test_a_formula_is_no_formula_in_the_table(trail: Path, tmp_path: Path) -> None:
    export_entries(tmp_path / "x.csv", entries_of(trail))
    rows = list(csv.reader((tmp_path / "x.csv").read_text().splitlines()))
    assert rows[3][6] == "'=cmd|' /c calc'!A0"
    export_entries(tmp_path / "x.json", entries_of(trail))
    assert json.loads((tmp_path / "x.json").read_text()) == entries_of(trail)


def _append_many(path: Path, name: str) -> None:
    for number in range(40):
        AuditFile(path).append({"name": name, "number": number})


def test_runs_at_the_same_time_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_append_many, args=(path, name)) for name in "abcd"]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    entries = entries_of(path)
    assert len(entries) == 160
    assert [item["number"] for item in entries if item["name"] == "c"] == list(range(40))


def _append_too_much(path: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50, resource.RLIM_INFINITY))
    try:
        AuditFile(path).append({"text": "x" * 200})
    except AuditNotWritten:
        os._exit(7)


def test_a_full_disk_leaves_the_trail_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    AuditFile(path).append({"number": 1})
    before = path.read_bytes()
    run = multiprocessing.get_context("fork").Process(target=_append_too_much, args=(path,))
    run.start()
    run.join(30)
    assert run.exitcode == 7
    assert path.read_bytes() == before
