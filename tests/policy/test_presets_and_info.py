# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Presets and their refinement, and what policy_info says of a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption

from simulator.windows.registry_pol import encode, instruction
from tests.policy.rig import FOREIGN_ENTRIES, HELPERS, INI, POL, RA, Host, request

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
HELPDESK = {
    "fAllowToGetHelp": 1,
    "fAllowFullControl": 1,
    "MaxTicketExpiry": 1,
    "MaxTicketExpiryUnits": 1,
    "fUseMailto": 0,
    "fAllowUnsolicited": 0,
    "LoggingEnabled": 1,
    "CreateEncryptedOnlyTickets": 1,
}
STIG, CIS_OFFER, CIS_SOLICITED = "WN11-CC-000155", "18.9.35.1", "18.9.35.2"


def rules(host: Host) -> dict[str, bool]:
    """Whether the host meets each rule."""
    return {item["rule_id"]: item["met"] for item in host.info()["baselines"]}


def test_helpdesk(host: Host) -> None:
    host.step(preset="helpdesk")
    live = host.live()
    assert live == {**HELPDESK, "fDenyTSConnections": 0}
    assert host.info()["presets"] == {"helpdesk": True, "locked_down": False}
    assert rules(host) == {STIG: False, "WN10-CC-000155": False, CIS_OFFER: True, CIS_SOLICITED: False}


def test_locked_down(host: Host) -> None:
    assert rules(host) == {STIG: False, "WN10-CC-000155": False, CIS_OFFER: False, CIS_SOLICITED: False}
    host.step(preset="locked_down")
    assert host.live() == {"fAllowToGetHelp": 0, "fAllowUnsolicited": 0, "fDenyTSConnections": 0}
    assert host.info()["presets"] == {"helpdesk": False, "locked_down": True}
    assert all(rules(host).values())
    host.step(preset="helpdesk")  # from one to the other


def test_a_preset_refined(host: Host) -> None:
    host.step(preset="helpdesk", solicited_control="view_only", ticket_lifetime=30, ticket_lifetime_units="minutes")
    assert host.live()["fAllowFullControl"] == 0
    assert (host.live()["MaxTicketExpiry"], host.live()["MaxTicketExpiryUnits"]) == (30, 0)
    assert host.info()["presets"]["helpdesk"] is False


def test_a_preset_whose_policy_is_taken_back(host: Host) -> None:
    host.step(preset="helpdesk", solicited_remote_assistance="disabled", session_logging="not_configured")
    assert host.live() == {
        "fAllowToGetHelp": 0,
        "fAllowUnsolicited": 0,
        "CreateEncryptedOnlyTickets": 1,
        "fDenyTSConnections": 0,
    }


def test_a_preset_with_more(host: Host) -> None:
    host.step(preset="helpdesk", offer_remote_assistance="enabled", offer_helpers=["CORP\\Helpdesk"])
    assert host.live()["fAllowUnsolicited"] == 1
    assert host.live(HELPERS) == {"CORP\\Helpdesk": "CORP\\Helpdesk"}
    host.step(preset="locked_down")
    assert host.live(HELPERS) == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "nothing is asked for"),
        ({"scope": "registry"}, "nothing is asked for"),
        ({"preset": "strict"}, "there is no preset 'strict'"),
        ({"ticket_lifetime": 0, "solicited_remote_assistance": "enabled"}, "between 1 and 99, not 0"),
        ({"ticket_lifetime": 100, "solicited_remote_assistance": "enabled"}, "between 1 and 99, not 100"),
        ({"solicited_remote_assistance": "disabled", "ticket_lifetime": 5}, "only where solicited_remote_assistance"),
        ({"preset": "locked_down", "ticket_lifetime": 5}, "only where solicited_remote_assistance is enabled"),
        ({"offer_helpers": ["**delvals."]}, "takes names such as"),
        ({"offer_helpers": [" "]}, "takes names such as"),
        ({"offer_helpers": ["A\nB"]}, "one line of printable text"),
        ({"offer_helpers": ["x" * 260]}, "at most 259 characters, not 260"),
        ({"warning_before_control": "two\nlines"}, "one line of printable text"),
        ({"warning_before_control": "x" * 1024}, "at most 1023 characters, not 1024"),
    ],
)
def test_what_the_editor_would_not_take_is_refused_before_anything_is_sent(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidOption, match=said.replace("*", r"\*")):
        request(**options)


