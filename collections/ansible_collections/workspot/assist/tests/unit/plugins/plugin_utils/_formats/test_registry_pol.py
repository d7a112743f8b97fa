# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol is read by its lengths, refused with the offset, and written back to the byte."""

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption, RegistryPolMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    PolicyEntry,
    RegistryPol,
    Special,
    build_registry_pol,
    parse_registry_pol,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats import policy_files
from hypothesis import given, settings

HEADER = b"PReg\1\0\0\0"
KEY = "Software\\Policies\\Microsoft\\Windows\\System"


def wide(text: str) -> bytes:
    return b"".join(bytes((ord(character), 0)) for character in text)


# The example of MS-GPREG 4.1, laid out by hand.
EXAMPLE = (
    HEADER
    + wide(f"[{KEY}\0;LocalProfile\0;")
    + b"\4\0\0\0;\0\4\0\0\0;\0\1\0\0\0]\0"
    + wide(f"[{KEY}\0;GroupPolicyMinTransferRate\0;")
    + b"\4\0\0\0;\0\4\0\0\0;\0\0\0\0\0]\0"
)


def test_the_example_of_the_specification() -> None:
    pol = parse_registry_pol(EXAMPLE)
    assert pol.entries == (
        PolicyEntry.dword(KEY, "LocalProfile", 1),
        PolicyEntry.dword(KEY, "GroupPolicyMinTransferRate", 0),
    )
    assert build_registry_pol(pol) == EXAMPLE


def test_a_header_alone_is_a_file_without_settings() -> None:
    assert parse_registry_pol(HEADER) == RegistryPol(())
    assert build_registry_pol(RegistryPol(())) == HEADER


def test_delimiters_in_keys_names_and_data_are_text() -> None:
    data = wide("];[\0")
    content = HEADER + wide("[a;]b\0;c;[\0;") + b"\1\0\0\0;\0\10\0\0\0;\0" + data + wide("]")
    (entry,) = parse_registry_pol(content).entries
    assert (entry.key, entry.value_name, entry.text) == ("a;]b", "c;[", "];[")


def test_a_nul_pair_across_two_characters_ends_nothing() -> None:
    # U+4100 U+0042 lies in the file as 00 41 42 00; "a" and U+0100 as 61 00 00 01, with a pair at an odd distance.
    (entry,) = parse_registry_pol(HEADER + "[a\u0100\0;\u4100B\0;".encode("utf-16-le") + bare()).entries
    assert (entry.key, entry.value_name) == ("a\u0100", "\u4100B")


def test_entries_after_data_of_odd_size_stand_at_odd_places() -> None:
    content = HEADER + wide("[a\0;b\0;") + b"\3\0\0\0;\0\1\0\0\0;\0\xff]\0" + wide("[a\0;c\0;") + bare()
    assert [entry.value_name for entry in parse_registry_pol(content).entries] == ["b", "c"]


def test_half_surrogates_in_a_name_come_back() -> None:
    content = HEADER + wide("[a\0;") + b"\x00\xd8" + wide("\0;") + bare()
    assert build_registry_pol(parse_registry_pol(content)) == content


def test_the_creation_of_a_key() -> None:
    """Empty name, REG_NONE, no data: as Microsoft's tools write CREATEKEY."""
    content = HEADER + wide("[a\\b\0;\0;") + b"\0\0\0\0;\0\0\0\0\0;\0]\0"
    assert parse_registry_pol(content).entries == (PolicyEntry("a\\b", "", 0, b""),)


def bare(kind: int = 3, size: int = 0, data: bytes = b"", end: bytes = b"]\0") -> bytes:
    """What follows the names of an entry."""
    return kind.to_bytes(4, "little") + b";\0" + size.to_bytes(4, "little") + b";\0" + data + end


