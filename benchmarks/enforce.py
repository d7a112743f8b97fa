# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enforcing policy, firewall and feature on many hosts that are as they should be already.

Five plays, each a whole `ansible-playbook` process over NTLM with message encryption, one after the other in one run,
against the same simulated pool in one more process: the playbook `enforce` as users run it; the one task that its role
has, on every host; a task that does nothing; the same work with three modules of other collections; the same work with
one win_powershell. The budgets are the playbook's. The simulated PowerShell of the
last two is free: it answers at once and runs nothing, so they are charged for the controller's work and the wire alone.
The simulator's CPU time is part of all wall times and shown apart.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from . import peers
from .inventory import write_inventory
from .policy import ServedPool
from .search import BIN, Measured, measure

PRESETS = {"policy": {"preset": "helpdesk"}, "firewall": {"preset": "helpdesk"}, "feature": {"state": "present"}}
MOST_NOOP = 2.5
LEAST_MODULES = 10.0
LEAST_SCRIPT = 2.0
RULES = 450
"""Firewall rules of a host in use: apps bring theirs along."""
FORKS = 10
_FIRST = int(ipaddress.ip_address("127.92.0.1"))
_CACHE = Path("build/benchmarks")


@dataclass(frozen=True)
class Cost:
    """What one run of a play took.

    Attributes:
        ansible: Wall and CPU seconds of `ansible-playbook` and its children.
        simulator: CPU seconds of the simulated pool.
        exchanges: HTTP requests of all hosts, those of the logins included.
    """

    ansible: Measured
    simulator: float
    exchanges: int

    @property
    def wall(self) -> float:
        """Seconds from start to end."""
        return self.ansible.wall

    @property
    def cpu(self) -> float:
        """CPU seconds of everything: what another load on the machine changes least."""
        return self.ansible.cpu + self.simulator


@dataclass
class Bench:
    """A pool that serves, and what a play on it costs.

    Attributes:
        folder: For plays and the inventory.
        hosts: How many.
        pool: The simulator.
    """

    folder: Path
    hosts: int
    pool: ServedPool

    def play(self, name: str, tasks: list[dict[str, Any]], *, repeat: int = 1) -> Cost:
        """Run a play that many times; its best run."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        return self.playbook(name, str(path), repeat=repeat)

    def playbook(self, name: str, playbook: str, *, repeat: int = 1) -> Cost:
        """Run a playbook that many times; its best run."""
        command = [str(BIN / "ansible-playbook"), "-i", str(self.folder / "hosts.yml"), "-f", str(FORKS), playbook]
        best = min((self._run(command) for _ in range(repeat)), key=lambda cost: cost.wall)
        print(
            f"  {name:<28} {best.wall:6.1f} s wall, CPU {best.ansible.cpu:6.1f} s Ansible, {best.simulator:6.1f} s "
            f"simulator, {best.exchanges / self.hosts:5.1f} exchanges per host, load {os.getloadavg()[0]:.1f}",
            file=sys.stderr,
        )
        return best

    def _run(self, command: list[str]) -> Cost:
        cpu, exchanges = self._cpu(), sum(self.pool.counted("requests").values())
        collections = f"{Path('collections').resolve()}:{peers.collections(_CACHE).resolve()}"
        measured = measure(command, self.folder, {"ANSIBLE_COLLECTIONS_PATH": collections})
        return Cost(measured, self._cpu() - cpu, sum(self.pool.counted("requests").values()) - exchanges)

    def _cpu(self) -> float:
        times = psutil.Process(self.pool.process.pid).cpu_times()
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
    write_inventory(folder, addresses, str(account["password"]))


def run(hosts: int) -> list[dict[str, Any]]:
    """Measure all plays over that many hosts."""
    peers.collections(_CACHE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _describe(folder, hosts)
        pool = ServedPool("--pool", str(folder / "pool.yml"))
        try:
            return _compare(Bench(folder, hosts, pool))
        finally:
            pool.stop()


def _compare(bench: Bench) -> list[dict[str, Any]]:
    ours = [{"workspot.assist.remote_assistance": PRESETS}]
    bench.play("enforced for the first time", ours)
    for host in bench.pool.get("/hosts"):
        bench.pool.post(f"/hosts/{host}/faults", {"deny_writes": True})
    mine = bench.playbook("enforce, converged", "workspot.assist.enforce", repeat=2)
    task = bench.play("remote_assistance", ours, repeat=2)
    writes = sum(bench.pool.counted("denied_writes").values())
    nothing = bench.play("a task that does nothing", [{"ansible.builtin.debug": {"msg": ""}}], repeat=2)
    script = bench.play("one win_powershell", peers.script_tasks(), repeat=2)
    modules = bench.play("three modules", peers.module_tasks())
    if bench.pool.get("/errors"):
        raise RuntimeError("the simulator made a mistake")
    for name, ours_took in (("enforce", mine), ("remote_assistance", task)):
        _say(name, ours_took, {"three modules": modules, "win_powershell": script}, nothing)
    hosts = bench.hosts
    return [
        {"name": f"writes tried on {hosts} converged hosts", "value": writes, "budget": "0", "met": writes == 0},
        _result(f"enforcing {hosts} converged hosts, times a no-op task", mine.wall / nothing.wall, most=MOST_NOOP),
        _result(f"three modules, times as long ({hosts} hosts)", modules.wall / mine.wall, least=LEAST_MODULES),
        _result(f"one win_powershell, times as long ({hosts} hosts)", script.wall / mine.wall, least=LEAST_SCRIPT),
    ]


def _say(name: str, took: Cost, others: dict[str, Cost], nothing: Cost) -> None:
    """Ratios by wall time, and by CPU time, which another load on the machine changes less."""
    wall, cpu = took.wall / nothing.wall, took.cpu / nothing.cpu
    print(f"  {name}, times a no-op task: {wall:.2f} wall, {cpu:.2f} CPU of everything", file=sys.stderr)
    for title, other in others.items():
        wall, cpu = other.wall / took.wall, other.cpu / took.cpu
        print(f"  {title}, times {name}: {wall:.2f} wall, {cpu:.2f} CPU of everything", file=sys.stderr)


def _result(name: str, value: float, *, most: float | None = None, least: float | None = None) -> dict[str, Any]:
    budget = f"<= {most}" if most is not None else f">= {least}"
    met = value <= most if most is not None else value >= (least or 0.0)
    return {"name": name, "value": round(value, 2), "budget": budget, "met": met}
