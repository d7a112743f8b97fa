# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enumerations on the wire: pages, their end, projections, references, filters (DSP0226 8, DSP0227, MS-WSMV)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from simulator.wire.values import members_xml
from tests.simulator.wire_rig import (
    PLAIN,
    WMI,
    WQL,
    XSI,
    A,
    N,
    Reply,
    S,
    W,
    Wire,
    enumerate_body,
    local,
    pull_body,
)
from tests.support.pools import ACCOUNTS, SERVICE_PASSWORD

Make = Callable[..., Any]
ALL = f"{WMI}root/cimv2/*"
PROCESS = f"{WMI}root/cimv2/Win32_Process"
EXPLORER = "SELECT * FROM Win32_Process WHERE Name='explorer.exe'"
SELECTORS = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"


@pytest.fixture
def open_wire(make_pool: Make) -> Iterator[Callable[..., Wire]]:
    made: list[tuple[Any, Wire]] = []

    def make(user: str = "svc-ansible", *, pool: Any = None, **quirks: Any) -> Wire:
        accounts = [*ACCOUNTS, {"name": "other", "password": SERVICE_PASSWORD, "administrator": True}]
        chosen = pool or make_pool({**PLAIN, "quirks": {"allow_unencrypted": True, **quirks}}, accounts=accounts)
        wire = Wire(chosen, user=user)
        made.append((chosen, wire))
        return wire

    yield make
    for pool, wire in made:
        wire.close()
        assert pool.errors == []


@pytest.fixture
def wire(open_wire: Callable[..., Wire]) -> Wire:
    return open_wire()


def rows(reply: Reply) -> list[ET.Element]:
    """The items of a page, in whichever namespace Items is."""
    assert reply.status == 200, reply.body
    found = next((item for item in reply.content if local(item) == "Items"), None)
    return [] if found is None else list(found)


def at_end(reply: Reply) -> bool:
    return any(local(item) == "EndOfSequence" for item in reply.content)


# Pages -------------------------------------------------------------------------------------------


def test_an_optimized_enumeration_that_is_short(wire: Wire) -> None:
    reply = wire.query(EXPLORER)
    assert local(reply.content) == "EnumerateResponse"
    assert [item.tag for item in reply.content] == [
        f"{{{N}}}EnumerationContext", f"{{{W}}}Items", f"{{{W}}}EndOfSequence",
    ]  # fmt: skip
    (row,) = rows(reply)
    assert row.tag == f"{{{PROCESS}}}Win32_Process"
    assert row.get(f"{{{XSI}}}type") == "p:Win32_Process_Type"


def test_nothing_found_is_no_fault(wire: Wire) -> None:
    reply = wire.query("SELECT * FROM Win32_Process WHERE Name='none.exe'")
    assert rows(reply) == []
    assert at_end(reply)


def test_pages_of_a_pull_are_in_the_other_namespace(wire: Wire) -> None:
    first = wire.query("SELECT * FROM Win32_Process", max_elements=2)
    assert (len(rows(first)), at_end(first)) == (2, False)
    context = first.content.findtext(f"{{{N}}}EnumerationContext") or ""
    second = wire.send(f"{N}/Pull", ALL, pull_body(context, 3))
    assert local(second.content) == "PullResponse"
    assert len(second.content.findall(f"{{{N}}}Items/*")) == 3
    rest = wire.send(f"{N}/Pull", ALL, pull_body(second.content.findtext(f"{{{N}}}EnumerationContext") or "", 1000))
    assert rest.content.find(f"{{{N}}}EndOfSequence") is not None
    names = [item.findtext("{*}Handle") for page in (first, second, rest) for item in rows(page)]
    assert len(names) == len(set(names)) == len(rows(wire.query("SELECT * FROM Win32_Process")))


def test_one_item_where_no_number_is_asked_for(wire: Wire) -> None:
    # DSP0226 8.2.3: MaxElements is 1 when it is not there.
    assert len(rows(wire.query("SELECT * FROM Win32_Process", max_elements=None))) == 1


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_of_elements_that_is_none(wire: Wire, number: str) -> None:
    assert wire.query(EXPLORER, max_elements=number).fault.code == 2150858817


