# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of variables as a task on each host of a play would have them, for many hosts and from one task.

The variables of a host come from Ansible itself, so their precedence is Ansible's own. Templating is what takes time:
it is done once for all hosts on which everything that a value is made of is the same, and for each host alone where
that can not be told from the templates.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.template import Templar
from jinja2 import Environment, TemplateError, nodes

from .._errors import InvalidOption

try:
    # Since ansible-core 2.19 text is a template only when its origin is trusted.
    from ansible.template import is_trusted_as_template
except ImportError:
    is_trusted_as_template = None

_MARKS = ("{{", "{%", "{#")
_HEADER = "#jinja2:"
"""Begins a text that brings delimiters of its own."""
_SAME_ANYWHERE = frozenset({"omit", "range", "dict", "namespace"})
_SEE_EVERYTHING = frozenset({"hostvars", "vars"})
_BY_CHANCE = frozenset({"random", "shuffle", "random_mac", "password_hash"})
_OF_ONE_PLAY = frozenset(
    {
        "ansible_play_batch",
        "ansible_play_hosts",
        "ansible_play_hosts_all",
        "ansible_play_name",
        "ansible_play_role_names",
        "ansible_role_names",
        "play_hosts",
        "role_names",
    }
)
"""What another play would say otherwise."""


@dataclass(frozen=True)
class _Traits:
    """What is to be known of a raw value.

    Attributes:
        key: Equal for equal values.
        names: Variables that its templates name.
        alone: Whether it may differ between hosts with the same variables.
    """

    key: Hashable
    names: frozenset[str] = frozenset()
    alone: bool = False


class HostValues:
    """Values of some variables on any host of the play.

    Args:
        task: The running task, of the role whose variables are wanted.
        task_vars: Its variables.
        loader: Ansible's data loader.
        names: The variables.
    """

    def __init__(self, task: Any, task_vars: Mapping[str, Any], loader: Any, names: Iterable[str]) -> None:
        self._task = task
        self._task_vars = task_vars
        self._loader = loader
        self._names = tuple(names)
        self._known: dict[Hashable, dict[str, Any] | InvalidOption] = {}
        # By identity: hosts of a group share its values. The value is kept, so that its identity is not given away.
        self._traits: dict[int, tuple[Any, _Traits]] = {}

    def of(self, host: str) -> tuple[Hashable, dict[str, Any]]:
        """The values on a host, and a key that is equal for hosts with the same ones.

        Raises:
            InvalidOption: They can not be told without a task on that host.
        """
        try:
            variables = self._variables(host)
            key = self._key(host, variables)
            if key not in self._known:
                self._known[key] = self._templated(variables)
        except InvalidOption:
            raise
        except Exception as error:
            raise InvalidOption(f"its variables are not usable ({type(error).__name__}).", host=host) from None
        found = self._known[key]
        if isinstance(found, InvalidOption):
            # It may have been another host's first.
            raise InvalidOption(found.message, host=host)
        return key, found

    def _variables(self, host: str) -> dict[str, Any]:
        """All variables that this task would have on that host; nothing of the task's own host is among them."""
        hostvars = self._task_vars["hostvars"]
        manager, inventory = hostvars._variable_manager, hostvars._inventory
        variables: dict[str, Any] = manager.get_vars(
            play=self._task.get_play(),
            host=inventory.get_host(host),
            task=self._task,
            # The same for all, and slow to make.
            _hosts=self._task_vars.get("ansible_play_hosts"),
            _hosts_all=self._task_vars.get("ansible_play_hosts_all"),
        )
        if "ansible_search_path" in self._task_vars:
            variables["ansible_search_path"] = self._task_vars["ansible_search_path"]
        return variables

    def _templated(self, variables: dict[str, Any]) -> dict[str, Any] | InvalidOption:
        templar = Templar(loader=self._loader, variables=variables)
        try:
            return {name: templar.template(variables[name]) for name in self._names}
        except Exception as error:
            return InvalidOption(f"its variables are not usable ({type(error).__name__}).")

    def _key(self, host: str, variables: Mapping[str, Any]) -> Hashable:
        """Equal for hosts on which everything is the same that the wanted variables are made of, however deep."""
        found: dict[str, Hashable] = {}
        todo = list(self._names)
        while todo:
            name = todo.pop()
            if name in found or name in _SAME_ANYWHERE:
                continue
            if name in _OF_ONE_PLAY:
                raise InvalidOption(f"its variables depend on {name}.", host=host)
            if name in _SEE_EVERYTHING:
                return ("alone", host)
            if name not in variables:
                found[name] = "undefined"
                continue
            traits = self._traits_of(variables[name])
            if traits.alone:
                return ("alone", host)
            found[name] = traits.key
            todo += traits.names
        return tuple(sorted(found.items(), key=lambda item: item[0]))

    def _traits_of(self, value: Any) -> _Traits:
        known = self._traits.get(id(value))
        if known is None:
            known = self._traits[id(value)] = (value, _traits(value))
        return known[1]


def _traits(value: Any) -> _Traits:
    if value is None or isinstance(value, bool | int | float):
        return _Traits((type(value).__name__, repr(value)))
    if isinstance(value, str):
        return _text_traits(value)
    if isinstance(value, Mapping):
        # In their order: a template may loop over them.
        return _together("mapping", [_traits(part) for item in value.items() for part in item])
    if isinstance(value, list | tuple):
        return _together("list", [_traits(part) for part in value])
    # Vaulted text, and whatever else there is.
    return _Traits("", alone=True)


def _together(kind: str, parts: list[_Traits]) -> _Traits:
    return _Traits(
        (kind, tuple(part.key for part in parts)),
        frozenset().union(*(part.names for part in parts)),
        any(part.alone for part in parts),
    )


def _text_traits(text: str) -> _Traits:
    plain = str.__str__(text)
    if _HEADER in plain or "Encrypt" in type(text).__name__:
        return _Traits("", alone=True)
    if not any(mark in plain for mark in _MARKS):
        return _Traits(("text", plain))
    trusted = is_trusted_as_template(text) if is_trusted_as_template is not None else not hasattr(text, "__UNSAFE__")
    try:
        names, alone = _named(plain)
    except (TemplateError, RecursionError):
        return _Traits("", alone=True)
    return _Traits(("template", trusted, plain), frozenset(names), alone)


def _named(template: str) -> tuple[set[str], bool]:
    """The variables that a template names, more rather than fewer, and whether it may be another on each host."""
    tree = Environment(autoescape=False).parse(template)
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    own |= {macro.name for macro in tree.find_all(nodes.Macro)}
    # A template's own name may be one of the host's too, somewhere before it is set.
    if own or any(tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends))):
        return set(), True
    called = {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    filters = {used.name.rpartition(".")[2] for used in tree.find_all(nodes.Filter)}
    # Functions such as lookup and now answer as they like.
    if called - _SAME_ANYWHERE or filters & _BY_CHANCE:
        return set(), True
    return {name.name for name in tree.find_all(nodes.Name)}, False
