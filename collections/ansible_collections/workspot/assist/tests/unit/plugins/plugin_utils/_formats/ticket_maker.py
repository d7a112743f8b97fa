# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A maker of invitations for tests, written from MS-RAI without a look at the parser; and published samples.

Key derivation is spelled out byte by byte here, so that an error in the parser's would not repeat itself.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

REPOSITORY = Path(__file__).resolve().parents[9]
PASSWORD = "48ZK-maker"


def key_of(password: str) -> bytes:
    digest = hashlib.sha1(password.encode("utf-16-le")).digest()
    first = bytearray([0x36] * 64)
    second = bytearray([0x5C] * 64)
    for index, byte in enumerate(digest):
        first[index] ^= byte
        second[index] ^= byte
    return (hashlib.sha1(bytes(first)).digest() + hashlib.sha1(bytes(second)).digest())[:16]


def encrypt(plaintext: bytes, password: str) -> bytes:
    count = 16 - len(plaintext) % 16
    encryptor = Cipher(algorithms.AES(key_of(password)), modes.CBC(b"\0" * 16)).encryptor()
    return encryptor.update(plaintext + bytes([count] * count)) + encryptor.finalize()


@dataclass(frozen=True)
class Maker:
    """An invitation to be written; change parts with `dataclasses.replace`."""

    user_name: str = "jdoe"
    password: str = PASSWORD
    session_id: str = "c2Vzc2lvbiBvZiB0aGUgdGVzdA=="
    key_hash: str = "a2V5IGhhc2ggb2YgdGhlIHRlc3Q="
    listeners: tuple[tuple[str, str], ...] = (("fe80::1:2%3", "49152"), ("192.0.2.7", "49153"))
    start: str = "1767225600"  # 2026-01-01T00:00:00Z
    minutes: str = "60"
    declaration: str = '<?xml version="1.0"?>'
    plain: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def connection_string(self) -> str:
        lines = "".join(f"<L P={quoteattr(port)} N={quoteattr(name)}/>" for name, port in self.listeners)
        authentication = f"<A KH={quoteattr(self.key_hash)} ID={quoteattr(self.session_id)}/>"
        return f'<E>{authentication}<C><T ID="1" SID="0">{lines}</T></C></E>\r\n'

    def ticket(self) -> bytes:
        return encrypt(self.connection_string.encode("utf-16-le"), self.password)

    def attributes(self) -> dict[str, str]:
        found = {"USERNAME": self.user_name, "LHTICKET": self.ticket().hex().upper()}
        if self.plain is not None:
            found["RCTICKET"] = self.plain
        found |= {"PassStub": "Ab3&xyzwvuTS*_", "RCTICKETENCRYPTED": "1"}
        found |= {"DtStart": self.start, "DtLength": self.minutes, "L": "0"}
        return found | self.extra

    def text(self, attributes: dict[str, str] | None = None) -> str:
        written = " ".join(f"{name}={quoteattr(text)}" for name, text in (attributes or self.attributes()).items())
        return f'{self.declaration}<UPLOADINFO TYPE="Escalated"><UPLOADDATA {written}/></UPLOADINFO>'

    def data(self) -> bytes:
        return self.text().encode()

    def with_plain(self, session_id: str | None = None, key_hash: str | None = None) -> Maker:
        fields = (
            "65538",
            "1",
            "192.0.2.7:49153",
            "*",
            session_id or self.session_id,
            "*",
            "*",
            key_hash or self.key_hash,
        )
        return replace(self, plain=",".join(fields))


FIRST_GENERATION = {
    "USERNAME": "Administrator",
    "RCTICKET": "65538,1,192.0.2.9:3389;oldhost.example:3389,*,c2Vzc2lvbg==,*,*,a2V5IGhhc2g=",
    "RCTICKETENCRYPTED": "1",
    "DtStart": "1160080069",
    "DtLength": "180",
    "PassStub": "o2*5GdBARK_JBB",
    "L": "0",
}


def first_generation(**changes: str) -> bytes:
    return Maker(declaration='<?xml version="1.0" encoding="Unicode" ?>').text(FIRST_GENERATION | changes).encode()


@dataclass(frozen=True)
class Sample:
    """An invitation with what must come out of it."""

    name: str
    data: bytes
    password: str
    user_name: str
    minutes: int
    endpoints: tuple[tuple[str, int], ...]
    pass_stub_blob: str | None = None


PUBLISHED_FOLDER = "shared/vectors"
PUBLISHED_SECOND = "windows-7-generation.msrcincident"
PUBLISHED_FIRST = "windows-xp-generation.msrcincident"


def published(name: str) -> bytes | None:
    """A published sample, from the folder WORKSPOT_VECTORS names or one beside the repository."""
    folder = Path(os.environ.get("WORKSPOT_VECTORS") or REPOSITORY.parent / PUBLISHED_FOLDER)
    path = folder / name
    return path.read_bytes() if path.is_file() else None


def second_generation_samples() -> list[Sample]:
    own = Sample("own", Maker().data(), PASSWORD, "jdoe", 60, (("fe80::1:2%3", 49152), ("192.0.2.7", 49153)))
    data = published(PUBLISHED_SECOND)
    if data is None:
        return [own]
    endpoints = (
        ("fe80::1032:53d9:5a01:909b%3", 49228),
        ("fe80::3d8f:9b2d:6b4e:6aa%6", 49229),
        ("192.168.1.200", 49230),
        ("169.254.6.170", 49231),
    )
    blob = "777dfaae9028124dd02ede8014221b4ad1f4ec138539d733ac767895b2d857d9"
    return [own, Sample("published", data, "48BJQ853X3B4", "awake", 14400, endpoints, blob)]


def first_generation_samples() -> list[Sample]:
    own = Sample(
        "own", first_generation(), "whatever", "Administrator", 180, (("192.0.2.9", 3389), ("oldhost.example", 3389))
    )
    data = published(PUBLISHED_FIRST)
    if data is None:
        return [own]
    endpoints = (("10.0.3.105", 3389), ("winxpsp3.contoso3.com", 3389))
    blob = "3c9cae0bce7ab15c8aac01d676045edf3ffaf092e2de368a2017e68a0ded7c90"
    return [own, Sample("published", data, "Password1", "Administrator", 180, endpoints, blob)]
