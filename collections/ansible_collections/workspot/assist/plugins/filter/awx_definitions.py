# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: looks through what AWX is to have before anything is sent."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.workspot.assist.plugins.plugin_utils._awx import definitions as _definitions
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.words import plain

DOCUMENTATION = r"""
name: awx_definitions
version_added: 0.1.0
short_description: What is wrong with definitions of what AWX is to have
author:
  - workspot.assist contributors (@workspot)
description:
  - Looks through job templates with their surveys, workflows, schedules, credential types, notification templates,
    teams and grants as a whole, without asking AWX. What AWX would refuse is found, and what it takes although it is
    not wanted, such as a survey that asks for a password.
positional: project_directory, collection
options:
  _input:
    description: The definitions, which are the variable C(awx_setup_definitions) of P(workspot.assist.awx_setup#role).
    type: dict
    required: true
  project_directory:
    description: A copy of the project; job templates have to name playbooks it has. Without it that is not looked at.
    type: path
  collection:
    description: A collection that has to be installed where this run looks for collections.
    type: str
"""

EXAMPLES = r"""
- name: Refuse what AWX would refuse
  ansible.builtin.assert:
    that: awx_setup_definitions | workspot.assist.awx_definitions(playbook_dir | dirname) | length == 0
"""

RETURN = r"""
_value:
  description: The problems, one line each; empty when there is none.
  type: list
  elements: str
"""


def awx_definitions(definitions: Any, project_directory: str | None = None, collection: str | None = None) -> list[str]:
    """See the documentation above."""
    if not isinstance(definitions, Mapping):
        raise AnsibleFilterError("workspot.assist.awx_definitions: give it a dictionary.")
    playbooks = set(_playbooks(Path(project_directory))) if project_directory else None
    missing = list(_missing(collection)) if collection else []
    return missing + _definitions.problems(plain(definitions), playbooks)


def _playbooks(project: Path) -> Iterator[str]:
    """Playbooks as AWX finds them: by their path below the project."""
    for pattern in ("*.yml", "*.yaml", "playbooks/*.yml", "playbooks/*.yaml"):
        for path in project.glob(pattern):
            yield path.relative_to(project).as_posix()


def _missing(collection: str) -> Iterator[str]:
    try:
        found = importlib.util.find_spec(f"ansible_collections.{collection}")
    except ImportError:
        found = None
    if found is None:
        yield f"the collection {collection} is not installed; ansible-galaxy collection install {collection}:24.6.1"


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"awx_definitions": awx_definitions}
