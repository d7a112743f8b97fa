# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that are missing or about something else are made again as Windows made them, on each kind of host."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FirewallNotInForce

from simulator.windows.firewall_rule import DOMAIN, PRIVATE, Rule
from simulator.windows.systems import SYSTEMS
from tests.firewall.rig import FACTORY, MSRA, OUT, RASERVER, SSDP, Host, told

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
ON_WHEN_NEW = {name: rule for name, rule in FACTORY.items() if rule.active}
NEW_LIMITS = ["10.20.0.0/16"]


def without_texts(rules: dict[str, Rule]) -> dict[str, tuple[Any, ...]]:
    """What rules are about; how Windows words their names is compared apart."""
    return {
        name: (rule.active, rule.profiles, rule.action, rule.inbound, rule.protocol, rule.local_ports,
               rule.remote_ports, rule.remote_addresses, rule.app.lower(), rule.service.lower(), rule.edge, rule.group)
        for name, rule in rules.items()
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_group_that_is_gone(make_host: MakeHost, system: str, language: str) -> None:
    """Images with the group removed: what is on when Windows is new comes back, to the letter of its texts."""
    host = make_host(os=system, language=language, firewall={"missing_group": True})
    assert host.rules == {}
    done = host.step(preset="windows_default")
    assert host.rules == ON_WHEN_NEW
    assert told(done)["domain.msra"] == ("off", "on")
    assert told(done)[MSRA] == ("missing", "as Windows made it")
    assert {name for name in told(done) if name.startswith("RemoteAssistance-")} == set(ON_WHEN_NEW)


@pytest.mark.parametrize(
    ("clone", "options", "missing_defaults"),
    list(itertools.product(("works", "refused"), ("prefixed", "ignored"), (False, True))),
    ids=str,
)
@pytest.mark.parametrize(
    "wanted", [{"preset": "windows_default"}, {"preset": "helpdesk", "remote_addresses": NEW_LIMITS}], ids=str
)
def test_every_way_in_which_a_host_may_make_rules(
    make_host: MakeHost, clone: str, options: str, missing_defaults: bool, wanted: dict[str, Any]
) -> None:
    """Copied from Windows' defaults or made from the table; where neither works nothing without limits stays."""
    host = make_host(
        firewall={"missing_group": True, "missing_defaults": missing_defaults},
        quirks={"firewall_clone": clone, "firewall_create_options": options},
    )
    if options == "ignored" and (clone == "refused" or missing_defaults):
        moments = host.moments()
        with pytest.raises(FirewallNotInForce, match="could not be made again"):
            host.apply(**wanted)
        assert host.rules == {}
        assert all(not rule.active for rules in moments for rule in rules.values())
        return
    # A copy of Windows' default is the only way left then, and it is on for a moment, as Windows itself has it.
    only_copies = options == "ignored" and clone == "works" and wanted["preset"] == "helpdesk"
    host.step(between=ON_WHEN_NEW if only_copies else {}, **wanted)
    if wanted["preset"] == "windows_default":
        assert without_texts(host.rules) == without_texts(ON_WHEN_NEW)
        assert {rule.name for rule in host.rules.values()} == {rule.name for rule in ON_WHEN_NEW.values()}
        assert {rule.description for rule in host.rules.values()} == {rule.description for rule in ON_WHEN_NEW.values()}
    else:
        assert host.on == {MSRA: DOMAIN, OUT: DOMAIN}
        assert set(host.rules) == {MSRA, OUT}
        assert host.rules[MSRA].remote_addresses == ("10.20.0.0/255.255.0.0",)
        assert host.rules[MSRA].edge == 0


@pytest.mark.parametrize("name", sorted(ON_WHEN_NEW))
def test_one_rule_that_is_gone(make_host: MakeHost, name: str) -> None:
    host = make_host(firewall={"rules": {name: None}})
    before = host.rules
    done = host.step(preset="windows_default")
    assert host.rules == dict(FACTORY)
    assert {other: host.rules[other] for other in before} == before
    assert told(done)[name] == ("missing", "as Windows made it")
    assert {where for where in told(done) if where != name} <= {
        f"{profile}.{part}"
        for profile in ("domain", "private")
        for part in ("msra", "raserver", "dcom", "ssdp", "pnrp")
    }


def test_rules_that_are_to_be_off_are_not_made(make_host: MakeHost) -> None:
    host = make_host(firewall={"missing_group": True})
    host.assert_settled(preset="locked_down")
    assert (host.rules, host.writes) == ({}, [])


ALTERED: dict[str, dict[str, Any]] = {
    "blocks": {"action": "Block"},
    "any program": {"app": ""},
    "another program": {"app": "C:\\Tools\\msra.exe"},
    "another port": {"local_ports": ("4711",)},
    "of one service": {"service": "spooler"},
    "at one address of its own": {"local_addresses": ("10.9.9.9",)},
}


@pytest.mark.parametrize("fields", ALTERED.values(), ids=ALTERED)
def test_a_rule_about_something_else(make_host: MakeHost, fields: dict[str, Any]) -> None:
    host = make_host()
    host.put(MSRA, **fields)
    assert host.info()["parts"]["domain"]["msra"] == "partly"
    done = host.step(domain={"msra": True}, private={"msra": True})
    assert host.rules == dict(FACTORY)
    assert told(done)[MSRA] == ("altered", "as Windows made it")


@pytest.mark.parametrize("fields", ALTERED.values(), ids=ALTERED)
def test_a_rule_about_something_else_that_is_to_be_off(make_host: MakeHost, fields: dict[str, Any]) -> None:
    """It is switched off as it is; one that blocks opens nothing, and nothing has to be done."""
    host = make_host()
    host.put(MSRA, **fields)
    host.step(preset="locked_down")
    blocks = fields.get("action") == "Block"
    assert host.on == ({MSRA: DOMAIN | PRIVATE} if blocks else {})
    assert host.rules[MSRA] == FACTORY[MSRA].changed(**fields, active=blocks)


def copy_of(name: str, **fields: Any) -> Rule:
    """A rule of the group with a name of its own, as PowerShell's Copy-NetFirewallRule leaves it."""
    return FACTORY[name].changed(id="{0A3C5F6E-1111-2222-3333-444455556666}", **fields)


def test_a_copy_in_the_group_is_closed_with_its_part_and_opened_by_nobody(make_host: MakeHost) -> None:
    host = make_host()
    copy = copy_of(MSRA)
    host.sim.firewall.keep(copy)
    done = host.step(preset="locked_down")
    assert host.on == {}
    assert told(done)["domain.msra"] == ("on", "off")
    host.step(preset="windows_default")
    assert not host.rules[copy.id].active
    assert {name: rule for name, rule in host.rules.items() if name != copy.id} == dict(FACTORY)


def test_a_copy_alone_is_not_the_part(make_host: MakeHost) -> None:
    """Somebody's copy is on, Windows' own rule is off: that is partly, and the own one comes on."""
    host = make_host()
    host.put(MSRA, active=False)
    host.sim.firewall.keep(copy_of(MSRA))
    assert host.info()["parts"]["domain"]["msra"] == "partly"
    host.step(domain={"msra": True}, private={"msra": True})
    assert host.rules[MSRA] == FACTORY[MSRA]


def test_a_rule_of_a_later_windows(make_host: MakeHost) -> None:
    """One that no part has is closed with the whole exception, and left alone otherwise."""
    host = make_host()
    later = FACTORY[RASERVER].changed(id="RemoteAssistance-Later-In-UDP", app="%SystemRoot%\\system32\\later.exe")
    host.sim.firewall.keep(later)
    host.assert_settled(preset="windows_default")
    host.step(domain={"msra": False})
    assert host.rules[later.id] == later
    done = host.step(domain={"state": "off"})
    assert host.rules[later.id] == later.changed(active=False)
    assert told(done)[later.id] == ("on in domain", "off in domain")


LOOK_ALIKES: dict[str, dict[str, Any]] = {
    "the group's name in words": {"group": "Remote Assistance"},
    "the group's German name": {"group": "Remoteunterst\u00fctzung"},
    "another group of the same file": {"group": "@FirewallAPI.dll,-330021"},
    "no group": {"group": ""},
    "the group in a description": {"group": "", "description": "@FirewallAPI.dll,-33002"},
}


@pytest.mark.parametrize("fields", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_rules_that_only_look_alike_are_left_alone(make_host: MakeHost, fields: dict[str, Any]) -> None:
    """`step` sees that rules outside the group are as before."""
    host = make_host()
    for name in (MSRA, SSDP):
        host.sim.firewall.keep(FACTORY[name].changed(id=f"{name} ", name="Remote Assistance (TCP-In)", **fields))
    kept = dict(host.others)
    assert len(kept) >= 2
    host.step(preset="locked_down")
    host.step(preset="windows_default")
    assert host.rules == dict(FACTORY)
    assert host.others == kept


def test_the_group_is_found_however_it_is_spelled(make_host: MakeHost) -> None:
    host = make_host()
    for name, rule in FACTORY.items():
        host.sim.firewall.keep(rule.changed(group="@firewallapi.DLL,-33002"))
        assert host.sim.firewall.local_rules[name].group != rule.group
    host.apply(preset="locked_down")
    assert not [name for name in FACTORY if host.sim.firewall.local_rules[name].active]


def test_the_name_is_taken_by_a_rule_of_somebody_else(make_host: MakeHost) -> None:
    """Nothing of others is deleted: it is said, and nothing without limits is left."""
    host = make_host()
    foreign = FACTORY[MSRA].changed(group="Contoso", app="C:\\Contoso\\agent.exe")
    host.sim.firewall.keep(foreign)
    outcome = host.attempt(domain={"msra": True})
    assert isinstance(outcome, FirewallNotInForce), outcome
    assert MSRA in str(outcome)
    assert host.others[MSRA] == foreign
