# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's library on simulated hosts over real WinRM, without Ansible."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._transport.winrm import WinrmTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from winrm.protocol import Protocol

from tests.support.pools import SERVICE_PASSWORD


def transport_to(host: Any, *, user: str = "CORP\\svc-ansible", password: str = SERVICE_PASSWORD) -> WinrmTransport:
    """A transport to a simulated host, by NTLM with message encryption; the caller closes it."""
    protocol = Protocol(
        endpoint=f"http://{host.address}:5985/wsman",
        transport="ntlm",
        username=user,
        password=password,
        message_encryption="always",
    )
    return WinrmTransport(protocol.transport, host=host.name, connect_timeout=5.0)


class DirectHost:
    """A simulated host and a way to ask it.

    Args:
        sim: The simulator's own object.
        connect: The fixture of that name.
    """

    def __init__(self, sim: Any, connect: Callable[..., WsmanClient]) -> None:
        self.sim = sim
        self.connect = connect
        self._clients = threading.local()

    @property
    def client(self) -> WsmanClient:
        """A client of this thread, which stays logged in."""
        if not hasattr(self._clients, "client"):
            self._clients.client = self.connect(self.sim)
        client: WsmanClient = self._clients.client
        return client
