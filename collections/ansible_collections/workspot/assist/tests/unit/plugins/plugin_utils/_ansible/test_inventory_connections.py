# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References from one variable of a host to another that need no template engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ansible.template
import pytest
from ansible.playbook.play_context import PlayContext
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.inventory_connections import InventoryConnections

as_template: Any = getattr(ansible.template, "trust_as_template", str)
"""An inventory's text; ansible-core 2.18 takes every one for a template."""


class Hostvars(dict[str, dict[str, Any]]):
    """One host's variables: raw, and what the template engine makes of them."""

    def __init__(self, raw: dict[str, Any], **templated: Any) -> None:
        super().__init__(desk={**raw, **templated})
        self._raw = raw

    def raw_get(self, _host: str) -> dict[str, Any]:
        """Not templated."""
        return self._raw


@pytest.mark.parametrize(
    ("name", "password"),
    [("none", "engine"), ("None", "engine"), ("true", "engine"), ("False", "engine"), ("nones", "text"), ("x", "text")],
)
def test_constants_are_no_references(name: str, password: str) -> None:
    raw = {"ansible_connection": "winrm", "ansible_password": as_template(f"{{{{ {name} }}}}"), name: "text"}
    task = SimpleNamespace(dump_attrs=dict)
    made = InventoryConnections(PlayContext(), task, Hostvars(raw, ansible_password="engine")).open("desk")
    assert made.get_option("remote_password") == password
