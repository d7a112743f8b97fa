# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking for a user on many hosts: the question, and progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .._assistance.locate import HostLookup, failed_lookup, look_up
from .._assistance.user_name import UserName
from .._windows.sessions import Session
from .many_hosts import ManyHosts
from .progress import Progress

GLANCE_FROM_HOSTS = 20
"""With fewer hosts, a first look at each saves nobody any time."""


class PoolSearch:
    """Asks hosts of the inventory for a user's sessions.

    Of many hosts most do not have the user. One exchange tells so of nearly all of them; only the others are asked
    for their sessions. Where that finds no session that will do, every host is asked for its sessions: nobody is said
    to be nowhere, or to have none but disconnected sessions, without that.

    Args:
        play_context: The task's play context.
        task: The task.
        hostvars: Ansible's ``hostvars``.
        seconds: Time for each host.
    """

    def __init__(self, play_context: Any, task: Any, hostvars: Any, *, seconds: float) -> None:
        self._ansible = (play_context, task, hostvars)
        self._seconds = seconds

    def run(
        self,
        hosts: Sequence[str],
        user: UserName,
        *,
        concurrency: int,
        enough: Callable[[Session], bool],
        thorough: bool = False,
    ) -> list[HostLookup]:
        """Ask all hosts.

        Args:
            hosts: The inventory's names.
            user: Whom to look for.
            concurrency: Hosts asked at the same time.
            enough: Whether a session of the user will do.
            thorough: Whether every host is asked for its sessions in any case.
        """
        glance = not thorough and len(hosts) >= GLANCE_FROM_HOSTS
        lookups = self._ask(hosts, user, concurrency, glance=glance)
        glanced = [lookup for lookup in lookups if lookup.glanced]
        if not glanced or any(enough(session) for lookup in lookups for session in lookup.sessions):
            return lookups
        sent = {lookup.host: lookup.exchanges for lookup in glanced}
        settled = [lookup for lookup in lookups if not lookup.glanced]
        again = self._ask(list(sent), user, concurrency, glance=False, settled=settled)
        answers = [replace(lookup, exchanges=lookup.exchanges + sent[lookup.host]) for lookup in again]
        return [*settled, *answers]

    def _ask(
        self,
        hosts: Sequence[str],
        user: UserName,
        concurrency: int,
        *,
        glance: bool,
        settled: Sequence[HostLookup] = (),
    ) -> list[HostLookup]:
        lookups: list[HostLookup] = []
        many: ManyHosts[HostLookup] = ManyHosts(
            *self._ansible,
            work=lambda client: look_up(client, user, glance=glance),
            failed=failed_lookup,
            seconds=self._seconds,
        )
        for lookup in many.run(hosts, concurrency=concurrency, tick=_Progress(len(hosts), lookups, settled)):
            lookups.append(lookup)
        return lookups


class _Progress(Progress):
    """Counts all hosts: those of a second look, and before them those that were settled by the first."""

    def __init__(self, hosts: int, lookups: Sequence[HostLookup], settled: Sequence[HostLookup]) -> None:
        super().__init__()
        self._hosts = hosts + len(settled)
        self._lookups = lookups
        self._settled = settled

    def line(self, seconds: float) -> str:
        all_of_them = [*self._settled, *self._lookups]
        answered = self.answered + len(self._settled)
        silent = sum(1 for item in all_of_them if item.error)
        found = sum(len(item.sessions) for item in all_of_them)
        return f"locate_user: {answered} of {self._hosts} hosts answered, {silent} with errors, {found} found"
