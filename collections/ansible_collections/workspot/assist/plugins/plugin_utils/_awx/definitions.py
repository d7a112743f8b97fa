# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions of what AWX is to have, looked through as a whole before anything is sent.

A definition is data: one dictionary with the keys of `KINDS`. What AWX itself would refuse is found here, so that a
mistake in the last job template leaves no half of it behind, and so is what AWX takes and this project does not want.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from . import fields, kinds
from .schedule import rrule_problems
from .survey import required_variables, survey_problems, variables
from .words import name_problem, text_problem, variable_problem

SINGLE = ("organization", "execution_environment", "project", "inventory")
"""Of these there is one."""
KINDS: dict[str, str] = {
    "organization": "organization",
    "execution_environment": "execution environment",
    "project": "project",
    "inventory": "inventory",
    "inventory_sources": "inventory source",
    "credential_types": "credential type",
    "credentials": "credential",
    "teams": "team",
    "notification_templates": "notification template",
    "job_templates": "job template",
    "workflow_job_templates": "workflow",
    "schedules": "schedule",
    "grants": "grant",
}
"""What a definition has, in the order in which it is sent, and how messages call it."""
_UNIFIED = ("project", "inventory_sources", "job_templates", "workflow_job_templates")
"""Things that schedules and workflow nodes find by their name alone."""
BUILT_IN_TYPES = frozenset({"Machine", "Source Control", "Vault", "Container Registry"})
"""Credential types every AWX has (awx_plugins/credentials); others have to be defined here."""

Definitions = Mapping[str, Any]


def problems(definitions: Definitions, playbooks: Collection[str] | None = None) -> list[str]:
    """Everything that is wrong, one line each; an empty list when nothing is.

    Args:
        definitions: See `KINDS`.
        playbooks: The project's playbooks by their path, such as ``playbooks/assist.yml``; None: not known.
    """
    unknown = [f"there is nothing called '{name}'" for name in sorted(set(definitions) - set(KINDS))]
    shape = [*unknown, *_shape_problems(definitions)]
    # References can be followed where everything is what it should be.
    if shape:
        return shape
    return [
        *_name_problems(definitions),
        *_field_problems(definitions),
        *_kind_problems(definitions),
        *_template_problems(definitions, playbooks),
        *_workflow_problems(definitions),
        *_schedule_problems(definitions),
        *_grant_problems(definitions),
    ]


def entries(definitions: Definitions, kind: str) -> Sequence[Mapping[str, Any]]:
    """The entries of a kind; a single one is a list of one."""
    if kind in SINGLE:
        return [definitions[kind]]
    found: Sequence[Mapping[str, Any]] = definitions.get(kind) or []
    return found


def names(definitions: Definitions, *wanted: str) -> set[str]:
    """The names of all entries of some kinds."""
    return {str(entry["name"]) for kind in wanted for entry in entries(definitions, kind) if "name" in entry}


def _said(kind: str, entry: Mapping[str, Any], problem: str) -> str:
    name = entry.get("name", entry.get("team", ""))
    return f"{KINDS[kind]} '{name}': {problem}"


def _shape_problems(definitions: Definitions) -> Iterator[str]:
    for kind, title in KINDS.items():
        found = definitions.get(kind)
        if kind in SINGLE:
            if not isinstance(found, Mapping):
                yield f"{title}: one dictionary is needed"
        elif found is not None and (
            isinstance(found, str | Mapping)
            or not isinstance(found, Sequence)
            or not all(isinstance(entry, Mapping) for entry in found)
        ):
            yield f"{kind} has to be a list of dictionaries"


def _name_problems(definitions: Definitions) -> Iterator[str]:
    for kind, title in KINDS.items():
        seen: set[str] = set()
        for entry in entries(definitions, kind) if kind != "grants" else ():
            if problem := name_problem(entry.get("name")):
                yield f"{title}: {problem}"
            name = str(entry.get("name"))
            if name in seen:
                yield _said(kind, entry, "there are two with this name")
            seen.add(name)
    owners: dict[str, str] = {}
    for kind in _UNIFIED:
        for entry in entries(definitions, kind):
            name = str(entry.get("name"))
            other = owners.setdefault(name, kind)
            if other != kind:
                yield _said(kind, entry, f"a {KINDS[other]} has the same name, and schedules could not tell them apart")


