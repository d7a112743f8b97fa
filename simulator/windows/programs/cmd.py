# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small cmd.exe: quotes, ^, %VARIABLES%, & && || |, parentheses, redirection, if exist, echo, del, exit.

Rules: learn.microsoft.com/windows-server/administration/windows-commands/cmd. What it does not know it
refuses with cmd's own message and exit code 255, rather than guess.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...seam import CommandStreams
from ..accounts import Account
from ..files import FileError, normalise

if TYPE_CHECKING:
    from ..host import WindowsHost

MAX_LINE = 8191  # characters, KB 830473
NOT_RECOGNISED = 9009  # what `cmd /c` gives for an unknown program is 1; %ERRORLEVEL% would be 9009
_OPERATORS = ("&&", "||", "&", "|", "(", ")", ">>", ">", "<")
_TEXTS = {
    "en-US": {"unknown": "'{0}' is not recognized as an internal or external command,\r\n"
                         "operable program or batch file.\r\n",
              "path": "The system cannot find the path specified.\r\n",
              "file": "Could Not Find {0}\r\n",
              "denied": "Access is denied.\r\n",
              "syntax": "{0} was unexpected at this time.\r\n",
              "long": "The command line is too long.\r\n"},
    "de-DE": {"unknown": "Der Befehl \"{0}\" ist entweder falsch geschrieben oder\r\nkonnte nicht gefunden werden.\r\n",
              "path": "Das System kann den angegebenen Pfad nicht finden.\r\n",
              "file": "{0} konnte nicht gefunden werden\r\n",
              "denied": "Zugriff verweigert\r\n",
              "syntax": "\"{0}\" kann syntaktisch an dieser Stelle nicht verarbeitet werden.\r\n",
              "long": "Die Befehlszeile ist zu lang.\r\n"},
}  # fmt: skip


@dataclass
class Context:
    """What a program sees: its host, its account and session, its streams."""

    host: WindowsHost
    caller: Account
    session_id: int
    stdin: Callable[[], Awaitable[bytes]]
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]

    def out(self, text: str) -> None:
        """Write text to standard output in the console's code page (65001)."""
        self.stdout(text.encode("utf-8", "surrogateescape"))

    def err(self, text: str) -> None:
        """Write text to standard error."""
        self.stderr(text.encode("utf-8", "surrogateescape"))

    def text(self, key: str, *values: str) -> str:
        """A message of cmd.exe in the host's language."""
        return _TEXTS[self.host.language][key].format(*values)


@dataclass(frozen=True)
class Token:
    """A word with its quotes still in it, or an operator."""

    text: str
    operator: bool = False


class SyntaxProblem(Exception):
    """The line is not a command line."""


def tokens(line: str) -> list[Token]:
    """Split a line into words and operators: inside quotes everything is literal, ^ escapes outside them."""
    found: list[Token] = []
    word, quoted, started, place = "", False, False, 0
    while place < len(line):
        character = line[place]
        if character == '"':
            quoted, started, word = not quoted, True, word + character
        elif quoted:
            word += character
        elif character == "^":
            place += 1
            word, started = word + line[place : place + 1], True
        elif operator := next((item for item in _OPERATORS if line.startswith(item, place)), None):
            # Parentheses are operators only where a command may begin or end; elsewhere they are text.
            if operator == "(" and (started or (found and not found[-1].operator)):
                word += character
                place += 1
                continue
            handle = operator[0] in "<>" and word in ("1", "2")
            if started and not handle:
                found.append(Token(word))
            found.append(Token(word + operator if handle else operator, True))
            word, started = "", False
            place += len(operator)
            continue
        elif character in " \t,;=" and not (character in ",;=" and started):
            if character in " \t" and started:
                found.append(Token(word))
                word, started = "", False
        else:
            word, started = word + character, True
        place += 1
    if started:
        found.append(Token(word))
    return found


@dataclass
class Simple:
    """One command with its redirections (stream, target, append)."""

    words: list[str] = field(default_factory=list)
    redirections: list[tuple[str, str]] = field(default_factory=list)


Node = tuple[str, "Tree", "Tree"]
Tree = Simple | Node


