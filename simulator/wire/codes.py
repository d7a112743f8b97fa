# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codes of WSManFault as wsmerror.h (Windows SDK) names them, with each one's SOAP role, subcode and detail."""

from __future__ import annotations

from ..seam import (
    ACCESS_DENIED,
    ACTION_NOT_SUPPORTED,
    ALREADY_EXISTS,
    CANNOT_PROCESS_FILTER,
    INVALID_PARAMETER,
    INVALID_SELECTORS,
    NOT_FOUND,
    OPERATION_TIMED_OUT,
    CimError,
)

INVALID_PARAMETER_WIN32 = 87  # ERROR_INVALID_PARAMETER, winerror.h
INVALID_HEADER = 2150858767  # ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER
MUST_UNDERSTAND = 2150858768  # ERROR_WSMAN_SOAP_FAULT_MUST_UNDERSTAND
HEADER_REQUIRED = 2150858769  # ERROR_WSMAN_MESSAGE_INFORMATION_HEADER_REQUIRED
INVALID_REPRESENTATION = 2150858773
FILTER_DIALECT = 2150858777  # ERROR_WSMAN_ENUMERATE_FILTER_DIALECT_REQUESTED_UNAVAILABLE
INVALID_CONTEXT = 2150858779  # ERROR_WSMAN_ENUMERATE_INVALID_ENUMERATION_CONTEXT
INVALID_RESOURCE_URI = 2150858811
SCHEMA_VALIDATION = 2150858817
UNSUPPORTED_FEATURE = 2150858818
ENVELOPE_EXCEEDED = 2150858824  # ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED
TYPE_MISMATCH = 2150858836  # ERROR_WSMAN_PARAMETER_TYPE_MISMATCH
UNKNOWN_PARAMETER = 2150858837  # ERROR_WSMAN_INVALID_PARAMETER_NAME
INSUFFICIENT_SELECTORS = 2150858842
UNEXPECTED_SELECTORS = 2150858843
"""Also what a shell that is gone is answered with: pypsrp and pywinrm keep such answers as test data."""
DUPLICATE_SELECTORS = 2150858847
ADDRESSING_MODE = 2150858870  # ERROR_WSMAN_UNSUPPORTED_ADDRESSING_MODE
ENVELOPE_TOO_SMALL = 2150858878  # ERROR_WSMAN_MIN_ENVELOPE_SIZE
INVALID_TIMEOUT = 2150858881  # ERROR_WSMAN_INVALID_TIMEOUT_HEADER
ENUMERATION_MODE = 2150858886  # ERROR_WSMAN_ENUMERATION_MODE_UNSUPPORTED
LOCALE_MUST_UNDERSTAND = 2150858887  # ERROR_WSMAN_MUSTUNDERSTAND_ON_LOCALE_UNSUPPORTED
QUERY_NEEDS_STAR = 2150859003  # ERROR_WSMAN_INVALID_URI_WMI_ENUM_WQL
DIFFERENT_NAMESPACE = 2150859067  # ERROR_WSMAN_DIFFERENT_CIM_SELECTOR
QUOTA_SHELLS = 2150859173
QUOTA_PROCESSES = 1816  # ERROR_NOT_ENOUGH_QUOTA, winerror.h; MS-WSMV 2.2.4.42 says wsman:InternalError and no code
QUOTA_OPERATIONS = 2150859174

FAULTS = {
    ACCESS_DENIED: ("Sender", "w:AccessDenied", ""),
    NOT_FOUND: ("Sender", "a:DestinationUnreachable", "InvalidResourceURI"),
    INVALID_RESOURCE_URI: ("Sender", "a:DestinationUnreachable", "InvalidResourceURI"),
    ACTION_NOT_SUPPORTED: ("Sender", "a:ActionNotSupported", ""),
    ALREADY_EXISTS: ("Sender", "w:AlreadyExists", ""),
    CANNOT_PROCESS_FILTER: ("Sender", "n:CannotProcessFilter", ""),
    QUERY_NEEDS_STAR: ("Sender", "n:CannotProcessFilter", ""),
    FILTER_DIALECT: ("Sender", "n:FilterDialectRequestedUnavailable", ""),
    INVALID_CONTEXT: ("Receiver", "n:InvalidEnumerationContext", ""),
    ENUMERATION_MODE: ("Sender", "w:UnsupportedFeature", "EnumerationMode"),
    INVALID_PARAMETER: ("Sender", "w:InvalidParameter", "InvalidValue"),
    INVALID_PARAMETER_WIN32: ("Sender", "w:InvalidParameter", "InvalidValue"),
    TYPE_MISMATCH: ("Sender", "w:InvalidParameter", "TypeMismatch"),
    UNKNOWN_PARAMETER: ("Sender", "w:InvalidParameter", "InvalidName"),
    INVALID_REPRESENTATION: ("Sender", "x:InvalidRepresentation", ""),
    INVALID_SELECTORS: ("Sender", "w:InvalidSelectors", ""),
    INSUFFICIENT_SELECTORS: ("Sender", "w:InvalidSelectors", "InsufficientSelectors"),
    UNEXPECTED_SELECTORS: ("Sender", "w:InvalidSelectors", "UnexpectedSelectors"),
    DUPLICATE_SELECTORS: ("Sender", "w:InvalidSelectors", "DuplicateSelectors"),
    OPERATION_TIMED_OUT: ("Receiver", "w:TimedOut", ""),
    ENVELOPE_TOO_SMALL: ("Sender", "w:EncodingLimit", "MinimumEnvelopeLimit"),
    ENVELOPE_EXCEEDED: ("Sender", "w:EncodingLimit", "MaxEnvelopeSize"),
    SCHEMA_VALIDATION: ("Sender", "w:SchemaValidationError", ""),
    INVALID_HEADER: ("Sender", "a:InvalidMessageInformationHeader", ""),
    HEADER_REQUIRED: ("Sender", "a:MessageInformationHeaderRequired", ""),
    INVALID_TIMEOUT: ("Sender", "a:InvalidMessageInformationHeader", ""),
    ADDRESSING_MODE: ("Sender", "w:UnsupportedFeature", "AddressingMode"),
    LOCALE_MUST_UNDERSTAND: ("Sender", "w:UnsupportedFeature", "Locale"),
    UNSUPPORTED_FEATURE: ("Sender", "w:UnsupportedFeature", "DataLocale"),
    QUOTA_SHELLS: ("Sender", "w:QuotaLimit", ""),
}
"""Code -> role, subcode and FaultDetail (DSP0226 14.6; the comments in wsmerror.h name role and subcode too).

Checked against answers of Windows that other projects keep as test data: pypsrp's tests (shell faults, a header that
is not understood), microsoft/omi's wsman tests (resource not found, timeout).
"""


class NotUnderstood(CimError):
    """A mandatory header was not understood (SOAP 1.2 5.4.8).

    Args:
        tag: The header's name in Clark notation.
    """

    def __init__(self, tag: str) -> None:
        super().__init__(
            MUST_UNDERSTAND,
            "The WS-Management service cannot process a SOAP header in the request that is marked as mustUnderstand "
            "by the client.  This could be caused by the use of a version of the protocol which is not supported, or "
            "may be an incompatibility  between the client and server implementations. ",
        )
        self.tag = tag


class ShellFault(CimError):
    """What is wrong with a request to a shell, also with its XML (MS-WSMV note 89).

    pypsrp keeps such an answer of Server 2016 as test data.
    """

    def __init__(self) -> None:
        super().__init__(INVALID_PARAMETER_WIN32, "The parameter is incorrect. ")