def _field_problems(definitions: Definitions) -> Iterator[str]:
    for kind in KINDS:
        for entry in entries(definitions, kind):
            for problem in fields.problems(kind, entry):
                yield _said(kind, entry, problem)
            for name, value in entry.items():
                if untidy := text_problem(str(name), value):
                    yield _said(kind, entry, untidy)


def _kind_problems(definitions: Definitions) -> Iterator[str]:
    types = names(definitions, "credential_types") | BUILT_IN_TYPES
    for entry in entries(definitions, "project"):
        if entry.get("scm_type") != "manual" and not entry.get("scm_url"):
            yield _said("project", entry, "'scm_url' is needed: where AWX gets the playbooks from")
    for entry in entries(definitions, "credential_types"):
        yield from (_said("credential_types", entry, text) for text in kinds.credential_type_problems(entry))
    for entry in entries(definitions, "notification_templates"):
        yield from (_said("notification_templates", entry, text) for text in kinds.notification_problems(entry))
    for entry in entries(definitions, "credentials"):
        if entry.get("credential_type") not in types:
            yield _said("credentials", entry, f"there is no credential type '{entry.get('credential_type')}'")
    for entry in entries(definitions, "inventory_sources"):
        if entry.get("source") == "scm" and entry.get("source_project") not in names(definitions, "project"):
            yield _said("inventory_sources", entry, f"there is no project '{entry.get('source_project')}'")


