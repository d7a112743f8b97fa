# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What simulated WinRM refuses about a request, and with which fault; sources stand beside each case.

`wsmerror.h` of the Windows SDK gives codes with their role and subcode, DSP0226 14.6 the fault details.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.simulator.wire_rig import (
    HKLM,
    PLAIN,
    REGISTRY,
    RSP,
    SHELL,
    WMI,
    A,
    N,
    Reply,
    S,
    T,
    W,
    Wire,
)

Make = Callable[..., Any]
SYSTEM = f"{WMI}root/cimv2/Win32_ComputerSystem"
PROCESS = f"{WMI}root/cimv2/Win32_Process"
KEY = (("hDefKey", HKLM), ("sSubKeyName", "SOFTWARE\\Microsoft"))


@pytest.fixture
def pool(make_pool: Make) -> Any:
    return make_pool(PLAIN)


@pytest.fixture
def wire(pool: Any) -> Iterator[Wire]:
    made = Wire(pool)
    yield made
    made.close()
    assert pool.errors == []


def good(wire: Wire, **changes: Any) -> Reply:
    """A Get that is right but for the changes."""
    return wire.send(f"{T}/Get", SYSTEM, **{"selectors": {"Name": "DESK-01"}, **changes})


def test_the_request_that_the_cases_change_is_right(wire: Wire) -> None:
    reply = good(wire)
    assert (reply.status, reply.text("Name")) == (200, "DESK-01")
    assert reply.headers["Content-Type"] == "application/soap+xml;charset=UTF-8"
    assert reply.root.findtext(f"{{{S}}}Header/{{{A}}}Action") == f"{T}/GetResponse"


# Headers -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A change to a right request, and the fault that answers it."""

    changes: dict[str, Any]
    code: int
    role: str
    subcode: str
    detail: str = ""
    source: str = field(default="", compare=False)


def _header(prefix: str, name: str, text: str, *, must: bool = True) -> str:
    mark = ' s:mustUnderstand="true"' if must else ""
    return f"<{prefix}:{name}{mark}>{text}</{prefix}:{name}>"


REQUIRED = (2150858769, "Sender", f"{{{A}}}MessageInformationHeaderRequired")
INVALID = (2150858767, "Sender", f"{{{A}}}InvalidMessageInformationHeader")
UNSUPPORTED = f"{{{W}}}UnsupportedFeature"
UNREACHABLE = f"{{{A}}}DestinationUnreachable"
LIMIT = f"{{{W}}}EncodingLimit"
SELECTORS = f"{{{W}}}InvalidSelectors"
CASES = {
    "no-action": Case({"without": "Action"}, *REQUIRED, source="WS-Addressing 3.2"),
    "no-to": Case({"without": "To"}, *REQUIRED, source="DSP0226 R5.4.1-1"),
    "no-reply-to": Case({"without": "ReplyTo"}, *REQUIRED, source="MS-WSMV 3.1.4.1.3"),
    "no-message-id": Case({"without": "MessageID"}, *INVALID, source="MS-WSMV 3.1.4.1.5"),
    "empty-message-id": Case({"MessageID": "<a:MessageID/>"}, *INVALID, source="MS-WSMV 3.1.4.1.5"),
    "long-message-id": Case(
        {"MessageID": f"<a:MessageID>{'x' * 2049}</a:MessageID>"}, *INVALID, source="MS-WSMV note 47"
    ),
    "two-actions": Case({"extra": _header("a", "Action", f"{T}/Get")}, *INVALID, source="WS-Addressing 3.2"),
    "reply-elsewhere": Case(
        {"ReplyTo": "<a:ReplyTo><a:Address>http://client:80/</a:Address></a:ReplyTo>"},
        2150858870, "Sender", UNSUPPORTED, "AddressingMode", source="MS-WSMV 3.1.4.1.3",
    ),
    "faults-elsewhere": Case(
        {"extra": "<a:FaultTo><a:Address>http://client:80/</a:Address></a:FaultTo>"},
        2150858870, "Sender", UNSUPPORTED, "AddressingMode", source="MS-WSMV 3.1.4.1.4",
    ),
    "no-resource-uri": Case(
        {"without": "ResourceURI"}, 2150858811, "Sender", UNREACHABLE, "InvalidResourceURI",
        source="DSP0226 R5.1.2.1-4; ERROR_WSMAN_INVALID_RESOURCE_URI",
    ),
    "locale-insisted-on": Case(
        {"Locale": '<w:Locale xml:lang="de-DE" s:mustUnderstand="true"/>'},
        2150858887, "Sender", UNSUPPORTED, "Locale", source="MS-WSMV 3.1.4.1.8",
    ),
    "data-locale-insisted-on": Case(
        {"DataLocale": '<p:DataLocale xml:lang="de-DE" s:mustUnderstand="true"/>'},
        2150858818, "Sender", UNSUPPORTED, "DataLocale", source="MS-WSMV 3.1.4.1.9",
    ),
    "small-envelope": Case(
        {"MaxEnvelopeSize": _header("w", "MaxEnvelopeSize", "8191")},
        2150858878, "Sender", LIMIT, "MinimumEnvelopeLimit", source="MS-WSMV 3.1.4.1.7",
    ),
    "envelope-of-no-size": Case(
        {"MaxEnvelopeSize": _header("w", "MaxEnvelopeSize", "much")},
        2150858817, "Sender", f"{{{W}}}SchemaValidationError", source="DSP0226 6.2: an xs:long",
    ),
    "timeout-that-is-none": Case(
        {"OperationTimeout": _header("w", "OperationTimeout", "soon")},
        2150858881, "Sender", f"{{{A}}}InvalidMessageInformationHeader",
        source="ERROR_WSMAN_INVALID_TIMEOUT_HEADER",
    ),
    "no-selectors": Case(
        {"selectors": {}}, 2150858842, "Sender", SELECTORS, "InsufficientSelectors", source="DSP0226 5.1.2.2"
    ),
    "another-selector": Case(
        {"selectors": {"Name": "DESK-01", "Domain": "x"}},
        2150858843, "Sender", SELECTORS, "UnexpectedSelectors", source="DSP0226 5.1.2.2",
    ),
    "selector-twice": Case(
        {"selectors": (("Name", "DESK-01"), ("name", "DESK-01"))},
        2150858847, "Sender", SELECTORS, "DuplicateSelectors", source="DSP0226 5.1.2.2, MS-WSMV 3.1.4.1.2",
    ),
    "selector-without-name": Case(
        {"SelectorSet": "<w:SelectorSet><w:Selector>DESK-01</w:Selector></w:SelectorSet>"},
        2150858817, "Sender", f"{{{W}}}SchemaValidationError", source="DSP0226 5.1.2.2",
    ),
    "namespace-selector-differs": Case(
        {"selectors": {"Name": "DESK-01", "__cimnamespace": "root/default"}},
        2150859067, "Receiver", f"{{{W}}}InternalError", source="MS-WSMV note 46",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CASES))
