# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question to many hosts at once, without Ansible's fork per host.

Ansible starts a process for every host of a task; that alone costs more than the question. Here a few
processes (one per core) each ask many hosts in threads: the waiting is done in threads, the cryptography and
XML on all cores.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

T = TypeVar("T")

PROCESS_WORTHWHILE_HOSTS = 60
"""Below this many hosts a second process costs more to start than it saves."""
_WAIT_SECONDS = 1.0
_GARBAGE_OBJECTS = 20_000


class FanOut(Generic[T]):
    """Asks hosts concurrently and yields the outcomes as they come.

    Args:
        ask: The question; called in a thread of a child process with a host's name. It must not raise.
        prepare: Called for each host before the threads start, in the process that will ask it, for what is
            not thread-safe. It must not raise.
        concurrency: Hosts asked at the same time, over all processes.
        processes: Processes to use; by default one per core for a large number of hosts.
    """

    def __init__(
        self,
        ask: Callable[[str], T],
        *,
        prepare: Callable[[str], None] | None = None,
        concurrency: int = 64,
        processes: int | None = None,
    ) -> None:
        self._ask = ask
        self._prepare = prepare
        self._concurrency = max(1, concurrency)
        self._processes = processes

    def run(self, hosts: Sequence[str], *, tick: Callable[[int], None] | None = None) -> Iterator[tuple[str, T]]:
        """Ask every host.

        Args:
            hosts: The hosts' names.
            tick: Called with the number of answers about once a second and at each answer.

        Yields:
            A host and its outcome, in the order of the answers. A child process that dies loses its hosts:
            they are missing, and the caller has to say so.
        """
        # Each process asks one host at least.
        wanted = min(self._processes or (os.cpu_count() or 1), self._concurrency)
        if len(hosts) < PROCESS_WORTHWHILE_HOSTS or wanted < 2:
            yield from self._in_threads(hosts, self._concurrency, tick)
            return
        yield from self._in_processes(hosts, wanted, tick)

    def _in_threads(
        self, hosts: Sequence[str], threads: int, tick: Callable[[int], None] | None
    ) -> Iterator[tuple[str, T]]:
        if self._prepare is not None:
            for host in hosts:
                self._prepare(host)
        with ThreadPoolExecutor(max_workers=min(threads, max(1, len(hosts)))) as pool:
            asked: dict[Future[T], str] = {pool.submit(self._ask, host): host for host in hosts}
            for count, future in enumerate(as_completed(asked), start=1):
                if tick is not None:
                    tick(count)
                yield asked[future], future.result()

    def _in_processes(
        self, hosts: Sequence[str], wanted: int, tick: Callable[[int], None] | None
    ) -> Iterator[tuple[str, T]]:
        # Forked children inherit libraries and the hosts' settings; only outcomes are pickled.
        context = multiprocessing.get_context("fork")
        threads = max(1, self._concurrency // wanted)
        children: list[Any] = []
        readers: list[Connection[Any, Any]] = []
        for part in range(wanted):
            # One pipe for each: a queue's lock, held by a child that dies, would stop the others for ever.
            reader, writer = context.Pipe(duplex=False)
            child = context.Process(target=self._child, args=(hosts[part::wanted], threads, writer), daemon=True)
            child.start()
            # Before the next child could inherit it: the pipe's end has to be the child's end.
            writer.close()
            children.append(child)
            readers.append(reader)
        try:
            yield from _collected(readers, tick)
        finally:
            for child, reader in zip(children, readers, strict=True):
                child.join(timeout=_WAIT_SECONDS)
                if child.is_alive():
                    child.terminate()
                    child.join(timeout=_WAIT_SECONDS)
                reader.close()

    def _child(self, hosts: Sequence[str], threads: int, writer: Connection[Any, Any]) -> None:
        # What the parent had stays as it is; looking through it again and again is a tenth of the time.
        gc.freeze()
        gc.set_threshold(_GARBAGE_OBJECTS)
        for outcome in self._in_threads(hosts, threads, None):
            writer.send(outcome)
        # Not through the interpreter's exit: Ansible's own exit handlers belong to the parent process.
        os._exit(0)


def _collected(
    readers: Sequence[Connection[Any, Any]], tick: Callable[[int], None] | None
) -> Iterator[tuple[str, Any]]:
    """Take outcomes from the children until each has ended, in whatever way."""
    count = 0
    open_ones = list(readers)
    while open_ones:
        ready = connection.wait(open_ones, timeout=_WAIT_SECONDS)
        if not ready and tick is not None:
            tick(count)
        for reader in [item for item in open_ones if item in ready]:
            try:
                outcome = reader.recv()
            except (EOFError, OSError):  # also an outcome that the child began to write and did not finish
                open_ones.remove(reader)
                continue
            count += 1
            if tick is not None:
                tick(count)
            yield outcome
