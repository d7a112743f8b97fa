# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Group Policy client and its Registry extension for the computer (MS-GPOL 3.2.5, MS-GPREG 3.2.5).

What the extension set the last time it keeps in `%ProgramData%\\ntuser.pol`; before it applies anything anew it
takes those of them away that lie below the policy keys, so that what no GPO sets any longer is gone
(learn.microsoft.com, "Implementing Registry-Based Policy": policy keys are cleaned up, others are left).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .gpo import (
    LOCAL_ID,
    REGISTRY_EXTENSION,
    Gpo,
    PolicyError,
    domain_gpo,
    local_gpo,
)
from .registry import Key
from .registry_pol import Instruction, from_bytes
from .rsop import Rsop

if TYPE_CHECKING:
    from ..pool import HostDescription
    from .host import WindowsHost

REFRESH = 90 * 60.0  # seconds between background refreshes; Windows adds up to 30 minutes (MS-GPOL note <14>)
# "four registry trees": Software\Policies and Software\Microsoft\Windows\CurrentVersion\Policies, of computer
# and user: learn.microsoft.com, "Implementing Registry-Based Policy"
MANAGED = ("software\\policies\\", "software\\microsoft\\windows\\currentversion\\policies\\")
SYSTEM_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
_PROCESSING = f"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Group Policy\\{REGISTRY_EXTENSION}"
_HISTORY = f"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\History\\{REGISTRY_EXTENSION}"
_SUCCESS, _NO_CHANGE, _NO_CONTROLLER, _BAD_POL = 1502, 1500, 1129, 1096  # Microsoft-Windows-GroupPolicy
_SYSTEM_LOG = "System"


@dataclass
class Refresh:
    """How one refresh went: the problem, and whether the Registry extension ran."""

    error: PolicyError | None = None
    applied: bool = False


@dataclass
class _Applied:
    """What the last run left behind."""

    gpos: list[tuple[str, int]] = field(default_factory=list)
    archive: set[tuple[str, str]] = field(default_factory=set)
    failed: bool = False


