# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: people, services and machines with their SIDs and rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

# Well-known SIDs: learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
SYSTEM_SID = "S-1-5-18"
LOCAL_SERVICE_SID = "S-1-5-19"
NETWORK_SERVICE_SID = "S-1-5-20"
ADMINISTRATORS_SID = "S-1-5-32-544"


@dataclass(eq=False)
class Account:
    """One account. `administrator` means a member of the host's Administrators group.

    `filtered` models the UAC token filter: a local administrator other than the built-in one gets a
    token without Administrators over the network, unless LocalAccountTokenFilterPolicy is 1
    (learn.microsoft.com, "User Account Control and remote restrictions", KB 951016).
    """

    name: str
    domain: str
    sid: str
    password: str | None = None
    administrator: bool = False
    filtered: bool = False
    display_name: str = ""
    upn: str = ""
    profile: str | None = None
    groups: tuple[str, ...] = ()

    @property
    def qualified(self) -> str:
        """DOMAIN\\name, as Windows prints it."""
        return f"{self.domain}\\{self.name}"

    @property
    def elevated(self) -> bool:
        """Whether a network logon of this account carries administrator rights."""
        return self.sid == SYSTEM_SID or (self.administrator and not self.filtered)


SYSTEM = Account("SYSTEM", "NT AUTHORITY", SYSTEM_SID, administrator=True)
LOCAL_SERVICE = Account("LOCAL SERVICE", "NT AUTHORITY", LOCAL_SERVICE_SID)
NETWORK_SERVICE = Account("NETWORK SERVICE", "NT AUTHORITY", NETWORK_SERVICE_SID)


def domain_sid(name: str) -> str:
    """A stable made-up domain or machine SID for a name."""
    digest = hashlib.sha256(name.upper().encode()).digest()
    parts = (int.from_bytes(digest[i : i + 4], "big") % 4_000_000_000 for i in (0, 4, 8))
    return "S-1-5-21-" + "-".join(str(part) for part in parts)


@dataclass
class AccountDirectory:
    """The accounts a host knows: its domain's (shared between hosts) and its own."""

    machine: str
    netbios: str
    dns: str
    parent: AccountDirectory | None = None
    _by_name: dict[tuple[str, str], Account] = field(default_factory=dict)
    _by_sid: dict[str, Account] = field(default_factory=dict)

    def add(self, account: Account) -> Account:
        """Make an account known; its SID must be new."""
        self._by_name[account.domain.lower(), account.name.lower()] = account
        self._by_sid[account.sid.upper()] = account
        return account

    def __iter__(self) -> Iterator[Account]:
        yield from self._by_sid.values()
        if self.parent is not None:
            yield from self.parent

    def __len__(self) -> int:
        return len(self._by_sid)

    def by_sid(self, sid: str) -> Account | None:
        """The account with this SID, well-known ones included."""
        for known in (SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE):
            if known.sid == sid.upper():
                return known
        found = self._by_sid.get(sid.upper())
        return found or (self.parent.by_sid(sid) if self.parent is not None else None)

    def find(self, name: str) -> Account | None:
        """Look up `user`, `DOMAIN\\user`, `.\\user` or `user@domain`, the host's own accounts first."""
        if "\\" in name:
            domain, _, user = name.partition("\\")
            domain = self.machine if domain in ("", ".") else domain
            return self._lookup(domain, user)
        if "@" in name:
            return self._by_upn(name)
        return self._lookup(self.machine, name) or self._lookup(self.netbios, name)

    def _lookup(self, domain: str, user: str) -> Account | None:
        domain = domain.lower()
        if domain == self.dns.lower():
            domain = self.netbios.lower()
        found = self._by_name.get((domain, user.lower()))
        return found or (self.parent._lookup(domain, user) if self.parent is not None else None)

    def _by_upn(self, upn: str) -> Account | None:
        for account in self:
            if account.upn and account.upn.lower() == upn.lower():
                return account
        user, _, suffix = upn.partition("@")
        return self._lookup(suffix, user)
