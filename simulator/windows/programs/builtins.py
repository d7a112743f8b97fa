# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are part of cmd.exe."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from ..files import FileError
from .cmd import Context, matching

Builtin = Callable[[str, Context], Awaitable[int]]
# Behind these names cmd takes the next character as a separator: echo. echo: del/f cd\
_NAME = re.compile(
    r"(echo|del|erase|cd|chdir|exit|type|md|mkdir|rd|rmdir|dir|set|ver|move|copy)([.:/\\\[\]+(].*)", re.I | re.S
)


def split_name(name: str, tail: str) -> tuple[str, str]:
    """A command's name in lower case and its tail, where cmd ends its own names earlier than at a blank."""
    found = _NAME.fullmatch(name)
    return (found[1].lower(), found[2] + tail) if found else (name.lower(), tail)


def _options(tail: str) -> tuple[set[str], list[str]]:
    """Switches in lower case, and the other words without quotes."""
    options: set[str] = set()
    words: list[str] = []
    for word in re.findall(r'(?:"[^"]*"?|[^\s,;=])+', tail):
        if word.startswith("/"):
            options.update(f"/{part}" for part in word.lower().split("/") if part)
        else:
            words.append(word.replace('"', ""))
    return options, words


async def echo(tail: str, context: Context) -> int:
    """`echo TEXT`: all behind the one separating character, blanks and quotes included."""
    text = tail[1:]
    context.out(text + "\r\n" if text or tail[:1] not in ("", " ", "\t") else context.text("echo"))
    return 0


async def delete(tail: str, context: Context) -> int:
    """`del [/f] [/q] NAME...`: exit code 0 whatever happens to the files; what fails is told on stderr.

    A directory's name means all files in it; without /q it asks first, and nobody answers.
    """
    options, words = _options(tail)
    if not words:
        context.err(context.text("badsyntax"))
        return 1
    for word in words:
        folder = matching(context, word, files=False, directories=True) if "*" not in word and "?" not in word else []
        found = matching(context, f"{word}\\*" if folder else word, files=True, directories=False)
        if folder and "/q" not in options:
            continue
        found = [path for path in found if _may_be_named(path, options, context)]
        if not found and not folder:
            context.err(context.text("del", _shown(word, context)))
        for path in found:
            node = context.host.files.get(path)
            if node is not None and node.read_only and "/f" in options:
                node.read_only = False
            try:
                context.host.files.delete(path, context.caller)
            except FileError as error:
                context.err(f"{path}\r\n{context.file_text(error)}")
    return 0


def _may_be_named(path: str, options: set[str], context: Context) -> bool:
    """`del` passes over hidden and system files unless /a names them (`del /?`)."""
    node = context.host.files.get(path)
    hidden = node is not None and (node.hidden or node.system)
    return not hidden or any(option.startswith("/a") for option in options)


def _shown(word: str, context: Context) -> str:
    try:
        return context.path(word)
    except FileError:
        return word


def exit_code(tail: str, current: int) -> int:
    """`exit [/b] [CODE]`: outside a batch file /b ends cmd.exe too (`exit /?`)."""
    words = [word for word in tail.split() if word.lower() != "/b"]
    return int(words[0]) if words and words[0].lstrip("-").isdigit() else current


async def version(tail: str, context: Context) -> int:
    """`ver`."""
    context.out(f"\r\nMicrosoft Windows [Version {context.host.system.version}.1]\r\n")
    return 0


async def nothing(tail: str, context: Context) -> int:
    """`rem` and `chcp`."""
    return 0


async def change_directory(tail: str, context: Context) -> int:
    """`cd [/d] [PATH]`; without a path it shows the directory."""
    path = re.sub(r"^\s*/d\b", "", tail, flags=re.IGNORECASE).strip().replace('"', "")
    if not path:
        context.out(context.state.directory + "\r\n")
        return 0
    found = matching(context, path, files=False, directories=True)
    if not found:
        context.err(context.text("path"))
        return 1
    context.state.directory = found[0]
    return 0


async def set_variable(tail: str, context: Context) -> int:
    """`set NAME=VALUE`, `set NAME`, `set`; with quotes around it all, they are not part of the value."""
    text = tail.strip()
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    name, equals, value = text.partition("=")
    variables = context.state.variables
    if equals:
        variables.pop(name.lower(), None)
        if value:
            variables[name.lower()] = value
        return 0
    found = {item: value for item, value in sorted(variables.items()) if item.startswith(text.lower())}
    for item, content in found.items():
        context.out(f"{item.upper()}={content}\r\n")
    return 0 if found else 1