def test_headers(wire: Wire, name: str) -> None:
    case = CASES[name]
    fault = good(wire, **case.changes).fault
    assert (fault.code, fault.role, fault.subcode, fault.detail_uri) == (
        case.code, f"{{{S}}}{case.role}", case.subcode, case.detail,
    )  # fmt: skip


@pytest.mark.parametrize("header", ["<w:Unheard{}>x</w:Unheard>", "<q:Own{} xmlns:q='urn:q'/>", "<Bare{}/>"])
def test_a_mandatory_header_that_is_unknown(wire: Wire, header: str) -> None:
    """SOAP 1.2 5.4.8; an answer of Server 2016 is in pypsrp's tests."""
    assert good(wire, extra=header.format("")).status == 200
    assert good(wire, extra=header.format(' s:mustUnderstand="false"')).status == 200
    fault = good(wire, extra=header.format(' s:mustUnderstand="true"')).fault
    assert (fault.role, fault.subcode, fault.detail) == (f"{{{S}}}MustUnderstand", None, None)
    assert fault.action == f"{A}/fault"
    assert fault.not_understood is not None
    assert (fault.not_understood.get("qname") or "").endswith((":Unheard", ":Own", "Bare"))


def test_headers_that_may_be_mandatory(wire: Wire) -> None:
    # MS-WSMV 3.1.4.1.12 and 3.1.4.1.39; RequestEPR and others do not matter either while they are optional.
    more = (
        '<p:OperationID s:mustUnderstand="true">uuid:1</p:OperationID>'
        '<p:ActivityId s:mustUnderstand="1">x</p:ActivityId>'
    )
    assert good(wire, extra=f"{more}<w:RequestEPR/>").status == 200


def test_headers_that_may_be_left_out(wire: Wire) -> None:
    assert good(wire, without="MaxEnvelopeSize Locale DataLocale OperationTimeout OptionSet").status == 200


def test_names_and_values_of_selectors_have_no_case(wire: Wire) -> None:
    # MS-WSMV 3.1.4.1.2.
    assert good(wire, selectors={"NAME": "desk-01"}).status == 200


@pytest.mark.parametrize("spelling", ["root/cimv2", "ROOT\\CIMV2"])
def test_the_namespace_as_a_selector(wire: Wire, spelling: str) -> None:
    # MS-WSMV note 46: taken when it says the same as the resource URI.
    assert good(wire, selectors={"Name": "DESK-01", "__cimnamespace": spelling}).status == 200


