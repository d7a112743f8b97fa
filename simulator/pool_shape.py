# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of a pool description: whether there are lists, mappings, texts and numbers where they are expected.

Only the shape is looked at. Unknown keys and values that do not go together are found where the values are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

Check = Callable[[Any, str], None]
"""Takes a value and where it stands."""


class ShapeError(Exception):
    """Something else is there than what is expected; one line."""


@dataclass(frozen=True)
class _Plain:
    """A single value: its words in an error, and whether a value is one."""

    words: str
    fits: Callable[[Any], bool]

    def __call__(self, value: Any, where: str) -> None:
        if not self.fits(value):
            shown = repr(value)
            raise ShapeError(
                f"{where}: {self.words} is expected, not {shown if len(shown) <= 60 else shown[:57] + '...'}"
            )


def _whole(least: int, most: int) -> _Plain:
    return _Plain(
        f"a whole number from {least} to {most}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
    )


def _optional(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def _list_of(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        _A_LIST(value, where)
        for number, item in enumerate(value):
            named = item.get("name") if isinstance(item, Mapping) else None
            check(item, f"{where}[{number}]" + (f" ({named})" if _NAME.fits(named) else ""))

    return checked


def _map_of(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        _A_MAPPING(value, where)
        for name, item in value.items():
            _TEXT(name, f"{where}: a key")
            check(item, f"{where}: {name}")

    return checked


def _keys(**known: Check) -> Check:
    """A mapping with these keys; what is built already is left alone."""

    def checked(value: Any, where: str) -> None:
        if is_dataclass(value):
            return
        _A_MAPPING(value, where)
        for name, item in value.items():
            _TEXT(name, f"{where}: a key" if where else "a key")
            if name in known:
                known[name](item, f"{where}: {name}" if where else name)

    return checked


_A_LIST = _Plain("a list", lambda value: isinstance(value, (list, tuple)))
_A_MAPPING = _Plain("a mapping", lambda value: isinstance(value, Mapping))
_TEXT = _Plain("a text", lambda value: isinstance(value, str))
_NAME = _Plain("a name", lambda value: isinstance(value, str) and value.strip() == value != "" and value.isprintable())
_YES_NO = _Plain("true or false", lambda value: isinstance(value, bool))
_DWORD = _whole(0, 2**32 - 1)


def _anything(value: Any, where: str) -> None:
    """It is looked at where it is used."""


_MAP = _map_of(_anything)
ACCOUNT: dict[str, Check] = {
    "name": _NAME,
    "domain": _TEXT,
    "password": _optional(_TEXT),
    "administrator": _YES_NO,
    "filtered": _YES_NO,
    "upn": _TEXT,
    "profile": _optional(_NAME),
}
SESSION: dict[str, Check] = {
    "id": _whole(0, 65536),
    "user": _NAME,
    "state": _TEXT,
    "kind": _TEXT,
    "client": _TEXT,
    "session_name": _TEXT,
    "invitation_waiting": _YES_NO,
}
_LOCAL_POLICY = _keys(folder=_YES_NO, applied=_YES_NO, read_only=_list_of(_TEXT), locked=_list_of(_TEXT))
_DOMAIN_POLICIES = _list_of(
    _keys(name=_NAME, guid=_NAME, values=_MAP, entries=_list_of(_MAP), version=_DWORD, enforced=_YES_NO)
)
_FIREWALL = _keys(
    profiles=_map_of(_MAP),
    rules=_map_of(_optional(_MAP)),
    domain_rules=_list_of(_MAP),
    local_rules_allowed=_YES_NO,
    missing_group=_YES_NO,
    missing_defaults=_YES_NO,
    silent_noop=_YES_NO,
    rule_count=_whole(0, 100_000),
)
HOST: dict[str, Check] = {
    "name": _NAME,
    "address": _TEXT,
    "os": _TEXT,
    "language": _TEXT,
    "computer_name": _TEXT,
    "time_zone": _whole(-1439, 1439),
    "sessions": _list_of(_keys(**SESSION)),
    "accounts": _list_of(_keys(**ACCOUNT)),
    "session_logs": _list_of(
        _keys(user=_NAME, name=_optional(_TEXT), content=_anything, count=_whole(1, 10_000), folder=_TEXT)
    ),
    "documents": _map_of(_TEXT),
    "events": _list_of(_keys(id=_whole(0, 65535), channel=_NAME, data=_list_of(_TEXT), seconds_ago=_whole(0, 10**9))),
    "policy": _map_of(_DWORD),
    "settings": _map_of(_DWORD),
    "registry": _anything,
    "local_policy": _optional(_LOCAL_POLICY),
    "domain_policies": _optional(_DOMAIN_POLICIES),
    "firewall": _optional(_FIREWALL),
    "features": _map_of(_TEXT),
    "missing": _list_of(_TEXT),
    "quirks": _MAP,
    "faults": _MAP,
    "powershell_free": _YES_NO,
}
_POOL = _keys(
    domain=_keys(netbios=_NAME, dns=_NAME),
    accounts=_list_of(_keys(**ACCOUNT)),
    hosts=_list_of(_keys(**HOST)),
    domain_policies=_optional(_DOMAIN_POLICIES),
)


def check_shape(data: Any) -> None:
    """Look through a whole description.

    Raises:
        ShapeError: The first thing that is not as expected, with the place where it stands.
    """
    if not isinstance(data, Mapping):
        raise ShapeError("a mapping with the keys accounts, domain, domain_policies, hosts is expected")
    _POOL(data, "")
