# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool spread over processes: all hosts, one control address, one authority, and nothing left when it ends."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.certificates import Authority
from simulator.pool import PoolDescription, describe, load_pool
from simulator.pool_server import PoolError
from simulator.worker import Job, work
from simulator.workers import WorkerPool
from tests.simulator.wire_rig import HKLM, REGISTRY, SHELL, WMI, T, Wire
from tests.support.pools import ACCOUNTS, _network

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("desk-01", "desk-02", "desk-03")
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def described(count: int = 3) -> PoolDescription:
    network = _network()
    quirks = {"allow_unencrypted": True}
    hosts = [
        {"name": f"desk-{number:02}", "address": f"{network}.{number}", "quirks": quirks}
        for number in range(1, count + 1)
    ]
    return describe({"accounts": [dict(item) for item in ACCOUNTS], "hosts": hosts})


class Address:
    """What `Wire` needs of a pool: the hosts of a `WorkerPool` are in other processes."""

    def __init__(self, pool: WorkerPool) -> None:
        self.ca = pool.ca
        self.hosts = {host.name: host for host in pool.description.hosts}

    def endpoint(self, name: str, *, secure: bool = False) -> str:
        scheme, port = ("https", 5986) if secure else ("http", 5985)
        return f"{scheme}://{self.hosts[name].address}:{port}/wsman"


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(described(), 2) as made:
        yield made


@pytest.fixture
def connect(pool: WorkerPool) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(name: str, **options: Any) -> Wire:
        made.append(Wire(Address(pool), name, **options))
        return made[-1]

    yield make
    for wire in made:
        wire.close()