def test_without_optimization_the_first_reply_has_no_items(wire: Wire) -> None:
    reply = wire.query(EXPLORER, optimize=False)
    assert [local(item) for item in reply.content] == ["EnumerationContext"]
    context = reply.text("EnumerationContext") or ""
    assert len(rows(wire.send(f"{N}/Pull", ALL, pull_body(context)))) == 1


def test_a_first_reply_may_be_empty(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire(first_reply_empty=True)
    reply = wire.query(EXPLORER)
    assert [local(item) for item in reply.content] == ["EnumerationContext"]
    assert len(rows(wire.send(f"{N}/Pull", ALL, pull_body(reply.text("EnumerationContext") or "")))) == 1


def test_a_page_fits_into_the_client_s_envelope(wire: Wire) -> None:
    small = '<w:MaxEnvelopeSize s:mustUnderstand="true">8192</w:MaxEnvelopeSize>'
    body = enumerate_body("SELECT * FROM Win32_Process", max_elements=1000)
    reply = wire.send(f"{N}/Enumerate", ALL, body, MaxEnvelopeSize=small)
    pages = [reply]
    while not at_end(reply):
        reply = wire.send(
            f"{N}/Pull", ALL, pull_body(reply.text("EnumerationContext") or "", 1000), MaxEnvelopeSize=small
        )
        pages.append(reply)
    assert len(pages) > 1
    assert max(len(page.body) for page in pages) <= 8192


# Contexts ----------------------------------------------------------------------------------------


def open_context(wire: Wire) -> str:
    found = wire.query("SELECT * FROM Win32_Process", max_elements=1).text("EnumerationContext")
    assert found
    return found


def refused(reply: Reply) -> bool:
    fault = reply.fault
    return (fault.code, fault.role, fault.subcode, fault.action) == (
        2150858779, f"{{{S}}}Receiver", f"{{{N}}}InvalidEnumerationContext", f"{N}/fault",
    )  # fmt: skip


def test_a_context_is_used_once(wire: Wire) -> None:
    context = open_context(wire)
    assert wire.send(f"{N}/Pull", ALL, pull_body(context, 1)).status == 200
    assert refused(wire.send(f"{N}/Pull", ALL, pull_body(context, 1)))


def test_a_context_that_is_released(wire: Wire) -> None:
    context = open_context(wire)
    release = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
    assert wire.send(f"{N}/Release", ALL, release).status == 200
    assert refused(wire.send(f"{N}/Pull", ALL, pull_body(context)))
    assert refused(wire.send(f"{N}/Release", ALL, release))


def test_a_context_that_waited_too_long(wire: Wire) -> None:
    # EnumerationTimeoutms 60000 (MS-WSMV 3.1.4.1.36).
    host = wire.host
    kept, late = open_context(wire), open_context(wire)
    host.clock.advance(59)
    assert wire.send(f"{N}/Pull", ALL, pull_body(kept, 1)).status == 200
    host.clock.advance(2)
    assert refused(wire.send(f"{N}/Pull", ALL, pull_body(late)))


def test_a_context_of_someone_else_or_of_another_resource(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire()
    context = open_context(wire)
    other = open_wire("other", pool=wire.pool)
    assert refused(other.send(f"{N}/Pull", ALL, pull_body(context)))
    assert refused(wire.send(f"{N}/Pull", PROCESS, pull_body(context)))
    assert wire.send(f"{N}/Pull", ALL.upper().replace("HTTP://SCHEMAS.MICROSOFT.COM/WBEM/WSMAN/1/WMI/", WMI),
                     pull_body(context)).status == 200  # fmt: skip


@pytest.mark.parametrize("operation", ["Enumerate", "Pull", "Release"])
def test_a_body_of_another_operation(wire: Wire, operation: str) -> None:
    assert wire.send(f"{N}/{operation}", ALL, "<n:Other/>").fault.code == 2150858817


# Forms of items ----------------------------------------------------------------------------------


def test_a_projection_is_a_fragment_without_namespaces(wire: Wire) -> None:
    """So it is in txwinrm's recorded answers of Server 2003 to 2012 (zenoss/txwinrm, test/data)."""
    (row,) = rows(wire.query("SELECT SessionId, Name, CreationDate FROM Win32_Process WHERE Name='explorer.exe'"))
    assert row.tag == f"{{{W}}}XmlFragment"
    assert [item.tag for item in row] == ["CreationDate", "Name", "SessionId"]
    assert [item.tag for item in row[0]] == ["Datetime"]
    assert (row[0][0].text or "").endswith("Z")
    assert row.findtext("Name") == "explorer.exe"


def test_a_projection_may_be_the_class(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire(projection_wrapper="class")
    (row,) = rows(wire.query("SELECT SessionId, Name FROM Win32_Process WHERE Name='explorer.exe'"))
    assert row.tag == f"{{{PROCESS}}}Win32_Process"
    assert [local(item) for item in row] == ["Name", "SessionId"]


@pytest.mark.parametrize("spelling", ["SELECT *", "select*", "  Select\t*"])
def test_a_star_is_no_projection(wire: Wire, spelling: str) -> None:
    (row,) = rows(wire.query(EXPLORER.replace("SELECT *", spelling)))
    assert row.tag == f"{{{PROCESS}}}Win32_Process"
    names = [local(item) for item in row]
    assert names == sorted(names, key=str.lower)
    # Whoever names every property gets a fragment nevertheless.
    (row,) = rows(wire.query(EXPLORER.replace("*", ", ".join(names))))
    assert row.tag == f"{{{W}}}XmlFragment"
    assert [local(item) for item in row] == names


def test_a_projection_with_its_references(wire: Wire) -> None:
    query = "SELECT Handle, Name FROM Win32_Process WHERE Name='explorer.exe'"
    (item,) = rows(wire.query(query, mode="EnumerateObjectAndEPR"))
    assert [local(part) for part in item] == ["XmlFragment", "EndpointReference"]


def test_times_have_no_zeros_at_their_end() -> None:
    cases = {
        datetime(2013, 3, 9, 3, 6, 25, tzinfo=UTC): "2013-03-09T03:06:25Z",
        datetime(2013, 4, 10, 16, 17, 23, 500000, tzinfo=UTC): "2013-04-10T16:17:23.5Z",
        datetime(2013, 4, 10, 21, 24, 28, 257000, tzinfo=timezone(timedelta(hours=2))): "2013-04-10T19:24:28.257Z",
        datetime(2013, 4, 10, 16, 20, tzinfo=UTC): "2013-04-10T16:20:00Z",
    }
    for moment, text in cases.items():
        assert members_xml({"T": moment}, "", cim="") == f"<T><Datetime>{text}</Datetime></T>"


def test_nulls_arrays_and_times(wire: Wire) -> None:
    (row,) = rows(wire.query("SELECT * FROM Win32_OperatingSystem"))
    assert [item.text for item in row.findall("{*}MUILanguages")] == ["en-US"]
    inner = row.find("{*}LocalDateTime")
    assert inner is not None
    assert [item.tag for item in inner] == ["{http://schemas.dmtf.org/wbem/wscim/1/common}Datetime"]
    (process,) = rows(wire.query("SELECT * FROM Win32_Process WHERE Name='System'"))
    assert {local(item) for item in process if item.get(f"{{{XSI}}}nil") == "true"} >= {"CommandLine"}


def test_references_alone_and_with_their_objects(wire: Wire) -> None:
    # DSP0226 8.7.
    (reference,) = rows(wire.query(EXPLORER, mode="EnumerateEPR"))
    assert reference.tag == f"{{{A}}}EndpointReference"
    assert (reference.findtext(f".//{{{W}}}ResourceURI") or "").lower() == PROCESS.lower()
    (item,) = rows(wire.query(EXPLORER, mode="EnumerateObjectAndEPR"))
    assert item.tag == f"{{{W}}}Item"
    assert [local(part) for part in item] == ["Win32_Process", "EndpointReference"]
    keys = {part.get("Name"): part.text for part in item.iter(f"{{{W}}}Selector")}
    assert keys == {"Handle": item[0].findtext("{*}Handle")}
    assert wire.get(PROCESS, **{str(name): str(text) for name, text in keys.items()}).status == 200


def test_a_mode_nobody_has(wire: Wire) -> None:
    # ERROR_WSMAN_ENUMERATION_MODE_UNSUPPORTED.
    fault = wire.query(EXPLORER, mode="EnumerateNames").fault
    assert (fault.code, fault.subcode) == (2150858886, f"{{{W}}}UnsupportedFeature")


@pytest.mark.parametrize(("quirk", "uri"), [("lower", "root/standardcimv2"), ("as-sent", "root/StandardCimv2")])
def test_how_a_namespace_is_spelled(open_wire: Callable[..., Wire], quirk: str, uri: str) -> None:
    wire = open_wire(namespace_case=quirk)
    (row,) = rows(
        wire.query("SELECT * FROM MSFT_NetFirewallProfile WHERE Name='Domain'", namespace="root/StandardCimv2")
    )
    assert row.tag == f"{{{WMI}{uri}/MSFT_NetFirewallProfile}}MSFT_NetFirewallProfile"


# Filters -----------------------------------------------------------------------------------------


def test_a_class_without_a_filter(wire: Wire) -> None:
    reply = wire.send(f"{N}/Enumerate", PROCESS, enumerate_body(""))
    assert len(rows(reply)) == len(rows(wire.query("SELECT * FROM Win32_Process")))


def test_a_selector_filter(wire: Wire) -> None:
    # DSP0226 annex E, MS-WSMV: names and values without case.
    inner = '<w:SelectorSet><w:Selector Name="name">EXPLORER.EXE</w:Selector></w:SelectorSet>'
    body = (
        "<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>"
        f'<w:Filter Dialect="{SELECTORS}">{inner}</w:Filter></n:Enumerate>'
    )
    (row,) = rows(wire.send(f"{N}/Enumerate", PROCESS, body))
    assert row.findtext("{*}Name") == "explorer.exe"


def test_a_dialect_nobody_has(wire: Wire) -> None:
    fault = wire.query("//x", dialect="http://www.w3.org/TR/1999/REC-xpath-19991116").fault
    assert (fault.code, fault.subcode) == (2150858777, f"{{{N}}}FilterDialectRequestedUnavailable")
    assert fault.action == f"{N}/fault"


def test_a_query_needs_the_resource_of_all_classes(wire: Wire) -> None:
    # The text of ERROR_WSMAN_INVALID_URI_WMI_ENUM_WQL.
    fault = wire.send(f"{N}/Enumerate", PROCESS, enumerate_body(EXPLORER)).fault
    assert (fault.code, fault.subcode) == (2150859003, f"{{{N}}}CannotProcessFilter")
    assert "'*' (star)" in fault.reason


def test_all_classes_need_a_query(wire: Wire) -> None:
    assert wire.send(f"{N}/Enumerate", ALL, enumerate_body("")).status == 500


def test_what_is_no_class_at_all(wire: Wire) -> None:
    fault = wire.send(f"{N}/Enumerate", "urn:x", enumerate_body(EXPLORER)).fault
    assert fault.code == 2150858811


@pytest.mark.parametrize(
    "query",
    ["", "SELECT", "SELECT * FROM", "DELETE FROM Win32_Process", "SELECT * FROM Win32_Process WHERE",
     "SELECT * FROM Win32_Process WHERE Name='a' Name='b'", "SELECT * FROM Win32_Process WHERE Name='open"],
)  # fmt: skip
def test_queries_that_are_none(wire: Wire, query: str) -> None:
    body = f'<n:Enumerate><w:OptimizeEnumeration/><w:Filter Dialect="{WQL}">{query}</w:Filter></n:Enumerate>'
    fault = wire.send(f"{N}/Enumerate", ALL, body).fault
    assert fault.of_wmi("CIMStatusCode") == "15"
