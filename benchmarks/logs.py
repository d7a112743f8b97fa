# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Session logs brought home from many hosts, and a second run that has nothing to bring.

Each is a whole `ansible-playbook` process over NTLM with message encryption, against a simulated pool in one more
process; its CPU time is part of every wall time. Counts are the simulated hosts' own.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from .inventory import write_inventory
from .search import BIN

LOGS = 20
EVENTS = 12
MOST_EXCHANGES = 7
"""Of each host: one to log in, two to look, two for what is new, two for the shell."""
MOST_EXCHANGES_AGAIN = 5
MOST_MEGABYTES = 250
"""The largest process; the same for a tenth of the hosts, or it grows with the pool."""
MOST_GROWTH = 1.25
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_FIRST = int(ipaddress.ip_address("127.94.0.1"))
_EVENTS = (14, 15, 16, 22, 21, 22, 21, 18, 20, 30, 33, 13)


@dataclass(frozen=True)
class Collected:
    """One run: wall seconds, the largest process in megabytes, what the module says, lines of progress."""

    wall: float
    megabytes: float
    result: dict[str, Any]
    progress: int


def run(hosts: int) -> list[dict[str, Any]]:
    """Collect from all hosts, again, and from a tenth of them for comparison."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _pool(folder, hosts) as control:
            few = _collect(folder, "few", limit=max(1, hosts // 10))
            before = _requests(control)
            first = _collect(folder, "all")
            between = _requests(control)
            again = _collect(folder, "all")
            after = _requests(control)
        verified = _collect(folder, "all", assist_logs_state="verified")
    counts, nothing = first.result["summary"], again.result["summary"]
    _tell("first run", first, (between - before) / hosts)
    _tell("second run", again, (after - between) / hosts)
    print(f"  verified {verified.result['originals']} originals in {verified.wall:.1f} s", file=sys.stderr)
    print(f"  lines of progress: {first.progress}; memory with a tenth: {few.megabytes:.0f} MB", file=sys.stderr)
    growth = first.megabytes / few.megabytes
    return [
        _result(
            f"new logs of {hosts} hosts", counts["new_logs"], f"= {hosts * LOGS}", counts["new_logs"] == hosts * LOGS
        ),
        _at_most("requests per host, all logs new", (between - before) / hosts, MOST_EXCHANGES),
        _at_most("requests per host, nothing new", (after - between) / hosts, MOST_EXCHANGES_AGAIN),
        _result("bytes of logs that the second run moves", nothing["bytes"], "= 0", nothing["bytes"] == 0),
        _result("new logs of the second run", nothing["new_logs"], "= 0", nothing["new_logs"] == 0),
        _at_most("memory of the largest process, MB", first.megabytes, MOST_MEGABYTES),
        _at_most(f"that memory, times that for {max(1, hosts // 10)} hosts", growth, MOST_GROWTH),
        _result("lines of progress of the first run", first.progress, ">= 1", first.progress >= 1 or first.wall < 8),
        _result(
            "problems found in the archive", len(verified.result["problems"]), "= 0", not verified.result["problems"]
        ),
    ]


@contextmanager
def _pool(folder: Path, hosts: int) -> Iterator[str]:
    """A pool with logs that serves; its control address."""
    addresses = {f"desk-{number:04d}": str(ipaddress.ip_address(_FIRST + number)) for number in range(hosts)}
    users = [{"name": "svc-ansible", "password": "Benchmark-1", "administrator": True}]
    users += [{"name": name} for name in ("jdoe", "asmith")]
    events = [{"id": number, "data": ["10.20.30.99"], "seconds_ago": 60 * at} for at, number in enumerate(_EVENTS)]
    described = [
        {
            "name": name,
            "address": address,
            "sessions": [{"id": 1, "user": "CORP\\jdoe"}],
            "session_logs": [{"user": "CORP\\jdoe", "count": LOGS // 2}, {"user": "CORP\\asmith", "count": LOGS // 2}],
            "events": events,
        }
        for name, address in addresses.items()
    ]
    (folder / "pool.yml").write_text(yaml.safe_dump({"accounts": users, "hosts": described}))
    write_inventory(folder, addresses, "Benchmark-1")
    command = [sys.executable, "-m", "simulator", "serve", "--pool", str(folder / "pool.yml")]
    pool = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _control(pool)
    finally:
        pool.terminate()
        pool.communicate()


def _control(pool: subprocess.Popen[str]) -> str:
    assert pool.stdout is not None
    for line in pool.stdout:
        if line.startswith("control at"):
            return line.split()[2].rstrip(",")
    raise RuntimeError("the simulated pool did not start")


def _requests(control: str) -> int:
    """HTTP requests that all hosts have had."""
    with _DIRECT.open(f"{control}/counters", timeout=60) as reply:
        return sum(int(counters.get("requests", 0)) for counters in json.load(reply).values())


def _collect(folder: Path, name: str, *, limit: int | None = None, **variables: str) -> Collected:
    """One run of the playbook; its result by a callback that writes all of them."""
    results = folder / "results.jsonl"
    results.unlink(missing_ok=True)
    command = [str(BIN / "ansible-playbook"), "-i", str(folder / "hosts.yml"), "playbooks/collect_logs.yml"]
    command += ["-e", json.dumps({"assist_logs_directory": str(folder / name), **variables})]
    command += ["--limit", f"all[0:{limit - 1}]"] if limit else []
    env = {
        **os.environ,
        "HOME": str(folder),
        "ANSIBLE_CONFIG": str(Path.cwd() / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(Path.cwd() / "tests/support/callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "record_results",
        "TESTS_RECORD_RESULTS": str(results),
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True)
    largest = _Largest(process.pid)
    output, _nothing = process.communicate(timeout=600)
    wall = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(output[-2000:])
    found = [json.loads(line) for line in results.read_text().splitlines()]
    result = next(item["result"] for item in found if item["action"] == "workspot.assist.session_log")
    return Collected(wall, largest.stop(), result, output.count("session_log: "))


class _Largest:
    """The largest resident set of a process or any below it, looked at while they run, in megabytes."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The largest that was seen."""
        self._over.set()
        self._thread.join()
        return self._most / 1024 / 1024

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            try:
                for process in [self._root, *self._root.children(recursive=True)]:
                    self._most = max(self._most, process.memory_info().rss)
            except psutil.Error:
                continue


def _tell(what: str, run: Collected, requests: float) -> None:
    said = f"{run.wall:6.1f} s wall, {run.megabytes:4.0f} MB, {requests:.2f} requests per host"
    print(f"  {what:<11} {said}, {run.result['summary']}", file=sys.stderr)


def _at_most(name: str, value: float, most: float) -> dict[str, Any]:
    return _result(name, round(value, 2), f"<= {most}", value <= most)


def _result(name: str, value: float, budget: str, met: bool) -> dict[str, Any]:
    return {"name": name, "value": value, "budget": budget, "met": met}
