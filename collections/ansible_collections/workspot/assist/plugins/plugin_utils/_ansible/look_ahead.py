# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at many hosts as ``remote_assistance`` in check mode does; and what a later play knows of that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._assistance.host_state import COMPLIANT, HostRequest, ensure_host
from .._errors import AssistError, TransportError
from .._wsman.client import WsmanClient
from .many_hosts import ManyHosts
from .progress import Progress

VARIABLE = "pool_host_looked_ahead"
"""Where the role's look ahead leaves its result, on every host of its play."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)

Result = dict[str, Any]


def error_result(error: AssistError) -> Result:
    """What a module's result would be."""
    mark = "unreachable" if isinstance(error, TransportError) else "failed"
    return {mark: True, "msg": str(error), "error": error.as_data()}


def is_settled(result: Mapping[str, Any]) -> bool:
    """Whether nothing is left to do on a host, for certain."""
    bad = any(result.get(mark) for mark in ("failed", "unreachable", "changed"))
    return not bad and result.get("state") == COMPLIANT


class LookAhead:
    """Looks at hosts of the inventory; writes nothing.

    Args:
        play_context: The task's play context.
        task: The task.
        hostvars: Ansible's ``hostvars``.
        requests: What is wanted, by host.
        seconds: Time for each host.
    """

    def __init__(
        self, play_context: Any, task: Any, hostvars: Any, *, requests: Mapping[str, HostRequest], seconds: float
    ) -> None:
        self._requests = requests
        self._many: ManyHosts[tuple[str, Result]] = ManyHosts(
            play_context,
            task,
            hostvars,
            work=self._look,
            failed=lambda host, error: (host, error_result(error)),
            seconds=seconds,
        )

    def run(self, *, concurrency: int) -> dict[str, Result]:
        """Results by host; that of a host whose process died is missing."""
        results: dict[str, Result] = {}
        hosts = list(self._requests)
        for host, result in self._many.run(hosts, concurrency=concurrency, tick=_Progress(len(hosts), results)):
            results[host] = result
        return results

    def _look(self, client: WsmanClient) -> tuple[str, Result]:
        outcome = ensure_host(client, self._requests[client.host], check=True)
        return client.host, outcome.as_result(client.host, client.exchanges)


class _Progress(Progress):
    def __init__(self, hosts: int, results: Mapping[str, Result]) -> None:
        super().__init__()
        self._hosts = hosts
        self._results = results

    def line(self, seconds: float) -> str:
        settled = sum(1 for result in list(self._results.values()) if is_settled(result))
        return f"drift_info: {self.answered} of {self._hosts} hosts answered, {settled} as they should be"


def looked_ahead(hostvars: Any, host: str) -> Mapping[str, Any]:
    """What the last look ahead at a host's play has left, or nothing."""
    if host not in hostvars:
        return {}
    # Registered, so there is nothing to template in it.
    variables = hostvars.raw_get(host) if hasattr(hostvars, "raw_get") else hostvars[host]
    found = variables.get(VARIABLE)
    usable = isinstance(found, Mapping) and all(name in found for name in ("results", "settled", "others"))
    return found if usable and _can_be_named(hostvars, found["others"]) else {}


def _can_be_named(hostvars: Any, hosts: Iterable[str]) -> bool:
    """Whether each name means that host in a play's pattern, and no other."""
    groups = getattr(getattr(hostvars, "_inventory", None), "groups", {})
    return all(_PLAIN_NAME.fullmatch(str(name)) and name not in groups for name in hosts)


def settled_results(hostvars: Any, hosts: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Results of the hosts that were seen to be as they should be, and so had no turn."""
    results: dict[str, Mapping[str, Any]] = {}
    asked: set[str] = set()
    for host in hosts:
        if host in asked:
            continue
        found = looked_ahead(hostvars, host)
        settled = {name: found["results"][name] for name in found.get("settled", []) if name not in asked}
        # One look is of many hosts, and each of them has the whole of it.
        asked |= {host, *settled, *found.get("others", [])}
        results |= settled
    return {host: results[host] for host in hosts if host in results}
