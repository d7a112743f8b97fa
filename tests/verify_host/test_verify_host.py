# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make verify-host` against the simulated pool: it asks everything, changes nothing and names nobody."""

from __future__ import annotations

import json
import re
import stat
from typing import Any

import pytest

from tests.support.playbook import ROOT, PlaybookRunner, Run
from tests.support.pools import ACCOUNTS, DESKTOP, SERVICE_PASSWORD
from tests.verify_host.policy_checks import POLICY_CHECKS
from tests.verify_host.report import ALL_CHECKS
from tests.verify_host.scrub import Scrubber, readable_streams

PLAYBOOK = ROOT / "tests/verify_host/verify_host.yml"
NAMES = ("jdoe", "asmith", "desk-01", "corp", "svc-ansible", "laptop-7", SERVICE_PASSWORD.lower())
MUST_HOLD = {
    "projection",
    "namespace-case",
    "process-owner",
    "shell-output",
    "quser-rows",
    "logon-sessions",
    "session-data",
    "policy",
}


def asked(run_playbook: PlaybookRunner, inventory: Any) -> tuple[Run, dict[str, Any]]:
    """A run and its report."""
    run = run_playbook(PLAYBOOK, inventory=inventory, extra={"verify_host": "desk-01"}).ok()
    (path,) = run.folder.glob("verify-host/*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return run, json.loads(path.read_text())


@pytest.mark.parametrize(
    "quirks",
    [
        {},
        {"projection_wrapper": "class", "namespace_case": "as-sent", "quser_exit_code": 0},
        {
            "session_data_stale": True,
            "hku_volatile_missing": True,
            "login_with_message": "bad_request",
            "reference_form": "path",
        },
    ],
    ids=str,
)
def test_every_question_gets_an_answer(
    quirks: dict[str, Any], make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    pool = make_pool({**DESKTOP, "quirks": quirks})
    run, report = asked(run_playbook, inventory_for(pool))
    rows = {row["name"]: row for row in report["checks"]}
    assert set(rows) == {check.name for check in ALL_CHECKS}
    broken = {name: row["answer"] for name, row in rows.items() if "could not be asked" in row["answer"]}
    assert set(broken) <= {"task-export"}, broken
    assert {name for name in MUST_HOLD if rows[name]["as_assumed"] is not True} == set()
    assert all(name in run.stdout for name in rows)
    assert rows["login-with-message"]["as_assumed"] is (quirks.get("login_with_message") != "bad_request")
    assert pool.hosts["desk-01"].state()["writes"] == []


@pytest.mark.parametrize(("language", "reference"), [("en-US", "epr"), ("de-DE", "path")])
def test_the_report_names_nobody(
    language: str, reference: str, make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    host = {**DESKTOP, "language": language, "quirks": {"reference_form": reference}}
    pool = make_pool(host, accounts=ACCOUNTS)
    _run, report = asked(run_playbook, inventory_for(pool))
    text = json.dumps(report, ensure_ascii=False).lower()
    names = (*NAMES, pool.hosts["desk-01"].address)
    # "Microsoft Corporation" is no domain.
    assert {name for name in names if re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text)} == set()
    assert report["transcript"]


def test_questions_about_policy_on_a_host_that_has_some(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    key = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
    entry = {"key": f"{key}\\RAUnsolicit", "name": "CORP\\Zebrafinken", "data": "CORP\\Zebrafinken"}
    gpo = {
        "name": "Contoso Baseline",
        "guid": "{31B2F340-016D-11D2-945F-00C04FB984F9}",
        "entries": [{"key": key, "name": "**del.MaxTicketExpiry", "data": " "}],
    }
    host = {**DESKTOP, "local_policy": {"registry_pol": {"entries": [entry]}}, "domain_policies": [gpo]}
    pool = make_pool(host)
    run, report = asked(run_playbook, inventory_for(pool))
    rows = {row["name"]: row for row in report["checks"]}
    assert {
        check.name: rows[check.name]["answer"] for check in POLICY_CHECKS if not rows[check.name]["as_assumed"]
    } == {}
    assert rows["rsop"]["evidence"] == {"rows": 1, "deleted": ["MaxTicketExpiry"]}
    assert rows["rsop-gpos"]["evidence"] == {"local": ["LocalGPO"]}
    assert rows["registry-pol"]["evidence"]["types"] == [1]
    text = json.dumps(report).lower() + run.stdout.lower()
    assert [name for name in ("contoso", "zebrafinken", "dc=corp", "dc=example") if name in text] == []
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_a_host_that_does_not_answer_is_one_line(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    pool = make_pool({**DESKTOP, "faults": {"refuse_login": True}})
    run = run_playbook(PLAYBOOK, inventory=inventory_for(pool), extra={"verify_host": "desk-01"})
    assert run.returncode != 0
    assert len(run.failures) == 1


def test_scrubbing() -> None:
    scrubber = Scrubber({"user": ["jdoe", "Jane Doe"], "computer": ["DESK-01"]}, ["s3cret-word"])
    text = "CORP\\JDOE at desk-01 (10.1.2.3, fe80::1%7, 10.0.20348.1) s3cret-word S-1-5-21-11-22-33-1104 12:30:15"
    assert scrubber.text(text) == (
        "CORP\\user-1 at computer-1 (address-2, address-1, 10.0.20348.1) ******** S-1-5-21-1-2-3-1104 12:30:15"
    )


def test_streams_are_made_readable() -> None:
    envelope = '<rsp:Stream Name="stdout" CommandId="1">amRvZQ==</rsp:Stream><rsp:Stream Name="x">AAECAw==</rsp:Stream>'
    assert readable_streams(envelope) == (
        '<rsp:Stream Name="stdout" CommandId="1">jdoe</rsp:Stream><rsp:Stream Name="x">[4 bytes]</rsp:Stream>'
    )
