# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session log that msra.exe writes on both sides of a session: ``YYYYMMDDHHMMSS.xml``.

Its one published sample (Windows 7 Resource Kit, "Session log path and naming convention") is a ``SESSION`` with one
element for each thing that happened. The elements' names are the only part that does not depend on the user's language;
``TIME``, ``DATE`` and ``EVENT`` are words of that language and are kept as text. The one instant is in the file's name.

Users own their logs and may write anything there: a document type, an entity or a processing instruction is refused
whatever it means, and of the rest only text is taken. A log of a session that still runs, or that ended with the
computer, has no end: what is there counts, and `SessionLog.complete` says so.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.parsers import expat

from .._errors import SessionLogMalformed

LOG_NAME = re.compile(r"[0-9]{14}\.xml", re.IGNORECASE | re.ASCII)
MAX_BYTES = 1024 * 1024
"""A log has about 150 bytes for each event; this is a chat of some thousand lines."""
MAX_ENTRIES = 20_000
MAX_DEPTH = 6
MAX_TEXT = 8192
"""Characters of one text that are kept; a chat message is a line."""
MAX_ATTRIBUTES = 16

ROOT = "SESSION"
ADDRESS, CONNECTED, CHAT = "INCOMING_IP_ADDRESS", "CONNECTION_ESTABLISHED", "CHAT_MESSAGE"
CONTROL_ASKED, CONTROL_GRANTED = "EXPERT_REQUEST_CONTROL", "EXPERT_GRANTED_CONTROL"
CONTROL_STARTED, CONTROL_ENDED = "EXPERT_CONTROL_STARTED", "EXPERT_CONTROL_ENDED"
ENDED, OPENED, CLOSED = "CONNECTION_ENDED", "INVITATION_OPENED", "INVITATION_CLOSED"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LABEL = re.compile(rb"""\A\s*<\?xml[^>]{0,80}?encoding\s*=\s*["']([A-Za-z0-9_-]{1,20})["']""")
_BYTE_ENCODINGS = re.compile(r"windows-?(?:125[0-8]|874|932|936|949|950)|iso-8859-\d{1,2}|gb2312|gbk|big5|shift_jis")
_FALLBACK = "cp1252"
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNFINISHED = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


@dataclass(frozen=True)
class LogEntry:
    """One thing that happened.

    Attributes:
        name: The element's name, such as ``EXPERT_REQUEST_CONTROL``; any name is taken.
        time: ``TIME`` as written, in the user's language.
        date: ``DATE`` as written.
        event: ``EVENT`` as written.
        text: What stands in the element: an address, a name, a chat message.
    """

    name: str
    time: str = ""
    date: str = ""
    event: str = ""
    text: str = ""

    def as_data(self, *, chat: bool = True) -> dict[str, str]:
        """The entry as a record carries it; without `chat`, a chat message has no words."""
        hidden = self.name == CHAT and not chat
        return {
            "name": self.name,
            "time": self.time,
            "date": self.date,
            "event": "" if hidden else self.event,
            "text": "" if hidden else self.text,
        }


@dataclass(frozen=True)
class SessionLog:
    """One session as one side of it wrote it down.

    Attributes:
        entries: What happened, in order.
        complete: Whether the log has its end.
        encoding: How the file was read.
        exact: Whether every byte could be read in that encoding.
    """

    entries: tuple[LogEntry, ...]
    complete: bool
    encoding: str
    exact: bool = True

    def texts(self, name: str) -> list[str]:
        """Texts of all elements of a name, each once."""
        return list(dict.fromkeys(item.text for item in self.entries if item.name == name and item.text))

    def count(self, name: str) -> int:
        """How many elements have a name."""
        return sum(1 for item in self.entries if item.name == name)

    def as_data(self, *, chat: bool = True) -> dict[str, Any]:
        """The session as a record carries it: who, from where, what was asked and granted, and how it ended."""
        return {
            "helpers": self.texts(CONNECTED),
            "addresses": self.texts(ADDRESS),
            "connected": self.count(CONNECTED) > 0,
            "control_requested": self.count(CONTROL_ASKED),
            "control_granted": self.count(CONTROL_GRANTED),
            "control_started": self.count(CONTROL_STARTED),
            "control_ended": self.count(CONTROL_ENDED),
            "chat_messages": self.count(CHAT),
            "connection_ended": self.count(ENDED) > 0,
            "complete": self.complete,
            "encoding": self.encoding,
            "exact": self.exact,
            "entries": [item.as_data(chat=chat) for item in self.entries],
        }


