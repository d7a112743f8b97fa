# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WS-Management client against replies written out by hand from MS-WSMV 4.1."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import (
    AccessDenied,
    AssistError,
    MalformedReply,
    NotFound,
    OperationTimeout,
    QuotaExceeded,
    Unquotable,
    WsmanFault,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.memory import (
    MemoryTransport,
    RecordingTransport,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import MAX_TABLE_BYTES, WsmanClient
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.envelope import Request, envelope
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.reply import MAX_REPLY_BYTES, parse_reply
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.values import properties_xml, timestamp
from hypothesis import given
from hypothesis import strategies as st

SOAP = "http://www.w3.org/2003/05/soap-envelope"
REG = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/StdRegProv"


def reply(body: str, relates_to: str = "") -> bytes:
    header = f"<a:RelatesTo>{relates_to}</a:RelatesTo>" if relates_to else ""
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" '
        'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def client(*bodies: str) -> tuple[WsmanClient, MemoryTransport]:
    waiting = list(bodies)

    def answer(message: bytes) -> bytes:
        identity = re.search(rb"<a:MessageID>([^<]+)<", message)
        assert identity
        return reply(waiting.pop(0), identity.group(1).decode())

    transport = MemoryTransport(answer)
    return WsmanClient(transport, host="desk-01"), transport


def fault(code: int, *, subcode: str = "w:InternalError", detail: str = "") -> str:
    return (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>"
        "</s:Code><s:Reason><s:Text>Nein.</s:Text></s:Reason><s:Detail>"
        f'<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}">'
        f"<f:Message>{detail}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )


def test_a_method_call_carries_typed_arguments_and_reads_parallel_arrays() -> None:
    output = (
        f'<p:EnumValues_OUTPUT xmlns:p="{REG}"><p:ReturnValue>0</p:ReturnValue><p:Types>4</p:Types>'
        "<p:Types>1</p:Types><p:sNames>a</p:sNames><p:sNames>b</p:sNames></p:EnumValues_OUTPUT>"
    )
    wsman, transport = client(output)
    found = wsman.invoke(
        "root/cimv2", "StdRegProv", "EnumValues", {"hDefKey": 2147483650, "sSubKeyName": r"SOFTWARE\A & B"}
    )
    assert found.return_value == 0
    assert found.integers("Types") == [4, 1]
    assert found.texts("sNames") == ["a", "b"]
    sent = ElementTree.fromstring(transport.sent[0].decode())
    body = sent[1]
    assert body[0].tag == f"{{{REG}}}EnumValues_INPUT"
    assert [(item.tag.rpartition("}")[2], item.text) for item in body[0]] == [
        ("hDefKey", "2147483650"),
        ("sSubKeyName", r"SOFTWARE\A & B"),
    ]
    assert wsman.exchanges == 1


def test_nil_is_absent_and_an_empty_element_is_an_empty_string() -> None:
    wsman = client('<X><uValue xsi:nil="true"/><sValue/></X>')[0]
    found = wsman.get("root/cimv2", "X", {"k": "v"})
    assert found.integer("uValue") is None
    assert found.text("sValue") == ""
    assert found.return_value == 0


def test_an_enumeration_is_pulled_to_its_end_whatever_namespace_its_items_have() -> None:
    wsman, transport = client(
        "<n:EnumerateResponse><n:EnumerationContext>uuid:1</n:EnumerationContext>"
        "<w:Items><P><Id>1</Id></P></w:Items></n:EnumerateResponse>",
        "<n:PullResponse><n:EnumerationContext>uuid:2</n:EnumerationContext><n:Items>"
        "<w:XmlFragment><Id>2</Id></w:XmlFragment></n:Items></n:PullResponse>",
        "<n:PullResponse><n:Items><w:Item><P><Id>3</Id></P></w:Item></n:Items><n:EndOfSequence/></n:PullResponse>",
    )
    found = wsman.enumerate("root/cimv2", "SELECT * FROM P WHERE A < 'x'")
    assert [item.integer("Id") for item in found] == [1, 2, 3]
    assert b"A &lt; 'x'" in transport.sent[0]
    assert b"uuid:2" in transport.sent[2]


_PROPERTIES = "<{0}Handle>8</{0}Handle><{0}Note xsi:nil='true'/><{0}Start><{1}Datetime>{2}</{1}Datetime></{0}Start>"


@pytest.mark.parametrize(
    "row",
    [
        # As in txwinrm's recorded answers of Windows, and as DSP0226 8.2 and MS-WSMV have it.
        "<w:XmlFragment>" + _PROPERTIES.format("", "", "2013-04-10T16:17:23.5Z") + "</w:XmlFragment>",
        '<p:Win32_Process xmlns:p="urn:p" xmlns:c="urn:c">'
        + _PROPERTIES.format("p:", "c:", "2013-04-10T16:17:23.500000Z")
        + "</p:Win32_Process>",
    ],
    ids=["fragment", "class"],
)
@pytest.mark.parametrize("item", ["{}", "<w:Item>{}<a:EndpointReference/></w:Item>"], ids=["bare", "with reference"])
def test_rows_of_a_projection_come_in_two_forms(row: str, item: str) -> None:
    page = f"<n:EnumerateResponse><w:Items>{item.format(row)}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
    (found,) = client(page)[0].enumerate("root/cimv2", "SELECT Handle,Note,Start FROM Win32_Process")
    assert (found.integer("Handle"), found.text("Note")) == (8, None)
    assert found.moment("Start") == datetime(2013, 4, 10, 16, 17, 23, 500000, tzinfo=UTC)


def test_a_table_of_large_pages_without_end_is_not_kept() -> None:
    page = f"<n:EnumerationContext>7</n:EnumerationContext><n:Items><X><sValue>{'x' * 3_000_000}</sValue></X></n:Items>"
    pages = [f"<n:EnumerateResponse>{page}</n:EnumerateResponse>", *[f"<n:PullResponse>{page}</n:PullResponse>"] * 20]
    wsman, transport = client(*pages)
    with pytest.raises(MalformedReply, match=f"larger than {MAX_TABLE_BYTES} bytes"):
        wsman.enumerate("root/cimv2", "SELECT * FROM X")
    assert len(transport.sent) == 1 + MAX_TABLE_BYTES // 3_000_000


def test_an_enumeration_without_end_is_given_up() -> None:
    page = "<n:PullResponse><n:EnumerationContext>uuid:1</n:EnumerationContext></n:PullResponse>"
    wsman, transport = client(*[page] * 600)
    with pytest.raises(MalformedReply, match="did not come to an end"):
        wsman.enumerate("root/cimv2", "SELECT * FROM P")
    assert len(transport.sent) <= 502


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (2150858793, "w:TimedOut", OperationTimeout),
        (2150859173, "w:QuotaLimit", QuotaExceeded),
        (2150859174, "w:InternalError", QuotaExceeded),
        (5, "w:AccessDenied", AccessDenied),
        (-2147024891, "w:InternalError", AccessDenied),
        (2150858752, "w:DestinationUnreachable", NotFound),
        (4711, "w:InternalError", WsmanFault),
    ],
)
def test_faults_become_errors_that_name_host_and_reason(code: int, subcode: str, kind: type[WsmanFault]) -> None:
    wsman = client(fault(code, subcode=subcode, detail="Zugriff verweigert"))[0]
    with pytest.raises(kind) as caught:
        wsman.get("root/cimv2", "X", {})
    assert caught.value.__class__ is kind
    assert str(caught.value).startswith("desk-01: reading X was refused")
    assert "Zugriff verweigert" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_provider_fault_decides_by_its_cim_status() -> None:
    detail = (
        "</f:Message><f:Message><f:ProviderFault><e:MSFT_WmiError xmlns:e='x'>"
        "<e:CIMStatusCode>6</e:CIMStatusCode><e:error_Code>0</e:error_Code>"
        "<e:Message>Nicht gefunden</e:Message></e:MSFT_WmiError></f:ProviderFault>"
    )
    wsman = client(fault(2150859060, detail=detail))[0]
    with pytest.raises(NotFound) as caught:
        wsman.delete("root/x", "X", {})
    assert caught.value.cim_status == 6


