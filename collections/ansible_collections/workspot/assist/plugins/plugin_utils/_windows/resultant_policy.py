# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which GPO decided a registry value: the resultant set of policy that Windows logs at each refresh.

learn.microsoft.com, "RSOP_RegistryPolicySetting class" and "RSOP_PolicySetting class": namespace
``root\\rsop\\computer``, ``precedence`` 1 is the winner, ``value`` is raw bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import NotFound, WsmanFault
from .._formats.quoting import wql_literal
from .._wsman.client import WsmanClient
from .._wsman.instance import CimInstance

NAMESPACE = "root/rsop/computer"
_GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")
_REG_SZ, _REG_EXPAND_SZ, _REG_DWORD = 1, 2, 4
_SPECIAL = re.compile(r"\*\*(?:del\.|soft\.)", re.IGNORECASE)


@dataclass(frozen=True)
class ResultantValue:
    """The winning entry for one value.

    Attributes:
        key: Key below the hive.
        name: Value name.
        gpo_id: The GPO; see `is_local`.
        data: Number or text; ``None`` when the value is deleted or of another type.
    """

    key: str
    name: str
    gpo_id: str
    data: int | str | None

    @property
    def is_local(self) -> bool:
        """Whether the local GPO won.

        A domain's GPO is named by the path of its directory object, which holds its GUID
        (``cn={31B2F340-...},cn=policies,cn=system,...``); the local one has none.
        unverified: what that is (``LocalGPO``?); only the GUID is looked for.
        """
        return _GUID.search(self.gpo_id) is None


def read_resultant_values(client: WsmanClient, keys: Iterable[str]) -> list[ResultantValue] | None:
    """The winners for the values of some keys (one exchange).

    Returns:
        The winners; ``None`` when the host keeps no such data (RSOP logging is off, or no refresh happened yet).
    """
    wanted = " OR ".join(f"registryKey={wql_literal(key)}" for key in keys)
    query = f"SELECT {_COLUMNS} FROM RSOP_RegistryPolicySetting WHERE {wanted}"
    try:
        rows = client.enumerate(NAMESPACE, query)
    except NotFound:
        return None
    except WsmanFault as error:
        if error.cim_status in _NO_SUCH_THING:
            return None
        raise
    return [found for row in rows if row.integer("precedence") == 1 and (found := _value(row)) is not None]


_COLUMNS = "precedence, registryKey, valueName, valueType, value, deleted, GPOID"
_NO_SUCH_THING = frozenset({3, 5})
"""CIM_ERR_INVALID_NAMESPACE and CIM_ERR_INVALID_CLASS (DSP0200)."""


def read_gpo_names(client: WsmanClient) -> dict[str, str]:
    """Display names of the GPOs by lower-case id (one exchange); empty where Windows does not tell.

    unverified: that ``RSOP_GPO`` has ``id`` and ``name``; without them a GPO is named by its GUID.
    """
    try:
        rows = client.enumerate(NAMESPACE, "SELECT * FROM RSOP_GPO")
    except WsmanFault:
        return {}
    return {identity.lower(): name for row in rows if (identity := row.text("id")) and (name := row.text("name"))}


def guid_of(gpo_id: str) -> str:
    """The GUID in a GPO's path, or the path itself."""
    found = _GUID.search(gpo_id)
    return found[0] if found else gpo_id


def _value(row: CimInstance) -> ResultantValue | None:
    key, name = row.text("registryKey"), row.text("valueName")
    if not key or name is None:
        return None
    deleted = bool(row.boolean("deleted"))
    special = _SPECIAL.match(name)
    if special:
        name, deleted = name[special.end() :], deleted or special[0].lower() == "**del."
    data = None if deleted else _data(row)
    return ResultantValue(key, name, row.text("GPOID") or "", data)


def _data(row: CimInstance) -> int | str | None:
    raw = bytes(number & 0xFF for number in row.integers("value"))
    kind = row.integer("valueType")
    if kind == _REG_DWORD and len(raw) == 4:
        return int.from_bytes(raw, "little")
    if kind in (_REG_SZ, _REG_EXPAND_SZ):
        return raw.decode("utf-16-le", "replace").partition("\0")[0]
    return None
