# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of events, in words. Of an event nothing but its number, time and process is looked at.

Remote Assistance: message file of msra.exe, as published by the libyal winevt-kb project. Event 13 is never asked for:
the command line in it holds a password. Group Policy: learn.microsoft.com, "Troubleshooting Group Policy Using Event
Logs".
"""

from __future__ import annotations

from collections.abc import Mapping

TROUBLE: Mapping[int, tuple[str, str]] = {
    9: ("Remote Assistance had a problem with COM", "Restart the host; then look whether DCOM is switched off on it."),
    10: ("an invitation could not be sent by e-mail", "Make the invitation with workspot.assist.assist instead."),
    11: (
        "Remote Assistance closed itself after too many wrong passwords",
        "Make a new invitation, and give the helper its password apart from the file.",
    ),
    12: (
        "policy demands a session log, and it could not be created",
        "Give the user's folder Documents room and write access, or switch the policy 'Turn on session logging' off.",
    ),
    17: ("a helper gave a wrong password", "Tell the helper the password once more."),
    24: ("an invitation was over before it was used", "Make a new one, with a longer expires_minutes if need be."),
    26: (
        "a policy or system setting did not allow an invitation",
        "Enable the policy 'Configure Solicited Remote Assistance'; the check policy says who decides.",
    ),
    27: (
        "a policy or system setting did not allow control",
        "Let the policy 'Configure Solicited Remote Assistance' permit remote control.",
    ),
    28: ("Windows Firewall blocked Remote Assistance", "Do what the check firewall says."),
    29: ("Remote Assistance showed an error message in the user's session", "Ask the user what it says."),
    39: (
        "Peer Name Resolution did not work",
        "Nothing has to be done: invitations made as a file do without it.",
    ),
}
"""Event number: what happened, and what to do."""
WANTED_EVENTS = tuple(number for number in TROUBLE if number not in (9, 10, 11, 39))
"""Those of the operational log; the rest stand in the log Admin, where all are looked for."""

POLICY_PROVIDER = "Microsoft-Windows-GroupPolicy"
POLICY_TROUBLE: Mapping[int, tuple[str, str]] = {
    1006: ("the directory refused the computer's login", "Check the computer's account in the domain."),
    1030: ("the list of GPOs could not be read", "Check DNS and the domain controllers."),
    1054: ("no domain controller could be found", "Check DNS and the network."),
    1055: ("the computer's name could not be resolved", "Check DNS and the computer's account."),
    1058: ("a GPO's file gpt.ini could not be read", "Check access to SYSVOL, and the local gpt.ini."),
    1085: ("an extension could not apply its settings", "Look at the event for its name."),
    1096: ("a Registry.pol is damaged", "Repair or remove that file, then run gpupdate /force."),
    1129: (
        "no domain controller answered",
        "Bring the host's connection to a domain controller back, then run gpupdate /force.",
    ),
}
POLICY_GOOD = (1500, 1502)
"""The computer's policy was processed: nothing new, and new settings."""
POLICY_EVENTS = (*POLICY_GOOD, *POLICY_TROUBLE)
