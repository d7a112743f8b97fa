# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From candidates to the one session, or an error that says how to choose. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import AssistanceError, SessionInactive, UserAmbiguous, UserNotFound
from .._windows.sessions import Session
from .user_name import UserName

PROGRAM = "ansible-playbook playbooks/assist.yml"
_MOST_LISTED = 12
_MOST_REASONS = 3


@dataclass(frozen=True)
class Candidate:
    """A session on a host.

    Attributes:
        host: The host as the inventory names it.
        session: The session.
    """

    host: str
    session: Session

    @property
    def in_words(self) -> str:
        """The candidate in a line: host, session, account, state."""
        session = self.session
        place = f", at {session.client_name}" if session.client_name else ""
        kind = session.kind.replace("_", " ")
        return f"{self.host} session {session.session_id} ({session.account}, {session.state}, {kind}{place})"


def command_line(user: str, candidate: Candidate, *, program: str = PROGRAM) -> str:
    """The ready-made command that chooses a candidate, quoted for a POSIX shell.

    ``-e name=value`` is split by Ansible itself as well, so a value that is not plain goes as JSON. Ansible takes
    extra variables for templates, so a name from the host that could be one is not handed to the operator's shell.

    Args:
        user: The user as the operator gave it.
        candidate: What to choose.
        program: The command so far, quoted.
    """
    session = candidate.session
    account = session.account if session.domain and _is_no_template(session.account) else user
    return (
        f"{program} -e {_extra('user', account)} -e {_extra('host', candidate.host)} -e session_id={session.session_id}"
    )


def will_do(session: Session, *, session_id: int | None = None, disconnected: bool = False) -> bool:
    """Whether a session of the user is one to choose from; see `choose`."""
    return session_id in (None, session.session_id) and (disconnected or session.is_active)


def choose(
    candidates: Sequence[Candidate],
    user: UserName,
    *,
    searched: int,
    silent: Sequence[str] = (),
    accounts: Sequence[str] = (),
    session_id: int | None = None,
    disconnected: bool = False,
    program: str = PROGRAM,
) -> Candidate:
    """The one active session.

    Args:
        candidates: Sessions of that user.
        user: Whom the operator means.
        searched: Hosts that were asked.
        silent: Hosts among them that did not answer, each with its reason in words.
        accounts: All accounts that were seen, for near misses.
        session_id: The session the operator chose, when one was chosen.
        disconnected: Whether a disconnected session will do as well.
        program: How the commands begin that choose one of several.

    Raises:
        UserNotFound: No candidate.
        SessionInactive: No active one.
        UserAmbiguous: More than one.
    """
    fitting = [item for item in candidates if session_id in (None, item.session.session_id)]
    if not fitting:
        raise _not_found(candidates, user, searched, silent, accounts, session_id)
    active = [item for item in fitting if will_do(item.session, session_id=session_id, disconnected=disconnected)]
    if len(active) == 1:
        return active[0]
    if not active:
        raise SessionInactive(
            f"{user.text} is logged on, and disconnected: {_listed(fitting)}.",
            hint="Remote Assistance needs the user in front of the session: have the user connect, and repeat.",
        )
    commands = " or ".join(command_line(user.text, item, program=program) for item in active[:_MOST_LISTED])
    raise UserAmbiguous(
        f"{user.text} has {len(active)} {'' if disconnected else 'active '}sessions: {_listed(active)}.",
        hint=f"Choose one: {commands}",
    )


def _not_found(
    candidates: Sequence[Candidate],
    user: UserName,
    searched: int,
    silent: Sequence[str],
    accounts: Sequence[str],
    session_id: int | None,
) -> AssistanceError:
    hosts = f"{searched} host{'' if searched == 1 else 's'}"
    unanswered = f", {len(silent)} of which did not answer" if silent else ""
    if candidates:
        return UserNotFound(
            f"{user.text} has no session {session_id}: {_listed(candidates)}.", hint="Choose one of these."
        )
    near = user.near(accounts)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check the name, and that the user is logged on."
    if silent:
        more = f"; and {len(silent) - _MOST_REASONS} more" if len(silent) > _MOST_REASONS else ""
        hint = f"{hint} No answer: {'; '.join(silent[:_MOST_REASONS])}{more}."
    return UserNotFound(f"{user.text} has no session on {hosts}{unanswered}.", hint=hint)


def _listed(candidates: Sequence[Candidate]) -> str:
    shown = "; ".join(item.in_words for item in candidates[:_MOST_LISTED])
    more = len(candidates) - _MOST_LISTED
    return f"{shown}; and {more} more" if more > 0 else shown


def _is_no_template(text: str) -> bool:
    return "{" not in text and text.isprintable()


def _extra(name: str, value: str) -> str:
    if value and all(char.isalnum() or char in "-_.@" for char in value):
        return shlex.quote(f"{name}={value}")
    return shlex.quote(json.dumps({name: value}, ensure_ascii=False))
