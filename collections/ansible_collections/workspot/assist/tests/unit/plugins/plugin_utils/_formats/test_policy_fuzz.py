# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever lies in a host's Registry.pol or gpt.ini: it is read and comes back to the byte, or it is refused, soon."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import GptIniMalformed, RegistryPolMalformed
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.gpt_ini import (
    build_gpt_ini,
    parse_gpt_ini,
    raised,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    PolicyEntry,
    RegistryPol,
    build_registry_pol,
    effective,
    parse_registry_pol,
    replaced,
    replaced_list,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._formats import policy_files
from hypothesis import given, settings, strategies

File = TypeVar("File")

CASES = 4000
SOON = 5.0
"""Seconds, on a slow and busy machine. Each input takes far less than one."""
FUZZ = settings(deadline=None, max_examples=300)

KEY = policy_files.KEYS[1]
LIST = policy_files.KEYS[2]
POL = build_registry_pol(
    RegistryPol(
        (
            PolicyEntry.dword(KEY, "fAllowToGetHelp", 1),
            PolicyEntry.delete_value(KEY, "MaxTicketExpiry"),
            PolicyEntry.delete_values(LIST),
            PolicyEntry.string(LIST, "DOMÄNE\\Änne", "DOMÄNE\\Änne"),
            PolicyEntry.string("SOFTWARE\\Policies", "**DeleteKeys", "Microsoft;Zeta"),
            PolicyEntry("a", "b", 3, bytes(range(33))),
            PolicyEntry("a", "", 0, b""),
        )
    )
)
GPT = (
    b"[General]\r\ngPCMachineExtensionNames=[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
    b"{D02B1F72-3407-48AE-BA88-E8213C6761F1}]\r\nVersion=65541\r\n; x\r\n[Other]\nx=1"
)
POL_PIECES = [b"[\0", b";\0", b"]\0", b"\0\0", b"\0", b"\xff\xff\xff\xff", b"\x00\xd8", b"*\0*\0", b"PReg\1\0\0\0"]
GPT_PIECES = [
    b"[",
    b"]",
    b"=",
    b"\r",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"{",
    b";",
    b"[General]\n",
    b"Version=9\n",
]


def refused(parse: Callable[[bytes], File], data: bytes) -> File | int:
    """What was read, or the offset of the refusal."""
    try:
        return parse(data)
    except (RegistryPolMalformed, GptIniMalformed) as error:
        return error.offset


def pol_comes_back(data: bytes) -> None:
    """Refused at a byte of the file, or understood as a whole and changed without harm."""
    pol = refused(parse_registry_pol, data)
    if isinstance(pol, int):
        assert 0 <= pol <= len(data)
        return
    assert build_registry_pol(pol) == data
    effective(pol)
    changed = replaced_list(replaced(pol, KEY, "x", [PolicyEntry.dword(KEY, "x", 1)]), LIST, [])
    assert parse_registry_pol(build_registry_pol(changed)) == changed


def gpt_comes_back(data: bytes) -> None:
    """Refused at a byte of the file, or understood as a whole and raised."""
    gpt = refused(parse_gpt_ini, data)
    if isinstance(gpt, int):
        assert 0 <= gpt <= len(data)
        return
    assert build_gpt_ini(gpt) == data
    assert parse_gpt_ini(build_gpt_ini(raised(gpt))).version[0] > 0


def mutations(original: bytes, pieces: list[bytes], seed: int) -> Iterator[bytes]:
    """The file with some bytes replaced, taken out, doubled or put in."""
    chance = random.Random(seed)
    for _case in range(CASES):
        data = bytearray(original)
        for _round in range(chance.randint(1, 4)):
            start = chance.randrange(len(data) + 1)
            end = min(len(data), start + chance.choice([0, 1, 1, 2, 4, 40]))
            new = chance.choice(
                [chance.randbytes(chance.randint(0, 4)), chance.choice(pieces), bytes(data[start:end] * 2)]
            )
            data[start:end] = new
        yield bytes(data)


def test_mutated_registry_pol() -> None:
    begin = time.process_time()  # the machine may be busy with other work
    for data in mutations(POL, POL_PIECES, seed=1):
        pol_comes_back(data)
    assert time.process_time() - begin < 4 * SOON


def test_mutated_gpt_ini() -> None:
    begin = time.process_time()  # the machine may be busy with other work
    for data in mutations(GPT, GPT_PIECES, seed=2):
        gpt_comes_back(data)
    assert time.process_time() - begin < 4 * SOON


def test_every_byte_of_a_registry_pol_counts() -> None:
    """One bit changed anywhere is refused or makes another file: nothing is skipped over."""
    pol = parse_registry_pol(POL)
    for place, byte in enumerate(POL):
        assert refused(parse_registry_pol, POL[:place] + bytes((byte ^ 1,)) + POL[place + 1 :]) != pol


@FUZZ
@given(strategies.one_of(strategies.binary(max_size=200).map(b"PReg\1\0\0\0".__add__), strategies.binary(max_size=40)))
def test_any_bytes_as_registry_pol(data: bytes) -> None:
    pol_comes_back(data)


@FUZZ
@given(strategies.lists(strategies.sampled_from([*POL_PIECES[:-1], b"a\0", b"\3\0\0\0", b"\0\0\0\0"]), max_size=40))
def test_pieces_of_a_registry_pol(pieces: list[bytes]) -> None:
    pol_comes_back(b"PReg\1\0\0\0" + b"".join(pieces))


@FUZZ
@given(
    strategies.one_of(
        strategies.binary(max_size=100), strategies.lists(strategies.sampled_from(GPT_PIECES)).map(b"".join)
    )
)
def test_any_bytes_as_gpt_ini(data: bytes) -> None:
    gpt_comes_back(data)


def entry(key: str, name: str, text: str = " ") -> bytes:
    return PolicyEntry.string(key, name, text).raw


HEADER = b"PReg\1\0\0\0"
GUID = b"{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
LISTED_EXTENSIONS = b"[General]\ngPCMachineExtensionNames="
LONG = "k" * 1_000_000
LISTED = ";".join(f"{number:04}" for number in range(6500))
SLOW: dict[str, Callable[[], object]] = {
    "endless key": lambda: pol_comes_back(HEADER + b"[\0" + b"a\0" * 2_000_000),
    "endless key of odd zeros": lambda: pol_comes_back(HEADER + b"[\0" + b"\x61\0\0\x61" * 1_000_000),
    "zeros": lambda: pol_comes_back(HEADER + bytes(4_000_000)),
    "brackets": lambda: pol_comes_back(HEADER + b"[\0" * 2_000_000),
    "entries": lambda: pol_comes_back(HEADER + entry("a", "b") * 15_000),
    "names": lambda: pol_comes_back(HEADER + b"".join(entry("a", f"{number}") for number in range(15_000))),
    "ours": lambda: pol_comes_back(HEADER + (entry(KEY, "x") + entry(LIST, "x")) * 10_000),
    "emptied again and again": lambda: pol_comes_back(
        HEADER + b"".join(entry("a", f"{number}") + entry("a", "**DelVals.") for number in range(12_000))
    ),
    "emptied after all": lambda: pol_comes_back(
        HEADER + b"".join(entry("a", f"{number}") for number in range(12_000)) + entry("a", "**DelVals.") * 12_000
    ),
    "deleted keys": lambda: pol_comes_back(
        HEADER + b"".join(entry(f"a\\{n}", "b") for n in range(12_000)) + entry("a", "**DeleteKeys", LISTED) * 100
    ),
    "the same key deleted": lambda: pol_comes_back(
        HEADER + b"".join(entry(f"a\\b\\{n}", "b") for n in range(12_000)) + entry("a", "**DeleteKeys", "b") * 12_000
    ),
    "long keys with deleted values": lambda: pol_comes_back(HEADER + entry(LONG, "**DeleteValues", LISTED) * 8),
    "long keys with deleted keys": lambda: pol_comes_back(
        HEADER + (entry(f"{LONG}\\0001", "a") + entry(LONG, "**DeleteKeys", LISTED)) * 4
    ),
    "deep keys": lambda: pol_comes_back(
        HEADER + entry("a\\" * 100_000, "b") + entry("a", "**DeleteKeys", "a") + entry("a\\" * 100_000, "b")
    ),
    "our deleted values": lambda: pol_comes_back(HEADER + entry(KEY, "**DeleteValues", LISTED + ";x") * 100),
    "a large gpt.ini": lambda: gpt_comes_back(b"[General]" + b"\r" * 16_000_000),
    "sections": lambda: gpt_comes_back(b"[General]\n" + b"[x]\n" * 16_000),
    "no sections": lambda: gpt_comes_back(b"[" * 65_536),
    "lines": lambda: gpt_comes_back(b"[General]" + b"\r\n" * 32_000),
    "returns": lambda: gpt_comes_back(b"[General]" + b"\r" * 65_000),
    "blanks": lambda: gpt_comes_back(b"[General]\nVersion" + b" \t" * 32_000 + b"="),
    "blanks at the end": lambda: gpt_comes_back(b"[General]\nVersion=1" + b" " * 65_000),
    "digits": lambda: gpt_comes_back(b"[General]\nVersion=" + b"1" * 65_000),
    "keys": lambda: gpt_comes_back(b"[General]\n" + b"a=" * 32_000),
    "extensions": lambda: gpt_comes_back(LISTED_EXTENSIONS + b"[%b]" % GUID * 1_600),
    "tools": lambda: gpt_comes_back(LISTED_EXTENSIONS + b"[" + b"%b " % GUID * 1_600 + b"x"),
    "blanks in extensions": lambda: gpt_comes_back(
        LISTED_EXTENSIONS + b"[" + b" " * 30_000 + GUID + b" " * 30_000 + b"x"
    ),
}


@pytest.mark.parametrize("name", SLOW)
def test_hostile_files_take_no_time(name: str) -> None:
    begin = time.process_time()  # the machine may be busy with other work
    SLOW[name]()
    assert time.process_time() - begin < SOON
