# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every setting set, changed, removed and left alone, in check mode and for real, on a client and on a server.

The table is RemoteAssistance.admx once more, written down for these tests: value names and numbers from public
dumps of the template, and what a disabled policy leaves in the file from public baselines.
"""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from tests.oracles.conftest import Samba
from tests.policy.rig import FOREIGN_ENTRIES, HELPERS, RA, UAC, Host


@dataclass(frozen=True)
class Element:
    """An option: its value's name, data by choice, and what an enabled policy has when nobody says it."""

    value: str
    data: dict[Any, Any]
    default: Any


@dataclass(frozen=True)
class Row:
    """A policy: its switch, and its elements by option."""

    switch: str
    elements: dict[str, Element]
    helpers: str | None = None


# The connection libraries' own, on newer versions of what they are built on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CONTROL = {"allow_control": 1, "view_only": 0}
ROWS = {
    "solicited_remote_assistance": Row(
        "fAllowToGetHelp",
        {
            "solicited_control": Element("fAllowFullControl", CONTROL, 1),
            "ticket_lifetime": Element("MaxTicketExpiry", {30: 30, 99: 99, 1: 1}, 1),
            "ticket_lifetime_units": Element("MaxTicketExpiryUnits", {"minutes": 0, "days": 2, "hours": 1}, 1),
            "invitation_mail_method": Element("fUseMailto", {"mailto": 1, "simple_mapi": 0}, 0),
        },
    ),
    "offer_remote_assistance": Row(
        "fAllowUnsolicited",
        {"offer_control": Element("fAllowUnsolicitedFullControl", CONTROL, 1)},
        helpers="offer_helpers",
    ),
    "session_logging": Row("LoggingEnabled", {}),
    "bandwidth_optimization": Row(
        "UseBandwidthOptimization",
        {
            "bandwidth_optimization_level": Element(
                "OptimizeBandwidth", {"full": 0, "no_background": 8, "no_full_window_drag": 12, "none": 14}, 14
            )
        },
    ),
    "warning_messages": Row(
        "UseCustomMessages",
        {
            "warning_before_control": Element("ShareControlMessage", {"Mind: Ünïcode; [x]": "Mind: Ünïcode; [x]"}, ""),
            "warning_before_connecting": Element("ViewMessage", {"A helper comes.": "A helper comes."}, ""),
        },
    ),
    "vista_or_later_only": Row("CreateEncryptedOnlyTickets", {}),
}
ELEMENTS = [(policy, option) for policy, row in ROWS.items() for option in row.elements]
STATES = ("not_configured", "enabled", "disabled")
WALK = [STATES[step] for step in (0, 0, 1, 1, 2, 2, 0, 2, 1, 0)]
"""Through all states so that each comes after each, itself included."""


def in_file(row: Row, state: str, **said: Any) -> dict[str, Any]:
    """Entries of the Remote Assistance key for one policy; `said` is data by value name."""
    if state == "not_configured":
        return {}
    if state == "disabled":
        return {row.switch: 0, **{f"**del.{item.value}": " " for item in row.elements.values()}}
    data = {item.value: said.get(item.value, item.default) for item in row.elements.values()}
    # A text box that is left empty is a value that is not there.
    return {row.switch: 1, **{name if value != "" else f"**del.{name}": value or (0 if value == 0 else " ")
                              for name, value in data.items()}}  # fmt: skip


def in_force(entries: dict[str, Any]) -> dict[str, Any]:
    """What such entries leave in the live key."""
    return {name: value for name, value in entries.items() if not name.startswith("**")}


FOREIGN_HERE = {item["name"]: item["data"] for item in FOREIGN_ENTRIES if item["key"] == RA}


def assert_there(host: Host, entries: dict[str, Any]) -> None:
    """The Remote Assistance key has these entries and the foreign ones, in the file and in force."""
    assert host.of(RA) == {**FOREIGN_HERE, **entries}
    assert host.live() == {**in_force(FOREIGN_HERE), **in_force(entries)}
    foreign = [(item["key"], item["name"]) for item in FOREIGN_ENTRIES]
    assert [(key, name) for key, name, _data in host.entries if (key, name) in foreign] == foreign


def test_the_walk_is_every_state_after_every_other() -> None:
    assert set(itertools.pairwise(WALK)) == set(itertools.product(STATES, STATES))


@pytest.mark.parametrize("policy", ROWS)
def test_every_state_after_every_other(host: Host, policy: str) -> None:
    row = ROWS[policy]
    assert_there(host, {})
    for before, after in itertools.pairwise(WALK):
        if before == after:
            host.assert_settled(**{policy: after})
            continue
        version = host.version
        done = host.step(**{policy: after})
        assert_there(host, in_file(row, after))
        assert host.version == done.version == version + 1
        first = done.plan.changes[0]
        assert (first.setting, first.before, first.after) == (policy, before, after)
        if row.helpers:
            assert host.of(HELPERS) == ({} if after == "not_configured" else {"**delvals.": " "})


@pytest.mark.parametrize(("policy", "option"), ELEMENTS, ids=[option for _policy, option in ELEMENTS])
def test_every_element_set_and_changed_and_left_alone(host: Host, policy: str, option: str) -> None:
    row, element = ROWS[policy], ROWS[policy].elements[option]
    host.apply(**{policy: "enabled"})
    for said, data in element.data.items():
        # Its policy is enabled already, so the element alone is enough.
        host.apply(**{option: said})
        host.assert_settled(**{option: said})
        assert_there(host, in_file(row, "enabled", **{element.value: data}))
    host.assert_settled(**{policy: "enabled"})  # what nobody names stays
    for other, neighbour in row.elements.items():
        if other != option:
            value, number = next(iter(neighbour.data.items()))
            host.apply(**{other: value})
            expected = {element.value: data, neighbour.value: number}
            assert host.live()[element.value] == host.of(RA)[element.value] == data, said
            assert {**host.live(), **expected} == host.live()
    host.step(**{policy: "not_configured"})
    assert_there(host, {})


