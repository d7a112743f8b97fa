# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter: a pool's results of ``workspot.assist.remote_assistance`` in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._ansible.look_ahead import settled_results

DOCUMENTATION = r"""
name: compliance
version_added: 0.1.0
short_description: A pool's results in a few lines
author:
  - workspot.assist contributors (@workspot)
description:
  - Takes what a task with M(workspot.assist.remote_assistance) registered on many hosts, and says which hosts are not
    as they should be, the worst first, and how many are in which state.
  - Hosts that the role's look ahead has found to be as they should be, with M(workspot.assist.drift_info), count with
    the result of that, as they had no turn.
positional: hosts, variable
options:
  _input:
    description: The variable C(hostvars).
    type: dict
    required: true
  hosts:
    description: Names of the hosts; one without a result, such as one outside C(--limit), is left out.
    type: list
    elements: str
    required: true
  variable:
    description: Name of the registered variable.
    type: str
    default: pool_host_outcome
"""

EXAMPLES = r"""
- name: Say what is not as it should be
  ansible.builtin.debug:
    msg: "{{ (hostvars | workspot.assist.compliance(groups['all'])).lines }}"
"""

RETURN = r"""
_value:
  description:
    - C(good), whether all hosts are as they should be; C(text), one line of counts; C(lines), one line for each host
      that is not, or for several of which the same is to be said, the worst first; C(states), the state of each host,
      in the same order; C(differences), all that is to be said of each host that is not, as a list.
  type: dict
"""

STATES = ("unreachable", "failed", "overruled", "drifted", "changed", "compliant")
"""The worst first."""
GOOD = frozenset({"changed", "compliant"})
DEFAULT_VARIABLE = "pool_host_outcome"
_MOST_CHANGES = 6
_MOST_NAMES = 10


def compliance(hostvars: Any, hosts: Iterable[str], variable: str = DEFAULT_VARIABLE) -> dict[str, Any]:
    """See the documentation above."""
    if not hasattr(hostvars, "__getitem__"):
        raise AnsibleFilterError("workspot.assist.compliance: give it hostvars.")
    names = [str(name) for name in hosts]
    settled = settled_results(hostvars, names) if variable == DEFAULT_VARIABLE else {}
    results = {name: settled.get(name) or _result(hostvars, name, variable) for name in names}
    states = {name: state_of(result) for name, result in results.items() if result is not None}
    ordered = sorted(states, key=lambda name: (STATES.index(states[name]), name))
    counts = [(state, sum(1 for found in states.values() if found == state)) for state in STATES]
    hosts_word = "host" if len(states) == 1 else "hosts"
    said = ", ".join(f"{number} {state}" for state, number in counts if number)
    bad = [name for name in ordered if states[name] not in GOOD]
    return {
        "good": bool(states) and all(state in GOOD for state in states.values()),
        "text": f"{len(states)} {hosts_word}: {said or 'none was looked at'}.",
        "lines": _lines({name: (states[name], _reason_of(name, results[name] or {})) for name in bad}),
        "states": {name: states[name] for name in ordered},
        "differences": {name: _all_of(results[name] or {}) for name in bad},
    }


def _result(hostvars: Any, name: str, variable: str) -> Mapping[str, Any] | None:
    try:
        found = hostvars[name].get(variable)
    except KeyError:
        return None
    return found if isinstance(found, Mapping) and found else None


def state_of(result: Mapping[str, Any]) -> str:
    """A host's state: that of the module, or what Ansible made of it."""
    if result.get("unreachable"):
        return "unreachable"
    state = str(result.get("state", ""))
    return state if state in STATES else "failed"


def _lines(said: Mapping[str, tuple[str, str]]) -> list[str]:
    """What is said of each host: hosts of which the same is said share a line, at the place of the first."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, what in said.items():
        alike.setdefault(what, []).append(name)
    return [f"{_names(names)}: {state}: {reason}" for (state, reason), names in alike.items()]


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _reason_of(name: str, result: Mapping[str, Any]) -> str:
    return _reason(result).removeprefix(f"{name}: ")


def _reason(result: Mapping[str, Any]) -> str:
    if result.get("msg"):
        return _message(result)
    said = _said(result)
    more = f" and {len(said) - _MOST_CHANGES} more" if len(said) > _MOST_CHANGES else ""
    return "; ".join(said[:_MOST_CHANGES]) + more


def _message(result: Mapping[str, Any]) -> str:
    return " ".join(str(result["msg"]).split())


def _said(result: Mapping[str, Any]) -> list[str]:
    parts = {part: result.get(part) or {} for part in ("feature", "policy", "firewall")}
    said = [line for found in parts.values() for line in _decided_elsewhere(found)]
    return said + [line for name, found in parts.items() for line in _changes(name, found)]


def _all_of(result: Mapping[str, Any]) -> list[str]:
    return ([_message(result)] if result.get("msg") else []) + _said(result)


def _decided_elsewhere(found: Mapping[str, Any]) -> Iterator[str]:
    for item in found.get("overruled", []):
        yield f"{item['title']}: {_shown(item['in_force'])} by {item['gpo']}"
    for item in found.get("hindrances", []):
        yield f"{item['profile'] or 'firewall'}: {item['cause']}"


def _changes(part: str, found: Mapping[str, Any]) -> Iterator[str]:
    if part == "feature" and found.get("changed"):
        yield f"feature: {found.get('before')} -> {found.get('state')}"
    for item in found.get("changes", []):
        yield f"{item['title']}: {_shown(item['before'])} -> {_shown(item['after'])}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nobody"
    return "not set" if value is None else str(value)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"compliance": compliance}
