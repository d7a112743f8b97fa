# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/awx_setup.yml with the real modules of awx.awx against a fake AWX API that refuses unknown fields."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.credentials import Credentials, read_credentials
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.awx.conftest import PLAYBOOKS, Setup, make_setup
from tests.awx.fake_api import READ, WRITE, FakeAwx, fake_awx
from tests.support.canary import new_canary
from tests.support.playbook import ROOT, Run

CANARY = new_canary()
MAIL_CANARY = new_canary()
HELPDESK = {
    ("job_templates", "Assist", "execute_role"),
    ("job_templates", "Diagnose", "execute_role"),
    ("job_templates", "Revoke", "execute_role"),
    ("workflow_job_templates", "Diagnose and assist", "execute_role"),
}
# A text marked so is `!unsafe` of a variables file in JSON.
NOTIFICATION = {
    "name": "Desktop engineering by mail",
    "notification_type": "email",
    "notification_configuration": {
        "host": "mail.example",
        "port": 587,
        "username": "awx",
        "password": MAIL_CANARY,
        "use_tls": True,
        "use_ssl": False,
        "sender": "awx@example.org",
        "recipients": ["desktop@example.org"],
        "timeout": 30,
    },
    "messages": {
        "started": None,
        "success": {
            "message": {"__ansible_unsafe": "Invitation for {{ job.artifacts.user }} on {{ job.artifacts.host }}"}
        },
        "error": None,
        "workflow_approval": None,
    },
}
FULL: dict[str, Any] = {
    "awx_setup_delivery": ["smb", "mail"],
    "awx_setup_mail": {"server": "mail.example", "sender": "awx@example.org"},
    "awx_setup_kept_directory": "/kept",
    "awx_setup_slices": 4,
    "awx_setup_pool_host": {"pool_host_helper_addresses": ["10.20.0.0/16"]},
    "awx_setup_notification_templates": [NOTIFICATION],
    "awx_setup_notify": {"failures": [NOTIFICATION["name"]], "drift": [NOTIFICATION["name"]]},
    "awx_setup_secrets": {"VDI pool administrator": {"username": "CORP\\svc", "password": CANARY}},
}
NOTHING = {
    "awx_setup_workflow_job_templates": [],
    "awx_setup_schedules": [],
    "awx_setup_grants": [],
}
"""Parts that a run can do without."""
RRULE = "DTSTART;TZID=UTC:20260101T040000 RRULE:FREQ=DAILY;INTERVAL=1"


@dataclass
class Whole:
    """Two full runs, and what AWX had after each.

    Attributes:
        awx: The AWX.
        first: The first run.
        second: The second run, with the same definitions.
        state: What AWX had after the first.
        again: What it was asked to write by the second.
    """

    awx: FakeAwx
    first: Run
    second: Run
    state: str
    again: list[tuple[str, str, int]]


def _state(awx: FakeAwx) -> str:
    return json.dumps(
        [
            awx.objects,
            [*awx.linked.items()],
            [*awx.surveys.items()],
            {key: sorted(ids) for key, ids in awx.granted.items()},
        ],
        default=str,
    )


@pytest.fixture(scope="module", autouse=True)
def started(tmp_path_factory: pytest.TempPathFactory, awx_environment: dict[str, str]) -> Iterator[Future[Whole]]:
    """Everything there is, twice; on its way while other tests run."""
    with fake_awx(PLAYBOOKS) as awx, ThreadPoolExecutor(1) as pool:
        setup = make_setup(tmp_path_factory.mktemp("whole"), awx_environment, awx)
        yield pool.submit(_two_runs, setup)


def _two_runs(setup: Setup) -> Whole:
    first = setup("-vvv", **FULL)
    state, written = _state(setup.awx), len(setup.awx.writes)
    second = setup(**FULL)
    return Whole(setup.awx, first, second, state, setup.awx.writes[written:])


@pytest.fixture(scope="module")
def whole(started: Future[Whole]) -> Whole:
    """Two full runs that have ended."""
    return started.result()


