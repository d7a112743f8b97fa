# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugins of any inventory host, set up as Ansible itself would for a task on that host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants as C
from ansible.plugins.loader import connection_loader

from .._errors import InvalidOption

_TEMPLATE_MARKS = ("{{", "{%", "{#")


class InventoryConnections:
    """Makes connection plugins for hosts other than the task's own.

    Args:
        play_context: The task's play context: it carries the password of ``--ask-pass``.
        task: The task, for its keywords (``remote_user``, ``port``, ``connection``).
        hostvars: Ansible's ``hostvars``.
    """

    def __init__(self, play_context: Any, task: Any, hostvars: Any) -> None:
        self._play_context = play_context
        self._hostvars = hostvars
        self._task_keys = dict(task.dump_attrs())
        self._task_keys.pop("retries", None)
        self._task_keys["timeout"] = play_context.timeout
        if play_context.password:
            self._task_keys["password"] = play_context.password
        self._names: dict[str, tuple[frozenset[str], str | None]] = {}

    def open(self, host: str) -> Any:
        """The connection plugin of a host, its options set.

        Raises:
            InvalidOption: The host's variables do not make a usable connection.
        """
        try:
            return self._opened(host)
        except InvalidOption:
            raise
        except Exception as error:
            raise InvalidOption(
                f"the connection's variables are not usable ({type(error).__name__}).",
                host=host,
                hint="Check the host's ansible_* variables in the inventory.",
            ) from None

    def _opened(self, host: str) -> Any:
        raw = self._hostvars.raw_get(host)
        name = str(self._value(host, raw, "ansible_connection") or self._task_keys.get("connection") or "ssh")
        connection = connection_loader.get(name, self._play_context, "/dev/null")
        if connection is None:
            raise InvalidOption(f"there is no connection plugin {name!r}.", host=host)
        connection.set_options(task_keys=dict(self._task_keys), var_options=self._options(host, raw, connection))
        return connection

    def _options(self, host: str, raw: Mapping[str, Any], connection: Any) -> dict[str, Any]:
        known, prefix = self._known_variables(connection)
        options: dict[str, Any] = {
            name: self._value(host, raw, name) for name in known if name in raw or name == "inventory_hostname"
        }
        if prefix:
            options["_extras"] = {
                name: self._value(host, raw, name) for name in raw if name.startswith(prefix) and name not in known
            }
        return options

    def _known_variables(self, connection: Any) -> tuple[frozenset[str], str | None]:
        """Variables the plugin reads, and the prefix of those it hands on; looked up once per plugin."""
        name = connection._load_name
        if name not in self._names:
            prefix = f"ansible_{connection.extras_prefix}_" if connection.allow_extras else None
            self._names[name] = (frozenset(C.config.get_plugin_vars("connection", name)), prefix)
        return self._names[name]

    def _value(self, host: str, raw: Mapping[str, Any], name: str) -> Any:
        """One variable, templated when there is something to template: that is the slow part of a scan."""
        if name not in raw:
            return host if name == "inventory_hostname" else None
        value = raw[name]
        if isinstance(value, bool | int | float) or value is None:
            return value
        # Text without a template mark; vaulted values are of other types and are read through hostvars.
        plain = isinstance(value, str) and "Encrypt" not in type(value).__name__
        if plain and not any(mark in value for mark in _TEMPLATE_MARKS):
            return value
        return self._hostvars[host][name]
