# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_LoggedOnUser: whose logons a host lists, how its references look on the wire, and what may go wrong."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from simulator.seam import CimReference
from tests.simulator.test_clients_pypsrp import connect, query
from tests.simulator.windows_rig import Rig
from tests.simulator.wire_rig import ANONYMOUS, PLAIN, WMI, A, N, Reply, S, W, Wire, local, pull_body
from tests.support.pools import ACCOUNTS, DESKTOP

Make = Callable[..., Any]
ALL = "SELECT * FROM Win32_LoggedOnUser"
CLASS = f"{WMI}root/cimv2/Win32_LoggedOnUser"
SERVICES = {("SYSTEM", "999"), ("LOCAL SERVICE", "997"), ("NETWORK SERVICE", "996"), ("ANONYMOUS LOGON", "998")}
SESSIONS = [
    {"id": 2, "user": "CORP\\jdoe"},
    {"id": 5, "user": "CORP\\admin", "state": "disconnected"},
    {"id": 7, "user": "CORP\\firstname.long-lastname2", "kind": "published_app"},
    {"id": 8, "user": "DESK-01\\kiosk"},
]


def logons(rig: Rig) -> list[tuple[str, str, str]]:
    """Domain, name, LogonId of each row of the administrator's query."""
    found = []
    for row in rig.query("root/cimv2", ALL):
        account, session = row.values["Antecedent"], row.values["Dependent"]
        assert (account.namespace, account.name, session.name) == ("root/cimv2", "Win32_Account", "Win32_LogonSession")
        keys = {**dict(account.keys), **dict(session.keys)}
        assert list(keys) == ["Domain", "Name", "LogonId"]
        found.append((keys["Domain"], keys["Name"], keys["LogonId"]))
    return found


def names(rig: Rig) -> Counter[str]:
    """How often each account is listed."""
    return Counter(f"{domain}\\{name}" for domain, name, _ in logons(rig))


# Contents ----------------------------------------------------------------------------------------


def test_windows_own_logons_are_of_the_computer() -> None:
    found = logons(Rig())
    assert {(name, number) for _, name, number in found} >= SERVICES
    assert {domain for domain, name, _ in found if name != "admin"} == {"DESK-01"}
    assert names(Rig()) == {
        **{f"DESK-01\\{name}": 1 for name, _ in SERVICES},
        "DESK-01\\UMFD-0": 1, "DESK-01\\UMFD-1": 1, "DESK-01\\DWM-1": 2, "CORP\\admin": 1,
    }  # fmt: skip


@pytest.mark.parametrize("system", ["windows-11", "server-2022"])
def test_every_kind_of_session_has_its_logons(system: str) -> None:
    found = names(Rig(sessions=SESSIONS, os=system))
    people = {name: count for name, count in found.items() if "FD-" not in name and "DWM-" not in name}
    assert people == {
        **{f"DESK-01\\{name}": 1 for name, _ in SERVICES},
        "CORP\\jdoe": 1,
        "CORP\\admin": 3,  # two of the session, and the one that asks
        "CORP\\firstname.long-lastname2": 1,
        "DESK-01\\kiosk": 1,
    }
    assert {name: count for name, count in found.items() if "DWM-" in name} == {
        f"DESK-01\\DWM-{number}": 2 for number in (1, 2, 5, 7, 8)
    }
    assert {name for name in found if "UMFD-" in name} == {f"DESK-01\\UMFD-{number}" for number in (0, 1, 2, 5, 7, 8)}


def test_a_host_in_german_names_its_services_so() -> None:
    found = {(name, number) for _, name, number in logons(Rig(language="de-DE"))}
    assert found >= {("SYSTEM", "999"), ("LOKALER DIENST", "997"), ("NETZWERKDIENST", "996")}


def test_ids_are_unique_and_stay() -> None:
    rig = Rig(sessions=SESSIONS)
    first = logons(rig)
    assert len({number for _, _, number in first}) == len(first)
    assert logons(rig) == first
    rig.host.disconnect(2)
    assert logons(rig) == first


def test_who_logs_off_is_gone() -> None:
    rig = Rig(sessions=SESSIONS)
    assert names(rig)["CORP\\jdoe"] == 1
    rig.host.log_off(2)
    assert not {"CORP\\jdoe", "DESK-01\\DWM-2", "DESK-01\\UMFD-2"} & set(names(rig))


def test_each_caller_has_a_logon_of_its_own() -> None:
    rig = Rig()
    other = rig.host.query("root/cimv2", ALL, rig.user)
    assert [dict(row.values["Antecedent"].keys)["Name"] for row in other][-1] == "jdoe"
    assert "CORP\\jdoe" not in names(rig)


# Uncertain facts ---------------------------------------------------------------------------------


