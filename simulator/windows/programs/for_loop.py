# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd's `for`: over words and files, with /d over folders, and with /f over the lines that a command writes.

Rules: learn.microsoft.com/windows-server/administration/windows-commands/for. The value of a variable is put into the
body after that was parsed, so that no character in it is an operator (Dave Benham, "How does the Windows Command
Interpreter parse scripts", phase 4).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime

from ..files import FileError
from .cmd import Context, matching
from .cmd_parser import Block, Condition, Loop, Pair, Redirection, Simple, Tree

Run = Callable[[Tree, Context], Awaitable[int]]
_WORD = re.compile(r'(?:"[^"]*"?|[^\s,;=])+')
_ALL_BLANKS = " \t"


async def loop(run: Run, tree: Loop, context: Context) -> int:
    """Run the body once for each item; the exit code is the last one's."""
    code = 0
    async for values in _rounds(tree, context):
        code = await run(_with(tree.body, values, context), context)
    return code


async def _rounds(tree: Loop, context: Context) -> AsyncIterator[dict[str, str]]:
    """Values by variable, for each round."""
    if tree.kind == "f":
        for line in (await _output(tree.items, context)).splitlines():
            values = _tokens(line, tree)
            if values is not None:
                yield values
        return
    for word in _WORD.findall(tree.items):
        plain = word.replace('"', "")
        if "*" not in plain and "?" not in plain:
            yield {tree.variable: word}
            continue
        folder = plain.rpartition("\\")[0]
        folders = tree.kind == "d"
        for path in matching(context, plain, files=not folders, directories=folders):
            node = context.host.files.get(path)
            if node is not None and (folders or not (node.hidden or node.system)):
                yield {tree.variable: f"{folder}\\{node.name}" if folder else node.name}


async def _output(items: str, context: Context) -> str:
    """What the command in single quotes writes; it is a cmd.exe of its own."""
    text = items.strip()
    if not (len(text) > 1 and text.startswith("'") and text.endswith("'")):
        context.err(context.text("file"))  # files and texts are left out
        return ""
    written: list[bytes] = []
    state = replace(context.state, variables=dict(context.state.variables))
    await context.host.cmd.line(text[1:-1], replace(context, stdout=written.append, state=state))
    raw = b"".join(written)
    # unverified: `for_f_reads_utf8`, whether `for /f` reads a program's output in the console's code page 65001
    encoding = context.encoding if context.host.quirks["for_f_reads_utf8"] else "cp437"
    return raw.decode(encoding, "replace")


def _tokens(line: str, tree: Loop) -> dict[str, str] | None:
    """Tokens of a line by variable; None where the line is left out."""
    options = _options(tree.options)
    if not line.strip() or line.startswith(options["eol"]):
        return None
    wanted = [item.strip() for item in options["tokens"].split(",")]
    numbers = [int(item) for item in wanted if item.isdigit()]
    delimiters = options["delims"]
    found: list[str] = []
    rest = line.lstrip(delimiters)
    while rest and len(found) < max(numbers, default=0):
        word = re.split(f"[{re.escape(delimiters)}]", rest, maxsplit=1)[0] if delimiters else rest
        found.append(word)
        rest = rest[len(word) :].lstrip(delimiters)
    values: dict[str, str] = {}
    letter = ord(tree.variable)
    for offset, number in enumerate(numbers):
        values[chr(letter + offset)] = found[number - 1] if number <= len(found) else ""
    if "*" in wanted:
        values[chr(letter + len(numbers))] = rest
    return values if any(values.values()) else None


def _options(text: str) -> dict[str, str]:
    """`eol`, `delims` and `tokens`; delims is the last one, as a blank may be part of it."""
    found = {"eol": ";", "delims": _ALL_BLANKS, "tokens": "1"}
    for match in re.finditer(r"(eol|tokens)=(\S+)|(delims)=(.*)", text, re.IGNORECASE):
        name = (match[1] or match[3]).lower()
        found[name] = match[2] or match[4] or ""
    return found


# The body with its variables' values -----------------------------------------------------------------------


def _with(tree: Tree, values: dict[str, str], context: Context) -> Tree:
    def text(source: str) -> str:
        return _replaced(source, values, context)

    if isinstance(tree, Simple):
        return Simple(text(tree.name), text(tree.tail), list(_targets(tree.redirections, text)))
    if isinstance(tree, Block):
        return Block(_with(tree.body, values, context), list(_targets(tree.redirections, text)))
    if isinstance(tree, Pair):
        return Pair(tree.operator, _with(tree.left, values, context), _with(tree.right, values, context))
    if isinstance(tree, Loop):
        inner = {name: value for name, value in values.items() if name != tree.variable}
        return Loop(tree.kind, tree.options, tree.variable, text(tree.items), _with(tree.body, inner, context))
    otherwise = _with(tree.otherwise, values, context) if tree.otherwise is not None else None
    body = _with(tree.body, values, context)
    return Condition(tree.kind, text(tree.left), text(tree.right), tree.negated, tree.ignore_case, body, otherwise)


def _targets(redirections: list[Redirection], text: Callable[[str], str]) -> Iterator[Redirection]:
    return (Redirection(item.handle, item.operator, text(item.target)) for item in redirections)


def _replaced(source: str, values: dict[str, str], context: Context) -> str:
    """`%a` and `%~nxa`: of a path its name, extension, size, time and so on."""
    letters = re.escape("".join(values))
    pattern = re.compile(f"%(?:~([fdpnxzt]*))?([{letters}])")
    return pattern.sub(lambda match: _value(match[1], values[match[2]], context), source)


def _value(modifiers: str | None, value: str, context: Context) -> str:
    if modifiers is None:
        return value
    plain = value.removeprefix('"').removesuffix('"')
    if not modifiers:
        return plain
    try:
        path = context.path(plain)
    except FileError:
        return ""
    node = context.host.files.get(path)
    folder, _, last = path.rpartition("\\")
    stem, dot, extension = last.rpartition(".")
    parts = {
        "d": path[:2] if {"d", "f"} & set(modifiers) else "",
        "p": f"{folder[2:]}\\",
        "n": stem if dot else last,
        "x": dot + extension if dot else "",
    }
    wanted = "dpnx" if "f" in modifiers else modifiers
    shown = "".join(parts[item] for item in "dpnx" if item in wanted)
    size = str(len(node.content or b"")) if "z" in modifiers and node is not None else ""
    time = _written(node.modified, context) if "t" in modifiers and node is not None else ""
    return " ".join(item for item in (time, size, shown) if item)


def _written(moment: datetime, context: Context) -> str:
    """When a file was last written: local time to the minute, as the account's language has it."""
    local = moment.astimezone(context.host.zone)
    return f"{local:%d.%m.%Y %H:%M}" if context.host.language == "de-DE" else f"{local:%m/%d/%Y %I:%M %p}"
