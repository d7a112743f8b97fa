# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fault switches: what is broken on a host, from the start or while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_NUMBERED = ("drop_connection_at", "drop_reply_at", "vanish_after")
_SIGNED = ("clock_skew",)
_INTERNAL = ("requests_seen", "counted_from", "vanished", "changed")


@dataclass
class Faults:
    """What is broken on a host; every switch can be thrown while it runs.

    Attributes:
        down: Nothing listens.
        refuse_login: Every login is refused.
        drop_connection_at: The n-th HTTP request from now breaks the connection and is not carried out.
        drop_reply_at: The n-th HTTP request from now is carried out, its reply is lost.
        vanish_after: After n more HTTP requests the host is gone until this is set to 0.
        slow_reply: Seconds before each answer.
        quota: Every operation meets the quota fault.
        oversize_reply: Every reply is far larger than any envelope limit.
        garbled_reply: Every reply is cut off in the middle of its XML.
        idle_close: Seconds after which a connection without requests is closed (0: never). Windows does so
            after about two minutes (HTTP.sys, learn.microsoft.com netsh http "idleconnectiontimeout").
        deny_writes: Everything that would change something is refused, and counted as `denied_writes`.
        msra_never_writes: msra runs, its file never comes.
        msra_delay: Seconds until msra writes its file.
        msra_writes_slowly: Seconds between the first part of the file and the whole.
        msra_exits_at_once: msra ends as soon as it was started.
        disk_full: A file gets no more than half of what is written to it, and the rest is an error.
        domain_controller_down: No domain controller answers: Group Policy can not be refreshed.
        gpupdate_delay: Seconds that gpupdate takes.
        dism_delay: Seconds that dism takes to install or remove a feature.
        clock_skew: Seconds by which the host's clock is ahead of real time.
        requests_seen: HTTP requests so far.
        counted_from: What `requests_seen` was when a numbered switch was thrown.
        vanished: The host is gone by `vanish_after`.
        changed: Told the name of a switch that was thrown.
    """

    down: bool = False
    refuse_login: bool = False
    drop_connection_at: int = 0
    drop_reply_at: int = 0
    vanish_after: int = 0
    slow_reply: float = 0.0
    quota: bool = False
    oversize_reply: bool = False
    garbled_reply: bool = False
    idle_close: float = 0.0
    deny_writes: bool = False
    msra_never_writes: bool = False
    msra_delay: float = 0.2
    msra_writes_slowly: float = 0.0
    msra_exits_at_once: bool = False
    disk_full: bool = False
    domain_controller_down: bool = False
    gpupdate_delay: float = 0.0
    dism_delay: float = 0.0
    clock_skew: float = 0.0
    requests_seen: int = 0
    counted_from: dict[str, int] = field(default_factory=dict, compare=False)
    vanished: bool = False
    changed: Callable[[str], None] | None = field(default=None, repr=False, compare=False)

    def set(self, name: str, value: Any) -> None:
        """Throw a switch; numbered requests count from now on.

        Raises:
            ValueError: There is no such switch, or the value is of another type.
        """
        if name not in switch_names():
            raise ValueError(f"there is no fault switch {name!r}; there are {', '.join(switch_names())}")
        value = _checked(name, value, type(getattr(self, name)))
        if name in _NUMBERED:
            self.counted_from[name] = self.requests_seen
        if name == "vanish_after":
            self.vanished = False
        setattr(self, name, value)
        self._tell(name)

    def request(self) -> None:
        """An HTTP request has arrived."""
        self.requests_seen += 1
        if self.vanish_after and self._number("vanish_after") > self.vanish_after and not self.vanished:
            self.vanished = True
            self._tell("vanish_after")

    def due(self, name: str) -> bool:
        """Whether the request that has arrived is the one a numbered switch speaks of."""
        wanted: int = getattr(self, name)
        return wanted > 0 and self._number(name) == wanted

    @property
    def gone(self) -> bool:
        """Nothing listens."""
        return self.down or self.vanished

    def _number(self, name: str) -> int:
        return self.requests_seen - self.counted_from.get(name, 0)

    def _tell(self, name: str) -> None:
        if self.changed is not None:
            self.changed(name)

    def update(self, values: Mapping[str, Any]) -> None:
        """Throw several switches."""
        for name, value in values.items():
            self.set(name, value)

    def clear(self) -> None:
        """Everything works again."""
        defaults = Faults()
        self.update({name: getattr(defaults, name) for name in switch_names()})

    def thrown(self) -> dict[str, Any]:
        """The switches that differ from their default."""
        defaults = Faults()
        values = {name: getattr(self, name) for name in switch_names()}
        return {name: value for name, value in values.items() if value != getattr(defaults, name)}


def switch_names() -> list[str]:
    """All switches, in the order they are documented."""
    return [item.name for item in fields(Faults) if item.name not in _INTERNAL]


def _checked(name: str, value: Any, kind: type) -> Any:
    """The value of a switch in its type."""
    if not isinstance(value, (int, float)) or (isinstance(value, bool) != (kind is bool)):
        raise ValueError(f"fault switch {name} takes a {kind.__name__}, not {value!r}")
    if not math.isfinite(value) or (value < 0 and name not in _SIGNED) or kind(value) != value:
        raise ValueError(f"fault switch {name} can not be {value!r}")
    return kind(value)
