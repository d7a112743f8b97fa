# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instructions of a Registry.pol: order, specials, types, and errors that are ignored (MS-GPREG 3.2.5.1.2)."""

from __future__ import annotations

from typing import Any

from simulator.windows.registry_pol import Instruction
from tests.simulator.windows_rig import RA, RA_KEY, Rig, entry

REFRESH = "gpupdate /target:computer"


def _applied(*entries: Instruction, before: dict[str, int] | None = None) -> dict[str, Any]:
    rig = Rig(policy=before or {})
    rig.put_policy(*entries, version=1)
    assert rig.run(REFRESH).code == 0
    key = rig.host.registry.find(RA_KEY)
    return {value.name: value.data for value in key.values} if key is not None else {}


def test_instructions_are_carried_out_in_order() -> None:
    assert _applied(entry("a", 1), entry("A", 2), entry("**del.b", " "), entry("b", 3)) == {"A": 2, "b": 3}
    assert _applied(entry("b", 3), entry("**Del.b", " ")) == {}


def test_delete_values() -> None:
    before = {"a": 1, "b": 2, "c": 3}
    assert _applied(entry("**DeleteValues", "a;C"), before=before) == {"b": 2}
    assert _applied(entry("**delvals.", " "), entry("d", 4), before=before) == {"d": 4}
    assert _applied(entry("**DELVALS.", " "), before=before) == {}


def test_delete_keys_takes_subkeys_with_all_below() -> None:
    rig = Rig(registry={f"{RA_KEY}\\RAUnsolicit\\Deeper": {"x": 1}, f"{RA_KEY}\\Other": {"y": 2}})
    rig.put_policy(entry("**DeleteKeys", "raunsolicit;Absent"), version=1)
    rig.run(REFRESH)
    assert rig.host.registry.find(f"{RA_KEY}\\RAUnsolicit") is None
    assert rig.value("y", f"{RA_KEY}\\Other") == 2


def test_soft_values_are_set_only_where_there_is_none() -> None:
    assert _applied(entry("**soft.a", 5), entry("**soft.b", 6), before={"a": 1}) == {"a": 1, "b": 6}


def test_secure_key_is_remembered() -> None:
    rig = Rig()
    rig.put_policy(entry("**SecureKey", 1), version=1)
    rig.run(REFRESH)
    assert rig.host.group_policy.secured == {RA.lower()}


def test_errors_of_the_registry_are_ignored() -> None:
    """ "Any errors writing to this database MUST be ignored": here a key directly below HKLM."""
    assert _applied(entry("x", 1, "HKLM\\Software\\X"), entry("a", 1)) == {"a": 1}


def test_all_types_reach_the_registry() -> None:
    items = [
        Instruction(RA, "text", 1, "ä\0".encode("utf-16-le")),
        Instruction(RA, "list", 7, "a\0b\0\0".encode("utf-16-le")),
        Instruction(RA, "bytes", 3, b"\x01"),
        Instruction(RA, "long", 11, (2**33).to_bytes(8, "little")),
        Instruction(RA, "short", 4, b"\x01"),
    ]
    expected = {"text": "ä", "list": ["a", "b"], "bytes": b"\x01", "long": 2**33, "short": b"\x01"}
    assert _applied(*items) == expected
