# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations of ours on simulated hosts, to be taken back or looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import create_invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationResult

from tests.assistance.conftest import ask, connect

__all__ = ["ask", "connect"]


@pytest.fixture
def invite(connect: Callable[..., Any], ask: Callable[..., Any]) -> Callable[..., InvitationResult]:
    """Has one controller make an invitation."""

    def make(pool: Any, name: str = "desk-01", user: str = "jdoe", **options: Any) -> InvitationResult:
        pool.hosts[name].faults.set("msra_delay", 0.0)
        return create_invitation(connect(pool, name), ask(user, **options))

    return make


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Waits until something is so."""

    def wait(holds: Callable[[], Any], seconds: float = 5.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.01)

    return wait
