# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions as a whole: names, references, workflows, schedules, grants; one mistake, one problem."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.filter.awx_definitions import awx_definitions
from ansible_collections.workspot.assist.plugins.filter.awx_differs import awx_differs
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.definitions import problems

PLAYBOOKS = {"playbooks/assist.yml", "playbooks/diagnose.yml"}
SURVEY = {
    "name": "",
    "description": "",
    "spec": [{"type": "text", "question_name": "Who?", "variable": "user", "required": True}],
}
COMMON = {"job_type": "run", "inventory": "pool", "project": "code", "survey_enabled": True, "survey_spec": SURVEY}
GOOD: dict[str, Any] = {
    "organization": {"name": "org"},
    "execution_environment": {"name": "image", "image": "registry.example/ee:1"},
    "project": {"name": "code", "scm_type": "git", "scm_url": "https://git.example/code.git"},
    "inventory": {"name": "pool"},
    "inventory_sources": [{"name": "hosts", "source": "scm", "source_project": "code"}],
    "credential_types": [],
    "credentials": [{"name": "admin", "credential_type": "Machine"}, {"name": "other", "credential_type": "Machine"}],
    "teams": [{"name": "helpdesk", "launches_only": True}],
    "notification_templates": [],
    "job_templates": [
        {"name": "Assist", "playbook": "playbooks/assist.yml", "credentials": ["admin"], **COMMON},
        {"name": "Diagnose", "playbook": "playbooks/diagnose.yml", **COMMON},
    ],
    "workflow_job_templates": [
        {
            "name": "Both",
            "survey_enabled": True,
            # One of its own: a copy of everything keeps what is shared shared.
            "survey_spec": copy.deepcopy(SURVEY),
            "workflow_nodes": [
                {
                    "identifier": "a",
                    "unified_job_template": {"name": "Diagnose", "type": "job_template"},
                    "related": {"success_nodes": [{"identifier": "b"}]},
                },
                {"identifier": "b", "unified_job_template": {"name": "Assist", "type": "job_template"}},
            ],
        }
    ],
    "schedules": [
        {
            "name": "daily",
            "unified_job_template": "Diagnose",
            "rrule": "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1",
            "extra_data": {"user": "jdoe"},
        }
    ],
    "grants": [{"team": "helpdesk", "role": "execute", "job_templates": ["Assist"], "workflows": ["Both"]}],
}


