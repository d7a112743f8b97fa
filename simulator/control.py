# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control address of a pool: what other processes look at and change (JSON over HTTP on 127.0.0.1).

========================================  ==================================================================
``GET /hosts``                            names
``GET /counters``                         counters of every host by name
``GET /errors``                           tracebacks of mistakes in the simulator itself; empty when all is well
``GET /hosts/NAME``                       state: tasks, processes, files, sessions, TCP, writes, events, counters
``GET /hosts/NAME/trace``                 the last HTTP requests: number, operation, status
``GET /hosts/NAME/faults``                the switches that are thrown
``POST /hosts/NAME/faults``               ``{"drop_connection_at": 3}``; ``{"clear": true}`` first undoes all
``POST /hosts/NAME/clock``                ``{"advance": SECONDS}``
``POST /hosts/NAME/logoff``               ``{"session_id": N}``
``POST /hosts/NAME/invitation``           ``{"session_id": N}``: the user makes an invitation
``POST /hosts/NAME/disconnect``           breaks all connections to the host off
``POST /hosts/NAME/restart``              finishes what of features and of the firewall waits for a restart
========================================  ==================================================================
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .windows.host import WindowsHost
from .wire.http import Connection, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from .pool_server import Pool


class ControlError(Exception):
    """A control request is not understood; one line."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Answers control requests of one pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._changes: dict[str, Callable[[WindowsHost, dict[str, Any]], Awaitable[None]]] = {
            "faults": self._set_faults,
            "clock": self._advance,
            "logoff": self._log_off,
            "invitation": self._invite,
            "disconnect": self._disconnect,
            "restart": self._restart,
        }

    async def __call__(self, request: HttpRequest, connection: Connection) -> HttpResponse:
        """Answer one request."""
        parts = tuple(part for part in request.path.partition("?")[0].split("/") if part)
        try:
            if request.method == "GET":
                return answer(self._look(parts))
            if request.method != "POST" or len(parts) != 3 or parts[0] != "hosts" or parts[2] not in self._changes:
                raise ControlError("there is no such control address", 404)
            values = json.loads(request.body or b"{}")
            if not isinstance(values, dict):
                raise ControlError("a JSON object is expected")
            await self._changes[parts[2]](self._host(parts[1]), values)
            return answer({"ok": True})
        except ControlError as error:
            return answer({"error": str(error)}, error.status)
        except (ValueError, KeyError, TypeError) as error:
            return answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def _host(self, name: str) -> WindowsHost:
        host = self._pool.hosts.get(name)
        if host is None:
            raise ControlError(f"there is no host {name}", 404)
        return host

    def _look(self, parts: tuple[str, ...]) -> Any:
        pool = self._pool
        if parts == ("hosts",):
            return sorted(pool.hosts)
        if parts == ("counters",):
            return {name: dict(host.counters) for name, host in pool.hosts.items()}
        if parts == ("errors",):
            return list(pool.errors)
        if len(parts) < 2 or parts[0] != "hosts":
            raise ControlError("there is no such control address", 404)
        host = self._host(parts[1])
        if len(parts) == 2:
            return host.state()
        if parts[2:] == ("trace",):
            return [asdict(item) for item in pool.trace(host.name)]
        if parts[2:] == ("faults",):
            return host.faults.thrown()
        raise ControlError("there is no such control address", 404)

    async def _set_faults(self, host: WindowsHost, values: dict[str, Any]) -> None:
        if values.pop("clear", False):
            host.faults.clear()
        host.faults.update(values)
        await self._pool.settle(host.name)

    async def _advance(self, host: WindowsHost, values: dict[str, Any]) -> None:
        await host.clock.advance_async(float(values["advance"]))

    async def _log_off(self, host: WindowsHost, values: dict[str, Any]) -> None:
        host.log_off(int(values["session_id"]))

    async def _invite(self, host: WindowsHost, values: dict[str, Any]) -> None:
        session = host.session(int(values["session_id"]))
        if session is None:
            raise ControlError(f"{host.name} has no session {values['session_id']}", 404)
        host.msra.start_by_user(session)

    async def _disconnect(self, host: WindowsHost, values: dict[str, Any]) -> None:
        self._pool.break_connections(host.name)

    async def _restart(self, host: WindowsHost, values: dict[str, Any]) -> None:
        host.restart()


def answer(value: Any, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(status, json.dumps(value, default=str).encode(), "application/json")
