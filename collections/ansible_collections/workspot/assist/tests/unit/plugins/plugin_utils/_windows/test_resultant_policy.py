# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who decided a value, out of rows of the resultant set of policy."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AccessDenied, NotFound, WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.resultant_policy import (
    NAMESPACE,
    guid_of,
    read_gpo_names,
    read_resultant_values,
)
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._windows.scripted import ScriptedClient

KEY = r"SOFTWARE\Policies\X"
GUID = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
DOMAIN = f"cn={GUID},cn=policies,cn=system,DC=corp,DC=example"


def row(name: str | None, data: bytes = struct.pack("<I", 1), kind: int = 4, **more: Any) -> dict[str, Any]:
    values = {
        "precedence": 1,
        "registryKey": KEY,
        "valueName": name,
        "GPOID": DOMAIN,
        "valueType": kind,
        "value": list(data) or None,
        "deleted": False,
    }
    return {**values, **more}


def read(*answers: Any) -> Any:
    client = ScriptedClient(list(answers))
    found = read_resultant_values(client, [KEY, "SOFTWARE\\O'Neil"])  # type: ignore[arg-type]
    ((namespace, query),) = client.asked
    assert namespace == NAMESPACE
    assert query.startswith("SELECT precedence, registryKey, ")
    assert " FROM RSOP_RegistryPolicySetting WHERE registryKey=" in query
    assert r"registryKey='SOFTWARE\\Policies\\X' OR registryKey='SOFTWARE\\O\'Neil'" in query
    return found


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


@pytest.mark.parametrize(
    ("values", "name", "data"),
    [
        (row("V"), "V", 1),
        (row("V", utf16("Hällo\0"), 1), "V", "Hällo"),
        (row("V", utf16("%windir%\0"), 2), "V", "%windir%"),
        (row("V", utf16("no end"), 1), "V", "no end"),
        (row("V", b"\1\2", 3), "V", None),
        (row("V", b"\1", 4), "V", None),
        (row("V", b"", 4), "V", None),
        (row("V", deleted=True), "V", None),
        (row("**del.V", utf16(" \0"), 1), "V", None),
        (row("**Del.V", utf16(" \0"), 1, deleted=True), "V", None),
        (row("**soft.V"), "V", 1),
        (row("**delvals.", utf16(" \0"), 1, deleted=True), "**delvals.", None),
        (row("", utf16("default\0"), 1), "", "default"),
    ],
)
def test_rows(values: dict[str, Any], name: str, data: int | str | None) -> None:
    (found,) = read([values])
    assert (found.key, found.name, found.data, found.is_local) == (KEY, name, data, False)


def test_only_winners_count_and_rows_without_a_place_do_not() -> None:
    rows = [row("A", precedence=2), row("B"), row(None), row("C", registryKey=None), row("D", precedence=None)]
    assert [item.name for item in read(rows)] == ["B"]


@pytest.mark.parametrize(
    ("gpo", "local"), [("LocalGPO", True), ("Local Group Policy", True), (DOMAIN, False), (None, True)]
)
def test_a_gpo_with_a_guid_is_the_domains(gpo: str | None, local: bool) -> None:
    (found,) = read([row("V", GPOID=gpo)])
    assert found.is_local is local


def test_guids() -> None:
    assert guid_of(DOMAIN) == GUID
    assert guid_of("LocalGPO") == "LocalGPO"


@pytest.mark.parametrize(
    "error",
    [
        NotFound("no such class", cim_status=6),
        WsmanFault("no namespace", cim_status=3),
        WsmanFault("no class", cim_status=5),
    ],
)
def test_a_host_that_keeps_no_such_data(error: WsmanFault) -> None:
    assert read(error) is None


@pytest.mark.parametrize("error", [AccessDenied("no"), WsmanFault("other", cim_status=1)])
def test_other_faults_go_through(error: WsmanFault) -> None:
    with pytest.raises(type(error)):
        read(error)


def test_names_of_gpos() -> None:
    rows = [{"id": DOMAIN, "name": "Baseline"}, {"id": "LocalGPO", "name": None}, {"id": None, "name": "x"}]
    client = ScriptedClient([rows])
    assert read_gpo_names(client) == {DOMAIN.lower(): "Baseline"}  # type: ignore[arg-type]
    assert client.asked == [(NAMESPACE, "SELECT * FROM RSOP_GPO")]
    assert read_gpo_names(ScriptedClient([WsmanFault("no", cim_status=5)])) == {}  # type: ignore[arg-type]
