# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs, and what has to be written: facts and wishes in, a plan out. Nothing here talks to a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._formats.registry_pol import PolicyEntry, RegistryPol, effective, replaced, replaced_list
from .settings import (
    DISABLED,
    ENABLED,
    NOT_CONFIGURED,
    POLICIES,
    SECURITY_OPTIONS,
    TERMINAL_SERVICES,
    UAC,
    Choice,
    NameList,
    Number,
    Policy,
    SecurityOption,
    Text,
)
from .state import Data, PolicyState, Values, in_words, observed, same

Slot = str
"""One setting: the option of a policy, of an element, or of a security option."""


@dataclass(frozen=True)
class DomainValue:
    """What a domain's GPO sets, as the resultant set of policy tells.

    Attributes:
        gpo: The GPO's name, or its id where the name is unknown.
        gpo_id: Its GUID or path.
        data: What it sets; ``None`` when it deletes the value.
    """

    gpo: str
    gpo_id: str
    data: int | str | None


@dataclass(frozen=True)
class Change:
    """One setting that differs.

    Attributes:
        setting: The option.
        title: The words of the Group Policy editor.
        before: What is there, in words.
        after: What is wanted, in words.
        where: ``local_group_policy``, ``registry``, or both: where it differs.
    """

    setting: str
    title: str
    before: Any
    after: Any
    where: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """The change as a module result carries it."""
        return {
            "setting": self.setting,
            "title": self.title,
            "before": self.before,
            "after": self.after,
            "where": list(self.where),
        }


@dataclass(frozen=True)
class Overruled:
    """One setting that a domain's GPO decides otherwise."""

    setting: str
    title: str
    wanted: Any
    in_force: Any
    gpo: str
    gpo_id: str

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return dict(vars(self))


@dataclass(frozen=True)
class RegistryWrite:
    """A value to write to the live registry, or with ``data`` None to remove from it."""

    key: str
    name: str
    data: int | str | None


@dataclass(frozen=True)
class ManagedPolicy:
    """One policy with what is wanted and what is.

    Attributes:
        policy: The row of the table.
        wanted: What it is to be.
        local: What Registry.pol makes it.
        live: What it is in force.
    """

    policy: Policy
    wanted: PolicyState
    local: PolicyState
    live: PolicyState


def slots(policy: Policy, state: PolicyState) -> dict[Slot, Any]:
    """A state as one value per setting, in words; an element that is not set is None."""
    said: dict[Slot, Any] = {policy.option: state.state}
    for element in policy.elements:
        data = state.elements.get(element.option)
        empty = data is None or data in ("", ())
        said[element.option] = None if empty or data is None else in_words(element, data)
    return said


def local_values(pol: RegistryPol | None) -> Values:
    """What a Registry.pol would leave in the registry, by lower-case key and name."""
    if pol is None:
        return {}
    found: dict[tuple[str, str], int | str | None] = {}
    for where, effect in effective(pol).items():
        if effect.kind == "set":
            found[where] = _data(effect.entry)
    return found


def _data(entry: PolicyEntry) -> int | str | None:
    """The data of an entry of the two types our settings have; anything else is no value of theirs."""
    number = entry.number
    return number if number is not None else entry.text


def manage(
    wanted: Mapping[str, PolicyState], local: Values, live: Values, *, processed: bool = True
) -> list[ManagedPolicy]:
    """Put the wanted states beside those that are there.

    Args:
        wanted: From `desired.wanted_states`.
        local: From `local_values`.
        live: The live values.
        processed: Whether Windows goes by Registry.pol. Where it does not, what the file has is as good as not there,
            and what it is not to have has to go all the same.
    """
    found = []
    for policy in POLICIES:
        if policy.option in wanted:
            ours, kept = wanted[policy.option], observed(policy, TERMINAL_SERVICES, local)
            if not processed and ours.state != NOT_CONFIGURED:
                kept = PolicyState(NOT_CONFIGURED)
            found.append(ManagedPolicy(policy, ours, kept, observed(policy, TERMINAL_SERVICES, live)))
    return found


def overruled(managed: list[ManagedPolicy], domain: Mapping[tuple[str, str], DomainValue]) -> list[Overruled]:
    """The settings that a domain's GPO decides, and decides otherwise."""
    return [found for item in managed for found in _overruled(item, domain)]


def _overruled(item: ManagedPolicy, domain: Mapping[tuple[str, str], DomainValue]) -> Iterator[Overruled]:
    policy = item.policy
    switch = domain.get((TERMINAL_SERVICES.lower(), policy.value_name.lower()))
    # A value that the domain deletes is a value that is not there.
    values = {where: found.data for where, found in domain.items() if found.data is not None}
    theirs = slots(policy, observed(policy, TERMINAL_SERVICES, values))
    ours = slots(policy, item.wanted)
    titles = titles_of(policy)
    for name in ours:
        found = switch if name == policy.option else _domain_value(policy, name, domain)
        if found is not None and not _alike(ours[name], theirs[name]):
            yield Overruled(name, titles[name], ours[name], theirs[name], found.gpo, found.gpo_id)


def _domain_value(policy: Policy, name: Slot, domain: Mapping[tuple[str, str], DomainValue]) -> DomainValue | None:
    element = next(item for item in policy.elements if item.option == name)
    if isinstance(element, NameList):
        return next((found for (key, _name), found in domain.items() if key == element.key.lower()), None)
    return domain.get((TERMINAL_SERVICES.lower(), element.value_name.lower()))


def titles_of(policy: Policy) -> dict[Slot, str]:
    """The words of the Group Policy editor for each setting of a policy."""
    return {policy.option: policy.title, **{item.option: item.title for item in policy.elements}}


