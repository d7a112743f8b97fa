# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.spreadsheet import safe_cell
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "=cmd|' /c calc'!A0", "＝1"]
)
def test_no_text_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), ("a=b", "a=b"), (7, "7"), (-7, "-7"), (["ä"], '["ä"]'), ("", "")]
)
def test_other_values(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_what_comes_back_is_the_text(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([safe_cell(text)])
    ((cell,),) = list(csv.reader(io.StringIO(out.getvalue(), newline=""))) or [[""]]
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@"))
