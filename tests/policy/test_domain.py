# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPOs of the domain that win, agree, or are not known; device management beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import PolicyNotInForce, PolicyOverruled

from simulator.windows.rsop import Rsop
from tests.policy.rig import FOREIGN, HELPERS, RA, Host

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
GUID = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
SYSTEM = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
OFF: list[dict[str, Any]] = [
    {"key": RA, "name": "fAllowToGetHelp", "data": 0},
    *({"key": RA, "name": f"**del.{name}", "data": " "} for name in ("fAllowFullControl", "MaxTicketExpiry")),
    *({"key": RA, "name": f"**del.{name}", "data": " "} for name in ("MaxTicketExpiryUnits", "fUseMailto")),
]


def gpo(*entries: dict[str, Any], name: str = "Workstations baseline", guid: str = GUID, **values: Any) -> Any:
    """A GPO of the domain with entries, or plain values of the Remote Assistance key."""
    return {"name": name, "guid": guid, "entries": list(entries), "values": values}


@pytest.mark.parametrize("deleted", ["value", "special"])
@pytest.mark.parametrize("scope", ["local_group_policy", "registry"])
@pytest.mark.parametrize("check", [True, False])
def test_a_gpo_that_wins_is_a_failure_and_nothing_is_written(
    make_host: MakeHost, scope: str, check: bool, deleted: str
) -> None:
    host = make_host(domain_policies=[gpo(*OFF)], quirks={"rsop_deleted_name": deleted})
    with pytest.raises(PolicyOverruled) as caught:
        host.apply(preset="helpdesk", scope=scope, check=check)
    said = str(caught.value)
    assert "Configure Solicited Remote Assistance: disabled by Workstations baseline, not enabled" in said
    assert "Maximum ticket time (value): - by Workstations baseline, not 1" in said
    assert "on_domain_conflict: warn" in said
    assert caught.value.host == "desk-01"
    assert host.writes == []


@pytest.mark.parametrize("deleted", ["value", "special"])
@pytest.mark.parametrize("scope", ["local_group_policy", "registry"])
def test_with_warn_the_rest_is_written_and_in_force(make_host: MakeHost, scope: str, deleted: str) -> None:
    host = make_host(domain_policies=[gpo(*OFF)], quirks={"rsop_deleted_name": deleted})
    options = {"preset": "helpdesk", "scope": scope, "on_domain_conflict": "warn"}
    done = host.step(**options)
    lost = {item["setting"]: item for item in done.as_data()["overruled"]}
    assert list(lost) == [
        "solicited_remote_assistance",
        "solicited_control",
        "ticket_lifetime",
        "ticket_lifetime_units",
        "invitation_mail_method",
    ]
    assert lost["solicited_remote_assistance"] == {
        "setting": "solicited_remote_assistance",
        "title": "Configure Solicited Remote Assistance",
        "wanted": "enabled",
        "in_force": "disabled",
        "gpo": "Workstations baseline",
        "gpo_id": GUID,
    }
    assert host.live()["fAllowToGetHelp"] == 0
    assert "MaxTicketExpiry" not in host.live()
    assert host.live()["LoggingEnabled"] == host.live()["CreateEncryptedOnlyTickets"] == 1
    # Locally it is there, for the day the GPO goes.
    assert (host.of(RA).get("fAllowToGetHelp") == 1) == (scope == "local_group_policy")
    if scope == "local_group_policy":
        host.sim.group_policy.domain.clear()
        host.sim.group_policy.refresh()
        host.assert_settled(preset="helpdesk")


def test_one_element_alone_may_be_overruled(make_host: MakeHost) -> None:
    host = make_host(domain_policies=[gpo(MaxTicketExpiry=8)])
    with pytest.raises(PolicyOverruled, match=r"Maximum ticket time \(value\): 8 by Workstations baseline, not 1\."):
        host.apply(preset="helpdesk")
    done = host.step(preset="helpdesk", on_domain_conflict="warn")
    assert [item.setting for item in done.plan.overruled] == ["ticket_lifetime"]
    assert host.live()["MaxTicketExpiry"] == 8
    assert host.live()["fAllowToGetHelp"] == 1
    assert host.step(session_logging="disabled").plan.overruled == ()  # what the task does not name is no conflict


def test_a_gpo_that_agrees_is_no_conflict(make_host: MakeHost) -> None:
    host = make_host(domain_policies=[gpo(LoggingEnabled=1, fAllowUnsolicited=0)])
    done = host.step(preset="helpdesk")
    assert done.plan.overruled == ()
    assert host.of(RA)["LoggingEnabled"] == 1  # and stays when that GPO goes
    said = host.info()["settings"]["session_logging"]
    assert (said["decided_by"], said["in_force"], said["local_group_policy"]) == (
        "Workstations baseline",
        "enabled",
        "enabled",
    )


