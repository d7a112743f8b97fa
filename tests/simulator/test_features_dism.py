# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Optional features: DISM, WMI, the files they bring and the restarts they wait for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.pool import PoolFileError, describe
from simulator.windows.features import REBOOT_PENDING
from simulator.windows.firewall import DEFAULTS, LOCAL
from tests.simulator.windows_rig import Rig

INFO = "dism /online /english /get-featureinfo /featurename:RemoteAssistance"
ENABLE = "dism /online /english /enable-feature /featurename:RemoteAssistance /all /quiet /norestart"
DISABLE = "dism /online /english /disable-feature /featurename:RemoteAssistance /quiet /norestart"
UNKNOWN, NO_SOURCE = 0x800F080C - 2**32, 0x800F081F - 2**32
MSRA = "C:\\Windows\\System32\\msra.exe"


def server(state: str = "", quirks: dict[str, Any] | None = None, **more: Any) -> Rig:
    features = {"RemoteAssistance": state} if state else {}
    return Rig(os="server-2022", features=features, quirks=quirks or {}, **more)


def states(rig: Rig) -> dict[str, int]:
    return {
        row.values["Name"]: row.values["InstallState"]
        for row in rig.query("root/cimv2", "SELECT * FROM Win32_OptionalFeature")
    }


def installed(rig: Rig) -> list[int]:
    return [row.values["ID"] for row in rig.query("root/cimv2", "SELECT * FROM Win32_ServerFeature WHERE ID=42")]


def rules(rig: Rig, path: str = LOCAL) -> int:
    key = rig.host.registry.find(f"{path}\\FirewallRules")
    return sum(value.name.startswith("RemoteAssistance-") for value in key.values) if key is not None else 0


def test_a_server_has_it_as_described() -> None:
    rig = server()
    assert states(rig)["RemoteAssistance"] == 1
    assert installed(rig) == [42]
    assert rig.host.files.exists(MSRA)
    rig = server("disabled")
    assert states(rig)["RemoteAssistance"] == 2
    assert installed(rig) == []
    assert not rig.host.files.exists(MSRA)
    assert rules(rig) == rules(rig, DEFAULTS) == 0
    assert states(server("removed"))["RemoteAssistance"] == 3
    assert states(server(missing=["msra.exe"]))["RemoteAssistance"] == 2


def test_a_client_has_no_such_feature() -> None:
    rig = Rig()
    assert rig.host.files.exists(MSRA)
    assert "RemoteAssistance" not in states(rig)
    assert rig.run(INFO).code == UNKNOWN
    with pytest.raises(Exception, match="does not exist"):
        installed(rig)


def test_information_is_in_the_form_that_transcripts_have() -> None:
    done = server("disabled").run(INFO)
    assert done.code == 0
    lines = [line for line in done.out.split("\r\n") if line]
    assert lines[:2] == ["Deployment Image Servicing and Management tool", "Version: 10.0.20348.1"]
    assert "Feature Name : RemoteAssistance" in lines
    assert "State : Disabled" in lines
    assert lines[-1] == "The operation completed successfully."


def test_english_is_english_everywhere() -> None:
    rig = server("disabled", language="de-DE")
    assert "State : Disabled" in rig.run(INFO).out
    assert "State : Disabled" not in rig.run(INFO.replace(" /english", "")).out


def test_it_is_installed_and_removed_with_its_files_and_rules() -> None:
    rig = server("disabled")
    done = rig.run(ENABLE)
    assert (done.code, done.out) == (0, "")
    assert states(rig)["RemoteAssistance"] == 1
    assert rig.host.files.exists(MSRA)
    assert rules(rig) == rules(rig, DEFAULTS) == 15
    assert len([row for row in rig.host.firewall.rules("PersistentStore") if "RemoteAss" in row.rule.id]) == 15
    assert rig.run(DISABLE).code == 0
    assert not rig.host.files.exists(MSRA)
    assert rules(rig) == rules(rig, DEFAULTS) == 0


def test_what_is_there_already_is_no_change() -> None:
    rig = server()
    assert rig.run(ENABLE).code == 0
    assert rig.host.writes.log == []
    rig = server("disabled")
    assert rig.run(DISABLE).code == 0
    assert rig.host.writes.log == []


def test_rules_may_stay_when_it_goes() -> None:
    rig = server(quirks={"feature_brings_rules": False})
    rig.run(DISABLE)
    assert rules(rig) == 15


@pytest.mark.parametrize(("seen", "before", "after"), [("old", 2, 1), ("new", 1, 2)])
def test_a_restart_may_be_needed(seen: str, before: int, after: int) -> None:
    rig = server("disabled", {"feature_restart": True, "feature_pending_state": seen})
    assert rig.run(ENABLE).code == 3010
    assert "State : Enable Pending" in rig.run(INFO).out
    assert not rig.host.files.exists(MSRA)
    assert states(rig)["RemoteAssistance"] == before
    assert (installed(rig) == [42]) is (seen == "new")
    rig.host.restart()
    assert "State : Enabled" in rig.run(INFO).out
    assert rig.host.files.exists(MSRA)
    assert rig.run(DISABLE).code == 3010
    assert "State : Disable Pending" in rig.run(INFO).out
    assert states(rig)["RemoteAssistance"] == after
    assert rig.host.files.exists(MSRA)
    rig.host.restart()
    assert not rig.host.files.exists(MSRA)


