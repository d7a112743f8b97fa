# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of every benchmark: winrm over HTTP, NTLM with message encryption, one account."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

import yaml

_FIRST = int(ipaddress.ip_address("127.90.0.1"))  # where `--generate` puts its first host


def write_inventory(folder: Path, addresses: Mapping[str, str], password: str) -> Path:
    """Write ``hosts.yml`` and return its path.

    Args:
        folder: Where it goes.
        addresses: Address of each host.
        password: That of the account svc-ansible.
    """
    variables = {
        "ansible_connection": "winrm",
        "ansible_port": 5985,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "ntlm",
        "ansible_user": "CORP\\svc-ansible",
        "ansible_password": password,
    }
    hosts = {name: {"ansible_host": address} for name, address in addresses.items()}
    path = folder / "hosts.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": variables}}))
    return path


def write_inventory_of_generated(folder: Path, hosts: int) -> Path:
    """The inventory of a pool that ``python -m simulator serve --generate`` serves."""
    addresses = {f"desk-{n:04d}": str(ipaddress.ip_address(_FIRST + n)) for n in range(hosts)}
    return write_inventory(folder, addresses, "Sim-Ansible-1")
