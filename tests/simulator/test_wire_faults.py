# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How faults look: like the answers of Windows that other projects keep as test data.

Those are pypsrp's (a shell fault of Server 2016, a header that is not understood), microsoft/omi's wsman tests (a
timeout, an instance that is not there, of Server 2012 R2) and pywinrm's (MSFT_WmiError for a quota).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.quirks import QUIRKS
from simulator.seam import CimError
from simulator.wire import codes
from simulator.wire.faults import FaultStyle, fault
from tests.simulator.wire_rig import PLAIN, RSP, SHELL, WMI, WQL, A, F, Fault, N, Reply, S, T, W, Wire, local

Make = Callable[..., Any]
PROCESS = f"{WMI}root/cimv2/Win32_Process"
RULE = f"{WMI}root/StandardCimv2/MSFT_NetFirewallRule"
NO_RULE = {"CreationClassName": "x", "PolicyRuleName": "", "SystemCreationClassName": "", "SystemName": ""}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@pytest.fixture
def open_wire(make_pool: Make) -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(**quirks: Any) -> Wire:
        pool = make_pool({**PLAIN, "quirks": {"allow_unencrypted": True, **quirks}})
        made.append(Wire(pool))
        return made[-1]

    yield make
    for wire in made:
        wire.close()


def order(found: Fault) -> list[str]:
    """The names in a fault's detail."""
    assert found.detail is not None
    return [local(item) for item in found.detail]


# The service's own -------------------------------------------------------------------------------


def test_parts_and_their_order(open_wire: Callable[..., Wire]) -> None:
    reply = open_wire().send(f"{T}/Get", PROCESS)
    assert [local(item) for item in reply.content] == ["Code", "Reason", "Detail"]
    found = reply.fault
    assert order(found) == ["FaultDetail", "WSManFault"]
    assert found.action == "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
    assert found.wsman is not None
    assert found.wsman.get("Machine") == "desk-01"
    assert (found.wsman.findtext(f"{{{F}}}Message") or "").startswith("The request did not contain all")
    assert found.reason == found.wsman.findtext(f"{{{F}}}Message")


@pytest.mark.parametrize("code", sorted(codes.FAULTS))
def test_every_code_has_its_fault(code: int) -> None:
    """Role, subcode and detail of the table come out; a fault's action is its own specification's."""
    role, subcode, detail = codes.FAULTS[code]
    made = Reply(500, {}, fault(CimError(code, "Why & <how>"), "uuid:1", FaultStyle("desk"))).fault
    prefix, _, name = subcode.partition(":")
    namespace = {"a": A, "w": W, "n": N, "x": T}[prefix]
    assert (made.code, made.role, made.subcode) == (code, f"{{{S}}}{role}", f"{{{namespace}}}{name}")
    assert (made.detail_uri, made.reason, made.relates_to) == (detail, "Why & <how>", "uuid:1")
    action = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault" if prefix == "w" else f"{namespace}/fault"
    assert made.action == action


def test_codes_are_those_of_the_sdk() -> None:
    # wsmerror.h numbers from 0x80338000 on; the order of names there.
    known = {
        "INVALID_HEADER": 0x8033800F, "MUST_UNDERSTAND": 0x80338010, "HEADER_REQUIRED": 0x80338011,
        "INVALID_REPRESENTATION": 0x80338015, "FILTER_DIALECT": 0x80338019, "INVALID_CONTEXT": 0x8033801B,
        "OPERATION_TIMED_OUT": 0x80338029, "INVALID_RESOURCE_URI": 0x8033803B, "SCHEMA_VALIDATION": 0x80338041,
        "UNSUPPORTED_FEATURE": 0x80338042,
        "ENVELOPE_EXCEEDED": 0x80338048, "TYPE_MISMATCH": 0x80338054, "UNKNOWN_PARAMETER": 0x80338055,
        "INSUFFICIENT_SELECTORS": 0x8033805A, "UNEXPECTED_SELECTORS": 0x8033805B, "DUPLICATE_SELECTORS": 0x8033805F,
        "ADDRESSING_MODE": 0x80338076, "ENVELOPE_TOO_SMALL": 0x8033807E, "INVALID_TIMEOUT": 0x80338081,
        "ENUMERATION_MODE": 0x80338086, "LOCALE_MUST_UNDERSTAND": 0x80338087, "QUERY_NEEDS_STAR": 0x803380FB,
        "DIFFERENT_NAMESPACE": 0x8033813B, "QUOTA_SHELLS": 0x803381A5, "QUOTA_OPERATIONS": 0x803381A6,
        "NOT_FOUND": 0x80338000, "ACTION_NOT_SUPPORTED": 0x80338013, "CANNOT_PROCESS_FILTER": 0x8033801A,
        "ALREADY_EXISTS": 0x80338033, "INVALID_PARAMETER": 0x8033803A, "INVALID_SELECTORS": 0x8033803D,
    }  # fmt: skip
    assert {name: hex(getattr(codes, name)) for name in known} == {name: hex(code) for name, code in known.items()}


# The shell's -------------------------------------------------------------------------------------


