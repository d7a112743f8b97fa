# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of all checks, and what they say of one host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..._errors import AssistError
from . import connection_checks as connection
from .connection_checks import STAGES, failed_at
from .facts import Facts
from .finding import OK, PROBLEM, REMARK, STATES, UNKNOWN, Finding, Verdict, unknown, worst_first
from .firewall_checks import check_firewall
from .host_checks import check_disk, check_events, check_feature, check_programs
from .invitation_checks import check_endpoints, check_invitation
from .policy_checks import (
    check_control,
    check_offer,
    check_policy,
    check_policy_state,
    check_secure_desktop,
    check_ticket_lifetime,
)
from .session_checks import check_profile, check_screen_lock, check_session, check_session_kind


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: One word; what follows from others stands behind them.
        title: In words.
        look: What it says of the facts; pure.
        needs: Facts it can not do without.
    """

    name: str
    title: str
    look: Callable[[Facts], Verdict]
    needs: tuple[str, ...] = ()


CHECKS = (
    Check(connection.CONNECTION, "Connection variables", connection.check_connection),
    Check(connection.REACHABLE, "Host is reached", connection.check_reachable),
    Check(connection.LOGIN, "Login", connection.check_login),
    Check(connection.RIGHTS, "Administrator", connection.check_rights),
    Check(connection.WINRM, "WinRM", connection.check_winrm),
    Check("feature", "Remote Assistance is installed", check_feature, ("windows",)),
    Check("programs", "Programs", check_programs, ("windows",)),
    Check("policy", "Users may ask for help", check_policy, ("windows", "policy")),
    Check("session", "The user's session", check_session, ("sessions",)),
    Check("profile", "The user's temporary folder", check_profile, ("sessions",)),
    Check("disk", "Disk space", check_disk, ("disks",)),
    Check("invitation", "Invitation that waits", check_invitation, ("waiting",)),
    Check("endpoints", "Endpoints of it", check_endpoints, ("waiting",)),
    Check("firewall", "Firewall in force", check_firewall, ("firewall",)),
    Check("ticket_lifetime", "Lifetime of invitations", check_ticket_lifetime, ("windows",)),
    Check("clock", "Clock", connection.check_clock, ("system",)),
    Check("screen_lock", "Lock screen", check_screen_lock, ("sessions",)),
    Check("session_kind", "Desktop or published app", check_session_kind, ("sessions",)),
    Check("control", "Helper may control", check_control, ("windows",)),
    Check("secure_desktop", "UAC prompts", check_secure_desktop, ("policy",)),
    Check("policy_state", "Group Policy works", check_policy_state, ("policy",)),
    Check("events", "Last errors of Remote Assistance", check_events, ("events",)),
    Check("offer", "Offers of help", check_offer, ("policy",)),
)
_SOURCES = {
    "windows": ("programs", "processes"),
    "policy": ("policy", "programs"),
    "sessions": ("sessions", "programs"),
    "waiting": ("connections", "sessions", "programs"),
    "events": ("events", "programs"),
    "firewall": ("firewall", "programs"),
}
"""Steps of the reading that a fact comes from, besides the one of its own name."""


@dataclass(frozen=True)
class Diagnosis:
    """What all checks say of one host, the worst first."""

    host: str
    user: str | None
    findings: tuple[Finding, ...]

    def of(self, check: str) -> Finding:
        """The finding of one check."""
        return next(item for item in self.findings if item.check == check)

    def in_state(self, state: str) -> list[Finding]:
        """Findings of one state."""
        return [item for item in self.findings if item.state == state]

    @property
    def worst(self) -> str:
        """The worst state."""
        return self.findings[0].state if self.findings else OK

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {
            "worst": self.worst,
            "summary": self.summary,
            "findings": [item.as_data() for item in self.findings],
            "counts": {state: len(self.in_state(state)) for state in STATES},
        }

    @property
    def summary(self) -> str:
        """The answer in one sentence."""
        whom = f"{self.user} on {self.host}" if self.user else self.host
        problems = self.in_state(PROBLEM)
        if problems:
            return f"{whom}: {problems[0].verdict.cause}"
        if self.in_state(UNKNOWN):
            return f"{whom}: no problem was found, and not everything could be looked at."
        waiting = "".join(f" {item.verdict.cause}" for item in self.in_state(REMARK) if item.check == "invitation")
        return f"{whom}: nothing stands in the way of help.{waiting}"


def diagnose(facts: Facts) -> Diagnosis:
    """Run all checks on facts that were read."""
    findings = [_finding(check, facts) for check in CHECKS]
    user = facts.question.user
    return Diagnosis(facts.target.host, user.text if user else None, tuple(worst_first(findings)))


def _finding(check: Check, facts: Facts) -> Finding:
    failed = failed_at(facts)
    if failed is not None and check.name in STAGES and STAGES.index(check.name) > STAGES.index(failed):
        return _not_looked(check, failed)
    missing = next((name for name in check.needs if getattr(facts, name) is None), None)
    if missing is None:
        return Finding(check.name, check.title, check.look(facts))
    if failed is not None:
        return _not_looked(check, failed)
    return _not_told(check, facts, missing)


def _not_looked(check: Check, failed: str) -> Finding:
    verdict = unknown(f"Not looked at, because of the check {failed}.", "Mend that first, then repeat.")
    return Finding(check.name, check.title, verdict, looked=False)


def _not_told(check: Check, facts: Facts, missing: str) -> Finding:
    """The host was asked, and did not tell."""
    error = next((facts.errors[name] for name in (missing, *_SOURCES.get(missing, ())) if name in facts.errors), None)
    if missing in ("sessions", "waiting") and facts.windows is not None and "quser" not in facts.windows.programs:
        error = AssistError("quser.exe is not on this host, so its sessions can not be read.", hint="See programs.")
    if error is None:
        verdict = unknown("The host did not tell.", _FIXES.get(check.name, "Repeat."))
    else:
        verdict = unknown(f"The host did not tell: {error.message}", error.hint or _FIXES.get(check.name, "Repeat."))
    return Finding(check.name, check.title, verdict)


_FIXES = {
    "events": "Switch the log Microsoft-Windows-RemoteAssistance/Operational on.",
}


def lines(diagnosis: Diagnosis) -> list[str]:
    """The diagnosis for a terminal: what is wrong with its fix; in a line each what is well, and what was not seen."""
    found = [diagnosis.summary]
    for item in diagnosis.findings:
        if item.state == OK or not item.looked:
            continue
        found.append(f"{_WORDS[item.state]:<8} {item.check}: {item.verdict.cause}")
        if item.verdict.fix:
            found.append(f"{'':<8} -> {item.verdict.fix}")
    unseen = [item.check for item in diagnosis.findings if not item.looked]
    if unseen:
        found.append(f"{'unseen':<8} {', '.join(unseen)}")
    well = [item.check for item in diagnosis.in_state(OK)]
    if well:
        found.append(f"{'good':<8} {', '.join(well)}")
    return found


_WORDS = {PROBLEM: "PROBLEM", UNKNOWN: "unknown", REMARK: "remark"}