HOSTILE = {
    "document type": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "no XML": b"<html><body>Login</html>",
    "another root": b"<html/>",
    "no body": f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
    "nesting": reply("<a>" * 200 + "</a>" * 200),
    "size": b"<" + b"a" * MAX_REPLY_BYTES,
    "encoding": b'<?xml version="1.0" encoding="utf-7"?>\xff\xfa',
    "another request's": reply("<a/>", "uuid:OTHER"),
    "empty": b"",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_reply_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedReply):
        parse_reply(data, relates_to="uuid:OURS")


@given(st.binary(max_size=400))
def test_any_reply_gives_a_body_or_an_error_of_the_tree(data: bytes) -> None:
    for candidate in (data, reply(data.decode("latin-1")), b"\xff\xfe" + data):
        with contextlib.suppress(AssistError):
            parse_reply(candidate, relates_to="x")


def test_a_utf16_reply_is_read() -> None:
    assert parse_reply(reply("<a>ä</a>").decode().encode("utf-16"), relates_to="x")[0].text == "ä"


def test_values_are_written_as_windows_reads_them() -> None:
    moment = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2026-11-21T07:30:00.000Z"
    assert properties_xml({"a": True, "b": [1, 255], "c": None, "d": "<&>\r", "e": ""}) == (
        "<p:a>true</p:a><p:b>1</p:b><p:b>255</p:b><p:d>&lt;&amp;&gt;&#13;</p:d><p:e></p:e>"
    )
    with pytest.raises(Unquotable):
        properties_xml({"a": "nul\0"})


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_arrives_unchanged_or_is_refused(text: str) -> None:
    request = Request("action", "uri", properties_xml({"a": "x"}), selectors={"k": "v"})
    assert envelope(request, operation_timeout=1)[0]
    try:
        data = envelope(Request("a", "u", "", selectors={text: text}), operation_timeout=1)[0]
    except Unquotable:
        return
    selector = ElementTree.fromstring(data.decode()).find(".//{*}Selector")
    assert selector is not None
    assert (selector.text or "") == text
    assert selector.get("Name") == text


def test_moments_without_zone_are_utc() -> None:
    wsman = client(
        "<X><A><cim:Datetime xmlns:cim='c'>2026-11-21T07:30:00Z</cim:Datetime></A><B>2026-11-21T07:30:00</B>"
        "<C>yesterday</C></X>"
    )[0]
    found = wsman.get("root/cimv2", "X", {})
    assert found.moment("A") == found.moment("B") == datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    assert found.moment("D") is None
    with pytest.raises(MalformedReply):
        found.moment("C")


def test_the_recorder_keeps_exchanges_without_secrets() -> None:
    transport = client("<a>s3cret-pass</a>")[1]
    recorder = RecordingTransport(transport, secrets=["s3cret-pass"])
    wsman = WsmanClient(recorder, host="h")
    wsman.get("root/cimv2", "X", {"k": "S-1-5-21-99-98-97-1001"})
    [exchange] = recorder.exchanges
    assert "s3cret" not in exchange.reply
    assert "S-1-5-21-1-2-3-1001" in exchange.request
