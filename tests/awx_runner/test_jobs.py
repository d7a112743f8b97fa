# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every job template's playbook, run by ansible-runner as AWX runs it, against a simulated pool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.awx_runner.rig import Job
from tests.end_to_end.rig import opens, traces
from tests.support.pools import DESKTOP

BARE = {"name": "desk-02"}
OPTIONAL = {"host": "", "session_id": "", "reason": "", "ticket": ""}
"""The survey's optional questions, left alone."""
EMPTY = {
    "assist": "assist_hosts expires_minutes check_reachable assist_timeout assist_directory assist_notify "
    "assist_notify_text helper",
    "diagnose": "assist_hosts expires_minutes check_reachable assist_timeout assist_most_hosts",
    "collect_logs": "assist_hosts assist_logs_chat assist_logs_events assist_logs_folder_names "
    "assist_logs_concurrency assist_host_timeout assist_logs_state assist_logs_head",
    "revoke": "assist_hosts",
    "enforce": "assist_hosts assist_batch assist_report_directory",
    "report": "assist_hosts assist_report_directory assist_report_formats assist_report_title assist_report_mode",
}
"""Further variables that somebody may make questions of their own of."""
GIVEN = "Maple-Harbor-29"


def playbook(name: str) -> str:
    return f"playbooks/{name}.yml"


def empty(name: str) -> dict[str, str]:
    """Every variable of a playbook that may be left alone, as AWX passes it then."""
    return dict.fromkeys(EMPTY[name].split(), "") | OPTIONAL


def test_a_helpdesk_case(make_pool: Any, controller: Any) -> None:
    """Diagnose, then Assist, then Revoke, all questions but the user left alone; no host has a credential. The psrp
    plugin and our own fan-out read the Machine credential; test_templates.py has the same with winrm."""
    pool = make_pool(DESKTOP, BARE)
    host, awx = pool.hosts["desk-01"], controller(pool, connection="psrp-ntlm")
    with awx.run(Job(playbook("diagnose"), {"user": "jdoe", **empty("diagnose")})) as ended:
        ended.ok()
        assert ended.of("diagnosis")["host"] == "desk-01"
    assert host.state()["writes"] == []

    job = Job(playbook("assist"), {"user": "jdoe", **empty("assist")}, injected_variables={"password": GIVEN})
    with awx.run(job) as ended:
        made = ended.ok().of("invitation")
        (path,) = ended.folder.rglob("*.msrcincident")
        assert opens(path, GIVEN)
        assert (made["host"], made["session"]["session_id"]) == ("desk-01", 1)
    assert not ended.folder.exists()
    assert [trace.split()[0] for trace in traces(host)] == ["task", "process"]

    with awx.run(Job(playbook("revoke"), {"user": "jdoe", **empty("revoke")})) as ended:
        assert len(ended.ok().of("invitation")["revoked"]) == 1
    assert traces(host) == []
    assert traces(pool.hosts["desk-02"]) == []


def test_an_answer_is_never_a_template(make_pool: Any, controller: Any) -> None:
    """Whoever may launch may type anything."""
    asked = {**OPTIONAL, "reason": "{{ 6 * 7 }} {% raw %}", "ticket": "{{ ansible_password }}"}
    job = Job(playbook("assist"), {"user": "jdoe", **asked}, injected_variables={"password": GIVEN})
    with controller(make_pool()).run(job) as ended:
        ended.ok()
        (line,) = (ended.folder / "project/assist-audit.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (entry["reason"], entry["ticket"]) == (asked["reason"], asked["ticket"])
    assert entry["operator"] == "hdesk"


def test_enforce_in_slices(make_pool: Any, controller: Any) -> None:
    """Each slice brings its own hosts up to it, and the drift check of the whole pool finds nothing then."""
    pool = make_pool(DESKTOP, BARE)
    awx = controller(pool)
    with awx.run(Job(playbook("enforce"), empty("enforce"), hosts=["desk-02"], launched_by={})) as ended:
        assert ended.ok().of("remote_assistance")["changed"]
    assert pool.hosts["desk-01"].state()["writes"] == []
    assert pool.hosts["desk-02"].state()["writes"] != []

    with awx.run(Job(playbook("enforce"), empty("enforce"), limit="desk-01")) as ended:
        ended.ok()
    with awx.run(Job(playbook("enforce"), empty("enforce"), check=True)) as ended:
        ended.ok()


def test_the_other_playbooks_with_every_question_left_alone(make_pool: Any, controller: Any) -> None:
    """collect_logs asks all hosts from one task, delegated to localhost, and takes the Machine credential there."""
    pool = make_pool(DESKTOP, BARE)
    awx = controller(pool, connection="psrp-ntlm")
    with awx.run(Job(playbook("collect_logs"), empty("collect_logs"))) as ended:
        found = ended.ok().of("session_log")
        assert (found["summary"]["answered"], found["unreachable_hosts"]) == (2, [])
    with awx.run(Job(playbook("report"), empty("report"))) as ended:
        assert ended.ok().of("report")["hosts"] == 2
    assert all(host.state()["writes"] == [] for host in pool.hosts.values())


def test_audit(make_pool: Any, controller: Any, tmp_path: Path) -> None:
    """A trail on a volume goes on from job to job, with the person who launched each."""
    pool, trail = make_pool(), tmp_path / "trail.jsonl"
    awx, kept = controller(pool), {"assist_audit_file": str(trail)}
    job = Job(playbook("assist"), {"user": "jdoe", **OPTIONAL}, kept, injected_variables={"password": GIVEN})
    with awx.run(job) as ended:
        ended.ok()
    with awx.run(Job(playbook("revoke"), {"user": "jdoe", **OPTIONAL}, kept)) as ended:
        ended.ok()
    with awx.run(Job(playbook("audit"), {"user": "", "since": "", "head": "", "export": ""}, kept)) as ended:
        found = ended.ok().of("audit_info")
        assert found["count"] == 2
        assert "2 entries, none changed" in ended.stdout
    entries = [json.loads(line) for line in trail.read_text().splitlines()]
    assert [entry["operator"] for entry in entries] == ["hdesk", "hdesk"]
