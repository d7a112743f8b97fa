# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RSOP_RegistryPolicySetting and RSOP_GPO of root/rsop/computer (Rsop.mof, learn.microsoft.com)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...seam import CimClass, CimInstance, Provider, schema
from ..accounts import Account

if TYPE_CHECKING:
    from ..host import WindowsHost

_NAMESPACE = "root/rsop/computer"


class RsopRegistryPolicySetting(Provider):
    """One row for each GPO that sets or deletes a value."""

    cls = CimClass(
        _NAMESPACE,
        "RSOP_RegistryPolicySetting",
        ("id", "precedence"),
        schema(
            id="string", precedence="uint32", name="string", GPOID="string", SOMID="string",
            creationTime="datetime", registryKey="string", valueName="string", valueType="uint32",
            value="uint8[]", deleted="boolean", command="string",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All settings."""
        return (CimInstance(self.cls, row) for row in self._host.group_policy.rsop.settings())


class RsopGpo(Provider):
    """One row for each GPO of the last refresh."""

    cls = CimClass(
        _NAMESPACE,
        "RSOP_GPO",
        ("id",),
        schema(
            id="string", name="string", guidName="string", version="uint32", enabled="boolean",
            securityDescriptor="uint8[]", fileSystemPath="string", accessDenied="boolean", filterId="string",
            filterAllowed="boolean", extensionIds="string[]",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All GPOs."""
        return (CimInstance(self.cls, row) for row in self._host.group_policy.rsop.gpos())