def test_an_element_without_its_policy_is_refused(make_host: MakeHost) -> None:
    host = make_host()
    with pytest.raises(
        InvalidOption, match="solicited_remote_assistance is enabled, and it is not_configured"
    ) as caught:
        host.apply(ticket_lifetime=5)
    assert "Add solicited_remote_assistance: enabled." in str(caught.value)
    assert host.writes == []


def test_info_writes_nothing_and_is_cheap(make_host: MakeHost) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    host.sim.faults.set("deny_writes", True)
    host.info()
    assert host.sim.counters["denied_writes"] == 0
    assert host.requests <= 10


def test_info_of_a_fresh_host(make_host: MakeHost) -> None:
    said = make_host().info()
    assert said["local_group_policy"] == {
        "registry_pol": "missing",
        "damage": None,
        "version": 0,
        "processing_off": False,
        "pending": [],
    }
    assert said["domain_policy_known"] is True
    assert said["managed_by_mdm"] is False
    settings = said["settings"]
    assert settings.pop("uac_secure_desktop")["in_force"] == "enabled"
    assert settings.pop("uac_uiaccess_prompts")["in_force"] == "disabled"
    assert {item["decided_by"] for item in settings.values()} == {"nobody"}
    assert {item["in_force"] for item in settings.values()} == {None, "not_configured"}


def test_info_says_who_decides(make_host: MakeHost) -> None:
    host = make_host(
        registry={f"HKLM\\{RA}": {"LoggingEnabled": 1}, f"HKLM\\{HELPERS}": {"CORP\\A": "CORP\\A"}},
        domain_policies=[
            {"name": "Baseline", "guid": "{31B2F340-016D-11D2-945F-00C04FB984F9}", "values": {"fAllowToGetHelp": 0}}
        ],
    )
    host.apply(vista_or_later_only="enabled")
    settings = host.info()["settings"]
    found = {name: (item["decided_by"], item["in_force"]) for name, item in settings.items()}
    assert found["solicited_remote_assistance"] == ("Baseline", "disabled")
    assert found["vista_or_later_only"] == ("local_group_policy", "enabled")
    assert found["session_logging"] == ("registry", "enabled")
    assert found["offer_helpers"] == ("registry", ["CORP\\A"])
    assert found["warning_messages"] == ("nobody", "not_configured")


def test_info_says_what_is_pending(make_host: MakeHost) -> None:
    host = make_host()
    host.put(POL, encode([instruction(RA, "fAllowToGetHelp", 1), instruction(RA, "LoggingEnabled", 1)]))
    host.put(INI, b"[General]\r\nVersion=3\r\n")
    host.sim.registry.put(f"HKLM\\{RA}", "LoggingEnabled", 1)
    said = host.info()["local_group_policy"]
    assert said["pending"] == ["solicited_remote_assistance"]
    assert (said["registry_pol"], said["version"]) == ("present", 3)
    host.put(POL, b"")
    assert host.info()["local_group_policy"]["registry_pol"] == "empty"


def test_what_info_returns_the_module_accepts(host: Host) -> None:
    host.apply(preset="helpdesk", offer_remote_assistance="enabled", offer_helpers=["CORP\\B", "CORP\\A"])
    host.apply(warning_messages="enabled", warning_before_control="Careful", uac_uiaccess_prompts="enabled")
    settings = host.info()["settings"]
    said = {name: item["in_force"] for name, item in settings.items() if item["in_force"] is not None}
    host.assert_settled(**said)