def test_only_the_own_logon() -> None:
    rig = Rig(sessions=SESSIONS, quirks={"logon_sessions": "own", "logon_sessions_stale": True})
    assert names(rig) == {"CORP\\admin": 1}


def test_without_interactive_logons() -> None:
    found = names(Rig(sessions=SESSIONS, quirks={"logon_sessions": "without_interactive"}))
    assert found["CORP\\admin"] == found["DESK-01\\SYSTEM"] == 1
    assert not {"CORP\\jdoe", "CORP\\firstname.long-lastname2", "DESK-01\\kiosk"} & set(found)


def test_logons_of_people_who_are_gone() -> None:
    rig = Rig(sessions=[{"id": 5, "user": "CORP\\admin"}], quirks={"logon_sessions_stale": True})
    found = names(rig)
    assert found["CORP\\jdoe"] == 150
    assert found["CORP\\admin"] == 3
    assert logons(rig) == logons(rig)
    assert len({number for _, _, number in logons(rig)}) == sum(found.values())


def test_nobody_can_be_left_behind_where_everybody_is_there() -> None:
    sessions = [{"id": 5, "user": "CORP\\admin"}, {"id": 6, "user": "CORP\\jdoe"}]
    assert names(Rig(sessions=sessions, quirks={"logon_sessions_stale": True}))["CORP\\jdoe"] == 1


def test_a_reference_as_a_path() -> None:
    rig = Rig(sessions=SESSIONS, quirks={"reference_form": "path"})
    rows = {row.values["Antecedent"]: row.values["Dependent"] for row in rig.query("root/cimv2", ALL)}
    system = '\\\\DESK-01\\root\\cimv2:Win32_Account.Domain="DESK-01",Name="SYSTEM"'
    assert rows[system] == '\\\\DESK-01\\root\\cimv2:Win32_LogonSession.LogonId="999"'
    assert '\\\\DESK-01\\root\\cimv2:Win32_Account.Domain="CORP",Name="jdoe"' in rows


def test_a_path_in_a_path_is_escaped() -> None:
    inner = CimReference("root/cimv2", "Win32_Account", (("Name", "a"),))
    outer = CimReference("root/cimv2", "X", (("Antecedent", inner),))
    assert str(outer) == '\\\\.\\root\\cimv2:X.Antecedent="\\\\\\\\.\\\\root\\\\cimv2:Win32_Account.Name=\\"a\\""'


# On the wire -------------------------------------------------------------------------------------


@pytest.fixture
def open_wire(make_pool: Make) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(**quirks: Any) -> Wire:
        made.append(Wire(make_pool({**PLAIN, "quirks": {"allow_unencrypted": True, **quirks}})))
        return made[-1]

    yield make
    for wire in made:
        wire.close()
        assert wire.pool.errors == []


def rows(reply: Reply) -> list[ET.Element]:
    """The items of a page."""
    assert reply.status == 200, reply.body
    return [row for item in reply.content if local(item) == "Items" for row in item]


def refers_to(element: ET.Element) -> tuple[str, dict[str, str]]:
    """What a reference says, strictly as DSP0226 5.4.2 has endpoint references."""
    address, parameters = element
    assert (address.tag, address.text, parameters.tag) == (f"{{{A}}}Address", ANONYMOUS, f"{{{A}}}ReferenceParameters")
    resource, selectors = parameters
    assert (resource.tag, selectors.tag) == (f"{{{W}}}ResourceURI", f"{{{W}}}SelectorSet")
    assert {item.tag for item in selectors} == {f"{{{W}}}Selector"}
    return resource.text or "", {item.get("Name", ""): item.text or "" for item in selectors}


def test_references_are_endpoint_references(open_wire: Callable[..., Wire]) -> None:
    found = rows(open_wire().query(ALL))
    assert {row.tag for row in found} == {f"{{{CLASS}}}Win32_LoggedOnUser"}
    assert {tuple(item.tag for item in row) for row in found} == {(f"{{{CLASS}}}Antecedent", f"{{{CLASS}}}Dependent")}
    pairs = [(refers_to(row[0]), refers_to(row[1])) for row in found]
    base = f"{WMI}root/cimv2/"
    assert pairs[0] == (
        (f"{base}Win32_Account", {"Domain": "DESK-01", "Name": "SYSTEM"}),
        (f"{base}Win32_LogonSession", {"LogonId": "999"}),
    )
    assert {"Domain": "CORP", "Name": "jdoe"} in [account for (_, account), _ in pairs]
    assert pairs[-1][0][1] == {"Domain": "CORP", "Name": "svc-ansible"}


