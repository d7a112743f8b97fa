# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Registry.pol leaves in the registry, and how one value or list in it is exchanged."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    DEL_VALS_NAME,
    PolicyEntry,
    RegistryPol,
    Special,
    effective,
    replaced,
    replaced_list,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats import policy_files
from hypothesis import given, settings, strategies

KEY = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
LIST = f"{KEY}\\RAUnsolicit"
ABOVE = "SOFTWARE\\Policies\\Microsoft\\Windows NT"
PROPERTY = settings(deadline=None, max_examples=200)

number = PolicyEntry.dword
string = PolicyEntry.string


def pol(*entries: PolicyEntry) -> RegistryPol:
    return RegistryPol(entries)


A = (KEY.lower(), "a")
SOFT = PolicyEntry(KEY, "**soft.a", 4, bytes(4))
EFFECTS: dict[str, tuple[list[PolicyEntry], str | None]] = {
    "set": ([number(KEY, "A", 1)], "set"),
    "set in another spelling": ([number(f"{KEY.upper()}\\", "a", 1)], "set"),
    "nothing": ([number(KEY, "b", 1), number(LIST, "a", 1)], None),
    "set and deleted": ([number(KEY, "a", 1), PolicyEntry.delete_value(KEY, "A")], "delete"),
    "deleted and set": ([PolicyEntry.delete_value(KEY, "A"), number(KEY, "a", 1)], "set"),
    "deleted of another type": ([PolicyEntry(KEY, "**Del.a", 4, b" \0\0\0")], "delete"),
    "deleted by list": ([number(KEY, "a", 1), string(KEY, "**DeleteValues", "b;A;c")], "delete"),
    "not in the list": ([number(KEY, "a", 1), string(KEY, "**DeleteValues", "b;aa")], "set"),
    "with the key's values": ([number(KEY, "a", 1), PolicyEntry.delete_values(KEY)], "delete"),
    "before the key's values": ([PolicyEntry.delete_values(KEY), number(KEY, "a", 1)], "set"),
    "not with another key's values": ([number(KEY, "a", 1), PolicyEntry.delete_values(ABOVE)], "set"),
    "with the key": ([number(KEY, "a", 1), string(ABOVE, "**DeleteKeys", "x;terminal services")], "delete"),
    "with a key above": ([number(KEY, "a", 1), string("software\\policies", "**DeleteKeys", "microsoft")], "delete"),
    "not with a key below": ([number(KEY, "a", 1), string(KEY, "**DeleteKeys", "RAUnsolicit")], "set"),
    "not with a key of a like name": ([number(KEY, "a", 1), string(ABOVE, "**DeleteKeys", "Terminal")], "set"),
    "softly": ([SOFT], "set"),
    "softly after a deletion": ([PolicyEntry.delete_value(KEY, "a"), SOFT], "set"),
    "set, deleted and softly": ([number(KEY, "a", 1), PolicyEntry.delete_value(KEY, "a"), SOFT], "set"),
    "permissions": ([number(KEY, "**SecureKey", 1)], None),
    "the key alone": ([PolicyEntry(KEY, "", 0, b"")], None),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_effects(name: str) -> None:
    entries, kind = EFFECTS[name]
    found = effective(pol(*entries)).get(A)
    assert (found and found.kind) == kind


def test_the_last_entry_decides_and_a_soft_one_does_not_against_a_set_one() -> None:
    first, second = number(KEY, "a", 1), number(KEY, "A", 2)
    assert effective(pol(first, second, SOFT))[A].entry is second
    assert effective(pol(SOFT, first))[A].entry is first


def test_a_deleted_key_takes_the_keys_below_it_along() -> None:
    below = number(f"{LIST}\\x", "a", 1)
    found = effective(
        pol(below, number(LIST, "a", 1), number(KEY, "a", 1), string(ABOVE, "**DeleteKeys", "Terminal Services"))
    )
    assert [effect.kind for effect in found.values()] == ["delete"] * 3


def test_only_values_are_effects() -> None:
    assert effective(pol(number(KEY, "**SecureKey", 1), PolicyEntry(KEY, "", 0, b""))) == {}


def test_an_emptied_key_is_told() -> None:
    found = effective(pol(PolicyEntry.delete_values(LIST), string(LIST, "u", "u")))
    assert {where: effect.kind for where, effect in found.items()} == {
        (LIST.lower(), DEL_VALS_NAME): "delete",
        (LIST.lower(), "u"): "set",
    }


def slow_effects(entries: tuple[PolicyEntry, ...]) -> dict[tuple[str, str], tuple[str, PolicyEntry]]:
    """MS-GPREG 3.2.5.1.2 once more, without a thought for time."""
    found: dict[tuple[str, str], tuple[str, PolicyEntry]] = {}
    for entry in entries:
        key, name = entry.key.strip("\\").lower(), entry.value_name.lower()
        listed = [part for part in (entry.text or "").lower().split(";") if part]
        now_set = [where for where, (kind, _data) in found.items() if kind == "set"]
        gone: list[tuple[str, str]] = []
        if name.startswith("**del."):
            gone = [(key, name[6:])]
        elif name in ("**delvals", "**delvals."):
            gone = [*(where for where in now_set if where[0] == key), (key, "**delvals.")]
        elif name == "**deletevalues":
            gone = [(key, deleted) for deleted in listed]
        elif name == "**deletekeys":
            tops = tuple(f"{key}\\{subkey}\\" for subkey in listed)
            gone = [where for where in now_set if f"{where[0]}\\".startswith(tops)]
        elif name.startswith("**soft."):
            if (key, name[7:]) not in now_set:
                found[key, name[7:]] = ("set", entry)
        elif name != "**securekey" and (name or entry.type):
            found[key, name] = ("set", entry)
        found |= dict.fromkeys(gone, ("delete", entry))
    return found


@PROPERTY
@given(policy_files.files)
def test_effects_are_those_of_a_plain_reading_of_the_specification(file: RegistryPol) -> None:
    found = {where: (effect.kind, effect.entry) for where, effect in effective(file).items()}
    assert found == slow_effects(file.entries)


BEFORE, AFTER = number("SOFTWARE\\Policies\\Alpha", "x", 1), number("SOFTWARE\\Policies\\Zeta", "x", 1)
OURS = number(KEY, "fAllowToGetHelp", 1)


def test_a_value_is_exchanged_where_it_stands() -> None:
    old = (BEFORE, number(KEY, "b", 1), PolicyEntry.delete_value(KEY.upper(), "FALLOWTOGETHELP"), number(KEY, "c", 1))
    found = replaced(pol(*old, AFTER), KEY, "fAllowToGetHelp", [OURS])
    assert found.entries == (old[0], old[1], OURS, old[3], AFTER)


def test_several_entries_for_a_value_become_one_at_the_first() -> None:
    soft = PolicyEntry(KEY, "**soft.fAllowToGetHelp", 4, bytes(4))
    old = pol(number(KEY, "FALLOWTOGETHELP", 0), BEFORE, soft, PolicyEntry.delete_value(KEY, "fAllowToGetHelp"), AFTER)
    assert replaced(old, KEY, "fAllowToGetHelp", [OURS]).entries == (OURS, BEFORE, AFTER)


def test_a_value_that_is_the_same_keeps_its_spelling() -> None:
    old = pol(BEFORE, number(KEY.lower(), "fallowtogethelp", 1), PolicyEntry(KEY, "**DEL.b", 4, b" \0\0\0"))
    assert replaced(old, KEY, "fAllowToGetHelp", [OURS]) == old
    assert replaced(old, KEY, "B", [PolicyEntry.delete_value(KEY, "B")]) == old
    assert replaced(old, KEY, "fAllowToGetHelp", [number(KEY, "fAllowToGetHelp", 0)]) != old


def test_a_new_value_follows_its_key() -> None:
    old = (BEFORE, number(KEY.lower(), "b", 1), number(LIST, "u", 1), AFTER)
    assert replaced(pol(*old), KEY, "fAllowToGetHelp", [OURS]).entries == (*old[:2], OURS, *old[2:])
    assert replaced(pol(*reversed(old)), KEY, "fAllowToGetHelp", [OURS]).entries == (
        AFTER,
        old[2],
        old[1],
        OURS,
        BEFORE,
    )


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ([], 0),
        (["SOFTWARE\\Policies\\Alpha", "software\\policies\\Zeta"], 1),
        ([ABOVE, LIST], 1),
        ([f"{ABOVE}\\a", f"{ABOVE}\\Terminal ServicesX"], 1),
        (["SOFTWARE\\Policies\\Microsoft\\Windows NT A"], 0),
        (["A", "B"], 2),
    ],
)
def test_a_new_key_stands_where_the_tree_has_it(keys: list[str], place: int) -> None:
    found = replaced(pol(*(number(key, "x", 1) for key in keys)), KEY, "fAllowToGetHelp", [OURS])
    assert found.entries.index(OURS) == place


