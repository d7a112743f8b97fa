# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running pool: listeners of every host on loopback, and a control address for tests of other processes.

::

    with Pool.from_file("simulator/pools/demo.yml") as pool:
        pool.hosts["desk-01"].faults.set("drop_connection_at", 3)
        pool.hosts["desk-01"].clock.advance(3600)
        pool.hosts["desk-01"].state()
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import ssl
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from .certificates import Authority, Certificate
from .control import Control
from .pool import PoolDescription, load_pool
from .windows.host import WindowsHost
from .wire.dispatch import Exchange, HostService
from .wire.http import Connection

HTTP_PORT, HTTPS_PORT = 5985, 5986  # WinRM's listeners: learn.microsoft.com, winrm/config/listener
PATIENCE = 120.0  # seconds for anything asked of the pool's own thread
T = TypeVar("T")


class PoolError(Exception):
    """The pool can not be started; one line."""


class Pool:
    """Hosts of a description, served until `stop`.

    Args:
        description: What the pool is made of.
        address_base: Where the hosts go instead of the description's own addresses: the first host gets this
            loopback address, the others those after it. Tests that run side by side use different ones.
        http_port: Port of every host's HTTP listener.
        https_port: Port of every host's HTTPS listener.
        folder: Where the CA certificate goes; a temporary folder by default.
        authority: Signs the HTTPS listeners' certificates; a new one by default.

    Attributes:
        hosts: The hosts by name.
        ca: Path of the certificate authority (PEM) of the HTTPS listeners.
        control: URL of the control address (`simulator.control`).
        errors: Tracebacks of mistakes in the simulator itself; a test can ask that there are none.
    """

    def __init__(
        self,
        description: PoolDescription,
        *,
        address_base: str | None = None,
        http_port: int = HTTP_PORT,
        https_port: int = HTTPS_PORT,
        folder: Path | None = None,
        authority: Authority | None = None,
    ) -> None:
        if address_base is not None:
            description = moved(description, address_base)
        self.description = description
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="simulated-pool-")
        self._folder = folder or Path(str(self._temporary.name if self._temporary else ""))
        self.hosts = {item.name: WindowsHost(item, description) for item in description.hosts}
        self.ca = self._folder / "ca.pem"
        self.control = ""
        self.errors: list[str] = []
        self.ports = (http_port, https_port)
        self._authority = authority
        self._services = {name: HostService(host, self._folder, self.errors) for name, host in self.hosts.items()}
        self._connections: dict[str, set[Connection]] = {name: set() for name in self.hosts}
        self._listeners: dict[str, list[asyncio.Server]] = {name: [] for name in self.hosts}
        self._certificates: dict[str, Certificate] = {}
        self._control_server: asyncio.Server | None = None
        self._switching = asyncio.Lock()
        self._settling: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    @classmethod
    def from_file(cls, path: str | Path, **arguments: Any) -> Pool:
        """A pool from a description file; further arguments as the class takes them."""
        return cls(load_pool(Path(path)), **arguments)

    def __enter__(self) -> Pool:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Life -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Serve in a background thread; returns when every host listens.

        Raises:
            PoolError: An address is not free.
        """
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="simulated-pool", daemon=True)
        self._thread.start()
        ready.wait(PATIENCE)
        if self._failure is not None:
            self._thread.join(PATIENCE)
            self._thread = None
            self._clean_up()
            raise self._failure

    def stop(self) -> None:
        """Stop serving and forget everything; once more does nothing."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
            self._thread = None
        self._clean_up()

    def _clean_up(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the pool's loop and wait for it (two minutes at most)."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def _run(self, ready: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._open())
        except Exception as error:
            self._failure = error
        ready.set()
        if self._failure is None:
            loop.run_forever()
        loop.run_until_complete(self._close())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        authority = self._authority or Authority()
        authority.write(self.ca)
        self._certificates = authority.certificates(
            {name: (host.address, f"{name}.{host.dns}") for name, host in self.hosts.items()}
        )
        for name, host in self.hosts.items():
            host.attach(loop)
            host.faults.changed = lambda switch, name=name: self._switched(name, switch)
            if not host.faults.gone:
                await self._listen(name)
        self._control_server = await loop.create_server(
            lambda: Connection(Control(self), secure=False, known=set()), "127.0.0.1", 0
        )
        self.control = f"http://127.0.0.1:{self._control_server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        for name in self.hosts:
            self._stop_listening(name)
        if self._control_server is not None:
            self._control_server.close()
        for service in self._services.values():
            service.close()
        for host in self.hosts.values():
            await host.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets transports that were aborted close their sockets

    # Listeners ------------------------------------------------------------------------------------

    async def _listen(self, name: str) -> None:
        for port, certificate in zip(self.ports, (None, self._certificates[name]), strict=True):
            await self._listen_at(self.hosts[name], port, certificate)

    async def _listen_at(self, host: WindowsHost, port: int, certificate: Certificate | None) -> None:
        service, known = self._services[host.name], self._connections[host.name]
        context: ssl.SSLContext | None = certificate.context if certificate else None
        digest = certificate.digest if certificate else b""

        def connection() -> Connection:
            return Connection(
                service,
                secure=context is not None,
                known=known,
                idle=lambda: host.faults.idle_close,
                certificate_digest=digest,
            )

        try:
            server = await asyncio.get_running_loop().create_server(
                connection, host.address, port, ssl=context, reuse_address=True
            )
        except OSError as error:
            raise PoolError(
                f"{host.name}: {host.address}:{port} is not free ({error.strerror}). Is another pool running?"
            ) from None
        self._listeners[host.name].append(server)

    def _stop_listening(self, name: str) -> None:
        for server in self._listeners[name]:
            server.close()
        self._listeners[name].clear()
        self.break_connections(name)

    def _switched(self, name: str, switch: str) -> None:
        """A fault switch was thrown, in whatever thread."""
        if switch not in ("down", "vanish_after") or self._loop is None or not self._loop.is_running():
            return
        if threading.current_thread() is self._thread:
            task = self._loop.create_task(self.settle(name))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
        else:
            self.call(self.settle(name))

    async def settle(self, name: str) -> None:
        """Listen, or no more, as the host's fault switches say."""
        async with self._switching:
            if self.hosts[name].faults.gone:
                self._stop_listening(name)
            elif not self._listeners[name]:
                try:
                    await self._listen(name)
                except PoolError as error:
                    self._stop_listening(name)
                    self.errors.append(str(error))

    def break_connections(self, name: str) -> None:
        """Break all connections of a host off; in the pool's own thread."""
        for connection in list(self._connections[name]):
            connection.close()

    def drop_connections(self, name: str) -> None:
        """Break all connections of a host off, from any thread."""

        async def drop() -> None:
            self.break_connections(name)

        self.call(drop())

    # Looks ----------------------------------------------------------------------------------------

    def trace(self, name: str) -> list[Exchange]:
        """The last HTTP requests of a host."""
        return list(self._services[name].trace)

    def endpoint(self, name: str, *, secure: bool = False) -> str:
        """WinRM's URL on a host."""
        scheme, port = ("https", self.ports[1]) if secure else ("http", self.ports[0])
        return f"{scheme}://{self.hosts[name].address}:{port}/wsman"

    def environment(self) -> dict[str, str]:
        """What a command that is run against the pool finds in its environment."""
        return environment(self)


def moved(description: PoolDescription, address_base: str) -> PoolDescription:
    """The same pool on addresses from `address_base` on."""
    first = ipaddress.ip_address(address_base)
    if not first.is_loopback:
        raise PoolError(f"{address_base} is not a loopback address")
    hosts = tuple(
        dataclasses.replace(host, address=str(first + number)) for number, host in enumerate(description.hosts)
    )
    return dataclasses.replace(description, hosts=hosts)


def environment(pool: Any) -> dict[str, str]:
    """What a command that is run against the pool finds in its environment."""
    return {"WORKSPOT_SIMULATOR_CONTROL": pool.control, "WORKSPOT_SIMULATOR_CA": str(pool.ca)}


__all__ = ["HTTPS_PORT", "HTTP_PORT", "Pool", "PoolError", "environment"]
