# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept on a host while something is open there: the earlier state, and who still needs it open.

Below HKEY_LOCAL_MACHINE, in a key of our own that is gone again when nothing is open: ``before`` has the state of
before the first opening, ``open-TOKEN`` stands for one invitation each. Only administrators and SYSTEM can write
there, and what is read from it is checked before it goes into a command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._formats.reg_query import RegTree, RegValue, parse_reg_query
from ..._windows.host_facts import OPENINGS_KEY
from ..._windows.policy import POLICY_KEY

OWN_KEY = OPENINGS_KEY.rpartition("\\")[0]
ROOT = OPENINGS_KEY
BEFORE = rf"{ROOT}\before"
HOLDER = "open-"
ALLOW, CONTROL, EXPIRY, UNITS = "fAllowToGetHelp", "fAllowFullControl", "MaxTicketExpiry", "MaxTicketExpiryUnits"
NAMES = (ALLOW, CONTROL, EXPIRY, UNITS)
"""Values of the policy "Configure Solicited Remote Assistance" (RemoteAssistance.admx) that an opening may change."""
KEYS = (POLICY_KEY, POLICY_KEY.rpartition("\\")[0])
"""The keys that writing those values may have to make, the deepest first."""
_TOKEN = re.compile("[0-9a-f]{16}")
_NUMBER = re.compile("[0-9]{1,10}")
_PLAIN = re.compile("[A-Za-z0-9 ._-]{0,60}")
_KINDS = ("REG_DWORD", "REG_QWORD", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY")
_ABSENT = "absent"


@dataclass(frozen=True)
class Kept:
    """One value as it was: its type and its data as reg.exe prints and takes it."""

    kind: str
    data: str

    @classmethod
    def of(cls, value: RegValue) -> Kept:
        """A value as ``reg query`` printed it."""
        return cls(value.kind, f"0x{value.data:x}" if isinstance(value.data, int) else value.data)

    @property
    def restorable(self) -> bool:
        """Whether reg.exe can be told to write exactly that again."""
        return self.kind in _KINDS and _PLAIN.fullmatch(self.data) is not None


@dataclass(frozen=True)
class Record:
    """The state before the first opening.

    Attributes:
        token: Of the opening that wrote it.
        values: Every name of `NAMES` with what it was, ``None`` for a value that was not there; empty when policy was
            open already and is left alone.
        made_keys: How many of `KEYS` were not there.
    """

    token: str
    values: Mapping[str, Kept | None] = field(default_factory=dict)
    made_keys: int = 0

    def as_texts(self) -> dict[str, str]:
        """What is written into the key `BEFORE`, the token last: with it the record is whole."""
        texts = {name: _ABSENT if kept is None else f"{kept.kind}:{kept.data}" for name, kept in self.values.items()}
        return {**texts, "keys": str(self.made_keys), "token": self.token}


@dataclass(frozen=True)
class Holder:
    """One invitation that something is open for.

    Attributes:
        token: Whose.
        session_id: Its session, as it says.
        until: When its invitation ends at the latest, as it says.
        addresses: From where helpers may connect, as it says.
    """

    token: str
    session_id: str = ""
    until: str = ""
    addresses: str = ""

    def as_data(self) -> dict[str, Any]:
        """As a module result carries it."""
        return {
            "session_id": int(self.session_id) if _NUMBER.fullmatch(self.session_id) else None,
            "until": self.until or None,
            "helper_addresses": [item for item in self.addresses.split(",") if item],
            "firewall_rule": rule_name(self.token),
        }


@dataclass(frozen=True)
class Openings:
    """What is open on a host.

    Attributes:
        record: The state before; ``None`` when there is none, or not a whole one.
        damaged: Whether there is one that can not be believed.
        holders: Who needs it open, by token.
    """

    record: Record | None = None
    holders: Mapping[str, Holder] = field(default_factory=dict)
    damaged: str | None = None

    def as_data(self) -> list[dict[str, Any]]:
        """As a module result carries it."""
        return [holder.as_data() for _token, holder in sorted(self.holders.items())]


def rule_name(token: str) -> str:
    """Name of the firewall rule of one opening."""
    return f"workspot.assist-{token}"


def openings(output: str) -> Openings:
    """What ``reg query ROOT /s`` says; nothing when the key is not there."""
    return openings_of(parse_reg_query(output))


def openings_of(tree: RegTree) -> Openings:
    """The same from a tree that was read already, with other keys in it or not."""
    root = ROOT.replace("HKLM", "HKEY_LOCAL_MACHINE", 1).lower()
    record, holders, damaged = None, {}, None
    for path, values in tree.items():
        where, _slash, name = path.lower().rpartition("\\")
        texts = {key.lower(): str(value.data) for key, value in values.items()}
        if where != root:
            continue
        if name == "before":
            record, damaged = _record(texts)
        elif name.startswith(HOLDER) and _TOKEN.fullmatch(token := name.removeprefix(HOLDER)):
            holders[token] = Holder(
                token, texts.get("session", ""), texts.get("until", ""), texts.get("helper_addresses", "")
            )
    return Openings(record, holders, damaged)


def _record(texts: Mapping[str, str]) -> tuple[Record | None, str | None]:
    """The record, and the name of a value in it that nobody of ours wrote so."""
    token = texts.get("token", "")
    if not _TOKEN.fullmatch(token):
        return None, None
    values: dict[str, Kept | None] = {}
    for name in NAMES:
        text = texts.get(name.lower())
        if text is None:
            return Record(token), None
        kind, _colon, data = text.partition(":")
        values[name] = None if text == _ABSENT else Kept(kind, data)
        if (kept := values[name]) is not None and not kept.restorable:
            return None, name
    made = texts.get("keys", "0")
    return Record(token, values, min(int(made), len(KEYS)) if made in ("0", "1", "2") else 0), None
