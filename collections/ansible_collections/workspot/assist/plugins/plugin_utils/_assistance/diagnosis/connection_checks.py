# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the inventory to rights: is there a host, does it let us in, may we do it, does WinRM work."""

from __future__ import annotations

from typing import Any

from ..._errors import (
    AccessDenied,
    AssistError,
    InvalidOption,
    LibraryMissing,
    LoginRefused,
    MalformedReply,
    OperationTimeout,
    QuotaExceeded,
    ReplyTimeout,
    Unreachable,
)
from .facts import Facts
from .finding import Verdict, ok, problem, remark
from .probe import ANSWERS, HTTP, HTTPS, NO_NAME, NO_ROUTE, RDP, REFUSED

CONNECTION, REACHABLE, LOGIN, RIGHTS, WINRM = "connection", "reachable", "login", "rights", "winrm"
STAGES = (CONNECTION, REACHABLE, LOGIN, RIGHTS, WINRM)
SLOW_SECONDS = 2.0
"""A reply on a pool's network takes milliseconds."""
_LARGE_CLOCK_DIFFERENCE, _CLOCK_DIFFERENCE = 300.0, 30.0
"""Seconds. Kerberos refuses to work beyond five minutes (RFC 4120, section 1.6)."""
_LISTENERS = {HTTP: "WinRM over HTTP", HTTPS: "WinRM over HTTPS"}


def stage_of(error: AssistError) -> str:
    """Which of the first checks an error that ended the reading belongs to."""
    if isinstance(error, InvalidOption | LibraryMissing):
        return CONNECTION
    if isinstance(error, Unreachable):
        return REACHABLE
    if isinstance(error, LoginRefused):
        return LOGIN
    return RIGHTS if isinstance(error, AccessDenied) else WINRM


def failed_at(facts: Facts) -> str | None:
    """The check that says why there is no more to look at; ``None`` when the reading came to its end."""
    return stage_of(facts.error) if facts.error is not None else None


def check_connection(facts: Facts) -> Verdict:
    """The controller's own side."""
    error = facts.error
    if error is not None and failed_at(facts) == CONNECTION:
        return problem(_sentence(error), error.hint or "Check the host's ansible_* variables.", kind=error.kind)
    return ok("The inventory's connection variables make a connection.")


def check_reachable(facts: Facts) -> Verdict:
    """TCP, TLS and HTTP."""
    target = facts.target
    place = f"TCP port {target.port} of {target.address}"
    if facts.error is None or failed_at(facts) != REACHABLE:
        return ok(f"{place} answers.", address=target.address, port=target.port, scheme=target.scheme)
    cause, fix = _why_unreachable(facts, facts.error, place)
    if facts.answers:
        cause = f"The host gave {facts.answers} answers and then was gone: {cause[:1].lower()}{cause[1:]}"
    return problem(
        cause, fix, address=target.address, port=target.port, ports={str(k): v for k, v in facts.ports.items()}
    )


def _why_unreachable(facts: Facts, error: AssistError, place: str) -> tuple[str, str]:
    target, ports = facts.target, facts.ports
    said = ports.get(target.port)
    if said == NO_NAME:
        return (
            f"The name {target.address} has no address.",
            "Correct ansible_host in the inventory, or the name in DNS.",
        )
    if said == NO_ROUTE:
        return (
            f"There is no route to {target.address}.",
            "Check the network between this controller and the host, and VPN.",
        )
    if said is None or said == ANSWERS:
        return _sentence(error), error.hint or "Repeat."
    other = next((port for port in _LISTENERS if port != target.port and ports.get(port) == ANSWERS), None)
    if other is not None:
        scheme = "https" if other == HTTPS else "http"
        return (
            f"Nothing answers at {place}, but {_LISTENERS[other]} does at {other}.",
            f"Set ansible_port to {other} and the connection's scheme to {scheme}.",
        )
    if said == REFUSED:
        return (
            f"{target.address} is there, and nothing listens on its TCP port {target.port}.",
            "Start WinRM on the host (winrm quickconfig), or correct ansible_port.",
        )
    if ports.get(RDP) == ANSWERS:
        return (
            f"The host is up (Remote Desktop answers), and {place} stays silent.",
            "Let this controller in: Windows Firewall rule 'Windows Remote Management (HTTP-In)', or one between.",
        )
    return (
        f"{place} stays silent, and so does every other port that was tried.",
        "Switch the host on; if it is on, a firewall between drops everything.",
    )


def check_login(facts: Facts) -> Verdict:
    """Whether the host takes the account."""
    target = facts.target
    evidence = {"account": target.account, "method": target.method}
    error = facts.error
    if error is None or failed_at(facts) != LOGIN:
        return ok(f"The host takes the login of {target.account or 'the connection'}.", **evidence)
    cause = _sentence(error)
    if "refused the login" in error.message:
        how = f" by {target.method}" if target.method else ""
        cause = f"The host refused the login of {target.account or 'the connection'}{how}."
    return problem(cause, error.hint or "Check user name and password.", **evidence)


