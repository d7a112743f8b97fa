# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks on facts that no simulated host has: what else can come back, and what they make of it."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils import _errors as errors
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.diagnose import diagnose, lines
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.facts import Facts, Question, Target
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.diagnosis.probe import (
    ANSWERS,
    NO_NAME,
    NO_ROUTE,
    REFUSED,
    SILENT,
    probe,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.disks import Disk

from tests.diagnosis.rig import PEOPLE, Way, ask, connect_soon
from tests.support.pools import DESKTOP, start_pool

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::urllib3.exceptions.InsecureRequestWarning"
)
TARGET = Target("desk-01", "10.0.0.1", 5985, "http", "CORP\\svc-ansible", "ntlm")


@pytest.fixture(scope="module")
def pool() -> Any:
    """A host without faults, one with many users, and those for certain logins."""
    many = [{"id": number, "user": f"CORP\\user{number:02d}"} for number in range(1, 20)]
    many.append({"id": 20, "user": "CORP\\jdoe"})
    people = [*PEOPLE, *({"name": f"user{number:02d}"} for number in range(1, 20))]
    gpo = {"name": "GPO", "guid": "{11111111-2222-3333-4444-555555555555}", "values": {"fAllowToGetHelp": 0}}
    hosts = [
        DESKTOP,
        {"name": "rds-01", "os": "server-2022", "sessions": many},
        {"name": "rds-02", "os": "server-2022", "sessions": many, "quirks": {"session_data_missing": True}},
        {**DESKTOP, "name": "no-basic", "quirks": {"basic_disabled": True}},
        {**DESKTOP, "name": "strict", "quirks": {"channel_binding": "strict"}},
        {**DESKTOP, "name": "gpo", "domain_policies": [gpo]},
    ]
    started = start_pool(hosts, people)
    yield started
    started.stop()


@pytest.fixture
def facts(pool: Any) -> Facts:
    """All that a host without faults has."""
    return ask(pool.hosts["desk-01"])[1]


def test_no_remote_shell(facts: Facts) -> None:
    denied = errors.AccessDenied("opening a shell was refused", host="desk-01")
    broken = replace(
        facts, windows=None, sessions=None, waiting=None, policy=None, firewall=None, errors={"programs": denied}
    )
    diagnosis = diagnose(broken)
    assert "may start no program over WinRM" in diagnosis.of("rights").verdict.cause
    assert "AllowRemoteShellAccess" in diagnosis.of("rights").verdict.fix
    assert diagnosis.of("session").state == "unknown"
    assert "opening a shell was refused" in diagnosis.of("session").verdict.cause


def test_a_closed_namespace(facts: Facts) -> None:
    denied = errors.AccessDenied("the query was refused", host="desk-01")
    diagnosis = diagnose(replace(facts, firewall=None, errors={"firewall": denied}))
    assert "refused it firewall" in diagnosis.of("rights").verdict.cause
    assert diagnosis.of("firewall").state == "unknown"


def test_a_shell_quota(facts: Facts) -> None:
    quota = errors.QuotaExceeded("opening a shell was refused", host="desk-01")
    diagnosis = diagnose(replace(facts, windows=None, sessions=None, waiting=None, errors={"programs": quota}))
    assert "quota" in diagnosis.of("winrm").verdict.cause
    assert diagnosis.of("clock").state == "ok"


@pytest.mark.parametrize(
    ("error", "check", "words"),
    [
        (
            errors.LibraryMissing("the connection needs the Python package pywinrm.", hint="Install it."),
            "connection",
            "pywinrm",
        ),
        (errors.InvalidOption("the connection's settings are not usable."), "connection", "settings"),
        (errors.LoginRefused("no Kerberos ticket could be had.", hint="Check krb5.conf."), "login", "Kerberos ticket"),
        (errors.TransportError("the host answered HTTP 500 without a reason.", hint="Use NTLM."), "winrm", "HTTP 500"),
        (errors.Unreachable("the proxy did not connect.", hint="Check the proxy."), "reachable", "proxy"),
    ],
)
def test_what_ends_it_early(error: errors.AssistError, check: str, words: str) -> None:
    diagnosis = diagnose(Facts(Question(), TARGET, error=error))
    assert [item.check for item in diagnosis.in_state("problem")] == [check]
    assert words in diagnosis.of(check).verdict.cause
    assert diagnosis.findings[0].check == check
    assert "Not looked at, because of the check" in diagnosis.of("session").verdict.cause
    assert [line for line in lines(diagnosis) if line.startswith("unseen")]


def test_a_route_that_is_missing() -> None:
    facts = Facts(Question(), TARGET, error=errors.Unreachable("the connection failed."), ports={5985: NO_ROUTE})
    assert diagnose(facts).of("reachable").verdict.cause == "There is no route to 10.0.0.1."


def test_a_session_that_nothing_proves(facts: Facts) -> None:
    assert "Nothing proves whose session 1 is" in diagnose(replace(facts, owners={1: None})).of("session").verdict.cause
    other = diagnose(replace(facts, owners={1: "S-1-5-21-1-2-3-4"})).of("session")
    assert (other.state, "is run by S-1-5-21-1-2-3-4" in other.verdict.cause) == ("problem", True)


