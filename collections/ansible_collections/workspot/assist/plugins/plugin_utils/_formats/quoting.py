# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One quoting function for each language that text travels in on its way to a host.

Text that a language can not carry unchanged is refused with `Unquotable` before anything is sent; the
message says which kind of character it was and never holds the text, which may be a secret. User names
and profile paths come from hosts and are as hostile as anything else.
"""

from __future__ import annotations

import re

from .._errors import Unquotable

_XML_FORBIDDEN = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0, production 2
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# Programs that ask for their command line in the ANSI code page get some characters replaced by similar
# ASCII ones ("best fit", learn.microsoft.com WideCharToMultiByte) before they split it. These stand in
# the best fit tables of the Windows code pages (unicode.org, WindowsBestFit) and of code page 437.
_LIKE_QUOTE = "\u02ba\u030e\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f\uff02"
_LIKE_BACKSLASH = "\u00a5\u20a9\u20e5\u2216\ufe68\uff3c\uffe5\uffe6"
_LIKE_SLASH = "\u2044\u2215\uff0f"
_LIKE_DOT = "\u2024\uff0e"
_LIKE_COLON = "\u2236\ufe55\uff1a"

_PARAMETER = re.compile(r"\$\(")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)
_MEMBER_FORBIDDEN = '<>:"/\\|?*'  # learn.microsoft.com "Naming Files, Paths, and Namespaces"
_MEMBER_UNITS = 255  # UTF-16 units of one name (NTFS; the same page)
_PATH_UNITS = 247  # MAX_PATH of a folder: 260 less room for an 8.3 name (the same page)


def _refuse(text: str, language: str, kinds: dict[str, str]) -> None:
    """Refuse text with characters of any of these kinds (a name, and a string of characters)."""
    if _SURROGATE.search(text):
        raise Unquotable(f"half a surrogate pair is no character and can not go into {language}.")
    if _CONTROL.search(text):
        raise Unquotable(f"a control character or line break can not go into {language}.")
    for kind, characters in kinds.items():
        if any(character in characters for character in text):
            raise Unquotable(f"{kind} can not go into {language} unchanged.")


def wql_literal(text: str) -> str:
    """A WQL string literal, quotes included.

    In WQL string constants the backslash escapes as in C, itself as well as quotes (Microsoft knowledge
    base article 242507). For comparisons with `=`; the wildcards of `LIKE` are not escaped.
    """
    _refuse(text, "a WQL query", {})
    if _XML_FORBIDDEN.search(text):
        raise Unquotable("a character that XML does not allow can not go into a WQL query.")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def cmd_quoted(text: str) -> str:
    """One argument on a command line of cmd.exe, always in double quotes.

    Inside double quotes cmd takes `& | < > ( ) ^` and blanks as they are. A quotation mark would end the
    quotes, and `%` and, where a registry setting turns delayed expansion on, `!` expand even inside
    (learn.microsoft.com, cmd): these are refused. Backslashes at the end are doubled, because the program
    that gets the argument would take the closing quote for a character of it otherwise; to cmd's own
    commands a doubled separator is the same path.

    A line that *begins* with a quoted word loses quotes to `cmd /c`: begin with a bare command name.
    """
    _refuse(
        text,
        "a command line of cmd.exe",
        {
            "a quotation mark": f'"{_LIKE_QUOTE}',
            "a percent sign": "%",
            "an exclamation mark": "!",
            "a character that some code pages turn into a backslash": _LIKE_BACKSLASH,
        },
    )
    return f'"{text}{_trailing_backslashes(text)}"'


def _trailing_backslashes(text: str) -> str:
    return text[len(text.rstrip("\\")) :]


def task_argument(text: str) -> str:
    """One argument of a scheduled task's action, quoted only where it has to be.

    The program splits its arguments by the rules of CommandLineToArgvW (learn.microsoft.com, "Parsing C
    command-line arguments"). Before that the Task Scheduler expands environment variables
    (learn.microsoft.com, Exec element) and `$(name)` parameters (MS-TSCH 2.5.9): both are refused.
    """
    _refuse(
        text,
        "a scheduled task's arguments",
        {
            "a percent sign": "%",
            "a character that some code pages turn into a quotation mark": _LIKE_QUOTE,
            "a character that some code pages turn into a backslash": _LIKE_BACKSLASH,
        },
    )
    if _PARAMETER.search(text):
        raise Unquotable("$( begins a task parameter and can not go into a scheduled task's arguments unchanged.")
    if text and not set(text) & set(' "'):
        return text
    # Backslashes before a quotation mark, the closing one included, are doubled; the mark gets one more.
    parts = [f"{part}{_trailing_backslashes(part)}" for part in text.split('"')]
    escaped = '\\"'.join(parts)
    return f'"{escaped}"'


_XML_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&apos;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


def xml_text(text: str) -> str:
    """Text for XML content or an attribute value; white space comes out as it went in."""
    if _XML_FORBIDDEN.search(text):
        raise Unquotable("a character that XML does not allow can not go into an XML document.")
    return text.translate(_XML_ESCAPES)


def windows_path_member(text: str) -> str:
    """Check that text is one name in a Windows path, and return it unchanged.

    Refused: empty, `.` and `..`, separators and drive or stream colons (and characters that become those
    in some code pages), wildcards, a dot or blank at the end (Windows drops it), device names, overlong.
    """
    _refuse(
        text,
        "a file name",
        {
            'one of < > : " / \\ | ? *': _MEMBER_FORBIDDEN,
            "a character that some code pages turn into one of those or a dot": (
                _LIKE_QUOTE + _LIKE_BACKSLASH + _LIKE_SLASH + _LIKE_DOT + _LIKE_COLON
            ),
        },
    )
    if not text or text[-1] in ". " or text[0] == " ":
        raise Unquotable("an empty name, a blank at an end or a dot at the end can not go into a file name.")
    if _RESERVED.fullmatch(text.partition(".")[0].rstrip()):
        raise Unquotable("the name of a device can not go into a file name.")
    if len(text.encode("utf-16-le")) // 2 > _MEMBER_UNITS:
        raise Unquotable(f"more than {_MEMBER_UNITS} characters can not go into a file name.")
    return text


def windows_folder(text: str) -> str:
    """Check that text is the absolute path of a folder on a local drive; returned without `\\` at its end.

    For paths that a host names, such as a user's profile: no network path, no device path, no `..`.
    """
    path = text[:-1] if text.endswith("\\") else text
    drive, *members = path.split("\\")
    if not re.fullmatch("[A-Za-z]:", drive) or not members:
        raise Unquotable("a path that does not begin with a drive and a folder can not be used on a host.")
    for member in members:
        windows_path_member(member)
    if len(path.encode("utf-16-le")) // 2 > _PATH_UNITS:
        raise Unquotable(f"a path of more than {_PATH_UNITS} characters can not be used on a host.")
    return path