def changes(managed: list[ManagedPolicy], lost: frozenset[Slot], *, with_files: bool) -> list[Change]:
    """The settings that differ from what is wanted.

    Args:
        managed: From `manage`.
        lost: Settings that a domain's GPO decides otherwise; their live values do not count.
        with_files: Whether Registry.pol counts.
    """
    found: list[Change] = []
    for item in managed:
        wanted, local, live = (slots(item.policy, state) for state in (item.wanted, item.local, item.live))
        titles = titles_of(item.policy)
        for name, after in wanted.items():
            where = []
            if with_files and not _alike(local[name], after):
                where.append("local_group_policy")
            if name not in lost and not _alike(live[name], after):
                where.append("registry")
            if where:
                before = local[name] if where[0] == "local_group_policy" else live[name]
                found.append(Change(name, titles[name], before, after, tuple(where)))
    return found


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return sorted(str(item).lower() for item in one) == sorted(str(item).lower() for item in other)
    return bool(one == other)


def security_changes(wanted: Mapping[str, int], live: Values) -> tuple[list[Change], list[RegistryWrite]]:
    """The security options that differ, and what writes them."""
    found: list[Change] = []
    writes: list[RegistryWrite] = []
    for item in SECURITY_OPTIONS:
        if item.option not in wanted:
            continue
        before = security_option_words(item, live)
        after = ENABLED if wanted[item.option] else DISABLED
        if before != after:
            found.append(Change(item.option, item.title, before, after, ("registry",)))
            writes.append(RegistryWrite(UAC, item.value_name, wanted[item.option]))
    return found, writes


def security_option_words(item: SecurityOption, live: Values) -> str:
    """A security option as it is in force; without a value, what Windows does then."""
    data = live.get((UAC.lower(), item.value_name.lower()), "absent")
    if data == "absent":
        return item.default
    return DISABLED if data == 0 else ENABLED


def rewritten(pol: RegistryPol, managed: list[ManagedPolicy], changed: frozenset[Slot]) -> RegistryPol:
    """Registry.pol with every policy that differs as the Group Policy editor writes it; all else as it was.

    Args:
        pol: The file as it is.
        managed: From `manage`.
        changed: Settings that differ.
    """
    for item in managed:
        names = {item.policy.option, *(element.option for element in item.policy.elements)}
        if names & changed:
            pol = _written(pol, item.policy, item.wanted)
    return pol


def _written(pol: RegistryPol, policy: Policy, state: PolicyState) -> RegistryPol:
    key = TERMINAL_SERVICES
    switch = {ENABLED: 1, DISABLED: 0}.get(state.state)
    entries = [] if switch is None else [PolicyEntry.dword(key, policy.value_name, switch)]
    pol = replaced(pol, key, policy.value_name, entries)
    for element in policy.elements:
        data = state.elements.get(element.option)
        if isinstance(element, NameList):
            pol = replaced_list(pol, element.key, _list_entries(element, state.state, data))
        else:
            pol = replaced(pol, key, element.value_name, _element_entries(element, state.state, data))
    return pol


def _element_entries(element: Choice | Number | Text, state: str, data: Data | None) -> list[PolicyEntry]:
    if state == ENABLED and isinstance(data, int):
        return [PolicyEntry.dword(TERMINAL_SERVICES, element.value_name, data)]
    if state == ENABLED and isinstance(element, Text) and isinstance(data, str) and data:
        return [PolicyEntry.string(TERMINAL_SERVICES, element.value_name, data)]
    if state in (ENABLED, DISABLED):
        return [PolicyEntry.delete_value(TERMINAL_SERVICES, element.value_name)]
    return []


def _list_entries(element: NameList, state: str, data: Data | None) -> list[PolicyEntry]:
    if state not in (ENABLED, DISABLED):
        return []
    names = data if state == ENABLED and isinstance(data, tuple) else ()
    return [
        PolicyEntry.delete_values(element.key),
        *(PolicyEntry.string(element.key, name, name) for name in names),
    ]


def direct_writes(managed: list[ManagedPolicy], lost: frozenset[Slot], live: Values) -> list[RegistryWrite]:
    """What makes the live policy keys agree, for hosts where no local Group Policy is processed."""
    return [write for item in managed for write in _direct(item, lost, live)]


def _direct(item: ManagedPolicy, lost: frozenset[Slot], live: Values) -> Iterator[RegistryWrite]:
    policy, wanted = item.policy, item.wanted
    if same(policy, wanted, item.live):
        return
    switch = {ENABLED: 1, DISABLED: 0}.get(wanted.state)
    if policy.option not in lost:
        yield from _one(TERMINAL_SERVICES, policy.value_name, switch, live)
    for element in policy.elements:
        if element.option in lost:
            continue
        data = wanted.elements.get(element.option)
        if isinstance(element, NameList):
            yield from _list(element, data if isinstance(data, tuple) else (), live)
        elif not isinstance(data, tuple):
            yield from _one(TERMINAL_SERVICES, element.value_name, None if data == "" else data, live)


def _one(key: str, name: str, data: int | str | None, live: Values) -> Iterator[RegistryWrite]:
    where = (key.lower(), name.lower())
    if data is None:
        if where in live:
            yield RegistryWrite(key, name, None)
    elif live.get(where) != data:
        yield RegistryWrite(key, name, data)


def _list(element: NameList, names: tuple[str, ...], live: Values) -> Iterator[RegistryWrite]:
    kept = {name.lower() for name in names}
    for key, name in live:
        if key == element.key.lower() and name not in kept:
            yield RegistryWrite(element.key, name, None)
    for name in names:
        yield from _one(element.key, name, name, live)
