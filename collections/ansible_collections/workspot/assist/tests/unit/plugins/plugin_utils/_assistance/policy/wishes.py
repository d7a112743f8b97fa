# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wishes for policy and keys full of values, for property tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import (
    DISABLED,
    ENABLED,
    POLICIES,
    SECURITY_OPTIONS,
    STATES,
    TERMINAL_SERVICES,
    UAC,
    Choice,
    Element,
    NameList,
    Number,
    Policy,
)
from hypothesis import strategies as st

KEY = TERMINAL_SERVICES.lower()
HELPERS = KEY + "\\raunsolicit"
lines = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
names = st.lists(lines.map(lambda name: f"CORP\\{name}"), max_size=3, unique_by=str.lower)


def of_element(element: Element) -> st.SearchStrategy[Any]:
    """What an element's option may say."""
    if isinstance(element, Choice):
        return st.sampled_from(list(element.values))
    if isinstance(element, Number):
        return st.integers(element.least, element.most)
    return names if isinstance(element, NameList) else st.one_of(st.just(""), lines)


def of_policy(policy: Policy) -> st.SearchStrategy[dict[str, Any]]:
    """What a task may say of one policy: nothing, a state, an enabled one with some of its elements."""
    elements = st.fixed_dictionaries({}, optional={item.option: of_element(item) for item in policy.elements})
    enabled = elements.map(lambda said: {policy.option: ENABLED, **said})
    others = st.sampled_from([state for state in STATES if state != ENABLED]).map(lambda state: {policy.option: state})
    return st.one_of(st.just({}), others, enabled)


def merged(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Several dictionaries as one."""
    return {name: value for part in parts for name, value in part.items()}


wishes: st.SearchStrategy[dict[str, Any]] = st.tuples(*map(of_policy, POLICIES)).map(merged)
"""What a task may want of all policies."""

_value_names = [
    name.lower()
    for policy in POLICIES
    for name in (policy.value_name, *(e.value_name for e in policy.elements if not isinstance(e, NameList)))
]
_any_data = st.one_of(st.integers(0, 20), st.sampled_from(["", "1", "text"]), st.none())
keys_full: st.SearchStrategy[dict[tuple[str, str], int | str | None]] = st.tuples(
    st.dictionaries(st.sampled_from(_value_names).map(lambda name: (KEY, name)), _any_data),
    names.map(lambda found: {(HELPERS, name.lower()): name for name in found}),
    st.dictionaries(
        st.sampled_from([item.value_name.lower() for item in SECURITY_OPTIONS]).map(lambda name: (UAC.lower(), name)),
        st.integers(0, 2),
    ),
).map(merged)
"""Live values as they might be found, good ones and bad ones."""

security_wishes = st.fixed_dictionaries(
    {}, optional={item.option: st.sampled_from([ENABLED, DISABLED]) for item in SECURITY_OPTIONS}
)
