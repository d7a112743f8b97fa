# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one check found, and the order in which a person wants to read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OK, REMARK, UNKNOWN, PROBLEM = "ok", "remark", "unknown", "problem"
STATES = (PROBLEM, UNKNOWN, REMARK, OK)
"""The worst first."""


@dataclass(frozen=True)
class Verdict:
    """What a check says of the facts.

    Attributes:
        state: One of `STATES`.
        cause: The exact cause, one sentence.
        fix: What to do, one sentence; empty when nothing has to be done.
        evidence: What was seen, as data.
    """

    state: str
    cause: str
    fix: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A verdict with the name of its check.

    Attributes:
        check: The check, one word.
        title: The check, in words.
        verdict: What it says.
        looked: Whether there were facts to look at.
    """

    check: str
    title: str
    verdict: Verdict
    looked: bool = True

    @property
    def state(self) -> str:
        """One of `STATES`."""
        return self.verdict.state

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        verdict = self.verdict
        return {
            "check": self.check,
            "title": self.title,
            "state": verdict.state,
            "cause": verdict.cause,
            "fix": verdict.fix or None,
            "evidence": dict(verdict.evidence),
        }


def one_line(text: str) -> str:
    """Text with a host's own words in it, as a terminal can show it: one line, nothing that moves a cursor."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())


def ok(cause: str, **evidence: Any) -> Verdict:
    """All is well."""
    return Verdict(OK, one_line(cause), "", evidence)


def remark(cause: str, fix: str, **evidence: Any) -> Verdict:
    """Worth knowing; it keeps nobody from helping."""
    return Verdict(REMARK, one_line(cause), one_line(fix), evidence)


def problem(cause: str, fix: str, **evidence: Any) -> Verdict:
    """This user can not be helped as it is."""
    return Verdict(PROBLEM, one_line(cause), one_line(fix), evidence)


def unknown(cause: str, fix: str, **evidence: Any) -> Verdict:
    """The host did not tell."""
    return Verdict(UNKNOWN, one_line(cause), one_line(fix), evidence)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Problems, then what is unknown, remarks, and what is well; within each, causes before what follows from them."""
    return sorted(findings, key=lambda item: (STATES.index(item.state), not item.looked))


def worst_state(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The worst of some verdicts, the first one among equals."""
    return min(verdicts, key=lambda item: STATES.index(item.state), default=None)
