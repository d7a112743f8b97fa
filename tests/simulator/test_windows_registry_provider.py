# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""StdRegProv: values of every type both ways, refusals, and writes that are counted."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.windows.accounts import Account
from tests.simulator.windows_rig import RA, Rig

HKLM, HKCU, HKU = 0x80000002, 0x80000001, 0x80000003
ABSENT, DENIED = 2, 5


def _call(rig: Rig, method: str, caller: Account | None = None, **arguments: Any) -> dict[str, Any]:
    provider = rig.host.providers["root/cimv2", "stdregprov"]
    arguments = {"hDefKey": HKLM, "sSubKeyName": RA, **arguments}
    return dict(rig.live(provider.invoke(method, {}, arguments, caller or rig.admin)))


@pytest.mark.parametrize(
    ("suffix", "name", "data"),
    [
        ("DWORDValue", "uValue", 4294967295),
        ("QWORDValue", "uValue", 2**60),
        ("StringValue", "sValue", "Ä b"),
        ("ExpandedStringValue", "sValue", "%TEMP%\\x"),
        ("MultiStringValue", "sValue", ["one", "two"]),
        ("BinaryValue", "uValue", [0, 255, 1]),
    ],
)
def test_every_type_is_written_and_read(suffix: str, name: str, data: Any) -> None:
    rig = Rig()
    assert _call(rig, "CreateKey") == {"ReturnValue": 0}
    assert _call(rig, f"Set{suffix}", sValueName="v", **{name: data}) == {"ReturnValue": 0}
    assert _call(rig, f"Get{suffix}", sValueName="v") == {"ReturnValue": 0, name: data}
    assert rig.host.writes.log == [f"HKLM\\{RA}", f"HKLM\\{RA}\\\\v"]


def test_a_value_needs_its_key() -> None:
    assert _call(Rig(), "SetDWORDValue", sSubKeyName="SOFTWARE\\Absent", sValueName="v", uValue=1)["ReturnValue"] == 2


def test_keys_with_subkeys_are_not_deleted() -> None:
    """RegDeleteKey: "the subkey to be deleted must not have subkeys"."""
    rig = Rig(registry={f"HKLM\\{RA}\\RAUnsolicit": {"CORP\\helpdesk": "CORP\\helpdesk"}})
    assert _call(rig, "DeleteKey")["ReturnValue"] == DENIED
    assert _call(rig, "DeleteValue", sSubKeyName=f"{RA}\\RAUnsolicit", sValueName="corp\\HELPDESK")["ReturnValue"] == 0
    assert _call(rig, "DeleteKey", sSubKeyName=f"{RA}\\RAUnsolicit")["ReturnValue"] == 0
    assert _call(rig, "DeleteKey", sSubKeyName=f"{RA}\\RAUnsolicit")["ReturnValue"] == ABSENT


def test_enumeration_names_values_with_their_types() -> None:
    rig = Rig(policy={"MaxTicketExpiry": 1}, registry={f"HKLM\\{RA}": {"ViewMessage": "Hello"}})
    found = _call(rig, "EnumValues")
    assert dict(zip(found["sNames"], found["Types"], strict=True)) == {"MaxTicketExpiry": 4, "ViewMessage": 1}
    assert "Terminal Services" in _call(rig, "EnumKey", sSubKeyName=RA.rpartition("\\")[0])["sNames"]
    assert _call(rig, "EnumValues", sSubKeyName="SOFTWARE\\Absent") == {"ReturnValue": ABSENT}


@pytest.mark.parametrize("code", [1, 2])
def test_an_absent_value_gives_one_of_two_codes(code: int) -> None:
    rig = Rig(policy={"a": 1}, quirks={"missing_value_return": code})
    assert _call(rig, "GetDWORDValue", sValueName="b") == {"ReturnValue": code, "uValue": None}


def test_a_value_of_another_type_is_not_given() -> None:
    rig = Rig(policy={"a": 1})
    assert _call(rig, "GetStringValue", sValueName="a")["ReturnValue"] != 0


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("CreateKey", {"sSubKeyName": f"{RA}\\New"}),
        ("SetDWORDValue", {"sValueName": "a", "uValue": 2}),
        ("DeleteValue", {"sValueName": "a"}),
        ("DeleteKey", {}),
    ],
)
def test_who_is_no_administrator_may_not_write(method: str, arguments: dict[str, Any]) -> None:
    rig = Rig(policy={"a": 1})
    assert _call(rig, method, rig.user, **arguments)["ReturnValue"] == DENIED
    assert rig.host.writes.log == []
    assert rig.value("a") == 1


def test_access_is_told_beforehand() -> None:
    """CheckAccess: KEY_SET_VALUE is 2, KEY_QUERY_VALUE 1."""
    rig = Rig(policy={"a": 1})
    assert _call(rig, "CheckAccess", uRequired=2)["bGranted"] is True
    assert _call(rig, "CheckAccess", rig.user, uRequired=2) == {"ReturnValue": DENIED, "bGranted": False}
    assert _call(rig, "CheckAccess", rig.user, uRequired=1)["bGranted"] is True


def test_a_user_writes_the_own_hive_but_not_its_policies() -> None:
    rig = Rig(sessions=[{"id": 1, "user": "CORP\\jdoe"}])
    own = {"hDefKey": HKCU, "sValueName": "x", "sValue": "y"}
    assert _call(rig, "SetStringValue", rig.user, **own, sSubKeyName="Software")["ReturnValue"] == 0
    assert rig.value("x", f"HKU\\{rig.user.sid}\\Software") == "y"
    rig.host.registry.make(f"HKU\\{rig.user.sid}\\Software\\Policies\\X")
    assert _call(rig, "SetStringValue", rig.user, **own, sSubKeyName="Software\\Policies\\X")["ReturnValue"] == DENIED


def test_writes_can_be_switched_off() -> None:
    rig = Rig(policy={"a": 1}, faults={"deny_writes": True})
    assert _call(rig, "SetDWORDValue", sValueName="a", uValue=2)["ReturnValue"] == DENIED
    assert (rig.value("a"), rig.host.counters["denied_writes"]) == (1, 1)
    assert _call(rig, "GetDWORDValue", sValueName="a")["uValue"] == 1


def test_an_unknown_hive_is_an_invalid_handle() -> None:
    assert _call(Rig(), "EnumKey", hDefKey=7)["ReturnValue"] == 6
