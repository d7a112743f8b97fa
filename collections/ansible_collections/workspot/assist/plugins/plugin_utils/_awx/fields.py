# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of definition may hold, of which type, and which names in it stand for other definitions.

The fields are those that the modules of awx.awx 24.6.1 take and the serializers of AWX 24.6.1 keep; ones that this
project has no use for are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_BASE: dict[str, type] = {"name": str, "description": str}
_NOTIFIED = {f"notification_templates_{event}": list for event in ("started", "success", "error")}
_WORKFLOW_ASKED: dict[str, type] = {
    "ask_variables_on_launch": bool,
    "ask_inventory_on_launch": bool,
    "ask_limit_on_launch": bool,
    "ask_tags_on_launch": bool,
    "ask_skip_tags_on_launch": bool,
    "ask_scm_branch_on_launch": bool,
    "ask_labels_on_launch": bool,
}
_ASKED: dict[str, type] = {
    **_WORKFLOW_ASKED,
    "ask_diff_mode_on_launch": bool,
    "ask_verbosity_on_launch": bool,
    "ask_job_type_on_launch": bool,
    "ask_credential_on_launch": bool,
    "ask_execution_environment_on_launch": bool,
    "ask_forks_on_launch": bool,
    "ask_job_slice_count_on_launch": bool,
    "ask_timeout_on_launch": bool,
    "ask_instance_groups_on_launch": bool,
}
FIELDS: dict[str, dict[str, type]] = {
    "organization": {**_BASE, "max_hosts": int},
    "execution_environment": {**_BASE, "image": str, "pull": str},
    "project": {
        **_BASE,
        **_NOTIFIED,
        "scm_type": str,
        "scm_url": str,
        "scm_branch": str,
        "scm_clean": bool,
        "scm_delete_on_update": bool,
        "scm_track_submodules": bool,
        "scm_update_on_launch": bool,
        "scm_update_cache_timeout": int,
        "credential": str,
        "local_path": str,
    },
    "inventory": {**_BASE, "variables": dict},
    "inventory_sources": {
        **_BASE,
        **_NOTIFIED,
        "source": str,
        "source_project": str,
        "source_path": str,
        "overwrite": bool,
        "overwrite_vars": bool,
        "update_on_launch": bool,
        "update_cache_timeout": int,
        "verbosity": int,
        "timeout": int,
    },
    "credential_types": {**_BASE, "inputs": dict, "injectors": dict},
    "credentials": {**_BASE, "credential_type": str, "inputs": dict},
    "teams": {**_BASE, "launches_only": bool},
    "notification_templates": {
        **_BASE,
        "notification_type": str,
        "notification_configuration": dict,
        "messages": dict,
    },
    "job_templates": {
        **_BASE,
        **_NOTIFIED,
        **_ASKED,
        "job_type": str,
        "inventory": str,
        "project": str,
        "playbook": str,
        "credentials": list,
        "execution_environment": str,
        "forks": int,
        "limit": str,
        "verbosity": int,
        "extra_vars": dict,
        "timeout": int,
        "job_slice_count": int,
        "diff_mode": bool,
        "allow_simultaneous": bool,
        "survey_enabled": bool,
        "survey_spec": dict,
    },
    "workflow_job_templates": {
        **_BASE,
        **_NOTIFIED,
        **_WORKFLOW_ASKED,
        "inventory": str,
        "limit": str,
        "extra_vars": dict,
        "allow_simultaneous": bool,
        "survey_enabled": bool,
        "survey_spec": dict,
        "workflow_nodes": list,
    },
    "schedules": {
        **_BASE,
        "unified_job_template": str,
        "rrule": str,
        "enabled": bool,
        "extra_data": dict,
    },
    "grants": {
        "team": str,
        "role": str,
        "job_templates": list,
        "workflows": list,
        "inventories": list,
        "projects": list,
        "credentials": list,
        "organizations": list,
    },
}
NEEDED: dict[str, tuple[str, ...]] = {
    "execution_environment": ("image",),
    "project": ("scm_type",),
    "inventory_sources": ("source",),
    "credentials": ("credential_type",),
    "job_templates": ("job_type", "inventory", "project", "playbook"),
    "workflow_job_templates": ("workflow_nodes",),
    "schedules": ("unified_job_template", "rrule"),
    "grants": ("team", "role"),
}
CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("execution_environment", "pull"): ("always", "missing", "never"),
    ("project", "scm_type"): ("git", "svn", "archive", "manual"),
    ("inventory_sources", "source"): ("scm",),
    ("job_templates", "job_type"): ("run", "check"),
    ("job_templates", "verbosity"): (0, 1, 2, 3, 4, 5),
    ("inventory_sources", "verbosity"): (0, 1, 2),
}
_NOTIFICATIONS: dict[str, tuple[str, ...]] = dict.fromkeys(_NOTIFIED, ("notification_templates",))
REFERENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "job_templates": {
        **_NOTIFICATIONS,
        "inventory": ("inventory",),
        "project": ("project",),
        "credentials": ("credentials",),
        "execution_environment": ("execution_environment",),
    },
    "workflow_job_templates": {**_NOTIFICATIONS, "inventory": ("inventory",)},
    "grants": {
        "job_templates": ("job_templates",),
        "workflows": ("workflow_job_templates",),
        "inventories": ("inventory",),
        "projects": ("project",),
        "credentials": ("credentials",),
        "organizations": ("organization",),
    },
}
"""Fields whose text is the name of something else that is defined, or a list of such."""
ROLES: dict[str, tuple[str, ...]] = {
    "job_templates": ("admin", "execute", "read"),
    "workflows": ("admin", "execute", "read", "approval"),
    "inventories": ("admin", "use", "adhoc", "update", "read"),
    "projects": ("admin", "use", "update", "read"),
    "credentials": ("admin", "use", "read"),
    # A team can not be a member or an administrator of an organization (RoleTeamsList of awx/api/views).
    "organizations": (
        "execute",
        "project_admin",
        "inventory_admin",
        "credential_admin",
        "workflow_admin",
        "notification_admin",
        "job_template_admin",
        "execution_environment_admin",
        "auditor",
        "read",
        "approval",
    ),
}
"""The roles there are on each kind of thing (``ImplicitRoleField`` of awx/main/models)."""
_AT_LEAST = {"job_slice_count": 1, "forks": 0, "timeout": 0, "scm_update_cache_timeout": 0, "update_cache_timeout": 0}


def problems(kind: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Fields that an entry lacks, should not have, or has of another type."""
    known = FIELDS[kind]
    for name in sorted(set(entry) - set(known)):
        yield f"there is no field '{name}'"
    for name in NEEDED.get(kind, ()):
        if entry.get(name) in (None, ""):
            yield f"'{name}' is needed"
    for name, value in entry.items():
        wanted = known.get(name)
        if wanted is None:
            continue
        if not _fits(value, wanted):
            yield f"'{name}' has to be of type {wanted.__name__}, and is {value!r}"
        elif (kind, name) in CHOICES and value not in CHOICES[kind, name]:
            yield f"'{name}' has to be one of {', '.join(map(str, CHOICES[kind, name]))}"
        elif name in _AT_LEAST and value < _AT_LEAST[name]:
            yield f"'{name}' has to be {_AT_LEAST[name]} at least"


def _fits(value: Any, wanted: type) -> bool:
    if wanted is dict:
        return isinstance(value, Mapping)
    if isinstance(value, bool):
        return wanted is bool
    return isinstance(value, wanted)
