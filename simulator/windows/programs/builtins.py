# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are part of cmd.exe."""

from __future__ import annotations

from collections.abc import Callable

from ..files import FileError, normalise
from .cmd import Context


def echo(words: list[str], context: Context) -> int:
    """`echo TEXT`; the words come with single blanks between them."""
    context.out(" ".join(words) + "\r\n")
    return 0


def delete(words: list[str], context: Context) -> int:
    """`del [/f] [/q] PATH...`. An absent file is a message on standard error and exit code 0, as cmd has it."""
    for word in words:
        if word.startswith("/"):
            continue
        path = word.replace('"', "")
        try:
            context.host.files.delete(normalise(path), context.caller)
        except FileError as error:
            context.err(context.text("file" if error.code in (2, 3) else "denied", path))
    return 0


def leave(words: list[str], context: Context) -> int:
    """`exit [/b] [CODE]`."""
    codes = [word for word in words if not word.startswith("/")]
    return int(codes[0]) if codes and codes[0].lstrip("-").isdigit() else 0


def version(words: list[str], context: Context) -> int:
    """`ver`."""
    context.out(f"\r\nMicrosoft Windows [Version {context.host.system.version}.1]\r\n")
    return 0


def nothing(words: list[str], context: Context) -> int:
    """`rem` and `chcp`."""
    return 0


BUILTINS: dict[str, Callable[[list[str], Context], int]] = {
    "echo": echo,
    "echo.": echo,
    "del": delete,
    "erase": delete,
    "exit": leave,
    "ver": version,
    "rem": nothing,
    "chcp": nothing,
}
