# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Presets to start from, and published baselines to be measured by: data, each with its name and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .settings import DISABLED, ENABLED


@dataclass(frozen=True)
class Preset:
    """Options under one name; a task's own options go before them.

    Attributes:
        name: Value of the option ``preset``.
        source: Where it comes from.
        options: The module's options.
    """

    name: str
    source: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rule of a published baseline: a policy's state that it wants in force.

    Attributes:
        rule_id: The baseline's own number.
        baseline: Name and version of the baseline.
        option: Which policy it is about.
        wanted: The state it wants.
    """

    rule_id: str
    baseline: str
    option: str
    wanted: str


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "helpdesk",
            "workspot.assist: what invitations by a helpdesk need, and no more",
            {
                "solicited_remote_assistance": ENABLED,
                "solicited_control": "allow_control",
                "ticket_lifetime": 1,
                "ticket_lifetime_units": "hours",
                "offer_remote_assistance": DISABLED,
                "session_logging": ENABLED,
                "vista_or_later_only": ENABLED,
            },
        ),
        Preset(
            "locked_down",
            "DISA STIG WN11-CC-000155 and CIS Microsoft Windows benchmarks 18.9.35.1 and 18.9.35.2",
            {"solicited_remote_assistance": DISABLED, "offer_remote_assistance": DISABLED},
        ),
    )
}

BASELINES: tuple[Rule, ...] = (
    Rule("WN11-CC-000155", "DISA STIG Microsoft Windows 11", "solicited_remote_assistance", DISABLED),
    Rule("WN10-CC-000155", "DISA STIG Microsoft Windows 10", "solicited_remote_assistance", DISABLED),
    Rule("18.9.35.1", "CIS Microsoft Windows 10 Stand-alone v3.0.0", "offer_remote_assistance", DISABLED),
    Rule("18.9.35.2", "CIS Microsoft Windows 10 Stand-alone v3.0.0", "solicited_remote_assistance", DISABLED),
)
"""Rules that are about Remote Assistance, each as its baseline's own check: the value must be there and be 0."""
