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
import contextlib
import ipaddress
import json
import os
import ssl
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import trustme

from .pool import PoolDescription, load_pool
from .windows.host import WindowsHost
from .wire.dispatch import HostService
from .wire.http import Connection, Drop, HttpRequest, HttpResponse

HTTP_PORT, HTTPS_PORT = 5985, 5986
T = TypeVar("T")


class PoolError(Exception):
    """The pool can not be started; one line."""


class Pool:
    """Hosts of a description, served until `stop`.

    Args:
        description: What the pool is made of.
        folder: Where the CA certificate goes; a temporary folder by default.

    Attributes:
        hosts: The hosts by name.
        ca: Path of the certificate authority (PEM) of the HTTPS listeners.
        control: URL of the control address.
    """

    def __init__(self, description: PoolDescription, *, folder: Path | None = None) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="simulated-pool-")
        self._folder = folder or Path(str(self._temporary.name if self._temporary else ""))
        self.hosts = {item.name: WindowsHost(item, description) for item in description.hosts}
        self.ca = self._folder / "ca.pem"
        self.control = ""
        self._services = {name: HostService(host) for name, host in self.hosts.items()}
        self._connections: dict[str, set[Connection]] = {name: set() for name in self.hosts}
        self._servers: list[asyncio.Server] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def from_file(cls, path: str | Path, **arguments: Any) -> Pool:
        """A pool from a description file."""
        return cls(load_pool(Path(path)), **arguments)

    def __enter__(self) -> Pool:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in a background thread; returns when every host listens."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="simulated-pool", daemon=True)
        self._failure: Exception | None = None
        self._thread.start()
        ready.wait(120)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop serving and forget everything."""
        if self._loop is not None and self._thread is not None:
            self.call(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._thread = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the pool's loop and wait for it (two minutes at most)."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def _run(self, ready: threading.Event) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._open())
        except Exception as error:
            self._failure = error
            return
        finally:
            ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _open(self) -> None:
        assert self._loop is not None
        context = self._tls()
        for name, host in self.hosts.items():
            host.attach(self._loop)
            if not host.faults.down:
                await self._listen(name, host, HTTP_PORT, None)
                await self._listen(name, host, HTTPS_PORT, context)
        server = await self._loop.create_server(
            lambda: Connection(self._control, secure=False, known=set()), "127.0.0.1", 0
        )
        self._servers.append(server)
        self.control = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _listen(self, name: str, host: WindowsHost, port: int, context: ssl.SSLContext | None) -> None:
        assert self._loop is not None
        service, known = self._services[name], self._connections[name]
        try:
            server = await self._loop.create_server(
                lambda: Connection(service, secure=context is not None, known=known),
                host.address,
                port,
                ssl=context,
                reuse_address=True,
            )
        except OSError as error:
            raise PoolError(
                f"{name}: {host.address}:{port} is not free ({error.strerror}). Is another pool running?"
            ) from None
        self._servers.append(server)

    def _tls(self) -> ssl.SSLContext:
        authority = trustme.CA(organization_name="Simulated pool")
        authority.cert_pem.write_to_path(str(self.ca))
        addresses = [host.address for host in self.hosts.values()]
        names = [str(ipaddress.ip_address(address)) for address in addresses] + list(self.hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for connections in self._connections.values():
            for connection in list(connections):
                connection.close()
        for service in self._services.values():
            service.close()
        for host in self.hosts.values():
            await host.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _control(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """GET /hosts, GET /hosts/NAME, POST /hosts/NAME/faults|clock|logoff with a JSON object."""
        parts = [part for part in request.path.split("/") if part]
        if parts == ["hosts"]:
            return _json(sorted(self.hosts))
        if len(parts) < 2 or parts[0] != "hosts" or parts[1] not in self.hosts:
            return _json({"error": "not found"}, 404)
        host = self.hosts[parts[1]]
        if len(parts) == 2:
            return _json(host.state())
        try:
            values = json.loads(request.body or b"{}")
            if parts[2] == "faults":
                for name, value in values.items():
                    host.faults.set(name, value)
            elif parts[2] == "clock":
                await host.clock.advance_async(float(values["advance"]))
            elif parts[2] == "logoff":
                host.log_off(int(values["session_id"]))
            else:
                return _json({"error": "not found"}, 404)
        except (ValueError, KeyError, TypeError) as error:
            return _json({"error": str(error)}, 400)
        return _json({"ok": True})

    def drop_connections(self, name: str) -> None:
        """Break all connections of a host off."""

        async def drop() -> None:
            for connection in list(self._connections[name]):
                connection.close()

        self.call(drop())


def _json(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(value, default=str).encode(), "application/json")


__all__ = ["Drop", "Pool", "PoolError"]


def environment(pool: Pool) -> dict[str, str]:
    """What a command run against the pool finds in its environment."""
    with contextlib.suppress(KeyError):
        os.environ.pop("NTLM_USER_FILE")
    return {"WORKSPOT_SIMULATOR_CONTROL": pool.control, "WORKSPOT_SIMULATOR_CA": str(pool.ca)}
