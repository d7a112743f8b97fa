# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FormatError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quser import QuserRow, parse_quser
from hypothesis import given, settings, strategies

ENGLISH = """\
 USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME
>administrator         console             1  Active      none   3/25/2024 12:01 PM
 jdoe                  rdp-tcp#11          2  Active          .  24.08.2022 17:42
 mmuster                                   3  Disc         1:14  1/5/2026 8:40 AM
 thorgil.eisenhand.ab  rdp-tcp#10         15  Active     1+02:03  07.09.2021 17:58
"""
GERMAN = """\
 BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT
 manfred               console             4  Aktiv       Kein   28.04.2025 12:03
>erika                                     5  Getr.        17    28.04.2025 12:03
"""


def line(
    name: str, session: str, number: int, rest: str = "Active          .  1/5/2026 9:12 AM", mark: str = " "
) -> str:
    """A line as quser lays it out."""
    return f"{mark}{name:<20}  {session:<16} {number:>4}  {rest}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_english(end: str) -> None:
    assert parse_quser(ENGLISH.replace("\n", end)) == [
        QuserRow("administrator", "console", 1, True),
        QuserRow("jdoe", "rdp-tcp#11", 2, False),
        QuserRow("mmuster", None, 3, False),
        QuserRow("thorgil.eisenhand.ab", "rdp-tcp#10", 15, False),
    ]
    assert [row.active for row in parse_quser(ENGLISH)] == [True, True, False, True]


def test_german() -> None:
    assert parse_quser(GERMAN) == [QuserRow("manfred", "console", 4, False), QuserRow("erika", None, 5, True)]


def test_nobody_is_logged_on() -> None:
    assert parse_quser("") == []
    assert parse_quser("No User exists for *\r\n") == []
    assert parse_quser(ENGLISH.splitlines()[0]) == []


@pytest.mark.parametrize(
    "name", ["John Smith", "a  5  Active", "bob  console  7  x", "12345", "7", "> x", "石川 太郎", "x" * 20, "a'b%c"]
)
@pytest.mark.parametrize("session", ["console", "rdp-tcp#0", "31c5ce94259d4006a9e4#0", ""])
def test_no_user_name_can_pass_for_other_columns(name: str, session: str) -> None:
    row = parse_quser(f"headings\n{line(name, session, 65536)}\n")

    assert row == [QuserRow(name, session or None, 65536, False)]


def test_columns_elsewhere() -> None:
    text = "headings\n averyveryverylongname@corp.example  rdp-tcp#3   9  Active  .  1/5/2026\n>a  2  Disc  none  1/5\n"

    assert parse_quser(text) == [
        QuserRow("averyveryverylongname@corp.example", "rdp-tcp#3", 9, False),
        QuserRow("a", None, 2, True),
    ]


@pytest.mark.parametrize("text", ["h\nnothing of the sort", "h\n\x1b[2J", "h\n" + "x " * 300, " " * (1024 * 1024 + 1)])
def test_what_quser_does_not_print(text: str) -> None:
    with pytest.raises(FormatError):
        parse_quser(text)


@settings(deadline=None, max_examples=300)
@given(
    strategies.text(alphabet=strategies.sampled_from("ab1 .-#'%é石"), min_size=1, max_size=20),
    strategies.sampled_from(["", "console", "rdp-tcp#7", "ica-tcp#12"]),
    strategies.integers(0, 99999),
    strategies.booleans(),
)
def test_what_is_laid_out_is_read_back(name: str, session: str, number: int, own: bool) -> None:
    name = name.strip() or "x"

    rows = parse_quser("headings\n" + line(name, session, number, mark=">" if own else " "))

    assert rows == [QuserRow(name, session or None, number, own)]
