# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool spread over processes: for a thousand hosts and more, one Python process is a bottleneck of its own."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import multiprocessing
import signal
import tempfile
import threading
import urllib.error
import urllib.request
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from .certificates import Authority
from .control import answer
from .pool import PoolDescription
from .pool_server import PATIENCE, Pool, PoolError
from .wire.http import Connection, HttpRequest, HttpResponse

_fork = multiprocessing.get_context("fork")
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _work(description: PoolDescription, pem: tuple[bytes, bytes], folder: str, pipe: Pipe) -> None:
    """One worker process: serves its hosts until the pipe is closed, by `stop` or by the parent's death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with Pool(description, folder=Path(folder), authority=Authority(pem)) as pool:
            pipe.send(("ready", pool.control))
            while pipe.poll(None):
                pipe.recv()
    except EOFError:
        return
    except PoolError as error:
        pipe.send(("failed", str(error)))


class WorkerPool:
    """The same pool as `Pool` serves, in several processes; hosts can only be looked at over `control`.

    Start it before the process has threads: the workers are forked.

    Args:
        description: What the pool is made of.
        count: Number of processes.
    """

    def __init__(self, description: PoolDescription, count: int) -> None:
        self.description = description
        self._count = max(1, min(count, len(description.hosts)))
        self._temporary = tempfile.TemporaryDirectory(prefix="simulated-pool-")
        self.ca = Path(self._temporary.name) / "ca.pem"
        self.control = ""
        self._workers: list[tuple[ForkProcess, Pipe]] = []
        self._of_host: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> WorkerPool:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def errors(self) -> list[str]:
        """Tracebacks of mistakes in the simulator itself."""
        return [text for url in sorted(set(self._of_host.values())) for text in _ask(f"{url}/errors")]

    def start(self) -> None:
        """Start the processes; returns when every host listens.

        Raises:
            PoolError: An address is not free.
        """
        authority = Authority()
        parts = [self.description.hosts[number :: self._count] for number in range(self._count)]
        for number, hosts in enumerate(parts):
            ours, theirs = _fork.Pipe()
            folder = Path(self._temporary.name) / str(number)
            folder.mkdir()
            part = dataclasses.replace(self.description, hosts=hosts)
            process = _fork.Process(target=_work, args=(part, authority.pem, str(folder), theirs), daemon=True)
            process.start()
            theirs.close()
            self._workers.append((process, ours))
        for (_, pipe), hosts in zip(self._workers, parts, strict=True):
            self._of_host.update(dict.fromkeys((host.name for host in hosts), _url(pipe)))
        authority.write(self.ca)
        self._serve_control()

    def stop(self) -> None:
        """Stop everything; once more does nothing."""
        for _, pipe in self._workers:
            pipe.close()
        for process, _ in self._workers:
            process.join(10)
            if process.is_alive():
                process.terminate()
                process.join()
        self._workers.clear()
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
            self._thread = None
        self._temporary.cleanup()

    # Control --------------------------------------------------------------------------------------

    def _serve_control(self) -> None:
        ready = threading.Event()

        def serve() -> None:
            loop = self._loop = asyncio.new_event_loop()
            server = loop.run_until_complete(
                loop.create_server(lambda: Connection(self._forward, secure=False, known=set()), "127.0.0.1", 0)
            )
            self.control = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready.set()
            loop.run_forever()
            server.close()
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

        self._thread = threading.Thread(target=serve, name="simulated-pool-control", daemon=True)
        self._thread.start()
        ready.wait(PATIENCE)

    async def _forward(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """Ask the worker of a host, or all of them."""
        return await asyncio.get_running_loop().run_in_executor(None, self._answer, request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        parts = [part for part in request.path.partition("?")[0].split("/") if part]
        if parts == ["hosts"]:
            return answer(sorted(self._of_host))
        workers = sorted(set(self._of_host.values()))
        if parts == ["counters"]:
            return answer({name: found for url in workers for name, found in _ask(f"{url}/counters").items()})
        if parts == ["errors"]:
            return answer(self.errors)
        url = self._of_host.get(parts[1]) if len(parts) > 1 and parts[0] == "hosts" else None
        if url is None:
            return answer({"error": "there is no such host or control address"}, 404)
        return _forwarded(url + request.path, request)


def _url(pipe: Pipe) -> str:
    """The control address of a worker that is ready."""
    try:
        if not pipe.poll(PATIENCE):
            raise PoolError("a worker process did not start in time")
        what, text = pipe.recv()
    except EOFError:
        raise PoolError("a worker process ended before its hosts listened") from None
    if what != "ready":
        raise PoolError(text)
    return str(text)


def _ask(url: str) -> Any:
    with _direct.open(url, timeout=PATIENCE) as reply:
        return json.loads(reply.read())


def _forwarded(url: str, request: HttpRequest) -> HttpResponse:
    body = request.body if request.method == "POST" else None
    try:
        with _direct.open(urllib.request.Request(url, body, method=request.method), timeout=PATIENCE) as reply:
            return HttpResponse(reply.status, reply.read(), "application/json")
    except urllib.error.HTTPError as error:
        with error:
            return HttpResponse(error.code, error.read(), "application/json")