def test_a_change_that_waits_can_be_taken_back() -> None:
    rig = server("enable_pending", {"feature_restart": True})
    assert rig.run(DISABLE).code == 0
    assert "State : Disabled" in rig.run(INFO).out
    rig = server("disable_pending", {"feature_restart": True})
    assert rig.host.files.exists(MSRA)
    assert rig.run(ENABLE).code == 0
    assert "State : Enabled" in rig.run(INFO).out


def test_without_norestart_it_restarts_by_itself() -> None:
    rig = server("disabled", {"feature_restart": True})
    assert rig.run(ENABLE.replace(" /norestart", "")).code == 0
    assert "State : Enabled" in rig.run(INFO).out


def test_missing_files_are_named() -> None:
    rig = server("removed")
    done = rig.run(ENABLE.replace(" /quiet", ""))
    assert done.code == NO_SOURCE
    assert "Error: 0x800f081f" in done.out
    assert states(rig)["RemoteAssistance"] == 3
    rig = server()
    assert rig.run(DISABLE + " /remove").code == 0
    assert "State : Disabled with Payload Removed" in rig.run(INFO).out


def test_an_unknown_name_is_an_error_with_a_code() -> None:
    done = server().run("dism /online /english /get-featureinfo /featurename:Remote-Assistance")
    assert done.code == UNKNOWN
    assert "Error: 0x800f080c" in done.out
    assert "Feature name Remote-Assistance is unknown." in done.out
    done = server().run("dism /online /english /enable-feature /featurename:Nothing /quiet || echo failed")
    assert done.out == "failed\r\n"


def test_the_other_name_may_be_the_right_one() -> None:
    rig = server("disabled", {"feature_name": "Remote-Assistance"})
    assert rig.run(INFO).code == UNKNOWN
    assert rig.run(INFO.replace("RemoteAssistance", "remote-assistance")).code == 0
    assert rig.run(ENABLE.replace("RemoteAssistance", "Remote-Assistance")).code == 0
    assert states(rig)["Remote-Assistance"] == 1


def test_other_features_are_there_to_be_left_alone() -> None:
    rig = server()
    listed = rig.run("dism /online /english /get-features").out
    assert "Feature Name : TelnetClient\r\nState : Disabled" in listed
    assert rig.run("dism /online /english /enable-feature /featurename:TelnetClient /norestart").code == 0
    assert states(rig)["TelnetClient"] == 1


def test_without_elevation_it_does_nothing() -> None:
    rig = server("disabled")
    done = rig.live(rig.command(ENABLE, caller=rig.user))
    assert done.code == 740
    assert states(rig)["RemoteAssistance"] == 2


@pytest.mark.parametrize(
    "line",
    [
        "dism",
        "dism /get-features",
        "dism /online",
        "dism /online /get-features /enable-feature /featurename:x",
        "dism /online /enable-feature",
        "dism /online /enable-feature /name:RemoteAssistance",
        "dism /online /get-featureinfo /featurename:TelnetClient /remove",
    ],
)
def test_a_wrong_line_is_refused(line: str) -> None:
    assert server().run(line).code == 87


def test_it_can_take_minutes_of_the_hosts_time() -> None:
    rig = server("disabled", faults={"dism_delay": 300})

    async def work() -> list[int]:
        running = asyncio.ensure_future(rig.command(ENABLE))
        for _ in range(3):
            await asyncio.sleep(0)
        seen = [states(rig)["RemoteAssistance"], int(running.done())]
        await rig.host.clock.advance_async(301)
        return [*seen, (await running).code, states(rig)["RemoteAssistance"]]

    assert rig.live(work()) == [2, 0, 0, 1]


def test_nothing_changes_where_nothing_may() -> None:
    rig = server("disabled", faults={"deny_writes": True})
    assert rig.run(ENABLE).code == 5
    assert states(rig)["RemoteAssistance"] == 2


@pytest.mark.parametrize(
    ("features", "words"),
    [({"RemoteAssistance": "on"}, "is one of enabled, disabled"), ([1], "a mapping is expected")],
)
def test_wrong_descriptions_are_named(features: Any, words: str) -> None:
    with pytest.raises(PoolFileError, match=words):
        describe({"hosts": [{"name": "a", "address": "127.0.0.1", "os": "server-2022", "features": features}]})


def test_features_a_host_does_not_have_are_named() -> None:
    with pytest.raises(ValueError, match="there is no feature"):
        Rig(os="server-2022", features={"Telnet": "enabled"})
    with pytest.raises(ValueError, match="there is no feature RemoteAssistance"):
        Rig(features={"RemoteAssistance": "enabled"})


@pytest.mark.parametrize("key", [True, False])
def test_what_waits_for_a_restart_may_leave_a_sign(key: bool) -> None:
    rig = server("disable_pending", {"feature_restart": True, "feature_pending_key": key})
    registry = rig.host.registry
    assert (registry.find(REBOOT_PENDING) is not None) is key
    rig.host.restart()
    assert registry.find(REBOOT_PENDING) is None
    rig.host.features.enable("RemoteAssistance")
    assert (registry.find(REBOOT_PENDING) is not None) is key
    rig.host.features.disable("RemoteAssistance")
    assert registry.find(REBOOT_PENDING) is None