async def show_file(tail: str, context: Context) -> int:
    """`type FILE...`."""
    code = 0
    for word in _options(tail)[1]:
        try:
            context.stdout(context.host.files.read(context.path(word), context.caller))
        except FileError as error:
            context.err(context.file_text(error))
            code = 1
    return code


async def make_directory(tail: str, context: Context) -> int:
    """`md PATH`: with its parents."""
    for word in _options(tail)[1]:
        try:
            path = context.path(word)
        except FileError as error:
            context.err(context.file_text(error))
            return 1
        if context.host.files.exists(path):
            context.err(context.text("mdexists", word))
            return 1
        if not context.host.files.may_write(path, context.caller) or not context.host.writes.allowed(path):
            context.err(context.text("denied"))
            return 1
        context.host.files.make_directory(path, context.caller)
        context.host.writes(path)
    return 0


async def move(tail: str, context: Context) -> int:
    """`move [/y] SOURCE TARGET`: a rename, in one step over a file that is there.

    With /y it does not ask before it overwrites; without, it asks on a command line, and nobody answers.
    """
    options, words = _options(tail)
    if len(words) != 2:
        context.err(context.text("badsyntax"))
        return 1
    files = context.host.files
    try:
        source, target = (context.path(word) for word in words)
        node, there = files.get(source), files.get(target)
        if node is None:
            raise FileError(2, source)
        if there is not None and there.is_directory:
            target = f"{there.path}\\{node.name}"
            there = files.get(target)
        if there is not None and there is not node and "/y" not in options:
            context.out(context.text("overwrite", target))
            return 1
        files.move(source, target, context.caller)
    except FileError as error:
        context.err(context.file_text(error) + context.text("moved", "0"))
        return 1
    context.out(context.text("moveddir" if node.is_directory else "moved", "1"))
    return 0


async def copy(tail: str, context: Context) -> int:
    """`copy [/b] [/y] SOURCE TARGET` of one file."""
    options, words = _options(tail)
    if len(words) != 2:
        context.err(context.text("badsyntax"))
        return 1
    files = context.host.files
    try:
        source, target = (context.path(word) for word in words)
        there = files.get(target)
        if there is not None and there.is_directory:
            target = f"{there.path}\\{source.rpartition(chr(92))[2]}"
        if files.exists(target) and "/y" not in options:
            context.out(context.text("overwrite", target))
            return 1
        files.write(target, files.read(source, context.caller), context.caller)
    except FileError as error:
        context.err(context.file_text(error) + context.text("copied", "0"))
        return 1
    context.out(context.text("copied", "1"))
    return 0


async def remove_directory(tail: str, context: Context) -> int:
    """`rd [/s] [/q] PATH`."""
    options, words = _options(tail)
    for word in words:
        try:
            path = context.path(word)
            if "/s" in options:
                _remove_below(path, context)
            context.host.files.delete(path, context.caller)
        except FileError as error:
            context.err(context.file_text(error))
            return 2 if error.code in (2, 3) else error.code
    return 0


def _remove_below(path: str, context: Context) -> None:
    for node in context.host.files.children(path):
        if node.is_directory:
            _remove_below(node.path, context)
        context.host.files.delete(node.path, context.caller)


async def list_directory(tail: str, context: Context) -> int:
    """`dir /b [PATTERN]`: bare names; the long listing, whose words are localised, is left out."""
    options, words = _options(tail)
    wanted = words[0] if words else "*"
    if matching(context, wanted, files=False, directories=True) and "*" not in wanted:
        wanted += "\\*"
    found = matching(context, wanted, files="/ad" not in options, directories="/a-d" not in options)
    if "/b" not in options or not found:
        context.err(context.text("file"))
        return 1
    for path in found:
        context.out(path.rpartition("\\")[2] + "\r\n")
    return 0


async def call(tail: str, context: Context) -> int:
    """`call COMMAND`: runs it once more, with its variables expanded anew.

    `call` alone fails and `call ` with a blank succeeds: the way to set and clear ERRORLEVEL (Dave Benham).
    """
    if not tail.strip():
        return 0 if tail else 1
    return await context.host.cmd.line(tail.strip(), context)


BUILTINS: dict[str, Builtin] = {
    "echo": echo,
    "del": delete,
    "erase": delete,
    "ver": version,
    "rem": nothing,
    "chcp": nothing,
    "cd": change_directory,
    "chdir": change_directory,
    "set": set_variable,
    "type": show_file,
    "md": make_directory,
    "mkdir": make_directory,
    "rd": remove_directory,
    "rmdir": remove_directory,
    "dir": list_directory,
    "call": call,
    "move": move,
    "copy": copy,
}
