# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process listens on (``MSFT_NetTCPConnection``, Windows 8 and Server 2012 or newer)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .._wsman.client import WsmanClient

STANDARD_CIMV2 = "root/StandardCimv2"
LISTEN, ESTABLISHED = 2, 5
"""``MSFT_NetTCPConnection.State``, learn.microsoft.com msft-nettcpconnection."""
ANY_ADDRESSES = frozenset({"0.0.0.0", "::"})
"""A listener on these takes connections to any address of the host."""


@dataclass(frozen=True)
class Listener:
    """An address and a port a process listens on; the address without its zone."""

    address: str
    port: int
    process_id: int = 0

    @property
    def is_ip_address(self) -> bool:
        """Whether the host named an address, and not anything else that somebody could look up."""
        try:
            ipaddress.ip_address(self.address)
        except ValueError:
            return False
        return True

    def serves(self, address: str, port: int) -> bool:
        """Whether a connection to this address and port arrives here."""
        return self.port == port and (self.address in ANY_ADDRESSES or self.address.lower() == address.lower())


@dataclass(frozen=True)
class Connection:
    """One established TCP connection.

    Attributes:
        process_id: Whose it is.
        local_port: Port on the host.
        remote_address: Address of the other side, without its zone.
        since: When it was made, host time; ``None`` when the host does not say.
    """

    process_id: int
    local_port: int
    remote_address: str
    since: datetime | None = None


def read_connections(client: WsmanClient, process_ids: Iterable[int]) -> tuple[list[Listener], list[Connection]]:
    """What some processes listen on, and who is connected to them, in one exchange.

    A connection that such a process made itself, to a port it does not listen on, is left out.
    """
    wanted = sorted(set(process_ids))
    if not wanted:
        return [], []
    owners = " OR ".join(f"OwningProcess={number:d}" for number in wanted)
    rows = client.enumerate(STANDARD_CIMV2, f"SELECT * FROM MSFT_NetTCPConnection WHERE {owners}")
    listeners: list[Listener] = []
    ports: set[tuple[int | None, int | None]] = set()
    for row in rows:
        port = row.integer("LocalPort")
        if port and row.integer("State") == LISTEN and row.integer("OwningProcess") in wanted:
            owner = row.integer("OwningProcess") or 0
            listeners.append(Listener((row.text("LocalAddress") or "").partition("%")[0], port, owner))
            ports.add((row.integer("OwningProcess"), port))
    connections = [
        Connection(
            process_id=row.integer("OwningProcess") or 0,
            local_port=row.integer("LocalPort") or 0,
            remote_address=(row.text("RemoteAddress") or "").partition("%")[0],
            since=row.moment("CreationTime"),
        )
        for row in rows
        if row.integer("State") == ESTABLISHED and (row.integer("OwningProcess"), row.integer("LocalPort")) in ports
    ]
    return listeners, connections


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
