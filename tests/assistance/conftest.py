# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's library, without Ansible, over real WinRM to simulated hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.secret import Secret
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.winrm import WinrmTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from winrm.protocol import Protocol

PASSWORD = "kadum4-rebis7-gotan3"


@pytest.fixture
def connect() -> Iterator[Callable[..., WsmanClient]]:
    """Makes a client of one host of a pool; NTLM with message encryption."""
    from tests.support.pools import SERVICE_PASSWORD

    opened: list[WinrmTransport] = []

    def make(pool: Any, name: str = "desk-01") -> WsmanClient:
        host = pool.hosts[name]
        protocol = Protocol(
            endpoint=f"http://{host.address}:5985/wsman",
            transport="ntlm",
            username="CORP\\svc-ansible",
            password=SERVICE_PASSWORD,
            message_encryption="always",
        )
        opened.append(WinrmTransport(protocol.transport, host=name, connect_timeout=5.0))
        return WsmanClient(opened[-1], host=name)

    yield make
    for transport in opened:
        transport.close()


@pytest.fixture
def ask() -> Callable[..., InvitationRequest]:
    """Makes a request for an invitation."""

    def make(user: str = "jdoe", *, minutes: int = 60, **options: Any) -> InvitationRequest:
        options.setdefault("timeout", 15.0)
        return InvitationRequest(
            user=parse_user(user), password=Secret(PASSWORD), lifetime=timedelta(minutes=minutes), **options
        )

    return make