class Parser:
    """Builds a tree: `&` binds weakest, then `||`, `&&`, `|`."""

    _LEVELS = ("&", "||", "&&", "|")

    def __init__(self, line: list[Token]) -> None:
        self._line = line
        self._place = 0

    def parse(self) -> Tree:
        """The whole line."""
        tree = self._level(0)
        if self._place < len(self._line):
            raise SyntaxProblem(self._line[self._place].text)
        return tree

    def _peek(self) -> Token | None:
        return self._line[self._place] if self._place < len(self._line) else None

    def _level(self, number: int) -> Tree:
        if number == len(self._LEVELS):
            return self._command()
        left = self._level(number + 1)
        while (token := self._peek()) is not None and token.operator and token.text == self._LEVELS[number]:
            self._place += 1
            following = self._peek()
            if number == 0 and (following is None or following.text == ")"):
                break
            left = (self._LEVELS[number], left, self._level(number + 1))
        return left

    def _command(self) -> Tree:
        token = self._peek()
        if token is None:
            raise SyntaxProblem("")
        if token.operator and token.text == "(":
            self._place += 1
            inner = self._level(0)
            closing = self._peek()
            if closing is None or closing.text != ")":
                raise SyntaxProblem(closing.text if closing else "(")
            self._place += 1
            return self._redirected(inner)
        simple = Simple()
        while (token := self._peek()) is not None:
            if not token.operator:
                simple.words.append(token.text)
                self._place += 1
            elif token.text[-1] in "<>":
                simple.redirections.append(self._target())
            else:
                break
        if not simple.words:
            raise SyntaxProblem(token.text if token else "")
        return simple

    def _target(self) -> tuple[str, str]:
        operator = self._line[self._place].text
        self._place += 1
        target = self._peek()
        if target is not None and target.operator and target.text == "&":
            self._place += 1
            number = self._peek()
            self._place += 1
            return operator, f"&{number.text if number else ''}"
        if target is None or target.operator:
            raise SyntaxProblem(target.text if target else "")
        self._place += 1
        return operator, target.text.replace('"', "")

    def _redirected(self, inner: Tree) -> Tree:
        token = self._peek()
        if token is not None and token.operator and token.text[-1] in "<>":
            group = Simple([], [self._target()])
            return ("group", inner, group)
        return inner


