# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user in front of the screen: which session, whose, locked or not, and the folder an invitation goes through."""

from __future__ import annotations

from collections.abc import Sequence

from ..._windows.profiles import temporary_folder
from ..._windows.sessions import Session
from .facts import Facts
from .finding import Verdict, ok, problem, remark, unknown

_MOST_LISTED = 10


def check_session(facts: Facts) -> Verdict:
    """Exactly one active session."""
    if facts.sessions is None:
        raise AssertionError("sessions: read before this check is made")
    everybody = [item.as_data() for item in facts.sessions[:_MOST_LISTED]]
    if facts.question.user is None:
        return _of_the_host(facts.sessions)
    own = facts.own
    if not own:
        return _none(facts, facts.sessions)
    wanted = [item for item in own if facts.question.session_id in (None, item.session_id)]
    evidence = {"sessions": [item.as_data() for item in own], "on_this_host": len(everybody)}
    if not wanted:
        return problem(
            f"{facts.name} has no session {facts.question.session_id} here, but {_listed(own)}.",
            "Choose one of these with session_id.",
            **evidence,
        )
    active = [item for item in wanted if item.is_active]
    if not active:
        return problem(
            f"{facts.name} is logged on, and disconnected: {_listed(wanted)}.",
            "Have the user connect: somebody must be in front of the session to say yes.",
            **evidence,
        )
    if len(active) > 1:
        return problem(
            f"{facts.name} has {len(active)} active sessions here: {_listed(active)}.",
            "Have the user log off from all but one, or choose one with -e session_id=.",
            **evidence,
        )
    return _owned(facts, active[0], own, evidence)


def _of_the_host(sessions: Sequence[Session]) -> Verdict:
    evidence = {"sessions": [item.as_data() for item in sessions[:_MOST_LISTED]]}
    if not sessions:
        return remark("Nobody is logged on.", "Name a host on which the user works, or the user.", **evidence)
    active = [item for item in sessions if item.is_active]
    if not active:
        return remark(
            f"Everybody who is logged on is disconnected: {_listed(sessions)}.",
            "Have the user connect.",
            **evidence,
        )
    return ok(f"{len(active)} of {len(sessions)} sessions are active: {_listed(active)}.", **evidence)


def _none(facts: Facts, sessions: Sequence[Session]) -> Verdict:
    user = facts.question.user
    if user is None:
        raise AssertionError("user: read before this check is made")
    near = user.near([item.user for item in sessions])
    fix = f"Did you mean {' or '.join(near)}?" if near else "Check the name, the host, and that the user is logged on."
    others = f"; logged on here: {_listed(sessions)}" if sessions else ", and nobody else has"
    evidence = {"sessions": [item.as_data() for item in sessions[:_MOST_LISTED]]}
    return problem(f"{facts.name} has no session on this host{others}.", fix, **evidence)


def _owned(facts: Facts, session: Session, own: Sequence[Session], evidence: dict[str, object]) -> Verdict:
    """One active session; is it that user's, and is it the only one?"""
    proven = facts.owners.get(session.session_id)
    if proven is None:
        return problem(
            f"Nothing proves whose session {session.session_id} is: no process of a user runs in it.",
            "The user may be logging on or off right now: repeat.",
            **evidence,
        )
    if session.sid is not None and session.sid != proven:
        return problem(
            f"Session {session.session_id} is run by {proven}, and not by {session.account} ({session.sid}).",
            "The user may have logged off meanwhile: repeat.",
            **evidence,
        )
    others = [item for item in own if item.session_id != session.session_id and item.sid in (None, proven)]
    if others:
        return remark(
            f"{session.account} has another session here ({_listed(others)}), and Windows itself chooses in which of "
            "them an invitation comes up.",
            "If the invitation is refused for that, have the user log off from the other one.",
            **evidence,
        )
    return ok(f"{session.account} is in session {session.session_id}, active{_place(session)}.", **evidence)


def check_screen_lock(facts: Facts) -> Verdict:
    """The lock screen."""
    locked = [item for item in facts.concerned if item.locked and item.is_active]
    if not locked:
        return ok("No lock screen is up.")
    return remark(
        f"The lock screen is up in session {_numbers(locked)} of {locked[0].account}.",
        "Have the user unlock it: the question whether a helper may connect comes up behind it.",
        sessions=[item.session_id for item in locked],
    )


def check_session_kind(facts: Facts) -> Verdict:
    """A desktop, or a published app only."""
    apps = [item for item in facts.concerned if item.kind == "published_app" and item.is_active]
    if not apps:
        return ok("The session shows a desktop." if facts.chosen else "No session shows a published app only.")
    return remark(
        f"Session {_numbers(apps)} of {apps[0].account} shows a published app only, without a desktop.",
        "Expect the app's windows and no more; for the desktop, the user has to start one.",
        sessions=[item.session_id for item in apps],
    )


def check_profile(facts: Facts) -> Verdict:
    """The user's own temporary folder."""
    session = facts.chosen
    if session is None:
        return ok("There is no session of the user whose folder could be looked at.")
    if not session.profile_path:
        return problem(
            f"Windows does not say where the profile of {session.account} is.",
            "Have the user log off and on again; if that does not help, repair the entry below ProfileList.",
        )
    folder = temporary_folder(session.profile_path)
    there = facts.folders.get(session.sid or "")
    if there is None:
        return unknown(
            f"The folder {folder} could not be looked at; its name may not be usable in a command.",
            "Look for it on the host; a profile folder with a percent sign in its name can not be used.",
            folder=folder,
        )
    if not there:
        return problem(
            f"The temporary folder of {session.account} is not there: {folder}.",
            "Make the folder, owned by the user; or have the user log off and on again.",
            folder=folder,
        )
    return ok("The user's temporary folder is there.", folder=folder)


def _listed(sessions: Sequence[Session]) -> str:
    shown = ", ".join(f"{item.account} (session {item.session_id}, {item.state})" for item in sessions[:_MOST_LISTED])
    more = len(sessions) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def _numbers(sessions: Sequence[Session]) -> str:
    return ", ".join(str(item.session_id) for item in sessions)


def _place(session: Session) -> str:
    return f", at {session.client_name}" if session.client_name else ""
