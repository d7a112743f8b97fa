# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session log of msra.exe, as the one published sample has it (Windows 7 Resource Kit, "Session log path and
naming convention"): a file for each session in the user's Documents, with times and words of the user's language."""

from __future__ import annotations

import codecs
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from ..pool_logs import LOG_FOLDER, EventDescription, SessionLogDescription
from .accounts import Account
from .directory import account_of_session
from .event_log import Event

if TYPE_CHECKING:
    from .host import WindowsHost

SHELL_FOLDERS = "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders"
_DAYS = {
    "en-US": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de-DE": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_MONTHS = {
    "en-US": "January,February,March,April,May,June,July,August,September,October,November,December",
    "de-DE": "Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember",
}
# The English words are the sample's; the German ones are made up (unverified): nothing may depend on them.
_EVENTS = {
    "en-US": {
        "INVITATION_OPENED": "A Remote Assistance invitation has been opened.",
        "CONNECTION_ESTABLISHED": "A Remote Assistance connection has been established.",
        "EXPERT_REQUEST_CONTROL": "{} has requested to share control of the computer.",
        "EXPERT_GRANTED_CONTROL": "{} has been granted permission to share control of the computer.",
        "EXPERT_CONTROL_STARTED": "{} is sharing control of the computer.",
        "EXPERT_CONTROL_ENDED": "{} is not sharing control of the computer.",
        "CONNECTION_ENDED": "The Remote Assistance connection has ended.",
        "INVITATION_CLOSED": "A Remote Assistance invitation has been closed.",
    },
    "de-DE": {
        "INVITATION_OPENED": "Eine Remoteunterstützungseinladung wurde geöffnet.",
        "CONNECTION_ESTABLISHED": "Eine Remoteunterstützungsverbindung wurde hergestellt.",
        "EXPERT_REQUEST_CONTROL": "{} hat die Steuerung angefordert.",
        "EXPERT_GRANTED_CONTROL": "{} wurde die Steuerung erlaubt.",
        "EXPERT_CONTROL_STARTED": "{} steuert den Computer.",
        "EXPERT_CONTROL_ENDED": "{} steuert den Computer nicht mehr.",
        "CONNECTION_ENDED": "Die Remoteunterstützungsverbindung wurde beendet.",
        "INVITATION_CLOSED": "Die Remoteunterstützungseinladung wurde geschlossen.",
    },
}
_BOMS = {"utf-8": (b"", "utf-8"), "utf-8-bom": (codecs.BOM_UTF8, "utf-8"), "utf-16": (codecs.BOM_UTF16_LE, "utf-16-le")}
SESSION = ("INVITATION_OPENED", "CONNECTION_ESTABLISHED", "CONNECTION_ENDED", "INVITATION_CLOSED")


class SessionLog:
    """One log in the making.

    Args:
        host: Whose language, clock and files.
        helper: The helper's name.
    """

    def __init__(self, host: WindowsHost, helper: str = "helpdesk") -> None:
        self._host = host
        self._helper = helper
        self._lines: list[str] = []
        self.started = self._now()

    def _now(self) -> datetime:
        return self._host.clock.now().astimezone(self._host.zone)

    @property
    def name(self) -> str:
        """YYYYMMDDHHMMSS.xml, local time, when the session began."""
        return f"{self.started:%Y%m%d%H%M%S}.xml"

    def note(self, element: str, text: str = "", *, at: datetime | None = None) -> None:
        """Add one element; those that the sample has with an EVENT get one."""
        at, language = at or self._now(), self._host.language
        day, month = _DAYS[language][at.weekday()], _MONTHS[language].split(",")[at.month - 1]
        if language == "de-DE":
            time, date = f"{at:%H:%M}", f"{day}, {at.day}. {month} {at.year}"
        else:
            time = f"{at.hour % 12 or 12}:{at:%M} {'PM' if at.hour >= 12 else 'AM'}"
            date = f"{day}, {month} {at.day:02d}, {at.year}"
        words = _EVENTS[language].get(element)
        event = f" EVENT={quoteattr(words.format(self._helper))}" if words else ""
        head = f"  <{element} TIME={quoteattr(time)} DATE={quoteattr(date)}{event}"
        self._lines.append(f"{head}>{escape(text)}</{element}>" if text else f"{head} />")

    def content(self, *, complete: bool = True) -> bytes:
        """The file as it is; without its end while the session lasts."""
        mark, encoding = _BOMS[str(self._host.quirks["session_log_encoding"])]
        lines = ['<?xml version="1.0" ?>', "<SESSION>", *self._lines, *(["</SESSION>"] if complete else [])]
        return mark + ("\r\n".join(lines) + "\r\n").encode(encoding)

    def typical(self) -> SessionLog:
        """Fill it with what the sample has."""
        self.note("INVITATION_OPENED", at=self.started)
        self.note("INCOMING_IP_ADDRESS", "10.20.30.99", at=self.started)
        self.note("CONNECTION_ESTABLISHED", self._helper, at=self.started)
        for element in ("REQUEST_CONTROL", "GRANTED_CONTROL", "CONTROL_STARTED", "CONTROL_ENDED"):
            self.note(f"EXPERT_{element}", at=self.started)
        self.note("CHAT_MESSAGE", f"{self._helper}: test", at=self.started)
        self.note("CONNECTION_ENDED", at=self.started)
        self.note("INVITATION_CLOSED", at=self.started)
        return self


def documents_of(host: WindowsHost, account: Account) -> str | None:
    """Where a user's Documents are: as the hive says, else in the profile; None on a network share."""
    profile = host.profile_of(account) or f"C:\\Users\\{account.name}"
    path = host.registry.read(f"HKU\\{account.sid}\\{SHELL_FOLDERS}", "Personal")
    path = path if isinstance(path, str) else "%USERPROFILE%\\Documents"
    path = path.replace("%USERPROFILE%", profile).replace("%SystemDrive%", "C:")
    return None if path.startswith("\\\\") else path


def store_log(host: WindowsHost, account: Account, log: SessionLog, *, complete: bool = True) -> None:
    """Write a log where Windows would."""
    documents = documents_of(host, account)
    if documents is not None:
        folder = f"{documents}\\{LOG_FOLDER}"
        host.files.make_directory(folder, account)
        host.files.store(f"{folder}\\{log.name}", log.content(complete=complete), account)


def fill(host: WindowsHost, description: SessionLogDescription, documents: str | None) -> None:
    """Logs that are there from the start; `documents` is the folder of that user's Documents."""
    account = account_of_session(host.accounts, description.user, host.netbios)
    if documents is None:
        return
    folder = f"{documents}\\{description.folder}"
    host.files.make_directory(folder, account)
    for number in range(description.count):
        log = SessionLog(host)
        log.started -= timedelta(days=description.count - number, minutes=number)
        content = description.content if description.content is not None else log.typical().content()
        host.files.store(f"{folder}\\{description.name or log.name}", content, account)


def fill_events(host: WindowsHost, events: tuple[EventDescription, ...]) -> None:
    """Events from before, the oldest first."""
    for item in sorted(events, key=lambda event: -event.seconds_ago):
        moment = host.clock.now() - timedelta(seconds=item.seconds_ago)
        record = len(host.events.events) + 1
        host.events.events.append(Event(record, item.channel, item.id, moment, tuple(item.data)))
