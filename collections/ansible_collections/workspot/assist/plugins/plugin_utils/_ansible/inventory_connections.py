# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugins of any inventory host, set up as Ansible itself would for a task on that host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.plugins.loader import connection_loader

try:
    from ansible.template import is_trusted_as_template as _is_trusted_as_template
except ImportError:  # ansible-core 2.18
    _is_trusted_as_template = None

from .._errors import InvalidOption
from .connection_pattern import EXTRAS, ConnectionPattern

_TEMPLATE_MARKS = ("{{", "{%", "{#")
_REFERENCE = re.compile(r"\{\{\s*(?!(?:[Tt]rue|[Ff]alse|[Nn]one)\b)([A-Za-z_]\w*)\s*\}\}")
"""A template that is nothing but another variable's name, such as a password's name for its vaulted value.

Jinja's constants are none, whatever a variable is called.
"""
_NOT_SURELY_TEXT = re.compile(r"[\[{(]|(?:True|False|None)$")
"""Results that a template makes something else of than text, in releases of Ansible that do so."""


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
        self._patterns: dict[str, ConnectionPattern] = {}
        self._vaulted: dict[str | bytes, str] = {}

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
        if name not in self._patterns:
            plugin = connection_loader.get(name, self._play_context, "/dev/null")
            if plugin is None:
                raise InvalidOption(f"there is no connection plugin {name!r}.", host=host)
            self._patterns[name] = ConnectionPattern(plugin, self._task_keys)
        pattern = self._patterns[name]
        return pattern.connection(self._variables(host, raw, pattern))

    def _variables(self, host: str, raw: Mapping[str, Any], pattern: ConnectionPattern) -> dict[str, Any]:
        known, prefix = pattern.known, pattern.prefix
        variables: dict[str, Any] = {
            name: self._value(host, raw, name) for name in known if name in raw or name == "inventory_hostname"
        }
        if prefix:
            variables[EXTRAS] = {
                name: self._value(host, raw, name) for name in raw if name.startswith(prefix) and name not in known
            }
        return variables

    def _value(self, host: str, raw: Mapping[str, Any], name: str) -> Any:
        """One variable, templated when there is something to template: that is the slow part of a scan."""
        if name not in raw:
            return host if name == "inventory_hostname" else None
        value = raw[name]
        if isinstance(value, bool | int | float) or value is None:
            return value
        if _is_vaulted(value):
            return self._decrypted(host, name, value)
        if isinstance(value, str):
            if not _has_template(value) or not _is_trusted(value):
                return value
            text = self._referred(host, raw, value)
            if text is not None:
                return text
        templated = self._hostvars[host][name]
        if isinstance(value, str) and templated == value:
            # ansible-core 2.18 leaves a template as it is when a name in it is not defined. It is nobody's password.
            raise ValueError(name)
        return templated

    def _decrypted(self, host: str, name: str, value: Any) -> Any:
        """A vaulted value. Hosts share a group's; opening it for each of them takes longer than asking the host."""
        sealed = getattr(value, "_ciphertext", None)
        if sealed in self._vaulted:
            return self._vaulted[sealed]
        text = self._hostvars[host][name]
        if _is_vaulted(text):
            text = str(text)  # ansible-core 2.18 opens it when it is used, each time anew
        if isinstance(sealed, str | bytes) and isinstance(text, str) and not _has_template(text):
            self._vaulted[sealed] = text
        return text

    def _referred(self, host: str, raw: Mapping[str, Any], template: str) -> str | None:
        """What a reference to a vaulted or plain text is; ``None`` for every other template."""
        reference = _REFERENCE.fullmatch(template)
        target = raw.get(reference[1]) if reference else None
        if reference is None or not (isinstance(target, str) or _is_vaulted(target)):
            return None
        if isinstance(target, str) and _has_template(target):
            return None
        text = self._value(host, raw, reference[1])
        return text if isinstance(text, str) and not _NOT_SURELY_TEXT.match(text) else None


def _has_template(text: str) -> bool:
    return any(mark in text for mark in _TEMPLATE_MARKS)


def _is_trusted(text: str) -> bool:
    """Whether Ansible would take a text for a template, and not for one of data that nobody vouches for."""
    if _is_trusted_as_template is not None:
        return bool(_is_trusted_as_template(text))
    return not getattr(text, "__UNSAFE__", False)


def _is_vaulted(value: Any) -> bool:
    """By name: the class is another one in ansible-core 2.18 than in 2.19 and newer."""
    return "Encrypt" in type(value).__name__