def test_references_as_texts(open_wire: Callable[..., Wire]) -> None:
    row = rows(open_wire(reference_form="path").query(ALL))[0]
    assert [len(item) for item in row] == [0, 0]
    assert row[1].text == '\\\\DESK-01\\root\\cimv2:Win32_LogonSession.LogonId="999"'


def test_the_class_itself_and_a_projection(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire()
    own = wire.send(
        f"{N}/Enumerate", CLASS, "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>99</w:MaxElements></n:Enumerate>"
    )
    assert [refers_to(row[1]) for row in rows(own)] == [refers_to(row[1]) for row in rows(wire.query(ALL))]
    fragment = rows(wire.query("SELECT Dependent FROM Win32_LoggedOnUser"))[0]
    assert (fragment.tag, fragment[0].tag) == (f"{{{W}}}XmlFragment", "Dependent")
    assert refers_to(fragment[0])[1] == {"LogonId": "999"}


def test_a_key_that_is_a_reference_is_a_selector_with_one(open_wire: Callable[..., Wire]) -> None:
    reference = rows(open_wire().query(ALL, mode="EnumerateEPR"))[0]
    selectors = reference.find(f"{{{A}}}ReferenceParameters/{{{W}}}SelectorSet")
    assert selectors is not None
    assert [item.get("Name") for item in selectors] == ["Antecedent", "Dependent"]
    assert [item[0].tag for item in selectors] == [f"{{{A}}}EndpointReference"] * 2
    assert refers_to(selectors[1][0])[1] == {"LogonId": "999"}


def test_many_logons_come_in_pages(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire(logon_sessions_stale=True)
    reply = wire.query(ALL, max_elements=100)
    found = rows(reply)
    assert len(found) == 100
    context = reply.text("EnumerationContext") or ""
    rest = wire.send(f"{N}/Pull", f"{WMI}root/cimv2/*", pull_body(context, 100))
    found += rows(rest)
    assert rest.content.find(f"{{{N}}}EndOfSequence") is not None
    ids = [refers_to(row[1])[1]["LogonId"] for row in found]
    # 8 of Windows, one of jdoe's session, one of the caller; asmith alone has no session.
    assert len(ids) == len(set(ids)) == 10 + 150
    assert Counter(refers_to(row[0])[1]["Name"] for row in found)["asmith"] == 150


@pytest.mark.parametrize("form", ["wmi-error", "extended-status"])
def test_the_provider_fails(open_wire: Callable[..., Wire], form: str) -> None:
    fault = open_wire(logon_session_query="fails", provider_fault=form).query(ALL).fault
    if form == "wmi-error":
        assert (fault.of_wmi("CIMStatusCode"), fault.of_wmi("MessageID")) == ("1", "HRESULT 0x80041001")
    else:
        assert (fault.code, fault.provider is not None) == (0x80041001, True)


def test_an_answer_that_does_not_come_in_time(make_pool: Make) -> None:
    slow = {**PLAIN, "quirks": {"allow_unencrypted": True, "logon_session_query": "slow"}}
    pool = make_pool(slow, {**PLAIN, "name": "desk-02"})
    wire, other = Wire(pool), Wire(pool, "desk-02")
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(wire.query, ALL)  # with an OperationTimeout of 20 seconds
        while not any(item.what.startswith("Enumerate") for item in pool.trace("desk-01")):
            assert time.monotonic() < begun + 10
            time.sleep(0.01)
        assert rows(other.query(ALL))
        wire.host.clock.advance(14)
        assert not waiting.done()
        wire.host.clock.advance(7)
        fault = waiting.result(10).fault
    assert (fault.code, fault.role, fault.subcode) == (2150858793, f"{{{S}}}Receiver", f"{{{W}}}TimedOut")
    assert time.monotonic() - begun < 10
    assert rows(wire.query("SELECT * FROM Win32_ComputerSystem"))
    wire.close()
    other.close()
    assert pool.errors == []


def test_an_independent_client_reads_the_references(make_pool: Make) -> None:
    """pypsrp's own envelope, login and encryption; its answer is searched by names alone."""
    pool = make_pool({**DESKTOP, "quirks": {"namespace_case": "as-sent"}}, accounts=[*ACCOUNTS])
    with connect(pool) as client:
        (page,) = query(client, ALL)
    pairs = {
        (
            row.findtext(".//{*}Antecedent//{*}Selector[@Name='Domain']"),
            row.findtext(".//{*}Antecedent//{*}Selector[@Name='Name']"),
        ): row.findtext(".//{*}Dependent//{*}Selector[@Name='LogonId']")
        for row in page.iter(f"{{{CLASS}}}Win32_LoggedOnUser")
    }
    assert pairs["DESK-01", "SYSTEM"] == "999"
    assert {("CORP", "jdoe"), ("CORP", "svc-ansible")} <= set(pairs)
