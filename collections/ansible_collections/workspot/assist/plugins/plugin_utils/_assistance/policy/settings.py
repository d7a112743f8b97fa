# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of RemoteAssistance.admx, and two of User Account Control, as a table.

Every other file of this package works on these rows and knows no setting by name. Words are those of the Group
Policy editor. Values and types: RemoteAssistance.admx (category System > Remote Assistance); what a disabled policy
writes: the ``**del.`` entries that the Group Policy editor leaves, as in Microsoft's and DSC's security baselines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TERMINAL_SERVICES = r"SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
"""Below HKEY_LOCAL_MACHINE. "Windows NT" has a blank, whatever some books print."""
UAC = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
ENABLED = "enabled"
DISABLED = "disabled"
NOT_CONFIGURED = "not_configured"
STATES = (ENABLED, DISABLED, NOT_CONFIGURED)
LONGEST_TEXT = 1023
"""Characters of a text box of an administrative template without ``maxLength`` (admx schema, textElement)."""


@dataclass(frozen=True)
class Choice:
    """An element whose values have names; a DWORD.

    Attributes:
        option: The module's option.
        title: The element's words in the Group Policy editor.
        value_name: Registry value.
        values: DWORD by choice.
        default: The choice the editor shows first.
    """

    option: str
    title: str
    value_name: str
    values: Mapping[str, int]
    default: str


@dataclass(frozen=True)
class Number:
    """An element that is a number; a DWORD between `least` and `most`."""

    option: str
    title: str
    value_name: str
    least: int
    most: int
    default: int


@dataclass(frozen=True)
class Text:
    """An element that is one line of text; REG_SZ."""

    option: str
    title: str
    value_name: str
    default: str = ""


@dataclass(frozen=True)
class NameList:
    """An element that is a list of names below a key of its own, each as a value's name and as its data."""

    option: str
    title: str
    key: str
    default: tuple[str, ...] = ()


Element = Choice | Number | Text | NameList


@dataclass(frozen=True)
class Policy:
    """One policy of the template: enabled with its elements, disabled, or not configured.

    Attributes:
        option: The module's option.
        name: The policy's name in RemoteAssistance.admx.
        title: The policy's words in the Group Policy editor.
        value_name: DWORD 1 when enabled, 0 when disabled.
        elements: What an enabled policy says besides.
    """

    option: str
    name: str
    title: str
    value_name: str
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True)
class SecurityOption:
    """A policy of "Security Options": no template and no Registry.pol, a DWORD that is always there.

    Attributes:
        option: The module's option.
        title: The policy's words in the Group Policy editor.
        value_name: DWORD below `UAC`.
        default: What Windows does without the value.
    """

    option: str
    title: str
    value_name: str
    default: str


_CONTROL = {"allow_control": 1, "view_only": 0}

POLICIES: tuple[Policy, ...] = (
    Policy(
        "solicited_remote_assistance",
        "RA_Solicit",
        "Configure Solicited Remote Assistance",
        "fAllowToGetHelp",
        (
            Choice(
                "solicited_control",
                "Permit remote control of this computer",
                "fAllowFullControl",
                _CONTROL,
                "allow_control",
            ),
            Number("ticket_lifetime", "Maximum ticket time (value)", "MaxTicketExpiry", 1, 99, 1),
            Choice(
                "ticket_lifetime_units",
                "Maximum ticket time (units)",
                "MaxTicketExpiryUnits",
                {"minutes": 0, "hours": 1, "days": 2},
                "hours",
            ),
            Choice(
                "invitation_mail_method",
                "Method for sending email invitations",
                "fUseMailto",
                {"simple_mapi": 0, "mailto": 1},
                "simple_mapi",
            ),
        ),
    ),
    Policy(
        "offer_remote_assistance",
        "RA_Unsolicit",
        "Configure Offer Remote Assistance",
        "fAllowUnsolicited",
        (
            Choice(
                "offer_control",
                "Permit remote control of this computer",
                "fAllowUnsolicitedFullControl",
                _CONTROL,
                "allow_control",
            ),
            NameList("offer_helpers", "Helpers", TERMINAL_SERVICES + r"\RAUnsolicit"),
        ),
    ),
    Policy("session_logging", "RA_Logging", "Turn on session logging", "LoggingEnabled"),
    Policy(
        "bandwidth_optimization",
        "RA_Optimize_Bandwidth",
        "Turn on bandwidth optimization",
        "UseBandwidthOptimization",
        (
            Choice(
                "bandwidth_optimization_level",
                "Optimize settings for reduced bandwidth",
                "OptimizeBandwidth",
                {"full": 0, "no_background": 8, "no_full_window_drag": 12, "none": 14},
                "none",
            ),
        ),
    ),
    Policy(
        "warning_messages",
        "RA_Options",
        "Customize warning messages",
        "UseCustomMessages",
        (
            Text("warning_before_control", "Display warning message before sharing control", "ShareControlMessage"),
            Text("warning_before_connecting", "Display warning message before connecting", "ViewMessage"),
        ),
    ),
    Policy(
        "vista_or_later_only",
        "RA_EncryptedTicketOnly",
        "Allow only Windows Vista or later connections",
        "CreateEncryptedOnlyTickets",
    ),
)

SECURITY_OPTIONS: tuple[SecurityOption, ...] = (
    SecurityOption(
        "uac_uiaccess_prompts",
        "User Account Control: Allow UIAccess applications to prompt for elevation without using the secure desktop",
        "EnableUIADesktopToggle",
        DISABLED,
    ),
    SecurityOption(
        "uac_secure_desktop",
        "User Account Control: Switch to the secure desktop when prompting for elevation",
        "PromptOnSecureDesktop",
        ENABLED,
    ),
)

POLICY_OF_ELEMENT: Mapping[str, Policy] = {element.option: policy for policy in POLICIES for element in policy.elements}
