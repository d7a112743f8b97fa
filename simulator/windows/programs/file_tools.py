# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fc.exe /b and attrib.exe (learn.microsoft.com/windows-server/administration/windows-commands/fc, .../attrib)."""

from __future__ import annotations

from ..files import FileError, Node
from .cmd import Context, matching

# Exit codes of fc: -1 wrong syntax, 0 the same, 1 different, 2 a file can not be found (ss64.com/nt/fc.html)
_SAME, _DIFFERENT, _MISSING, _SYNTAX = 0, 1, 2, -1
_TEXTS = {
    "en-US": {"comparing": "Comparing files {0} and {1}\r\n",
              "same": "FC: no differences encountered\r\n\r\n",
              "open": "FC: cannot open {0} - No such file or folder\r\n",
              "longer": "FC: {0} longer than {1}\r\n",
              "syntax": "FC: Insufficient number of file specifications\r\n",
              "format": "Parameter format not correct -\r\n",
              "absent": "File not found - {0}\r\n",
              "denied": "Access denied - {0}\r\n"},
    "de-DE": {"comparing": "Vergleichen der Dateien {0} und {1}\r\n",
              "same": "FC: Keine Unterschiede gefunden\r\n\r\n",
              "open": "FC: {0} kann nicht geöffnet werden - Datei oder Ordner nicht vorhanden\r\n",
              "longer": "FC: {0} länger als {1}\r\n",
              "syntax": "FC: Unzureichende Anzahl von Dateiangaben\r\n",
              "format": "Parameterformat falsch -\r\n",
              "absent": "Datei nicht gefunden - {0}\r\n",
              "denied": "Zugriff verweigert - {0}\r\n"},
}  # fmt: skip
_MOST_SHOWN = 64  # differing bytes written out; fc itself writes all of them


def _text(context: Context, key: str, *values: str) -> str:
    return _TEXTS[context.host.language][key].format(*values)


async def fc(words: list[str], context: Context) -> int:
    """`fc /b FILE FILE`; other comparisons are left out."""
    names = [word for word in words if not word.startswith("/")]
    if "/b" not in [word.lower() for word in words] or len(names) != 2:
        context.err(_text(context, "syntax"))
        return _SYNTAX
    contents: list[bytes] = []
    for name in names:
        try:
            contents.append(context.host.files.read(context.path(name), context.caller))
        except FileError:
            context.err(_text(context, "open", name.upper()))
            return _MISSING
    context.out(_text(context, "comparing", names[0], names[1].upper()))
    left, right = contents
    if left == right:
        context.out(_text(context, "same"))
        return _SAME
    differing = [place for place in range(min(len(left), len(right))) if left[place] != right[place]]
    for place in differing[:_MOST_SHOWN]:
        context.out(f"{place:08X}: {left[place]:02X} {right[place]:02X}\r\n")
    if len(left) != len(right):
        longer, shorter = (names[0], names[1]) if len(left) > len(right) else (names[1], names[0])
        context.out(_text(context, "longer", longer.upper(), shorter.upper()))
    return _DIFFERENT


def _shown(node: Node) -> str:
    """A line of the listing: attributes in fixed columns, then the path."""
    letters = ["A" if not node.is_directory else " ", " ", " "]
    letters += ["S" if node.system else " ", "H" if node.hidden else " ", "R" if node.read_only else " "]
    a, _, _, s, h, r = letters
    return f"{a}  {s}{h}{r}".ljust(21) + node.path + "\r\n"


async def attrib(words: list[str], context: Context) -> int:
    """`attrib [+r|-r] [+h|-h] [+s|-s] [+a|-a] FILE`; what it could not do it tells in words, and ends with 0."""
    changes = [word.lower() for word in words if word[:1] in "+-"]
    names = [word for word in words if word[:1] not in ("+", "-", "/")]
    if any(len(change) != 2 or change[1] not in "rhsa" for change in changes):
        context.out(_text(context, "format"))
        return 1
    for name in names or ["*"]:
        found = [context.host.files.get(path) for path in matching(context, name, files=True, directories=bool(names))]
        if not found:
            context.out(_text(context, "absent", name))
        for node in found:
            if node is not None:
                _change(node, changes, context)
    return 0


def _change(node: Node, changes: list[str], context: Context) -> None:
    if not changes:
        context.out(_shown(node))
        return
    if not context.host.files.may_write(node.path, context.caller) or not context.host.writes.allowed(node.path):
        context.out(_text(context, "denied", node.path))
        return
    for change in changes:
        name = {"r": "read_only", "h": "hidden", "s": "system"}.get(change[1])
        if name is not None:
            setattr(node, name, change[0] == "+")
    context.host.writes(node.path)
