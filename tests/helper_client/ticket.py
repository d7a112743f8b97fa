# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A maker of second-generation invitations, for tests of the helper client alone.

It shares nothing with the collection or the simulator, so that the real client (FreeRDP 2.11) judges
three independent pieces of code. Envelope: MS-RAI section 6; connection string 2: MS-RAI 2.2.2; key:
MS-RAI note <20> and the derivation documented for CryptDeriveKey.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Endpoint = tuple[str, int]

PASS_STUB = "WB^6HsrIaFmEpi"  # any 14 characters will do: MS-RAI note <17>
SESSION_ID = "+ULZ6ifjoCa6cGPMLQiGHRPwkg6VyJqGwxMnO6GcelwUh9a6/FBq3It5ADSndmLL"
KEY_HASH = "BNRjdu97DyczQSRuMRrDWoue+HA="  # base64 of a SHA-1; FreeRDP 2.11 never compares it


def ticket_key(password: str) -> bytes:
    """Returns the AES-128 key of a password, as CryptDeriveKey makes it from a SHA-1 hash."""
    digest = hashlib.sha1(password.encode("utf-16-le")).digest().ljust(64, b"\0")
    halves = (hashlib.sha1(bytes(byte ^ pad for byte in digest)).digest() for pad in (0x36, 0x5C))
    return b"".join(halves)[:16]


def connection_string_2(endpoints: Sequence[Endpoint]) -> str:
    """Returns the text an LHTICKET hides (MS-RAI 2.2.2), with the line end Windows puts behind it."""
    listeners = "".join(f'<L P="{port}" N="{address}"/>' for address, port in endpoints)
    return f'<E><A KH="{KEY_HASH}" ID="{SESSION_ID}"/><C><T ID="1" SID="0">{listeners}</T></C></E>\r\n'


def encrypted_ticket(password: str, text: str) -> str:
    """Returns an LHTICKET: AES-128-CBC with a zero IV over UTF-16LE, in upper-case hexadecimal."""
    padder = padding.PKCS7(128).padder()
    plain = padder.update(text.encode("utf-16-le")) + padder.finalize()
    cipher = Cipher(algorithms.AES(ticket_key(password)), modes.CBC(bytes(16))).encryptor()
    return (cipher.update(plain) + cipher.finalize()).hex().upper()


def make_invitation(
    password: str,
    endpoints: Sequence[Endpoint],
    *,
    user: str = "jdoe",
    pass_stub: str = PASS_STUB,
    minutes: int = 60,
) -> bytes:
    """Returns the bytes of an invitation file that opens with `password`.

    RCTICKET names the same endpoints in the clear, as Windows does unless told to write encrypted
    tickets only: a helper without the password could read them there.
    """
    plain_list = ";".join(f"{address}:{port}" for address, port in endpoints)
    attributes = {
        "USERNAME": user,
        "LHTICKET": encrypted_ticket(password, connection_string_2(endpoints)),
        "RCTICKET": f"65538,1,{plain_list},*,{SESSION_ID},*,*,{KEY_HASH}",
        "PassStub": pass_stub,
        "RCTICKETENCRYPTED": "1",
        "DtStart": str(int(time.time())),
        "DtLength": str(minutes),
        "L": "0",
    }
    data = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    text = f'<?xml version="1.0"?><UPLOADINFO TYPE="Escalated"><UPLOADDATA {data}/></UPLOADINFO>'
    return text.encode()


def expert_proof(password: str, pass_stub: str = PASS_STUB) -> str:
    """Returns what a helper sends to prove the password: PASS of its expert blob (MS-RAI note <17>).

    It is RC4, keyed with the MD5 of the UTF-16LE password, over the stub's length and the stub.
    """
    stub = pass_stub.encode("utf-16-le")
    key = hashlib.md5(password.encode("utf-16-le")).digest()
    return _rc4(key, len(stub).to_bytes(4, "little") + stub).hex().upper()


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    swap = 0
    for index in range(256):
        swap = (swap + state[index] + key[index % len(key)]) & 0xFF
        state[index], state[swap] = state[swap], state[index]
    out = bytearray()
    index = swap = 0
    for byte in data:
        index = (index + 1) & 0xFF
        swap = (swap + state[index]) & 0xFF
        state[index], state[swap] = state[swap], state[index]
        out.append(byte ^ state[(state[index] + state[swap]) & 0xFF])
    return bytes(out)
