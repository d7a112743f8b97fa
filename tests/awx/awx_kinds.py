# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of object has in AWX 24.6.1: fields, what is needed, what is unique, roles and associations.

From the serializers (awx/api/serializers.py), the models' constraints and roles (awx/main/models) and the sub-list
views (awx/api/views). AWX itself ignores fields that it does not know; here they are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Field:
    """A field of a serializer.

    Attributes:
        kind: Python's type of it in JSON.
        default: What it is without a value.
        needed: Whether creating needs it.
        to: Kind of object whose id it is.
        choices: What it may be.
        keeps: False: taken and ignored, as the serializer has it read-only.
        nullable: Whether null may be sent.
        fixed: Only creating may set it; the same value again is fine.
        shown: False for write-only.
    """

    kind: type = str
    default: Any = ""
    needed: bool = False
    to: str | None = None
    choices: tuple[Any, ...] = ()
    keeps: bool = True
    nullable: bool = False
    fixed: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of object.

    Attributes:
        type: Its ``type`` in the API.
        fields: Beside name and description.
        unique: Fields that two may not have in common.
        roles: Its object roles.
        associations: Sub-lists, and of which kind.
        named: Whether it has a name and a description.
        filters: Further names of filters, and the field each looks at.
    """

    type: str
    fields: Mapping[str, Field]
    unique: tuple[str, ...] = ("name",)
    roles: tuple[str, ...] = ()
    associations: Mapping[str, str] = field(default_factory=dict)
    named: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)


def _id(to: str, **options: Any) -> Field:
    return Field(int, None, to=to, nullable=True, **options)


def _flag(default: bool = False) -> Field:
    return Field(bool, default)


NOTIFIED = {f"notification_templates_{event}": "notification_templates" for event in ("started", "success", "error")}
_ASK = {
    f"ask_{name}_on_launch": _flag()
    for name in (
        *("variables", "inventory", "limit", "tags", "skip_tags", "scm_branch", "labels", "diff_mode", "verbosity"),
        *("job_type", "credential", "execution_environment", "forks", "job_slice_count", "timeout", "instance_groups"),
    )
}
_WORKFLOW_ASK = {
    name: _ASK[name]
    for name in (f"ask_{part}_on_launch" for part in ("variables", "inventory", "limit", "tags", "skip_tags", "labels"))
}
_PROMPTS = {
    "extra_data": Field(dict, {}),
    "inventory": _id("inventories"),
    "scm_branch": Field(str, None, nullable=True),
    "job_type": Field(str, None, nullable=True, choices=("run", "check")),
    "job_tags": Field(str, None, nullable=True),
    "skip_tags": Field(str, None, nullable=True),
    "limit": Field(str, None, nullable=True),
    "diff_mode": Field(bool, None, nullable=True),
    "verbosity": Field(int, None, nullable=True, choices=(0, 1, 2, 3, 4, 5)),
    "execution_environment": _id("execution_environments"),
    "forks": Field(int, None, nullable=True),
    "job_slice_count": Field(int, None, nullable=True),
    "timeout": Field(int, None, nullable=True),
}
KINDS: dict[str, Kind] = {
    "organizations": Kind(
        "organization",
        {"max_hosts": Field(int, 0), "default_environment": _id("execution_environments")},
        roles=(
            *("admin_role", "execute_role", "project_admin_role", "inventory_admin_role", "credential_admin_role"),
            *("workflow_admin_role", "notification_admin_role", "job_template_admin_role", "auditor_role"),
            *("execution_environment_admin_role", "member_role", "read_role", "approval_role"),
        ),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {
            "organization": _id("organizations"),
            "image": Field(needed=True),
            "credential": _id("credentials"),
            "pull": Field(choices=("always", "missing", "never", "")),
        },
    ),
    "projects": Kind(
        "project",
        {
            "organization": _id("organizations"),
            "local_path": Field(),
            "scm_type": Field(choices=("", "git", "svn", "insights", "archive")),
            "scm_url": Field(),
            "scm_branch": Field(),
            "scm_refspec": Field(),
            "scm_clean": _flag(),
            "scm_track_submodules": _flag(),
            "scm_delete_on_update": _flag(),
            "credential": _id("credentials"),
            "timeout": Field(int, 0),
            "scm_update_on_launch": _flag(),
            "scm_update_cache_timeout": Field(int, 0),
            "allow_override": _flag(),
            "default_environment": _id("execution_environments"),
            "signature_validation_credential": _id("credentials"),
        },
        unique=("organization", "name"),
        roles=("admin_role", "use_role", "update_role", "read_role"),
        associations=NOTIFIED,
    ),
    "inventories": Kind(
        "inventory",
        {
            "organization": _id("organizations", needed=True),
            "kind": Field(choices=("", "smart", "constructed")),
            "host_filter": Field(str, None, nullable=True),
            "variables": Field(),
            "prevent_instance_group_fallback": _flag(),
        },
        unique=("organization", "name"),
        roles=("admin_role", "use_role", "adhoc_role", "update_role", "read_role"),
        associations={"instance_groups": "instance_groups"},
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            "source": Field(choices=("scm", "ec2", "azure_rm", "vmware", "controller")),
            "source_path": Field(),
            "source_vars": Field(),
            "scm_branch": Field(),
            "credential": _id("credentials"),
            "enabled_var": Field(),
            "enabled_value": Field(),
            "host_filter": Field(),
            "overwrite": _flag(),
            "overwrite_vars": _flag(),
            "timeout": Field(int, 0),
            "verbosity": Field(int, 1, choices=(0, 1, 2)),
            "limit": Field(),
            "execution_environment": _id("execution_environments"),
            "inventory": _id("inventories", needed=True, fixed=True),
            "update_on_launch": _flag(),
            "update_cache_timeout": Field(int, 0),
            "source_project": _id("projects"),
        },
        unique=("inventory", "name"),
        associations=NOTIFIED,
    ),
    "credential_types": Kind(
        "credential_type",
        {
            "kind": Field(needed=True, choices=("cloud", "net")),
            "namespace": Field(str, None, keeps=False, nullable=True),
            "managed": Field(bool, False, keeps=False),
            "inputs": Field(dict, {}),
            "injectors": Field(dict, {}),
        },
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {
            "organization": _id("organizations"),
            "credential_type": _id("credential_types", needed=True),
            "inputs": Field(dict, {}),
            "user": _id("users", shown=False),
            "team": _id("teams", shown=False),
        },
        unique=("organization", "name", "credential_type"),
        roles=("admin_role", "use_role", "read_role"),
    ),
    "teams": Kind(
        "team",
        {"organization": _id("organizations", needed=True)},
        unique=("organization", "name"),
        roles=("admin_role", "member_role", "read_role"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            "organization": _id("organizations", needed=True),
            "notification_type": Field(needed=True, choices=("email", "slack", "webhook", "mattermost")),
            "notification_configuration": Field(dict, {}, needed=True),
            "messages": Field(dict, None, nullable=True),
        },
        unique=("organization", "name"),
        filters={"organization__name": "organization"},
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_ASK,
            "job_type": Field(str, "run", choices=("run", "check")),
            "inventory": _id("inventories"),
            "project": _id("projects"),
            "playbook": Field(),
            "scm_branch": Field(),
            "forks": Field(int, 0),
            "limit": Field(),
            "verbosity": Field(int, 0, choices=(0, 1, 2, 3, 4, 5)),
            "extra_vars": Field(str, ""),
            "job_tags": Field(),
            "force_handlers": _flag(),
            "skip_tags": Field(),
            "start_at_task": Field(),
            "timeout": Field(int, 0),
            "use_fact_cache": _flag(),
            "organization": _id("organizations", keeps=False),
            "execution_environment": _id("execution_environments"),
            "host_config_key": Field(),
            "survey_enabled": _flag(),
            "become_enabled": _flag(),
            "diff_mode": _flag(),
            "allow_simultaneous": _flag(),
            "job_slice_count": Field(int, 1),
            "webhook_service": Field(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": _id("credentials"),
            "prevent_instance_group_fallback": _flag(),
        },
        unique=("organization", "name"),
        roles=("admin_role", "execute_role", "read_role"),
        associations={
            **NOTIFIED,
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
        },
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **_WORKFLOW_ASK,
            "ask_scm_branch_on_launch": _flag(),
            "extra_vars": Field(str, ""),
            "organization": _id("organizations"),
            "survey_enabled": _flag(),
            "allow_simultaneous": _flag(),
            "inventory": _id("inventories"),
            "limit": Field(str, None, nullable=True),
            "scm_branch": Field(str, None, nullable=True),
            "webhook_service": Field(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": _id("credentials"),
            "skip_tags": Field(str, None, nullable=True),
            "job_tags": Field(str, None, nullable=True),
        },
        unique=("organization", "name"),
        roles=("admin_role", "execute_role", "read_role", "approval_role"),
        associations={**NOTIFIED, "labels": "labels", "notification_templates_approvals": "notification_templates"},
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            **_PROMPTS,
            "workflow_job_template": _id("workflow_job_templates", needed=True, fixed=True),
            "unified_job_template": _id("unified_job_templates"),
            "all_parents_must_converge": _flag(),
            "identifier": Field(needed=True),
        },
        unique=("workflow_job_template", "identifier"),
        associations={
            **dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
        },
        named=False,
    ),
    "schedules": Kind(
        "schedule",
        {
            **_PROMPTS,
            "rrule": Field(needed=True),
            "unified_job_template": _id("unified_job_templates", needed=True),
            "enabled": _flag(True),
        },
        unique=("unified_job_template", "name"),
        associations={"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"},
    ),
}
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
