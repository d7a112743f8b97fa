# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpt.ini, the version and extension list of a Group Policy object (MS-GPOL 2.2.4).

Windows processes the registry settings of a local Group Policy object when the machine half of `Version` changed and
`gPCMachineExtensionNames` names the registry extension. Those two values are all that is ever changed here; every
other byte stays: encoding, byte order mark, line ends, comments, foreign sections, keys and extensions.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from .._errors import GptIniMalformed

REGISTRY_CSE = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
"""The registry client-side extension (MS-GPREG 1.9)."""
_ADM_TOOLS = ("{0F6B957D-509E-11D1-A7CC-0000F87571E3}", "{D02B1F72-3407-48AE-BA88-E8213C6761F1}")
"""The tools that edit computer settings (MS-GPREG 1.9): up to Windows Vista, and since (its notes 1 and 2)."""

_SECTION, _VERSION, _EXTENSIONS = "General", "Version", "gPCMachineExtensionNames"
_MACHINE_MASK = 0xFFFF
_LARGEST = 64 * 1024
"""Bytes. A real file has a few hundred, with every extension of Windows three thousand."""

_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n|\\Z)")
_HEADER = re.compile(r"\[([^\[\]]*)\]")
_NOT_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_DECIMAL = re.compile("[0-9]{1,10}", re.ASCII)
_GUID = r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}"
_EXTENSION = re.compile(rf"[ \t]*\[[ \t]*({_GUID})((?:[ \t]*{_GUID})*)[ \t]*\][ \t]*")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"))
"""Byte order marks of files that some editor wrote; MS-GPOL 2.2.4 has ANSI, which is kept here byte by byte."""


@dataclass(frozen=True)
class _Value:
    """Where a value stands in the text, without the blanks around it."""

    start: int
    end: int


@dataclass(frozen=True)
class GptIni:
    """A gpt.ini as it was read.

    Args:
        text: The whole text, line ends as they are.
        mark: The byte order mark, mostly none.
        encoding: A codec that gives every byte back; latin-1 stands for any ANSI code page.
    """

    text: str
    mark: bytes = b""
    encoding: str = "latin-1"

    @property
    def version(self) -> tuple[int, int]:
        """The machine half and the user half of the version; both 0 where there is none."""
        value = _values(self).get(_VERSION.lower())
        number = 0 if value is None else _number(self, value)
        return number & _MACHINE_MASK, number >> 16

    @property
    def machine_extensions(self) -> list[tuple[str, tuple[str, ...]]]:
        """The client-side extensions of the machine half, each with its tools, in the file's order and spelling."""
        value = _values(self).get(_EXTENSIONS.lower())
        return [] if value is None else _extensions(self, value)


def parse_gpt_ini(data: bytes) -> GptIni:
    """Read a gpt.ini.

    Without a `Version` the version counts as 0. MS-GPOL 2.2.4 demands one; unverified: whether Windows takes such a
    file for corrupt or for version 0. Either way nothing of it is processed, and a version that is written ends that.

    Args:
        data: The whole file.

    Raises:
        GptIniMalformed: No text, too large, no section General, a value that is none or stands there twice.
    """
    if len(data) > _LARGEST:
        raise GptIniMalformed(f"a file of at most {_LARGEST} bytes", offset=_LARGEST)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "latin-1"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise GptIniMalformed(f"text in {encoding}", offset=len(mark) + error.start) from None
    gpt = GptIni(text, mark, encoding)
    control = _NOT_TEXT.search(text)
    if control:
        raise GptIniMalformed("text without control characters", offset=_offset(gpt, control.start()))
    dummy = gpt.version, gpt.machine_extensions  # both say what is wrong with them
    del dummy
    return gpt


def empty_gpt_ini() -> GptIni:
    """What a new Group Policy object begins with (MS-GPOL 3.3.5.1)."""
    return GptIni(f"[{_SECTION}]\r\n{_VERSION}=0\r\n")


def build_gpt_ini(gpt: GptIni) -> bytes:
    """The file's bytes; what was read comes back to the byte."""
    return gpt.mark + gpt.text.encode(gpt.encoding)


def raised(gpt: GptIni) -> GptIni:
    """The file after a change of its machine settings (MS-GPOL 3.3.5.4).

    The machine half is one higher, and never 0, which would mean a half without settings (MS-GPOL 3.2.5.1.6); the
    user half is what it was. The registry extension is in the list with a tool, and the list in ascending order,
    since processing ends at the first extension out of order (MS-GPOL 2.2.4).
    """
    machine, user = gpt.version
    number = user << 16 | (machine % _MACHINE_MASK + 1)
    extensions = gpt.machine_extensions
    wanted = _with_registry(extensions)
    if wanted != extensions:
        gpt = _with_value(gpt, _EXTENSIONS, "".join(f"[{cse}{''.join(tools)}]" for cse, tools in wanted))
    return _with_value(gpt, _VERSION, str(number))