class Cmd:
    """cmd.exe of one host."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    async def run(self, command_line: str, streams: CommandStreams, caller: Account, *, session_id: int = 0) -> int:
        """`cmd.exe /c` of a line with live streams."""
        buffered: list[bytes] = []

        async def read() -> bytes:
            async for chunk in streams.stdin:
                buffered.append(chunk)
            return b"".join(buffered)

        context = Context(self._host, caller, session_id, read, streams.stdout, streams.stderr)
        return await self.line(command_line, context)

    async def line(self, command_line: str, context: Context) -> int:
        """Run one line in a context."""
        if len(command_line) > MAX_LINE:
            context.err(context.text("long"))
            return 1
        try:
            tree = Parser(tokens(_expanded(command_line.strip().lstrip("@"), context))).parse()
        except SyntaxProblem as problem:
            context.err(context.text("syntax", str(problem)))
            return 255
        return await self._run(tree, context)

    async def _run(self, tree: Tree, context: Context) -> int:
        if isinstance(tree, Simple):
            return await self._simple(tree, context)
        operator, left, right = tree
        if operator == "|":
            return await self._pipe(left, right, context)
        if operator == "group":
            assert isinstance(right, Simple)
            return await self._redirect(right, context, lambda inner: self._run(left, inner))
        code = await self._run(left, context)
        skip = (operator == "&&" and code != 0) or (operator == "||" and code == 0)
        return code if skip else await self._run(right, context)

    async def _pipe(self, left: Tree, right: Tree, context: Context) -> int:
        between: list[bytes] = []
        await self._run(left, _with(context, stdout=between.append))

        async def read() -> bytes:
            return b"".join(between)

        return await self._run(right, _with(context, stdin=read))

    async def _simple(self, simple: Simple, context: Context) -> int:
        return await self._redirect(simple, context, lambda inner: self._command(simple.words, inner))

    async def _redirect(self, simple: Simple, context: Context, work: Callable[[Context], Awaitable[int]]) -> int:
        files: list[tuple[str, bool, list[bytes]]] = []
        for operator, target in simple.redirections:
            if operator == "<":
                context = _with(context, stdin=_empty if target.lower() == "nul" else self._reader(target, context))
                continue
            stream = "stderr" if operator.startswith("2") else "stdout"
            if target.startswith("&"):
                source = context.stdout if target == "&1" else context.stderr
                context = _with(context, **{stream: source})  # type: ignore[arg-type]
                continue
            written: list[bytes] = []
            if target.lower() != "nul":
                files.append((target, ">>" in operator, written))
            context = _with(context, **{stream: written.append})  # type: ignore[arg-type]
        code = await work(context)
        for target, append, written in files:
            try:
                self._host.files.write(normalise(target), b"".join(written), context.caller, append=append)
            except FileError:
                context.err(context.text("denied"))
                return 1
        return code

    def _reader(self, target: str, context: Context) -> Callable[[], Awaitable[bytes]]:
        async def read() -> bytes:
            try:
                return self._host.files.read(normalise(target), context.caller)
            except FileError:
                return b""

        return read

    async def _command(self, words: list[str], context: Context) -> int:
        from . import builtins, table

        name = words[0].replace('"', "")
        rest = words[1:]
        if name.lower() == "if":
            return await self._condition(rest, context)
        if (builtin := builtins.BUILTINS.get(name.lower())) is not None:
            return builtin(rest, context)
        program = self._find(name)
        if program is None:
            context.err(context.text("unknown", name))
            return 1
        return await table.PROGRAMS[program](rest, context)

    async def _condition(self, words: list[str], context: Context) -> int:
        """`if [not] exist PATH COMMAND`: the rest of the line belongs to it."""
        wanted = True
        if words[:1] and words[0].lower() == "not":
            wanted, words = False, words[1:]
        if len(words) < 3 or words[0].lower() != "exist":
            context.err(context.text("syntax", words[0] if words else "if"))
            return 255
        try:
            there = self._host.files.exists(normalise(words[1].replace('"', "")))
        except FileError:
            there = False
        return await self._command(words[2:], context) if there == wanted else 0

    def _find(self, name: str) -> str | None:
        """The program a name means, when it is installed: by bare name or by full path in System32."""
        from . import table

        base = name.rpartition("\\")[2].lower()
        base = base if base.endswith(".exe") else f"{base}.exe"
        if "\\" in name and normalise(name).lower().rpartition("\\")[0] != "c:\\windows\\system32":
            return None
        installed = self._host.files.exists(f"C:\\Windows\\System32\\{base}")
        return base if installed and base in table.PROGRAMS else None


async def _empty() -> bytes:
    return b""


def _with(
    context: Context,
    *,
    stdin: Callable[[], Awaitable[bytes]] | None = None,
    stdout: Callable[[bytes], None] | None = None,
    stderr: Callable[[bytes], None] | None = None,
) -> Context:
    return Context(
        context.host,
        context.caller,
        context.session_id,
        stdin or context.stdin,
        stdout or context.stdout,
        stderr or context.stderr,
    )


def _expanded(line: str, context: Context) -> str:
    """%NAME% replaced where the variable exists; otherwise it stays, as at cmd's prompt."""
    environment = {
        "systemroot": "C:\\Windows",
        "windir": "C:\\Windows",
        "systemdrive": "C:",
        "programdata": "C:\\ProgramData",
        "computername": context.host.computer_name,
        "username": context.caller.name,
        "temp": "C:\\Windows\\Temp",
    }
    return re.sub(r"%([^%:\s]+)%", lambda found: environment.get(found[1].lower(), found[0]), line)


def command_of_arguments(arguments: str) -> str | None:
    """The line after /c of cmd.exe's own arguments, its outer quotes removed as cmd does it (`cmd /?`)."""
    found = re.match(r"\s*(?:/(?!c)[^\s/]+\s*)*/c\s*(.*)$", arguments, re.IGNORECASE | re.DOTALL)
    if found is None:
        return None
    line = found[1].strip()
    if line.startswith('"') and (line.count('"') != 2 or re.search(r"[&<>()@^|]", line) or " " not in line):
        head, _, tail = line[1:].rpartition('"')
        line = head + tail
    return line
