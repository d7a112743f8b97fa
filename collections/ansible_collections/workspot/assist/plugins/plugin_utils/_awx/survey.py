# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX takes as a survey (``JobTemplateSurveySpec._validate_spec_data`` of awx/api/views/__init__.py, 24.6.1), and
what this project wants of one: no question for a password, as every answer is kept with the job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .words import variable_problem

DEFAULTS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (list, str),
    "integer": (int,),
    "float": (float, int),
}
"""The types of question there are, and what a default of each may be. There is none for yes and no, or a date."""
_NEEDED: dict[str, type] = {"type": str, "question_name": str, "variable": str, "required": bool}
_KNOWN = frozenset({*_NEEDED, "question_description", "default", "choices", "min", "max", "new_question"})
_OF_CHOICES = ("multiplechoice", "multiselect")


def survey_problems(survey: Any) -> Iterator[str]:
    """What AWX would refuse in a survey, or would not keep as it was sent."""
    if not isinstance(survey, Mapping):
        yield "the survey has to be a dictionary with name, description and spec"
        return
    for name in ("name", "description"):
        if not isinstance(survey.get(name), str):
            yield f"the survey has to have the text '{name}', which may be empty"
    for name in sorted(set(survey) - {"name", "description", "spec"}):
        yield f"a survey has nothing called '{name}'"
    questions = survey.get("spec")
    if not isinstance(questions, list) or not questions:
        yield "the survey has to have a list 'spec' with one question at least"
        return
    seen: set[str] = set()
    for number, question in enumerate(questions, 1):
        if not isinstance(question, Mapping):
            yield f"survey question {number} has to be a dictionary"
            continue
        variable = str(question.get("variable", ""))
        where = f"survey question {number} ({variable})"
        if variable in seen:
            yield f"{where}: another question sets this variable"
        seen.add(variable)
        for problem in _question_problems(question):
            yield f"{where}: {problem}"


def _question_problems(question: Mapping[str, Any]) -> Iterator[str]:
    for name, needed in _NEEDED.items():
        if not isinstance(question.get(name), needed):
            wanted = "true or false" if needed is bool else "a text"
            yield f"'{name}' has to be there and has to be {wanted}"
    for name in sorted(set(question) - _KNOWN):
        yield f"a question has nothing called '{name}'"
    if question.get("question_name", "x") == "":
        yield "'question_name' is empty, so nobody knows what is asked"
    if problem := variable_problem(question.get("variable")):
        yield problem
    kind = str(question.get("type"))
    if kind not in DEFAULTS:
        yield f"there is no type '{kind}'; there are {', '.join(DEFAULTS)}"
    elif kind == "password":
        yield "no passwords in surveys: their answers are kept with the job, and have been shown in clear"
    else:
        yield from _limit_problems(question)
        yield from _default_problems(question, kind)


def _limit_problems(question: Mapping[str, Any]) -> Iterator[str]:
    for name in ("min", "max"):
        value = question.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            yield f"'{name}' has to be a whole number"
            return
    low, high = question.get("min"), question.get("max")
    if low is not None and high is not None and low > high:
        yield f"min {low} is above max {high}"


def _default_problems(question: Mapping[str, Any], kind: str) -> Iterator[str]:
    default = question.get("default", "")
    choices = question.get("choices")
    if kind in _OF_CHOICES:
        yield from _choice_problems(choices)
    elif choices is not None:
        yield f"'choices' belongs to {' and '.join(_OF_CHOICES)} alone"
    if default == "":
        return
    if isinstance(default, str) and default.startswith("$encrypted$"):
        yield "$encrypted$ is what AWX shows for a secret, and can not be a default"
        return
    if not isinstance(default, DEFAULTS[kind]) or isinstance(default, bool):
        yield f"the default of a question of type {kind} can not be {default!r}"
        return
    if kind in _OF_CHOICES:
        chosen = default if isinstance(default, list) else str(default).splitlines()
        if kind == "multiplechoice" and len(chosen) > 1:
            yield "one default at most"
        if any(item not in (choices or []) for item in chosen):
            yield "the default is none of the choices"
        return
    size: Any = len(default) if isinstance(default, str | list) else default
    low, high = question.get("min"), question.get("max")
    if (isinstance(low, int) and size < low) or (isinstance(high, int) and size > high):
        yield f"the default {default!r} is outside min and max"


def _choice_problems(choices: Any) -> Iterator[str]:
    if not isinstance(choices, list) or not choices or not all(isinstance(item, str) and item for item in choices):
        yield "'choices' has to be a list of texts"
    elif len(set(choices)) != len(choices):
        yield "a choice is there twice"


def required_variables(survey: Any) -> set[str]:
    """Variables that have to be answered: required, and without a default."""
    return {
        str(question["variable"])
        for question in _questions(survey)
        if question.get("required") is True and question.get("default", "") == ""
    }


def variables(survey: Any) -> set[str]:
    """Every variable a survey sets."""
    return {str(question["variable"]) for question in _questions(survey)}


def _questions(survey: Any) -> Iterator[Mapping[str, Any]]:
    for question in (survey.get("spec") or []) if isinstance(survey, Mapping) else []:
        if isinstance(question, Mapping) and "variable" in question:
            yield question
