# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small cmd.exe: runs what `cmd_parser` reads, with variables, redirection, pipes and cmd's own commands.

Rules: learn.microsoft.com/windows-server/administration/windows-commands/cmd. What it does not know it
refuses with cmd's own message, rather than guess.

A command's return code, which `&&` and `||` look at, and ERRORLEVEL are two things: some commands leave ERRORLEVEL
alone when they succeed, a redirection that fails leaves it alone too, and `||` sets it (Dave Benham, Stack
Overflow 34936240 and 34987885).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...seam import CommandStreams
from ..accounts import Account
from ..argv import arguments_of
from ..files import FileError, Node, normalise
from .cmd_parser import Block, Condition, Loop, Pair, Parser, Redirection, Simple, SyntaxProblem, Tree, compare
from .cmd_texts import FILE_TEXTS, TEXTS

if TYPE_CHECKING:
    from ..host import WindowsHost

# "Command prompt (Cmd. exe) command-line string limitation", learn.microsoft.com, KB 830473
MAX_LINE = 8191  # characters
NOT_RECOGNISED = 9009  # ERRORLEVEL after an unknown program; `cmd /c` of one ends with 1, as pywinrm's tests expect
# These do not clear ERRORLEVEL when they succeed on a command line: Dave Benham, Stack Overflow 34987885
_LEVEL_KEPT = frozenset({"break", "cls", "echo", "for", "if", "pause", "rem", "rd", "rmdir", "set", "title"})
_ENCODINGS = {65001: "utf-8", 437: "cp437", 850: "cp850", 1252: "cp1252"}


@dataclass
class CmdState:
    """What lives as long as one cmd.exe."""

    variables: dict[str, str] = field(default_factory=dict)
    directory: str = "C:\\Windows\\System32"
    error_level: int = 0


class Input:
    """Standard input: as it comes, or all of it. What one program has read, the next one does not see."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source

    async def __call__(self) -> bytes:
        return b"".join([chunk async for chunk in self._source])

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._source

    @classmethod
    def of(cls, read: Callable[[], bytes]) -> Input:
        """Input that is all there at once; it is read when the program asks."""

        async def source() -> AsyncIterator[bytes]:
            yield read()

        return cls(source())


@dataclass
class Context:
    """What a program sees: its host, its account and session, its streams, its directory."""

    host: WindowsHost
    caller: Account
    session_id: int
    stdin: Input
    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]
    state: CmdState = field(default_factory=CmdState)
    tail: str = ""
    encoding: str = "utf-8"

    def out(self, text: str) -> None:
        """Write text to standard output in the console's code page; what it lacks becomes `?`."""
        self.stdout(_encode(text, self.encoding))

    def err(self, text: str) -> None:
        """Write text to standard error."""
        self.stderr(_encode(text, self.encoding))

    def text(self, key: str, *values: str) -> str:
        """A message of cmd.exe in the host's language."""
        return TEXTS[self.host.language][key].format(*values)

    def file_text(self, error: FileError) -> str:
        """What Windows says about a file it can not use."""
        return self.text(FILE_TEXTS.get(error.code, "path"))

    def path(self, text: str) -> str:
        """A path as this process understands it."""
        return normalise(text, self.state.directory)


