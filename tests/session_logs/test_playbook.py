# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/collect_logs.yml in real runs: many hosts, hosts that fail, tampering, two runs at once, secrets."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import yaml

from tests.end_to_end.test_return_values import differences
from tests.repository.test_documentation import documentation
from tests.session_logs.rig import NAME, archive_at, problems, records, rows
from tests.support.canary import files_with, new_canary
from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import inventory_data, write_inventory


def desk(number: int, **more: Any) -> dict[str, Any]:
    """A host with five logs and an event."""
    session = {"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}
    logs = [{"user": "CORP\\jdoe", "count": 3}, {"user": "CORP\\asmith", "count": 2}]
    return {
        "name": f"desk-{number:02d}",
        "sessions": [session],
        "session_logs": logs,
        "events": [{"id": 16, "seconds_ago": 60}],
        **more,
    }


def lines(run: Run) -> str:
    """What the summary says."""
    return "\n".join(run.of("session_log")["lines"])


def test_looked_at_collected_verified_tampered(make_pool: Any, run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    secret, password = new_canary("Service"), new_canary()
    accounts = [
        {"name": "svc-ansible", "password": secret, "administrator": True},
        {"name": "jdoe"},
        {"name": "asmith"},
    ]
    typed = {"id": 13, "data": [f"msra.exe /saveasfile C:\\a.msrcIncident {password}"]}
    error = {"id": 29, "data": [f"the password {password} is wrong"]}
    bad = [{"user": "CORP\\jdoe", "name": NAME, "content": "nonsense"}, *desk(1)["session_logs"]]
    pool = make_pool(desk(1, session_logs=bad), desk(2, events=[typed, error]), accounts=accounts)
    inventory = write_inventory(tmp_path, inventory_data(pool, password=secret))
    directory, log = tmp_path / "kept" / "logs", tmp_path / "ansible.log"
    extra = {"assist_logs_directory": str(directory)}
    env = {"ANSIBLE_LOG_PATH": str(log)}

    looked = run_playbook("collect_logs", "--check", inventory=inventory, extra=extra).ok()
    assert "11 new ones to be collected" in lines(looked)
    assert not directory.exists()

    first = run_playbook("collect_logs", "-vvvv", "--diff", inventory=inventory, extra=extra, env=env).ok()
    result = first.of("session_log")
    assert (result["changed"], result["summary"]["new_logs"], result["summary"]["unparsable"]) == (True, 11, 1)
    assert f"{NAME}: the session log is not well-formed XML." in lines(first)
    assert list(differences(documentation("session_log", "RETURN"), result, "collected")) == []
    assert len(records(directory)) == 11
    assert len(rows(directory)) == 11 + len(records(directory, "event_log"))
    assert stat.S_IMODE((directory / "sessions.csv").stat().st_mode) == 0o600
    for canary in (secret, password):
        assert canary not in log.read_text() + first.stdout + first.stderr
        assert files_with(canary, directory) == files_with(canary, first.folder) == []
    assert all(host.state()["writes"] == [] for host in pool.hosts.values())

    check = {"state": "verified", "directory": str(directory), "head": result["head"]}
    spoiled = directory / "originals" / records(directory)[0]["file"]
    tasks: list[dict[str, Any]] = [
        {"name": "Whole", "workspot.assist.session_log": check},
        {"name": "Spoil", "ansible.builtin.raw": f"echo >> {spoiled}"},
        {"name": "Tampered", "workspot.assist.session_log": check},
    ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    seen = run_playbook([play], inventory="localhost,")
    whole, _raw, tampered = (item.result for item in seen.results)
    assert (whole["originals"], whole["problems"], whole["head"]) == (11, [], result["head"])
    assert list(differences(documentation("session_log", "RETURN"), whole, "verified")) == []
    assert seen.returncode != 0
    assert "it was changed" in tampered["msg"]
    assert tampered["error"]["kind"] == "log_archive_tampered"


def test_the_playbook_verifies(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    archive_at(tmp_path / "logs").path("originals").mkdir()
    (tmp_path / "logs/originals/planted").touch()
    extra = {"assist_logs_directory": str(tmp_path / "logs"), "assist_logs_state": "verified"}
    run = run_playbook("collect_logs", inventory="localhost,", extra=extra)
    assert run.returncode != 0
    assert "originals/planted: it is not in the manifest" in run.failures[0]


def test_hosts_that_do_not_answer_are_named(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    hosts = [desk(1), desk(2, faults={"down": True}), desk(3, faults={"refuse_login": True})]
    hosts.append(desk(4, documents={"CORP\\jdoe": "\\\\filer\\home"}, session_logs=[]))
    inventory = inventory_for(make_pool(*hosts), connection="psrp")
    extra = {"assist_logs_directory": str(tmp_path / "logs"), "assist_logs_chat": False}
    run = run_playbook("collect_logs", inventory=inventory, extra=extra).ok()
    result = run.of("session_log")
    assert (result["summary"]["answered"], result["summary"]["new_logs"]) == (2, 5)
    assert {item["host"]: item["kind"] for item in result["unreachable_hosts"]} == {
        "desk-02": "unreachable",
        "desk-03": "login_refused",
    }
    assert "desk-04: \\\\filer\\home of S-1-5-21-" in lines(run)
    assert "2 of 4 hosts answered" in lines(run)
    assert {"".join(record["chat"]) for record in records(tmp_path / "logs")} == {""}
    assert "helpdesk: test" not in (tmp_path / "logs/sessions.jsonl").read_text()


def test_two_runs_at_once_fill_one_archive(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """Both bring the same; it is there once. A third moves nothing."""
    pool = make_pool(*(desk(number) for number in range(1, 9)))
    inventory, directory = inventory_for(pool), tmp_path / "logs"
    extra = {"assist_logs_directory": str(directory)}
    both = [run_playbook.start("collect_logs", inventory=inventory, extra=extra) for _run in range(2)]
    summaries = [run.wait().ok().of("session_log")["summary"] for run in both]
    assert sum(item["new_logs"] for item in summaries) == len(records(directory)) == 40
    assert sum(item["events"] for item in summaries) == len(records(directory, "event_log")) == 8
    assert len(rows(directory)) == 48
    assert problems(directory) == []
    last = run_playbook("collect_logs", inventory=inventory, extra=extra).ok().of("session_log")
    assert (last["changed"], last["summary"]["bytes"], last["summary"]["exchanges"]) == (False, 0, 4 * 8)


def test_a_controller_that_is_killed_costs_nothing(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    pool = make_pool(*(desk(number, faults={"slow_reply": 0.05 * number}) for number in range(1, 7)))
    inventory, directory = inventory_for(pool), tmp_path / "logs"
    extra = {"assist_logs_directory": str(directory)}
    run = run_playbook.start("collect_logs", inventory=inventory, extra=extra)
    run.wait_until((directory / "sessions.jsonl").exists)
    run.kill()
    run.wait()  # closes its streams
    for host in pool.hosts.values():
        host.faults.set("slow_reply", 0.0)
    there = len(records(directory))
    again = run_playbook("collect_logs", inventory=inventory, extra=extra).ok().of("session_log")
    assert 0 <= there < 30
    assert len(records(directory)) == 30
    assert 30 - there <= again["summary"]["new_logs"] + 5
    assert (len(records(directory, "event_log")), len(rows(directory)), problems(directory)) == (6, 36, [])
    assert all(host.state()["writes"] == [] for host in pool.hosts.values())


def test_what_can_not_work_is_said_at_once(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    pool = make_pool(desk(1, faults={"refuse_login": True}))
    inventory, file = inventory_for(pool), tmp_path / "file"
    file.write_text("x")
    task = "workspot.assist.session_log"
    asked = {
        "no folder": {"directory": str(file)},
        "no archive": {"directory": str(tmp_path / "none"), "state": "verified"},
        "no host": {"directory": str(tmp_path / "none"), "hosts": ["desk-99"]},
        "no time": {"directory": str(tmp_path / "none"), "host_timeout": 0},
        "no name": {"directory": str(tmp_path / "b"), "folder_names": ["a & calc"]},
        "no answer": {"directory": str(tmp_path / "c")},
    }
    tasks = [{"name": name, task: options, "ignore_errors": True} for name, options in asked.items()]
    play = {"hosts": "all", "gather_facts": False, "tasks": [{**item, "delegate_to": "localhost"} for item in tasks]}
    run = run_playbook([play], inventory=inventory).ok()
    said = {item.task: str(item.result.get("msg")) for item in run.results}
    assert "can not be used" in said["no folder"]
    assert "there is no archive" in said["no archive"]
    assert "desk-99: not in the inventory" in said["no host"]
    assert "between 1 and 3600" in said["no time"]
    assert "a name among folder_names" in said["no name"]
    assert "no host gave anything; the first, desk-01" in said["no answer"]
    assert len(run.results) == len(asked)
    assert not (tmp_path / "none").exists()


def test_the_playbook_explains_its_variables() -> None:
    """Every variable that its head explains is used, and the other way round."""
    from tests.support.playbook import COLLECTION

    text = (COLLECTION / "playbooks/collect_logs.yml").read_text()
    (play,) = yaml.safe_load(text)
    head = text.partition("- name:")[0]
    used = set(re.findall(r"\b(assist_(?:logs_\w+|hosts?\w*))\b", json.dumps(play)))
    assert used == {line.split()[1] for line in head.splitlines() if line.startswith("# assist_")}
