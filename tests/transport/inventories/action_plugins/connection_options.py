# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`connection_options`: the connection of the task's host as Ansible sets it up, or of many as the collection does.

Results are JSON in a text, so that Ansible makes nothing of the variables' names in them.
"""

from __future__ import annotations

import json
from typing import Any

from ansible.parsing.vault import VaultLib
from ansible.plugins.action import ActionBase
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.inventory_connections import InventoryConnections
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.once_per_process import expect_many_hosts
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption

FACTS = {
    "connection_facts": {"ansible_winrm_host": "elsewhere", "ansible_hostname": "DESK", "ansible_connection": "local"},
    "ansible_winrm_host": "elsewhere",
    "ansible_python_interpreter": "/elsewhere",
    "ansible_hostname": "DESK",
    "ansible_become_password": "elsewhere",
    "ordinary": {"as": ["it", "is"]},
}
"""Some that pass for connection variables: Ansible takes those out."""


class ActionModule(ActionBase):
    """The test's own action; it is no part of the collection."""

    _requires_connection = False
    _VALID_ARGS = frozenset({"hosts", "facts"})

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Tell."""
        del tmp
        arguments, hostvars = self._task.args, task_vars["hostvars"]
        if arguments.get("facts"):
            return {"changed": False, "ansible_facts": FACTS}
        if "hosts" not in arguments:
            return {"changed": False, "told": json.dumps(described(self._connection))}
        before = {host: told(dict(hostvars.raw_get(host)), opened=False) for host in arguments["hosts"]}
        expect_many_hosts()
        expect_many_hosts()
        after = {host: told(dict(hostvars.raw_get(host)), opened=False) for host in arguments["hosts"]}
        counted = Decryptions()
        connections = InventoryConnections(self._play_context, self._task, hostvars)
        found, errors = {}, {}
        for host in arguments["hosts"]:
            try:
                found[host] = described(connections.open(host))
            except InvalidOption as error:
                errors[host] = str(error)
        answer = {
            "connections": found,
            "errors": errors,
            "decryptions": counted.count,
            "variables_stay": before == after,
            "with_facts": sorted(host for host, variables in after.items() if "ordinary" in str(variables)),
        }
        return {"changed": False, "told": json.dumps(answer)}


class Decryptions:
    """Counts what Ansible decrypts from now on."""

    def __init__(self) -> None:
        self.count = 0
        original = VaultLib.decrypt_and_get_vault_id

        def counting(vault: Any, *arguments: Any, **options: Any) -> Any:
            self.count += 1
            return original(vault, *arguments, **options)

        VaultLib.decrypt_and_get_vault_id = counting


def described(connection: Any) -> dict[str, Any]:
    """All options of a connection, where they come from, and what the plugin makes of them for its library."""
    made: dict[str, Any] = {}
    if connection._load_name.rpartition(".")[2] == "winrm":
        connection._build_winrm_kwargs()
        names = ("host", "port", "scheme", "path", "transport", "user", "pass", "kwargs")
        made = {name: getattr(connection, f"_winrm_{name}") for name in names}
    elif connection._load_name.rpartition(".")[2] == "psrp":
        connection._build_kwargs()
        made = dict(connection._psrp_conn_kwargs)
    return {
        "plugin": connection._load_name,
        "options": told(connection._options),
        "origins": told(connection._origins),
        "made": told(made),
    }


def told(value: Any, *, opened: bool = True) -> Any:
    """A value in plain JSON, with its type; vaulted ones decrypted or as they are."""
    if isinstance(value, dict):
        return {str(name): told(item, opened=opened) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [told(item, opened=opened) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    vaulted = "Encrypt" in type(value).__name__
    if vaulted and not opened:
        return f"sealed {value._ciphertext!s}"
    return f"text {value}" if isinstance(value, str) or vaulted else type(value).__name__
