# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Group Policy and the system's own settings allow, and who decides it."""

from __future__ import annotations

from typing import Any

from ..._formats.invitation import iso_utc
from ..just_in_time.record import Openings
from ..policy.facts import PolicyFacts
from ..policy.report import LOCAL, NOBODY, REGISTRY, describe_policy
from ..policy.settings import TERMINAL_SERVICES, UAC
from ..remote_assistance_state import effective_state
from .events import POLICY_TROUBLE
from .facts import Facts
from .finding import Verdict, ok, problem, remark
from .probe import ANSWERS, RPC

_TITLE = "Configure Solicited Remote Assistance"
_OURS = ("The local Group Policy",)
_FOR_ONE = "Or open it for one invitation alone: assist_just_in_time=true with assist_helper_addresses."
_AGAINST_DOMAIN = (
    "Or, when those who decide that agree, open it for one invitation alone: assist_just_in_time=true and "
    "assist_just_in_time_over_domain=true."
)
_SHORT_MINUTES = 5
"""An invitation that is over sooner can hardly be used."""
_SHOWN = (
    "solicited_remote_assistance",
    "solicited_control",
    "ticket_lifetime",
    "ticket_lifetime_units",
    "offer_remote_assistance",
    "session_logging",
)


def check_policy(facts: Facts) -> Verdict:
    """Whether users may ask for help, and who says so."""
    if facts.windows is None:
        raise AssertionError("windows: read before this check is made")
    if facts.policy is None:
        raise AssertionError("policy: read before this check is made")
    state = effective_state(facts.windows.assistance)
    settings = describe_policy(facts.policy)["settings"]
    who = _who(settings["solicited_remote_assistance"]["decided_by"], facts.policy)
    evidence = {
        "allowed_by": state.allowed_by,
        "decided_by": settings["solicited_remote_assistance"]["decided_by"],
        "domain_policy_known": facts.policy.domain is not None,
        "settings": {name: settings[name] for name in _SHOWN if name in settings},
        "just_in_time": facts.policy.openings.as_data(),
    }
    if state.allowed and facts.policy.openings.holders:
        return remark(
            f"Remote Assistance is open just in time only, {in_words(facts.policy.openings)}; it closes with that.",
            "For another invitation give assist_just_in_time=true as well.",
            **evidence,
        )
    if not state.allowed and state.allowed_by == "policy":
        return problem(
            f"{who[0]} forbids users to ask for Remote Assistance (fAllowToGetHelp is 0).",
            f"{who[1]} {_FOR_ONE if who[0] in _OURS else _AGAINST_DOMAIN}",
            **evidence,
        )
    if not state.allowed:
        return problem(
            "Remote Assistance is off in the host's own settings (System Properties, Remote; fAllowToGetHelp is 0).",
            f"Switch it on there, or enable the policy '{_TITLE}'. {_FOR_ONE}",
            **evidence,
        )
    if state.allowed_by != "policy":
        return ok(
            "Users may ask for Remote Assistance: no policy decides it, and the host's setting allows it.", **evidence
        )
    return ok(f"{who[0]} lets users ask for Remote Assistance.", **evidence)


def in_words(there: Openings) -> str:
    """For which sessions, and until when."""
    said = [f"session {item.session_id or '?'} until {item.until or '?'}" for item in there.holders.values()]
    return f"for the invitation in {' and in '.join(sorted(said))}"


def _who(decided_by: str, policy: PolicyFacts) -> tuple[str, str]:
    """Who decides, and what to do about it."""
    enable = f"enable '{_TITLE}' for this host"
    if decided_by == LOCAL:
        return (
            "The local Group Policy",
            f"Run workspot.assist.enforce with the preset helpdesk, or {enable} in gpedit.msc.",
        )
    if decided_by in (REGISTRY, NOBODY):
        if policy.managed_by_mdm:
            return "Device management (MDM)", f"There, {enable}."
        origin = "that no known GPO sets" if policy.domain is not None else "whose GPO the host does not name"
        return f"A policy value in the registry {origin}", f"Find out who sets it, and {enable}."
    return f'The GPO "{decided_by}"', f"In that GPO, {enable}, and run gpupdate /force on the host."


