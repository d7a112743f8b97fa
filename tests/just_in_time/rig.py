# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A locked-down simulated host, and what of it an invitation may not have changed when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.flow import ensure_firewall
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.invitation_flow import create_invitation
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.just_in_time.wishes import Wishes
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.facts import read_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import ensure_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.report import describe_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.request import InvitationResult
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.revoke import (
    RevokeOutcome,
    RevokeRequest,
    revoke_invitation,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user

from simulator.windows.registry import walk
from tests.policy.rig import request as policy_request

RA = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
OWN = "HKLM\\SOFTWARE\\workspot.assist"
HELPERS = ["10.20.0.0/16"]
MAKING_SECONDS = 60 + 2 * 60 + 10
"""The timeout that tests ask for, the guard's margin after it, and a little."""
PACE = 4.0
"""How much faster a controller's patience runs out here than its clock goes."""
HURRIED = Timing(monotonic=lambda: time.monotonic() * PACE, sleep=lambda seconds: time.sleep(seconds / PACE))
ROUND_SECONDS = 5 * 60 + 5
"""One round of the closing task, and a little."""


class Host:
    """One host with its controllers.

    Args:
        sim: The simulator's own object.
        pool: Its pool.
        connect: Makes a client; from conftest.
        ask: Makes a request; from conftest.
    """

    def __init__(self, sim: Any, pool: Any, connect: Callable[..., Any], ask: Callable[..., Any]) -> None:
        self.sim, self.pool = sim, pool
        self._connect, self._ask = connect, ask
        sim.faults.set("msra_delay", 0.0)

    # What a controller does

    def client(self) -> Any:
        """A new controller."""
        return self._connect(self.pool, self.sim.name)

    def request(self, user: str = "jdoe", *, helpers: list[str] | None = None, **options: Any) -> Any:
        """A request that opens just in time; `wishes` are options of the module."""
        wishes = {"just_in_time": True, "helper_addresses": helpers or HELPERS, **options.pop("wishes", {})}
        options.setdefault("timeout", 60.0)
        return self._ask(user, just_in_time=Wishes.of(wishes), **options)

    def invite(self, user: str = "jdoe", **options: Any) -> InvitationResult:
        """An invitation that is opened just in time."""
        return create_invitation(self.client(), self.request(user, **options), timing=HURRIED)

    def revoke(self, user: str = "jdoe") -> RevokeOutcome:
        """Take it back, as another controller."""
        return revoke_invitation(self.client(), RevokeRequest(parse_user(user)), timing=HURRIED)

    def lock_down(self) -> None:
        """The preset locked_down, of policy and firewall."""
        client = self.client()
        ensure_policy(client, policy_request(preset="locked_down"))
        ensure_firewall(client, FirewallRequest.of({"preset": "locked_down"}))

    def info(self) -> dict[str, Any]:
        """What policy_info says."""
        client = self.client()
        with client.shell() as shell:
            return describe_policy(read_policy(client, shell))

    # What is there

    @property
    def live(self) -> dict[str, Any]:
        """The live values of Remote Assistance policy."""
        key = self.sim.registry.find(RA)
        return {} if key is None else {value.name: value.data for value in key.values}

    @property
    def rules(self) -> list[Any]:
        """Firewall rules of ours."""
        return [rule for rule in self.sim.firewall.local_rules.values() if rule.name.startswith("workspot")]

    @property
    def tasks(self) -> list[str]:
        """Tasks of ours, by name."""
        return sorted(task.name for task in self.sim.tasks)

    @property
    def msra(self) -> list[Any]:
        """Processes of Remote Assistance."""
        return [item for item in self.sim.processes if item.name.lower() == "msra.exe"]

    def snapshot(self) -> dict[str, Any]:
        """Everything that has to be the same before and after: registry to the byte, firewall, tasks, files."""
        # Windows writes the history of Group Policy at each of its own refreshes.
        keys = {
            path: {value.name: (value.kind, value.data) for value in key.values}
            for path, key in walk(self.sim.registry.find("HKLM"), "HKLM")
            if "Group Policy\\History" not in path
        }
        return {
            "registry": keys,
            "firewall": dict(self.sim.firewall.local_rules),
            "tasks": self.tasks,
            "files": sorted(self.sim.state()["files"]),
        }

    # Time

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.sim.clock.advance(seconds)

    def wait_for(self, holds: Callable[[], Any], seconds: float = 5.0) -> None:
        """Wait for what tasks of the host do in the background."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.describe()
            time.sleep(0.01)

    def assert_closed(self, before: dict[str, Any]) -> None:
        """Nothing is open, nothing is left, and all is as it was."""
        self.wait_for(lambda: not self.tasks and not self.msra and not self.rules)
        self.wait_for(lambda: self.sim.registry.find(OWN) is None)
        after = self.snapshot()
        changed = {name for name in before if before[name] != after[name]}
        assert not changed, {name: difference(before[name], after[name]) for name in changed}
        assert self.pool.errors == []

    def describe(self) -> dict[str, Any]:
        """For a test that fails."""
        own = self.sim.registry.find(OWN)
        return {
            "tasks": self.tasks,
            "live": self.live,
            "rules": [rule.name for rule in self.rules],
            "msra": len(self.msra),
            "own": [(path, [value.data for value in key.values]) for path, key in walk(own, OWN)] if own else [],
        }


def difference(before: Any, after: Any) -> Any:
    """What differs, for a test that fails."""
    if isinstance(before, dict):
        return {
            key: (before.get(key), after.get(key)) for key in {*before, *after} if before.get(key) != after.get(key)
        }
    return before, after
