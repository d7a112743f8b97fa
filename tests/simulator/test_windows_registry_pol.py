# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registry.pol of the simulator against MS-GPREG 2.2.1, byte by byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.windows.registry_pol import Instruction, PolError, encode, from_bytes, parse, to_bytes
from tests.simulator.windows_rig import RA, entry

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
_ENTRIES = st.builds(Instruction, _TEXT, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
                     max_size=40), st.sampled_from([1, 2, 3, 4, 5, 7, 11]), st.binary(max_size=200))  # fmt: skip


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def test_one_entry_as_the_grammar_has_it() -> None:
    """Signature, version, then `[key;value;type;size;data]` with texts that end in NUL (MS-GPREG 2.2.1)."""
    expected = b"PReg" + struct.pack("<I", 1) + _wide("[") + _wide("Software\\Policies\\X\0") + _wide(";")
    expected += _wide("Name\0") + _wide(";") + struct.pack("<I", 4) + _wide(";") + struct.pack("<I", 4) + _wide(";")
    expected += struct.pack("<I", 60) + _wide("]")
    assert encode([entry("Name", 60, "Software\\Policies\\X")]) == expected
    assert parse(expected) == [Instruction("Software\\Policies\\X", "Name", 4, struct.pack("<I", 60))]


def test_a_file_without_entries_is_its_header() -> None:
    assert encode([]) == bytes.fromhex("5052656701000000")
    assert parse(bytes.fromhex("5052656701000000")) == []


def test_data_may_hold_what_looks_like_delimiters() -> None:
    data = _wide("];[Software\0;x\0;")
    assert parse(encode([Instruction(RA, "odd", 3, data), entry("next", 1)]))[0].data == data


@given(st.lists(_ENTRIES, max_size=6))
def test_what_is_written_is_read(entries: list[Instruction]) -> None:
    content = encode(entries)
    assert parse(content) == entries
    assert encode(parse(content)) == content


@given(st.binary(max_size=80), st.booleans())
def test_other_bytes_are_refused_or_read_exactly(tail: bytes, headed: bool) -> None:
    content = (bytes.fromhex("5052656701000000") if headed else b"") + tail
    try:
        found = parse(content)
    except PolError:
        return
    assert encode(found) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PReg",
        b"GReg\x01\0\0\0",
        b"PReg\x02\0\0\0",
        encode([entry("a", 1)])[:-1],
        encode([entry("a", 1)])[:-2] + b"[\0",
        encode([entry("a", 1)]) + b"\0\0",
        encode([Instruction("k", "v", 6, b"")]),
        encode([Instruction("k", "v", 3, bytes(65536))]),
        encode([Instruction("k", "v" * 260, 1, b"")]),
        encode([Instruction("", "v", 1, b"")]),
    ],
    ids=["empty", "short", "signature", "version", "cut", "no-end", "tail", "type", "size", "name", "no-key"],
)
def test_invalid_files_are_refused(content: bytes) -> None:
    with pytest.raises(PolError):
        parse(content)


@pytest.mark.parametrize(
    ("kind", "data", "raw"),
    [
        (1, "aä", _wide("aä\0")),
        (2, "%TEMP%", _wide("%TEMP%\0")),
        (3, b"\x01\x02", b"\x01\x02"),
        (4, 258, b"\x02\x01\0\0"),
        (7, ["a", "bc"], _wide("a\0bc\0\0")),
        (11, 2**40, struct.pack("<Q", 2**40)),
    ],
)
def test_types(kind: int, data: object, raw: bytes) -> None:
    assert to_bytes(kind, data) == raw  # type: ignore[arg-type]
    assert from_bytes(kind, raw) == data


def test_big_endian_numbers_are_kept_as_bytes() -> None:
    assert to_bytes(5, 1) == b"\0\0\0\x01"
    assert from_bytes(5, b"\0\0\0\x01") == b"\0\0\0\x01"


def test_a_number_of_another_size_stays_bytes() -> None:
    assert from_bytes(4, b"\x01") == b"\x01"
