# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enforcing policy, firewall and feature on many hosts that are as they should be already.

Four plays, each a whole `ansible-playbook` process over NTLM with message encryption, one after the other in one run,
against the same simulated pool in one more process: the one task that the role has; a task that does nothing; the same
work with three modules of other collections; the same work with one win_powershell. The simulated PowerShell of the
last two is free: it answers at once and runs nothing, so they are charged for the controller's work and the wire alone.
The simulator's CPU time is part of all wall times and shown apart.
"""

from __future__ import annotations

import ipaddress
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from . import peers
from .search import BIN, Measured, await_ready, measure

PRESETS = {"policy": {"preset": "helpdesk"}, "firewall": {"preset": "helpdesk"}, "feature": {"state": "present"}}
MOST_TIMES_NOOP = 2.5
LEAST_TIMES_MODULES = 10.0
LEAST_TIMES_SCRIPT = 2.0
RULES = 450
"""Firewall rules of a host in use: apps bring theirs along."""
FORKS = 10
_FIRST = int(ipaddress.ip_address("127.92.0.1"))
_CACHE = Path("build/benchmarks")


@dataclass
class Bench:
    """A pool that serves, and what a play on it costs.

    Attributes:
        folder: For plays and the inventory.
        hosts: How many.
        pool: The simulator's process.
        seconds: What each play took, with the simulator's share of CPU.
    """

    folder: Path
    hosts: int
    pool: subprocess.Popen[str]
    seconds: dict[str, tuple[Measured, float]] = field(default_factory=dict)

    def play(self, name: str, tasks: list[dict[str, Any]], *, repeat: int = 1) -> float:
        """Run a play that many times; the wall seconds of its best run."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        command = [str(BIN / "ansible-playbook"), "-i", str(self.folder / "hosts.yml"), "-f", str(FORKS), str(path)]
        found = []
        for _ in range(repeat):
            before = _cpu(self.pool)
            measured = measure(command, self.folder, {"ANSIBLE_COLLECTIONS_PATH": self._collections()})
            found.append((measured, _cpu(self.pool) - before))
        best = min(found, key=lambda item: item[0].wall)
        self.seconds[name] = best
        print(
            f"  {name:<28} {best[0].wall:6.1f} s wall, CPU {best[0].cpu:6.1f} s Ansible, {best[1]:6.1f} s simulator",
            file=sys.stderr,
        )
        return best[0].wall

    def _collections(self) -> str:
        return f"{Path('collections').resolve()}:{peers.collections(_CACHE).resolve()}"


def _cpu(process: subprocess.Popen[str]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def _describe(folder: Path, hosts: int) -> None:
    """The pool and an inventory of it."""
    addresses = {f"desk-{number:04d}": str(ipaddress.ip_address(_FIRST + number)) for number in range(hosts)}
    described = [
        {"name": name, "address": address, "powershell_free": True, "firewall": {"rule_count": RULES}}
        for name, address in addresses.items()
    ]
    account = {"name": "svc-ansible", "password": "Benchmark-1", "administrator": True}
    (folder / "pool.yml").write_text(yaml.safe_dump({"accounts": [account], "hosts": described}))
    variables = {
        "ansible_connection": "winrm",
        "ansible_port": 5985,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "ntlm",
        "ansible_user": "CORP\\svc-ansible",
        "ansible_password": account["password"],
    }
    inventory = {name: {"ansible_host": address} for name, address in addresses.items()}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": inventory, "vars": variables}}))


def run(hosts: int) -> list[dict[str, Any]]:
    """Measure all plays over that many hosts."""
    peers.collections(_CACHE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _describe(folder, hosts)
        pool = subprocess.Popen(
            [sys.executable, "-m", "simulator", "serve", "--pool", str(folder / "pool.yml")],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            await_ready(pool)
            return _compare(Bench(folder, hosts, pool))
        finally:
            pool.terminate()
            pool.communicate()


def _compare(bench: Bench) -> list[dict[str, Any]]:
    ours = [{"workspot.assist.remote_assistance": PRESETS}]
    bench.play("enforced for the first time", ours)
    mine = bench.play("remote_assistance", ours, repeat=2)
    nothing = bench.play("a task that does nothing", [{"ansible.builtin.debug": {"msg": ""}}], repeat=2)
    script = bench.play("one win_powershell", peers.script_tasks())
    modules = bench.play("three modules", peers.module_tasks())
    hosts = bench.hosts
    return [
        _result(f"enforcing {hosts} converged hosts, times a no-op task", mine / nothing, most=MOST_TIMES_NOOP),
        _result(f"three modules, times as long ({hosts} hosts)", modules / mine, least=LEAST_TIMES_MODULES),
        _result(f"one win_powershell, times as long ({hosts} hosts)", script / mine, least=LEAST_TIMES_SCRIPT),
    ]


def _result(name: str, value: float, *, most: float | None = None, least: float | None = None) -> dict[str, Any]:
    budget = f"<= {most}" if most is not None else f">= {least}"
    met = value <= most if most is not None else value >= (least or 0.0)
    return {"name": name, "value": round(value, 2), "budget": budget, "met": met}