def check_policy_state(facts: Facts) -> Verdict:
    """Whether the host takes policy as it should: damaged files, refreshes that fail, what waits for one."""
    if facts.policy is None:
        raise AssertionError("policy: read before this check is made")
    if error := facts.errors.get("local_policy"):
        return remark(f"The local Group Policy could not be read: {error.message}", error.hint or "Look at its folder.")
    described = describe_policy(facts.policy)
    local = described["local_group_policy"]
    if local["damage"]:
        return remark(
            f"The host's local Group Policy is damaged, so refreshes may fail: {local['damage']}",
            "Bring the file back from a backup, or move it away; then run gpupdate /force.",
            **local,
        )
    if failed := _failed_refresh(facts):
        return failed
    if local["processing_off"] and local["registry_pol"] == "present":
        return remark(
            "The host does not process its local Group Policy (DisableLGPOProcessing is 1).",
            "Put the settings into a GPO of the domain.",
            **local,
        )
    # While something is open just in time, the live values are to differ, and a refresh would close it.
    if local["pending"] and not facts.policy.openings.holders:
        return remark(
            f"The local Group Policy has settings that are not in force yet: {', '.join(local['pending'])}.",
            "Run gpupdate /force on the host.",
            **local,
        )
    if facts.policy.domain is None:
        return remark(
            "The host does not say which GPO decides what: it keeps no resultant set of policy.",
            "Switch RSOP logging on (policy 'Turn off Resultant Set of Policy logging' not enabled), and refresh.",
            **local,
        )
    return ok("The host processes Group Policy.", **local)


def _failed_refresh(facts: Facts) -> Verdict | None:
    last = next(iter(facts.refreshes or ()), None)
    if last is None or last.number not in POLICY_TROUBLE:
        return None
    what, fix = POLICY_TROUBLE[last.number]
    return remark(
        f"The last refresh of Group Policy, at {iso_utc(last.at)}, failed: {what} (event {last.number}).",
        fix,
        event=last.number,
        at=iso_utc(last.at),
    )


def check_control(facts: Facts) -> Verdict:
    """Whether a helper may do more than look."""
    if facts.windows is None:
        raise AssertionError("windows: read before this check is made")
    if effective_state(facts.windows.assistance).full_control:
        return ok("A helper may share control.")
    who = "A policy or setting"
    if facts.policy is not None:
        decided = describe_policy(facts.policy)["settings"]["solicited_control"]["decided_by"]
        who = _who(decided, facts.policy)[0] if decided != NOBODY else "The host's own setting"
    return remark(
        f"{who} lets a helper view only, not control (fAllowFullControl is 0).",
        f"Set 'Permit remote control of this computer' in '{_TITLE}'.",
    )


def check_ticket_lifetime(facts: Facts) -> Verdict:
    """How long an invitation is good."""
    if facts.windows is None:
        raise AssertionError("windows: read before this check is made")
    state = effective_state(facts.windows.assistance)
    minutes, asked = int(state.lifetime.total_seconds() // 60), facts.question.lifetime_minutes
    evidence = {"lifetime_minutes": minutes, "decided_by": state.lifetime_by, "asked_minutes": asked}
    by = {"policy": "policy", "setting": "the host's own setting"}.get(state.lifetime_by, "Windows by default")
    fix = f"Raise 'Maximum ticket time' in '{_TITLE}'."
    if minutes < min(asked, _SHORT_MINUTES):
        return problem(
            f"Invitations are good for {minutes} minutes only ({by}): too short to be used.", fix, **evidence
        )
    if minutes < asked:
        return remark(
            f"Invitations end after {minutes} minutes ({by}), earlier than the {asked} asked for.", fix, **evidence
        )
    return ok(f"Invitations may be good for {minutes} minutes ({by}).", **evidence)


def check_secure_desktop(facts: Facts) -> Verdict:
    """Whether a helper sees elevation prompts."""
    if facts.policy is None:
        raise AssertionError("policy: read before this check is made")
    live: Any = facts.policy.live
    secure = live.get((UAC.lower(), "promptonsecuredesktop"), 1) != 0
    toggle = live.get((UAC.lower(), "enableuiadesktoptoggle"), 0) == 1
    evidence = {"secure_desktop": secure, "uiaccess_may_switch_it_off": toggle}
    if not secure:
        return ok("UAC prompts come up on the user's desktop, where a helper sees them.", **evidence)
    if toggle:
        return ok("Remote Assistance may switch the secure desktop off for a standard user's UAC prompt.", **evidence)
    return remark(
        "UAC prompts come up on the secure desktop, which a helper does not see: the picture stands still meanwhile.",
        "Have the user answer them, or set uac_uiaccess_prompts: enabled (it weakens UAC; see the module policy).",
        **evidence,
    )


def check_offer(facts: Facts) -> Verdict:
    """Offers of help: not needed for an invitation, so never more than a remark."""
    if facts.policy is None:
        raise AssertionError("policy: read before this check is made")
    live = facts.policy.live
    if live.get((TERMINAL_SERVICES.lower(), "fallowunsolicited")) != 1:
        return ok("Offers of help are not enabled, and no invitation needs them.", offers=False)
    port = facts.ports.get(RPC)
    evidence = {"offers": True, "port_135": port}
    if port is not None and port != ANSWERS:
        return remark(
            f"Offers of help are enabled, and TCP port 135 of {facts.target.address} does not answer from here.",
            "Let helpers reach TCP 135 and raserver.exe (firewall module: dcom and raserver), or invite instead.",
            **evidence,
        )
    return ok("Offers of help are enabled, and TCP port 135 answers.", **evidence)