def test_the_last_gpo_wins_and_is_named(make_host: MakeHost) -> None:
    other = "{AAAAAAAA-016D-11D2-945F-00C04FB984F9}"
    host = make_host(
        domain_policies=[
            gpo(LoggingEnabled=1, name="First"),
            gpo(LoggingEnabled=0, name="Second", guid=other),
        ]
    )
    with pytest.raises(PolicyOverruled, match="disabled by Second, not enabled"):
        host.apply(preset="helpdesk")
    done = host.step(session_logging="disabled")
    assert done.plan.overruled == ()


@pytest.mark.parametrize(
    ("entries", "wanted", "in_force"),
    [
        ([{"key": HELPERS, "name": "CORP\\Others", "data": "CORP\\Others"}], ["CORP\\Helpdesk"], ["CORP\\Others"]),
        ([{"key": HELPERS, "name": "**delvals.", "data": " "}], ["CORP\\Helpdesk"], None),
    ],
)
@pytest.mark.parametrize("deleted", ["value", "special"])
def test_the_list_of_helpers(
    make_host: MakeHost, entries: list[dict[str, Any]], wanted: list[str], in_force: Any, deleted: str
) -> None:
    host = make_host(domain_policies=[gpo(*entries)], quirks={"rsop_deleted_name": deleted})
    options = {"offer_remote_assistance": "enabled", "offer_helpers": wanted}
    with pytest.raises(PolicyOverruled, match="Helpers: "):
        host.apply(**options)
    done = host.step(**options, on_domain_conflict="warn")
    (lost,) = done.plan.overruled
    assert (lost.setting, lost.wanted, lost.in_force, lost.gpo) == (
        "offer_helpers",
        wanted,
        in_force,
        "Workstations baseline",
    )


def test_helpers_of_a_gpo_that_are_the_same_are_no_conflict(make_host: MakeHost) -> None:
    entries = [
        {"key": HELPERS, "name": "**delvals.", "data": " "},
        {"key": HELPERS, "name": "corp\\helpdesk", "data": "corp\\helpdesk"},
    ]
    host = make_host(domain_policies=[gpo(*entries)])
    assert host.step(offer_remote_assistance="enabled", offer_helpers=["CORP\\Helpdesk"]).plan.overruled == ()


def test_a_gpo_about_something_else_means_nothing(make_host: MakeHost) -> None:
    host = make_host(domain_policies=[gpo({"key": FOREIGN, "name": "Proxy", "data": "x"}, fDenyTSConnections=0)])
    assert host.step(preset="helpdesk").plan.overruled == ()


@pytest.mark.parametrize("told", ["no-rows", "no-names"])
def test_a_gpo_whose_name_is_not_told_is_its_guid(
    make_host: MakeHost, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    host = make_host(domain_policies=[gpo(LoggingEnabled=0)], quirks={"rsop_gpo_named": told == "no-rows"})
    if told == "no-rows":
        monkeypatch.setattr(Rsop, "gpos", lambda self: iter(()))
    with pytest.raises(PolicyOverruled, match=rf"disabled by \{GUID[:-1]}\}}, not enabled"):
        host.apply(preset="helpdesk")


def test_without_resultant_set_that_is_said(make_host: MakeHost) -> None:
    host = make_host(registry={SYSTEM: {"RSoPLogging": 0}})
    done = host.step(preset="helpdesk")
    (warning,) = done.as_data()["warnings"]
    assert "what a domain's GPO decides is not known" in warning
    assert host.info()["domain_policy_known"] is False


def test_without_resultant_set_a_gpo_that_wins_is_found_out_by_reading_back(make_host: MakeHost) -> None:
    host = make_host(registry={SYSTEM: {"RSoPLogging": 0}}, domain_policies=[gpo(*OFF)])
    with pytest.raises(PolicyNotInForce, match="solicited_remote_assistance is disabled") as caught:
        host.apply(preset="helpdesk")
    assert "does a domain's GPO" in str(caught.value)


def test_a_host_without_such_a_namespace(make_host: MakeHost) -> None:
    """A namespace, and a class, that Windows does not have."""
    for gone in (("root/rsop/computer",), ("root/rsop/computer", "rsop_registrypolicysetting")):
        host = make_host(domain_policies=[gpo(LoggingEnabled=1)])
        for key in [key for key in host.sim.providers if tuple(map(str.lower, key))[: len(gone)] == gone]:
            del host.sim.providers[key]
        done = host.apply(preset="helpdesk")
        assert "not known" in done.as_data()["warnings"][0]


def test_device_management_is_told(make_host: MakeHost) -> None:
    key = "HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\RemoteAssistance"
    host = make_host(registry={key: {"SolicitedRemoteAssistance": "<enabled/>"}})
    assert host.info()["managed_by_mdm"] is True
    (warning,) = host.step(preset="helpdesk").as_data()["warnings"]
    assert "device management (MDM)" in warning
