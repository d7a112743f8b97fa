# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import Unquotable
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import (
    cmd_quoted,
    task_argument,
    windows_folder,
    windows_path_member,
    wql_literal,
    xml_text,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats.second_opinion import (
    HOSTILE,
    read_wql_literal,
    split_arguments,
    through_cmd,
)
from hypothesis import assume, example, given, settings

FAST = settings(deadline=None, max_examples=300)
NAMES = ["jdoe", "O'Brien", "Müller", "a b", "a&b", "^", "(x)", "x;y", "石", "\U0001f600", "C:\\Users\\a b\\"]


class TestSecondOpinion:
    """The oracles themselves, by the examples of the documentation."""

    @pytest.mark.parametrize(
        ("line", "arguments"),
        [
            ('"a b c" d e', ["a b c", "d", "e"]),
            ('"ab\\"c" "\\\\" d', ['ab"c', "\\", "d"]),
            ('a\\\\\\b d"e f"g h', ["a\\\\\\b", "de fg", "h"]),
            ('a\\\\\\"b c d', ['a\\"b', "c", "d"]),
            ('a\\\\\\\\"b c" d e', ["a\\\\b c", "d", "e"]),
            ('"" a', ["", "a"]),
        ],
    )
    def test_arguments(self, line: str, arguments: list[str]) -> None:
        assert split_arguments(line) == arguments

    @pytest.mark.parametrize("line", ["a & b", "a > b", '"a" | b', '"a', "%x%", "a\nb", "!x!"])
    def test_cmd(self, line: str) -> None:
        with pytest.raises(AssertionError):
            through_cmd(line)


class TestWql:
    @FAST
    @given(HOSTILE)
    @example("' OR ''='")
    @example("\\' OR 1=1 --")
    @example("\\")
    def test_a_literal_is_one_value(self, text: str) -> None:
        try:
            literal = wql_literal(text)
        except Unquotable:
            return
        assert read_wql_literal(literal) == text

    @pytest.mark.parametrize("name", NAMES)
    def test_ordinary_names_pass(self, name: str) -> None:
        assert read_wql_literal(wql_literal(name)) == name

    @pytest.mark.parametrize("text", ["a\0", "a\nb", "\ud800", "\ufffe", "\x1b["])
    def test_refused(self, text: str) -> None:
        with pytest.raises(Unquotable):
            wql_literal(text)


class TestCmd:
    @FAST
    @given(HOSTILE, HOSTILE)
    @example('" & calc & "', "x")
    @example("C:\\dir\\", 'b" & calc')
    @example("a\\\\", "^")
    def test_arguments_arrive_unchanged(self, first: str, second: str) -> None:
        try:
            line = f"tar -C {cmd_quoted(first)} {cmd_quoted(second)}"
        except Unquotable:
            return
        assert split_arguments(through_cmd(line)) == ["tar", "-C", first, second]

    @FAST
    @given(HOSTILE)
    def test_arguments_arrive_unchanged_in_a_code_page_with_best_fit(self, text: str) -> None:
        try:
            line = cmd_quoted(text)
        except Unquotable:
            return
        # The table of code page 1252 for the characters that split arguments (unicode.org, bestfit1252.txt).
        fitted = line.translate({0x02BA: '"', 0x030E: '"', 0xFF02: '"', 0x20E5: "\\", 0x2216: "\\", 0xFF3C: "\\"})
        assert split_arguments(fitted) == [text]

    @pytest.mark.parametrize("name", NAMES)
    def test_ordinary_names_pass(self, name: str) -> None:
        assert split_arguments(through_cmd(cmd_quoted(name))) == [name]

    @pytest.mark.parametrize("text", ['"', "%PATH%", "100%", "a!b", "a\nb", "\0", "\uff02", "a\u2028b", "\ud800"])
    def test_refused(self, text: str) -> None:
        with pytest.raises(Unquotable) as caught:
            cmd_quoted(f"Secret{text}")
        assert "Secret" not in str(caught.value)


class TestTaskArgument:
    @FAST
    @given(HOSTILE, HOSTILE)
    @example('a"b\\', "")
    @example('\\\\"', "a\\ b\\")
    def test_arguments_arrive_unchanged(self, first: str, second: str) -> None:
        try:
            line = f"/saveasfile {task_argument(first)} {task_argument(second)}"
        except Unquotable:
            return
        assert split_arguments(line) == ["/saveasfile", first, second]
        assert "%" not in line
        assert "$(" not in line

    def test_quotes_only_where_needed(self) -> None:
        assert task_argument("C:\\a\\b.msrcIncident") == "C:\\a\\b.msrcIncident"
        assert task_argument("C:\\a b\\") == '"C:\\a b\\\\"'
        assert task_argument("") == '""'

    @pytest.mark.parametrize("text", ["%TEMP%", "$(Arg0)", "a\nb", "\0", "\u02ba"])
    def test_refused(self, text: str) -> None:
        with pytest.raises(Unquotable):
            task_argument(text)


class TestXml:
    @FAST
    @given(HOSTILE)
    @example("]]>")
    @example("<!DOCTYPE")
    @example(" \t\r\n ")
    def test_text_and_attributes_come_back(self, text: str) -> None:
        try:
            escaped = xml_text(text)
        except Unquotable:
            return
        root = ElementTree.fromstring(f"<a b='{escaped}' c=\"{escaped}\">{escaped}</a>")
        assert (root.text or "", root.get("b"), root.get("c")) == (text, text, text)
        assert not len(root)

    @pytest.mark.parametrize("text", ["\0", "\x08", "\x1f", "\ufffe", "\uffff", "\ud800"])
    def test_refused(self, text: str) -> None:
        with pytest.raises(Unquotable):
            xml_text(text)


class TestPaths:
    @FAST
    @given(HOSTILE)
    def test_a_member_never_changes_the_path(self, text: str) -> None:
        try:
            member = windows_path_member(text)
        except Unquotable:
            return
        assert member == text
        assert not set(member) & set('<>:"/\\|?*')
        assert member.rstrip(". ") == member != ""

    @pytest.mark.parametrize(
        "text", ["jdoe", "jdoe.CORP", "jdoe.CORP.000", "Jürgen Müller", "a%b", ".config", "CONSOLE", "com10", "x" * 255]
    )
    def test_names_that_windows_has(self, text: str) -> None:
        assert windows_path_member(text) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            ".",
            "..",
            "a.",
            "a ",
            " a",
            "a/b",
            "a\\b",
            "a:b",
            "a*",
            "NUL",
            "nul.txt",
            "CON ",
            "com1",
            "LPT9.x",
            "COM¹",
            "CONIN$",
            "x" * 256,
            "a\uff0fb",
            "\uff0e\uff0e",
            "a\uff3cb",
            "a\0",
            "\ud800",
        ],
    )
    def test_names_that_windows_does_not_have(self, text: str) -> None:
        with pytest.raises(Unquotable):
            windows_path_member(text)

    @pytest.mark.parametrize(
        ("text", "folder"),
        [("C:\\Users\\jdoe", "C:\\Users\\jdoe"), ("d:\\a b\\", "d:\\a b"), ("C:\\Users\\石", "C:\\Users\\石")],
    )
    def test_folders(self, text: str, folder: str) -> None:
        assert windows_folder(text) == folder

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "C:",
            "C:\\",
            "C:Users",
            "\\Users",
            "\\\\server\\share",
            "\\\\?\\C:\\a",
            "C:/Users",
            "C:\\a\\..\\b",
            "C:\\a\\\\b",
            "C:\\a\\b\\\\",
            "%USERPROFILE%",
            "1:\\a",
            "C:\\" + "x" * 250,
            "C:\\a:stream",
        ],
    )
    def test_no_folders(self, text: str) -> None:
        with pytest.raises(Unquotable):
            windows_folder(text)

    @FAST
    @given(HOSTILE)
    def test_a_folder_stays_below_its_drive(self, text: str) -> None:
        try:
            folder = windows_folder(f"C:\\Users\\{text}")
        except Unquotable:
            return
        assume(text)
        assert folder.startswith("C:\\Users\\") or folder == "C:\\Users"
        assert ".." not in folder.split("\\")