def test_good_definitions_have_no_problems() -> None:
    assert problems(GOOD, PLAYBOOKS) == []


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Sets a value deep inside; the last of the path is the value."""

    def change(definitions: dict[str, Any]) -> None:
        target: Any = definitions
        for part in path[:-2]:
            target = target[part]
        target[path[-2]] = path[-1]

    return change


MISTAKES = [
    (_set("job_template", []), "there is nothing called 'job_template'"),
    (_set("job_templates", {}), "job_templates has to be a list of dictionaries"),
    (_set("organization", None), "organization: one dictionary is needed"),
    (_set("project", "scm_url", ""), "project 'code': 'scm_url' is needed"),
    (_set("teams", 0, "colour", "red"), "team 'helpdesk': there is no field 'colour'"),
    (_set("teams", 0, "description", "For all\n"), "begins or ends with a blank or a line break"),
    (_set("organization", "name", "17"), "would be taken for an id"),
    (_set("organization", "name", "a++b"), "would be taken for an id"),
    (_set("credentials", 1, "name", "admin"), "credential 'admin': there are two with this name"),
    (_set("inventory_sources", 0, "name", "Assist"), "a inventory source has the same name"),
    (_set("credentials", 0, "credential_type", "Token"), "there is no credential type 'Token'"),
    (_set("inventory_sources", 0, "source_project", "x"), "there is no project 'x'"),
    (_set("job_templates", 0, "job_type", "scan"), "'job_type' has to be one of run, check"),
    (_set("job_templates", 0, "job_slice_count", 0), "'job_slice_count' has to be 1 at least"),
    (_set("job_templates", 0, "allow_simultaneous", "yes"), "'allow_simultaneous' has to be of type bool"),
    (_set("job_templates", 0, "forks", True), "'forks' has to be of type int"),
    (_set("job_templates", 0, "playbook", "playbooks/x.yml"), "the project has no playbook playbooks/x.yml"),
    (_set("job_templates", 0, "inventory", "x"), "inventory: there is no inventory 'x'"),
    (_set("job_templates", 0, "credentials", ["x"]), "credentials: there is no credential 'x'"),
    (_set("job_templates", 0, "credentials", ["admin", "other"]), "two credentials of the type 'Machine'"),
    (_set("job_templates", 0, "extra_vars", {"user": "x"}), "'user' is in extra_vars and in the survey"),
    (_set("job_templates", 0, "extra_vars", {"a-b": "x"}), "'a-b' is no name for a variable"),
    (_set("job_templates", 0, "extra_vars", {"ansible_user": "x"}), "would change how AWX runs the job"),
    (_set("job_templates", 0, "extra_vars", {"password": "x"}), "a password there is shown"),
    (_set("job_templates", 0, "survey_enabled", False), "survey_enabled has to be true with a survey_spec"),
    (_set("job_templates", 0, "notification_templates_error", ["x"]), "there is no notification template 'x'"),
    (_set("workflow_job_templates", 0, "workflow_nodes", []), "a workflow without nodes does nothing"),
    (_set("workflow_job_templates", 0, "workflow_nodes", 1, "identifier", "a"), "every node needs an identifier"),
    (_set("workflow_job_templates", 0, "workflow_nodes", 1, "identifier", "c"), "there is no node 'b'"),
    (
        _set("workflow_job_templates", 0, "workflow_nodes", 1, "related", {"always_nodes": [{"identifier": "a"}]}),
        "its nodes go in a circle: a, b",
    ),
    (
        _set("workflow_job_templates", 0, "workflow_nodes", 1, "unified_job_template", {"name": "x"}),
        "node b: there is no job template 'x'",
    ),
    (_set("workflow_job_templates", 0, "survey_spec", "spec", 0, "required", False), "nothing answers 'user'"),
    (_set("schedules", 0, "unified_job_template", "x"), "there is no job template or workflow 'x'"),
    (_set("schedules", 0, "extra_data", {}), "nobody is there to answer 'user' of Diagnose"),
    (_set("schedules", 0, "extra_data", {"user": "a", "host": "b"}), "Diagnose does not ask for 'host'"),
    (_set("schedules", 0, "rrule", "DAILY"), "an rrule has to begin with one DTSTART"),
    (_set("grants", 0, "team", "x"), "grant 'x': there is no such team"),
    (_set("grants", 0, "job_templates", ["x"]), "there is no job template 'x'"),
    (_set("grants", 0, "role", "fly"), "have no role 'fly'"),
    (_set("grants", 0, "role", "admin"), "may launch templates and nothing else, so not admin"),
    (_set("grants", 0, "projects", ["code"]), "may launch templates and nothing else"),
    (_set("grants", 0, {"team": "helpdesk", "role": "execute"}), "execute on nothing"),
    (_set("job_templates", 0, "ask_variables_on_launch", True), "Assist asks at launch for more than its survey"),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES, ids=[said for change, said in MISTAKES])
def test_a_mistake_is_found(change: Callable[[dict[str, Any]], None], said: str) -> None:
    definitions = copy.deepcopy(GOOD)
    change(definitions)
    found = problems(definitions, PLAYBOOKS)
    assert any(said in line for line in found), found
    assert all("\n" not in line for line in found)


def test_a_missing_collection_is_one_of_the_problems() -> None:
    (said,) = awx_definitions(GOOD, collection="workspot.nothing")
    assert said.startswith("the collection workspot.nothing is not installed")


@pytest.mark.parametrize(
    ("wanted", "found", "differs"),
    [
        ({"a": 1}, [{"a": 1, "b": 2}], False),
        ({"a": 1}, [{"a": 2}], True),
        ({"a": 1}, [], True),
        ({"a": {"password": "x", "b": 1}}, [{"a": {"password": "$encrypted$", "b": 1}}], False),
        ({"a": {"password": "", "b": 1}}, [{"a": {"password": "$encrypted$", "b": 1}}], True),
        ({"a": {"b": 1}}, [{"a": {"b": 1, "c": 2}}], True),
        ({"a": None}, [{}], False),
    ],
)
def test_what_differs(wanted: dict[str, Any], found: list[dict[str, Any]], differs: bool) -> None:
    assert awx_differs(wanted, found) is differs