def check_rights(facts: Facts) -> Verdict:
    """Whether the account is a whole administrator over the network."""
    target = facts.target
    name = target.account or "the connection's account"
    denied = [key for key, error in facts.errors.items() if isinstance(error, AccessDenied)]
    if failed_at(facts) == RIGHTS:
        if target.is_local_account:
            return problem(
                f"{name} may log in and is refused everything: a local account that UAC filters over the network, or "
                "one that is no administrator.",
                "Set LocalAccountTokenFilterPolicy to 1 on the host, or use a domain account that is an administrator.",
                account=target.account,
                local_account=True,
            )
        return problem(
            f"{name} may log in and is no administrator of this host.",
            "Make the account a member of the host's group Administrators.",
            account=target.account,
            local_account=False,
        )
    if "programs" in denied:
        return problem(
            f"{name} may ask for data and may start no program over WinRM.",
            "Enable the policy 'Allow Remote Shell Access' (AllowRemoteShellAccess) for the host.",
            refused=denied,
        )
    if denied:
        return problem(
            f"{name} is an administrator, and the host refused it {', '.join(denied)}.",
            "Check the permissions of these WMI namespaces.",
            refused=denied,
        )
    return ok(f"{name} is an administrator of this host.", account=target.account)


def check_winrm(facts: Facts) -> Verdict:
    """Quotas, damaged or late replies, connections that break."""
    late = {name: item for name, item in facts.errors.items() if name != "local_policy"}
    error = facts.error if failed_at(facts) == WINRM else next(iter(_of_winrm(late)), None)
    evidence: dict[str, Any] = {
        "answers": facts.answers,
        "typical_seconds": facts.typical_seconds,
        "broken": facts.repeats,
    }
    if error is not None:
        return problem(*_winrm_trouble(error, facts), **evidence, kind=error.kind)
    if facts.repeats:
        times = "a connection" if facts.repeats == 1 else f"{facts.repeats} connections"
        return remark(
            f"{times[:1].upper()}{times[1:]} to the host broke; the repeat worked.",
            "Look at the network, and at devices between that close connections.",
            **evidence,
        )
    if facts.typical_seconds >= SLOW_SECONDS:
        return remark(
            f"The host takes {facts.typical_seconds:g} seconds for an answer.",
            "Give workspot.assist.assist more time (assist_timeout), and look what keeps the host busy.",
            **evidence,
        )
    return ok(f"WinRM gave {facts.answers} answers, one in {facts.typical_seconds:g} seconds.", **evidence)


def _of_winrm(errors: dict[str, AssistError]) -> list[AssistError]:
    kinds = (QuotaExceeded, MalformedReply, ReplyTimeout, OperationTimeout)
    return [item for item in errors.values() if isinstance(item, kinds)] + (
        [errors["system"]] if "system" in errors else []
    )


def _winrm_trouble(error: AssistError, facts: Facts) -> tuple[str, str]:
    if isinstance(error, QuotaExceeded):
        return (
            "A WinRM quota of the host or of the account is used up.",
            "Wait until other automation of this account is done, or raise MaxShellsPerUser and "
            "MaxConcurrentOperationsPerUser.",
        )
    if isinstance(error, ReplyTimeout | OperationTimeout):
        what = "in time" if facts.answers else "at all"
        return f"The host accepts connections and does not answer {what}.", "Look what keeps the host busy; restart it."
    if isinstance(error, MalformedReply):
        return (
            f"What answers is not WinRM as Windows speaks it: {_lower(_sentence(error))}",
            "Look for a proxy or security device between that changes replies.",
        )
    return _sentence(error), error.hint or "Repeat."


def check_clock(facts: Facts) -> Verdict:
    """The host's clock against the controller's."""
    if facts.system is None:
        raise AssertionError("system: read before this check is made")
    seconds = facts.system.difference_seconds
    evidence = {"difference_seconds": seconds}
    if abs(seconds) < _CLOCK_DIFFERENCE:
        return ok("The host's clock agrees with the controller's.", **evidence)
    direction = "ahead of" if seconds > 0 else "behind"
    cause = f"The host's clock is {abs(seconds):.0f} seconds {direction} the controller's."
    if abs(seconds) < _LARGE_CLOCK_DIFFERENCE:
        return remark(cause, "Set the clocks; invitations go by the host's.", **evidence)
    return problem(
        f"{cause[:-1]}, and Kerberos refuses to work beyond 300.",
        "Set the clocks: w32tm /resync on the host, or the controller's time service.",
        **evidence,
    )


def _sentence(error: AssistError) -> str:
    text = " ".join(error.message.split())
    return f"{text[:1].upper()}{text[1:]}"


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
