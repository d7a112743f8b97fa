# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool that the enforcement playbook runs on, and what such a run said and did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.firewall.desired import FirewallRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.host_state import HostRequest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import PolicyRequest

from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import inventory_data, write_inventory

RA = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
SUM_UP = "Say how many hosts are as they should be"
LINES = "Say which hosts are not as they should be"
POLICY_OPTIONS = {"scope": "local_group_policy", "on_domain_conflict": "fail"}


def helpdesk(**firewall: Any) -> HostRequest:
    """What the role asks for by default."""
    return HostRequest(
        policy=PolicyRequest.of({"preset": "helpdesk", **POLICY_OPTIONS}),
        firewall=FirewallRequest.of({"preset": "helpdesk", **firewall}),
        feature="present",
    )


class Enforced:
    """An ended run of the playbook.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.code = run.returncode

    @property
    def outcomes(self) -> dict[str, dict[str, Any]]:
        """The module's result on each host; that of the look ahead for hosts that had no turn."""
        return {**self.settled, **self.turns}

    @property
    def turns(self) -> dict[str, dict[str, Any]]:
        """Results of the hosts that Ansible gave a turn."""
        return {item.host: item.result for item in self.run.results if item.action.endswith("remote_assistance")}

    @property
    def settled(self) -> dict[str, dict[str, Any]]:
        """Results of the hosts that the look ahead found to be as they should be."""
        looks = [item.result for item in self.run.results if item.action.endswith("drift_info")]
        return {host: look["results"][host] for look in looks for host in look.get("settled", [])}

    @property
    def states(self) -> dict[str, str]:
        """The state of each host that had its turn."""
        return {
            host: "unreachable" if result.get("unreachable") else result.get("state", "failed")
            for host, result in self.outcomes.items()
        }

    @property
    def text(self) -> str:
        """The last line: how many hosts are in which state."""
        (said,) = [item.result["msg"] for item in self.run.results if item.task == SUM_UP]
        return str(said)

    @property
    def lines(self) -> list[str]:
        """One line for each host that is not as it should be."""
        return [line for item in self.run.results if item.task == LINES for line in item.result.get("msg", [])]


class Fleet:
    """A simulated pool under the playbook.

    Args:
        pool: The pool.
        folder: For inventories.
        runner: Runs playbooks.
    """

    def __init__(self, pool: Any, folder: Path, runner: PlaybookRunner) -> None:
        self.pool = pool
        self.hosts: Mapping[str, Any] = pool.hosts
        self.runner = runner
        self.folder = folder
        self.data = inventory_data(pool)

    def variables(self, host: str) -> dict[str, Any]:
        """A host's own variables in the inventory, to be changed before a run."""
        found: dict[str, Any] = self.data["all"]["hosts"][host]
        return found

    def enforce(self, *arguments: str, playbook: Any = "enforce", **extra: Any) -> Enforced:
        """Run the playbook; further keywords are extra variables."""
        inventory = write_inventory(self.folder, self.data)
        return Enforced(self.runner(playbook, *arguments, inventory=inventory, extra=extra))

    def forget(self) -> None:
        """From now on only what is changed next counts."""
        for host in self.hosts.values():
            host.writes.log.clear()

    @property
    def writes(self) -> dict[str, list[str]]:
        """What was changed, by the hosts on which anything was."""
        return {name: list(host.writes.log) for name, host in self.hosts.items() if host.writes.log}
