# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP faults as errors that say what to do.

Codes: MS-WSMV 2.2.4.43 and winerror.h; the quota codes were also seen in public captures of WinRM clients.
"""

from __future__ import annotations

from .._errors import AccessDenied, NotFound, OperationTimeout, QuotaExceeded, WsmanFault
from .reply import Element, child, descendants, text_of

OPERATION_TIMEOUT = 2150858793  # ERROR_WSMAN_OPERATION_TIMEDOUT
SHELL_NOT_FOUND = 2150858843
_QUOTAS = frozenset({2150859173, 2150859174})  # shells, operations per user
_NOT_FOUND = frozenset({2150858752, 0x80041002, 0x80070002, 0x80070490})
_DENIED = frozenset({5, 0x80070005, 0x80041003})
_CIM_NOT_FOUND = 6
_CIM_DENIED = 2

_DENIED_HINT = (
    "The account must be an administrator of the host. A local administrator other than the built-in one is "
    "filtered by UAC over the network: set LocalAccountTokenFilterPolicy to 1 or use a domain account."
)
_QUOTA_HINT = "Wait for other WinRM users of this account to finish, or raise the quota (winrm get winrm/config)."


def _number(text: str | None) -> int:
    """A code in decimal or, with 0x, hexadecimal; signed HRESULTs become unsigned; 0 when it is none."""
    try:
        return int((text or "").strip(), 0) & 0xFFFFFFFF
    except ValueError:
        return 0


def _codes(fault: Element) -> list[int]:
    """All codes of a fault, the most specific (the provider's own) first."""
    found = [_number(text_of(item)) for item in descendants(fault, "error_Code")]
    found += [_number(item.get("Code")) for item in descendants(fault, "WSManFault")]
    return [code for code in found if code]


def _subcodes(fault: Element) -> str:
    return " ".join(text_of(item) for item in descendants(fault, "Value"))


def _reason(fault: Element) -> str:
    """The host's own words, first the provider's, then the protocol's; one line, not too long."""
    texts = [text_of(item) for name in ("Message", "Text") for item in descendants(fault, name)]
    words = " ".join(next((text for text in texts if text), "no reason given").split())
    return words if len(words) <= 300 else f"{words[:297]}..."


def fault_error(body: Element, *, what: str, host: str) -> WsmanFault | None:
    """The error for a reply body that holds a fault, or ``None``.

    Args:
        body: SOAP body of a reply.
        what: What was tried, for the message.
        host: The host, for the message.
    """
    fault = child(body, "Fault")
    if fault is None:
        return None
    codes = _codes(fault)
    cim_status = next((_number(text_of(item)) for item in descendants(fault, "CIMStatusCode")), 0)
    known, subcodes = set(codes), _subcodes(fault)
    kind: type[WsmanFault] = WsmanFault
    hint: str | None = None
    if OPERATION_TIMEOUT in known or "TimedOut" in subcodes:
        kind = OperationTimeout
    elif known & _QUOTAS or "QuotaLimit" in subcodes:
        kind, hint = QuotaExceeded, _QUOTA_HINT
    elif known & _DENIED or "AccessDenied" in subcodes or cim_status == _CIM_DENIED:
        kind, hint = AccessDenied, _DENIED_HINT
    elif known & _NOT_FOUND or cim_status == _CIM_NOT_FOUND:
        kind = NotFound
    code = codes[0] if codes else 0
    message = f"{what} was refused (0x{code:08X}): {_reason(fault)}"
    return kind(message, code=code, cim_status=cim_status, host=host, hint=hint)
