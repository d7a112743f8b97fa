# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated host as a test of Group Policy looks at it, from outside the collection."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.option_specs import POLICY
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.facts import read_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import (
    PolicyOutcome,
    PolicyRequest,
    ensure_policy,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.report import describe_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient

from simulator.windows.accounts import SYSTEM
from simulator.windows.registry_pol import Instruction, from_bytes, parse
from tests.support.direct import DirectHost

RA = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
HELPERS = f"{RA}\\RAUnsolicit"
UAC = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System"
FOLDER = "C:\\Windows\\System32\\GroupPolicy"
POL = f"{FOLDER}\\Machine\\Registry.pol"
INI = f"{FOLDER}\\gpt.ini"
FOREIGN = "SOFTWARE\\Policies\\Contoso"
FOREIGN_ENTRIES: list[dict[str, Any]] = [
    {"key": FOREIGN, "name": "Proxy", "data": "proxy;[x];\u00fc"},
    {"key": FOREIGN, "name": "Blob", "type": "REG_BINARY", "hex": "5d003b005b000000ff"},
    {"key": RA, "name": "fDenyTSConnections", "data": 0},
    {"key": RA, "name": "**del.fSingleSessionPerUser", "data": " "},
    {"key": "SOFTWARE\\Policies\\Zebra", "name": "**soft.Stripes", "data": 7},
]
"""Policy of somebody else, in the same key too."""


@dataclass(frozen=True)
class Files:
    """What lies in the folder of the local GPO."""

    pol: bytes | None
    ini: bytes | None


class Host(DirectHost):
    """One host, and what is asked of it and seen on it."""

    # What the collection does

    def apply(self, *, check: bool = False, client: WsmanClient | None = None, **options: Any) -> PolicyOutcome:
        """Run the module's work with these options."""
        pauses = Timing(sleep=lambda _seconds: None)
        return ensure_policy(client or self.client, request(**options), check=check, timing=pauses)

    def attempt(self, **options: Any) -> AssistError | PolicyOutcome:
        """The same; an error is a result too."""
        try:
            return self.apply(**options)
        except AssistError as error:
            return error

    def info(self) -> dict[str, Any]:
        """What policy_info says."""
        with self.client.shell() as shell:
            return describe_policy(read_policy(self.client, shell))

    # What is there

    @property
    def files(self) -> Files:
        """The two files of the local GPO."""
        return Files(self._content(POL), self._content(INI))

    def _content(self, path: str) -> bytes | None:
        return self.sim.files.read(path, SYSTEM) if self.sim.files.exists(path) else None

    @property
    def entries(self) -> list[tuple[str, str, Any]]:
        """Registry.pol as the simulator reads it: key, name, data."""
        found: list[Instruction] = parse(self.files.pol) if self.files.pol else []
        return [(item.key, item.name, from_bytes(item.kind, item.data)) for item in found]

    def of(self, key: str) -> dict[str, Any]:
        """Registry.pol's entries of one key."""
        return {name: data for where, name, data in self.entries if where.lower() == key.lower()}

    def live(self, key: str = RA) -> dict[str, Any]:
        """The live values of a key."""
        found = self.sim.registry.find(f"HKLM\\{key}")
        return {} if found is None else {value.name: value.data for value in found.values}

    @property
    def version(self) -> int:
        """Version in gpt.ini, both halves."""
        content = (self.files.ini or b"").decode("latin-1").lower()
        return int(content.partition("version=")[2].split()[0]) if "version=" in content else 0

    @property
    def writes(self) -> list[str]:
        """What was changed on the host so far."""
        return list(self.sim.writes.log)

    @property
    def leftovers(self) -> list[str]:
        """What of ours is on the host."""
        paths = [node.path for node in self.sim.files.nodes()]
        return [path for path in paths if "workspot" in path.lower()]

    @property
    def requests(self) -> int:
        """HTTP requests so far, logins included."""
        return int(self.sim.counters["requests"])

    def forget(self) -> None:
        """Start counting anew."""
        self.sim.writes.log.clear()
        self.sim.counters.clear()

    def step(self, **options: Any) -> PolicyOutcome:
        """A check run, a real run and a second one; what all three have to be whatever they are about.

        Returns:
            The outcome of the real run.
        """
        before, written = self.files, len(self.writes)
        checked = self.apply(check=True, **options)
        assert (self.files, len(self.writes)) == (before, written)
        done = self.apply(**options)
        assert checked.plan.changes == done.plan.changes
        assert checked.plan.files == done.plan.files
        assert checked.diff() == done.diff()
        assert checked.version == checked.before.local.version
        assert self.leftovers == []
        self.assert_settled(**options)
        return done

    def assert_settled(self, **options: Any) -> None:
        """One more run finds nothing to do: not one write is even tried."""
        after, written = self.files, len(self.writes)
        denied = self.sim.counters["denied_writes"]
        self.sim.faults.set("deny_writes", True)
        again = self.apply(**options)
        self.sim.faults.set("deny_writes", False)
        assert not again.plan.changed, again.plan.changes
        assert again.diff() == {"before": "", "after": ""}
        assert self.sim.counters["denied_writes"] == denied
        assert (self.files, len(self.writes)) == (after, written)

    def put(self, path: str, content: bytes | None) -> None:
        """Put a file there behind everybody's back."""
        if content is not None:
            self.sim.files.store(path, content)
        else:
            with suppress(KeyError):
                self.sim.files.delete(path, SYSTEM)


def request(**options: Any) -> PolicyRequest:
    """A request as the action makes it; options that are not given are unset."""
    unknown = set(options) - set(POLICY)
    assert not unknown, unknown
    return PolicyRequest.of({name: options.get(name, spec.get("default")) for name, spec in POLICY.items()})