def test_check_mode_on_an_empty_awx_writes_nothing(setup: Setup) -> None:
    few = {
        "awx_setup_credential_types": [],
        "awx_setup_credentials": [{"name": "VDI pool administrator", "credential_type": "Machine"}],
        "awx_setup_delivery_credentials": {},
        "awx_setup_teams": [{"name": "Helpdesk"}],
        "awx_setup_job_templates": [{"name": "Report", "playbook": "playbooks/report.yml"}],
        "awx_setup_grants": [{"team": "Helpdesk", "role": "execute", "job_templates": ["Report"]}],
        "awx_setup_workflow_job_templates": [],
        "awx_setup_schedules": [{"name": "Report", "unified_job_template": "Report", "rrule": RRULE}],
    }
    run = setup("--check", **few).ok()
    assert setup.awx.writes == []
    # Everything is told as a change: organization, environment, project, inventory, its source, and one of each.
    assert run.stdout.count("changed: [") == 10


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (
            "token-of-nobody",
            "Invalid authentication credentials for /api/v2/organizations/ (HTTP 401). Is the token right",
        ),
        (READ, "You don't have permission to POST to /api/v2/organizations/ (HTTP 403). The account needs the right"),
    ],
)
def test_an_awx_that_refuses_is_one_clear_line(setup: Setup, token: str, said: str) -> None:
    run = setup(token=token)
    assert run.returncode == 2
    (line,) = run.failures
    assert said in line
    assert "\n" not in line
    assert "Traceback" not in run.stdout + run.stderr
    assert token not in run.stdout + run.stderr
    assert all(not items for kind, items in setup.awx.objects.items() if kind != "credential_types")


def test_an_awx_that_is_not_there_is_one_clear_line(setup: Setup) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = setup(url=f"http://127.0.0.1:{port}")
    (line,) = run.failures
    assert line.startswith(f"AWX at http://127.0.0.1:{port}: ")
    assert line.endswith("Is the address right, and is AWX running?")
    assert "Traceback" not in run.stdout + run.stderr


def test_definitions_that_are_wrong_send_nothing(setup: Setup) -> None:
    run = setup(
        awx_setup_delivery=["http", "smb"],
        awx_setup_password_delivery="smb",
        awx_setup_enforce_rrule="RRULE:FREQ=SECONDLY",
        awx_setup_job_templates=[{"name": "Assist", "playbook": "playbooks/asist.yml"}],
    )
    (said,) = [item.result["msg"] for item in run.results if item.outcome == "failed"]
    text = "\n".join(said)
    assert "job template 'Assist': the project has no playbook playbooks/asist.yml" in text
    assert "schedule 'Enforce': an rrule has to begin with one DTSTART" in text
    assert "there is no job template 'Diagnose'" in text
    assert "awx_setup_http: a url or a url_file is needed" in text
    assert "awx_setup_password_delivery: a password does not go where the file goes" in text
    assert setup.awx.requests == []


def test_the_first_run_makes_everything(whole: Whole) -> None:
    awx = whole.awx
    whole.first.ok()
    assert {item["name"] for item in awx.objects["job_templates"].values()} == {
        *("Assist", "Diagnose", "Revoke", "Enforce", "Enforce - drift", "Collect logs", "Report")
    }
    # AWX answered each request with what it answers when all is well.
    assert {status for _, _, status in awx.requests} <= {200, 201, 204}
    assist = awx.named("job_templates", "Assist")
    extra = json.loads(assist["extra_vars"])
    assert extra["assist_delivery"] == ["smb", "mail"]
    assert extra["assist_password_delivery"] == "user"
    assert extra["assist_smb"] == {"share": r"\\files.example\invitations"}
    assert "assist_http" not in extra
    assert _credentials(awx, "Assist") == {
        *("VDI pool administrator", "Invitations on the file share", "Invitations by mail")
    }
    assert awx.named("job_templates", "Enforce")["job_slice_count"] == 4
    assert awx.named("job_templates", "Enforce - drift")["job_type"] == "check"
    kept = {awx.named("schedules", name)["enabled"] for name in ("Enforce", "Enforce - drift", "Collect logs")}
    assert kept == {False}


def _credentials(awx: FakeAwx, template: str) -> set[str]:
    ids = awx.linked["job_templates", awx.named("job_templates", template)["id"], "credentials"]
    return {awx.objects["credentials"][item]["name"] for item in ids}


def test_templates_of_awx_arrive_as_they_are(whole: Whole) -> None:
    injectors = whole.awx.named("credential_types", "Workspot Assist file share")["injectors"]
    assert injectors["env"] == {"WORKSPOT_ASSIST_SMB_CREDENTIALS": "{{ tower.filename }}"}
    assert "{{ password | tojson }}" in injectors["file"]["template"]
    messages = whole.awx.named("notification_templates", str(NOTIFICATION["name"]))["messages"]
    assert messages["success"]["message"] == "Invitation for {{ job.artifacts.user }} on {{ job.artifacts.host }}"


def test_the_file_of_a_credential_is_one_that_delivery_reads(whole: Whole, tmp_path: Path) -> None:
    template = whole.awx.named("credential_types", "Workspot Assist mail server")["injectors"]["file"]["template"]
    password = "a: \"b\" {{ c }} 'd' <e> & #\\ ü%"
    written = tmp_path / "credentials"
    written.write_text(ImmutableSandboxedEnvironment().from_string(template).render(username="svc", password=password))
    assert read_credentials(written) == Credentials("svc", password)