def test_a_rule_that_is_on_and_not_in_force(facts: Facts) -> None:
    assert facts.firewall is not None
    assert facts.firewall.active is not None
    active = tuple(replace(rule, enforcement=frozenset({5})) for rule in facts.firewall.active)
    found = diagnose(replace(facts, firewall=replace(facts.firewall, active=active))).of("firewall")
    assert (found.state, "is on and not in force" in found.verdict.cause) == ("problem", True)


@pytest.mark.parametrize(
    ("disks", "state", "words"),
    [
        ([Disk("C:", 300 * 2**20, 2**37)], "remark", "nearly full: 300 MiB free of 128 GiB"),
        ([Disk("E:", 2**37, 2**37)], "unknown", "no drive of the host's own"),
        ([], "unknown", "no drive of the host's own"),
    ],
)
def test_disks(facts: Facts, disks: list[Disk], state: str, words: str) -> None:
    found = diagnose(replace(facts, disks=disks)).of("disk")
    assert (found.state, words in found.verdict.cause) == (state, True)


def test_a_profile_that_can_not_be_used(facts: Facts) -> None:
    sessions = [replace(item, profile_path="C:\\Users\\100%") for item in facts.sessions or ()]
    assert diagnose(replace(facts, sessions=sessions, folders={})).of("profile").state == "unknown"
    sessions = [replace(item, profile_path=None) for item in facts.sessions or ()]
    assert "does not say where the profile" in diagnose(replace(facts, sessions=sessions)).of("profile").verdict.cause


def test_what_a_port_says() -> None:
    said = {
        1: socket.gaierror(),
        2: ConnectionRefusedError(),
        3: TimeoutError(),
        4: OSError(113, "no route"),
        5: OSError(),
        6: None,
    }

    def connect(address: str, port: int, seconds: float) -> None:
        if (error := said[port]) is not None:
            raise error

    assert probe("host", said, connect) == {1: NO_NAME, 2: REFUSED, 3: SILENT, 4: NO_ROUTE, 5: SILENT, 6: ANSWERS}
    assert probe("host", [], connect) == {}


@pytest.mark.parametrize(
    ("account", "local"),
    [("CORP\\x", False), ("x@corp.example", False), ("x", True), (".\\x", True), ("DESK-01\\x", True), ("10\\x", True)],
)
def test_whose_account_it_is(account: str, local: bool) -> None:
    assert replace(TARGET, account=account).is_local_account is local


def test_words_of_a_host_move_no_cursor(pool: Any) -> None:
    facts = ask(pool.hosts["gpo"])[1]
    assert facts.policy is not None
    evil = {key: replace(value, gpo="Evil\x1b[2J\nGPO\u202e") for key, value in (facts.policy.domain or {}).items()}
    diagnosis = diagnose(replace(facts, policy=replace(facts.policy, domain=evil)))
    assert 'The GPO "Evil [2J GPO " forbids' in diagnosis.of("policy").verdict.cause
    assert all(line.isprintable() for line in lines(diagnosis))


@pytest.mark.parametrize("name", ["rds-01", "rds-02"])
def test_a_host_with_twenty_users(pool: Any, name: str) -> None:
    """Not one question more for all the others."""
    diagnosis, facts = ask(pool.hosts[name])
    assert [item.check for item in diagnosis.findings if item.state != "ok"] == ["secure_desktop"]
    assert facts.answers <= 20


def test_a_method_that_is_switched_off(pool: Any) -> None:
    way = Way(scheme="https", method="basic", account="svc-ansible@corp.example", ca=Path(pool.ca))
    found = ask(pool.hosts["no-basic"], way)[0]
    assert found.of("login").state == "problem"
    assert found.of("login").verdict.cause == "The host refused the login of svc-ansible@corp.example by basic."
    assert ask(pool.hosts["desk-01"], way)[0].worst == "remark"


def test_https_with_strict_channel_binding(pool: Any) -> None:
    assert ask(pool.hosts["strict"], Way(scheme="https", ca=Path(pool.ca)))[0].worst == "remark"


def test_a_host_names_no_addresses_to_connect_to(pool: Any) -> None:
    """Only an address that is one is tried: a name would be looked up in the controller's own network."""
    from ansible_collections.workspot.assist.plugins.plugin_utils._windows.tcp import Listener

    assert Listener("127.0.0.1", 1).is_ip_address
    assert Listener("fe80::1", 1).is_ip_address
    assert not Listener("intranet.example", 1).is_ip_address


def test_nobody_is_named_who_was_not_asked_for(pool: Any) -> None:
    question = Question(parse_user("user03"))
    _diagnosis, facts = ask(pool.hosts["rds-01"], user="user03", connect=connect_soon)
    assert facts.question == question
    assert list(facts.owners) == [3]
    assert list(facts.waiting or ()) == [3]