START = HEADER + wide("[a\0;b\0;")
REFUSED: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 0, "signature"),
    "signature": (b"Preg\1\0\0\0", 1, "signature"),
    "half a signature": (b"PRe", 3, "signature"),
    "no version": (b"PReg", 4, "version 1"),
    "version 2": (b"PReg\2\0\0\0", 4, "version 1"),
    "version 257": (b"PReg\1\1\0\0", 5, "version 1"),
    "a byte more": (EXAMPLE + b"\0", len(EXAMPLE), "'['"),
    "no bracket": (HEADER + wide("(a\0;b\0;") + bare(), 8, "'['"),
    "a bracket of one byte": (HEADER + b"[", 8, "'['"),
    "no key": (HEADER + wide("[\0;b\0;") + bare(), 10, "key"),
    "a key of backslashes": (HEADER + wide("[\\\\\0;b\0;") + bare(), 10, "key"),
    "an endless key": (HEADER + wide("[abc"), 10, "NUL"),
    "a key with a control character": (HEADER + wide("[ab\tc\0;b\0;") + bare(), 14, "control"),
    "no semicolon after the key": (HEADER + wide("[a\0b\0;") + bare(), 14, "';'"),
    "a name with a control character": (HEADER + wide("[a\0;b\n\0;") + bare(), 18, "control"),
    "a name of 260": (HEADER + wide("[a\0;" + "b" * 260 + "\0;") + bare(), 16, "259"),
    "no semicolon after the name": (HEADER + wide("[a\0;b\0\0;") + bare(), 20, "';'"),
    "half a type": (START + b"\1\0", 22, "a type of 4 bytes"),
    "a value of type 0": (START + bare(0), 22, "type"),
    "a key with data": (HEADER + wide("[a\0;\0;") + bare(0, 1, b"x"), 26, "at most 0"),
    "type 6": (START + bare(6), 22, "type"),
    "type 12": (START + bare(12), 22, "type"),
    "a large type": (START + bare(0x01000001), 22, "type"),
    "no semicolon after the type": (START + b"\3\0\0\0:\0", 26, "';'"),
    "size 65536": (START + bare(3, 65536, bytes(65536)), 28, "65535"),
    "a size of 32 bits": (START + bare(3, 0xFFFFFFFF), 28, "65535"),
    "less data": (START + bare(3, 9, b"abc"), 34, "9 bytes"),
    "more data": (START + bare(3, 2, b"abc"), 36, "']'"),
    "no bracket after it": (START + bare(3, 2, b"ab", b""), 36, "']'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_offset(name: str) -> None:
    content, offset, expected = REFUSED[name]
    with pytest.raises(RegistryPolMalformed) as caught:
        parse_registry_pol(content)
    assert caught.value.offset == offset
    assert f"at byte {offset}: expected " in caught.value.message
    assert expected in caught.value.message


def test_every_cut_of_a_file_is_refused_or_ends_between_entries() -> None:
    whole = {8, EXAMPLE.index(b"]\0[\0") + 2, len(EXAMPLE)}
    for length in range(len(EXAMPLE) + 1):
        if length in whole:
            parse_registry_pol(EXAMPLE[:length])
        else:
            with pytest.raises(RegistryPolMalformed) as caught:
                parse_registry_pol(EXAMPLE[:length])
            assert caught.value.offset <= length


@pytest.mark.parametrize(
    "entry",
    [
        PolicyEntry("", "a", 4, bytes(4)),
        PolicyEntry("a\0b", "a", 4, bytes(4)),
        PolicyEntry("a", "b\0", 4, bytes(4)),
        PolicyEntry("a", "b" * 260, 4, bytes(4)),
        PolicyEntry("a", "b", 6, b""),
        PolicyEntry("a", "b", 0, b""),
        PolicyEntry("a", "", 0, b"x"),
        PolicyEntry("a", "b", 3, bytes(65536)),
    ],
)
def test_nothing_is_written_that_would_not_be_read(entry: PolicyEntry) -> None:
    with pytest.raises(InvalidOption):
        build_registry_pol(RegistryPol((entry,)))


def test_the_longest_that_the_format_holds() -> None:
    pol = RegistryPol((PolicyEntry("a", "b" * 259, 3, bytes(65535)),))
    assert parse_registry_pol(build_registry_pol(pol)) == pol


SPECIALS = [
    ("**Del.Name", Special.DEL_VALUE, "Name"),
    ("**dEL.**del.x", Special.DEL_VALUE, "**del.x"),
    ("**del.", Special.DEL_VALUE, ""),
    ("**DelVals.", Special.DEL_VALS, None),
    ("**delvals", Special.DEL_VALS, None),
    ("**DELETEVALUES", Special.DELETE_VALUES, None),
    ("**DeleteKeys", Special.DELETE_KEYS, None),
    ("**SecureKey", Special.SECURE_KEY, None),
    ("**Soft.Name", Special.SOFT, "Name"),
    ("**delvals.x", None, "**delvals.x"),
    ("**DeleteKeysNot", None, "**DeleteKeysNot"),
    ("**del", None, "**del"),
    ("*del.Name", None, "*del.Name"),
    ("x**del.Name", None, "x**del.Name"),
    ("**de\u017f.", None, "**de\u017f."),
]


@pytest.mark.parametrize(("name", "special", "plain"), SPECIALS)
def test_specials_are_told_by_name_in_any_case(name: str, special: Special | None, plain: str | None) -> None:
    entry = PolicyEntry.string("k", name, " ")
    assert (entry.special, entry.plain_name) == (special, plain)


@pytest.mark.parametrize("name", ["Name", "**del.name", "**SOFT.NAME"])
def test_an_entry_is_for_its_value_in_any_case(name: str) -> None:
    entry = PolicyEntry.string("Software\\Ä", name, " ")
    assert entry.is_for("SOFTWARE\\ä\\", "nAME")
    assert not entry.is_for("SOFTWARE\\ä\\b", "name")
    assert not entry.is_for("SOFTWARE\\ä", "name2")


def test_numbers() -> None:
    assert PolicyEntry.dword("k", "n", 0xFFFFFFFE).number == 0xFFFFFFFE
    assert PolicyEntry("k", "n", 5, b"\0\0\1\2").number == 258
    assert PolicyEntry("k", "n", 11, b"\2\1" + bytes(6)).number == 258
    assert PolicyEntry("k", "n", 4, bytes(8)).number is None
    assert PolicyEntry("k", "n", 3, bytes(4)).number is None
    assert PolicyEntry.string("k", "n", "1").number is None


def test_texts() -> None:
    assert PolicyEntry.string("k", "n", "ä").data == b"\xe4\0\0\0"
    assert PolicyEntry.string("k", "n", "ä").text == "ä"
    assert PolicyEntry("k", "n", 2, wide("%a%")).text == "%a%"
    assert PolicyEntry("k", "n", 1, wide("a\0b\0")).text == "a"
    assert PolicyEntry("k", "n", 1, b"").text == ""
    assert PolicyEntry("k", "n", 1, b"abc").text is None
    assert PolicyEntry.dword("k", "n", 1).text is None
    assert PolicyEntry("k", "n", 7, wide("a\0b\0\0")).texts == ["a", "b"]
    assert PolicyEntry("k", "n", 7, wide("\0")).texts == []
    assert PolicyEntry("k", "n", 7, b"a").texts is None
    assert PolicyEntry.string("k", "n", "a").texts is None


def test_deletions_are_spelt_as_windows_spells_them() -> None:
    assert PolicyEntry.delete_value("k", "Name") == PolicyEntry("k", "**del.Name", 1, b" \0\0\0")
    assert PolicyEntry.delete_values("k") == PolicyEntry("k", "**delvals.", 1, b" \0\0\0")


@settings(deadline=None, max_examples=200)
@given(policy_files.files)
def test_what_is_written_is_read_again(pol: RegistryPol) -> None:
    content = build_registry_pol(pol)
    assert parse_registry_pol(content) == pol
    assert content == HEADER + b"".join(entry.raw for entry in pol.entries)
