# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnoses one simulated host over real WinRM, without Ansible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.diagnose import Diagnosis, diagnose
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.facts import Facts, Question, Target
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.reading import read_all
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.reachability import connect_tcp
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.deadline import DeadlineTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.winrm import WinrmTransport
from winrm.protocol import Protocol

from tests.support.pools import ACCOUNTS, SERVICE_PASSWORD

CLERK_PASSWORD = "Only-A-Simulated-Account-2"
PEOPLE = (*ACCOUNTS, {"name": "clerk", "password": CLERK_PASSWORD})
"""The usual accounts, and one that is no administrator."""
Connect = Callable[[str, int, float], None]


@dataclass(frozen=True)
class Way:
    """How a host is asked.

    Attributes:
        account: Who logs in.
        password: With what.
        scheme: ``http`` or ``https``.
        port: Other than the scheme's own.
        address: Other than the host's own.
        path: Of the listener.
        method: ``ntlm`` or ``basic``.
        ca: File with the authority of its certificate.
        seconds: Time for all of it.
    """

    account: str = "CORP\\svc-ansible"
    password: str = field(default=SERVICE_PASSWORD, repr=False)
    scheme: str = "http"
    port: int = 0
    address: str = ""
    path: str = "wsman"
    method: str = "ntlm"
    ca: Path | None = None
    seconds: float = 30.0

    def target(self, host: Any) -> Target:
        """The target for a host of a pool."""
        port = self.port or {"http": 5985, "https": 5986}[self.scheme]
        return Target(host.name, self.address or host.address, port, self.scheme, self.account, self.method)


def connect_soon(address: str, port: int, seconds: float) -> None:
    """As `connect_tcp`, without patience: what a simulated host lists besides its own address never answers."""
    if address.startswith(("203.0.113.", "169.254.", "192.0.2.", "198.51.100.")):
        raise TimeoutError
    connect_tcp(address, port, seconds)


def ask(
    host: Any,
    way: Way | None = None,
    *,
    user: str | None = "jdoe",
    connect: Connect = connect_soon,
    **question: Any,
) -> tuple[Diagnosis, Facts]:
    """Diagnose a host, with all that was read."""
    way = way or Way()
    target = way.target(host)
    protocol = Protocol(
        endpoint=f"{target.scheme}://{target.address}:{target.port}/{way.path}",
        transport=way.method,
        username=way.account,
        password=way.password,
        message_encryption="always" if way.scheme == "http" else "auto",
        ca_trust_path=str(way.ca) if way.ca else "legacy_requests",
    )
    transport = WinrmTransport(protocol.transport, host=host.name, connect_timeout=5.0)
    try:
        facts = read_all(
            DeadlineTransport(transport, way.seconds),
            Question(parse_user(user) if user else None, **question),
            target,
            connect=connect,
            operation_timeout=way.seconds,
        )
    finally:
        transport.close()
    return diagnose(facts), facts


def changes(host: Any) -> dict[str, Any]:
    """Everything on a host that diagnosis must not touch."""
    state = host.state()
    kept = ("writes", "tasks", "files", "messages", "sessions")
    return {name: state[name] for name in kept} | {"denied_writes": state["counters"].get("denied_writes", 0)}
