# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One piece of work on many hosts of the inventory, from one task: connections, deadlines, a host's error as data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from .._errors import AssistError, InvalidOption
from .._transport.deadline import DeadlineTransport
from .._transport.many_logins import expect_many_logins
from .._wsman.client import WsmanClient
from .connection import connection_name, open_transport
from .fan_out import FanOut
from .inventory_connections import InventoryConnections
from .once_per_process import expect_many_hosts

T = TypeVar("T")

OPERATION_SECONDS = 15.0


def hosts_of_play(wanted: list[str] | None, task_vars: Mapping[str, Any]) -> list[str]:
    """The hosts that are asked for by name, or all of the play.

    Raises:
        InvalidOption: There are none, or the inventory does not have one of them.
    """
    hosts = list(dict.fromkeys(wanted if wanted is not None else task_vars.get("ansible_play_hosts_all", [])))
    unknown = [host for host in hosts if host not in task_vars["hostvars"]]
    if unknown:
        raise InvalidOption(f"{', '.join(sorted(unknown)[:5])}: not in the inventory.")
    if not hosts:
        raise InvalidOption("there are no hosts to ask: check the inventory, the play's hosts and --limit.")
    return hosts


def check_limits(options: Mapping[str, Any]) -> None:
    """Refuse a ``concurrency`` or ``host_timeout`` that makes no sense.

    Raises:
        InvalidOption: One of them does not.
    """
    if options["concurrency"] < 1 or not 1 <= options["host_timeout"] <= 3600:
        raise InvalidOption("concurrency is at least 1, and host_timeout between 1 and 3600 seconds.")


class ManyHosts(Generic[T]):
    """Works on hosts of the inventory, many at a time.

    Args:
        play_context: The task's play context.
        task: The task.
        hostvars: Ansible's ``hostvars``.
        work: What is done on a host; called in a thread of a child process.
        failed: Makes the outcome of a host that could not be worked on.
        seconds: Time for each host.
    """

    def __init__(
        self,
        play_context: Any,
        task: Any,
        hostvars: Any,
        *,
        work: Callable[[WsmanClient], T],
        failed: Callable[[str, AssistError], T],
        seconds: float,
    ) -> None:
        self._connections = InventoryConnections(play_context, task, hostvars)
        self._work = work
        self._failed = failed
        self._seconds = seconds
        self._opened: dict[str, Any] = {}
        self._errors: dict[str, AssistError] = {}
        self._kerberos = threading.Lock()

    def run(self, hosts: Sequence[str], *, concurrency: int, tick: Callable[[int], None] | None = None) -> Iterator[T]:
        """Work on all hosts.

        Args:
            hosts: The inventory's names.
            concurrency: Hosts worked on at the same time.
            tick: Called with the number of outcomes about once a second and at each outcome.

        Yields:
            Outcomes as they come; that of a host whose process died is missing.
        """
        expect_many_logins()
        expect_many_hosts()
        fan_out: FanOut[T] = FanOut(self._on, prepare=self._prepare, concurrency=concurrency)
        for _host, outcome in fan_out.run(hosts, tick=tick):
            yield outcome

    def _prepare(self, host: str) -> None:
        """Read the host's inventory variables: templating is not thread-safe."""
        try:
            self._opened[host] = self._connections.open(host)
        except AssistError as error:
            self._errors[host] = error

    def _on(self, host: str) -> T:
        try:
            if host in self._errors:
                raise self._errors[host]
            return self._answer(host)
        except AssistError as error:
            return self._failed(host, error)
        except Exception as error:
            # One host's surprise must not lose the answers of all others.
            return self._failed(host, AssistError(f"asking it failed ({type(error).__name__}).", host=host))

    def _answer(self, host: str) -> T:
        connection = self._opened.pop(host)
        transport = self._transport(connection, host)
        try:
            send = DeadlineTransport(transport, self._seconds)
            timeout = min(OPERATION_SECONDS, self._seconds)
            return self._work(WsmanClient(send, host=host, operation_timeout=timeout))
        finally:
            transport.close()

    def _transport(self, connection: Any, host: str) -> Any:
        timeout = min(OPERATION_SECONDS, self._seconds)
        if connection_name(connection) != "winrm":
            return open_transport(connection, host=host, connect_timeout=timeout)
        # The winrm plugin gets Kerberos tickets through KRB5CCNAME, which is one for the whole process.
        with self._kerberos:
            return open_transport(connection, host=host, connect_timeout=timeout)
