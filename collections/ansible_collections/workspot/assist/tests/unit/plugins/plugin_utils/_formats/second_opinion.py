# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Windows reads command lines and WQL literals, written from the documentation alone, as a second opinion."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies

HOSTILE = strategies.text(
    alphabet=strategies.one_of(
        strategies.sampled_from("\"'%^&|<>()!\\/ ;=,$\t\n\r\0.:*?`~ab1ü\u2019\uff02\uff3c\u00a5\ud800\U0001f600"),
        strategies.characters(),
    ),
    max_size=24,
)


def split_arguments(line: str) -> list[str]:
    """What CommandLineToArgvW makes of the arguments after the program's name (learn.microsoft.com)."""
    found: list[str] = []
    position, end = 0, len(line)
    while True:
        while position < end and line[position] in " \t":
            position += 1
        if position >= end:
            return found
        argument, quoted = "", False
        while position < end and (quoted or line[position] not in " \t"):
            slashes = 0
            while position < end and line[position] == "\\":
                slashes, position = slashes + 1, position + 1
            if position < end and line[position] == '"':
                argument += "\\" * (slashes // 2)
                if slashes % 2:
                    argument += '"'
                elif quoted and line[position + 1 : position + 2] == '"':
                    argument, position = argument + '"', position + 1
                else:
                    quoted = not quoted
                position += 1
                continue
            argument += "\\" * slashes
            if position < end and (quoted or line[position] not in " \t"):
                argument, position = argument + line[position], position + 1
        found.append(argument)


class CommandLineChanged(AssertionError):
    """cmd.exe would run something else than one program with these words."""


def through_cmd(line: str) -> str:
    """What a program started by `cmd /c LINE` gets: cmd's own phases, each of them at its most eager.

    Percent signs and, as if delayed expansion were on, exclamation marks count as expansion; line ends and
    NUL as the end of the command; special characters outside quotes as operators.
    """
    if set(line) & set("%!\n\r\0\x1a"):
        raise CommandLineChanged("expansion, or an early end")
    quoted = False
    for character in line:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "&|<>()^":
            raise CommandLineChanged(f"operator {character}")
    if quoted:
        raise CommandLineChanged("open quotes")
    return line


def read_wql_literal(text: str) -> str:
    """The value of a WQL string literal that fills the whole text; the backslash escapes as in C."""
    assert text[0] == text[-1] == "'"
    return "".join(_unescaped(text[1:-1]))


def _unescaped(body: str) -> Iterator[str]:
    characters = iter(body)
    for character in characters:
        assert character != "'", "the literal ended early"
        meant = next(characters, None) if character == "\\" else character
        assert meant is not None, "the literal ended inside an escape"
        yield meant
