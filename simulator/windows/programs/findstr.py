# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""findstr.exe.

Options: learn.microsoft.com `findstr`. Its expressions know `.` `*` `^` `$` `[class]` `[^class]` `\\x` `\\<`
`\\>` and nothing else. Without /l and /r a /c: text is taken literally, and other words as expressions when the
first of them has a special character (observed and published by Dave Benham, "What are the undocumented
features and limitations of the Windows FINDSTR command?").
"""

from __future__ import annotations

import re

from ..files import FileError
from .cmd import Context, matching

_SPECIAL = re.compile(r"(?<!\\)[.*^$\[]")


def pattern(text: str) -> str:
    """A findstr expression as one of Python's."""
    parts: list[str] = []
    place = 0
    while place < len(text):
        character = text[place]
        place += 1
        if character == "\\" and place < len(text):
            following = text[place]
            place += 1
            parts.append(r"\b" if following in "<>" else re.escape(following))
        elif character == "[" and (end := text.find("]", place + 1)) > 0:
            body = text[place:end]
            negated, body = body.startswith("^"), body.removeprefix("^")
            inner = re.sub(r"([\\\[\]^&~|])", r"\\\1", body)
            parts.append(f"[{'^' if negated else ''}{inner}]")
            place = end + 1
        elif character == "^":
            parts.append("^" if place == 1 else r"\^")
        elif character == "$":
            parts.append("$" if place == len(text) else r"\$")
        elif character == "*":
            parts.append("*" if parts and parts[-1] not in ("^", "*") else r"\*")
        else:
            parts.append("." if character == "." else re.escape(character))
    return "".join(parts)


def _tests(options: set[str], texts: list[str], words: list[str]) -> list[re.Pattern[str]]:
    word_expressions = "r" in options or ("l" not in options and bool(words) and bool(_SPECIAL.search(words[0])))
    bodies = [pattern(text) if "r" in options else re.escape(text) for text in texts]
    bodies += [pattern(word) if word_expressions else re.escape(word) for word in words]
    start = "^" if options & {"b", "x"} else ""
    end = "$" if options & {"e", "x"} else ""
    flags = re.IGNORECASE if "i" in options else 0
    return [re.compile(f"{start}(?:{body}){end}", flags) for body in bodies]


async def findstr(words: list[str], context: Context) -> int:
    """`findstr [/b] [/e] [/l|/r] [/i] [/x] [/v] [/n] [/m] [/c:TEXT] [WORDS] [FILE...]`: 0 found, 1 not, 2 wrong."""
    options: set[str] = set()
    texts: list[str] = []
    plain: list[str] = []
    for word in words:
        if word[:1] in ("/", "-") and word[1:3].lower() == "c:":
            texts.append(word[3:])
        elif word[:1] == "/" and not set(word[1:].lower().replace("/", "")) - set("berlixvnm"):
            options |= set(word[1:].lower().replace("/", ""))
        elif word[:1] == "/":
            context.err(f"FINDSTR: {word} ignored\r\n")
        else:
            plain.append(word)
    if not texts and not plain:
        context.err("FINDSTR: Bad command line\r\n")
        return 2
    searched = [] if texts else plain.pop(0).split(" ")
    tests = _tests(options, texts, [item for item in searched if item])
    sources = await _sources(plain, context)
    hit = False
    for name, content in sources:
        for number, line in enumerate(content.decode("utf-8", "surrogateescape").splitlines(), 1):
            if any(test.search(line) for test in tests) == ("v" in options):
                continue
            hit = True
            prefix = f"{name}:" if len(sources) > 1 else ""
            context.out(f"{prefix}{f'{number}:' if 'n' in options else ''}{line}\r\n")
    return 0 if hit else 1


async def _sources(names: list[str], context: Context) -> list[tuple[str, bytes]]:
    """Files named, or standard input."""
    if not names:
        return [("", await context.stdin())]
    found = []
    for name in names:
        for path in matching(context, name, files=True, directories=False):
            try:
                found.append((path, context.host.files.read(path, context.caller)))
            except FileError:
                context.err(f"FINDSTR: Cannot open {path}\r\n")
    return found
