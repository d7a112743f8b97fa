# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of the HTTPS listeners, under a certificate authority made for the run."""

from __future__ import annotations

import hashlib
import itertools
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import trustme

_HOSTS_PER_CERTIFICATE = 16
"""Few enough to keep a handshake small, many enough to start a thousand hosts quickly."""


@dataclass(frozen=True)
class Certificate:
    """One certificate: a server's TLS settings, and its SHA-256 for channel bindings (RFC 5929 4.1)."""

    context: ssl.SSLContext
    digest: bytes


class Authority:
    """A certificate authority that lives as long as the pool.

    Args:
        pem: Certificate and key of an authority that exists, to share it between processes.
    """

    def __init__(self, pem: tuple[bytes, bytes] | None = None) -> None:
        self._authority = trustme.CA.from_pem(*pem) if pem else trustme.CA(organization_name="Simulated pool")

    @property
    def pem(self) -> tuple[bytes, bytes]:
        """Certificate and key."""
        return self._authority.cert_pem.bytes(), self._authority.private_key_pem.bytes()

    def write(self, path: Path) -> None:
        """Write the certificate for clients to trust."""
        self._authority.cert_pem.write_to_path(str(path))

    def certificates(self, hosts: Mapping[str, tuple[str, ...]]) -> dict[str, Certificate]:
        """A certificate for every host, good for its name and the other names given; shared by a few hosts."""
        made: dict[str, Certificate] = {}
        for group in _groups(list(hosts)):
            certificate = self._issue([item for name in group for item in (name, *hosts[name])])
            made.update(dict.fromkeys(group, certificate))
        return made

    def _issue(self, names: list[str]) -> Certificate:
        leaf = self._authority.issue_cert(*names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(context)
        der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode("ascii"))
        return Certificate(context, hashlib.sha256(der).digest())


def _groups(names: list[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(names)
    while group := tuple(itertools.islice(rest, _HOSTS_PER_CERTIFICATE)):
        yield group
