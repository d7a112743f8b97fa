# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulated pools for tests, each on loopback addresses of its own, and inventories for them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from simulator.pool import describe
from simulator.pool_server import Pool, PoolError

SERVICE_PASSWORD = "Only-A-Simulated-Account-1"
ACCOUNTS: tuple[dict[str, Any], ...] = (
    {"name": "svc-ansible", "password": SERVICE_PASSWORD, "administrator": True, "upn": "svc-ansible@corp.example"},
    {"name": "jdoe", "upn": "jdoe@corp.example"},
    {"name": "asmith", "upn": "asmith@corp.example"},
)
DESKTOP: dict[str, Any] = {
    "name": "desk-01",
    "sessions": [{"id": 1, "user": "CORP\\jdoe", "client": "LAPTOP-7", "session_name": "RDP-Tcp#3"}],
}
CONNECTIONS: dict[str, dict[str, Any]] = {
    "winrm-ntlm": {
        "ansible_connection": "winrm",
        "ansible_port": 5985,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "ntlm",
    },
    "winrm-basic": {
        "ansible_connection": "winrm",
        "ansible_port": 5986,
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "basic",
    },
    "psrp-ntlm": {
        "ansible_connection": "psrp",
        "ansible_port": 5985,
        "ansible_psrp_protocol": "http",
        "ansible_psrp_auth": "ntlm",
        "ansible_psrp_message_encryption": "always",
    },
    "psrp-basic": {
        "ansible_connection": "psrp",
        "ansible_port": 5986,
        "ansible_psrp_protocol": "https",
        "ansible_psrp_auth": "basic",
    },
}
"""Every way to a host that the tests use: plugin and login."""
_CERTIFICATE = {"winrm": "ansible_winrm_ca_trust_path", "psrp": "ansible_psrp_ca_cert"}
_ATTEMPTS = 20
_numbers = itertools.count(1)


def _network() -> str:
    """A /24 below 127/8 that no other pool of this run, or of another worker, uses."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    number = next(_numbers)
    return f"127.{100 + worker}.{number % 250 + 1}"


def start_pool(
    hosts: Sequence[Mapping[str, Any]] = (DESKTOP,), accounts: Sequence[Mapping[str, Any]] = ACCOUNTS
) -> Pool:
    """A running pool; the caller stops it.

    Args:
        hosts: Hosts as a pool description has them; an address is added.
        accounts: Accounts of the domain CORP.
    """
    for attempt in range(_ATTEMPTS):
        network = _network()
        placed = [{"address": f"{network}.{number}", **host} for number, host in enumerate(hosts, start=1)]
        pool = Pool(describe({"accounts": [dict(item) for item in accounts], "hosts": placed}))
        try:
            pool.start()
        except PoolError as error:
            # Tests of somebody else on this machine may have a pool there.
            if "is not free" not in str(error) or attempt == _ATTEMPTS - 1:
                raise
        else:
            break
    return pool


def inventory_data(
    pool: Pool,
    connection: str = "winrm",
    auth: str = "ntlm",
    *,
    user: str = "CORP\\svc-ansible",
    password: str = SERVICE_PASSWORD,
    **variables: Any,
) -> dict[str, Any]:
    """An inventory of all hosts of a pool, as data."""
    way = dict(CONNECTIONS[f"{connection}-{auth}"])
    if auth == "basic":
        way[_CERTIFICATE[connection]] = str(pool.ca)
    common = {"ansible_user": user, "ansible_password": password, **way, **variables}
    hosts = {name: {"ansible_host": host.address} for name, host in pool.hosts.items()}
    return {"all": {"hosts": hosts, "vars": common}}


def write_inventory(folder: Path, data: Mapping[str, Any]) -> Path:
    """An inventory file."""
    path = folder / f"inventory-{next(_numbers)}.yml"
    path.write_text(yaml.safe_dump(dict(data), sort_keys=False))
    return path
