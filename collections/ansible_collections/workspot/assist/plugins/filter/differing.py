# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: the hosts that the role's look ahead has not found to be as they should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._ansible.look_ahead import looked_ahead

DOCUMENTATION = r"""
name: differing
version_added: 0.1.0
short_description: Pattern of the hosts that a look ahead has left to do
author:
  - workspot.assist contributors (@workspot)
description:
  - Takes C(hostvars) and gives a pattern for the C(hosts) of a play, of the hosts that the role's look ahead, with
    M(workspot.assist.drift_info), has not found to be as they should be.
  - Without a look ahead before it, that is the pattern it was given.
positional: pattern
options:
  _input:
    description: The variable C(hostvars).
    type: dict
    required: true
  pattern:
    description: Pattern of all hosts that may be concerned.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Enforce where anything differs
  hosts: "{{ hostvars | workspot.assist.differing('all') }}"
  roles:
    - role: workspot.assist.pool_host
"""

RETURN = r"""
_value:
  description: The pattern; one that means no host when all are as they should be.
  type: raw
"""

_NOBODY = "all:!all"


def differing(hostvars: Any, pattern: Any) -> Any:
    """See the documentation above."""
    if not hasattr(hostvars, "__getitem__"):
        raise AnsibleFilterError("workspot.assist.differing: give it hostvars.")
    # Before the first play that has hosts, Ansible has no hostvars. Of the pattern's hosts, as what an earlier play
    # has seen on others is no longer news.
    inventory = getattr(hostvars, "_inventory", None)
    hosts = inventory.get_hosts(pattern) if inventory is not None else []
    found = looked_ahead(hostvars, hosts[0].name) if hosts else {}
    if not found or {host.name for host in hosts} != {*found["settled"], *found["others"]}:
        return pattern
    return ",".join(found["others"]) or _NOBODY


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"differing": differing}
