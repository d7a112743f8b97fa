# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's policy and settings let Remote Assistance do. Pure: values in, state out.

A policy value beats the system setting of the same name (unverified: implied by the policy's explanation,
"If you do not configure this policy setting, users can turn on or turn off ... themselves in System
Properties"). Defaults: learn.microsoft.com, unattend component Microsoft-Windows-RemoteAssistance-Exe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .._windows.policy import AssistanceValues

DEFAULT_LIFETIME = timedelta(hours=6)
"""Where neither policy nor setting has a lifetime (Windows 7 Resource Kit, chapter 22)."""
_UNITS = {0: timedelta(minutes=1), 1: timedelta(hours=1), 2: timedelta(days=1)}
"""MaxTicketExpiryUnits, RemoteAssistance.admx."""
_EXPIRY_RANGE = range(1, 100)
"""MaxTicketExpiry, RemoteAssistance.admx."""


@dataclass(frozen=True)
class AssistanceState:
    """What is in effect, and who decided it (``policy``, ``setting`` or ``default``).

    Attributes:
        allowed: Whether a user may ask for help.
        allowed_by: Who decided that.
        full_control: Whether a helper may control, not only view.
        lifetime: How long a new invitation is good.
        lifetime_by: Who decided that.
        encrypted_only: Whether invitations leave out what Windows XP could read.
    """

    allowed: bool
    allowed_by: str
    full_control: bool
    lifetime: timedelta
    lifetime_by: str
    encrypted_only: bool

    def as_data(self) -> dict[str, Any]:
        """The state as a module result carries it."""
        return {
            "allowed": self.allowed,
            "allowed_by": self.allowed_by,
            "full_control": self.full_control,
            "lifetime_minutes": int(self.lifetime.total_seconds() // 60),
            "lifetime_by": self.lifetime_by,
            "encrypted_only": self.encrypted_only,
        }


def effective_state(values: AssistanceValues) -> AssistanceState:
    """The state that two sets of registry values make."""
    allowed, allowed_by = _deciding(values, "fAllowToGetHelp", default=1)
    control, _by = _deciding(values, "fAllowFullControl", default=1)
    encrypted, _by = _deciding(values, "CreateEncryptedOnlyTickets", default=0)
    lifetime, lifetime_by = _lifetime(values)
    return AssistanceState(
        allowed=allowed != 0,
        allowed_by=allowed_by,
        full_control=control != 0,
        lifetime=lifetime,
        lifetime_by=lifetime_by,
        encrypted_only=encrypted != 0,
    )


def _deciding(values: AssistanceValues, name: str, *, default: int) -> tuple[int, str]:
    key = name.lower()
    if key in values.policy:
        return values.policy[key], "policy"
    if key in values.system:
        return values.system[key], "setting"
    # unverified: what Windows does without any value. Where the program is installed the setting is there,
    # so this is a host somebody cleaned up; msra.exe itself has the last word and the event log its reason.
    return default, "default"


def _lifetime(values: AssistanceValues) -> tuple[timedelta, str]:
    for who, found in (("policy", values.policy), ("setting", values.system)):
        amount = found.get("maxticketexpiry")
        if amount is not None and amount in _EXPIRY_RANGE:
            unit = _UNITS.get(found.get("maxticketexpiryunits", 1), _UNITS[1])
            return amount * unit, who
    return DEFAULT_LIFETIME, "default"
