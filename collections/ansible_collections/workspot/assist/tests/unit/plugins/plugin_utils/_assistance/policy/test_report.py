# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policy_info says, and what a run would do, out of facts alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.facts import (
    LocalPolicy,
    PolicyFacts,
    facts_of,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import PolicyRequest, make_plan
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.plan import DomainValue
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.report import describe_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import TERMINAL_SERVICES
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import WindowsError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.gpt_ini import parse_gpt_ini
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    PolicyEntry,
    RegistryPol,
    build_registry_pol,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.local_policy import LocalPolicyFiles
from ansible_collections.workspot.assist.tests.unit.plugins.plugin_utils._assistance.policy import wishes
from hypothesis import given

KEY = wishes.KEY
REGISTRY = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}"
TOOL = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}"
SCRIPTS = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]"
AUDIT = "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}]"


def local(*entries: PolicyEntry, ini: str | None = None) -> LocalPolicy:
    """A local GPO with these entries."""
    pol = RegistryPol(entries)
    text = f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{TOOL}]\r\nVersion=5\r\n" if ini is None else ini
    return LocalPolicy(LocalPolicyFiles(build_registry_pol(pol), text.encode()), pol, parse_gpt_ini(text.encode()))


def dword(name: str, number: int) -> PolicyEntry:
    return PolicyEntry.dword(TERMINAL_SERVICES, name, number)


EMPTY = LocalPolicy(LocalPolicyFiles(None, None))


@pytest.mark.parametrize(
    ("ini", "processed"),
    [
        (f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{TOOL}]\r\nVersion=1\r\n", True),
        (f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY.lower()}{TOOL}]{SCRIPTS}\r\nVersion=1\r\n", True),
        (f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}]\r\nVersion=1\r\n", False),
        (f"[General]\r\ngPCMachineExtensionNames={SCRIPTS}\r\nVersion=1\r\n", False),
        (f"[General]\r\ngPCMachineExtensionNames={AUDIT}[{REGISTRY}{TOOL}]\r\nVersion=1\r\n", False),
        (f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{TOOL}]\r\nVersion=65536\r\n", False),
        (f"[General]\r\ngPCMachineExtensionNames=[{REGISTRY}{TOOL}]\r\nVersion=0\r\n", False),
        ("[General]\r\nVersion=1\r\n", False),
    ],
)
def test_whether_windows_goes_by_the_file(ini: str, processed: bool) -> None:
    assert local(ini=ini).processed is processed
    assert EMPTY.processed is False


@pytest.mark.parametrize(
    ("files", "condition"),
    [
        (LocalPolicyFiles(None, None), "missing"),
        (LocalPolicyFiles(b"", None), "empty"),
        (LocalPolicyFiles(build_registry_pol(RegistryPol(())), None), "present"),
    ],
)
def test_conditions_of_the_file(files: LocalPolicyFiles, condition: str) -> None:
    assert LocalPolicy(files).condition == condition
    assert LocalPolicy(files, damage="x").condition == "corrupt"


def test_who_decides() -> None:
    facts = PolicyFacts(
        local(dword("LoggingEnabled", 1), dword("fAllowUnsolicited", 1), dword("CreateEncryptedOnlyTickets", 1)),
        {
            (KEY, "loggingenabled"): 1,
            (KEY, "fallowunsolicited"): 0,
            (KEY, "usecustommessages"): 1,
            (KEY, "viewmessage"): "Hello",
            (wishes.HELPERS, "corp\\a"): "CORP\\A",
        },
        {
            (KEY, "fallowunsolicited"): DomainValue("Baseline", "{1}", 0),
            (wishes.HELPERS, "corp\\a"): DomainValue("Helpers", "{2}", "CORP\\A"),
            (KEY, "maxticketexpiry"): DomainValue("Baseline", "{1}", None),
        },
    )
    settings = describe_policy(facts)["settings"]
    assert {name: item["decided_by"] for name, item in settings.items() if item["decided_by"] != "nobody"} == {
        "session_logging": "local_group_policy",
        "offer_remote_assistance": "Baseline",
        "offer_helpers": "Helpers",
        "ticket_lifetime": "Baseline",
        "warning_messages": "registry",
        "warning_before_connecting": "registry",
        "uac_uiaccess_prompts": "registry",
        "uac_secure_desktop": "registry",
    }
    assert describe_policy(facts)["local_group_policy"]["pending"] == ["vista_or_later_only"]


@pytest.mark.parametrize(
    ("live", "met"),
    [({}, False), ({"fallowtogethelp": 1}, False), ({"fallowtogethelp": 0}, True), ({"fallowtogethelp": "0"}, False)],
)
def test_a_baseline_is_met_by_the_value_alone(live: dict[str, Any], met: bool) -> None:
    facts = PolicyFacts(EMPTY, {(KEY, name): data for name, data in live.items()}, {})
    rules = {item["rule_id"]: item for item in describe_policy(facts)["baselines"]}
    assert rules["WN11-CC-000155"]["met"] is met
    assert rules["18.9.35.2"]["met"] is met
    assert rules["18.9.35.1"]["met"] is False
    assert rules["18.9.35.1"]["in_force"] == "not_configured"


