# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one policy is, wherever it is kept: in Registry.pol, in the live registry, in a domain's GPO, in a task.

All of them become a `PolicyState`, and two states are compared; nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .settings import DISABLED, ENABLED, NOT_CONFIGURED, Choice, Element, NameList, Number, Policy, Text

INVALID = "invalid"
"""A value that the Group Policy editor could not have written."""

Data = int | str | tuple[str, ...]
"""A DWORD, a text, or a list of names."""
Values = Mapping[tuple[str, str], int | str | None]
"""Registry values by lower-case key and name; ``None`` for one of a type that no setting has."""


@dataclass(frozen=True)
class PolicyState:
    """One policy's state.

    Attributes:
        state: ``enabled``, ``disabled``, ``not_configured`` or ``invalid``.
        elements: Registry data by the elements' options; those that are set.
    """

    state: str
    elements: Mapping[str, Data] = field(default_factory=dict)

    def words(self, policy: Policy) -> dict[str, Any]:
        """The state in the module's own words: an option's name to its value."""
        said: dict[str, Any] = {policy.option: self.state}
        for element in policy.elements:
            if element.option in self.elements:
                said[element.option] = in_words(element, self.elements[element.option])
        return said


def in_words(element: Element, data: Data) -> Any:
    """An element's registry data as its option would say it."""
    if isinstance(element, Choice):
        return next((word for word, number in element.values.items() if number == data), f"{INVALID} ({data})")
    if isinstance(element, NameList):
        return list(data) if isinstance(data, tuple) else f"{INVALID} ({data})"
    return data


def as_data(element: Element, value: Any) -> Data:
    """An option's value as registry data."""
    if isinstance(element, Choice):
        return element.values[value]
    if isinstance(element, NameList):
        return tuple(value)
    return int(value) if isinstance(element, Number) else str(value)


def observed(policy: Policy, key: str, values: Values) -> PolicyState:
    """The state that registry values make.

    Args:
        policy: Which policy.
        key: Where its values are.
        values: What is there.
    """
    switch = values.get((key.lower(), policy.value_name.lower()), "absent")
    state = {1: ENABLED, 0: DISABLED, "absent": NOT_CONFIGURED}.get(switch, INVALID)
    elements: dict[str, Data] = {}
    for element in policy.elements:
        data = _element(element, key, values)
        if data is not None:
            elements[element.option] = data
    return PolicyState(state, elements)


def _element(element: Element, key: str, values: Values) -> Data | None:
    if isinstance(element, NameList):
        below = element.key.lower()
        names = [str(data) for (where, _name), data in values.items() if where == below and data is not None]
        return tuple(sorted(names, key=str.lower)) or None
    where = (key.lower(), element.value_name.lower())
    if where not in values:
        return None
    data = values[where]
    return INVALID if data is None else data


def same(policy: Policy, one: PolicyState, other: PolicyState) -> bool:
    """Whether two states mean the same. Names of helpers are compared as Windows does, without case."""
    alike = (_comparable(element, one) == _comparable(element, other) for element in policy.elements)
    return one.state == other.state and all(alike)


def _comparable(element: Element, state: PolicyState) -> Data | None:
    data = state.elements.get(element.option)
    if isinstance(element, NameList):
        return tuple(sorted(name.lower() for name in data)) if isinstance(data, tuple) else ()
    if isinstance(element, Text):
        # An empty text box and none say the same.
        return data or None
    return data


def valid_elements(policy: Policy, state: PolicyState) -> dict[str, Data]:
    """The elements of a state that the Group Policy editor could have written."""
    return {
        element.option: state.elements[element.option]
        for element in policy.elements
        if element.option in state.elements and _valid(element, state.elements[element.option])
    }


def _valid(element: Element, data: Data) -> bool:
    if isinstance(element, Choice):
        return data in element.values.values()
    if isinstance(element, Number):
        return isinstance(data, int) and element.least <= data <= element.most
    return isinstance(data, tuple) if isinstance(element, NameList) else isinstance(data, str) and data != INVALID
