# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remote Assistance invitations (.msrcIncident files, MS-RAI section 6): parse, and open with the password.

Both generations have one element with attributes alone. The first (Windows XP) has a plain connection
string in RCTICKET, and its password is checked between the two computers: nothing in the file can prove
it. The second (Windows Vista and later) has the connection string encrypted in LHTICKET.

Bytes come in from a host or from anyone, and stay hostile until parsed: see `hardened_xml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .._errors import (
    InvitationForbiddenXml,
    InvitationMalformed,
    InvitationNotProtected,
    InvitationNotXml,
    InvitationTampered,
    InvitationTruncated,
    InvitationUnverifiable,
    WrongPassword,
)
from .connection_string import (
    BadConnectionString,
    Connection,
    Endpoint,
    contradicts,
    parse_connection_string_1,
    parse_connection_string_2,
)
from .hardened_xml import Element, XmlIllFormed, XmlRefused, XmlUnfinished, parse_xml
from .ticket_cipher import BLOCK, decrypt_blocks, make_pass_stub_blob, strip_padding

__all__ = [
    "Connection",
    "Endpoint",
    "Invitation",
    "decrypt_connection",
    "make_pass_stub_blob",
    "parse_invitation",
    "plain_connection",
]

MAX_FILE_BYTES = 256 * 1024
"""The largest published invitation, with its certificate inside, has 6 KiB."""
MAX_LIFETIME_MINUTES = 10 * 366 * 24 * 60
"""Policy allows 99 days (MaxTicketExpiry); ten years bound the arithmetic."""
MAX_START = 2**32 - 1
"""DtStart counts seconds from 1970-01-01 UTC (MS-RAI 6); Windows keeps 32 bits of it."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NUMBER = re.compile(r"[0-9]{1,10}")
_QUOTED = re.compile(r'="[^"<]*"')
_NAME = re.compile(r"[A-Za-z]+")
_SCHEMA_NAMES = (
    "USERNAME", "LHTICKET", "RCTICKET", "RCTICKETENCRYPTED", "DtStart", "DtLength", "PassStub", "L",
)  # fmt: skip
_OPENING = "<E>".encode("utf-16-le")


@dataclass(frozen=True)
class Invitation:
    """One invitation file, as far as it can be read without its password.

    Args:
        generation: 1 (Windows XP) or 2 (Windows Vista and later).
        user_name: Who asks for help, as msra.exe wrote it.
        start: When it was made, by the host's clock.
        lifetime: How long msra.exe waits for a helper.
        encrypted: RCTICKETENCRYPTED: whether a password is asked for.
        pass_stub: The text a helper's computer encrypts with the password; empty when there is none.
        ticket: The encrypted connection string; empty in the first generation.
        rc_ticket: The plain connection string; empty when there is none.
    """

    generation: int
    user_name: str
    start: datetime
    lifetime: timedelta
    encrypted: bool
    pass_stub: str = field(repr=False)
    ticket: bytes = field(repr=False)
    rc_ticket: str = field(repr=False)

    @property
    def expires(self) -> datetime:
        """When msra.exe stops waiting, by the host's clock."""
        return self.start + self.lifetime

    @property
    def protected(self) -> bool:
        """Whether a password stands between the file and the session."""
        return self.encrypted or bool(self.ticket)

    def as_data(self) -> dict[str, object]:
        """What may be shown to anyone; times in UTC, ISO 8601."""
        return {
            "generation": self.generation,
            "user_name": self.user_name,
            "created": iso_utc(self.start),
            "expires": iso_utc(self.expires),
            "lifetime_minutes": int(self.lifetime.total_seconds()) // 60,
            "protected": self.protected,
        }


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second, with `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encoding(data: bytes) -> tuple[str, int]:
    """The encoding, and how many bytes of byte order mark it has.

    Whether msra.exe writes UTF-8 or UTF-16 is unverified: every form of the two is read. The file's own
    label is no help, MS-RAI 6 prints `encoding="Unicode"`, which no XML parser knows.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding, len(mark)
    if data[:1] and data[1:2] == b"\0":
        return "utf-16-le", 0
    if data[:1] == b"\0":
        return "utf-16-be", 0
    return "utf-8", 0


def _decoded(data: bytes) -> str:
    if len(data) > MAX_FILE_BYTES:
        raise InvitationForbiddenXml(f"the file is larger than {MAX_FILE_BYTES // 1024} KiB; no invitation is.")
    if any(mark.startswith(data) for mark, _encoding_name in _BOMS):
        raise InvitationTruncated("the file is empty.", hint="Windows has not written it yet, or the copy failed.")
    encoding, skip = _encoding(data)
    body = data[skip:]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        # A last character whose rest is missing is a cut file; anything else is no text at all.
        if error.end == len(body) and ("end of data" in error.reason or "truncated" in error.reason):
            return body[: error.start].decode(encoding)
        raise InvitationNotXml("the file is not text, so it is no invitation.") from None


def _with_missing_blanks(text: str) -> str:
    """Put the blank between two attributes where a first-generation writer left it out.

    A published first-generation ticket has `RCTICKET="..."RCTICKETENCRYPTED="1"`, which is not
    well-formed (XML 1.0, production 40). A blank is inserted in this one place alone: right after an
    attribute's closing quote, where an attribute name of the schema follows. What comes out has to
    pass the strict parser.
    """
    parts, position = [], 0
    for match in _QUOTED.finditer(text):
        parts.append(text[position : match.end()])
        position = match.end()
        name = _NAME.match(text, position)
        if name and (name[0] in _SCHEMA_NAMES or name.end() == len(text)):
            parts.append(" ")
    return "".join([*parts, text[position:]])


def _parsed(text: str) -> Element:
    """The root element; the errors say how the file fails to be one."""
    try:
        try:
            return parse_xml(text)
        except XmlIllFormed as error:
            repaired = _with_missing_blanks(text) if error.invalid_token else text
            if repaired == text:
                raise
            return parse_xml(repaired)
    except XmlRefused as error:
        raise InvitationForbiddenXml(f"the file has {error}, which no invitation needs; it was not read.") from None
    except XmlIllFormed:
        raise InvitationNotXml("the file is not XML, so it is no invitation.") from None
    except XmlUnfinished:
        if text.strip() and not text.lstrip().startswith("<"):
            raise InvitationNotXml("the file is not XML, so it is no invitation.") from None
        raise InvitationTruncated(
            "the invitation ends in its middle.", hint="Windows was still writing it, or the copy was cut."
        ) from None


def _number(attributes: dict[str, str], name: str, least: int, most: int) -> int:
    text = attributes.get(name, "")
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise InvitationMalformed(f"the invitation's {name} is missing or not a number from {least} to {most}.")
    return int(text)


def _flag(attributes: dict[str, str]) -> bool:
    text = attributes.get("RCTICKETENCRYPTED")
    if text not in ("0", "1"):
        raise InvitationMalformed("the invitation's RCTICKETENCRYPTED is missing or neither 0 nor 1.")
    return text == "1"


def _ticket(attributes: dict[str, str]) -> bytes:
    text = attributes["LHTICKET"]
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text) or len(text) // 2 % BLOCK:
        raise InvitationMalformed("the invitation's LHTICKET is not hexadecimal, or not whole 16-byte blocks.")
    return bytes.fromhex(text)


def _attributes(root: Element) -> dict[str, str]:
    elements = [item for item in root.children if item.name == "UPLOADDATA"]
    if root.name != "UPLOADINFO" or len(elements) != 1:
        raise InvitationMalformed("the file is XML, but no Remote Assistance invitation (UPLOADINFO, UPLOADDATA).")
    return elements[0].attributes


def parse_invitation(data: bytes) -> Invitation:
    """Parse an invitation file.

    Attributes may stand in any order, and ones this code does not know are ignored.

    Raises:
        InvitationTruncated: Empty, or it ends too early.
        InvitationNotXml: Not text, or not XML.
        InvitationForbiddenXml: A document type, entities, too deep or too large.
        InvitationMalformed: XML of another kind, or impossible values.
        InvitationNotProtected: No password, and no times either: the kind Offer Remote Assistance uses.
    """
    attributes = _attributes(_parsed(_decoded(data)))
    if "USERNAME" not in attributes or not {"LHTICKET", "RCTICKET"} & attributes.keys():
        raise InvitationMalformed("the invitation names no user, or has no ticket.")
    encrypted = _flag(attributes)
    has_ticket = "LHTICKET" in attributes
    if not encrypted and not has_ticket and "DtStart" not in attributes:
        raise _not_protected()
    if encrypted and not attributes.get("PassStub"):
        raise InvitationMalformed("the invitation asks for a password, and has no PassStub.")
    return Invitation(
        generation=2 if has_ticket else 1,
        user_name=attributes["USERNAME"],
        start=datetime.fromtimestamp(_number(attributes, "DtStart", 0, MAX_START), UTC),
        lifetime=timedelta(minutes=_number(attributes, "DtLength", 1, MAX_LIFETIME_MINUTES)),
        encrypted=encrypted,
        pass_stub=attributes.get("PassStub", ""),
        ticket=_ticket(attributes) if has_ticket else b"",
        rc_ticket=attributes.get("RCTICKET", ""),
    )


def plain_connection(invitation: Invitation) -> Connection | None:
    """The connection string that needs no password; None when there is none.

    Raises:
        InvitationMalformed: There is one, and it is not what MS-RAI 2.2.1 allows.
    """
    if not invitation.rc_ticket:
        return None
    try:
        return parse_connection_string_1(invitation.rc_ticket)
    except BadConnectionString as error:
        raise InvitationMalformed(f"the invitation's RCTICKET can not be right: {error}.") from None


def _not_protected() -> InvitationNotProtected:
    return InvitationNotProtected(
        "the invitation is not protected by a password: whoever has the file can use it.",
        hint="Make a new one with a password.",
    )


def _tampered(why: str) -> InvitationTampered:
    return InvitationTampered(
        f"the password opens the invitation, but its content is not what Windows writes: {why}.",
        hint="The file was changed or damaged after it was made; make a new invitation.",
    )


def decrypt_connection(invitation: Invitation, password: str) -> Connection:
    """Open an invitation with its password, which proves the password and yields the endpoints.

    Valid padding alone proves nothing (1 wrong password in 256 has it): the plaintext has to be strict
    UTF-16, well-formed XML, and a connection string with a session and a listener.

    Raises:
        InvitationNotProtected: It needs no password.
        InvitationUnverifiable: First generation.
        WrongPassword: Nothing readable came out.
        InvitationTampered: The beginning is right, the rest is not, or two parts contradict each other.
    """
    if not invitation.protected:
        raise _not_protected()
    if not invitation.ticket:
        raise InvitationUnverifiable(
            "a first-generation invitation: its password can not be checked from the file alone.",
            hint="Only the host that made it can tell.",
        )
    connection = _connection(decrypt_blocks(invitation.ticket, password))
    plain = plain_connection(invitation)
    if plain is not None and contradicts(connection, plain):
        raise _tampered("its plain and its encrypted part belong to different sessions")
    return connection


def _connection(plaintext: bytes) -> Connection:
    # The start of the text depends on the first block alone, so it tells a wrong password from a
    # damaged ticket: a wrong key yields these three characters once in 2**48.
    opens = plaintext.startswith(_OPENING)
    stripped = strip_padding(plaintext)
    try:
        if stripped is None:
            raise BadConnectionString("its end is damaged")
        return parse_connection_string_2(stripped.decode("utf-16-le"))
    except UnicodeDecodeError:
        why = "it is not text throughout"
    except BadConnectionString as error:
        why = str(error)
    if opens:
        raise _tampered(why)
    raise WrongPassword(
        "the password does not open the invitation.", hint="It is another invitation's password, or mistyped."
    )
