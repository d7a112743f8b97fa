# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Group Policy of simulated hosts, over real WinRM, without Ansible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

from tests.oracles.conftest import samba
from tests.policy.rig import FOREIGN_ENTRIES, Host

__all__ = ["samba"]


@pytest.fixture
def make_hosts(make_pool: Callable[..., Any], connect: Callable[..., WsmanClient]) -> Callable[..., list[Host]]:
    """Starts a pool of equal hosts: how many, and their description as keywords."""

    def make(count: int, **description: Any) -> list[Host]:
        pool = make_pool(*({"name": f"desk-{number:02}", **description} for number in range(1, count + 1)))
        return [Host(sim, connect) for sim in pool.hosts.values()]

    return make


@pytest.fixture
def make_host(make_hosts: Callable[..., list[Host]]) -> Callable[..., Host]:
    """Starts a pool of one host, desk-01; its description as keywords."""
    return lambda **description: make_hosts(1, **description)[0]


@pytest.fixture(params=["windows-11", "server-2022"])
def host(request: pytest.FixtureRequest, make_host: Callable[..., Host]) -> Host:
    """A host that has foreign policy in Registry.pol already, on a client and on a server."""
    return make_host(os=request.param, local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