@pytest.mark.parametrize(
    "deletion",
    [
        PolicyEntry.delete_values(KEY),
        PolicyEntry(KEY.upper(), "**DelVals", 1, b" \0\0\0"),
        string(ABOVE, "**DeleteKeys", "x;TERMINAL SERVICES"),
        string("SOFTWARE", "**DeleteKeys", "Policies"),
        string("SOFTWARE\\Policies", "**DeleteKeys", "Microsoft\\Windows NT"),
    ],
)
def test_a_value_is_never_put_before_what_deletes_it(deletion: PolicyEntry) -> None:
    old = pol(number(KEY, "fAllowToGetHelp", 0), deletion, AFTER)
    found = replaced(old, KEY, "fAllowToGetHelp", [OURS])
    assert found.entries == (deletion, OURS, AFTER)
    assert effective(found)[KEY.lower(), "fallowtogethelp"].entry is OURS
    assert replaced(pol(deletion, AFTER), KEY, "fAllowToGetHelp", [OURS]) == found


def test_a_deletion_of_other_keys_does_not_move_a_value() -> None:
    old = pol(number(KEY, "fAllowToGetHelp", 0), PolicyEntry.delete_values(LIST), string(KEY, "**DeleteKeys", "x"))
    assert replaced(old, KEY, "fAllowToGetHelp", [OURS]).entries[0] == OURS


