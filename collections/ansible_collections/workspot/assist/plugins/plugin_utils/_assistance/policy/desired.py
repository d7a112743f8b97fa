# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task wants of each policy: a preset, refined by the task's own options, on top of what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import InvalidOption
from .presets import PRESETS
from .settings import (
    DISABLED,
    ENABLED,
    LONGEST_TEXT,
    POLICIES,
    POLICY_OF_ELEMENT,
    SECURITY_OPTIONS,
    Choice,
    Element,
    NameList,
    Number,
    Policy,
    Text,
)
from .state import Data, PolicyState, as_data, valid_elements

_LONGEST_NAME = 259
"""Characters of a registry value's name in Registry.pol (MS-GPREG 2.2.1)."""


def with_preset(options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a task, its preset's included; options that are unset are left out.

    A task's own state of a policy goes before the preset's, and takes the preset's elements of it along.

    Raises:
        InvalidOption: There is no such preset, or two options contradict each other.
    """
    known = [*(policy.option for policy in POLICIES), *POLICY_OF_ELEMENT, *(item.option for item in SECURITY_OPTIONS)]
    own = {name: options[name] for name in known if options.get(name) is not None}
    name = options.get("preset")
    if name is None:
        return own
    if name not in PRESETS:
        raise InvalidOption(f"there is no preset {name!r}; there are {', '.join(PRESETS)}.")
    merged = {**PRESETS[name].options, **own}
    for element, policy in POLICY_OF_ELEMENT.items():
        if element not in own and merged.get(policy.option, ENABLED) != ENABLED:
            merged.pop(element, None)
    return merged


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse what the Group Policy editor would not take.

    Raises:
        InvalidOption: One line about the first of them.
    """
    for policy in POLICIES:
        state = settings.get(policy.option)
        for element in policy.elements:
            if element.option not in settings:
                continue
            if state not in (None, ENABLED):
                raise InvalidOption(
                    f"{element.option} says something only where {policy.option} is enabled, not {state}."
                )
            _check(element, settings[element.option])


def _check(element: Element, value: Any) -> None:
    if isinstance(element, Number) and not element.least <= int(value) <= element.most:
        raise InvalidOption(f"{element.option} is between {element.least} and {element.most}, not {value}.")
    if isinstance(element, Text):
        _check_line(element.option, str(value), LONGEST_TEXT)
    if isinstance(element, NameList):
        folded = [str(name).lower() for name in value]
        twice = [name for name in value if folded.count(str(name).lower()) > 1]
        if twice:
            raise InvalidOption(f"{element.option} names {twice[0]} twice; Windows does not tell case apart.")
        for name in value:
            _check_line(element.option, str(name), _LONGEST_NAME)
            if not str(name).strip() or str(name).startswith("**"):
                raise InvalidOption(f"{element.option} takes names such as DOMAIN\\group, not {name!r}.")


def _check_line(option: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidOption(f"{option} takes at most {longest} characters, not {len(text)}.")
    if not text.isprintable():
        raise InvalidOption(f"{option} takes one line of printable text.")


def wanted_states(settings: Mapping[str, Any], current: Mapping[str, PolicyState]) -> dict[str, PolicyState]:
    """The state that each policy is to have; policies that the settings do not name are left out.

    An enabled policy always has all its elements, as the Group Policy editor writes them: from the settings, else
    as they are, else as the editor shows them first.

    Args:
        settings: From `with_preset`.
        current: The states now, by the policies' options.

    Raises:
        InvalidOption: An element is set, and its policy is neither enabled nor to be enabled.
    """
    wanted: dict[str, PolicyState] = {}
    for policy in POLICIES:
        own = {element.option for element in policy.elements if element.option in settings}
        state = settings.get(policy.option)
        if state is None and not own:
            continue
        if state is None and current[policy.option].state != ENABLED:
            raise InvalidOption(
                f"{sorted(own)[0]} says something only where {policy.option} is enabled, and it is "
                f"{current[policy.option].state}.",
                hint=f"Add {policy.option}: enabled.",
            )
        wanted[policy.option] = _wanted(policy, state or ENABLED, settings, current[policy.option])
    return wanted


def _wanted(policy: Policy, state: str, settings: Mapping[str, Any], current: PolicyState) -> PolicyState:
    if state != ENABLED:
        return PolicyState(state)
    kept = valid_elements(policy, current) if current.state == ENABLED else {}
    elements: dict[str, Data] = {}
    for element in policy.elements:
        if element.option in settings:
            elements[element.option] = as_data(element, settings[element.option])
        else:
            elements[element.option] = kept.get(element.option, _default(element))
    return PolicyState(ENABLED, elements)


def _default(element: Element) -> Data:
    if isinstance(element, Choice):
        return element.values[element.default]
    return element.default


def wanted_security_options(settings: Mapping[str, Any]) -> dict[str, int]:
    """DWORD by option of those security options that the settings name."""
    return {item.option: int(settings[item.option] != DISABLED) for item in SECURITY_OPTIONS if item.option in settings}
