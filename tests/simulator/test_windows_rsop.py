# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RSOP_RegistryPolicySetting and RSOP_GPO after a refresh (learn.microsoft.com, "RSoP WMI classes")."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.seam import CimError
from tests.simulator.windows_rig import BASELINE, EXTENSION, RA, Rig, entry

NAMESPACE = "root/rsop/computer"
DOMAIN_ID = f"CN={BASELINE},CN=Policies,CN=System,DC=corp,DC=example"
LOCAL = {"registry_pol": {"entries": [{"key": RA, "name": "fAllowToGetHelp", "data": 1}]}}


def _settings(rig: Rig, where: str = "") -> list[dict[str, Any]]:
    return [dict(item.values) for item in rig.query(NAMESPACE, f"SELECT * FROM RSOP_RegistryPolicySetting{where}")]


def _gpos(rig: Rig) -> dict[str, dict[str, Any]]:
    return {item.values["id"]: dict(item.values) for item in rig.query(NAMESPACE, "SELECT * FROM RSOP_GPO")}


def _rig(**more: Any) -> Rig:
    policies = [{"name": "Workstations baseline", "guid": BASELINE, "values": {"fAllowToGetHelp": 0}}]
    return Rig(**{"local_policy": LOCAL, "domain_policies": policies, **more})


def test_the_winner_has_precedence_1() -> None:
    rows = sorted(_settings(_rig()), key=lambda row: row["precedence"])
    assert [(row["precedence"], row["GPOID"], row["SOMID"], row["value"]) for row in rows] == [
        (1, DOMAIN_ID, "DC=corp,DC=example", [0, 0, 0, 0]),
        (2, "LocalGPO", "Local", [1, 0, 0, 0]),
    ]
    assert len({row["id"] for row in rows}) == 1
    assert {(row["registryKey"], row["valueName"], row["valueType"], row["deleted"]) for row in rows} == {
        (RA, "fAllowToGetHelp", 4, False)
    }


def test_a_query_for_one_key_escapes_its_backslashes() -> None:
    rig = _rig()
    escaped = RA.replace("\\", "\\\\")
    assert len(_settings(rig, f" WHERE registryKey = '{escaped}' AND precedence = 1")) == 1
    with pytest.raises(CimError):
        _settings(rig, f" WHERE registryKey = '{RA}'")


def test_the_names_of_the_policies() -> None:
    gpos = _gpos(_rig())
    assert gpos[DOMAIN_ID]["name"] == "Workstations baseline"
    assert gpos[DOMAIN_ID]["guidName"] == BASELINE
    assert gpos["LocalGPO"]["name"] == "Local Group Policy"
    assert gpos["LocalGPO"]["extensionIds"] == [EXTENSION]
    assert gpos["LocalGPO"]["version"] == 0x10001


def test_a_fresh_host_shows_an_empty_local_policy() -> None:
    """As a fresh Windows 11 does: one LocalGPO of version 0, enabled, no extension, no settings."""
    rig = Rig()
    assert {name: (row["version"], row["enabled"], row["extensionIds"]) for name, row in _gpos(rig).items()} == {
        "LocalGPO": (0, True, None)
    }
    assert _settings(rig) == []


def test_it_shows_the_last_refresh_and_not_what_came_after() -> None:
    rig = _rig()
    rig.put_policy(entry("fAllowToGetHelp", 0), entry("MaxTicketExpiry", 3), version=2)
    assert {row["valueName"] for row in _settings(rig)} == {"fAllowToGetHelp"}
    rig.host.registry.put(f"HKLM\\{RA}", "fAllowToGetHelp", 1)
    assert [row["value"] for row in _settings(rig, " WHERE precedence = 1")] == [[0, 0, 0, 0]]
    rig.run("gpupdate /target:computer")
    assert {row["valueName"] for row in _settings(rig)} == {"fAllowToGetHelp", "MaxTicketExpiry"}


def test_a_refresh_that_skips_the_extension_keeps_the_rows() -> None:
    rig = _rig()
    before = _settings(rig)
    rig.run("gpupdate /target:computer")
    assert _settings(rig) == before


@pytest.mark.parametrize(("quirk", "name"), [("value", "fAllowFullControl"), ("special", "**del.fAllowFullControl")])
def test_a_deletion_is_a_row_too(quirk: str, name: str) -> None:
    rig = Rig(quirks={"rsop_deleted_name": quirk})
    rig.put_policy(entry("**del.fAllowFullControl", " "), entry("**soft.MaxTicketExpiry", 1), version=1)
    rig.run("gpupdate /target:computer")
    rows = {row["valueName"]: row for row in _settings(rig)}
    assert rows[name]["deleted"] is True
    assert rows[name]["command"] == "**del.fAllowFullControl"
    assert rows["MaxTicketExpiry"]["deleted"] is False


def test_a_deletion_and_a_value_of_two_policies_are_one_setting() -> None:
    rig = _rig(local_policy={"registry_pol": {"entries": [{"key": RA, "name": "**del.fAllowToGetHelp", "data": " "}]}})
    assert {row["id"] for row in _settings(rig)} == {_settings(rig)[0]["id"]}
    assert sorted((row["precedence"], row["deleted"]) for row in _settings(rig)) == [(1, False), (2, True)]


def test_without_logging_there_is_nothing() -> None:
    """ "Turn off Resultant Set of Policy logging" (GroupPolicy.admx): RSoPLogging 0."""
    key = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
    rig = _rig(registry={key: {"RSoPLogging": 0}})
    assert (_settings(rig), _gpos(rig)) == ([], {})
    assert rig.value("fAllowToGetHelp") == 0  # it is applied all the same


def test_the_last_of_several_entries_for_a_value_is_the_setting() -> None:
    rig = Rig()
    rig.put_policy(entry("a", 1), entry("A", 2), version=1)
    rig.run("gpupdate /target:computer")
    assert [(row["valueName"], row["value"], row["precedence"]) for row in _settings(rig)] == [("A", [2, 0, 0, 0], 1)]


def test_ids_may_be_spelled_differently() -> None:
    rig = _rig(quirks={"rsop_gpo_id_case": "differs"})
    ids = {row["GPOID"] for row in _settings(rig)}
    assert DOMAIN_ID.lower() in ids
    assert DOMAIN_ID in _gpos(rig)


def test_the_namespace_may_be_missing() -> None:
    """CIM_ERR_INVALID_NAMESPACE (DSP0200), WBEM_E_INVALID_NAMESPACE."""
    rig = _rig(quirks={"rsop_namespace_missing": True})
    with pytest.raises(CimError) as caught:
        _gpos(rig)
    assert caught.value.cim_status == 3
