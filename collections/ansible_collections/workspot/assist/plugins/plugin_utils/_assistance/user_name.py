# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom an operator means by ``jdoe``, ``DOMAIN\\jdoe`` or ``jdoe@domain``.

The name never goes to a host: sessions are read and compared here. Refusing what no account can be called
(learn.microsoft.com, SAM-Account-Name attribute and "Naming conventions in Active Directory") only gives an
early, clear answer.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import InvalidOption
from .._windows.sessions import QUSER_NAME_CHARACTERS, Session

MAX_NAME_CHARACTERS = 256
_FORBIDDEN = frozenset('"/\\[]:;|=,+*?<>@%')
_NEAR = 0.7
_MOST_NEAR = 5


@dataclass(frozen=True)
class UserName:
    """A user as an operator names one.

    Attributes:
        name: Account name.
        domain: NetBIOS or DNS name of the domain; ``None`` for any.
        text: As it was given.
    """

    name: str
    domain: str | None
    text: str

    def fits(self, session: Session) -> bool:
        """Whether a session may be this user's."""
        given, dns = self.text.casefold(), (session.dns_domain or "").casefold()
        if session.principal_name and given == session.principal_name.casefold():
            return True
        if not self.fits_account(session.user):
            return False
        if self.domain is None:
            return True
        wanted, known = self.domain.casefold(), (session.domain or "").casefold()
        if not known:
            # A domain the host does not tell can not be excluded; the proof of the chosen session will.
            return True
        # DOMAIN\user has the NetBIOS name, user@domain the DNS name; people mix them up, so both count.
        return wanted in {known, dns} or (not dns and wanted.partition(".")[0] == known)

    def fits_account(self, shown: str) -> bool:
        """Whether an account name, as quser shows it and perhaps cut to its column, may be this user's."""
        left, right = _folded(shown), _folded(self.name)
        return left == right or (len(left) >= QUSER_NAME_CHARACTERS and right.startswith(left))

    def near(self, accounts: Iterable[str]) -> list[str]:
        """Accounts that look like a slip of the pen away, the nearest first."""
        names = {_folded(account.rpartition("\\")[2]): account for account in accounts}
        close = difflib.get_close_matches(_folded(self.name), list(names), n=_MOST_NEAR, cutoff=_NEAR)
        return [names[name] for name in close]


def parse_user(text: str) -> UserName:
    """Read a user name.

    Raises:
        InvalidOption: No account can be called that.
    """
    given = unicodedata.normalize("NFC", text).strip()
    if not given:
        raise InvalidOption("user is empty.", hint="Give jdoe, DOMAIN\\jdoe or jdoe@domain.")
    domain: str | None
    if "\\" in given:
        domain, _backslash, name = given.partition("\\")
    elif "@" in given:
        name, _at, domain = given.rpartition("@")
    else:
        name, domain = given, None
    for what, part in (("name", name), ("domain", domain)):
        _check(what, part)
    return UserName(name=name, domain=domain, text=given)


def _check(what: str, part: str | None) -> None:
    hint = "Give jdoe, DOMAIN\\jdoe or jdoe@domain."
    if part is None:
        return
    if not part or part != part.strip():
        raise InvalidOption(f"the {what} in user is empty or has blanks around it.", hint=hint)
    if len(part) > MAX_NAME_CHARACTERS:
        raise InvalidOption(f"the {what} in user is longer than {MAX_NAME_CHARACTERS} characters.", hint=hint)
    if not part.isprintable() or not _FORBIDDEN.isdisjoint(part) or part.endswith("."):
        raise InvalidOption(f"the {what} in user has characters that no Windows account has.", hint=hint)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
