# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command line as cmd.exe reads it: a tree of commands, blocks, conditions and operators.

Rules: learn.microsoft.com/windows-server/administration/windows-commands/cmd and .../if; where these say
nothing, the order of things follows ReactOS (base/shell/cmd/parser.c): `&` binds weakest, then `||`, `&&`,
`|`; what follows an `if` up to the end of its block belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_BLANKS = " \t,;="
_SPECIAL = "&|<>"
_PLAIN_TAIL = re.compile(r'(?:[^&|()<>^"0-9]|[0-9](?![<>]))+')
"""A stretch that is only itself; a digit before ``<`` or ``>`` may be a redirection's handle."""
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:\\/%-]+")
_COMPARISONS = {
    "equ": lambda left, right: left == right,
    "neq": lambda left, right: left != right,
    "lss": lambda left, right: left < right,
    "leq": lambda left, right: left <= right,
    "gtr": lambda left, right: left > right,
    "geq": lambda left, right: left >= right,
}


class SyntaxProblem(Exception):
    """The line is no command line; the text is what was unexpected."""


@dataclass(frozen=True)
class Redirection:
    """`2>nul`: a handle (0 to 9), `<`, `>` or `>>`, and a file name or `&1`."""

    handle: int
    operator: str
    target: str


@dataclass
class Simple:
    """A command: its name without quotes, and all behind it with quotes and blanks, carets gone."""

    name: str
    tail: str
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class Block:
    """Commands in parentheses."""

    body: Tree
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class Pair:
    """Two commands and the operator between them."""

    operator: str
    left: Tree
    right: Tree


@dataclass
class Condition:
    """`if`. `kind` is exist, defined, errorlevel or a comparison."""

    kind: str
    left: str
    right: str
    negated: bool
    ignore_case: bool
    body: Tree
    otherwise: Tree | None


@dataclass
class Loop:
    """`for`. `kind` is empty (words and files), `d` (folders) or `f` (lines of a command's output).

    Attributes:
        options: What /f takes in quotes: `tokens=2,* delims=\\`.
        variable: One letter, upper and lower case apart.
        items: What stands in the parentheses, with quotes, carets gone.
    """

    kind: str
    options: str
    variable: str
    items: str
    body: Tree


Tree = Simple | Block | Pair | Condition | Loop


