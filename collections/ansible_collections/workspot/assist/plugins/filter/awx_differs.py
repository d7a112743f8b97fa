# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: whether something in AWX is not as wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.workspot.assist.plugins.plugin_utils._awx.words import differs, plain

DOCUMENTATION = r"""
name: awx_differs
version_added: 0.1.0
short_description: Whether something in AWX is not as wanted
author:
  - workspot.assist contributors (@workspot)
description:
  - The modules of C(awx.awx) send a notification template with a password again at every run, as AWX does not show the
    one it has. This tells beforehand whether anything that AWX shows differs.
  - A text that AWX shows as C($encrypted$) counts as equal to any text that is not empty.
positional: found
options:
  _input:
    description: What is wanted, field by field.
    type: dict
    required: true
  found:
    description: What AWX has, a list of none or one, as the lookup P(awx.awx.controller_api#lookup) gives it.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Say whether it would be sent
  ansible.builtin.debug:
    msg: "{{ {'description': 'For the helpdesk'} | workspot.assist.awx_differs(found) }}"
  vars:
    found: "{{ query('awx.awx.controller_api', 'teams', query_params={'name': 'Helpdesk'}) }}"
"""

RETURN = r"""
_value:
  description: Whether anything differs, or it is not there.
  type: bool
"""


def awx_differs(wanted: Any, found: Any) -> bool:
    """See the documentation above."""
    if not isinstance(wanted, Mapping):
        raise AnsibleFilterError("workspot.assist.awx_differs: give it a dictionary.")
    existing = [item for item in found or [] if isinstance(item, Mapping)]
    return len(existing) != 1 or differs(plain(wanted), plain(existing[0]))


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"awx_differs": awx_differs}
