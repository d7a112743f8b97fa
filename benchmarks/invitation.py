# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP exchanges of one invitation, as the host counts them: the login's too."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from simulator.pool import PoolDescription, describe
from simulator.pool_server import Pool, environment

from .inventory import write_inventory

BIN = Path(sys.executable).parent
ACCOUNT = {"name": "svc-ansible", "password": "Benchmark-1", "administrator": True}
MOST_ONE_USER = 30
MOST_EXTRA_TWENTY_USERS = 10


def _pool(network: int, sessions: int) -> PoolDescription:
    people = [
        {"id": number, "user": f"CORP\\user{number:02d}", "client": f"C-{number}", "session_name": f"RDP-Tcp#{number}"}
        for number in range(2, sessions + 2)
    ]
    host = {
        "name": "host",
        "address": f"127.91.{network}.1",
        "os": "server-2022" if sessions > 1 else "windows-11",
        "sessions": people,
    }
    return describe({"accounts": [ACCOUNT], "hosts": [host]})


def _exchanges(network: int, sessions: int) -> tuple[int, int]:
    """Requests that the host counted for the invitation alone, and those that waited for msra."""
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"workspot.assist.invitation": {"user": "user02", "password": "Benchmark-Pass-1"}}],
        }
    ]
    with tempfile.TemporaryDirectory() as folder, Pool(_pool(network, sessions)) as pool:
        host = pool.hosts["host"]
        host.faults.set("msra_delay", 0.0)
        inventory = write_inventory(Path(folder), {"host": host.address}, str(ACCOUNT["password"]))
        playbook = Path(folder, "play.yml")
        playbook.write_text(yaml.safe_dump(play))
        subprocess.run(
            [str(BIN / "ansible-playbook"), "-i", str(inventory), str(playbook)],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
            env={**_inherited(), **environment(pool), "HOME": folder},
        )
        return host.counters["requests"], len(host.sessions)


def _inherited() -> dict[str, str]:
    import os

    return {**os.environ, "ANSIBLE_CONFIG": str(Path.cwd() / "ansible.cfg")}


def run() -> list[dict[str, Any]]:
    """Measure a one-user desktop and a session host with twenty users."""
    one, _ = _exchanges(1, 1)
    twenty, _ = _exchanges(2, 20)
    return [
        {
            "name": "HTTP exchanges of an invitation, one-user desktop",
            "value": one,
            "budget": f"<= {MOST_ONE_USER}",
            "met": one <= MOST_ONE_USER,
        },
        {
            "name": "further exchanges on a session host with 20 users",
            "value": twenty - one,
            "budget": f"<= {MOST_EXTRA_TWENTY_USERS}",
            "met": twenty - one <= MOST_EXTRA_TWENTY_USERS,
        },
    ]
