# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a host's logons, and when a name's absence among them says something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.locate import look_up
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.user_name import parse_user
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AssistError,
    LoginRefused,
    MalformedReply,
    OperationTimeout,
    ReplyTimeout,
    Unreachable,
    WsmanFault,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.logons import Logons, read_logons
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.instance import CimInstance

ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2"


def endpoint(class_name: str, **keys: str) -> str:
    """An endpoint reference (DSP0227 6.1)."""
    selectors = "".join(f'<w:Selector Name="{key}">{value}</w:Selector>' for key, value in keys.items())
    return (
        f"<a:Address>{ADDRESSING}/role/anonymous</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{CIMV2}/{class_name}</w:ResourceURI><w:SelectorSet>{selectors}</w:SelectorSet>"
        "</a:ReferenceParameters>"
    )


def logon(antecedent: str, dependent: str) -> CimInstance:
    """One row."""
    return CimInstance(
        ElementTree.fromstring(
            f'<p:Win32_LoggedOnUser xmlns:p="{CIMV2}/Win32_LoggedOnUser" xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}">'
            f"<p:Antecedent>{antecedent}</p:Antecedent><p:Dependent>{dependent}</p:Dependent></p:Win32_LoggedOnUser>"
        )
    )


def of(name: str, number: int, domain: str = "CORP") -> CimInstance:
    """The logon of an account."""
    return logon(
        endpoint("Win32_Account", Domain=domain, Name=name), endpoint("Win32_LogonSession", LogonId=str(number))
    )


SYSTEM = of("SYSTEM", 999, "DESK-01")


@dataclass
class Host:
    """A host that lists logons, and fails when it is asked for anything else."""

    answer: Sequence[CimInstance] | AssistError
    host: str = "desk-01"
    exchanges: int = 0
    timeouts: list[Any] = field(default_factory=list)

    def enumerate(self, namespace: str, query: str, *, timeout: float | None = None) -> list[CimInstance]:
        """Answer."""
        assert (namespace, query) == ("root/cimv2", "SELECT * FROM Win32_LoggedOnUser")
        self.exchanges += 1
        self.timeouts.append(timeout)
        if isinstance(self.answer, AssistError):
            raise self.answer
        return list(self.answer)

    def shell(self) -> Any:
        """The session list."""
        raise Unreachable("asked for its sessions.", host=self.host)


def looked_up(host: Any, user: str = "jdoe") -> tuple[bool, bool]:
    """Whether the look was a glance, and whether the host was asked for its sessions."""
    lookup = look_up(host, parse_user(user), glance=True)
    return lookup.glanced, lookup.error is not None


def test_accounts_are_read_once_each_whatever_the_form_of_the_reference() -> None:
    path = logon(
        '\\\\DESK-01\\root\\cimv2:Win32_Account.Domain="CORP",Name="mmuster"',
        '\\\\.\\root\\cimv2:Win32_LogonSession.LogonId="4711"',
    )
    assert path.reference("dependent") == {"logonid": "4711"}
    host: Any = Host([SYSTEM, of("jdoe", 1), of("jdoe", 2), path])
    found = read_logons(host)
    assert found is not None
    assert found.of_everyone
    assert found.accounts == {"SYSTEM", "jdoe", "mmuster"}
    assert host.timeouts == [5.0]


def test_an_object_path_gives_its_keys_unescaped() -> None:
    row = logon('\\\\H\\root\\cimv2:Win32_Account.Domain="CORP",Name="a\\"b\\\\c"', "")
    assert row.reference("Antecedent") == {"domain": "CORP", "name": 'a"b\\c'}
    assert row.reference("Dependent") == {}
    assert row.reference("Nothing") == {}


def test_a_name_that_has_no_logon_ends_the_look() -> None:
    host: Any = Host([SYSTEM, of("mmuster", 5000)])
    assert looked_up(host) == (True, False)
    assert host.exchanges == 1


@pytest.mark.parametrize("name", ["jdoe", "JDoe", "\n  jdoe\n", "CORP\\jdoe", "jdoe@corp.example"])
def test_a_name_that_has_one_is_looked_for_among_the_sessions(name: str) -> None:
    assert looked_up(Host([SYSTEM, of(name, 5000)])) == (False, True)


def test_the_domain_does_not_rule_anyone_out() -> None:
    assert looked_up(Host([SYSTEM, of("jdoe", 5000, "OTHER")]), "CORP\\jdoe") == (False, True)


def test_a_host_that_shows_the_callers_logon_alone_is_asked_for_its_sessions() -> None:
    assert read_logons(Host([of("svc-ansible", 7000)])) == Logons(frozenset({"svc-ansible"}), of_everyone=False)  # type: ignore[arg-type]
    assert looked_up(Host([of("svc-ansible", 7000)])) == (False, True)
    assert looked_up(Host([])) == (False, True)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_says_nothing(name: str) -> None:
    assert looked_up(Host([SYSTEM, of(name, 5000)])) == (False, True)


def test_a_reference_that_names_nobody_says_nothing() -> None:
    assert looked_up(Host([SYSTEM, logon("something else", "")])) == (False, True)


@pytest.mark.parametrize(
    "error", [WsmanFault("failed."), OperationTimeout("too slow."), ReplyTimeout("silent."), MalformedReply("odd.")]
)
def test_a_host_that_fails_to_say_is_asked_for_its_sessions(error: AssistError) -> None:
    assert looked_up(Host(error)) == (False, True)


@pytest.mark.parametrize("error", [Unreachable("gone."), LoginRefused("no.")])
def test_a_host_that_can_not_be_asked_is_not_asked_again(error: AssistError) -> None:
    lookup = look_up(Host(error), parse_user("jdoe"), glance=True)  # type: ignore[arg-type]
    assert lookup.error is not None
    assert lookup.error["message"] == str(error.message if hasattr(error, "message") else error)


def test_a_principal_name_needs_the_sessions() -> None:
    host: Any = Host([SYSTEM])
    assert looked_up(host, "jane.doe@corp.example") == (False, True)
    assert host.exchanges == 0
