# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy on many hosts: what enforcing it costs, and what finding it enforced costs.

Whole `ansible-playbook` processes with the module `policy` as an ordinary task, against one simulated pool in one more
process. The pool counts HTTP requests, those of the login included, and says whether anything was written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .inventory import write_inventory_of_generated
from .search import BIN, Measured, _play, measure

MOST_EXCHANGES = 16
FORKS = 20
_TASK = {"workspot.assist.policy": {"preset": "helpdesk"}}
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServedPool:
    """A simulated pool in a process of its own, and its control address."""

    def __init__(self, *source: str) -> None:
        command = [sys.executable, "-m", "simulator", "serve", *source]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("control at"):
                self._url = line.split()[2].rstrip(",")
                return
        raise RuntimeError("the simulated pool did not start")

    def get(self, path: str) -> Any:
        with _direct.open(f"{self._url}{path}", timeout=60) as reply:
            return json.load(reply)

    def post(self, path: str, values: Mapping[str, Any]) -> None:
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(values).encode(), method="POST")
        with _direct.open(request, timeout=60):
            pass

    def counted(self, name: str) -> dict[str, int]:
        """One counter of every host."""
        return {host: int(counters.get(name, 0)) for host, counters in self.get("/counters").items()}

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate()


def run(hosts: int) -> list[dict[str, Any]]:
    """Enforce a preset on that many hosts, and then run the same playbook again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        playbook = [str(BIN / "ansible-playbook"), _play(folder, "policy", _TASK), "--forks", str(FORKS)]
        command = [*playbook, "-i", str(write_inventory_of_generated(folder, hosts))]
        pool = ServedPool("--generate", str(hosts))
        try:
            first = measure(command, folder)
            enforced = pool.counted("requests")
            for host in pool.get("/hosts"):
                pool.post(f"/hosts/{host}/faults", {"deny_writes": True})
            second = measure(command, folder)
            checked = {host: total - enforced[host] for host, total in pool.counted("requests").items()}
            writes = sum(pool.counted("denied_writes").values())
            if pool.get("/errors"):
                raise RuntimeError("the simulator made a mistake")
        finally:
            pool.stop()
    _show("enforcing", first, enforced)
    _show("finding it enforced", second, checked)
    return [
        {
            "name": f"HTTP exchanges of a converged host, the most of {hosts}",
            "value": max(checked.values()),
            "budget": f"<= {MOST_EXCHANGES}",
            "met": 0 < max(checked.values()) <= MOST_EXCHANGES,
        },
        {
            "name": f"writes tried on {hosts} converged hosts",
            "value": writes,
            "budget": "0",
            "met": writes == 0,
        },
    ]


def _show(what: str, measured: Measured, requests: Mapping[str, int]) -> None:
    most = max(requests.values())
    print(
        f"  {what:<20} {measured.wall:6.1f} s wall {measured.cpu:6.1f} s CPU, forks {FORKS}, "
        f"{most} HTTP exchanges at most, {sum(requests.values())} in all",
        file=sys.stderr,
    )
