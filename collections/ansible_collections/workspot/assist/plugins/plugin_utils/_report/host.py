# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host in the report: what ``workspot.assist.remote_assistance`` returned for it, as data that can be trusted."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clean import clean, mapping, mappings, plain, texts

UNREACHABLE, FAILED, OVERRULED, DRIFTED, CHANGED, COMPLIANT = STATES = (
    "unreachable",
    "failed",
    "overruled",
    "drifted",
    "changed",
    "compliant",
)
"""The worst first."""
PARTS = ("feature", "policy", "firewall")
"""In the order in which they are applied."""
REMARKS = frozenset({"firewall_off", "in_force_unknown", "not_enforced", "partly_blocked"})
"""Hindrances by which nobody decides otherwise; a result does not carry the `decides` of the firewall's own record."""
DECIDED = frozenset({"policy_overruled", "firewall_not_in_force"})
"""Errors that say that somebody else decides."""


@dataclass(frozen=True)
class Difference:
    """A setting that differed: what it was and what it is, or in a check run would be.

    Attributes:
        part: One of `PARTS`.
        setting: The option.
        title: Windows' words.
        before: What it was.
        after: What is wanted.
        where: Where it differed, for policy.
    """

    part: str
    setting: str
    title: str
    before: Any
    after: Any
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overruling:
    """A setting that a GPO of the domain decides otherwise."""

    setting: str
    title: str
    wanted: Any
    in_force: Any
    gpo: str
    gpo_id: str


@dataclass(frozen=True)
class Hindrance:
    """What keeps the firewall's exception from having its effect in a profile."""

    kind: str
    title: str
    profile: str
    cause: str
    fix: str

    @property
    def where(self) -> str:
        """What it is about, with the profile."""
        return f"{self.title}, {self.profile} profile" if self.profile else self.title

    @property
    def decides(self) -> bool:
        """Whether somebody else decides, or it is a remark."""
        return self.kind not in REMARKS


@dataclass(frozen=True)
class Trouble:
    """An error; of the host as a whole when `part` is empty."""

    part: str
    kind: str
    message: str
    hint: str


@dataclass(frozen=True)
class Rule:
    """A rule of a published baseline."""

    rule_id: str
    baseline: str
    setting: str
    wanted: Any
    in_force: Any
    met: bool


