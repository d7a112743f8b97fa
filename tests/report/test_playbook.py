# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's playbook and module in real runs against simulated pools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import report_data
from ansible_collections.workspot.assist.plugins.plugin_utils._report.view import CELLS, MOST_COLUMNS

from tests.end_to_end.test_return_values import differences
from tests.enforce.pools import CLERKS_LOGIN, CLIENT, EVERY_KIND, GERMAN, WITH_AN_ORDINARY_ACCOUNT
from tests.enforce.rig import Fleet
from tests.report.sample import host_result, pool_results
from tests.repository.test_documentation import documentation
from tests.support.canary import assert_kept_secret
from tests.support.chromium import Chromium
from tests.support.playbook import COLLECTION, ROOT, PlaybookRunner, Run
from tests.support.pools import SERVICE_PASSWORD

NAMES = ("report.html", "report.json", "report.xml")
HOSTILE = "{{ 7 * 7 }}<script>alert(1)</script>"


@pytest.fixture
def fleet(make_pool: Callable[..., Any], tmp_path: Path, run_playbook: PlaybookRunner) -> Callable[..., Fleet]:
    """Starts a pool of some hosts, for the playbook."""
    return lambda *hosts, **options: Fleet(make_pool(*hosts, **options), tmp_path, run_playbook)


def report_of(run: Run, folder: str | Path = "reports") -> dict[str, Any]:
    """The JSON file of a run."""
    found: dict[str, Any] = json.loads((run.folder / folder / "report.json").read_text())
    return found


def states(report: dict[str, Any]) -> dict[str, str]:
    """State by host, in the report's order."""
    return {host["host"]: host["state"] for host in report["hosts"]}


def page(run: Run) -> str:
    """The text of a run's page."""
    return (run.folder / "reports/report.html").read_text()


def play(*tasks: dict[str, Any], hosts: str = "localhost", **keywords: Any) -> list[dict[str, Any]]:
    """A play without facts."""
    return [{"hosts": hosts, "gather_facts": False, "tasks": list(tasks), **keywords}]


def task(**options: Any) -> dict[str, Any]:
    """A task that makes a report."""
    return {"name": "Report", "workspot.assist.report": options}


def test_a_pool_of_every_kind(fleet: Callable[..., Fleet], browser: Chromium) -> None:
    pool = fleet(*EVERY_KIND, accounts=WITH_AN_ORDINARY_ACCOUNT)
    pool.variables("clerk").update(CLERKS_LOGIN)
    pool.enforce("--limit", "german")
    pool.forget()
    run = pool.enforce(playbook="report").run.ok()
    assert pool.writes == {}, "a report changes nothing"

    found = report_of(run)
    assert states(found) == {
        "down": "unreachable",
        "refuses": "unreachable",
        "clerk": "failed",
        "overruled": "overruled",
        "server": "drifted",
        "client": "drifted",
        "stripped": "drifted",
        "german": "compliant",
    }
    assert found["written"] is False
    assert [(item["name"], item["settings"], item["hosts"]) for item in found["deciders"]] == [
        ("No assistance", ["Configure Solicited Remote Assistance"], 1)
    ]
    hosts = {host["host"]: host for host in found["hosts"]}
    assert hosts["refuses"]["troubles"][0]["kind"] == "login_refused"
    assert {rule["rule_id"] for rule in hosts["german"]["rules"]} >= {"WN11-CC-000155", "18.9.35.1"}
    assert {"part": "feature", "setting": "feature", "before": "absent", "after": "present"}.items() <= hosts["server"][
        "differences"
    ][0].items()

    said = next(item.result["msg"] for item in run.results if item.task.startswith("Say how many hosts"))
    folder = run.folder / "reports"
    assert said[:5] == ["unreachable: 2", "failed: 1", "overruled: 1", "drifted: 3", "compliant: 1"]
    assert said[5:] == ["as they should be: 1 of 8", *(str(folder / name) for name in NAMES)]
    assert list(differences(documentation("report", "RETURN"), run.of("report"), "success")) == []

    suites = ET.parse(folder / "report.xml").getroot()
    assert (len(suites), suites.attrib["errors"]) == (8, "3")
    browser.open(folder / "report.html")
    assert browser.complaints == []
    assert browser.run("Array.from(document.querySelectorAll('summary')).map(e => e.textContent)") == list(
        states(found)
    )
    assert "No assistance" in browser.run("document.querySelector('.overruled .why').textContent")
    assert_kept_secret(SERVICE_PASSWORD, run)