def test_a_preset_with_one_thing_changed_is_not_in_force() -> None:
    live = {"fallowtogethelp": 1, "fallowfullcontrol": 1, "maxticketexpiry": 1, "maxticketexpiryunits": 1}
    live |= {"fallowunsolicited": 0, "loggingenabled": 1, "createencryptedonlytickets": 1}
    facts = PolicyFacts(EMPTY, {(KEY, name): number for name, number in live.items()}, {})
    assert describe_policy(facts)["presets"] == {"helpdesk": True, "locked_down": False}
    for name in live:
        changed = {(KEY, key): number for key, number in live.items() if key != name}
        assert describe_policy(PolicyFacts(EMPTY, changed, {}))["presets"]["helpdesk"] is False, name


@given(wishes.keys_full)
def test_any_host_can_be_described(live: dict[tuple[str, str], Any]) -> None:
    said = describe_policy(PolicyFacts(EMPTY, live, None))
    assert len(said["settings"]) == 17
    assert all(
        set(item) == {"title", "in_force", "local_group_policy", "decided_by"} for item in said["settings"].values()
    )
    assert said["domain_policy_known"] is False


def request(**settings: Any) -> PolicyRequest:
    scope = settings.pop("scope", "local_group_policy")
    return PolicyRequest.of({"preset": None, "scope": scope, "on_domain_conflict": "fail", **settings})


def test_equal_facts_make_an_empty_plan() -> None:
    facts = PolicyFacts(local(dword("LoggingEnabled", 1)), {(KEY, "loggingenabled"): 1}, {})
    plan = make_plan(request(session_logging="enabled"), facts)
    assert not plan.changed
    assert (plan.files, plan.writes, plan.changes, plan.warnings) == (None, (), (), ())


def test_a_plan_raises_the_version_once_and_touches_no_live_value() -> None:
    plan = make_plan(request(session_logging="enabled"), PolicyFacts(local(dword("LoggingEnabled", 0)), {}, {}))
    assert plan.files is not None
    assert plan.writes == ()
    assert b"Version=6\r\n" in (plan.files.gpt_ini or b"")


def test_the_registry_alone_leaves_the_files() -> None:
    plan = make_plan(request(session_logging="enabled", scope="registry"), PolicyFacts(EMPTY, {}, {}))
    assert plan.files is None
    assert [(write.name, write.data) for write in plan.writes] == [("LoggingEnabled", 1)]


def test_damage_is_no_plan() -> None:
    facts = PolicyFacts(LocalPolicy(LocalPolicyFiles(b"x", None), damage="Registry.pol is damaged at byte 0."))
    with pytest.raises(WindowsError, match=r"damaged and was left as it is: Registry\.pol is damaged at byte 0"):
        make_plan(request(session_logging="enabled"), facts)
    assert make_plan(request(session_logging="enabled", scope="registry"), facts).changed


@pytest.mark.parametrize(
    ("facts", "scope", "said"),
    [
        ({"domain": None}, "local_group_policy", ["keeps no resultant set of policy"]),
        ({"managed_by_mdm": True}, "local_group_policy", ["device management (MDM)"]),
        ({"local_processing_off": True}, "local_group_policy", ["Turn off Local Group Policy"]),
        ({"local_processing_off": True}, "registry", []),
        ({"local": local(dword("LoggingEnabled", 0))}, "registry", ["comes back at its next processing"]),
        ({"local": local(dword("LoggingEnabled", 0)), "local_processing_off": True}, "registry", []),
        ({"local": local(dword("LoggingEnabled", 1))}, "registry", []),
        ({"local": local(dword("LoggingEnabled", 0), ini="[General]\r\nVersion=1")}, "registry", []),
        ({}, "local_group_policy", []),
    ],
)
def test_warnings(facts: dict[str, Any], scope: str, said: list[str]) -> None:
    given_facts = PolicyFacts(**{"local": EMPTY, "domain": {}, **facts})
    warnings = make_plan(request(session_logging="enabled", scope=scope), given_facts).warnings
    assert len(warnings) == len(said)
    assert all(words in warning for words, warning in zip(said, warnings, strict=True))


@pytest.mark.parametrize(("number", "known"), [("0x0", False), ("0x1", True)])
def test_a_resultant_set_that_is_no_longer_written_is_not_believed(number: str, known: bool) -> None:
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\System"
    answers = {
        "policy-files": "",
        "terminal-services": "",
        "uac": "",
        "system-policies": f"\r\n{key}\r\n    RSoPLogging    REG_DWORD    {number}\r\n",
        "device-management": "",
        "openings": "",
    }
    facts = facts_of(answers, b"", {(KEY, "loggingenabled"): DomainValue("Old", "{1}", 1)})
    assert (facts.domain is not None) is known
    assert facts.local_processing_off is False
