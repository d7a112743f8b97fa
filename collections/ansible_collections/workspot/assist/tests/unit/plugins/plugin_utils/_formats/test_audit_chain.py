# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit trail: whole as written, broken by any change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.audit_chain import (
    BEGINNING,
    LONGEST_LINE,
    hash_of,
    sealed,
    verify,
)
from hypothesis import given
from hypothesis import strategies as st

RECORDS: list[dict[str, Any]] = [
    {"at": "2026-11-21T09:30:00Z", "host": "desk-01", "user": "jdoe"},
    {"at": "2026-11-21T09:31:00Z", "host": "desk-02", "user": "müller", "changes": [{"before": None, "after": 1}]},
    {"at": "2026-11-21T09:32:00Z", "host": "desk-03", "reason": "a\nb\u2028c"},
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def trail(records: list[dict[str, Any]]) -> list[str]:
    """The lines of a trail."""
    lines: list[str] = []
    for record in records:
        lines.append(sealed(record, hash_of(lines[-1]) if lines else BEGINNING))
    return lines


def test_a_trail_is_whole_as_written() -> None:
    lines = trail(RECORDS)
    found = verify(lines)
    assert (found.problem, list(found.entries), found.head) == (None, RECORDS, hash_of(lines[-1]))
    assert found.hashes == tuple(hash_of(line) for line in lines)
    assert all(line.isascii() and line.count("\n") == 1 for line in lines)


def test_an_empty_trail_is_whole() -> None:
    assert verify([]).head == BEGINNING


@given(st.lists(st.dictionaries(st.text(max_size=9), JSON_VALUES, max_size=4), max_size=4))
def test_any_record_comes_back(records: list[dict[str, Any]]) -> None:
    records = [{name: value for name, value in item.items() if name not in ("hash", "previous")} for item in records]
    assert list(verify(trail(records)).entries) == records


@pytest.mark.parametrize("place", range(0, len("".join(trail(RECORDS))), 7))
def test_a_changed_character_is_seen(place: int) -> None:
    text = "".join(trail(RECORDS))
    other = "x" if text[place] != "x" else "y"
    found = verify((text[:place] + other + text[place + 1 :]).splitlines(keepends=True))
    assert found.problem is not None
    assert found.line is not None
    assert len(found.entries) == found.line - 1


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, "\n"], 4),
        (lambda lines: [*lines, "[]\n"], 4),
        (lambda lines: [*lines, "{" * 5000 + "\n"], 4),
        (lambda lines: [*lines[:2], lines[2].rstrip("\n")], 3),
        (lambda lines: [*lines, '{"hash":"' + "0" * LONGEST_LINE + '"}\n'], 4),
    ],
    ids=range(9),
)
def test_lines_removed_inserted_or_moved_are_seen(change: Any, line: int) -> None:
    assert verify(change(trail(RECORDS))).line == line


def test_a_line_sealed_again_breaks_the_next_one() -> None:
    lines = trail(RECORDS)
    forged = sealed({**RECORDS[1], "user": "somebody"}, hash_of(lines[0]))
    found = verify([lines[0], forged, lines[2]])
    assert (found.line, found.problem) == (3, "it does not follow the line before it")


def test_lines_cut_off_leave_another_head() -> None:
    lines = trail(RECORDS)
    found = verify(lines[:2])
    assert found.problem is None
    assert found.head != verify(lines).head


@pytest.mark.parametrize("record", [{"hash": "x"}, {"previous": "x"}, {"text": "x" * LONGEST_LINE}])
def test_records_that_can_not_be_sealed(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"audit trail"):
        sealed(record, BEGINNING)


def test_the_hash_covers_the_order_of_nothing() -> None:
    one = sealed({"a": 1, "b": 2}, BEGINNING)
    assert one == sealed({"b": 2, "a": 1}, BEGINNING)
    assert json.loads(one)["previous"] == BEGINNING
