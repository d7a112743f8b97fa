# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collecting session logs from many hosts: progress on the terminal, and all outcomes as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._assistance.session_logs.collect import HostCollection, Wanted, collect_host, failed_collection
from .._errors import AssistError
from .log_archive import LogArchive
from .many_hosts import ManyHosts
from .progress import Progress

_LOST = AssistError("there was no answer: the process that asked this host ended.", hint="Repeat.")


class LogCollection:
    """Collects from hosts of the inventory.

    Args:
        play_context: The task's play context.
        task: The task.
        hostvars: Ansible's ``hostvars``.
        archive: Where the logs go.
        wanted: What is asked of each host.
        seconds: Time for each host.
    """

    def __init__(
        self, play_context: Any, task: Any, hostvars: Any, *, archive: LogArchive, wanted: Wanted, seconds: float
    ) -> None:
        # Children write to the archive themselves and hand on counts: no log passes through the parent.
        self._many: ManyHosts[HostCollection] = ManyHosts(
            play_context,
            task,
            hostvars,
            work=lambda client: collect_host(client, archive, wanted),
            failed=failed_collection,
            seconds=seconds,
        )

    def run(self, hosts: Sequence[str], *, concurrency: int) -> list[HostCollection]:
        """Collect from all hosts; outcomes in the order of their names."""
        outcomes: dict[str, HostCollection] = {}
        progress = CollectionProgress(len(hosts), outcomes)
        for outcome in self._many.run(hosts, concurrency=concurrency, tick=progress):
            outcomes[outcome.host] = outcome
        return [outcomes.get(host) or failed_collection(host, _LOST) for host in sorted(hosts)]


class CollectionProgress(Progress):
    """How far a collection is.

    Args:
        hosts: How many there are.
        outcomes: Those that have answered.
    """

    def __init__(self, hosts: int, outcomes: dict[str, HostCollection]) -> None:
        super().__init__()
        self._hosts = hosts
        self._outcomes = outcomes

    def line(self, seconds: float) -> str:
        """How far it is."""
        done = list(self._outcomes.values())
        new, size = sum(item.new for item in done), sum(item.bytes for item in done)
        failed = sum(1 for item in done if item.error)
        left = (self._hosts - len(done)) * seconds / len(done) if done else None
        rest = f", about {left:.0f} s left" if left is not None else ""
        return (
            f"session_log: {len(done)} of {self._hosts} hosts, {new} new logs ({size / 1e6:.1f} MB), "
            f"{failed} with errors{rest}"
        )
