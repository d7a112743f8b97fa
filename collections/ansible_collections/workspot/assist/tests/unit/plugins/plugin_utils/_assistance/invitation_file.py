# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An invitation as Windows writes it, by other code than the one under test."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def encrypted(text: str, password: str) -> bytes:
    digest = sha1(password.encode("utf-16-le")).digest().ljust(64, b"\0")
    key = b"".join(sha1(bytes(byte ^ mask for byte in digest)).digest() for mask in (0x36, 0x5C))[:16]
    # CryptDeriveKey pads the digest with the mask itself, which is what an xor with zero gives.
    data = text.encode("utf-16-le")
    data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def invitation_file(
    user: str, start: datetime, minutes: int, password: str, port: int = 49501, address: str = "10.0.0.7"
) -> bytes:
    inner = (
        f'<E><A KH="x" ID="abcdef"/><C><T ID="1" SID="0"><L P="{port}" N="{address}"/>'
        f'<L P="{port + 1}" N="fe80::1%3"/></T></C></E>\r\n'
    )
    return (
        '<?xml version="1.0"?><UPLOADINFO TYPE="Escalated"><UPLOADDATA '
        f'USERNAME="{user}" LHTICKET="{encrypted(inner, password).hex().upper()}" RCTICKETENCRYPTED="1" '
        f'DtStart="{int(start.timestamp())}" DtLength="{minutes}" PassStub="fg^2IkiL*z3j4U" L="0"/></UPLOADINFO>'
    ).encode()
