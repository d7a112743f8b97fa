# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encryption of invitations: from the password to the connection string, and back.

Sources: MS-RAI product behaviour notes (SHA-1, AES-128, CBC, Unicode password; RC4 and MD5 for the pass
stub), learn.microsoft.com CryptDeriveKey (how a key comes from a hash), and FreeRDP's assistance.c for
the zero initialisation vector and the byte order, confirmed with its published test tickets.

There is no authentication code: that a password is right can only be seen from the plaintext.
"""

from __future__ import annotations

import hashlib
import struct

from .._errors import LibraryMissing

BLOCK = 16
"""Bytes of an AES block (FIPS 197)."""
_KEY_BYTES = 16
_HASH_BLOCK = 64  # bytes of a SHA-1 input block, the length of CryptDeriveKey's two pads
_INNER, _OUTER = 0x36, 0x5C  # learn.microsoft.com CryptDeriveKey, remarks, steps 1 and 3


def _password_bytes(password: str) -> bytes:
    return password.encode("utf-16-le", "surrogatepass")


def require_cryptography() -> None:
    """Refuse early, and in one line, when the library that decrypts is missing.

    Raises:
        LibraryMissing: cryptography can not be imported by the Python that runs Ansible.
    """
    try:
        from cryptography.hazmat.primitives import ciphers  # noqa: F401
    except ImportError:
        raise LibraryMissing(
            "an invitation is checked with the Python package cryptography, which is not installed.",
            hint="Install cryptography for the Python that runs ansible-playbook.",
        ) from None


def derive_key(password: str) -> bytes:
    """The AES-128 key that CryptDeriveKey makes of the SHA-1 of the password."""
    base = hashlib.sha1(_password_bytes(password), usedforsecurity=False).digest()
    padded = base.ljust(_HASH_BLOCK, b"\0")
    halves = (
        hashlib.sha1(bytes(byte ^ pad for byte in padded), usedforsecurity=False).digest() for pad in (_INNER, _OUTER)
    )
    return b"".join(halves)[:_KEY_BYTES]


def decrypt_blocks(ciphertext: bytes, password: str) -> bytes:
    """AES-128-CBC with a zero initialisation vector, padding still on.

    Args:
        ciphertext: A multiple of 16 bytes.
        password: The invitation's password.

    Raises:
        LibraryMissing: See `require_cryptography`.
    """
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(derive_key(password)), modes.CBC(bytes(BLOCK))).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()


def strip_padding(plaintext: bytes) -> bytes | None:
    """Take PKCS #7 padding off; None when there is no valid padding. 1 wrong password in 256 has one."""
    count = plaintext[-1] if plaintext else 0
    if not 1 <= count <= BLOCK or plaintext[-count:] != bytes([count]) * count:
        return None
    return plaintext[:-count]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    output, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        output.append(byte ^ state[(state[i] + state[j]) & 0xFF])
    return bytes(output)


def make_pass_stub_blob(password: str, pass_stub: str) -> bytes:
    """What a helper's computer sends to prove that it knows the password (MS-RAI, expert blob).

    It is stored nowhere and proves nothing about a file: tests compare it with published values.
    """
    key = hashlib.md5(_password_bytes(password), usedforsecurity=False).digest()
    stub = pass_stub.encode("utf-16-le", "surrogatepass")
    return _rc4(key, struct.pack("<I", len(stub)) + stub)