class GroupPolicy:
    """Group Policy of one host.

    Attributes:
        rsop: What a client sees of it below root/rsop/computer.
        domain: GPOs of the domain, lowest precedence first; a test may change them while the host runs.
        secured: Keys that a `**SecureKey` made read-only for users.
        refreshes: How many refreshes there were, the one at start included.
        one_at_a_time: Held by a refresh that gpupdate asked for.
        running: Refreshes that gpupdate asked for and that have not ended.
    """

    def __init__(self, host: WindowsHost, description: HostDescription) -> None:
        self._host = host
        self._last = _Applied()
        self.rsop = Rsop(host)
        self.domain: list[Gpo] = [domain_gpo(item, host.dns) for item in description.domain_policies]
        self.secured: set[str] = set()
        self.refreshes = 0
        self.one_at_a_time = asyncio.Lock()
        self.running: set[asyncio.Task[Refresh]] = set()

    # One refresh ----------------------------------------------------------------------------------

    def refresh(self, *, force: bool = False, with_local: bool = True) -> Refresh:
        """Process the computer's policy.

        Args:
            force: As `gpupdate /force`: also what has not changed.
            with_local: False leaves the local GPO out, as if it came to the host after this refresh.
        """
        self.refreshes += 1
        try:
            if self._host.faults.domain_controller_down:
                raise PolicyError(_NO_CONTROLLER, "no domain controller")
            gpos = self._gpos(with_local=with_local)
            return self._process(gpos, force=force)
        except PolicyError as error:
            self._last.failed = True
            self._host.events.write(_SYSTEM_LOG, error.event, str(error))
            return Refresh(error)

    def _gpos(self, *, with_local: bool) -> list[Gpo]:
        """Applicable GPOs, the one with the last word last (MS-GPOL 3.2.5.2)."""
        found: list[Gpo] = []
        # "Turn off Local Group Policy Objects processing", GroupPolicy.admx
        if with_local and self._host.registry.read(SYSTEM_POLICY, "DisableLGPOProcessing") != 1:
            local = local_gpo(self._host)
            found += [local] if local is not None else []
        return found + sorted(self.domain, key=lambda item: item.enforced)

    def _process(self, gpos: list[Gpo], *, force: bool) -> Refresh:
        registry_gpos = [item for item in gpos if item.has_registry]
        self.rsop.remember_gpos(gpos, self._host.registry.read(SYSTEM_POLICY, "RSoPLogging") != 0)
        state = [(item.id, item.version) for item in registry_gpos]
        # "Configure registry policy processing: Process even if the Group Policy objects have not changed"
        always = self._host.registry.read(_PROCESSING, "NoGPOListChanges") == 0
        if self._known(state) and not (force or always or self._last.failed):
            self._host.events.write(_SYSTEM_LOG, _NO_CHANGE)
            return Refresh()
        broken = [item for item in registry_gpos if item.instructions is None]
        if broken and not self._host.quirks["corrupt_pol_is_skipped"]:
            # Event 1096; "affects the processing of domain policies too": Windows Platform Support of
            # Microsoft Japan, "registry.pol", 2021. What was applied before stays.
            raise PolicyError(_BAD_POL, broken[0].id)
        self._apply(registry_gpos)
        self._last.gpos, self._last.failed = state, bool(broken)
        self._history(registry_gpos)
        if broken:
            error = PolicyError(_BAD_POL, broken[0].id)
            self._host.events.write(_SYSTEM_LOG, error.event, str(error))
            return Refresh(error, applied=True)
        self._host.events.write(_SYSTEM_LOG, _SUCCESS)
        return Refresh(applied=True)

    def _known(self, state: list[tuple[str, int]]) -> bool:
        """Whether all of it was processed. unverified: that a new version of the local GPO alone counts as news."""
        if not self._host.quirks["local_version_needs_force"]:
            return state == self._last.gpos
        return [item for item in state if item[0] != LOCAL_ID] == [i for i in self._last.gpos if i[0] != LOCAL_ID]

    def _apply(self, gpos: list[Gpo]) -> None:
        self._clean_up()
        archive: set[tuple[str, str]] = set()
        for gpo in gpos:
            for item in gpo.instructions or ():
                self._instruct(item, archive)
        self._last.archive = archive
        self.rsop.remember_settings(gpos)

    def _clean_up(self) -> None:
        """Take away what the last run set below the policy keys."""
        for path, name in self._last.archive:
            if f"{path.lower()}\\".startswith(MANAGED):
                key = self._host.registry.find(f"HKLM\\{path}")
                if key is not None:
                    key.unset(name)

    # One instruction (MS-GPREG 3.2.5.1.2; errors of the registry are ignored) --------------------------

    def _instruct(self, item: Instruction, archive: set[tuple[str, str]]) -> None:
        if self._host.registry.find(f"HKLM\\{item.key.partition(chr(92))[0]}") is None:
            return  # nobody can make keys directly below HKLM
        special, text = item.name.lower(), str(from_bytes(1, item.data))
        key = self._host.registry.find(f"HKLM\\{item.key}")
        if special.startswith("**del."):
            self._unset(key, [item.name[6:]])
        elif special.startswith("**delvals"):
            self._unset(key, [value.name for value in key.values] if key is not None else [])
        elif special == "**deletevalues":
            self._unset(key, text.split(";"))
        elif special == "**deletekeys":
            for name in text.split(";"):
                if key is not None and name:
                    key.drop(name)
        elif special == "**securekey":
            (self.secured.add if from_bytes(4, item.data) == 1 else self.secured.discard)(item.key.lower())
            self._host.registry.make(f"HKLM\\{item.key}")
        elif special.startswith("**soft."):
            name = item.name[7:]
            if key is None or key.value(name) is None:
                self._set(item, name, archive)
        else:
            self._set(item, item.name, archive)

    def _unset(self, key: Key | None, names: list[str]) -> None:
        for name in names:
            if key is not None:
                key.unset(name)

    def _set(self, item: Instruction, name: str, archive: set[tuple[str, str]]) -> None:
        key = self._host.registry.make(f"HKLM\\{item.key}")
        key.unset(name)  # spelled as in the file
        key.set(name, item.kind, from_bytes(item.kind, item.data))
        archive.add((item.key, name))

    def _history(self, gpos: list[Gpo]) -> None:
        """The list of the GPOs applied (KB 201453, "Group Policy History Stored in Registry")."""
        self._host.registry.drop(_HISTORY)
        for number, gpo in enumerate(gpos):
            put, path = self._host.registry.put, f"{_HISTORY}\\{number}"
            local = gpo.id == LOCAL_ID
            put(path, "Options", 2 if gpo.enforced else 0)
            put(path, "Version", gpo.version << 16 | gpo.version)
            put(path, "DSPath", LOCAL_ID if local else f"LDAP://CN=Machine,{gpo.id}")
            put(path, "FileSysPath", gpo.path)
            put(path, "DisplayName", gpo.name)
            put(path, "GPOName", gpo.guid_name)

    # Time -----------------------------------------------------------------------------------------

    def start(self, *, with_local: bool) -> None:
        """Process policy as at the start of the computer, and from then on in the background."""
        if self.domain or with_local:
            self.refresh(force=True, with_local=with_local)
        self._host.clock.call_later(REFRESH, self._again)

    def _again(self) -> None:
        self.refresh()
        self._host.clock.call_later(REFRESH, self._again)