def test_again_with_every_ansible(each_ansible: Path, fleet: Callable[..., Fleet], tmp_path: Path) -> None:
    pool = fleet(CLIENT, GERMAN)
    pool.runner.bin = each_ansible
    where = {"assist_report_directory": str(tmp_path / "kept"), "assist_report_title": HOSTILE.replace("{{", "[[")}
    first = pool.enforce(playbook="report", **where).run.ok()
    assert first.of("report")["changed"] is True
    files = {name: (tmp_path / "kept" / name).read_text() for name in NAMES}

    again = pool.enforce(playbook="report", **where).run.ok()
    assert again.of("report")["changed"] is False
    generated = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
    for name in NAMES:
        now = (tmp_path / "kept" / name).read_text()
        assert generated.sub("", now) == generated.sub("", files[name])

    checked = pool.enforce("--check", "--limit", "german", playbook="report", **where).run.ok()
    assert checked.of("report")["changed"] is True
    assert checked.of("report")["not_looked_at"] == ["client"]
    assert {path.name for path in (tmp_path / "kept").iterdir()} == set(NAMES)
    assert report_of(again, tmp_path / "kept")["counts"]["drifted"] == 2
    assert pool.writes == {}


def test_enforcement_leaves_its_own_report(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT)
    audit = pool.enforce("--check", assist_report_directory="reports").run
    assert audit.returncode == 2
    assert states(report_of(audit)) == {"client": "drifted"}
    done = pool.enforce(assist_report_directory="reports").run.ok()
    found = report_of(done)
    assert (states(found), found["written"]) == ({"client": "changed"}, True)
    before = {item["setting"]: (item["before"], item["after"]) for item in found["hosts"][0]["differences"]}
    assert before["solicited_remote_assistance"] == ("not_configured", "enabled")
    assert "Mended" in page(done)


def test_it_runs_once_for_all_hosts_and_takes_the_plays_hosts(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    hosts = {f"desk-{number}": {"outcome": host_result()} for number in range(1, 4)}
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {**hosts, "new": {}}}}))
    run = run_playbook(play(task(variable="outcome", formats=["json"]), hosts="all"), inventory=inventory).ok()
    assert len([item for item in run.results if item.action.endswith("report")]) == 1
    assert run.of("report")["not_looked_at"] == ["new"]
    assert [path.name for path in (run.folder / "reports").iterdir()] == ["report.json"]
    assert run.of("report")["paths"] == {"json": str(run.folder / "reports/report.json")}
    assert len(states(report_of(run))) == 3


def test_results_are_never_taken_for_templates(
    each_ansible: Path, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    """Here they come from a file, as a job that keeps its results would give them."""
    change = {"setting": HOSTILE, "title": HOSTILE, "before": HOSTILE, "after": HOSTILE}
    results = {HOSTILE: host_result(state="drifted", policy_changes=[change])}
    (tmp_path / "results.json").write_text(json.dumps(results))
    run_playbook.bin = each_ansible
    read = f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/results.json') | from_json }}}}"
    run = run_playbook(play(task(results=read)), inventory="localhost,").ok()
    assert list(states(report_of(run))) == [HOSTILE]
    assert "<script>alert" not in page(run)
    assert "{{ 7 * 7 }}&lt;script&gt;" in page(run)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"results": {}}, "there is no host with a result to report on"),
        ({"variable": "nothing_of_that_name"}, "there is no host with a result to report on"),
        ({"results": {"a": {}}, "variable": "b"}, "mutually exclusive"),
        ({"results": {"a": {}}, "hosts": ["a"]}, "mutually exclusive"),
        ({"variable": "b", "hosts": ["nobody"]}, "nobody: not in the inventory."),
        ({"results": {"a": {"state": "compliant"}}, "mode": "rw"}, "permissions in octal"),
        ({"results": {"a": {"state": "compliant"}}, "formats": ["pdf"]}, "formats"),
        ({"results": {"a": {"state": "compliant"}}, "directory": "/proc/nowhere"}, "can not be written"),
    ],
)
def test_what_can_not_work_is_said_in_one_line(
    options: dict[str, Any], message: str, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook(play(task(**options)), inventory="localhost,")
    assert run.returncode == 2
    (said,) = run.failures
    assert message in said
    assert "\n" not in said
    assert not (run.folder / "reports").exists()


def test_a_thousand_hosts_in_one_task(run_playbook: PlaybookRunner, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(pool_results(1000)))
    read = f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/results.json') | from_json }}}}"
    run = run_playbook(play(task(results=read)), inventory="localhost,").ok()
    assert run.of("report")["hosts"] == 1000
    assert (run.folder / "reports/report.html").stat().st_size < 3_000_000


def test_the_guide_names_every_key_of_the_json_file() -> None:
    guide = (ROOT / "docs/report.md").read_text()
    found = report_data(pool_results(60), generated=datetime(2026, 3, 4, tzinfo=UTC)).as_data()
    assert {key for key in (*found, *found["hosts"][0]) if f"`{key}`" not in guide} == set()
    assert f"The {MOST_COLUMNS} settings" in guide
    assert all(f"| {sign} | " in guide for sign, _ in CELLS.values() if sign)


def test_the_playbook_explains_its_variables() -> None:
    head, _, body = (COLLECTION / "playbooks/report.yml").read_text().partition("- name: Look at every host")
    explained = re.findall(r"^# (assist_\w+) +\S", head, flags=re.MULTILINE)
    assert set(explained) == {
        "assist_hosts",
        *(f"assist_report_{name}" for name in ("directory", "formats", "title", "mode")),
    }
    assert [name for name in explained if name not in body] == []