def test_the_second_run_changes_nothing(whole: Whole) -> None:
    whole.second.ok()
    assert re.search(r"changed=0 ", whole.second.stdout), whole.second.stdout
    assert whole.again == []
    assert _state(whole.awx) == whole.state


def test_two_people_can_be_helped_at_once_and_one_enforces(whole: Whole) -> None:
    found = {item["name"]: item["allow_simultaneous"] for item in whole.awx.objects["job_templates"].values()}
    assert found == {
        **dict.fromkeys(("Assist", "Diagnose", "Revoke", "Report"), True),
        **dict.fromkeys(("Enforce", "Enforce - drift", "Collect logs"), False),
    }


def test_the_helpdesk_may_launch_and_nothing_else(whole: Whole) -> None:
    awx = whole.awx
    assert awx.grants("Helpdesk") == HELPDESK
    for kind, name, _ in HELPDESK:
        template = awx.named(kind, name)
        assert [key for key, value in template.items() if key.startswith("ask_") and value] == []
        survey = awx.surveys[kind, template["id"]]
        assert {question["type"] for question in survey["spec"]} <= {"text", "integer"}
        assert [question["variable"] for question in survey["spec"] if question["required"]] == ["user"]


def test_the_workflow_diagnoses_first(whole: Whole) -> None:
    awx = whole.awx
    nodes = {item["identifier"]: number for number, item in awx.objects["workflow_job_template_nodes"].items()}
    assert awx.linked["workflow_job_template_nodes", nodes["diagnose"], "success_nodes"] == [nodes["assist"]]
    # Only parents lead on; nothing runs after Assist.
    leading = [
        ids for (_, owner, name), ids in awx.linked.items() if owner == nodes["assist"] and name.endswith("_nodes")
    ]
    assert not any(leading)


def test_no_secret_is_in_any_output(whole: Whole) -> None:
    machine = next(item for item in whole.awx.objects["credentials"].values() if "Machine" in _type(whole.awx, item))
    assert machine["inputs"] == {"username": "CORP\\svc", "password": CANARY}
    (mail,) = whole.awx.objects["notification_templates"].values()
    assert mail["notification_configuration"]["password"] == MAIL_CANARY
    for run in (whole.first, whole.second):
        recorded = (run.folder / "results.jsonl").read_text()
        for secret in (CANARY, MAIL_CANARY, WRITE):
            assert secret not in run.stdout + run.stderr + recorded


def _type(awx: FakeAwx, credential: dict[str, Any]) -> str:
    return str(awx.objects["credential_types"][credential["credential_type"]]["name"])


def test_what_is_sent_is_what_playbooks_take(whole: Whole) -> None:
    """Every variable of a survey and of a template is one that the head of its playbook documents."""
    awx = whole.awx
    for number, template in awx.objects["job_templates"].items():
        path = ROOT / "collections/ansible_collections/workspot/assist" / template["playbook"]
        documented = set(re.findall(r"^# (\S+(?:, \S+)*)  ", path.read_text(), re.MULTILINE))
        known = {name for line in documented for name in line.split(", ")}
        asked = {item["variable"] for item in awx.surveys.get(("job_templates", number), {}).get("spec", [])}
        given = {name for name in json.loads(template["extra_vars"]) if not name.startswith("pool_host_")}
        assert asked | given <= known, template["name"]


def test_a_changed_definition_changes_just_that(whole: Whole, tmp_path: Path, awx_environment: dict[str, str]) -> None:
    setup = make_setup(tmp_path, awx_environment, whole.awx)
    changed = FULL | NOTHING | {"awx_setup_expires_minutes": 30}
    before, written = json.loads(_state(whole.awx)), len(whole.awx.writes)

    checked = setup("--check", "--tags", "templates", **changed).ok()
    assert whole.awx.writes[written:] == []
    assert "changed: [localhost] => (item=Assist)" in checked.stdout
    assert checked.stdout.count("changed: [") == 1

    done = setup("--tags", "templates", **changed).ok()
    assert "changed: [localhost] => (item=Assist)" in done.stdout
    assert done.stdout.count("changed: [") == 1
    number = whole.awx.named("job_templates", "Assist")["id"]
    assert whole.awx.writes[written:] == [("PATCH", f"/api/v2/job_templates/{number}/", 200)]
    after = json.loads(_state(whole.awx))
    old, new = before[0]["job_templates"].pop(str(number)), after[0]["job_templates"].pop(str(number))
    assert before == after
    assert [name for name in old if old[name] != new[name]] == ["extra_vars"]
    assert json.loads(new["extra_vars"])["expires_minutes"] == 30
