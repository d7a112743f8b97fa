# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole pool: every host's result in, counts, summaries and the hosts sorted with the worst first out. Pure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .clean import clean
from .host import CHANGED, DRIFTED, STATES, HostReport, Rule, as_plain, host_report, natural

FORMAT = 1
"""Of the JSON file; raised when a key changes its meaning."""
RESTART = "restart_required"
DEFAULT_TITLE = "Remote Assistance compliance"


@dataclass(frozen=True)
class SettingSummary:
    """One setting on all hosts.

    Attributes:
        part: ``feature``, ``policy`` or ``firewall``.
        setting: The option.
        title: Windows' words.
        differs: Hosts on which it differed.
        overruled: Hosts on which somebody else decides it.
    """

    part: str
    setting: str
    title: str
    differs: int
    overruled: int


@dataclass(frozen=True)
class RuleSummary:
    """One rule of a baseline on all hosts that were read."""

    rule_id: str
    baseline: str
    setting: str
    wanted: Any
    met: int
    broken: int


@dataclass(frozen=True)
class Decider:
    """Who or what decides instead: a GPO by name, or the cause of a hindrance.

    Attributes:
        name: The GPO, or the cause.
        detail: The GPO's id, or what to do.
        settings: What it decides.
        hosts: On how many hosts.
    """

    name: str
    detail: str
    settings: tuple[str, ...]
    hosts: int


@dataclass(frozen=True)
class TroubleSummary:
    """One kind of error on all hosts."""

    kind: str
    hint: str
    hosts: int


@dataclass(frozen=True)
class ReportData:
    """Everything the outputs are made of.

    Attributes:
        title: Of the page.
        generated: When, in UTC, as ``2026-03-04T05:06:07Z``.
        hosts: The worst first.
        counts: Hosts by state, and those that need a restart.
        settings: Those that differ on any host, the most hosts first.
        rules: In the order of the baselines.
        deciders: The most hosts first.
        troubles: The most hosts first.
        not_looked_at: Hosts without a result.
        written: Whether the run was no check run, as far as the results tell.
    """

    title: str
    generated: str
    hosts: tuple[HostReport, ...]
    counts: Mapping[str, int]
    settings: tuple[SettingSummary, ...]
    rules: tuple[RuleSummary, ...]
    deciders: tuple[Decider, ...]
    troubles: tuple[TroubleSummary, ...]
    not_looked_at: tuple[str, ...]
    written: bool

    @property
    def good(self) -> int:
        """Hosts that are now as they should be."""
        return self.counts["compliant"] + self.counts[CHANGED]

    def as_data(self) -> dict[str, Any]:
        """As the JSON file has it."""
        head = ("title", "generated", "written", "counts")
        lists = ("not_looked_at", "settings", "rules", "deciders", "troubles")
        return {
            "format": FORMAT,
            **{name: as_plain(getattr(self, name)) for name in (*head, *lists)},
            "hosts": [host.as_data() for host in self.hosts],
        }

    def as_json(self) -> str:
        """The JSON file."""
        return json.dumps(self.as_data(), indent=2, ensure_ascii=False) + "\n"

    def lines(self) -> list[str]:
        """One line per state that any host is in, the worst first, then how many are as they should be."""
        found = [f"{state}: {self.counts[state]}" for state in STATES if self.counts[state]]
        if self.counts[RESTART]:
            found.append(f"restart due: {self.counts[RESTART]}")
        return [*found, f"as they should be: {self.good} of {len(self.hosts)}"]


