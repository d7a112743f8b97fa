# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that are locked down by the collection's own presets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.assistance.conftest import ask, connect
from tests.just_in_time.rig import Host
from tests.support.pools import DESKTOP

__all__ = ["ask", "connect"]

SESSIONS = [
    {"id": 2, "user": "CORP\\jdoe", "client": "THIN-2", "session_name": "RDP-Tcp#2"},
    {"id": 3, "user": "CORP\\asmith", "client": "THIN-3", "session_name": "RDP-Tcp#3"},
]


@pytest.fixture
def make_host(make_pool: Callable[..., Any], connect: Any, ask: Any) -> Callable[..., Host]:
    """Starts a pool of one host; its description as keywords, `locked=False` leaves it open."""

    def make(*, locked: bool = True, **description: Any) -> Host:
        pool = make_pool({**DESKTOP, **description})
        host = Host(pool.hosts["desk-01"], pool, connect, ask)
        if locked:
            host.lock_down()
        return host

    return make


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    """A desktop where jdoe works, locked down."""
    return make_host()


@pytest.fixture
def session_host(make_host: Callable[..., Host]) -> Host:
    """A session host where jdoe and asmith work, locked down."""
    return make_host(os="server-2022", sessions=SESSIONS)
