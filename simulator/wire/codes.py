# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codes of WSManFault as wsmerror.h (Windows SDK) names them, with each one's SOAP role and subcode."""

from __future__ import annotations

from ..seam import (
    ACCESS_DENIED,
    ACTION_NOT_SUPPORTED,
    ALREADY_EXISTS,
    CANNOT_PROCESS_FILTER,
    INVALID_PARAMETER,
    INVALID_SELECTORS,
    NOT_FOUND,
)

MUST_UNDERSTAND = 2150858768  # ERROR_WSMAN_SOAP_FAULT_MUST_UNDERSTAND
HEADER_REQUIRED = 2150858769  # ERROR_WSMAN_MESSAGE_INFORMATION_HEADER_REQUIRED
INVALID_REPRESENTATION = 2150858773
FILTER_DIALECT = 2150858777  # ERROR_WSMAN_ENUMERATE_FILTER_DIALECT_REQUESTED_UNAVAILABLE
INVALID_CONTEXT = 2150858779  # ERROR_WSMAN_ENUMERATE_INVALID_ENUMERATION_CONTEXT
OPERATION_TIMED_OUT = 2150858793
UNSUPPORTED_ENCODING = 2150858796
INVALID_RESOURCE_URI = 2150858811
SCHEMA_VALIDATION = 2150858817
ENVELOPE_TOO_SMALL = 2150858823  # ERROR_WSMAN_MAX_ENVELOPE_SIZE
ENVELOPE_EXCEEDED = 2150858824  # ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED
TYPE_MISMATCH = 2150858836  # ERROR_WSMAN_PARAMETER_TYPE_MISMATCH
UNKNOWN_PARAMETER = 2150858837  # ERROR_WSMAN_INVALID_PARAMETER_NAME
INSUFFICIENT_SELECTORS = 2150858842
UNEXPECTED_SELECTORS = 2150858843
"""Also what a shell that is gone is answered with: 0x8033805B in WinRM clients' issue trackers."""
DUPLICATE_SELECTORS = 2150858847
TIMEOUT_NOT_SUPPORTED = 2150858854
LOCALE_NOT_SUPPORTED = 2150858855
ADDRESSING_MODE = 2150858870  # ERROR_WSMAN_UNSUPPORTED_ADDRESSING_MODE
QUOTA_SHELLS = 2150859173
QUOTA_OPERATIONS = 2150859174

# Code of WSManFault -> role and subcode (DSP0226 14.6; the timeout as in public captures).
SUBCODES = {
    ACCESS_DENIED: ("Sender", "w:AccessDenied"),
    NOT_FOUND: ("Sender", "a:DestinationUnreachable"),
    INVALID_RESOURCE_URI: ("Sender", "a:DestinationUnreachable"),
    ACTION_NOT_SUPPORTED: ("Sender", "a:ActionNotSupported"),
    ALREADY_EXISTS: ("Sender", "w:AlreadyExists"),
    CANNOT_PROCESS_FILTER: ("Sender", "n:CannotProcessFilter"),
    FILTER_DIALECT: ("Sender", "n:FilterDialectRequestedUnavailable"),
    INVALID_CONTEXT: ("Receiver", "n:InvalidEnumerationContext"),
    INVALID_PARAMETER: ("Sender", "w:InvalidParameter"),
    TYPE_MISMATCH: ("Sender", "w:InvalidParameter"),
    UNKNOWN_PARAMETER: ("Sender", "w:InvalidParameter"),
    INVALID_REPRESENTATION: ("Sender", "x:InvalidRepresentation"),
    INVALID_SELECTORS: ("Sender", "w:InvalidSelectors"),
    INSUFFICIENT_SELECTORS: ("Sender", "w:InvalidSelectors"),
    UNEXPECTED_SELECTORS: ("Sender", "w:InvalidSelectors"),
    DUPLICATE_SELECTORS: ("Sender", "w:InvalidSelectors"),
    OPERATION_TIMED_OUT: ("Receiver", "w:TimedOut"),
    UNSUPPORTED_ENCODING: ("Sender", "w:EncodingLimit"),
    ENVELOPE_TOO_SMALL: ("Sender", "w:EncodingLimit"),
    ENVELOPE_EXCEEDED: ("Sender", "w:EncodingLimit"),
    SCHEMA_VALIDATION: ("Sender", "w:SchemaValidationError"),
    HEADER_REQUIRED: ("Sender", "a:MessageInformationHeaderRequired"),
    ADDRESSING_MODE: ("Sender", "w:UnsupportedFeature"),
    TIMEOUT_NOT_SUPPORTED: ("Sender", "w:UnsupportedFeature"),
    LOCALE_NOT_SUPPORTED: ("Sender", "w:UnsupportedFeature"),
    QUOTA_SHELLS: ("Sender", "w:QuotaLimit"),
}