@dataclass(frozen=True)
class HostReport:
    """One host.

    Attributes:
        host: Its name in the inventory.
        state: One of `STATES`.
        parts: Those that were looked at, of `PARTS`.
        restart_required: Whether Windows has to restart for the feature.
        written: Whether the run certainly wrote to it.
        feature: ``present`` or ``absent``; empty when it was not looked at.
        exchanges: WS-Management requests.
    """

    host: str
    state: str
    parts: tuple[str, ...] = ()
    restart_required: bool = False
    written: bool = False
    feature: str = ""
    differences: tuple[Difference, ...] = ()
    overrulings: tuple[Overruling, ...] = ()
    hindrances: tuple[Hindrance, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    warnings: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    exchanges: int | None = None

    @property
    def findings(self) -> int:
        """How many things a person has to look at."""
        decided = sum(1 for item in self.hindrances if item.decides)
        return len(self.differences) + len(self.overrulings) + decided + len(self.troubles)

    @property
    def rank(self) -> tuple[Any, ...]:
        """Sorts the worst first, and names as people do."""
        return STATES.index(self.state), -self.findings, natural(self.host), self.host

    def as_data(self) -> dict[str, Any]:
        """As the JSON file has it."""
        data = as_plain(self)
        del data["written"]
        return dict(data)


def as_plain(value: Any) -> Any:
    """Records as dictionaries and tuples as lists: what JSON knows."""
    if dataclasses.is_dataclass(value):
        return {item.name: as_plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    return [as_plain(item) for item in value] if isinstance(value, tuple) else value


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts desk-2 before desk-10."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(0, int(piece), "") if piece[0] in "0123456789" else (1, 0, piece) for piece in pieces]


def host_report(host: str, result: Mapping[str, Any]) -> HostReport:
    """What a result says; whatever it lacks is taken for not looked at."""
    parts = {part: mapping(result.get(part)) for part in PARTS if isinstance(result.get(part), Mapping)}
    policy, firewall, feature = (parts.get(part, {}) for part in ("policy", "firewall", "feature"))
    version = mapping(policy.get("version"))
    exchanges = result.get("exchanges")
    return HostReport(
        host=clean(host),
        state=_state(result),
        parts=tuple(parts),
        restart_required=feature.get("restart_required") is True,
        written=version.get("before") != version.get("after"),
        feature=clean(feature.get("state")),
        differences=(
            *_feature_difference(feature),
            *_differences("policy", policy),
            *_differences("firewall", firewall),
        ),
        overrulings=tuple(_overruling(item) for item in mappings(policy.get("overruled"))),
        hindrances=tuple(_hindrance(item) for item in mappings(firewall.get("hindrances"))),
        troubles=_troubles(result, parts),
        warnings=_warnings(policy, firewall),
        rules=tuple(_rule(item) for item in mappings(result.get("baselines"))),
        exchanges=int(exchanges) if isinstance(exchanges, int) and 0 <= exchanges < 2**31 else None,
    )


def _state(result: Mapping[str, Any]) -> str:
    if result.get("unreachable"):
        return UNREACHABLE
    state = result.get("state")
    if state not in STATES or (result.get("failed") and state in (DRIFTED, CHANGED, COMPLIANT)):
        return FAILED
    return str(state)


def _differences(part: str, found: Mapping[str, Any]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            part,
            clean(item.get("setting")),
            clean(item.get("title") or item.get("setting")),
            plain(item.get("before")),
            plain(item.get("after")),
            texts(item.get("where")),
        )
        for item in mappings(found.get("changes"))
    )


def _feature_difference(feature: Mapping[str, Any]) -> tuple[Difference, ...]:
    if not feature.get("changed"):
        return ()
    after = clean(feature.get("state"))
    # There are two states, so the one tells the other.
    before = clean(feature.get("before")) or ("absent" if after == "present" else "present")
    return (Difference("feature", "feature", "Remote Assistance feature", before, after),)


def _overruling(item: Mapping[str, Any]) -> Overruling:
    return Overruling(
        clean(item.get("setting")),
        clean(item.get("title") or item.get("setting")),
        plain(item.get("wanted")),
        plain(item.get("in_force")),
        clean(item.get("gpo")),
        clean(item.get("gpo_id")),
    )


def _hindrance(item: Mapping[str, Any]) -> Hindrance:
    return Hindrance(*(clean(item.get(name)) for name in ("kind", "title", "profile", "cause", "fix")))


def _rule(item: Mapping[str, Any]) -> Rule:
    rule_id, baseline, setting = (clean(item.get(name)) for name in ("rule_id", "baseline", "setting"))
    wanted, in_force = plain(item.get("wanted")), plain(item.get("in_force"))
    return Rule(rule_id, baseline, setting, wanted, in_force, item.get("met") is True)


def _troubles(result: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> tuple[Trouble, ...]:
    found = [_trouble(part, item["error"]) for part, item in parts.items() if isinstance(item.get("error"), Mapping)]
    if found:
        # The result's own error is one of these again.
        return tuple(found)
    if isinstance(result.get("error"), Mapping):
        return (_trouble("", result["error"]),)
    if result.get("unreachable") or result.get("failed") or result.get("state") not in STATES:
        kind = UNREACHABLE if result.get("unreachable") else FAILED
        return (Trouble("", kind, clean(result.get("msg")) or "There is no result to tell of.", ""),)
    return ()


def _trouble(part: str, error: Mapping[str, Any]) -> Trouble:
    return Trouble(part, clean(error.get("kind")) or FAILED, clean(error.get("message")), clean(error.get("hint")))


def _warnings(policy: Mapping[str, Any], firewall: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the firewall are its hindrances once more, which are told on their own."""
    told = firewall.get("hindrances")
    return (*texts(policy.get("warnings")), *(() if told else texts(firewall.get("warnings"))))
