# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live registry through StdRegProv, against scripted replies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AccessDenied, CommandFailed
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.registry import HKEY_LOCAL_MACHINE, Registry
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._windows.scripted import ScriptedClient

KEY = r"SOFTWARE\Policies\X"
HIVE = {"hDefKey": HKEY_LOCAL_MACHINE, "sSubKeyName": KEY}


def registry(*answers: Any) -> tuple[Registry, ScriptedClient]:
    client = ScriptedClient(list(answers))
    return Registry(client), client  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"ReturnValue": 0, "uValue": 0}, 0),
        ({"ReturnValue": 0, "uValue": 4294967295}, 4294967295),
        ({"ReturnValue": 1, "uValue": None}, None),
        ({"ReturnValue": 2}, None),
        ({"ReturnValue": 2147749893, "uValue": None}, None),
        ({"ReturnValue": 0, "uValue": None}, None),
    ],
)
def test_a_number(answer: dict[str, Any], value: int | None) -> None:
    found, client = registry(answer)
    assert found.number(KEY, "N") == value
    assert client.asked == [("GetDWORDValue", {**HIVE, "sValueName": "N"})]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"ReturnValue": 0, "sValue": "Grüße"}, "Grüße"),
        ({"ReturnValue": 0, "sValue": ""}, ""),
        ({"ReturnValue": 0, "sValue": None}, ""),
        ({"ReturnValue": 1}, None),
        ({"ReturnValue": 2, "sValue": None}, None),
    ],
)
def test_a_text(answer: dict[str, Any], value: str | None) -> None:
    found, client = registry(answer)
    assert found.text(KEY, "T") == value
    assert client.asked == [("GetStringValue", {**HIVE, "sValueName": "T"})]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ({"ReturnValue": 0, "sNames": ["A", "b"], "Types": [1, 4]}, ["A", "b"]),
        ({"ReturnValue": 0, "sNames": None, "Types": None}, []),
        ({"ReturnValue": 2, "sNames": None}, []),
    ],
)
def test_names(answer: dict[str, Any], names: list[str]) -> None:
    found, client = registry(answer)
    assert found.names(KEY) == names
    assert client.asked == [("EnumValues", HIVE)]


def test_reading_that_is_refused_is_not_taken_for_absence() -> None:
    for ask in (lambda reg: reg.number(KEY, "N"), lambda reg: reg.text(KEY, "N"), lambda reg: reg.names(KEY)):
        found, _client = registry({"ReturnValue": 5})
        with pytest.raises(CommandFailed, match=r"reading HKLM\\SOFTWARE.* failed: access is denied"):
            ask(found)


@pytest.mark.parametrize(
    ("data", "method", "argument"), [(7, "SetDWORDValue", "uValue"), ("x", "SetStringValue", "sValue")]
)
def test_writing_makes_the_key_first(data: int | str, method: str, argument: str) -> None:
    found, client = registry({"ReturnValue": 0}, {"ReturnValue": 0})
    found.write(KEY, "V", data)
    assert client.asked == [("CreateKey", HIVE), (method, {**HIVE, "sValueName": "V", argument: data})]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (5, "access is denied"),
        (19, "the registry is write protected"),
        (1018, "marked for deletion"),
        (87, "Windows error 87"),
    ],
)
def test_what_windows_refuses_is_told(code: int, reason: str) -> None:
    for answers, doing in (
        (({"ReturnValue": code},), "creating"),
        (({"ReturnValue": 0}, {"ReturnValue": code}), "writing"),
    ):
        found, client = registry(*answers)
        with pytest.raises(CommandFailed, match=reason) as caught:
            found.write(KEY, "V", 1)
        assert caught.value.message.startswith(doing)
        assert caught.value.host == "desk-01"
        assert client.answers == []
    found, _client = registry({"ReturnValue": code})
    with pytest.raises(CommandFailed, match=f"removing .*{reason}"):
        found.delete(KEY, "V")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_removing_what_is_not_there_is_no_error(code: int) -> None:
    found, client = registry({"ReturnValue": code})
    found.delete(KEY, "V")
    assert client.asked == [("DeleteValue", {**HIVE, "sValueName": "V"})]


def test_faults_go_through() -> None:
    found, _client = registry(AccessDenied("no", host="desk-01"))
    with pytest.raises(AccessDenied):
        found.number(KEY, "V")