def _references(definitions: Definitions, kind: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Names in an entry that nothing has."""
    for field, wanted in fields.REFERENCES.get(kind, {}).items():
        value = entry.get(field)
        known = names(definitions, *wanted)
        for name in value if isinstance(value, list) else [value] if value is not None else []:
            if name not in known:
                yield _said(kind, entry, f"{field}: there is no {KINDS[wanted[0]]} '{name}'")


def _template_problems(definitions: Definitions, playbooks: Collection[str] | None) -> Iterator[str]:
    types = {entry["name"]: entry.get("credential_type") for entry in entries(definitions, "credentials")}
    for kind in ("job_templates", "workflow_job_templates"):
        for entry in entries(definitions, kind):
            yield from _references(definitions, kind, entry)
            yield from (_said(kind, entry, text) for text in _survey_problems(entry))
    for entry in entries(definitions, "job_templates"):
        playbook = entry.get("playbook")
        if playbooks is not None and playbook not in playbooks:
            yield _said("job_templates", entry, f"the project has no playbook {playbook}")
        used = [types[name] for name in entry.get("credentials") or [] if name in types]
        for name in sorted({name for name in used if name is not None and used.count(name) > 1 and name != "Vault"}):
            yield _said("job_templates", entry, f"two credentials of the type '{name}'; AWX takes one of each")


def _survey_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    survey = entry.get("survey_spec")
    if bool(survey) != bool(entry.get("survey_enabled")):
        yield "survey_enabled has to be true with a survey_spec, and false without"
    if survey:
        yield from survey_problems(survey)
    extra = entry.get("extra_vars") or {}
    for name in extra:
        if problem := variable_problem(name):
            yield f"extra_vars: {problem}"
        if name == "password":
            yield "extra_vars: a password there is shown to everybody who sees a job"
    for name in sorted(set(extra) & variables(survey)):
        yield f"'{name}' is in extra_vars and in the survey; the answer would replace it"


def _workflow_problems(definitions: Definitions) -> Iterator[str]:
    templates = {entry["name"]: entry for entry in entries(definitions, "job_templates")}
    for entry in entries(definitions, "workflow_job_templates"):
        nodes = entry.get("workflow_nodes") or []
        answered = required_variables(entry.get("survey_spec")) | set(entry.get("extra_vars") or {})
        for problem in _graph_problems(nodes):
            yield _said("workflow_job_templates", entry, problem)
        for node in nodes:
            name = node.get("unified_job_template", {}).get("name")
            template = templates.get(name)
            where = f"node {node.get('identifier')}"
            if template is None:
                yield _said("workflow_job_templates", entry, f"{where}: there is no job template '{name}'")
                continue
            asked = required_variables(template.get("survey_spec"))
            for variable in sorted(asked - answered - set(node.get("extra_data") or {})):
                yield _said(
                    "workflow_job_templates", entry, f"{where}: nothing answers '{variable}', which {name} needs"
                )


def _graph_problems(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    identifiers = [str(node.get("identifier", "")) for node in nodes]
    if not nodes:
        yield "a workflow without nodes does nothing"
    if "" in identifiers or len(set(identifiers)) != len(identifiers):
        yield "every node needs an identifier of its own"
    edges: dict[str, set[str]] = {}
    for node in nodes:
        following = edges.setdefault(str(node.get("identifier", "")), set())
        for kind, targets in (node.get("related") or {}).items():
            if kind not in ("success_nodes", "failure_nodes", "always_nodes"):
                yield f"node {node.get('identifier')}: there is nothing called '{kind}'"
                continue
            following |= {str(target.get("identifier")) for target in targets}
    for unknown in sorted({target for targets in edges.values() for target in targets} - set(identifiers)):
        yield f"there is no node '{unknown}'"
    # Nodes that nothing unfinished leads to are taken away until none is left; what stays is a circle.
    left = set(edges)
    while free := {node for node in left if not any(node in edges[other] for other in left)}:
        left -= free
    if left:
        yield f"its nodes go in a circle: {', '.join(sorted(left))}"


def _schedule_problems(definitions: Definitions) -> Iterator[str]:
    templates = {
        entry["name"]: entry
        for kind in ("job_templates", "workflow_job_templates")
        for entry in entries(definitions, kind)
    }
    for entry in entries(definitions, "schedules"):
        yield from (_said("schedules", entry, text) for text in rrule_problems(entry.get("rrule")))
        name = entry.get("unified_job_template")
        if name not in templates:
            yield _said("schedules", entry, f"there is no job template or workflow '{name}'")
            continue
        survey = templates[name].get("survey_spec")
        data = set(entry.get("extra_data") or {})
        for variable in sorted(required_variables(survey) - data):
            yield _said("schedules", entry, f"nobody is there to answer '{variable}' of {name}")
        for variable in sorted(data - variables(survey)):
            yield _said("schedules", entry, f"{name} does not ask for '{variable}', so AWX would not take it")


def _grant_problems(definitions: Definitions) -> Iterator[str]:
    teams = {entry["name"]: entry for entry in entries(definitions, "teams")}
    templates = {
        entry["name"]: entry
        for kind in ("job_templates", "workflow_job_templates")
        for entry in entries(definitions, kind)
    }
    for entry in entries(definitions, "grants"):
        team = teams.get(str(entry.get("team")))
        if team is None:
            yield _said("grants", entry, "there is no such team")
            continue
        yield from _references(definitions, "grants", entry)
        role = str(entry.get("role"))
        objects = [field for field in fields.ROLES if entry.get(field)]
        if not objects:
            yield _said("grants", entry, f"{role} on nothing")
        for field in objects:
            if role not in fields.ROLES[field]:
                yield _said(
                    "grants", entry, f"{field} have no role '{role}'; they have {', '.join(fields.ROLES[field])}"
                )
        if not team.get("launches_only"):
            continue
        if role not in ("execute", "read") or set(objects) - {"job_templates", "workflows"}:
            yield _said(
                "grants",
                entry,
                f"this team may launch templates and nothing else, so not {role} on {', '.join(objects)}",
            )
        for name in [*(entry.get("job_templates") or []), *(entry.get("workflows") or [])]:
            if asked := sorted(
                key for key, value in templates.get(name, {}).items() if key.startswith("ask_") and value
            ):
                yield _said("grants", entry, f"{name} asks at launch for more than its survey: {', '.join(asked)}")
