# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job templates that the role awx_setup makes in AWX, each run as AWX runs it: the variables of their surveys,
their extra variables and what their credential types inject are what the playbooks take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.awx_runner.rig import Ended, Job
from tests.awx_runner.test_deliveries import assert_arrived, assert_kept, shown_to_user
from tests.delivery.share_server import USER
from tests.end_to_end.rig import traces
from tests.support.playbook import COLLECTION, PlaybookRunner
from tests.support.pools import DESKTOP

ROLE = COLLECTION / "roles/awx_setup"
ANSWERS = {"user": "jdoe"}
"""To the questions that have to be answered; the others are left alone."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that AWX shows to its containers."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def definitions(share: Any, kept: Path, run_playbook: PlaybookRunner) -> dict[str, Any]:
    """What the role would send to AWX for a helpdesk with a file share."""
    settings = {
        "awx_setup_project_url": "https://git.corp.example/pool.git",
        "awx_setup_image": "registry.corp.example/assist:1",
        "awx_setup_kept_directory": str(kept),
        "awx_setup_delivery": ["smb"],
        "awx_setup_smb": {"share": share.share, "port": share.port},
        "awx_setup_slices": 2,
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(path) for path in [*sorted(ROLE.glob("defaults/main/*.yml")), ROLE / "vars/main.yml"]],
        "tasks": [{"ansible.builtin.debug": {"msg": "{{ awx_setup_definitions }}"}}],
    }
    run = run_playbook([play], inventory="localhost,", extra=settings).ok()
    return dict(run.results[-1].result["msg"])


@pytest.fixture
def job_of(definitions: dict[str, Any], accounts: Any) -> Callable[..., Job]:
    """The job that a job template is launched as."""

    def make(name: str, **options: Any) -> Job:
        (template,) = [item for item in definitions["job_templates"] if item["name"] == name]
        questions = template.get("survey_spec", {}).get("spec", [])
        files, environment = _injected(definitions, template["credentials"], accounts)
        return Job(
            template["playbook"],
            {item["variable"]: ANSWERS[item["variable"]] if item["required"] else "" for item in questions},
            template["extra_vars"],
            check=template["job_type"] == "check",
            diff=template["diff_mode"],
            injected_files=files,
            environment=environment,
            **options,
        )

    return make


def _injected(definitions: dict[str, Any], names: list[str], accounts: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The files that credential types write, filled in as AWX does, and the variables with their paths."""
    files, environment = {}, {}
    kinds = {item["name"]: item for item in definitions["credential_types"]}
    for credential in definitions["credentials"]:
        kind = kinds.get(credential["credential_type"])
        if kind is None or credential["name"] not in names:
            continue
        ((variable, value),) = kind["injectors"]["env"].items()
        assert value == "{{ tower.filename }}"
        account = accounts[variable.split("_")[2].lower()]
        text = jinja2.Template(kind["injectors"]["file"]["template"]).render(username=USER, password=account.password)
        files[variable] = text
        environment[variable] = f"{{files[{variable}]}}"
    return files, environment


def _said_by(ended: Ended, action: str) -> dict[str, Any]:
    return ended.ok().of(action)


def test_the_helpdesk_templates(
    job_of: Any, share: Any, accounts: Any, make_pool: Any, controller: Any, kept: Path
) -> None:
    pool = make_pool(DESKTOP, {"name": "desk-02"})
    awx = controller(pool)
    with awx.run(job_of("Diagnose")) as ended:
        assert _said_by(ended, "diagnosis")["host"] == "desk-01"
    with awx.run(job_of("Assist")) as ended:
        ended.ok()
        password = shown_to_user(pool)
        assert_kept(ended, password, accounts["smb"].password)
        ((_name, data),) = share.delivered.items()
        assert_arrived(ended, data, password, "smb")
    with awx.run(job_of("Revoke")) as ended:
        assert len(_said_by(ended, "invitation")["revoked"]) == 1
    assert traces(pool.hosts["desk-01"]) == []
    # The trail is on the volume and has all of it.
    entries = [json.loads(line) for line in (kept / "assist-audit.jsonl").read_text().splitlines()]
    assert [(entry["outcome"], entry["operator"]) for entry in entries] == [("created", "hdesk"), ("revoked", "hdesk")]


def test_the_scheduled_templates(job_of: Any, make_pool: Any, controller: Any, kept: Path) -> None:
    pool = make_pool(DESKTOP, {"name": "desk-02"})
    awx, by_schedule = controller(pool), {"launched_by": {}}
    with awx.run(job_of("Enforce - drift", hosts=["desk-01"], **by_schedule)) as ended:
        assert (ended.status, ended.rc) == ("failed", 2)
        assert "1 drifted" in ended.stdout
    assert pool.hosts["desk-01"].state()["writes"] == []
    with awx.run(job_of("Enforce", hosts=["desk-01"], **by_schedule)) as ended:
        assert _said_by(ended, "remote_assistance")["changed"]
    assert pool.hosts["desk-02"].state()["writes"] == []
    with awx.run(job_of("Collect logs", **by_schedule)) as ended:
        assert _said_by(ended, "session_log")["summary"]["answered"] == 2
    with awx.run(job_of("Report", **by_schedule)) as ended:
        assert _said_by(ended, "report")["hosts"] == 2
    assert {path.name for path in (kept / "reports").iterdir()} == {"report.html", "report.json", "report.xml"}
    assert (kept / "session-logs/manifest.jsonl").exists()


def test_these_are_all() -> None:
    """A new template is to have its run above."""
    templates = yaml.safe_load((ROLE / "defaults/main/definitions.yml").read_text().replace("!unsafe", ""))
    names = {item["name"] for item in templates["awx_setup_job_templates"]}
    assert names == {"Assist", "Diagnose", "Revoke", "Enforce", "Enforce - drift", "Collect logs", "Report"}
