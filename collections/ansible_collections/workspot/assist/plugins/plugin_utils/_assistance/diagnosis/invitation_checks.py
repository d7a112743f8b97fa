# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An invitation that waits already: whose it is, and whether a helper can reach it from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._formats.invitation import iso_utc
from ..guard import MAKING
from ..request import EndpointReport
from .facts import Facts, Waiting
from .finding import Verdict, ok, problem, remark, worst_state

_FIRST_PORT, _LAST_PORT = 49152, 65535
"""Dynamic ports (learn.microsoft.com, "default dynamic port range for TCP/IP")."""


def check_invitation(facts: Facts) -> Verdict:
    """Windows allows one invitation per session."""
    if facts.waiting is None:
        raise AssertionError("waiting: read before this check is made")
    verdicts = [_waiting(facts, number, item) for number, item in facts.waiting.items()]
    found = [item for item in verdicts if item is not None]
    return worst_state(found) or ok("No invitation waits, so a new one can be made.")


def _waiting(facts: Facts, number: int, item: Waiting) -> Verdict | None:
    guard, now = item.guard, facts.now
    evidence: dict[str, Any] = {
        "session_id": number,
        "ours": item.ours,
        "process_id": item.process.process_id if item.process else None,
        "expires": iso_utc(guard.until) if guard and item.ours else None,
        "helper_address": item.helper.remote_address if item.helper else None,
    }
    if guard is not None and guard.stage == MAKING and now is not None and guard.until > now:
        return remark(
            f"Another run makes an invitation in session {number} at this moment.",
            f"Wait for it; it is over by {iso_utc(guard.until)} at the latest.",
            **evidence,
        )
    if item.process is None:
        if guard is None:
            return None
        return remark(
            f"An earlier invitation in session {number} is over, and its guard is still on the host.",
            "Nothing has to be done: a new invitation replaces it, and workspot.assist.revoke removes it.",
            **evidence,
        )
    if item.helper is not None:
        return remark(
            f"A helper is connected to session {number}, from {item.helper.remote_address}.",
            "Wait until that helper is done; the user can end it with the window of Remote Assistance.",
            **evidence,
        )
    if item.ours and guard is not None:
        return remark(
            f"An invitation of ours waits in session {number} until {iso_utc(guard.until)}.",
            f"Use it, or take it back: ansible-playbook workspot.assist.revoke -e user={_user(facts)}.",
            **evidence,
        )
    what = "waits in" if item.listeners else "is open, without waiting for a helper, in"
    return problem(
        f"Remote Assistance that the user started {what} session {number} (msra.exe, process "
        f"{item.process.process_id}), and Windows allows one per session.",
        "Have the user close its window, or use the user's own invitation and password.",
        **evidence,
    )


def _user(facts: Facts) -> str:
    return facts.question.user.name if facts.question.user else "NAME"


def check_endpoints(facts: Facts) -> Verdict:
    """Whether the endpoints of what waits answer from here."""
    if facts.waiting is None:
        raise AssertionError("waiting: read before this check is made")
    verdicts = [_endpoints(number, item) for number, item in facts.waiting.items() if item.listeners]
    return worst_state(verdicts) or ok(
        f"No invitation waits whose endpoints could be tried; Windows will choose ports from {_FIRST_PORT} to "
        f"{_LAST_PORT}."
    )


def _endpoints(number: int, item: Waiting) -> Verdict:
    ports = sorted({found.port for found in item.listeners})
    evidence = {"session_id": number, "ports": ports, "endpoints": [vars(found) for found in item.endpoints]}
    if item.helper is not None:
        return ok(f"A helper is connected to session {number}, so its endpoints were not tried.", **evidence)
    if not item.endpoints:
        return ok(f"The endpoints of session {number} were not tried; its ports are {_listed(ports)}.", **evidence)
    good = [found for found in item.endpoints if found.reachable]
    if good:
        return ok(f"{_place(good[0])} answers from here ({len(good)} of {len(item.endpoints)} endpoints).", **evidence)
    strange = [port for port in ports if not _FIRST_PORT <= port <= _LAST_PORT]
    span = f"TCP {_FIRST_PORT} to {_LAST_PORT}" if not strange else f"TCP {_listed(strange)}"
    return problem(
        f"None of the {len(item.endpoints)} endpoints of the invitation in session {number} answers from here: "
        f"{', '.join(_place(found) for found in item.endpoints[:4])}.",
        f"Let helpers reach {span} of the host: a firewall between, NAT or VPN hides it; see also the check firewall.",
        **evidence,
    )


def _place(found: EndpointReport) -> str:
    return f"[{found.address}]:{found.port}" if ":" in found.address else f"{found.address}:{found.port}"


def _listed(ports: Sequence[int]) -> str:
    return ", ".join(str(port) for port in ports)
