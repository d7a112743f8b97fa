# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection plugin for each of many hosts, for little more than the work of setting up one.

The hosts of a pool have the same connection variables but for an address or two. So one plugin is loaded and set up,
and every further one is its copy, on which Ansible's configuration reads those options anew that a differing variable
has a say in.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Set
from typing import Any

from ansible import constants as C

EXTRAS = "_extras"
"""Where Ansible puts variables that a plugin hands on to its library (``ansible_winrm_read_timeout_sec`` and so on)."""
_ABSENT = object()


class ConnectionPattern:
    """Makes connection plugins of one kind.

    Args:
        plugin: The plugin as the loader gives it; no option is set yet.
        task_keys: The task's keywords, the same for all hosts.
    """

    def __init__(self, plugin: Any, task_keys: Mapping[str, Any]) -> None:
        self._plugin = plugin
        self._task_keys = task_keys
        self._variables: Mapping[str, Any] | None = None
        name = plugin._load_name
        definitions = C.config.get_configuration_definitions("connection", name)
        self._readers = {
            option: frozenset(str(entry["name"]) for entry in definition.get("vars") or ())
            for option, definition in definitions.items()
        }
        self._prefix = f"ansible_{plugin.extras_prefix}_" if plugin.allow_extras else None
        self._known = frozenset(C.config.get_plugin_vars("connection", name))

    @property
    def known(self) -> Set[str]:
        """Names of the variables that the plugin reads."""
        return self._known

    @property
    def prefix(self) -> str | None:
        """How the names of the variables begin that it hands on; ``None`` when it does not."""
        return self._prefix

    def connection(self, variables: Mapping[str, Any]) -> Any:
        """A plugin with its options set.

        Args:
            variables: A host's values of the variables that the plugin reads; those it hands on under `EXTRAS`.
        """
        connection = copy.copy(self._plugin)
        options, origins = getattr(self._plugin, "_options", None), getattr(self._plugin, "_origins", None)
        changed = self._changed(variables)
        if changed is None or not isinstance(options, dict) or not isinstance(origins, dict):
            connection.set_options(task_keys=dict(self._task_keys), var_options=dict(variables))
            # Later ones are copies of the last one that was set up as a whole.
            self._plugin, self._variables = copy.copy(connection), dict(variables)
            return connection
        connection._options, connection._origins = dict(options), dict(origins)
        for option, readers in self._readers.items():
            if readers & changed:
                value, origin = C.config.get_config_value_and_origin(
                    option,
                    plugin_type="connection",
                    plugin_name=self._plugin._load_name,
                    keys=self._task_keys,
                    variables=variables,
                )
                connection._options[option], connection._origins[option] = value, origin
        return connection

    def _changed(self, variables: Mapping[str, Any]) -> Set[str] | None:
        """Names whose values differ from the pattern's; ``None`` when everything has to be set up anew."""
        if self._variables is None or self._variables.get(EXTRAS) != variables.get(EXTRAS):
            return None
        names = self._variables.keys() | variables.keys()
        ours = self._variables
        return {name for name in names if _differ(ours.get(name, _ABSENT), variables.get(name, _ABSENT))}


def _differ(one: Any, other: Any) -> bool:
    """Whether an option may differ with a value: 1 and true are equal to Python, and not the same as a text."""
    return type(one) is not type(other) or bool(one != other)