def started_at(name: str) -> str | None:
    """When a session began, from its log's name: local time of the host, ISO 8601 without a zone.

    Returns:
        ``None`` for a name whose digits are no moment.
    """
    if not LOG_NAME.fullmatch(name):
        return None
    try:
        return datetime.strptime(name[:14], "%Y%m%d%H%M%S").isoformat()
    except ValueError:
        return None


def parse_session_log(data: bytes) -> SessionLog:
    """Read a session log.

    Raises:
        SessionLogMalformed: It is none: too large, not XML, refused XML, or another document.
    """
    if len(data) > MAX_BYTES:
        raise SessionLogMalformed(f"the session log is larger than {MAX_BYTES} bytes.")
    text, encoding, exact = _decoded(data)
    text = _DECLARATION.sub("", text, count=1)
    if _NOT_XML.search(text):
        raise SessionLogMalformed("the session log has characters that XML does not allow.")
    reader = _Reader()
    complete = True
    try:
        reader.parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        if error.code not in _UNFINISHED:
            raise SessionLogMalformed("the session log is not well-formed XML.") from None
        complete = False
        reader.cut_off()
    if reader.root is None and not complete and not text.strip():
        raise SessionLogMalformed("the session log is empty.")
    if reader.root not in (None, ROOT):
        raise SessionLogMalformed("the document is no session log.")
    return SessionLog(tuple(reader.entries), complete, encoding, exact)


def _decoded(data: bytes) -> tuple[str, str, bool]:
    """Text, the encoding, and whether it fits; half a character at the end was cut off with the file."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _in(data[len(mark) :], encoding)
    head = data[:64]
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 4:
        return _in(data, "utf-16-le")
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 4:
        return _in(data, "utf-16-be")
    text, encoding, exact = _in(data, "utf-8")
    if exact:
        return text, encoding, exact
    # Not UTF-8: here, and here alone, the document's own label is worth something.
    label = _LABEL.match(data)
    name = label[1].decode("ascii").lower() if label else ""
    return _in(data, name if _BYTE_ENCODINGS.fullmatch(name) else _FALLBACK, guessed=not label)


def _in(data: bytes, encoding: str, *, guessed: bool = False) -> tuple[str, str, bool]:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, False), encoding, not guessed
    except UnicodeDecodeError:
        return data.decode(encoding, "replace"), encoding, False


@dataclass
class _Open:
    """An element whose end has not come."""

    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    length: int = 0


class _Reader:
    """expat's handlers, and what they found."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.entries: list[LogEntry] = []
        self._open: list[_Open] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.SkippedEntityHandler = self._refuse
        self.parser.ProcessingInstructionHandler = self._refuse

    def cut_off(self) -> None:
        """The file ended here: an entry that had begun counts."""
        if len(self._open) > 1:
            del self._open[2:]
            self._end("")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self.root is None:
            self.root = name
            if name != ROOT:
                raise SessionLogMalformed("the document is no session log.")
        too_much = len(self._open) >= MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES or len(self.entries) >= MAX_ENTRIES
        if too_much:
            raise SessionLogMalformed("the session log has more elements or attributes than such a file can have.")
        self._open.append(_Open(name, attributes))

    def _characters(self, text: str) -> None:
        # Of elements within an entry, the text belongs to the entry.
        if len(self._open) > 1 and self._open[1].length < MAX_TEXT:
            self._open[1].text.append(text)
            self._open[1].length += len(text)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if len(self._open) == 1:
            values = {name.upper(): _line(value) for name, value in element.attributes.items()}
            time, date, event = (values.get(name, "") for name in ("TIME", "DATE", "EVENT"))
            self.entries.append(LogEntry(element.name, time, date, event, _line("".join(element.text))))

    @staticmethod
    def _refuse(*_details: object) -> None:
        raise SessionLogMalformed("the session log has a document type, an entity or a processing instruction.")


def _line(text: str) -> str:
    """A text on one line, of bounded length."""
    return " ".join(text.split())[:MAX_TEXT]