def moment(when: datetime) -> str:
    """A time as the report has it, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def report_data(
    results: Mapping[str, Any],
    *,
    generated: datetime,
    title: str = DEFAULT_TITLE,
    not_looked_at: Iterable[str] = (),
) -> ReportData:
    """The report on a pool.

    Args:
        results: Result by host. One that is empty or was skipped counts as not looked at.
        generated: Now.
        title: Of the page.
        not_looked_at: Further hosts without a result.
    """
    looked_at = {str(host): result for host, result in results.items() if _is_result(result)}
    missing = {clean(host) for host in (*not_looked_at, *results) if str(host) not in looked_at}
    # By their own names first: two that differ in an unprintable character alone would be a draw.
    named = [host_report(host, looked_at[host]) for host in sorted(looked_at)]
    hosts = tuple(sorted(named, key=lambda host: host.rank))
    counts = Counter(host.state for host in hosts)
    return ReportData(
        title=clean(title) or DEFAULT_TITLE,
        generated=moment(generated),
        hosts=hosts,
        counts={**{state: counts[state] for state in STATES}, RESTART: sum(host.restart_required for host in hosts)},
        settings=_settings(hosts),
        rules=_rules(hosts),
        deciders=_deciders(hosts),
        troubles=_troubles(hosts),
        not_looked_at=tuple(sorted(missing, key=lambda name: (natural(name), name))),
        written=_written(hosts),
    )


def _is_result(result: Any) -> bool:
    return isinstance(result, Mapping) and bool(result) and not result.get("skipped")


def _written(hosts: Iterable[HostReport]) -> bool:
    """A result does not say whether it is a check run's, but states are named differently there."""
    states = {host.state for host in hosts}
    return CHANGED in states or (DRIFTED not in states and any(host.written for host in hosts))


def _settings(hosts: Iterable[HostReport]) -> tuple[SettingSummary, ...]:
    titles: dict[tuple[str, str], str] = {}
    differs: Counter[tuple[str, str]] = Counter()
    decided: Counter[tuple[str, str]] = Counter()
    for host in hosts:
        here = {(item.part, item.setting): item.title for item in host.differences}
        lost = decided_settings(host)
        titles = {**here, **lost, **titles}
        differs.update(here.keys())
        decided.update(lost.keys())
    found = [SettingSummary(*where, titles[where], differs[where], decided[where]) for where in titles]
    return tuple(sorted(found, key=lambda item: (-item.differs - item.overruled, item.part, natural(item.setting))))


def decided_settings(host: HostReport) -> dict[tuple[str, str], str]:
    """Titles, by part and setting, of what somebody else decides on a host."""
    found = {("policy", item.setting): item.title for item in host.overrulings}
    for item in host.hindrances:
        if item.decides:
            found["firewall", f"{item.profile or 'any'}.exception"] = item.where
    return found


def _rules(hosts: Iterable[HostReport]) -> tuple[RuleSummary, ...]:
    met: Counter[tuple[str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], Rule] = {}
    for host in hosts:
        for rule in host.rules:
            where = (rule.rule_id, rule.baseline)
            known.setdefault(where, rule)
            seen[where] += 1
            met[where] += rule.met
    return tuple(
        RuleSummary(rule.rule_id, rule.baseline, rule.setting, rule.wanted, met[where], seen[where] - met[where])
        for where, rule in sorted(known.items(), key=lambda item: (item[0][1], natural(item[0][0]), item[0]))
    )


def _deciders(hosts: Iterable[HostReport]) -> tuple[Decider, ...]:
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    settings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for number, host in enumerate(hosts):
        lost = [((item.gpo, item.gpo_id), item.title) for item in host.overrulings]
        lost += [((item.cause, item.fix), item.where) for item in host.hindrances if item.decides]
        for who, setting in lost:
            places[who].add(number)
            settings[who].add(setting)
    found = [Decider(*who, tuple(sorted(settings[who])), len(places[who])) for who in places]
    return tuple(sorted(found, key=lambda item: (-item.hosts, item.name, item.detail)))


def _troubles(hosts: Iterable[HostReport]) -> tuple[TroubleSummary, ...]:
    kinds: Counter[str] = Counter()
    hints: dict[str, Counter[str]] = defaultdict(Counter)
    for host in hosts:
        for kind, hint in {item.kind: item.hint for item in host.troubles}.items():
            kinds[kind] += 1
            hints[kind][hint] += 1
    # The hint that most hosts have; of as many, the first by its text, so that the outcome stays the same.
    best = {kind: min(found.items(), key=lambda item: (-item[1], item[0]))[0] for kind, found in hints.items()}
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return tuple(TroubleSummary(kind, best[kind], number) for kind, number in ordered)
