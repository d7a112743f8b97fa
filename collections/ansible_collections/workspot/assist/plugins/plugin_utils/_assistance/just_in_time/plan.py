# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an opening has to change on a host, and what makes it useless there. Nothing here writes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ..._formats.firewall_rule import ALL_PROFILES
from ..._formats.reg_query import parse_reg_query
from ..._windows.facts_batch import Batch
from ..._windows.host_facts import REG
from ..._windows.policy import POLICY_KEY, AssistanceValues, assistance_values
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from ..firewall import facts as firewall_facts
from ..firewall.desired import FirewallRequest
from ..firewall.hindrances import hindrances
from ..firewall.rules import MSRA, PROFILES
from ..policy.facts import read_domain
from ..policy.plan import DomainValue
from ..policy.settings import TERMINAL_SERVICES
from ..remote_assistance_state import AssistanceState, effective_state
from .errors import JustInTimeRefused
from .lines import keys_command, query_command
from .record import ALLOW, CONTROL, EXPIRY, KEYS, NAMES, ROOT, UNITS, Kept, Openings, Record, openings
from .wishes import CONTROLS, Wishes

_MOST = 99
"""MaxTicketExpiry, RemoteAssistance.admx."""
_UNITS = ((0, 1), (1, 60), (2, 24 * 60))
"""MaxTicketExpiryUnits and its minutes."""


@dataclass(frozen=True)
class Plan:
    """One opening.

    Attributes:
        wishes: What is asked for.
        there: What is open on the host already.
        before: Values of `NAMES` as they are now, ``None`` for one that is not there; empty when policy lets users ask
            without our help.
        made_keys: How many of `KEYS` are not there.
        values: Policy values to write.
        profiles: Bits of the firewall profiles that the host is in.
        state: What Remote Assistance may do there when it is open.
        warnings: What the operator should know.
    """

    wishes: Wishes
    there: Openings
    before: Mapping[str, Kept | None]
    made_keys: int
    values: Mapping[str, int]
    profiles: int
    state: AssistanceState
    warnings: tuple[str, ...] = ()

    @property
    def joins(self) -> bool:
        """Whether an earlier opening's record stands on the host."""
        return self.there.record is not None

    def record(self, token: str) -> Record:
        """The state before the first opening."""
        return self.there.record or Record(token, self.before, self.made_keys if self.before else 0)

    def as_data(self) -> list[dict[str, Any]]:
        """What is, or would be, opened, as a module result carries it."""
        before = self.there.record.values if self.there.record else self.before
        found: list[dict[str, Any]] = [
            {
                "what": "policy",
                "name": name,
                "value": number,
                "before": None if (kept := before.get(name)) is None else kept.data,
            }
            for name, number in self.values.items()
        ]
        profiles = [name for name, bit in PROFILES.items() if self.profiles & bit]
        rule = {"what": "firewall", "program": "msra.exe", "profiles": profiles}
        return [*found, {**rule, "helper_addresses": self.wishes.shown}]


@dataclass(frozen=True)
class _Facts:
    values: Mapping[str, Kept]
    numbers: AssistanceValues
    there: Openings
    made_keys: int
    firewall: firewall_facts.FirewallFacts
    names: Mapping[str, str] = field(default_factory=dict)


def make_plan(
    client: WsmanClient,
    shell: Shell,
    wishes: Wishes,
    lifetime: timedelta,
    system: Mapping[str, int],
    *,
    token: str | None = None,
) -> Plan:
    """Read what decides, and plan: two exchanges, three queries, one more where policy has to be opened.

    Args:
        client: The host.
        shell: An open shell of it.
        wishes: What is asked for.
        lifetime: How long the invitation is to be good.
        system: The host's own settings, by lower-case name.
        token: This run's own opening, when there is one already.

    Raises:
        JustInTimeRefused: Opening it would not help, or is not for us to do.
    """
    facts = _read(client, shell, system)
    profiles = (facts.firewall.networks or 0) or ALL_PROFILES
    _refuse_useless(client.host, wishes, profiles, facts.firewall)
    now = effective_state(facts.numbers)
    record = facts.there.record
    if facts.there.damaged:
        raise JustInTimeRefused(
            f"the record of what {facts.there.damaged} was before an earlier opening is damaged.",
            host=client.host,
            hint=f"Set the policy anew on that host (playbook enforce), and delete the key {ROOT} there.",
        )
    closed = not now.allowed or (record is not None and bool(record.values))
    if not closed:
        return Plan(wishes, facts.there, {}, 0, {}, profiles, now)
    warnings = _who_closed(client, wishes, facts)
    if record is None:
        _refuse_odd(client.host, facts.values)
    elif not record.values:
        raise JustInTimeRefused(
            "policy has forbidden Remote Assistance since something else was opened here just in time.",
            host=client.host,
            hint="Wait until that is closed, and repeat.",
        )
    values = _values(client.host, wishes, lifetime, now, facts, token)
    numbers = {**facts.numbers.policy, **{name.lower(): number for name, number in values.items()}}
    state = effective_state(replace(facts.numbers, policy=numbers))
    before: dict[str, Kept | None] = {name: facts.values.get(name.lower()) for name in NAMES}
    return Plan(wishes, facts.there, before, facts.made_keys, values, profiles, state, warnings)