def test_options_that_nobody_knows_are_ignored(wire: Wire) -> None:
    # MS-WSMV note 52, even with mustComply.
    option = '<w:OptionSet s:mustUnderstand="true"><w:Option Name="x" MustComply="true">y</w:Option></w:OptionSet>'
    assert good(wire, OptionSet=option).status == 200


def test_the_reply_fits_into_the_client_s_envelope(wire: Wire) -> None:
    small = _header("w", "MaxEnvelopeSize", "8192")
    reply = wire.send(f"{T}/Create", SHELL, SHELL_BODY, MaxEnvelopeSize=small)
    assert reply.status == 200
    shell = reply.text("ShellId") or ""
    command = wire.shell(
        "Command", shell, "<rsp:CommandLine><rsp:Command>dir /s C:\\Windows</rsp:Command></rsp:CommandLine>"
    )
    wanted = f'<rsp:DesiredStream CommandId="{command.text("CommandId")}">stdout</rsp:DesiredStream>'
    receive = f"<rsp:Receive>{wanted}</rsp:Receive>"
    assert len(wire.shell("Receive", shell, receive, MaxEnvelopeSize=small).body) <= 8192


SHELL_BODY = (
    "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:Shell>"
)


def test_a_larger_reply_than_the_client_takes(wire: Wire) -> None:
    # ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED; DSP0226 R6.2-5.
    small = _header("w", "MaxEnvelopeSize", "8192")
    for number in range(40):
        name = f"{number}{'y' * 250}"
        assert (
            wire.invoke(REGISTRY, "CreateKey", (("hDefKey", HKLM), ("sSubKeyName", f"SOFTWARE\\L\\{name}"))).status
            == 200
        )
    arguments = (("hDefKey", HKLM), ("sSubKeyName", "SOFTWARE\\L"))
    assert len(wire.invoke(REGISTRY, "EnumKey", arguments).texts("sNames")) == 40
    fault = wire.invoke(REGISTRY, "EnumKey", arguments, MaxEnvelopeSize=small).fault
    assert (fault.code, fault.subcode, fault.detail_uri) == (2150858824, LIMIT, "MaxEnvelopeSize")


# Resource and action -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    ["urn:nothing", "http://schemas.microsoft.com/wbem/wsman/1/wmy/root/cimv2/Win32_Process", "x"],
)
def test_a_resource_nobody_has(wire: Wire, resource: str) -> None:
    # MS-WSMV 3.1.4.1.1 lists the prefixes; wsmerror.h.
    fault = wire.get(resource).fault
    assert (fault.code, fault.subcode, fault.detail_uri) == (2150858811, UNREACHABLE, "InvalidResourceURI")


def test_a_shell_resource_nobody_has(wire: Wire) -> None:
    fault = wire.send(f"{T}/Create", f"{RSP}/ksh", SHELL_BODY).fault
    assert (fault.code, fault.subcode) == (2150858811, UNREACHABLE)


@pytest.mark.parametrize(
    ("resource", "status", "hresult"),
    [
        # CIM_ERR_INVALID_CLASS with WBEM_E_INVALID_CLASS (DSP0004; learn.microsoft.com, WMI error constants)
        (f"{WMI}root/cimv2/Win32_Nothing", "5", 0x80041010),
        (f"{WMI}root/nowhere/Win32_Process", "5", 0x80041010),
    ],
)
def test_a_class_nobody_has(wire: Wire, resource: str, status: str, hresult: int) -> None:
    fault = wire.get(resource, Handle="4").fault
    assert (fault.of_wmi("CIMStatusCode"), fault.of_wmi("error_Code")) == (status, str(hresult))


def test_an_instance_that_is_not_there(wire: Wire) -> None:
    # CIM_ERR_NOT_FOUND with WBEM_E_NOT_FOUND.
    fault = wire.get(PROCESS, Handle="999999").fault
    assert (fault.of_wmi("CIMStatusCode"), fault.of_wmi("error_Code")) == ("6", str(0x80041002))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        (f"{T}/Fetch", SYSTEM),
        (f"{N}/Skip", f"{WMI}root/cimv2/*"),
        (f"{RSP}/Jump", SHELL),
        ("urn:x", SYSTEM),
        (f"{PROCESS}/GetOwner", SYSTEM),
        (f"{T}/Put", "http://schemas.microsoft.com/wbem/wsman/1/config"),
    ],
)
def test_an_action_nobody_has(wire: Wire, action: str, resource: str) -> None:
    fault = wire.send(action, resource, "<n:Skip/>", selectors={"Name": "DESK-01"}).fault
    assert (fault.code, fault.role, fault.subcode) == (2150858771, f"{{{S}}}Sender", f"{{{A}}}ActionNotSupported")
    assert fault.action == f"{A}/fault"


