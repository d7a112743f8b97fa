# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol files for property tests: entries of every kind, in few keys and names, so that they meet."""

from __future__ import annotations

import struct

from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import PolicyEntry, RegistryPol
from hypothesis import strategies

KEYS = [
    "SOFTWARE\\Policies",
    "Software\\Policies\\Microsoft\\Windows NT\\Terminal Services",
    "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services\\RAUnsolicit",
    "software\\policies\\MICROSOFT\\Windows NT",
    "Software\\Policies\\Zeta\\",
    "Software\\;[]",
]
NAMES = ["fAllowToGetHelp", "FALLOWTOGETHELP", "MaxTicketExpiry", "a;b", "];[", "", "DOMÄNE\\Änne", "\U0001f600"]
SPECIALS = ["**Del.", "**del.", "**DelVals.", "**delvals", "**DeleteValues", "**deletekeys", "**SecureKey", "**soft."]

text = strategies.text(strategies.characters(min_codepoint=0x20, exclude_categories=["Cs"]), max_size=12)


def entry(key: str, name: str, kind: int, data: bytes) -> PolicyEntry:
    return PolicyEntry(key, name, kind, data)


def utf16(value: str) -> bytes:
    return value.encode("utf-16-le")


data_of_type = strategies.one_of(
    text.map(lambda value: (1, utf16(value + "\0"))),
    text.map(lambda value: (2, utf16(value + "\0"))),
    strategies.binary(max_size=12).map(lambda value: (3, value)),
    strategies.integers(0, 0xFFFFFFFF).map(lambda value: (4, struct.pack("<I", value))),
    strategies.integers(0, 0xFFFFFFFF).map(lambda value: (5, struct.pack(">I", value))),
    strategies.lists(text.filter(bool), max_size=3).map(
        lambda value: (7, utf16("".join(f"{item}\0" for item in value) + "\0"))
    ),
    strategies.integers(0, 2**64 - 1).map(lambda value: (11, struct.pack("<Q", value))),
)
"""Type and data that fit each other, as every other program demands it."""

few_names, few_keys = strategies.sampled_from(NAMES), strategies.sampled_from(KEYS)
names = strategies.one_of(few_names, few_names, few_names, text)
keys = strategies.one_of(
    few_keys, few_keys, few_keys, text.filter(lambda value: value.strip("\\") != "").map("Software\\{}".format)
)


@strategies.composite
def special_entries(draw: strategies.DrawFn) -> PolicyEntry:
    """An entry that deletes something, secures a key, or sets softly."""
    key, prefix = draw(keys), draw(strategies.sampled_from(SPECIALS))
    if prefix == "**SecureKey":
        return entry(key, prefix, 4, struct.pack("<I", draw(strategies.integers(0, 1))))
    if prefix == "**soft.":
        return entry(key, prefix + draw(names), *draw(data_of_type))
    if prefix.lower() == "**del.":
        return entry(key, prefix + draw(names), 1, utf16(" \0"))
    if prefix.lower().startswith("**delvals"):
        return entry(key, prefix, 1, utf16(" \0"))
    listed = draw(
        strategies.lists(strategies.sampled_from([*NAMES[:3], "Microsoft", "windows nt", "Policies"]), max_size=3)
    )
    return entry(key, prefix, 1, utf16(";".join(listed) + "\0"))


plain_entries = strategies.tuples(keys, names, data_of_type).map(lambda drawn: entry(drawn[0], drawn[1], *drawn[2]))
key_entries = keys.map(lambda key: entry(key, "", 0, b""))
odd_entries = strategies.builds(
    entry, keys, names, strategies.sampled_from([1, 2, 3, 4, 5, 7, 11]), strategies.binary(max_size=9)
)
"""Entries that are well-formed as an entry, whatever their data is worth."""

sane_entries = strategies.one_of(plain_entries, special_entries(), key_entries)
sane_files = strategies.lists(sane_entries, max_size=8).map(lambda found: RegistryPol(tuple(found)))
files = strategies.lists(strategies.one_of(sane_entries, odd_entries), max_size=10).map(
    lambda found: RegistryPol(tuple(found))
)
