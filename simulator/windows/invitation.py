# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The invitation file itself: its XML, its connection strings and its cipher.

Format and cipher: MS-RAI section 6 and note 20; FreeRDP's libfreerdp/common/assistance.c and its published
samples.
"""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
import string
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .sessions import Session

if TYPE_CHECKING:
    from .host import WindowsHost
    from .msra import Invitation

# Addresses of the host that a helper can not reach, as any real ticket has some: a link-local one, whose
# scope means something on the host alone, and one for documentation (RFC 5737). No controller has zone 999: a
# helper that tries it there must fail at once, not hang.
OTHER_ADDRESSES = ("fe80::1c2d:3e4f:5a6b:7c8d%999", "192.0.2.17")


def derive_key(password: str) -> bytes:
    """CryptDeriveKey for AES-128 from SHA-1 (learn.microsoft.com CryptDeriveKey, remarks)."""
    digest = hashlib.sha1(password.encode("utf-16-le")).digest()
    padded = digest + bytes(64 - len(digest))
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded)).digest()
    outer = hashlib.sha1(bytes(byte ^ 0x5C for byte in padded)).digest()
    return (inner + outer)[:16]


def encrypt(text: str, password: str) -> bytes:
    """AES-128-CBC with a zero vector and PKCS#7 over UTF-16LE."""
    data = text.encode("utf-16-le")
    pad = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES(derive_key(password)), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()


def pass_stub() -> str:
    """Fourteen characters in the shape of every known sample."""
    letters = string.ascii_letters + string.digits + "*_"
    choice = secrets.choice
    middle = [
        choice("!@#$&^*()-+="),
        choice(string.digits),
        choice(string.ascii_uppercase),
        choice(string.ascii_lowercase),
    ]
    return choice(letters) + "".join(middle) + "".join(choice(letters) for _ in range(9))


def ticket(host: WindowsHost, session: Session, invitation: Invitation, seconds: int, encrypted_only: bool) -> bytes:
    """The file's bytes.

    DtLength counts minutes in MS-RAI and in a 2024 sample; a 2014 sample fits seconds better (unverified:
    `ticket_lifetime_unit`). The encoding on disk is not known either (unverified: `incident_encoding`).
    """
    seed = random.Random(f"{host.name}{invitation.pid}{host.clock.timestamp()}")
    identity = base64.b64encode(seed.randbytes(48)).decode()
    key_hash = base64.b64encode(hashlib.sha1(seed.randbytes(64)).digest()).decode()
    rows = _rows(host, invitation.port)
    listeners = "".join(f'<L P="{number}" N="{address}"/>' for address, number in rows)
    connection = f'<E><A KH="{key_hash}" ID="{identity}"/><C><T ID="1" SID="0">{listeners}</T></C></E>\r\n'
    plain = ";".join(f"{address}:{number}" for address, number in rows if ":" not in address)
    attributes = {
        "USERNAME": session.account.name,
        "LHTICKET": encrypt(connection, invitation.password).hex().upper(),
        "RCTICKET": f"65538,1,{plain},*,{identity},*,*,{key_hash}",
        "PassStub": invitation.pass_stub,
        "RCTICKETENCRYPTED": "1",
        "DtStart": str(int(host.clock.timestamp())),
        "DtLength": str(seconds if host.quirks["ticket_lifetime_unit"] == "seconds" else seconds // 60),
        "L": "0",
    }
    if encrypted_only:
        del attributes["RCTICKET"]
    data = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    text = f'<?xml version="1.0"?><UPLOADINFO TYPE="Escalated"><UPLOADDATA {data}/></UPLOADINFO>'
    encoding = str(host.quirks["incident_encoding"])
    return text.encode({"utf-8-bom": "utf-8-sig"}.get(encoding, encoding))


def _rows(host: WindowsHost, port: int) -> list[tuple[str, int]]:
    """Listeners in the ticket's order: IPv6 first, as Windows has it in the published samples."""
    others = [(address, port + offset) for offset, address in enumerate(OTHER_ADDRESSES, start=1)]
    return [others[0], (host.address, port), *others[1:]]