def test_elements_in_check_mode_are_told_in_words(host: Host) -> None:
    done = host.step(solicited_remote_assistance="enabled", ticket_lifetime=30, ticket_lifetime_units="minutes")
    assert done.diff()["before"].splitlines() == [
        "Configure Solicited Remote Assistance: not_configured",
        "Permit remote control of this computer: -",
        "Maximum ticket time (value): -",
        "Maximum ticket time (units): -",
        "Method for sending email invitations: -",
    ]
    assert done.diff()["after"].splitlines() == [
        "Configure Solicited Remote Assistance: enabled",
        "Permit remote control of this computer: allow_control",
        "Maximum ticket time (value): 30",
        "Maximum ticket time (units): minutes",
        "Method for sending email invitations: simple_mapi",
    ]
    done = host.step(solicited_control="view_only")
    assert done.diff() == {
        "before": "Permit remote control of this computer: allow_control\n",
        "after": "Permit remote control of this computer: view_only\n",
    }


def test_the_helpers_are_a_list(host: Host) -> None:
    host.step(offer_remote_assistance="enabled", offer_helpers=["CORP\\Helpdesk", "CORP\\Zweite Ebene"])
    assert host.of(HELPERS) == {
        "**delvals.": " ",
        "CORP\\Helpdesk": "CORP\\Helpdesk",
        "CORP\\Zweite Ebene": "CORP\\Zweite Ebene",
    }
    assert host.live(HELPERS) == {"CORP\\Helpdesk": "CORP\\Helpdesk", "CORP\\Zweite Ebene": "CORP\\Zweite Ebene"}
    # Windows compares names without case, and a list has no order.
    host.assert_settled(offer_helpers=["corp\\zweite ebene", "CORP\\HELPDESK"])
    host.assert_settled(offer_remote_assistance="enabled")
    done = host.step(offer_helpers=["CORP\\Helpdesk"])
    (change,) = done.plan.changes
    assert (change.before, change.after) == (["CORP\\Helpdesk", "CORP\\Zweite Ebene"], ["CORP\\Helpdesk"])
    assert host.live(HELPERS) == {"CORP\\Helpdesk": "CORP\\Helpdesk"}
    host.step(offer_helpers=[])
    assert host.live(HELPERS) == {}
    assert host.of(HELPERS) == {"**delvals.": " "}
    host.step(offer_remote_assistance="not_configured")
    assert host.of(HELPERS) == {}


def test_a_helper_who_is_in_force_and_in_no_file_goes(make_host: Any) -> None:
    host = make_host(registry={f"HKLM\\{HELPERS}": {"CORP\\Old": "CORP\\Old"}})
    done = host.step(offer_remote_assistance="enabled", offer_helpers=["CORP\\New"])
    assert done.plan.changes[-1].where == ("local_group_policy", "registry")
    assert host.live(HELPERS) == {"CORP\\New": "CORP\\New"}


@pytest.mark.parametrize(
    ("option", "value", "default", "other"),
    [
        ("uac_uiaccess_prompts", "EnableUIADesktopToggle", "disabled", "enabled"),
        ("uac_secure_desktop", "PromptOnSecureDesktop", "enabled", "disabled"),
    ],
)
def test_security_options(host: Host, option: str, value: str, default: str, other: str) -> None:
    number = {"enabled": 1, "disabled": 0}
    files = host.files
    host.assert_settled(**{option: default})  # what Windows does without the value
    assert host.live(UAC) == {}
    done = host.step(**{option: other})
    assert host.live(UAC) == {value: number[other]}
    assert [change.as_data()["where"] for change in done.plan.changes] == [["registry"]]
    assert not done.refreshed
    host.step(**{option: default})
    assert host.live(UAC) == {value: number[default]}
    assert host.files == files


def test_everything_at_once_and_back(host: Host, samba: Samba) -> None:
    """Registry.pol after it, as Samba reads it."""
    options: dict[str, Any] = dict.fromkeys(ROWS, "enabled")
    options |= {"ticket_lifetime": 2, "offer_helpers": ["CORP\\Helpdesk"], "warning_before_connecting": "Grüße"}
    before = host.files
    host.step(**options, uac_secure_desktop="disabled")
    entries = samba.ask("read", base64.b64encode(host.files.pol or b"").decode())
    found = {(key, name): (kind, base64.b64decode(data)) for key, name, kind, _size, data in entries}
    assert found[RA, "MaxTicketExpiry"] == (4, b"\2\0\0\0")
    assert found[RA, "ViewMessage"] == (1, "Grüße\0".encode("utf-16-le"))
    assert found[HELPERS, "CORP\\Helpdesk"] == (1, "CORP\\Helpdesk\0".encode("utf-16-le"))
    assert [name for key, name, *_rest in entries if key == HELPERS] == ["**delvals.", "CORP\\Helpdesk"]
    assert len(entries) == len(found)  # nothing twice
    host.step(**dict.fromkeys(ROWS, "not_configured"))
    assert host.files.pol == before.pol
    assert_there(host, {})


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_the_language_of_the_host_means_nothing(make_host: Any, language: str) -> None:
    host = make_host(language=language)
    done = host.step(preset="helpdesk", warning_messages="enabled", warning_before_control="Achtung: größer")
    assert done.refreshed
    assert host.live()["ShareControlMessage"] == "Achtung: größer"
