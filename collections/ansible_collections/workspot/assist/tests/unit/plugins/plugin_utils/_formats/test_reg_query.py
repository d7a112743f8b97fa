# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FormatError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.reg_query import (
    RegValue,
    find_value,
    parse_reg_query,
)

KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
OUTPUT = f"""
{KEY}
    fAllowToGetHelp    REG_DWORD    0x1
    MaxTicketExpiry    REG_DWORD    0x63
    Big    REG_QWORD    0xffffffffffffffff
    (Standard)    REG_SZ    value of four    blanks
    Empty    REG_SZ
    Path    REG_EXPAND_SZ    %SystemDrive%\\Users\\jdoe
    Several    REG_MULTI_SZ    a\\0b
    Bytes    REG_BINARY    0102FF
    None    REG_NONE
    a name  with blanks    REG_SZ    x

{KEY}\\RAUnsolicit
    CORP\\helpdesk    REG_SZ    CORP\\helpdesk

{KEY}\\Nothing in it

"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_reg_prints(end: str) -> None:
    tree = parse_reg_query(OUTPUT.replace("\n", end))

    assert list(tree) == [KEY, f"{KEY}\\RAUnsolicit", f"{KEY}\\Nothing in it"]
    assert tree[KEY] == {
        "fAllowToGetHelp": RegValue("REG_DWORD", 1),
        "MaxTicketExpiry": RegValue("REG_DWORD", 99),
        "Big": RegValue("REG_QWORD", 2**64 - 1),
        "(Standard)": RegValue("REG_SZ", "value of four    blanks"),
        "Empty": RegValue("REG_SZ", ""),
        "Path": RegValue("REG_EXPAND_SZ", "%SystemDrive%\\Users\\jdoe"),
        "Several": RegValue("REG_MULTI_SZ", "a\\0b"),
        "Bytes": RegValue("REG_BINARY", "0102FF"),
        "None": RegValue("REG_NONE", ""),
        "a name  with blanks": RegValue("REG_SZ", "x"),
    }
    assert tree[f"{KEY}\\RAUnsolicit"] == {"CORP\\helpdesk": RegValue("REG_SZ", "CORP\\helpdesk")}


def test_without_case() -> None:
    tree = parse_reg_query(OUTPUT)

    assert find_value(tree, KEY.upper() + "\\", "FALLOWTOGETHELP") == RegValue("REG_DWORD", 1)
    assert find_value(tree, KEY, "absent") is None
    assert find_value(tree, "HKEY_USERS", "absent") is None


def test_a_text_of_several_lines() -> None:
    tree = parse_reg_query(f"{KEY}\n    Message    REG_SZ    first\nsecond\n\nthird\n\n    L    REG_DWORD    0x0\n\n")

    assert tree[KEY] == {"Message": RegValue("REG_SZ", "first\nsecond\n\nthird"), "L": RegValue("REG_DWORD", 0)}


@pytest.mark.parametrize("text", ["", "\r\n", "\ufeff", "ERROR: something in any language\r\n"])
def test_no_key(text: str) -> None:
    assert parse_reg_query(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "    a    REG_SZ    b",
        f"{KEY}\n    a    REG_DWORD    yes",
        f"{KEY}\n    a    REG_DWORD    0x100000000",
        f"{KEY}\n    a    REG_DWORD",
        " " * (8 * 1024 * 1024 + 1),
    ],
    ids=["no-key", "no-number", "too-great", "empty", "too-much"],
)
def test_what_reg_does_not_print(text: str) -> None:
    with pytest.raises(FormatError):
        parse_reg_query(text)
