# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking for a user on many hosts: connections, deadlines, progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from ansible.utils.display import Display

from .._assistance.locate import HostLookup, failed_lookup, look_up
from .._assistance.user_name import UserName
from .._errors import AssistError
from .._transport.deadline import DeadlineTransport
from .._transport.ntlm import remember_lm_hashes
from .._wsman.client import WsmanClient
from .connection import connection_name, open_transport
from .fan_out import FanOut
from .inventory_connections import InventoryConnections

display = Display()

PROGRESS_AFTER_SECONDS = 5.0
"""A scan that takes longer says how far it is, this often."""
_OPERATION_SECONDS = 15.0


class PoolSearch:
    """Asks hosts of the inventory for a user's sessions.

    Args:
        play_context: The task's play context.
        task: The task.
        hostvars: Ansible's ``hostvars``.
        seconds: Time for each host.
    """

    def __init__(self, play_context: Any, task: Any, hostvars: Any, *, seconds: float) -> None:
        self._connections = InventoryConnections(play_context, task, hostvars)
        self._seconds = seconds
        self._opened: dict[str, Any] = {}
        self._errors: dict[str, AssistError] = {}
        self._kerberos = threading.Lock()

    def run(self, hosts: Sequence[str], user: UserName, *, concurrency: int) -> list[HostLookup]:
        """Ask all hosts.

        Args:
            hosts: The inventory's names.
            user: Whom to look for.
            concurrency: Hosts asked at the same time.
        """
        remember_lm_hashes()
        lookups: list[HostLookup] = []
        progress = _Progress(len(hosts), lookups)
        fan_out: FanOut[HostLookup] = FanOut(
            lambda host: self._ask(host, user), prepare=self._prepare, concurrency=concurrency
        )
        for _host, lookup in fan_out.run(hosts, tick=progress):
            lookups.append(lookup)
        return lookups

    def _prepare(self, host: str) -> None:
        """Read the host's inventory variables: templating is not thread-safe."""
        try:
            self._opened[host] = self._connections.open(host)
        except AssistError as error:
            self._errors[host] = error

    def _ask(self, host: str, user: UserName) -> HostLookup:
        try:
            if host in self._errors:
                raise self._errors[host]
            return self._answer(host, user)
        except AssistError as error:
            return failed_lookup(host, error)
        except Exception as error:
            # One host's surprise must not lose the answers of all others.
            return failed_lookup(host, AssistError(f"asking it failed ({type(error).__name__}).", host=host))

    def _answer(self, host: str, user: UserName) -> HostLookup:
        connection = self._opened.pop(host)
        transport = self._transport(connection, host)
        try:
            send = DeadlineTransport(transport, self._seconds)
            timeout = min(_OPERATION_SECONDS, self._seconds)
            return look_up(WsmanClient(send, host=host, operation_timeout=timeout), user)
        finally:
            transport.close()

    def _transport(self, connection: Any, host: str) -> Any:
        timeout = min(_OPERATION_SECONDS, self._seconds)
        if connection_name(connection) != "winrm":
            return open_transport(connection, host=host, connect_timeout=timeout)
        # The winrm plugin gets Kerberos tickets through KRB5CCNAME, which is one for the whole process.
        with self._kerberos:
            return open_transport(connection, host=host, connect_timeout=timeout)


class _Progress:
    """Says on the terminal how far a long scan is."""

    def __init__(self, hosts: int, lookups: Sequence[HostLookup]) -> None:
        self._hosts = hosts
        self._lookups = lookups
        self._next = time.monotonic() + PROGRESS_AFTER_SECONDS

    def __call__(self, answered: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_AFTER_SECONDS
        silent = sum(1 for item in self._lookups if item.error)
        found = sum(len(item.sessions) for item in self._lookups)
        display.display(f"locate_user: {answered} of {self._hosts} hosts answered, {silent} with errors, {found} found")
