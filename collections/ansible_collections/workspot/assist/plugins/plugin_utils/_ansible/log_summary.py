# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run over many hosts brought, in numbers and in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._assistance.session_logs.collect import HostCollection

MAX_NAMED = 20
"""Hosts or files of one kind that the lines name; the result has more."""


def summary(outcomes: Sequence[HostCollection]) -> dict[str, int]:
    """All hosts in numbers."""
    return {
        "hosts": len(outcomes),
        "answered": sum(1 for item in outcomes if item.error is None),
        "logs": sum(item.listed for item in outcomes),
        "new_logs": sum(item.new for item in outcomes),
        "bytes": sum(item.bytes for item in outcomes),
        "events": sum(item.events for item in outcomes),
        "unparsable": sum(item.unparsable_count for item in outcomes),
        "left": sum(item.left_count for item in outcomes),
        "exchanges": sum(item.exchanges for item in outcomes),
    }


def summary_lines(outcomes: Sequence[HostCollection], *, dry: bool) -> list[str]:
    """A few lines for a person."""
    counts = summary(outcomes)
    verb = "to be collected" if dry else f"collected ({counts['bytes']} bytes)"
    first = (
        f"{counts['answered']} of {counts['hosts']} hosts answered: {counts['logs']} session logs there, "
        f"{counts['new_logs']} new ones {verb}, {counts['events']} new events"
    )
    return [
        first,
        *_named("not parsable, archived all the same", counts["unparsable"], _unparsable(outcomes)),
        *_named("left on the hosts", counts["left"], _left(outcomes)),
        *_named("hosts with errors", counts["hosts"] - counts["answered"], _errors(outcomes)),
    ]


def _named(what: str, count: int, names: Iterator[str]) -> Iterator[str]:
    if count:
        yield f"{what}: {count}"
        shown = [name for _number, name in zip(range(min(count, MAX_NAMED)), names, strict=False)]
        yield from (f"  {name}" for name in shown)
        if count > len(shown):
            yield f"  and {count - len(shown)} more"


def _unparsable(outcomes: Sequence[HostCollection]) -> Iterator[str]:
    return (f"{entry['file']}: {entry['problem']}" for item in outcomes for entry in item.unparsable)


def _left(outcomes: Sequence[HostCollection]) -> Iterator[str]:
    return (
        f"{item.host}: {entry['what']} of {entry['sid']}: {entry['reason']}" for item in outcomes for entry in item.left
    )


def _errors(outcomes: Sequence[HostCollection]) -> Iterator[str]:
    return (f"{item.host}: {item.error['message']}" for item in outcomes if item.error is not None)