def _encode(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")


class _NoRedirection(Exception):
    """A file of a redirection can not be opened."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error)
        self.error = error


class _Exit(Exception):
    """`exit` ends the whole cmd.exe."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Cmd:
    """cmd.exe of one host."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    async def run(self, command_line: str, streams: CommandStreams, caller: Account, *, session_id: int = 0) -> int:
        """`cmd.exe /c` of a line with live streams."""
        context = Context(self._host, caller, session_id, Input(streams.stdin), streams.stdout, streams.stderr)
        context.state.variables = self._environment(caller)
        context.state.variables |= {name.lower(): value for name, value in streams.environment.items()}
        context.state.directory = self._directory(streams.directory, caller)
        context.encoding = _ENCODINGS.get(streams.codepage, "utf-8")
        return await self.line(command_line, context)

    async def line(self, command_line: str, context: Context) -> int:
        """Run one line in a context."""
        if len(command_line) > MAX_LINE:
            context.err(context.text("long"))
            return 1
        expanded = _expanded(command_line, context)
        if len(expanded) > MAX_LINE:
            context.err(context.text("long"))
            return 1
        try:
            tree = Parser(expanded).parse()
        except SyntaxProblem as problem:
            context.err(context.text("syntax", str(problem)) if str(problem) else context.text("badsyntax"))
            return 255
        try:
            return await self._run(tree, context) if tree is not None else 0
        except _Exit as leaving:
            return leaving.code

    # The tree -------------------------------------------------------------------------------------

    async def _run(self, tree: Tree, context: Context) -> int:
        if isinstance(tree, Simple):
            return await self._redirect(tree.redirections, context, lambda inner: self._command(tree, inner))
        if isinstance(tree, Block):
            return await self._redirect(tree.redirections, context, lambda inner: self._run(tree.body, inner))
        if isinstance(tree, Condition):
            return await self._condition(tree, context)
        if isinstance(tree, Loop):
            from .for_loop import loop

            return await loop(self._run, tree, context)
        return await self._pair(tree, context)

    async def _pair(self, pair: Pair, context: Context) -> int:
        if pair.operator == "|":
            return await self._pipe(pair.left, pair.right, context)
        code = await self._run(pair.left, context)
        if pair.operator == "||" and code != 0 and context.state.error_level != NOT_RECOGNISED:
            context.state.error_level = code
        skip = (pair.operator == "&&" and code != 0) or (pair.operator == "||" and code == 0)
        return code if skip else await self._run(pair.right, context)

    async def _pipe(self, left: Tree, right: Tree, context: Context) -> int:
        """Both sides are cmd.exe processes of their own: `exit` and `cd` in them end with them."""
        between: list[bytes] = []
        await self._side(left, replace(context, stdout=between.append))

        def read() -> bytes:
            everything = b"".join(between)
            between.clear()
            return everything

        return await self._side(right, replace(context, stdin=Input.of(read)))

    async def _side(self, tree: Tree, context: Context) -> int:
        state = replace(context.state, variables=dict(context.state.variables))
        try:
            return await self._run(tree, replace(context, state=state))
        except _Exit as leaving:
            return leaving.code

    async def _condition(self, condition: Condition, context: Context) -> int:
        if self._holds(condition, context) != condition.negated:
            return await self._run(condition.body, context)
        return await self._run(condition.otherwise, context) if condition.otherwise is not None else 0

    def _holds(self, condition: Condition, context: Context) -> bool:
        if condition.kind == "exist":
            return bool(matching(context, condition.left, files=True, directories=True))
        if condition.kind == "defined":
            return condition.left.lower() in context.state.variables
        if condition.kind == "errorlevel":
            return context.state.error_level >= int(condition.left or 0)
        return compare(condition.kind, condition.left, condition.right, ignore_case=condition.ignore_case)

    # Streams --------------------------------------------------------------------------------------

    async def _redirect(
        self, redirections: list[Redirection], context: Context, work: Callable[[Context], Awaitable[int]]
    ) -> int:
        """Open the files, run the command, close them. When one can not be opened the command does not run.

        A file opened by `>` stays open for the whole command, and nobody else can write, rename or delete it.
        """
        held: list[Node] = []
        inner = context
        try:
            for item in redirections:
                inner = self._redirected(item, inner, held)
            return await work(inner)
        except _NoRedirection as problem:
            context.err(context.file_text(problem.error))
            return 1
        finally:
            for node in held:
                node.writers -= 1

    def _redirected(self, item: Redirection, context: Context, held: list[Node]) -> Context:
        """The context with one redirection more."""
        try:
            if item.operator == "<":
                return replace(context, stdin=self._source(item.target, context))
            sink: Callable[[bytes], None]
            if item.target.startswith("&"):
                sink = context.stderr if item.target == "&2" else context.stdout
            elif item.target.lower() in ("nul", "nul:"):
                sink = _drop
            else:
                sink = self._sink(item, context, held)
        except FileError as error:
            raise _NoRedirection(error) from None
        if item.handle > 2:
            return context  # open, and nothing here writes to it
        return replace(context, stderr=sink) if item.handle == 2 else replace(context, stdout=sink)

    def _sink(self, item: Redirection, context: Context, held: list[Node]) -> Callable[[bytes], None]:
        files = self._host.files
        node = files.open_for_writing(context.path(item.target), context.caller, append=item.operator == ">>")
        if not self._host.quirks["cmd_output_shared"]:
            node.writers += 1
            held.append(node)

        def write(data: bytes) -> None:
            try:
                files.put(node, data)
            except FileError as error:
                context.err(context.file_text(error))

        return write

    def _source(self, target: str, context: Context) -> Input:
        if target.lower() in ("nul", "nul:"):
            return Input.of(bytes)
        content = self._host.files.read(context.path(target), context.caller)
        return Input.of(lambda: content)

    # Commands -------------------------------------------------------------------------------------

    async def _command(self, command: Simple, context: Context) -> int:
        from . import builtins

        code = await self._dispatch(command, context)
        name = builtins.split_name(command.name, "")[0]
        if name not in _LEVEL_KEPT or (code != 0 and name not in ("rd", "rmdir")):
            context.state.error_level = code
        return 1 if code == NOT_RECOGNISED else code

    async def _dispatch(self, command: Simple, context: Context) -> int:
        from . import builtins, table

        name, tail = builtins.split_name(command.name, command.tail)
        if name == "exit":
            raise _Exit(builtins.exit_code(tail, context.state.error_level))
        if (builtin := builtins.BUILTINS.get(name)) is not None:
            return await builtin(tail, context)
        program = self._find(command.name, context)
        if program is None:
            context.err(context.text("unknown", command.name))
            return NOT_RECOGNISED
        return await table.PROGRAMS[program](arguments_of(command.tail), replace(context, tail=command.tail))

    def _find(self, name: str, context: Context) -> str | None:
        """The program a name means, when it is installed: by its path, or by its bare name in System32."""
        from . import table

        if "\\" not in name and "/" not in name:
            name = f"C:\\Windows\\System32\\{name}"
        try:
            path = context.path(name)
        except FileError:
            return None
        found = next((item for item in (path, f"{path}.exe", f"{path}.com") if self._host.files.exists(item)), None)
        if found is None or not found.lower().startswith("c:\\windows\\system32\\"):
            return None
        base = found.rpartition("\\")[2].lower()
        return base if base in table.PROGRAMS else None

    def _directory(self, wanted: str, caller: Account) -> str:
        """Where the command starts: as asked, else in the account's profile (MS-WSMV 2.2.4.37), else System32."""
        for path in (wanted, self._host.profile_of(caller) or ""):
            node = self._host.files.get(path) if path else None
            if node is not None and node.is_directory:
                return node.path
        return "C:\\Windows\\System32"

    def _environment(self, caller: Account) -> dict[str, str]:
        profile = self._host.profile_of(caller) or f"C:\\Users\\{caller.name}"
        return {
            "systemroot": "C:\\Windows",
            "windir": "C:\\Windows",
            "systemdrive": "C:",
            "comspec": "C:\\Windows\\system32\\cmd.exe",
            "programdata": "C:\\ProgramData",
            "public": "C:\\Users\\Public",
            "computername": self._host.computer_name,
            "username": caller.name,
            "userdomain": caller.domain,
            "userprofile": profile,
            "path": "C:\\Windows\\system32;C:\\Windows",
            "pathext": ".COM;.EXE;.BAT;.CMD",
            "temp": "C:\\Windows\\Temp",
            "tmp": "C:\\Windows\\Temp",
        }


def _drop(data: bytes) -> None:
    """nul."""


def _expanded(line: str, context: Context) -> str:
    """%NAME% replaced where the variable exists.

    Where it does not, its first % stays and the reading goes on behind that, as at cmd's prompt: the second one may
    begin a name (Dave Benham, "How does the Windows Command Interpreter parse scripts", phase 1 on a command line).
    """
    variables = context.state.variables
    parts: list[str] = []
    place = 0
    while (start := line.find("%", place)) >= 0:
        parts.append(line[place:start])
        found = re.compile(r"%([^%:]+)%").match(line, start)
        name = found[1].lower() if found else ""
        known = {"errorlevel": str(context.state.error_level), "cd": context.state.directory, **variables}.get(name)
        parts.append("%" if found is None or known is None else known)
        place = start + 1 if found is None or known is None else found.end()
    return "".join([*parts, line[place:]])


def matching(context: Context, pattern: str, *, files: bool, directories: bool) -> list[str]:
    """Paths a name or pattern means, as FindFirstFile finds them: wildcards in the last part alone.

    A name that ends in `\\` or `\\.` is a directory's.
    """
    folder, _, last = pattern.replace("/", "\\").rpartition("\\")
    only_directory = bool(folder) and last in ("", ".")
    try:
        if "*" not in last and "?" not in last:
            node = context.host.files.get(context.path(pattern))
            if node is None or (only_directory and not node.is_directory):
                return []
            return [node.path] if (directories if node.is_directory else files) else []
        parent = context.path(f"{folder}\\") if folder else context.state.directory
    except FileError:
        return []
    # "x*." and the like are left out: here * is any text and ? any one character.
    parts = [{"*": ".*", "?": "."}.get(character, re.escape(character)) for character in last]
    test = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    if last in ("*", "*.*"):
        test = re.compile(".*", re.DOTALL)
    return [
        node.path
        for node in context.host.files.children(parent)
        if test.fullmatch(node.name) and (directories if node.is_directory else files)
    ]


def command_of_arguments(arguments: str) -> str | None:
    """The line after /c of cmd.exe's own arguments, its outer quotes removed as `cmd /?` describes.

    Two quotes and no more stay when there is no special character between them, a blank is, and they hold
    the name of a program; /s takes the outer ones off in any case.
    """
    found = re.match(r"\s*((?:/(?!c)[^\s/]+\s*)*)/c\s*(.*)$", arguments, re.IGNORECASE | re.DOTALL)
    if found is None:
        return None
    options, line = found[1].lower(), found[2].strip()
    if not line.startswith('"'):
        return line
    inner = line[1:].partition('"')[0]
    keep = "/s" not in options and line.count('"') == 2 and not re.search(r"[&<>()@^|]", inner) and " " in inner
    if keep and inner.lower().endswith((".exe", ".com", ".bat", ".cmd")):
        return line
    head, _, tail = line[1:].rpartition('"')
    return head + tail
