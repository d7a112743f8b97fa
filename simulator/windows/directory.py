# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who the accounts of a pool and of its hosts are; every account gets a SID of its own."""

from __future__ import annotations

from ..pool import AccountDescription, HostDescription, PoolDescription
from .accounts import Account, AccountDirectory, domain_sid

_FIRST_RID = 1101  # domains number their own accounts from 1000 on


def _add(directory: AccountDirectory, item: AccountDescription, domain: str) -> Account:
    return directory.add(
        Account(
            item.name,
            domain,
            f"{domain_sid(domain)}-{_FIRST_RID + len(directory)}",
            item.password,
            item.administrator,
            item.filtered,
            upn=item.upn,
            profile=item.profile,
        )
    )


def domain_directory(pool: PoolDescription) -> AccountDirectory:
    """The accounts of the pool's domain and of the domains it trusts."""
    directory = AccountDirectory(pool.netbios, pool.netbios, pool.dns)
    for item in pool.accounts:
        _add(directory, item, item.domain or pool.netbios)
    return directory


_LAST: list[tuple[PoolDescription, AccountDirectory]] = []


def host_directory(description: HostDescription, pool: PoolDescription, machine: str) -> AccountDirectory:
    """A host's own accounts over those of the domain, which all hosts of a pool share."""
    if not _LAST or _LAST[0][0] is not pool:
        _LAST[:] = [(pool, domain_directory(pool))]
    own = AccountDirectory(machine, pool.netbios, pool.dns, _LAST[0][1])
    for item in description.accounts:
        _add(own, item, machine)
    return own


def account_of_session(directory: AccountDirectory, user: str, netbios: str) -> Account:
    """The account a session's `user` names; one that nobody described is made."""
    found = directory.find(user)
    if found is not None:
        return found
    domain, _, name = user.rpartition("\\")
    local = domain.lower() == directory.machine.lower()
    owner = directory if local or directory.parent is None else directory.parent
    return _add(owner, AccountDescription(name), domain or netbios)


def window_manager(session_id: int) -> Account:
    """The account dwm.exe runs as (learn.microsoft.com, security identifiers: S-1-5-90)."""
    return Account(f"DWM-{session_id}", "Window Manager", f"S-1-5-90-0-{session_id}")