class Parser:
    """Recursive descent over the characters of a line whose variables are expanded already."""

    _LEVELS = ("&", "||", "&&", "|")

    def __init__(self, line: str) -> None:
        self._line = line
        self._place = 0
        self._depth = 0

    def parse(self) -> Tree | None:
        """The whole line; None when there is nothing in it.

        Raises:
            SyntaxProblem: cmd would refuse the line, and run nothing of it.
        """
        self._skip(_BLANKS)
        if self._ended():
            return None
        tree = self._level(0)
        self._skip(_BLANKS)
        if not self._ended():
            raise SyntaxProblem(self._rest_word())
        return tree

    # Characters -----------------------------------------------------------------------------------

    def _ended(self) -> bool:
        return self._place >= len(self._line)

    def _peek(self, count: int = 1) -> str:
        return self._line[self._place : self._place + count]

    def _skip(self, characters: str) -> None:
        line, place, end = self._line, self._place, len(self._line)
        while place < end and line[place] in characters:
            place += 1
        self._place = place

    def _rest_word(self) -> str:
        """What the message about an unexpected thing names."""
        rest = self._line[self._place :].lstrip()
        for operator in ("&&", "||", "&", "|", "(", ")", ">>", ">", "<"):
            if rest.startswith(operator):
                return operator
        return rest.split(" ")[0]

    def _closes(self) -> bool:
        return self._depth > 0 and self._peek() == ")"

    def _operator(self) -> str:
        """The operator here, or nothing."""
        two = self._peek(2)
        return two if two in ("&&", "||") else two[:1] if two[:1] in ("&", "|") else ""

    # Grammar --------------------------------------------------------------------------------------

    def _level(self, number: int) -> Tree:
        if number == len(self._LEVELS):
            return self._command()
        left = self._level(number + 1)
        while True:
            self._skip(" \t")
            if self._operator() != self._LEVELS[number]:
                return left
            self._place += len(self._LEVELS[number])
            self._skip(_BLANKS)
            if number == 0 and (self._ended() or self._closes()):
                return left  # a trailing & is fine
            left = Pair(self._LEVELS[number], left, self._level(number + 1))

    def _command(self) -> Tree:
        self._skip(_BLANKS + "@")
        if self._ended() or self._operator() or self._closes() or self._peek() == ")":
            raise SyntaxProblem(self._rest_word())
        redirections: list[Redirection] = []
        while (found := self._redirection("")) is not None:
            redirections.append(found[1])
            self._skip(_BLANKS)
        if self._peek() == "(":
            return self._block(redirections)
        name = self._word(stop_at="(" if redirections else "")
        if name.lower() == "if" and not redirections:
            return self._if()
        if name.lower() == "for" and not redirections:
            return self._for()
        return self._simple(name, redirections)

    def _block(self, redirections: list[Redirection]) -> Tree:
        self._place += 1
        self._depth += 1
        body = self._level(0)
        self._skip(_BLANKS)
        if self._peek() != ")":
            raise SyntaxProblem(self._rest_word())
        self._place += 1
        self._depth -= 1
        block = Block(body, redirections)
        while True:
            self._skip(" \t")
            found = self._redirection("")
            if found is None:
                return block
            block.redirections.append(found[1])

    def _simple(self, name: str, redirections: list[Redirection]) -> Simple:
        if name.lower() == "rem":
            self._place = len(self._line)
            return Simple("rem", "")
        tail = ""
        while not self._ended() and not self._operator() and not self._closes():
            found = self._redirection(tail)
            if found is not None:
                tail, redirection = found
                redirections.append(redirection)
            elif plain := _PLAIN_TAIL.match(self._line, self._place):
                tail += plain[0]
                self._place = plain.end()
            else:
                tail += self._characters()
        return Simple(name.replace('"', ""), tail, redirections)

    def _characters(self) -> str:
        """The next plain character, escaped character or quoted stretch."""
        character = self._peek()
        self._place += 1
        if character == "^":
            character = self._peek()
            self._place += 1
        elif character == '"':
            # inside quotes everything is literal, carets too; an open quote runs to the end of the line
            end = self._line.find('"', self._place)
            end = len(self._line) if end < 0 else end + 1
            character += self._line[self._place : end]
            self._place = end
        return character

    def _word(self, *, stop_at: str = "") -> str:
        """A word with its quotes."""
        word = ""
        while not self._ended() and self._peek() not in _BLANKS + _SPECIAL + stop_at and not self._closes():
            plain = _PLAIN_WORD.match(self._line, self._place)
            if plain is not None:
                word += plain[0]
                self._place = plain.end()
            else:
                word += self._characters()
        if not word:
            raise SyntaxProblem(self._rest_word())
        return word

    def _redirection(self, tail: str) -> tuple[str, Redirection] | None:
        """A redirection here, and the text before it without the handle's digit."""
        start = self._place
        handle = -1
        before = self._line[start - 1 : start]
        if self._peek().isdigit() and self._peek(2)[1:] in ("<", ">") and before in ("", " ", "\t", "(", ")", "&", "|"):
            handle = int(self._peek())
            self._place += 1
        if self._peek() not in ("<", ">"):
            self._place = start
            return None
        operator = self._peek(2) if self._peek(2) == ">>" else self._peek()
        self._place += len(operator)
        if handle < 0:
            handle = 0 if operator == "<" else 1
        if self._peek() == "&":
            self._place += 1
            target = "&" + self._peek()
            self._place += 1
            if target not in ("&0", "&1", "&2"):
                raise SyntaxProblem(target)
        else:
            self._skip(_BLANKS)
            target = self._word().replace('"', "")
        return tail, Redirection(handle, operator, target)

    def _if(self) -> Condition:
        ignore_case = negated = False
        self._skip(_BLANKS)
        word = self._word()
        if word.lower() == "/i":
            ignore_case = True
            self._skip(_BLANKS)
            word = self._word()
        if word.lower() == "not":
            negated = True
            self._skip(_BLANKS)
            word = self._word()
        kind, left, right = word.lower(), "", ""
        if kind in ("exist", "defined", "errorlevel"):
            self._skip(_BLANKS)
            left = self._word().replace('"', "")
        else:
            kind, left, right = self._comparison(word)
        body = self._level(0)
        otherwise = None
        self._skip(" \t")
        if self._peek(4).lower() == "else" and (self._peek(5)[4:] or " ") in " \t(":
            self._place += 4
            otherwise = self._level(0)
        return Condition(kind, left, right, negated, ignore_case, body, otherwise)

    def _for(self) -> Loop:
        """`for [/d] [/f ["OPTIONS"]] %V in (ITEMS) do COMMAND`; /l and /r are left out."""
        self._skip(_BLANKS)
        kind = options = ""
        word = self._word()
        if word.lower() == "/d":
            kind = "d"
            self._skip(_BLANKS)
            word = self._word()
        elif word.lower() == "/f":
            kind = "f"
            self._skip(_BLANKS)
            word = self._word()
            if word.startswith('"'):
                options = word.replace('"', "")
                self._skip(_BLANKS)
                word = self._word()
        if len(word) != 2 or word[0] != "%":
            raise SyntaxProblem(word)
        self._keyword("in")
        self._skip(_BLANKS)
        items = self._items()
        self._keyword("do")
        return Loop(kind, options, word[1], items, self._level(0))

    def _keyword(self, wanted: str) -> None:
        self._skip(_BLANKS)
        found = self._word(stop_at="(")
        if found.lower() != wanted:
            raise SyntaxProblem(found)

    def _items(self) -> str:
        """What stands between parentheses; an operator that no quote or caret covers ends the line as an error."""
        if self._peek() != "(":
            raise SyntaxProblem(self._rest_word())
        self._place += 1
        items = ""
        while self._peek() != ")":
            if self._ended() or self._peek() in _SPECIAL:
                raise SyntaxProblem(self._rest_word())
            items += self._characters()
        self._place += 1
        return items

    def _comparison(self, left: str) -> tuple[str, str, str]:
        """`A==B` or `A EQU B`."""
        self._skip(" \t,;")
        if self._peek(2) == "==":
            self._skip(_BLANKS)
            return "==", left, self._word()
        self._skip(_BLANKS)
        operator = self._word().lower()
        if operator not in _COMPARISONS:
            raise SyntaxProblem(operator)
        self._skip(_BLANKS)
        return operator, left, self._word()


def compare(kind: str, left: str, right: str, *, ignore_case: bool) -> bool:
    """Whether a comparison of `if` holds: numbers as numbers, everything else as text."""
    if ignore_case:
        left, right = left.lower(), right.lower()
    if kind == "==":
        return left == right
    test: Callable[[object, object], bool] = _COMPARISONS[kind]
    try:
        return test(int(left, 0), int(right, 0))
    except ValueError:
        return test(left, right)
