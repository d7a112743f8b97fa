# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit trail: one JSON object a line, each holding the hash of the line before it.

Whoever changes, removes or inserts a line breaks the chain from there on. Lines cut off at the end leave a chain that
is whole; that is seen by whoever kept the hash of the last line elsewhere (`Verification.head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

BEGINNING = "0" * 64
"""What the first line has for the hash of the one before it."""
PREVIOUS, HASH = "previous", "hash"
LONGEST_LINE = 64 * 1024
"""Bytes of one line; a record of an enforcement with every setting changed has some kilobytes."""


@dataclass(frozen=True)
class Verification:
    """What a look at a whole trail found.

    Attributes:
        entries: The records, without the chain's own two fields, up to the first that does not fit.
        head: Hash of the last good line; `BEGINNING` for an empty trail.
        problem: What is wrong, in one line; ``None`` for a whole chain.
        line: Number of the line with the problem, from 1.
        hashes: Hash of each good line.
    """

    entries: tuple[dict[str, Any], ...]
    head: str
    problem: str | None = None
    line: int | None = None
    hashes: tuple[str, ...] = ()


def sealed(record: Mapping[str, Any], previous: str) -> str:
    """One line of the trail, with its newline.

    Args:
        record: What happened; JSON values.
        previous: Hash of the line before.

    Raises:
        ValueError: It has one of the chain's own fields, or is too long.
    """
    if PREVIOUS in record or HASH in record:
        raise ValueError("a record of the audit trail has a field named previous or hash")
    body = {**record, PREVIOUS: previous}
    line = _text({**body, HASH: _digest(body)}) + "\n"
    if len(line.encode()) > LONGEST_LINE:
        raise ValueError(f"a record of the audit trail is longer than {LONGEST_LINE} bytes")
    return line


def hash_of(line: str) -> str:
    """The hash that a line carries.

    Raises:
        ValueError: It is no line of a trail.
    """
    return str(record_of(line)[HASH])


@dataclass(frozen=True)
class Link:
    """One line of a chain.

    Attributes:
        number: The line's, from 1.
        record: What it says, without the chain's own two fields.
        hash: The line's own.
        problem: What is wrong with it, in one line; ``None`` for a good line.
    """

    number: int
    record: Mapping[str, Any]
    hash: str
    problem: str | None = None


def links(lines: Iterable[str]) -> Iterator[Link]:
    """The lines of a chain from its beginning, one at a time; one that does not fit is the last."""
    head = BEGINNING
    for number, line in enumerate(lines, start=1):
        found = _parsed(line)
        if found is None:
            yield Link(number, {}, head, "it is no record of the trail")
            return
        stated = found.pop(HASH)
        if found.get(PREVIOUS) != head:
            yield Link(number, {}, head, "it does not follow the line before it")
            return
        if _digest(found) != stated:
            yield Link(number, {}, head, "its content was changed")
            return
        head = stated
        found.pop(PREVIOUS)
        yield Link(number, found, head)


def verify(lines: Iterable[str]) -> Verification:
    """Look at a whole trail, from its beginning."""
    entries: list[dict[str, Any]] = []
    hashes: list[str] = []
    for link in links(lines):
        if link.problem is not None:
            return Verification(tuple(entries), link.hash, link.problem, link.number)
        hashes.append(link.hash)
        entries.append(dict(link.record))
    return Verification(tuple(entries), hashes[-1] if hashes else BEGINNING, hashes=tuple(hashes))


def record_of(line: str) -> dict[str, Any]:
    """What one line says, whether or not its hash is right.

    Raises:
        ValueError: It is no line of a trail.
    """
    found = _parsed(line)
    if found is None:
        raise ValueError("the last line of the audit trail is no record")
    return found


def _parsed(line: str) -> dict[str, Any] | None:
    if len(line) > LONGEST_LINE or not line.endswith("\n"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    good = isinstance(found, dict) and isinstance(found.get(HASH), str) and isinstance(found.get(PREVIOUS), str)
    return found if good else None


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(body).encode()).hexdigest()


def _text(value: Mapping[str, Any]) -> str:
    """One spelling for one value: sorted, without blanks, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