def _with_registry(extensions: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    found = next((place for place, (cse, _tools) in enumerate(extensions) if cse.upper() == REGISTRY_CSE), None)
    wanted = list(extensions)
    if found is None:
        wanted.append((REGISTRY_CSE, (_ADM_TOOLS[1],)))
    elif not {tool.upper() for tool in extensions[found][1]} & set(_ADM_TOOLS):
        cse, tools = extensions[found]
        wanted[found] = (cse, tuple(sorted((*tools, _ADM_TOOLS[1]), key=str.upper)))
    return sorted(wanted, key=lambda extension: extension[0].upper())


def _offset(gpt: GptIni, place: int) -> int:
    """The byte at which a character stands."""
    return len(gpt.mark) + len(gpt.text[:place].encode(gpt.encoding))


def _values(gpt: GptIni) -> dict[str, _Value]:
    """The values of the section General, by their lower-case keys."""
    section, values = None, dict[str, _Value]()
    seen = False
    for line in _LINE.finditer(gpt.text):
        bare = line[0].strip(" \t\r\n")
        start = line.start() + len(line[0]) - len(line[0].lstrip(" \t"))
        if bare.startswith("["):
            section = _section(gpt, bare, start)
            if section == _SECTION.lower() and seen:
                raise GptIniMalformed(f"one section [{_SECTION}], and not another", offset=_offset(gpt, start))
            seen = seen or section == _SECTION.lower()
        elif section == _SECTION.lower() and "=" in bare and not bare.startswith(";"):
            _note(gpt, values, start, bare)
    if not seen:
        raise GptIniMalformed(f"a section [{_SECTION}], and the file ends", offset=_offset(gpt, len(gpt.text)))
    return values


def _section(gpt: GptIni, bare: str, start: int) -> str:
    match = _HEADER.fullmatch(bare)
    if match is None:
        raise GptIniMalformed("the name of a section in brackets", offset=_offset(gpt, start))
    return match[1].strip(" \t").lower()


def _note(gpt: GptIni, values: dict[str, _Value], start: int, bare: str) -> None:
    key, _equals, value = bare.partition("=")
    name = key.rstrip(" \t").lower()
    if name in values and name in (_VERSION.lower(), _EXTENSIONS.lower()):
        # Keys are unique (MS-GPOL 2.2.4); which of two counts is not said.
        raise GptIniMalformed(f"one {name}, and not another", offset=_offset(gpt, start))
    end = start + len(bare)
    values[name] = _Value(end - len(value.lstrip(" \t")), end)


def _number(gpt: GptIni, value: _Value) -> int:
    text = gpt.text[value.start : value.end]
    if not _DECIMAL.fullmatch(text) or int(text) > 0xFFFFFFFF:
        raise GptIniMalformed("a version as a decimal number of 32 bits", offset=_offset(gpt, value.start))
    return int(text)


def _extensions(gpt: GptIni, value: _Value) -> list[tuple[str, tuple[str, ...]]]:
    place, found = value.start, list[tuple[str, tuple[str, ...]]]()
    while place < value.end:
        match = _EXTENSION.match(gpt.text, place, value.end)
        if match is None:
            raise GptIniMalformed("an extension as [{GUID}{GUID}]", offset=_offset(gpt, place))
        found.append((match[1], tuple(re.findall(_GUID, match[2]))))
        place = match.end()
    return found


def _with_value(gpt: GptIni, key: str, new: str) -> GptIni:
    """The text with one value of the section General changed in place, or added at the section's head or end."""
    value = _values(gpt).get(key.lower())
    text = gpt.text
    if value is not None:
        return replace(gpt, text=text[: value.start] + new + text[value.end :])
    for line in _LINE.finditer(text):
        header = _HEADER.fullmatch(line[0].strip(" \t\r\n"))
        if header and header[1].strip(" \t").lower() == _SECTION.lower():
            break
    bare = line[0].rstrip("\r\n")
    line_end = line[0][len(bare) :] or "\r\n"
    place = line.start() + len(bare)
    return replace(gpt, text=text[:place] + f"{line_end}{key}={new}" + (text[place:] or line_end))
