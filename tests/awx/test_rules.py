# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checker of definitions and the fake AWX refuse the same: each was written from AWX alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.kinds import (
    credential_type_problems,
    notification_problems,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.schedule import rrule_problems
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.survey import survey_problems

from tests.awx import awx_rules
from tests.awx.awx_rules import Refused

QUESTION = {"type": "text", "question_name": "Who?", "variable": "user", "required": True}
CHOICE = {**QUESTION, "type": "multiplechoice", "choices": ["smb", "mail"]}
GOOD_RULES = [
    "DTSTART;TZID=Europe/Berlin:20260101T020000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR",
    "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=2;COUNT=999",
    "DTSTART:20260101T020000Z RRULE:FREQ=HOURLY;INTERVAL=6;UNTIL=20270101T000000Z",
]
BAD_RULES = [
    "RRULE:FREQ=DAILY;INTERVAL=1",
    "DTSTART:20260101T020000 RRULE:FREQ=DAILY;INTERVAL=1",
    "DTSTART:20260101T020000Z DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1",
    "DTSTART:20260101T020000Z",
    "DTSTART:20260101T020000Z RRULE:FREQ=DAILY",
    "DTSTART:20260101T020000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
    "DTSTART:20260101T020000Z RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=1MO",
    "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=3;UNTIL=20270101T000000Z",
    "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
    "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20260201T020000Z",
]
BAD_QUESTIONS: list[dict[str, Any]] = [
    {name: value for name, value in QUESTION.items() if name != "required"},
    {**QUESTION, "required": "true"},
    {**QUESTION, "required": 1},
    {**QUESTION, "question_name": None},
    {**QUESTION, "type": "boolean"},
    {**QUESTION, "type": "date"},
    {**QUESTION, "type": "integer", "default": "5"},
    {**QUESTION, "min": "1"},
    {name: value for name, value in CHOICE.items() if name != "choices"},
    {**CHOICE, "default": "http"},
    {**QUESTION, "default": "$encrypted$"},
]
TYPE: dict[str, Any] = {
    "inputs": {"fields": [{"id": "token", "label": "Token", "type": "string", "secret": True}]},
    "injectors": {"file": {"template": "{{ token }}"}, "env": {"TOKEN_FILE": "{{ tower.filename }}"}},
}
BAD_INJECTORS: list[dict[str, Any]] = [
    {"file": {"template": "{{ word }}"}},
    {"file": {"template": "{{ token"}},
    {"file": {"template": "a", "template.b": "b"}},
    {"file": {"other": "a"}},
    {"env": {"ANSIBLE_HOST_KEY_CHECKING": "no"}},
    {"env": {"PATH": "/tmp"}},
    {"env": {"TOKEN_FILE": "{{ tower.filename }}"}},
    {"shell": {"a": "b"}},
]
HOOK: dict[str, Any] = {
    "notification_type": "webhook",
    "notification_configuration": {
        "url": "https://hook.example",
        "http_method": "POST",
        "disable_ssl_verification": False,
        "username": "",
        "password": "",
        "headers": {},
    },
    "messages": {"started": None, "success": None, "error": {"body": "{}"}, "workflow_approval": None},
}
BAD_HOOKS: list[tuple[tuple[str, ...], Any]] = [
    (("notification_configuration", "headers"), []),
    (("notification_configuration", "url"), 5),
    (("notification_configuration", "token"), "x"),
    (("messages", "finished"), {}),
    (("messages", "error"), {"title": "x"}),
    (("messages", "error"), {"message": "two\nlines"}),
]


def _survey(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"name": "", "description": "", "spec": list(questions)}


@pytest.mark.parametrize("text", GOOD_RULES)
def test_rules_that_both_take(text: str) -> None:
    assert list(rrule_problems(text)) == []
    awx_rules.rrule(text)


@pytest.mark.parametrize("text", BAD_RULES)
def test_rules_that_both_refuse(text: str) -> None:
    assert list(rrule_problems(text)) != []
    with pytest.raises(Refused):
        awx_rules.rrule(text)


def test_surveys_that_both_take() -> None:
    good = _survey(
        QUESTION,
        {**CHOICE, "variable": "way", "default": "smb"},
        {**QUESTION, "variable": "number", "type": "integer", "default": 5, "min": 1, "max": 9},
        {**CHOICE, "variable": "ways", "type": "multiselect", "default": "smb\nmail"},
    )
    assert list(survey_problems(good)) == []
    assert awx_rules.survey(good) == good


@pytest.mark.parametrize("question", BAD_QUESTIONS)
def test_questions_that_both_refuse(question: dict[str, Any]) -> None:
    assert list(survey_problems(_survey(question))) != []
    with pytest.raises(Refused):
        awx_rules.survey(_survey(question))


@pytest.mark.parametrize("survey", [{}, _survey(), {**_survey(QUESTION), "name": 1}, _survey(QUESTION, QUESTION)])
def test_surveys_that_both_refuse(survey: dict[str, Any]) -> None:
    assert list(survey_problems(survey)) != []
    with pytest.raises(Refused):
        awx_rules.survey(survey)


def test_awx_takes_a_question_for_a_password_and_this_project_does_not() -> None:
    survey = _survey({**QUESTION, "type": "password"})
    awx_rules.survey(survey)
    (problem,) = survey_problems(survey)
    assert "no passwords in surveys" in problem


def test_a_credential_type_that_both_take() -> None:
    kept = copy.deepcopy(TYPE)
    awx_rules.credential_type(kept)
    assert kept == TYPE
    assert list(credential_type_problems(TYPE)) == []


@pytest.mark.parametrize("injectors", BAD_INJECTORS)
def test_injectors_that_both_refuse(injectors: dict[str, Any]) -> None:
    definition = {**TYPE, "injectors": injectors}
    assert list(credential_type_problems(definition)) != []
    with pytest.raises(Refused):
        awx_rules.credential_type(copy.deepcopy(definition))


def test_a_secret_outside_a_file_is_not_wanted() -> None:
    definition = {**TYPE, "injectors": {"env": {"TOKEN": "{{ token }}"}}}
    awx_rules.credential_type(copy.deepcopy(definition))
    (problem,) = credential_type_problems(definition)
    assert "secrets belong into a file" in problem


def test_a_notification_that_both_take_and_awx_keeps_as_it_is() -> None:
    kept = copy.deepcopy(HOOK)
    awx_rules.notification(kept, None)
    assert kept == HOOK
    assert list(notification_problems(HOOK)) == []


@pytest.mark.parametrize(("path", "value"), BAD_HOOKS)
def test_notifications_that_both_refuse(path: tuple[str, ...], value: Any) -> None:
    definition = copy.deepcopy(HOOK)
    definition[path[0]][path[1]] = value
    assert list(notification_problems(definition)) != []
    with pytest.raises(Refused):
        awx_rules.notification(definition, None)


def test_what_awx_would_complete_has_to_be_there() -> None:
    """Otherwise the definition would differ from what AWX has at every run."""
    for path in (("notification_configuration", "http_method"), ("messages", "started")):
        definition = copy.deepcopy(HOOK)
        del definition[path[0]][path[1]]
        assert list(notification_problems(definition)) != []
        kept = copy.deepcopy(definition)
        awx_rules.notification(kept, None)
        assert kept != definition
