# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searching many hosts: locate_user against the same lookup as an ordinary Ansible task.

For comparison, without a budget, also with the session list of every host, as the ordinary task reads it.

Both are whole `ansible-playbook` processes over NTLM with message encryption, one after the other in one run,
against the same simulated pool in one more process; its CPU time is part of both and shown apart.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .inventory import write_inventory_of_generated

BIN = Path(sys.executable).parent
LEAST_RATIO = 5.0
MOST_MEGABYTES = 500

_MOST_SECONDS = 1800
"""For one run: three modules on 500 hosts take minutes, and on a busy machine several times as long."""


@dataclass(frozen=True)
class Measured:
    """One process tree: wall seconds, CPU seconds, and the largest process in megabytes."""

    wall: float
    cpu: float
    megabytes: float


def measure(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> Measured:
    """Run a command to its end; further environment variables as `variables`."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    env = {**os.environ, "HOME": str(folder), "ANSIBLE_CONFIG": str(Path.cwd() / "ansible.cfg"), **(variables or {})}
    # Python's own cache of compiled modules belongs to an installed collection.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_MOST_SECONDS, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(time.monotonic() - began, cpu, after.ru_maxrss / 1024)


def _play(folder: Path, name: str, task: dict[str, Any]) -> str:
    path = folder / f"{name}.yml"
    path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
    return str(path)


def run(hosts: int, forks: list[int]) -> list[dict[str, Any]]:
    """Measure both ways over that many hosts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inventory = str(write_inventory_of_generated(folder, hosts))
        playbook = str(BIN / "ansible-playbook")
        ours = _play(folder, "locate", {"workspot.assist.locate_user": {"user": "jdoe"}, "run_once": True})
        whole = {"workspot.assist.locate_user": {"user": "jdoe", "thorough": True}, "run_once": True}
        every = _play(folder, "thorough", whole)
        task = _play(folder, "task", {"workspot.assist.session_info": {"user": "jdoe"}})
        pool = subprocess.Popen(
            [sys.executable, "-m", "simulator", "serve", "--generate", str(hosts)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            await_ready(pool)
            measure([playbook, "-i", inventory, ours], folder)  # warm: compiled modules, credentials
            fast = min((measure([playbook, "-i", inventory, ours], folder) for _ in range(2)), key=lambda m: m.wall)
            thorough = measure([playbook, "-i", inventory, every], folder)
            slow = {
                number: measure([playbook, "-i", inventory, task, "--forks", str(number)], folder) for number in forks
            }
        finally:
            pool.terminate()
            pool.communicate()
    best = min(slow, key=lambda number: slow[number].wall)
    ratio = slow[best].wall / fast.wall
    for number, measured in slow.items():
        print(
            f"  ordinary task, forks {number:<3} {measured.wall:6.1f} s wall {measured.cpu:6.1f} s CPU", file=sys.stderr
        )
    print(f"  locate_user              {fast.wall:6.1f} s wall {fast.cpu:6.1f} s CPU", file=sys.stderr)
    print(f"  locate_user, thorough    {thorough.wall:6.1f} s wall {thorough.cpu:6.1f} s CPU", file=sys.stderr)
    return [
        {
            "name": f"locate_user over {hosts} hosts, times faster (forks {best})",
            "value": round(ratio, 2),
            "budget": f">= {LEAST_RATIO}",
            "met": ratio >= LEAST_RATIO,
        },
        {
            "name": f"memory of its largest process, MB ({hosts} hosts)",
            "value": round(fast.megabytes),
            "budget": f"< {MOST_MEGABYTES}",
            "met": fast.megabytes < MOST_MEGABYTES,
        },
    ]


def await_ready(pool: subprocess.Popen[str]) -> None:
    """Read what the simulator says until it says where its control address is: then all hosts listen."""
    assert pool.stdout is not None
    for line in pool.stdout:
        if line.startswith("control at"):
            return
    raise RuntimeError("the simulated pool did not start")
