# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page shows, in its words: the report as the template wants it. Pure; nothing is escaped here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .clean import shown
from .data import RESTART, ReportData, SettingSummary, decided_settings
from .host import CHANGED, PARTS, HostReport

MOST_COLUMNS = 18
"""Settings with a column of their own; what more there are share one."""
LONGEST_LIST = 8
"""Rows of the list of settings at the top."""
LABELS = {
    "unreachable": ("Unreachable", "did not answer, or refused the login"),
    "failed": ("Failed", "answered, and something went wrong"),
    "overruled": ("Overruled", "a domain GPO or a firewall rule decides otherwise"),
    "drifted": ("Drifted", "differs from what is wanted"),
    "changed": ("Mended", "differed, and was put right by this run"),
    "compliant": ("Compliant", "all settings are as wanted"),
    RESTART: ("Restart due", "the feature waits for a restart of Windows"),
}
TILES = ("compliant", "changed", "drifted", "overruled", "failed", "unreachable", RESTART)
"""In the order of the page: from what is well to what can not be told."""
CELLS = {
    "ok": ("·", "as wanted"),
    "drifted": ("≠", "differs; a run would change it"),
    "changed": ("✓", "differed, and was put right"),
    "overruled": ("▲", "somebody else decides"),
    "unknown": ("?", "could not be read"),
    "none": ("", "not looked at"),
}
"""Sign and meaning of a cell; colours only help."""


@dataclass(frozen=True)
class Tile:
    """A state with its count."""

    state: str
    label: str
    meaning: str
    hosts: int
    share: float

    @property
    def percent(self) -> str:
        """Its share in words, never rounded to nothing or to everything."""
        if 0 < self.share < 1:
            return "< 1 %"
        return f"{min(int(self.share), 99) if self.share < 100 else 100} %"


@dataclass(frozen=True)
class Column:
    """A setting with a column of its own."""

    part: str
    setting: str
    label: str
    title: str


@dataclass(frozen=True)
class Cell:
    """One setting on one host."""

    kind: str
    sign: str
    title: str


@dataclass(frozen=True)
class Row:
    """One host: what its line shows, and what is below it."""

    number: int
    host: HostReport
    label: str
    classes: str
    cells: tuple[Cell, ...]
    reason: str


@dataclass(frozen=True)
class Page:
    """All of it."""

    report: ReportData
    tiles: tuple[Tile, ...]
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, int], ...]
    more_columns: int
    drift: tuple[SettingSummary, ...]
    drift_most: int
    rows: tuple[Row, ...]
    compliance: str
    generated_words: str
    lists: Mapping[str, int] = field(default_factory=dict)


def page_of(report: ReportData) -> Page:
    """The page of a report."""
    columns, more = _columns(report)
    total = len(report.hosts)
    share = 100 * report.good / total if total else 0.0
    return Page(
        report=report,
        tiles=tuple(_tiles(report)),
        columns=columns,
        groups=tuple((part, number) for part in PARTS if (number := sum(item.part == part for item in columns))),
        more_columns=more,
        drift=report.settings[:LONGEST_LIST],
        drift_most=max((item.differs + item.overruled for item in report.settings), default=1),
        rows=tuple(_row(number, host, report, columns, more) for number, host in enumerate(report.hosts, start=1)),
        # Rounded down: not 100 while one host is left.
        compliance=f"{int(share * 10) / 10:g}",
        generated_words=report.generated.replace("T", " ").removesuffix("Z") + " UTC",
    )


def _tiles(report: ReportData) -> Iterator[Tile]:
    total = len(report.hosts)
    for state in TILES:
        hosts = report.counts[state]
        if hosts or state != CHANGED:
            yield Tile(state, *LABELS[state], hosts, 100 * hosts / total if total else 0.0)


def words(setting: str) -> str:
    """A setting's name in few words: its option's, as two settings have the same title in Windows."""
    return setting.replace("_", " ").replace(".", " ").replace("remote assistance", "RA")


def _columns(report: ReportData) -> tuple[tuple[Column, ...], int]:
    """The settings that differ on the most hosts, part by part, and how many are left."""
    chosen = report.settings[:MOST_COLUMNS]
    found = [
        Column(item.part, item.setting, words(item.setting), item.title)
        for part in PARTS
        for item in chosen
        if item.part == part
    ]
    return tuple(found), len(report.settings) - len(chosen)


def _row(number: int, host: HostReport, report: ReportData, columns: tuple[Column, ...], more: int) -> Row:
    classes = f"{host.state} {RESTART}" if host.restart_required else host.state
    cells = _cells(host, report, columns, more)
    return Row(number, host, LABELS[host.state][0], classes, cells, _reason(host))


def _cells(host: HostReport, report: ReportData, columns: tuple[Column, ...], more: int) -> tuple[Cell, ...]:
    differs = {(item.part, item.setting): f"{shown(item.before)} → {shown(item.after)}" for item in host.differences}
    lost = decided_settings(host)
    lost |= {("policy", item.setting): f"{shown(item.in_force)}, by {item.gpo}" for item in host.overrulings}
    broken = {item.part for item in host.troubles}
    kind = CHANGED if report.written else "drifted"
    found = []
    for column in columns:
        where = (column.part, column.setting)
        if where in lost:
            found.append(_cell("overruled", lost[where]))
        elif where in differs:
            found.append(_cell(kind, differs[where]))
        elif broken & {"", column.part}:
            found.append(_cell("unknown"))
        else:
            found.append(_cell("ok" if column.part in host.parts else "none"))
    if more:
        others = len((lost.keys() | differs.keys()) - {(item.part, item.setting) for item in columns})
        found.append(Cell("others" if others else "none", f"+{others}" if others else "", ""))
    return tuple(found)


def _cell(kind: str, title: str = "") -> Cell:
    return Cell(kind, CELLS[kind][0], title)


def _reason(host: HostReport) -> str:
    """The first thing to know about a host, in one line, and how much more there is."""
    said = _said(host)
    more = f", and {host.findings - 1} more" if host.findings > 1 else ""
    return said + more if said else "Windows has to restart." if host.restart_required else ""


def _said(host: HostReport) -> str:
    if host.troubles:
        return host.troubles[0].message.rstrip(".")
    if host.overrulings:
        lost = host.overrulings[0]
        return f"{words(lost.setting)}: {shown(lost.in_force)} by {lost.gpo}"
    decided = [item.cause.rstrip(".") for item in host.hindrances if item.decides]
    if decided:
        return decided[0]
    if host.differences:
        first = host.differences[0]
        return f"{words(first.setting)}: {shown(first.before)} → {shown(first.after)}"
    return ""
