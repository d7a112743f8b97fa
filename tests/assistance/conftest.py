# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's library, without Ansible, over real WinRM to simulated hosts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.secret import Secret
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

PASSWORD = "kadum4-rebis7-gotan3"


@pytest.fixture
def connect(connect: Callable[..., WsmanClient]) -> Callable[..., WsmanClient]:
    """Makes a client of one host of a pool."""
    return lambda pool, name="desk-01": connect(pool.hosts[name])


@pytest.fixture
def ask() -> Callable[..., InvitationRequest]:
    """Makes a request for an invitation."""

    def make(user: str = "jdoe", *, minutes: int = 60, **options: Any) -> InvitationRequest:
        options.setdefault("timeout", 15.0)
        return InvitationRequest(
            user=parse_user(user), password=Secret(PASSWORD), lifetime=timedelta(minutes=minutes), **options
        )

    return make