def test_a_value_that_is_left_alone_leaves_nothing() -> None:
    old = pol(BEFORE, number(KEY, "b", 1), PolicyEntry.delete_value(KEY, "A"), number(KEY, "a", 1))
    assert replaced(old, KEY, "a", []).entries == (BEFORE, number(KEY, "b", 1))
    assert replaced(old, KEY, "c", []) == old


def test_a_name_is_taken_out_of_a_list_of_deletions() -> None:
    listed = string(KEY.upper(), "**DELETEVALUES", "x;A;y;a")
    assert replaced(pol(listed), KEY, "a", []).entries == (string(KEY.upper(), "**DELETEVALUES", "x;y"),)
    assert replaced(pol(string(KEY, "**DeleteValues", "a")), KEY, "a", []).entries == ()
    other = pol(string(KEY, "**DeleteValues", "x;y;"), string(ABOVE, "**DeleteValues", "a"))
    assert replaced(other, KEY, "a", []) == other


def test_a_list_is_exchanged_as_a_whole() -> None:
    secure, create = number(LIST, "**SecureKey", 1), PolicyEntry(LIST, "", 0, b"")
    below = string(f"{LIST}\\sub", "x", "x")
    old = pol(BEFORE, create, string(LIST, "old", "old"), below, PolicyEntry.delete_values(LIST), secure, AFTER)
    new = [PolicyEntry.delete_values(LIST), string(LIST, "CONTOSO\\Helpdesk", "CONTOSO\\Helpdesk")]
    assert replaced_list(old, LIST, new).entries == (BEFORE, create, *new, below, secure, AFTER)
    assert replaced_list(old, LIST, []).entries == (BEFORE, create, below, secure, AFTER)
    assert replaced_list(pol(OURS, AFTER), LIST, new).entries == (OURS, *new, AFTER)


def test_a_list_that_is_the_same_keeps_its_spelling() -> None:
    old = pol(PolicyEntry(LIST.upper(), "**DelVals", 4, b" \0\0\0"), string(LIST.upper(), "A\\B", "A\\B"), AFTER)
    assert replaced_list(old, LIST, [PolicyEntry.delete_values(LIST), string(LIST, "a\\b", "A\\B")]) == old


NAME = "MaxTicketExpiry"


def for_value(key: str) -> list[list[PolicyEntry]]:
    return [[], [number(key, NAME, 7)], [PolicyEntry.delete_value(key, NAME)], [string(key, NAME, "text")]]


def effects_of_others(file: RegistryPol, where: tuple[str, str]) -> dict[tuple[str, str], object]:
    """What becomes of all other values; a `**DeleteValues` may be another one than before."""
    return {
        place: (effect.kind, effect.entry.special or effect.entry)
        for place, effect in effective(file).items()
        if place != where
    }


@PROPERTY
@given(policy_files.files, strategies.integers(0, 3), strategies.sampled_from(policy_files.KEYS))
def test_one_value_changes_and_nothing_else(file: RegistryPol, which: int, key: str) -> None:
    entries = for_value(key)[which]
    found = replaced(file, key, NAME, entries)
    where = (key.strip("\\").lower(), NAME.lower())
    effect = effective(found).get(where)
    if entries:
        assert effect is not None
        assert effect.kind == ("set" if entries[0].special is None else "delete")
        assert effect.entry.data == entries[0].data
    else:
        assert effect is None

    def others(some: RegistryPol) -> list[PolicyEntry]:
        kept = [entry for entry in some.entries if not entry.is_for(key, NAME)]
        return [entry for entry in kept if entry.special is not Special.DELETE_VALUES]

    assert others(found) == others(file)
    assert effects_of_others(found, where) == effects_of_others(file, where)
    assert replaced(found, key, NAME, entries) == found


@PROPERTY
@given(policy_files.files, strategies.booleans(), strategies.sampled_from(policy_files.KEYS))
def test_one_list_changes_and_nothing_else(file: RegistryPol, any_names: bool, key: str) -> None:
    names = ["CONTOSO\\a", "CONTOSO\\b"] if any_names else []
    found = replaced_list(file, key, [PolicyEntry.delete_values(key), *(string(key, name, name) for name in names)])
    path = key.strip("\\").lower()
    left = {name: effect.kind for (where, name), effect in effective(found).items() if where == path}
    assert left == {DEL_VALS_NAME: "delete"} | {name.lower(): "set" for name in names}
    assert [entry for entry in found.entries if not entry.is_in(key)] == [
        entry for entry in file.entries if not entry.is_in(key)
    ]
    assert (
        replaced_list(
            found,
            key,
            [
                entry
                for entry in found.entries
                if entry.is_in(key) and entry.special in (None, Special.DEL_VALS) and not entry.creates_key
            ],
        )
        == found
    )