def ask(pool: WorkerPool, path: str, body: Any = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with _direct.open(urllib.request.Request(pool.control + path, data, method=method), timeout=20) as reply:
        return json.loads(reply.read())


def refusal(pool: WorkerPool, path: str, body: Any = None, method: str | None = None) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(pool, path, body, method)
    with caught.value as error:
        return error.code, json.loads(error.read())["error"]


# A pool that works -------------------------------------------------------------------------------


def test_every_host_answers_with_one_authority(connect: Callable[..., Wire]) -> None:
    for name in NAMES:
        for secure in (False, True):
            reply = connect(name, secure=secure).get(f"{WMI}root/cimv2/Win32_ComputerSystem", Name=name)
            assert (reply.status, reply.text("Name")) == (200, name.upper())


def test_hosts_are_looked_at_over_one_address(pool: WorkerPool, connect: Callable[..., Wire]) -> None:
    assert ask(pool, "/hosts") == list(NAMES)
    connect("desk-02").invoke(REGISTRY, "CreateKey", (("hDefKey", HKLM), ("sSubKeyName", "SOFTWARE\\x")))
    assert [ask(pool, f"/hosts/{name}")["writes"] for name in NAMES] == [[], ["HKLM\\SOFTWARE\\x"], []]
    counters = ask(pool, "/counters")
    assert sorted(counters) == list(NAMES)
    assert counters["desk-02"]["writes"] == 1
    assert ask(pool, "/hosts/desk-02/trace")[-1]["what"] == "CreateKey root/cimv2/StdRegProv"
    assert (ask(pool, "/errors"), pool.errors) == ([], [])


def test_switches_reach_their_host(pool: WorkerPool, connect: Callable[..., Wire]) -> None:
    assert ask(pool, "/hosts/desk-03/faults", {"refuse_login": True}) == {"ok": True}
    statuses = [connect(name).send(f"{T}/Create", SHELL, "<rsp:Shell/>").status for name in NAMES]
    assert statuses == [500, 500, 401]
    assert ask(pool, "/hosts/desk-03/faults") == {"refuse_login": True}
    ask(pool, "/hosts/desk-03/faults", {"clear": True})
    assert ask(pool, "/hosts/desk-03/faults") == {}


@pytest.mark.parametrize(
    ("path", "body", "method", "code", "text"),
    [
        ("/nothing", None, None, 404, "no such host or control address"),
        ("/hosts/desk-99", None, None, 404, "no such host"),
        ("/hosts", {}, None, 404, "no such host or control address"),
        ("/hosts/desk-01/x", None, None, 404, "no such control address"),
        ("/hosts/desk-01/faults", {"x": 1}, None, 400, "no fault switch 'x'"),
        ("/hosts/desk-01/faults", [], None, 400, "a JSON object"),
        ("/hosts/desk-01/clock", {}, None, 400, "advance"),
    ],
)
def test_what_is_not_understood(
    pool: WorkerPool, path: str, body: Any, method: str | None, code: int, text: str
) -> None:
    found, error = refusal(pool, path, body, method)
    assert found == code
    assert text in error


def test_no_more_processes_than_hosts() -> None:
    with WorkerPool(described(1), 8) as made:
        assert len(made._workers) == 1
        assert ask(made, "/hosts") == ["desk-01"]


def test_every_kind_of_description_can_be_handed_on() -> None:
    for path in sorted((ROOT / "simulator/pools").glob("*.yml")):
        description = load_pool(path)
        job = pickle.loads(pickle.dumps(Job(description, (b"", b""), Path())))
        assert job.description.hosts == description.hosts


# Its end -----------------------------------------------------------------------------------------


def gone(process: int) -> bool:
    """Whether a process ends within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def free(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, 5985)) != 0


def test_nothing_is_left() -> None:
    pool = WorkerPool(described(2), 2)
    pool.start()
    processes = [worker._process.pid for worker in pool._workers]
    folder = pool.ca.parent
    assert list(folder.glob("*/ca.pem"))
    begun = time.monotonic()
    pool.stop()
    pool.stop()
    assert time.monotonic() - begun < 10
    assert [gone(process) for process in processes] == [True, True]
    assert not folder.exists()
    assert [free(host.address) for host in pool.description.hosts] == [True, True]


def test_workers_end_with_who_started_them(tmp_path: Path) -> None:
    """Also when that one is killed and can tell nobody."""
    script = (
        "import sys, pickle, time\nfrom simulator.workers import WorkerPool\n"
        "pool = WorkerPool(pickle.load(sys.stdin.buffer), 2)\npool.start()\n"
        "print(*[worker._process.pid for worker in pool._workers], flush=True)\ntime.sleep(60)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert starter.stdin is not None
    assert starter.stdout is not None
    with starter.stdin as stdin:
        stdin.write(pickle.dumps(described(2)))
    with starter.stdout as stdout:
        processes = [int(word) for word in stdout.readline().split()]
        starter.kill()
        starter.wait(20)
    assert len(processes) == 2
    assert all(gone(process) for process in processes)


def test_an_address_that_is_taken() -> None:
    description = described(3)
    with socket.create_server((description.hosts[2].address, 5985)):
        pool = WorkerPool(description, 3)
        with pytest.raises(PoolError, match=r"^desk-03: \S+:5985 is not free"), pool:
            pass
    assert pool._workers == []
    assert not pool.ca.parent.exists()


def test_a_worker_that_is_lost() -> None:
    with WorkerPool(described(2), 2) as pool:
        lost = pool._workers[1]._process
        os.kill(lost.pid, signal.SIGKILL)
        lost.wait(20)
        assert ask(pool, "/hosts/desk-01")["name"] == "desk-01"
        assert refusal(pool, "/hosts/desk-02") == (502, "worker process 1 ended with -9")
        assert refusal(pool, "/counters")[0] == 502
        assert pool.errors == ["worker process 1 ended with -9"]


# One worker, in this process ---------------------------------------------------------------------


def run_worker(description: PoolDescription, folder: Path) -> tuple[int, dict[str, str]]:
    sink = io.StringIO()
    job = Job(description, Authority().pem, folder)
    code = work(io.BytesIO(pickle.dumps(job)), sink)
    return code, json.loads(sink.getvalue())


def test_a_worker_tells_where_its_control_address_is(tmp_path: Path) -> None:
    code, told = run_worker(described(1), tmp_path)
    assert (code, list(told)) == (0, ["control"])
    assert told["control"].startswith("http://127.0.0.1:")


def test_a_worker_tells_why_it_can_not(tmp_path: Path) -> None:
    description = described(1)
    with socket.create_server((description.hosts[0].address, 5986)):
        code, told = run_worker(description, tmp_path)
    assert code == 2
    assert ":5986 is not free" in told["error"]