def test_the_shell_s_plugin(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire()
    shell = wire.open_shell().text("ShellId") or ""
    found = wire.shell("Signal", shell, f"<rsp:Signal><rsp:Code>{RSP}/signal/terminate</rsp:Code></rsp:Signal>").fault
    assert (found.code, found.role, found.subcode) == (87, f"{{{S}}}Sender", f"{{{W}}}InvalidParameter")
    assert (found.detail_uri, found.reason) == ("InvalidValue", "The parameter is incorrect. ")
    assert found.provider is not None
    assert dict(found.provider.attrib) == {
        "provider": "Shell cmd plugin", "path": "%systemroot%\\system32\\winrscmd.dll",
    }  # fmt: skip
    assert found.provider.text == "The parameter is incorrect. "


def test_a_shell_that_is_not_there(open_wire: Callable[..., Wire]) -> None:
    found = open_wire().send(f"{T}/Delete", SHELL, selectors={"ShellId": "11111111-1111-1111-1111-111111111111"}).fault
    assert (found.code, found.subcode, found.detail_uri) == (
        2150858843, f"{{{W}}}InvalidSelectors", "UnexpectedSelectors",
    )  # fmt: skip
    assert "11111111-1111-1111-1111-111111111111" in found.reason


def test_nothing_to_receive_in_time(open_wire: Callable[..., Wire]) -> None:
    wire = open_wire()
    shell = wire.open_shell().text("ShellId") or ""
    line = "<rsp:CommandLine><rsp:Command>findstr .</rsp:Command></rsp:CommandLine>"
    command = wire.shell("Command", shell, line).text("CommandId")
    wanted = f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout</rsp:DesiredStream></rsp:Receive>'
    short = "<w:OperationTimeout>PT0.05S</w:OperationTimeout>"
    found = wire.shell("Receive", shell, wanted, OperationTimeout=short).fault
    assert (found.code, found.role, found.subcode) == (2150858793, f"{{{S}}}Receiver", f"{{{W}}}TimedOut")
    assert order(found) == ["WSManFault"]


# A WMI provider's, in both its forms -------------------------------------------------------------


def test_a_provider_s_refusal_as_an_instance(open_wire: Callable[..., Wire]) -> None:
    found = open_wire(provider_fault="wmi-error").get(PROCESS, Handle="999999").fault
    assert (found.role, found.subcode) == (f"{{{S}}}Receiver", f"{{{W}}}InternalError")
    assert order(found) == ["MSFT_WmiError"]
    assert found.wmi is not None
    # pywinrm looks for it in this namespace.
    assert found.wmi.tag == "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError}MSFT_WmiError"
    assert found.wmi.get("{http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd}IsCIM_Error") == "true"
    assert found.of_wmi("CIMStatusCode") == "6"
    assert found.of_wmi("error_Code") == "2147749890"
    assert found.of_wmi("MessageID") == "HRESULT 0x80041002"
    assert found.of_wmi("Message") == found.reason


def test_the_instance_has_the_namespace_of_its_provider(open_wire: Callable[..., Wire]) -> None:
    found = open_wire().get(RULE, **NO_RULE).fault
    assert found.wmi is not None
    assert found.wmi.tag == f"{{{WMI}root/standardcimv2/MSFT_WmiError}}MSFT_WmiError"


def test_a_provider_s_refusal_as_an_extended_status(open_wire: Callable[..., Wire]) -> None:
    found = open_wire(provider_fault="extended-status").get(PROCESS, Handle="29").fault
    assert (found.code, found.role, found.subcode) == (2150858752, f"{{{S}}}Sender", f"{{{A}}}DestinationUnreachable")
    assert found.detail_uri == "InvalidResourceURI"
    assert found.action == f"{A}/fault"
    assert found.provider is not None
    assert found.provider.get("provider") == "WMI Provider"
    assert (found.provider.get("path") or "").endswith("WsmWmiPl.dll")
    assert [local(item) for item in found.provider] == ["WSManFault", "ExtendedError"]
    assert found.provider[0].get("Code") == "2150858752"
    status = found.provider[1][0]
    assert status.tag == "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/__ExtendedStatus}__ExtendedStatus"
    assert [local(item) for item in status] == [
        "Description", "Operation", "ParameterInfo", "ProviderName", "StatusCode",
    ]  # fmt: skip
    assert status[0].get(NIL) == "true"
    assert (status.get(XSI_TYPE) or "").endswith("__ExtendedStatus_Type")


@pytest.mark.parametrize("form", QUIRKS["provider_fault"])
def test_the_quota_of_operations_is_always_an_instance(
    open_wire: Callable[..., Wire], make_pool: Make, form: str
) -> None:
    pool = make_pool(
        {**PLAIN, "quirks": {"allow_unencrypted": True, "provider_fault": form}, "faults": {"quota": True}}
    )
    wire = Wire(pool)
    found = wire.get(PROCESS, Handle="4").fault
    wire.close()
    assert (found.of_wmi("CIMStatusCode"), found.of_wmi("error_Code")) == ("27", "2150859174")


@pytest.mark.parametrize("form", QUIRKS["provider_fault"])
def test_a_query_that_is_wrong(open_wire: Callable[..., Wire], form: str) -> None:
    # CIM_ERR_INVALID_QUERY with WBEM_E_INVALID_QUERY.
    found = open_wire(provider_fault=form).query("SELECT FROM WHERE").fault
    if form == "wmi-error":
        assert (found.of_wmi("CIMStatusCode"), found.of_wmi("error_Code")) == ("15", str(0x80041017))
    else:
        assert (found.code, found.subcode) == (2150858778, f"{{{N}}}CannotProcessFilter")
        assert found.provider is not None


def test_what_a_client_sends_is_escaped(open_wire: Callable[..., Wire]) -> None:
    found = open_wire().invoke(f"{WMI}root/cimv2/StdRegProv", "EnumKey", [("hDefKey", "<b>&amp;")]).fault
    assert "hDefKey" in found.reason
    assert open_wire().query("SELECT * FROM A", dialect=f"{WQL}&quot;&lt;").fault.code == 2150858777
