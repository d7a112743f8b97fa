# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Windows a host runs, and what its clock says (``Win32_OperatingSystem``, one exchange)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .._errors import MalformedReply
from .._wsman.client import WsmanClient

CIMV2 = "root/cimv2"
PRODUCT_TYPES = {1: "workstation", 2: "domain controller", 3: "server"}
"""``Win32_OperatingSystem.ProductType``, learn.microsoft.com win32-operatingsystem."""
_QUERY = "SELECT * FROM Win32_OperatingSystem"


@dataclass(frozen=True)
class WindowsHost:
    """A host and its clock.

    Attributes:
        computer_name: The host's own name (NetBIOS).
        version: Such as ``10.0.20348``.
        build: Build number, 0 when the host does not say.
        product_type: ``workstation``, ``domain controller`` or ``server``; ``unknown`` otherwise.
        local_time: The host's clock when it was read, in its own time zone.
        ahead: How far the host's clock is ahead of the controller's; negative when it is behind.
    """

    computer_name: str
    version: str
    build: int
    product_type: str
    local_time: datetime
    ahead: timedelta

    @property
    def difference_seconds(self) -> float:
        """How far the host's clock is ahead of the controller's, in seconds, to a tenth."""
        return round(self.ahead.total_seconds(), 1)

    def host_time(self, controller_time: datetime) -> datetime:
        """What the host's clock shows at a moment of the controller's clock, in UTC."""
        return (controller_time + self.ahead).astimezone(UTC)


def read_host(client: WsmanClient, *, now: Callable[[], datetime]) -> WindowsHost:
    """Read the host's identity and clock.

    Args:
        client: The host.
        now: The controller's clock, aware. It is read before and after: the host's answer belongs to the
            middle, so half of the round trip is the error of the difference.

    Raises:
        MalformedReply: The host does not say what time it is.
    """
    before = now()
    found = client.enumerate(CIMV2, _QUERY)
    after = now()
    if not found:
        raise MalformedReply("the host does not describe its Windows.", host=client.host)
    system = found[0]
    local = system.moment("LocalDateTime")
    if local is None:
        raise MalformedReply("the host does not say what time it is.", host=client.host)
    return WindowsHost(
        computer_name=(system.text("CSName") or "").strip(),
        version=(system.text("Version") or "").strip(),
        build=_build(system.text("BuildNumber")),
        product_type=PRODUCT_TYPES.get(system.integer("ProductType") or 0, "unknown"),
        local_time=local,
        ahead=local - (before + (after - before) / 2),
    )


def _build(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() else 0
