# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator wants opened just in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._errors import InvalidOption
from ..._formats.firewall_rule import ADDRESS_WORDS
from ..firewall.desired import wanted_addresses

CONTROLS = {"allow_control": 1, "view_only": 0}
"""fAllowFullControl, RemoteAssistance.admx."""
_LONGEST_LIST = 1200
"""Characters: the addresses go into one command line with everything else."""
_LATER_WORDS = frozenset(ADDRESS_WORDS) - {"LocalSubnet", "DNS", "DHCP", "WINS", "DefaultGateway"}
"""What ``remoteip=`` of netsh does not take (netsh advfirewall firewall add rule ?)."""


@dataclass(frozen=True)
class Wishes:
    """What is to be opened.

    Attributes:
        addresses: Who may connect, normalised; empty for anybody, which has to be said.
        control: Whether a helper may control; ``None`` to leave that as it is.
        over_domain: Open also what a domain's GPO has closed.
    """

    addresses: tuple[str, ...] = ()
    control: str | None = None
    over_domain: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wishes | None:
        """The wishes that module options make; ``None`` when nothing is to be opened.

        Raises:
            InvalidOption: They mean nothing.
        """
        given = [str(item) for item in options.get("helper_addresses") or ()]
        if not options.get("just_in_time"):
            return None
        if not given:
            raise InvalidOption(
                "just_in_time needs helper_addresses: from where helpers connect.",
                hint="Name their addresses or networks; the word any lets everybody in, and has to be said.",
            )
        found = sorted(wanted_addresses(given, option="helper_addresses"))
        if later := sorted(_LATER_WORDS & set(found)):
            raise InvalidOption(f"helper_addresses: {later[0]} can not be used in a rule that is made just in time.")
        if len(",".join(found)) > _LONGEST_LIST:
            raise InvalidOption("helper_addresses is too long; name networks instead of single addresses.")
        return cls(tuple(found), options.get("just_in_time_control"), bool(options.get("just_in_time_over_domain")))

    @property
    def shown(self) -> list[str]:
        """The addresses in words."""
        return list(self.addresses) or ["any"]
