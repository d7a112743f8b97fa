# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resultant Set of Policy of the computer as the last refresh left it.

Properties: learn.microsoft.com, RSOP_GPO and RSOP_RegistryPolicySetting. unverified: how a row for a deletion
names its value (`rsop_deleted_name`), and what its `command` says; whether GPOID and RSOP_GPO.id are spelled alike
(`rsop_gpo_id_case`); on which hosts the namespace is missing (`rsop_namespace_missing`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .gpo import LOCAL_ID, LOCAL_NAME, Gpo
from .registry_pol import Instruction

if TYPE_CHECKING:
    from .host import WindowsHost

_DELETIONS = ("**del.", "**delvals", "**deletevalues", "**deletekeys")
_IDENTITIES = uuid.UUID("6f6d1c1e-3f0c-4e1b-9a35-52a7d2e8f0a1")  # makes the rows' ids the same in every run


@dataclass(frozen=True)
class _Row:
    """One setting of one GPO."""

    gpo: Gpo
    item: Instruction

    @property
    def special(self) -> str:
        """The special this is, or nothing."""
        lowered = self.item.name.lower()
        return next((name for name in (*_DELETIONS, "**soft.", "**securekey") if lowered.startswith(name)), "")

    @property
    def value_name(self) -> str:
        """The value meant, without the special before it."""
        return self.item.name[len(self.special) :] if self.special in ("**del.", "**soft.") else self.item.name

    @property
    def setting(self) -> tuple[str, str]:
        """What rows of several GPOs have in common."""
        return self.item.key.lower(), self.value_name.lower()


class Rsop:
    """The data of one host; nothing while logging is off (policy "Turn off Resultant Set of Policy logging")."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._logging = True
        self._gpos: list[Gpo] = []
        self._rows: list[tuple[int, _Row]] = []
        self._created: datetime = host.clock.now()

    def remember_gpos(self, gpos: list[Gpo], logging: bool) -> None:
        """Take the GPOs of a refresh."""
        self._gpos, self._logging = list(gpos), logging
        if not logging:
            self._rows = []

    def remember_settings(self, gpos: list[Gpo]) -> None:
        """Take what the Registry extension has applied; the last GPO has precedence 1."""
        self._created = self._host.clock.now()
        self._rows = []
        if not self._logging:
            return
        taken: dict[tuple[str, str], int] = {}
        for gpo in reversed(gpos):
            last = {row.setting: row for row in (_Row(gpo, item) for item in gpo.instructions or ())}
            for setting, row in last.items():
                taken[setting] = taken.get(setting, 0) + 1
                self._rows.append((taken[setting], row))

    def settings(self) -> Iterator[dict[str, Any]]:
        """Rows of RSOP_RegistryPolicySetting."""
        for precedence, row in self._rows:
            deleted = row.special in _DELETIONS
            bare = row.value_name if self._host.quirks["rsop_deleted_name"] == "value" else row.item.name
            yield {
                "id": f"{{{uuid.uuid5(_IDENTITIES, chr(92).join(row.setting))}}}".upper(),
                "precedence": precedence,
                "name": bare if deleted else row.value_name,
                "GPOID": self._row_id(row.gpo),
                "SOMID": row.gpo.som,
                "creationTime": self._created,
                "registryKey": row.item.key,
                "valueName": bare if deleted else row.value_name,
                "valueType": row.item.kind,
                "value": list(row.item.data),
                "deleted": deleted,
                "command": row.item.name if row.special else "",
            }

    def _row_id(self, gpo: Gpo) -> str:
        """unverified: what the local GPO is called (`rsop_local_id`), and how ids are spelled (`rsop_gpo_id_case`)."""
        if gpo.id == LOCAL_ID:
            return str(self._host.quirks["rsop_local_id"])
        return gpo.id.lower() if self._host.quirks["rsop_gpo_id_case"] == "differs" else gpo.id

    def gpos(self) -> Iterator[dict[str, Any]]:
        """Rows of RSOP_GPO. A host without a local GPO shows one of version 0 (public reports of Windows 11)."""
        if not self._logging:
            return
        known = self._gpos
        if not any(gpo.id == LOCAL_ID for gpo in known):
            empty = Gpo(LOCAL_ID, "Local", LOCAL_NAME, LOCAL_NAME, 0, 0, (), "", [])
            known = [empty, *known]
        for gpo in known:
            yield {
                "id": self._host.quirks["rsop_local_id"] if gpo.id == LOCAL_ID else gpo.id,
                # unverified: that it has a name (`rsop_gpo_named`)
                "name": gpo.name if self._host.quirks["rsop_gpo_named"] else None,
                "guidName": gpo.guid_name,
                # container version below, file system version above: MS-GPOL 3.2.1.4
                "version": gpo.version << 16 | gpo.version,
                "enabled": True,
                "securityDescriptor": None,
                "fileSystemPath": gpo.path,
                "accessDenied": False,
                "filterId": "",
                "filterAllowed": True,
                "extensionIds": list(gpo.extensions) or None,
            }