def _read(client: WsmanClient, shell: Shell, system: Mapping[str, int]) -> _Facts:
    batch = Batch()
    # In this order: whoever closes restores the values first and forgets the record then.
    batch.add("openings", query_command())
    batch.add("assistance-policy", f'{REG} query "{POLICY_KEY}" 2>nul')
    batch.add("policy-keys", keys_command())
    firewall_facts.add_questions(batch)
    answers = batch.run(shell)
    tree = parse_reg_query(answers["assistance-policy"])
    wanted = POLICY_KEY.replace("HKLM", "HKEY_LOCAL_MACHINE", 1).lower()
    values = {
        name.lower(): Kept.of(value)
        for path, found in tree.items()
        if path.lower() == wanted
        for name, value in found.items()
    }
    numbers = assistance_values(answers["assistance-policy"], "")
    there = answers["policy-keys"].split()
    return _Facts(
        values=values,
        numbers=AssistanceValues(numbers.policy, dict(system)),
        there=openings(answers["openings"]),
        made_keys=sum(f"key-{number}" not in there for number in range(len(KEYS))),
        firewall=firewall_facts.facts_of(client, answers, networks=True),
    )


def _refuse_useless(host: str, wishes: Wishes, profiles: int, facts: firewall_facts.FirewallFacts) -> None:
    """Refuse where a rule of ours would not let anybody in."""
    parts = {(name, MSRA): True for name, bit in PROFILES.items() if profiles & bit}
    request = FirewallRequest(parts=parts, remote_addresses=frozenset(wishes.addresses))
    deciding = [item for item in hindrances(request, facts) if item.decides]
    if deciding:
        said = " ".join(dict.fromkeys(f"{item.profile}: {item.cause}" for item in deciding))
        fixes = " ".join(dict.fromkeys(item.fix for item in deciding))
        raise JustInTimeRefused(
            f"a firewall rule made just in time would not count here: {said}", host=host, hint=fixes
        )


def _who_closed(client: WsmanClient, wishes: Wishes, facts: _Facts) -> tuple[str, ...]:
    """Refuse what a domain's GPO has closed, unless that is to be opened too."""
    domain = read_domain(client)
    if domain is None:
        return ("the host does not say whether a domain's GPO forbids Remote Assistance; a refresh may close it.",)
    decided: DomainValue | None = domain.get((TERMINAL_SERVICES.lower(), ALLOW.lower()))
    if decided is None or decided.data == 1:
        return ()
    if not wishes.over_domain:
        raise JustInTimeRefused(
            f'the GPO "{decided.gpo}" of the domain forbids Remote Assistance, so it is not for this run to open it.',
            host=client.host,
            hint="Take these hosts out of that GPO and lock them down in their local Group Policy (preset locked_down),"
            " or set just_in_time_over_domain when those who own the GPO agree.",
        )
    return (f'the GPO "{decided.gpo}" forbids Remote Assistance; the next refresh of Group Policy closes it again.',)


def _refuse_odd(host: str, values: Mapping[str, Kept]) -> None:
    """Refuse what could not be put back to the byte."""
    for name in NAMES:
        kept = values.get(name.lower())
        if kept is not None and not kept.restorable:
            raise JustInTimeRefused(
                f"the policy value {name} is of a kind ({kept.kind}) that could not be put back as it is.",
                host=host,
                hint="It belongs there as a DWORD: set the policy anew (playbook enforce).",
            )


def _values(
    host: str, wishes: Wishes, lifetime: timedelta, now: AssistanceState, facts: _Facts, token: str | None
) -> dict[str, int]:
    """What to write, so that this invitation, and those of others, get what they need."""
    policy = facts.numbers.policy
    joined = facts.there.record is not None
    values = {ALLOW: 1}
    if wishes.control is not None:
        wanted = CONTROLS[wishes.control]
        if set(facts.there.holders) - {token} and policy.get(CONTROL.lower(), 1) != wanted:
            raise JustInTimeRefused(
                "another invitation is open here with another answer to whether a helper may control.",
                host=host,
                hint="Ask for the same with just_in_time_control, or wait until that is over.",
            )
        values[CONTROL] = wanted
    if not joined or now.lifetime_by != "policy" or now.lifetime < lifetime:
        values.update(_lifetime(lifetime))
    return values


def _lifetime(lifetime: timedelta) -> dict[str, int]:
    """The shortest ticket lifetime that policy can say and that is long enough."""
    minutes = max(1, -(-int(lifetime.total_seconds()) // 60))
    for unit, length in _UNITS:
        amount = -(-minutes // length)
        if amount <= _MOST:
            return {EXPIRY: amount, UNITS: unit}
    return {EXPIRY: _MOST, UNITS: _UNITS[-1][0]}
