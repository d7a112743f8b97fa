# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults as Windows lays them out (MS-WSMV 2.2.4.43 WSManFault, DSP0226 14.6)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ..seam import ACCESS_DENIED, CimError
from .codes import FAULTS, QUOTA_OPERATIONS, NotUnderstood, ShellFault
from .soap import WMI, A, F, N, T, W, envelope

# CIM status (DSP0004) -> WBEM_E_* (learn.microsoft.com, WMI error constants): what error_Code holds.
_HRESULTS = {
    1: 0x80041001,
    2: 0x80041003,
    3: 0x8004100E,
    4: 0x80041008,
    5: 0x80041010,
    6: 0x80041002,
    7: 0x8004100C,
    11: 0x80041019,
    15: 0x80041017,
    17: 0x8004102E,
    27: QUOTA_OPERATIONS,
}
_WSMAN_FACILITY = 0x8033
_CIM_SCHEMA = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
_NIL = 'xsi:nil="true"'
_FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
_ACTIONS = {"a": f"{A}/fault", "n": f"{N}/fault", "x": f"{T}/fault"}
"""Action of a fault by its subcode's prefix: each specification has its own (DSP0226 14.6)."""
_WSMAN_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"


@dataclass(frozen=True)
class FaultStyle:
    """How this host lays faults out.

    Attributes:
        machine: What it calls itself.
        provider: `wmi-error` or `extended-status`: both are in public captures, of one provider or another.
    """

    machine: str
    provider: str = "wmi-error"


def quota_operations() -> CimError:
    """The user's operations are used up; a public capture has it as CIM status 27 in MSFT_WmiError."""
    return CimError(
        QUOTA_OPERATIONS,
        "The WS-Management service cannot process the request. The maximum number of concurrent operations for "
        "this user has been exceeded. Close existing operations for this user, or raise the quota for this user. ",
        cim_status=27,
    )


def fault(error: CimError, relates_to: str, style: FaultStyle, namespace: str = "") -> bytes:
    """The reply envelope for a refusal.

    Args:
        error: The refusal.
        relates_to: MessageID of the request, as far as it was read.
        style: The host's way.
        namespace: CIM namespace of the request, for a provider's refusal.
    """
    message = escape(error.message)
    if isinstance(error, NotUnderstood):
        return _not_understood(error, message, relates_to)
    if error.cim_status == 27 or (error.cim_status and style.provider == "wmi-error"):
        detail = _wmi_error(error, message, namespace)
        role, subcode = "Receiver", "w:InternalError"
    else:
        role, subcode, uri = FAULTS.get(error.code, ("Receiver", error.subcode or "w:InternalError", ""))
        detail = f"<w:FaultDetail>{_FAULT_DETAIL}{uri}</w:FaultDetail>" if uri else ""
        detail += _wsman_fault(error, message, style, namespace)
    body = (
        f"<s:Fault><s:Code><s:Value>s:{role}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{message}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>'
    )
    return envelope(_ACTIONS.get(subcode.partition(":")[0], _WSMAN_ACTION), relates_to, body)


def _not_understood(error: NotUnderstood, message: str, relates_to: str) -> bytes:
    """The header's name is in a header of the answer, and there is no detail (SOAP 1.2 5.4.8)."""
    uri, _, name = error.tag.removeprefix("{").rpartition("}")
    prefix = "wsman" if uri == W else "q"
    named = f'qname="{prefix}:{name}" xmlns:{prefix}={quoteattr(uri)}' if uri else f'qname="{name}"'
    header = f"<s:NotUnderstood {named}/>"
    body = (
        "<s:Fault><s:Code><s:Value>s:MustUnderstand</s:Value></s:Code>"
        f'<s:Reason><s:Text xml:lang="">{message}</s:Text></s:Reason></s:Fault>'
    )
    return envelope(_ACTIONS["a"], relates_to, body, header)


def _hresult(error: CimError) -> int:
    """The provider's own code: WBEM_E_* for a CIM status, unless the provider gave an HRESULT itself."""
    if error.code >> 16 == _WSMAN_FACILITY or error.code == ACCESS_DENIED:
        return _HRESULTS.get(error.cim_status, 0x80041001)
    return error.code


def _class_uri(namespace: str, name: str) -> str:
    """Of a class in a fault: those of root/cimv2 are under the common schema's URI in public captures."""
    lower = namespace.lower()
    return f"{_CIM_SCHEMA}{name}" if lower in ("", "root/cimv2") else f"{WMI}{lower}/{name}"


def _wmi_error(error: CimError, message: str, namespace: str) -> str:
    uri = _class_uri(namespace, "MSFT_WmiError")
    hresult = _hresult(error)
    return (
        '<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:p="{uri}" '
        'xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:MSFT_WmiError_Type">'
        f'<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">{error.cim_status}</p:CIMStatusCode>'
        f'<p:CIMStatusCodeDescription xsi:type="cim:cimString" {_NIL}/>'
        f'<p:ErrorSource xsi:type="cim:cimString" {_NIL}/>'
        '<p:ErrorType xsi:type="cim:cimUnsignedShort">0</p:ErrorType>'
        f'<p:Message xsi:type="cim:cimString">{message}</p:Message>'
        f'<p:MessageID xsi:type="cim:cimString">HRESULT 0x{hresult:08x}</p:MessageID>'
        f'<p:error_Code xsi:type="cim:cimUnsignedInt">{hresult}</p:error_Code>'
        '<p:error_Type xsi:type="cim:cimString">HRESULT</p:error_Type>'
        f'<p:error_WindowsErrorMessage xsi:type="cim:cimString">{message}</p:error_WindowsErrorMessage>'
        "</p:MSFT_WmiError>"
    )


def _wsman_fault(error: CimError, message: str, style: FaultStyle, namespace: str) -> str:
    machine = quoteattr(style.machine)
    inner = message
    if isinstance(error, ShellFault):
        inner = (
            '<f:ProviderFault provider="Shell cmd plugin" path="%systemroot%\\system32\\winrscmd.dll">'
            f"{message}</f:ProviderFault>"
        )
    elif error.cim_status:
        status = _class_uri(namespace, "__ExtendedStatus")
        inner = (
            '<f:ProviderFault provider="WMI Provider" path="%systemroot%\\system32\\WsmWmiPl.dll">'
            f'<f:WSManFault xmlns:f="{F}" Code="{error.code}" Machine={machine}><f:Message>{message}</f:Message>'
            "</f:WSManFault><f:ExtendedError>"
            f'<p:__ExtendedStatus xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="{status}" '
            'xsi:type="p:__ExtendedStatus_Type">'
            f"<p:Description {_NIL}/><p:Operation>Provider</p:Operation><p:ParameterInfo {_NIL}/>"
            f"<p:ProviderName>WinMgmt</p:ProviderName><p:StatusCode {_NIL}/></p:__ExtendedStatus>"
            "</f:ExtendedError></f:ProviderFault>"
        )
    return (
        f'<f:WSManFault xmlns:f="{F}" Code="{error.code}" Machine={machine}><f:Message>{inner}</f:Message>'
        "</f:WSManFault>"
    )
