# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool spread over processes: for a thousand hosts and more, one Python process is a bottleneck of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .certificates import Authority
from .pool import PoolDescription
from .pool_server import PATIENCE, PoolError
from .worker import Job

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class _Worker:
    """One process and its hosts."""

    def __init__(self, number: int, job: Job) -> None:
        self.number = number
        self.control = ""
        self.hosts = [host.name for host in job.description.hosts]
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(item for item in (root, os.environ.get("PYTHONPATH", "")) if item)
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._job = pickle.dumps(job)

    def send(self) -> None:
        """Give it its job; all processes have been started by now."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `wait` says what became of it
            self._process.stdin.write(self._job)
            self._process.stdin.flush()

    def wait(self) -> None:
        """Wait until its hosts listen.

        Raises:
            PoolError: They do not.
        """
        assert self._process.stdout is not None
        # A process that hangs is ended, which ends its output too.
        alarm = threading.Timer(PATIENCE, self._process.kill)
        alarm.start()
        line = self._process.stdout.readline()
        alarm.cancel()
        told = json.loads(line or "{}")
        if "error" in told:
            raise PoolError(told["error"])
        if "control" not in told:
            raise PoolError(f"worker process {self.number} ended before its hosts listened")
        self.control = told["control"]

    def ended(self) -> str:
        """What is to be said about a process that ended by itself; empty while it runs."""
        code = self._process.poll()
        return "" if code is None else f"worker process {self.number} ended with {code}"

    def ask(self, path: str, body: bytes | None = None, method: str = "GET") -> tuple[int, bytes]:
        """Status and body of the answer of its control address."""
        request = urllib.request.Request(self.control + path, body, method=method)
        try:
            with _direct.open(request, timeout=PATIENCE) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return _answer(502, {"error": self.ended() or f"worker process {self.number} does not answer"})

    def close(self) -> None:
        """Tell it that its time is over."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def join(self) -> None:
        """Wait for its end."""
        try:
            self._process.wait(PATIENCE / 4)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class WorkerPool:
    """The same pool as `Pool` serves, in several processes; hosts can only be looked at over `control`.

    Args:
        description: What the pool is made of.
        count: Number of processes; no more than there are hosts.
    """

    def __init__(self, description: PoolDescription, count: int) -> None:
        self.description = description
        self._count = max(1, min(count, len(description.hosts)))
        self._temporary = tempfile.TemporaryDirectory(prefix="simulated-pool-")
        self.ca = Path(self._temporary.name) / "ca.pem"
        self.control = ""
        self._workers: list[_Worker] = []
        self._of_host: dict[str, _Worker] = {}
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> WorkerPool:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the processes; returns when every host listens.

        Raises:
            PoolError: An address is not free.
        """
        authority = Authority()
        authority.write(self.ca)
        for number in range(self._count):
            folder = Path(self._temporary.name) / str(number)
            folder.mkdir()
            hosts = self.description.hosts[number :: self._count]
            part = dataclasses.replace(self.description, hosts=hosts)
            self._workers.append(_Worker(number, Job(part, authority.pem, folder)))
        for worker in self._workers:
            worker.send()
        for worker in self._workers:
            worker.wait()
            self._of_host.update(dict.fromkeys(worker.hosts, worker))
        self._serve_control()

    def stop(self) -> None:
        """Stop everything; once more does nothing."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for worker in self._workers:
            worker.close()
        for worker in self._workers:
            worker.join()
        self._workers.clear()
        self._temporary.cleanup()

    @property
    def errors(self) -> list[str]:
        """Tracebacks of mistakes in the simulator itself, and processes that are gone."""
        found: list[str] = []
        for worker in self._workers:
            status, body = worker.ask("/errors")
            found += json.loads(body) if status == 200 else [json.loads(body)["error"]]
        return found

    # Control --------------------------------------------------------------------------------------

    def _serve_control(self) -> None:
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def _reply(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                status, body = pool.answer(self.command, self.path, self.rfile.read(size))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _reply

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.control = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="simulated-pool-control", daemon=True).start()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """The answer to a control request: of the process that has the host, or of all together."""
        parts = [part for part in path.partition("?")[0].split("/") if part]
        if method == "GET" and parts == ["hosts"]:
            return _answer(200, sorted(self._of_host))
        if method == "GET" and parts == ["errors"]:
            return _answer(200, self.errors)
        if method == "GET" and parts == ["counters"]:
            return _merged(worker.ask("/counters") for worker in self._workers)
        worker = self._of_host.get(parts[1]) if len(parts) > 1 and parts[0] == "hosts" else None
        if worker is None:
            return _answer(404, {"error": "there is no such host or control address"})
        return worker.ask(path, body if method == "POST" else None, method)


def _answer(status: int, value: Any) -> tuple[int, bytes]:
    return status, json.dumps(value).encode()


def _merged(answers: Iterable[tuple[int, bytes]]) -> tuple[int, bytes]:
    """One mapping of several; the first that is none is the answer."""
    found: dict[str, Any] = {}
    for status, body in answers:
        if status != 200:
            return status, body
        found.update(json.loads(body))
    return _answer(200, found)
