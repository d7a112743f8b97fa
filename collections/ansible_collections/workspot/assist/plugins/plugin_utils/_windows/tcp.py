# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process listens on (``MSFT_NetTCPConnection``, Windows 8 and Server 2012 or newer)."""

from __future__ import annotations

from dataclasses import dataclass

from .._wsman.client import WsmanClient

STANDARD_CIMV2 = "root/StandardCimv2"
LISTEN = 2
"""``MSFT_NetTCPConnection.State``, learn.microsoft.com msft-nettcpconnection."""
_ANY = frozenset({"0.0.0.0", "::"})


@dataclass(frozen=True)
class Listener:
    """An address and a port a process listens on; the address without its zone."""

    address: str
    port: int

    def serves(self, address: str, port: int) -> bool:
        """Whether a connection to this address and port arrives here."""
        return self.port == port and (self.address in _ANY or self.address.lower() == address.lower())


def read_listeners(client: WsmanClient, process_id: int) -> list[Listener]:
    """What one process listens on."""
    query = f"SELECT * FROM MSFT_NetTCPConnection WHERE OwningProcess={process_id:d} AND State={LISTEN}"
    found = []
    for row in client.enumerate(STANDARD_CIMV2, query):
        port = row.integer("LocalPort")
        # The host's own filter is not trusted: a provider may ignore a part of the condition.
        if port and row.integer("State") == LISTEN and row.integer("OwningProcess") == process_id:
            found.append(Listener((row.text("LocalAddress") or "").partition("%")[0], port))
    return found
