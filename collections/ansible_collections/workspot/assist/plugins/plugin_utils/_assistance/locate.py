# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a user is logged on: one host's lookup, and many hosts' lookups as one report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import AssistError, InvalidOption
from .._windows.host_facts import read_environments, read_facts, read_rows
from .._windows.logons import read_logons
from .._windows.sessions import Session, describe, identified
from .._wsman.client import WsmanClient
from .choose import PROGRAM, Candidate, choose, command_line
from .user_name import UserName


@dataclass(frozen=True)
class HostLookup:
    """What one host answered; plain data, so that it travels between processes.

    Attributes:
        host: The host as the inventory names it.
        sessions: Sessions of the user.
        accounts: Every account name the host showed.
        error: Why there is no answer, as `AssistError.as_data` gives it.
        exchanges: Envelopes sent to the host.
        seconds: How long it took.
        glanced: Whether that there is no session was concluded from the host's logons alone.
    """

    host: str
    sessions: tuple[Session, ...] = ()
    accounts: tuple[str, ...] = ()
    error: dict[str, str | None] | None = None
    exchanges: int = 0
    seconds: float = 0.0
    glanced: bool = False


@dataclass(frozen=True)
class LocateReport:
    """All hosts' answers.

    Attributes:
        candidates: Sessions of the user, by host name and session.
        unreachable: Errors of the hosts that did not answer, by host name.
        accounts: Every account name seen.
        searched: Hosts asked.
        exchanges: Envelopes sent in all.
    """

    candidates: tuple[Candidate, ...]
    unreachable: tuple[dict[str, str | None], ...]
    accounts: tuple[str, ...]
    searched: int
    exchanges: int

    def choose(
        self,
        user: UserName,
        *,
        session_id: int | None = None,
        disconnected: bool = False,
        program: str = PROGRAM,
    ) -> Candidate:
        """The one session; see `choose.choose`."""
        return choose(
            self.candidates,
            user,
            searched=self.searched,
            silent=[f"{error['host']} ({(error['message'] or '').rstrip('.')})" for error in self.unreachable],
            accounts=self.accounts,
            session_id=session_id,
            disconnected=disconnected,
            program=program,
        )

    def as_data(self, user: UserName, *, program: str = PROGRAM) -> dict[str, Any]:
        """The report as a module result carries it; `program` is how commands begin that choose a candidate."""
        return {
            "candidates": [
                {
                    "host": item.host,
                    **item.session.as_data(),
                    "command": command_line(user.text, item, program=program),
                }
                for item in self.candidates
            ],
            # Not "unreachable": Ansible takes that key for the state of the task's own host.
            "unreachable_hosts": [dict(item) for item in self.unreachable],
            "searched": self.searched,
            "exchanges": self.exchanges,
        }


def look_up(client: WsmanClient, user: UserName, *, glance: bool = False) -> HostLookup:
    """One host's answer, an error included: it raises nothing of this collection's tree but options' errors.

    Four exchanges where the user has no session, one after a glance that says so, and five more where there is one.

    Args:
        client: The host.
        user: Whom to look for.
        glance: Whether one exchange will do where no logon of such an account is on the host.
    """
    began, sent = time.monotonic(), client.exchanges
    sessions: tuple[Session, ...] = ()
    accounts: tuple[str, ...] = ()
    try:
        absent = glance and _has_no_logon(client, user)
        if not absent:
            sessions, accounts = _find(client, user)
    except InvalidOption:
        raise
    except AssistError as error:
        return failed_lookup(client.host, error, exchanges=client.exchanges - sent, seconds=time.monotonic() - began)
    return HostLookup(
        host=client.host,
        sessions=sessions,
        accounts=accounts,
        exchanges=client.exchanges - sent,
        seconds=time.monotonic() - began,
        glanced=absent,
    )


def failed_lookup(host: str, error: AssistError, *, exchanges: int = 0, seconds: float = 0.0) -> HostLookup:
    """The outcome of a host that could not be asked."""
    return HostLookup(host=host, error={**error.as_data(), "host": host}, exchanges=exchanges, seconds=seconds)


def merge(lookups: Iterable[HostLookup], hosts: Sequence[str] | None = None) -> LocateReport:
    """Many hosts' answers as one report, in an order that does not depend on who answered first.

    Args:
        lookups: The answers.
        hosts: All hosts that were asked; one that is missing among the answers is reported as unreachable.
    """
    answers = {lookup.host: lookup for lookup in lookups}
    asked = list(dict.fromkeys(hosts)) if hosts is not None else list(answers)
    lost = AssistError("there was no answer: the process that asked this host ended.", hint="Repeat.")
    ordered = [answers.get(host) or failed_lookup(host, lost) for host in sorted(asked)]
    return LocateReport(
        candidates=tuple(
            Candidate(lookup.host, session)
            for lookup in ordered
            for session in sorted(lookup.sessions, key=lambda item: item.session_id)
        ),
        unreachable=tuple(lookup.error for lookup in ordered if lookup.error is not None),
        accounts=tuple(dict.fromkeys(account for lookup in ordered for account in lookup.accounts)),
        searched=len(asked),
        exchanges=sum(lookup.exchanges for lookup in ordered),
    )


def _has_no_logon(client: WsmanClient, user: UserName) -> bool:
    """Whether the host lists the logons of everyone, and none is of such an account; one exchange."""
    if _is_upn(user):
        return False  # its account may have another name
    logons = read_logons(client)
    return logons is not None and logons.of_everyone and not any(map(user.fits_account, logons.accounts))


def _find(client: WsmanClient, user: UserName) -> tuple[tuple[Session, ...], tuple[str, ...]]:
    with client.shell() as shell:
        rows = read_rows(client, shell)
        accounts = tuple(dict.fromkeys(row.user_name for row in rows))
        # user@domain need not hold the account name, so a domain that looks like DNS widens the search.
        if not any(user.fits_account(row.user_name) for row in rows) and not (rows and _is_upn(user)):
            return (), accounts
        facts = read_facts(client, shell)
        sids = [*(logon.sid for logon in facts.logons.values()), *facts.loaded_sids]
        environments, _outputs = read_environments(shell, sids)
    found: list[Session] = []
    for row in facts.rows:
        session = describe(facts, row, environments)
        if session.sid is None and user.fits_account(row.user_name):
            session = identified(client, facts, session)
        if user.fits(session):
            found.append(session)
    return tuple(found), accounts


def _is_upn(user: UserName) -> bool:
    return "@" in user.text
