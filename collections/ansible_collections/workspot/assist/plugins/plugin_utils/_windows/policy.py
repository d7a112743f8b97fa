# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry values that govern Remote Assistance, as they stand on a host.

Group Policy: RemoteAssistance.admx. The key outside policy holds what System Properties > Remote sets
(learn.microsoft.com, unattend component Microsoft-Windows-RemoteAssistance-Exe). Windows writes the first one
as "Windows NT", with a blank.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .._formats.reg_query import RegValue, parse_reg_query

POLICY_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
SYSTEM_KEY = r"HKLM\SYSTEM\CurrentControlSet\Control\Remote Assistance"
_HKLM = "HKEY_LOCAL_MACHINE"


@dataclass(frozen=True)
class AssistanceValues:
    """DWORD values by lower-case name: those of Group Policy and those of the system setting."""

    policy: dict[str, int] = field(default_factory=dict)
    system: dict[str, int] = field(default_factory=dict)


def assistance_values(policy_output: str, system_output: str) -> AssistanceValues:
    """Read the two keys from what ``reg query`` wrote about them; an absent key is an empty output."""
    return AssistanceValues(_numbers(policy_output, POLICY_KEY), _numbers(system_output, SYSTEM_KEY))


def _numbers(output: str, key: str) -> dict[str, int]:
    wanted = key.replace("HKLM", _HKLM, 1).lower()
    found: dict[str, int] = {}
    for path, values in parse_reg_query(output).items():
        if path.lower() == wanted:
            found.update({name.lower(): int(value.data) for name, value in values.items() if _is_number(value)})
    return found


def _is_number(value: RegValue) -> bool:
    return value.kind == "REG_DWORD" and isinstance(value.data, int)