def test_a_method_nobody_has(wire: Wire) -> None:
    # CIM_ERR_METHOD_NOT_FOUND (DSP0004) with WBEM_E_METHOD_NOT_IMPLEMENTED's neighbour WBEM_E_INVALID_METHOD.
    fault = wire.invoke(REGISTRY, "GetWordValue", KEY).fault
    assert (fault.of_wmi("CIMStatusCode"), fault.of_wmi("error_Code")) == ("17", str(0x8004102E))


# Methods -----------------------------------------------------------------------------------------


def test_arguments_that_are_right(wire: Wire) -> None:
    reply = wire.invoke(REGISTRY, "EnumKey", KEY)
    assert reply.text("ReturnValue") == "0"
    assert "Windows NT" in reply.texts("sNames")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (KEY[:1], "sSubKeyName"),
        ((("hDefKey", "HKLM"), KEY[1]), "hDefKey"),
        ((("hDefKey", -1), KEY[1]), "hDefKey"),
        ((("hDefKey", 2**32), KEY[1]), "hDefKey"),
        ((*KEY, ("sName", "x")), "sName"),
        ((*KEY, KEY[1]), "sSubKeyName"),
    ],
    ids=["missing", "text for a number", "negative", "too large", "unknown", "twice"],
)
def test_arguments_that_are_wrong(wire: Wire, arguments: Any, what: str) -> None:
    # CIM_ERR_INVALID_PARAMETER with WBEM_E_INVALID_PARAMETER, as real hosts answer (client issue trackers).
    fault = wire.invoke(REGISTRY, "EnumKey", arguments).fault
    assert (fault.of_wmi("CIMStatusCode"), fault.of_wmi("error_Code")) == ("4", str(0x80041008))
    assert what in fault.reason


def test_selectors_of_a_static_method(wire: Wire) -> None:
    fault = wire.invoke(REGISTRY, "EnumKey", KEY, selectors={"x": "y"}).fault
    assert (fault.code, fault.detail_uri) == (2150858843, "UnexpectedSelectors")


def test_a_method_of_an_instance_needs_its_keys(wire: Wire) -> None:
    fault = wire.invoke(PROCESS, "GetOwner").fault
    assert (fault.code, fault.detail_uri) == (2150858842, "InsufficientSelectors")


@pytest.mark.parametrize(
    "body",
    [
        "",
        f'<m:EnumKey xmlns:m="{REGISTRY}"/>',
        '<m:EnumKey_INPUT xmlns:m="urn:else"/>',
        f'<m:EnumKey_INPUT xmlns:m="{REGISTRY}"/><m:EnumKey_INPUT xmlns:m="{REGISTRY}"/>',
        f'<m:EnumKey_INPUT xmlns:m="{REGISTRY}"><hDefKey>1</hDefKey></m:EnumKey_INPUT>',
    ],
    ids=["none", "another name", "another namespace", "two", "arguments without namespace"],
)
def test_a_body_that_is_no_input(wire: Wire, body: str) -> None:
    # DSP0230 10.3 names the element; ERROR_WSMAN_SCHEMA_VALIDATION_ERROR.
    fault = wire.send(f"{REGISTRY}/EnumKey", REGISTRY, body).fault
    assert (fault.code, fault.subcode) == (2150858817, f"{{{W}}}SchemaValidationError")


def test_a_null_argument_counts_as_missing(wire: Wire) -> None:
    inner = '<m:hDefKey>2147483650</m:hDefKey><m:sSubKeyName xsi:nil="true"/>'
    body = f'<m:EnumKey_INPUT xmlns:m="{REGISTRY}">{inner}</m:EnumKey_INPUT>'
    assert "sSubKeyName" in wire.send(f"{REGISTRY}/EnumKey", REGISTRY, body).fault.reason


def test_a_put_of_something_else(wire: Wire) -> None:
    # WS-Transfer InvalidRepresentation (DSP0226 14.6; wsmerror.h).
    profile = f"{WMI}root/StandardCimv2/MSFT_NetFirewallProfile"
    fault = wire.send(
        f"{T}/Put", profile, f'<m:Other xmlns:m="{profile}"/>',
        selectors={"InstanceID": "MSFT|FW|FirewallProfile|Domain"},
    ).fault  # fmt: skip
    assert (fault.code, fault.subcode) == (2150858773, f"{{{T}}}InvalidRepresentation")
    assert fault.action == f"{T}/fault"
