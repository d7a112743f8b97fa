# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table: what is broken on a simulated host, which check says so, in which words, and what to do about it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.guard import Guard
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.files import TemporaryFile

from simulator.windows.event_log import RA_ADMIN, RA_OPERATIONAL
from tests.diagnosis.rig import CLERK_PASSWORD, Way
from tests.support.pools import SERVICE_PASSWORD

POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
SYSTEM_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System"
UAC = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System"
MDM = "HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\RemoteAssistance"
GUID = "{11111111-2222-3333-4444-555555555555}"
MSRA_RULE = "RemoteAssistance-In-TCP-EdgeScope-Active"
REFUSING_GPO = {"name": "No assistance", "guid": GUID, "values": {"fAllowToGetHelp": 0}}
PROBLEM, REMARK, UNKNOWN, OK = "problem", "remark", "unknown", "ok"
Prepare = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """One row.

    Attributes:
        name: Of the case, and of its host.
        check: Which check names it.
        state: How bad that is.
        cause: Words of its cause, a regular expression.
        fix: Words of its fix.
        host: What the host is like, beside a desktop with jdoe on it.
        faults: Switches that are thrown.
        prepare: What happens on the host before it is asked.
        user: Who is asked for.
        question: Further options.
        way: How it is asked.
        connect: Opens TCP connections in the probe's stead.
    """

    name: str
    check: str
    state: str
    cause: str
    fix: str
    host: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    prepare: Prepare | None = None
    user: str | None = "jdoe"
    question: dict[str, Any] = field(default_factory=dict)
    way: Way = field(default_factory=Way)
    connect: Callable[[str, int, float], None] | None = None


def session(number: int = 1, user: str = "CORP\\jdoe", **more: Any) -> dict[str, Any]:
    """A session of a pool description."""
    return {"id": number, "user": user, **more}


def _entries(**values: int) -> dict[str, Any]:
    key = POLICY.removeprefix("HKLM\\")
    return {"registry_pol": {"entries": [{"key": key, "name": name, "data": data} for name, data in values.items()]}}


def _log(*events: int, channel: str = RA_OPERATIONAL) -> Prepare:
    def write(host: Any) -> None:
        for event in events:
            host.events.write(channel, event, "kadum4-rebis7", pid=4711)

    return write


def _silent(address: str, port: int, seconds: float) -> None:
    raise TimeoutError


def _only_remote_desktop(address: str, port: int, seconds: float) -> None:
    if port != 3389:
        raise TimeoutError


def _without_temporary_folder(host: Any) -> None:
    host.files._own["c:\\users\\jdoe\\appdata\\local\\temp"] = None


def _guard(stage: str) -> Prepare:
    """Another run's guard, as it registers it."""

    def register(host: Any) -> None:
        file = TemporaryFile("C:\\Users\\jdoe\\AppData\\Local\\Temp", f"assist-{'0' * 16}.msrcIncident")
        guard = Guard(1, file, f"invite-{'0' * 16}")
        at = host.clock.now() + timedelta(minutes=2 if stage == "making" else -30)
        host.tasks.register("\\workspot.assist\\guard-session-1", guard.making_xml(at), force=True)

    return register


def _helper(host: Any) -> socket.socket:
    """A helper who is connected."""
    row = next(item for item in host.network if item.local_address == host.address and item.local_port > 49151)
    return socket.create_connection((host.address, row.local_port))


CONNECTION_CASES = (
    Case("down", "reachable", PROBLEM, "nothing listens on its TCP port 5985", "winrm quickconfig",
         faults={"down": True}),
    Case(
        "gone", "reachable", PROBLEM, "gave [0-9]+ answers? and then was gone.*nothing listens", "winrm quickconfig",
        faults={"vanish_after": 12},
    ),
    Case("silent", "reachable", PROBLEM, "stays silent, and so does every other", "Switch the host on",
         faults={"down": True}, connect=_silent),
    Case("firewalled", "reachable", PROBLEM, "The host is up .* stays silent", "Windows Remote Management",
         faults={"down": True}, connect=_only_remote_desktop),
    Case("other-port", "reachable", PROBLEM, "WinRM over HTTP does at 5985", "ansible_port to 5985",
         way=Way(port=5999)),
    Case("no-name", "reachable", PROBLEM, "The name desk.invalid has no address", "ansible_host",
         way=Way(address="desk.invalid")),
    Case("certificate", "reachable", PROBLEM, "TLS failed: the host's certificate was not accepted", "Trust",
         way=Way(scheme="https")),
    Case("no-winrm", "reachable", PROBLEM, "answered HTTP 404", "WinRM listener", way=Way(path="elsewhere")),
    Case("refused", "login", PROBLEM, r"refused the login of CORP\\svc-ansible by ntlm", "password",
         faults={"refuse_login": True}),
    Case("wrong-password", "login", PROBLEM, "refused the login", "password", way=Way(password="Another-Password-1")),
    Case("clerk", "rights", PROBLEM, r"CORP\\clerk may log in and is no administrator", "group Administrators",
         way=Way(account="CORP\\clerk", password=CLERK_PASSWORD)),
    Case(
        "filtered", "rights", PROBLEM, "UAC filters over the network", "LocalAccountTokenFilterPolicy to 1",
        host={"accounts": [{"name": "local", "password": SERVICE_PASSWORD, "administrator": True, "filtered": True}]},
        way=Way(account="local"),
    ),
    Case("denied-otherwise", "rights", PROBLEM, "is no administrator", "Administrators",
         host={"quirks": {"access_denied_code": 2147942405}}, way=Way(account="CORP\\clerk", password=CLERK_PASSWORD)),
    Case("quota", "winrm", PROBLEM, "quota of the host or of the account is used up", "MaxShellsPerUser",
         faults={"quota": True}),
    Case("oversize", "winrm", PROBLEM, "not WinRM as Windows speaks it", "proxy", faults={"oversize_reply": True}),
    Case("garbled", "winrm", PROBLEM, "not WinRM as Windows speaks it", "proxy", faults={"garbled_reply": True}),
    Case("hangs", "winrm", PROBLEM, "accepts connections and does not answer at all", "busy",
         faults={"slow_reply": 3.0}, way=Way(seconds=1.0)),
    Case("dropped", "winrm", REMARK, "A connection to the host broke; the repeat worked", "network",
         faults={"drop_connection_at": 8}),
    Case("dropped-at-first", "winrm", REMARK, "A connection to the host broke", "network",
         faults={"drop_connection_at": 1}),
    Case("lost-reply", "winrm", REMARK, "A connection to the host broke", "network", faults={"drop_reply_at": 9}),
    Case("slow", "winrm", REMARK, "takes [0-9.]+ seconds for an answer", "assist_timeout", faults={"slow_reply": 0.06}),
    Case("clock", "clock", PROBLEM, "36.. seconds ahead of.* Kerberos refuses", "w32tm", faults={"clock_skew": 3600.0}),
    Case("clock-behind", "clock", REMARK, "(?:89|90|91) seconds behind", "Set the clocks",
         faults={"clock_skew": -90.0}),
)  # fmt: skip

HOST_CASES = (
    Case("no-msra", "feature", PROBLEM, "msra.exe is not on this host, where it is a part", "sfc /scannow",
         host={"missing": ["msra.exe"]}),
    Case("no-feature", "feature", PROBLEM, "RemoteAssistance is not installed on this server", "assist.enforce",
         host={"os": "server-2022", "features": {"RemoteAssistance": "disabled"}}),
    Case("removed-feature", "feature", PROBLEM, "is not installed on this server", "assist.enforce",
         host={"os": "server-2022", "features": {"RemoteAssistance": "removed"}}),
    Case("pending-feature", "feature", PROBLEM, "waits for a restart to be installed", "Restart",
         host={"os": "server-2022", "features": {"RemoteAssistance": "enable_pending"}}),
    Case("no-tar", "programs", PROBLEM, r"tar.exe is not on this host \(Windows build 14393\)", "Server 2019",
         host={"os": "server-2016"}),
    Case("no-schtasks", "programs", PROBLEM, "schtasks.exe is not on this host", "sfc",
         host={"missing": ["schtasks.exe"]}),
    Case("full-disk", "disk", PROBLEM, "Drive C: of the user's profile is full: 0 MiB", "Make room",
         faults={"disk_full": True}),
    Case("no-log", "events", UNKNOWN, "did not tell", "Operational on", host={"missing": ["wevtutil.exe"]}),
    Case("event-firewall", "events", REMARK, r"Windows Firewall blocked Remote Assistance \(event 28\)",
         "check firewall",
         prepare=_log(28)),
    Case("event-passwords", "events", REMARK, r"too many wrong passwords \(event 11, the last of 2", "new invitation",
         prepare=lambda host: (_log(17)(host), _log(11, channel=RA_ADMIN)(host))),
    Case("event-log-file", "events", REMARK, r"session log, and it could not be created \(event 12\)", "Documents",
         prepare=_log(12)),
    Case("event-old", "events", OK, "no error in the last day", "^$",
         prepare=lambda host: (_log(28)(host), host.clock.advance(25 * 3600))),
    Case("secure-desktop", "secure_desktop", REMARK, "does not see", "uac_uiaccess_prompts"),
    Case("plain-desktop", "secure_desktop", OK, "where a helper sees them", "^$",
         host={"registry": {UAC: {"PromptOnSecureDesktop": 0}}}),
    Case("uiaccess", "secure_desktop", OK, "may switch the secure desktop off", "^$",
         host={"registry": {UAC: {"EnableUIADesktopToggle": 1}}}),
)  # fmt: skip

POLICY_CASES = (
    Case("domain-policy", "policy", PROBLEM, 'The GPO "No assistance" forbids',
         "In that GPO, enable .* gpupdate /force",
         host={"domain_policies": [REFUSING_GPO]}),
    Case("domain-policy-id", "policy", PROBLEM, 'The GPO "No assistance" forbids', "In that GPO",
         host={"domain_policies": [REFUSING_GPO], "quirks": {"rsop_gpo_id_case": "differs"}}),
    Case("local-policy", "policy", PROBLEM, "The local Group Policy forbids", "assist.enforce",
         host={"local_policy": _entries(fAllowToGetHelp=0)}),
    Case("raw-policy", "policy", PROBLEM, "A policy value in the registry that no known GPO sets forbids",
         "Find out who",
         host={"policy": {"fAllowToGetHelp": 0}}),
    Case("device-management", "policy", PROBLEM, r"Device management \(MDM\) forbids", "There, enable",
         host={"policy": {"fAllowToGetHelp": 0}, "registry": {MDM: {"SolicitedRemoteAssistance": "<disabled/>"}}}),
    Case("setting", "policy", PROBLEM, "off in the host's own settings", "Switch it on there",
         host={"settings": {"fAllowToGetHelp": 0}}),
    Case("allowed-by-domain", "policy", OK, 'The GPO "Assistance" lets users ask', "^$",
         host={"domain_policies": [{**REFUSING_GPO, "name": "Assistance", "values": {"fAllowToGetHelp": 1}}]}),
    Case("no-controller", "policy_state", REMARK, r"no domain controller answered \(event 1129\)", "gpupdate /force",
         faults={"domain_controller_down": True}, prepare=lambda host: host.clock.advance(91 * 60)),
    Case("damaged-pol", "policy_state", REMARK, "local Group Policy is damaged.*at byte", "backup",
         host={"local_policy": {"registry_pol": {"hex": "50526567"}}}),
    Case("locked-pol", "policy_state", REMARK, "could not be read: tar.exe", "virus scanner",
         host={"local_policy": {**_entries(fAllowToGetHelp=1), "locked": ["Machine/Registry.pol"]}}),
    Case("local-off", "policy_state", REMARK, "does not process its local Group Policy", "GPO of the domain",
         host={"local_policy": _entries(LoggingEnabled=1), "registry": {SYSTEM_POLICY: {"DisableLGPOProcessing": 1}}}),
    Case("not-refreshed", "policy_state", REMARK, "not in force yet: solicited_remote_assistance", "gpupdate /force",
         host={"local_policy": {**_entries(fAllowToGetHelp=1), "applied": False}}),
    Case("no-rsop", "policy_state", REMARK, "does not say which GPO decides", "RSOP logging",
         host={"quirks": {"rsop_namespace_missing": True}}),
    Case("rsop-off", "policy_state", REMARK, "does not say which GPO decides", "RSOP logging",
         host={"registry": {SYSTEM_POLICY: {"RSoPLogging": 0}}}),
    Case("view-only", "control", REMARK, "lets a helper view only", "Permit remote control",
         host={"policy": {"fAllowToGetHelp": 1, "fAllowFullControl": 0}}),
    Case("short-tickets", "ticket_lifetime", REMARK, r"end after 20 minutes \(policy\), earlier than the 60",
         "Maximum ticket",
         host={"policy": {"fAllowToGetHelp": 1, "MaxTicketExpiry": 20, "MaxTicketExpiryUnits": 0}}),
    Case("tiny-tickets", "ticket_lifetime", PROBLEM, "2 minutes only .*too short", "Maximum ticket",
         host={"policy": {"fAllowToGetHelp": 1, "MaxTicketExpiry": 2, "MaxTicketExpiryUnits": 0}}),
    Case("enough-for-less", "ticket_lifetime", OK, "20 minutes", "^$", question={"lifetime_minutes": 15},
         host={"policy": {"fAllowToGetHelp": 1, "MaxTicketExpiry": 20, "MaxTicketExpiryUnits": 0}}),
    Case("offers", "offer", REMARK, "TCP port 135 of .* does not answer", "raserver",
         host={"policy": {"fAllowUnsolicited": 1}}),
    Case("offers-answered", "offer", OK, "TCP port 135 answers", "^$",
         host={"policy": {"fAllowUnsolicited": 1}}, connect=lambda address, port, seconds: None),
)  # fmt: skip

SESSION_CASES = (
    Case("nobody", "session", PROBLEM, "jdoe has no session on this host, and nobody else has", "Check the name",
         host={"sessions": []}),
    Case("somebody-else", "session", PROBLEM, r"logged on here: CORP\\asmith", "Check the name",
         host={"sessions": [session(user="CORP\\asmith")]}),
    Case("misspelt", "session", PROBLEM, "has no session", "Did you mean jdoe", user="jdo"),
    Case("other-domain", "session", PROBLEM, r"OTHER\\jdoe has no session", "Did you mean jdoe", user="OTHER\\jdoe"),
    Case("no-quser", "session", UNKNOWN, "quser.exe is not on this host", "programs", host={"missing": ["quser.exe"]}),
    Case("disconnected", "session", PROBLEM, "is logged on, and disconnected", "Have the user connect",
         host={"sessions": [session(state="disconnected")]}),
    Case("several", "session", PROBLEM, "2 active sessions here", "session_id",
         host={"os": "server-2022", "sessions": [session(2), session(3)]}),
    Case("several-chosen", "session", REMARK, "has another session here", "log off from the other",
         host={"os": "server-2022", "sessions": [session(2), session(3)]}, question={"session_id": 3}),
    Case("second-disconnected", "session", REMARK, "Windows itself chooses in which", "log off from the other",
         host={"os": "server-2022", "sessions": [session(2), session(3, state="disconnected")]}),
    Case("wrong-number", "session", PROBLEM, "has no session 9 here, but", "Choose one", question={"session_id": 9}),
    Case("whole-host", "session", OK, "2 of 2 sessions are active", "^$", user=None,
         host={"os": "server-2022", "sessions": [session(2), session(3, "CORP\\asmith")]}),
    Case("empty-host", "session", REMARK, "Nobody is logged on", "the user", user=None, host={"sessions": []}),
    Case("all-disconnected", "session", REMARK, "Everybody who is logged on is disconnected", "connect", user=None,
         host={"sessions": [session(state="disconnected")]}),
    Case("locked", "screen_lock", REMARK, r"lock screen is up in session 1 of CORP\\jdoe", "unlock",
         prepare=lambda host: host.lock(1)),
    Case("app-only", "session_kind", REMARK, "a published app only", "app's windows",
         host={"os": "server-2022", "sessions": [session(4, kind="published_app")]}),
    Case("no-folder", "profile", PROBLEM, r"temporary folder of CORP\\jdoe is not there", "Make the folder",
         prepare=_without_temporary_folder),
    Case("own-invitation", "invitation", PROBLEM, "that the user started waits in session 1", "close its window",
         host={"sessions": [session(invitation_waiting=True)]}),
    Case("half-invitation", "invitation", PROBLEM, "is open, without waiting for a helper", "close its window",
         host={"sessions": [session(invitation_waiting=True)], "faults": {"msra_never_writes": True}},
         faults={"msra_never_writes": True}),
    Case("being-made", "invitation", REMARK, "Another run makes an invitation in session 1", "Wait",
         prepare=_guard("making")),
    Case("left-guard", "invitation", REMARK, "is over, and its guard is still on", "Nothing has to be done",
         prepare=_guard("over")),
    Case("forbidden-invitation", "events", REMARK, r"did not allow an invitation \(event 26", "who decides",
         host={"policy": {"fAllowToGetHelp": 0}, "sessions": [session(invitation_waiting=True)]}),
    Case("unreached-endpoints", "endpoints", PROBLEM, "None of the [0-9]+ endpoints .* answers from here",
         "TCP 49152 to 65535", host={"sessions": [session(invitation_waiting=True)]}, connect=_silent),
    Case("reached-endpoint", "endpoints", OK, r"127\.[0-9.]+:[0-9]+ answers from here \(1 of", "^$",
         host={"sessions": [session(invitation_waiting=True)]}),
    Case("untried-endpoints", "endpoints", OK, "were not tried; its ports are", "^$",
         host={"sessions": [session(invitation_waiting=True)]}, question={"check_reachable": False}),
    Case("helper", "invitation", REMARK, "A helper is connected to session 1, from 127.0.0.1",
         "until that helper is done",
         host={"sessions": [session(invitation_waiting=True)]}, prepare=_helper),
)  # fmt: skip

FIREWALL_CASES = (
    Case("public", "firewall", PROBLEM, "its rule is off, in the public profile", "private or domain",
         host={"firewall": {"network_category": "public"}}),
    Case("two-networks", "firewall", PROBLEM, "its rule is off, in the public profile", "private or domain",
         host={"firewall": {"network_category": ["domain", "public"]}}),
    Case("rule-off", "firewall", PROBLEM, "its rule is off, in the domain profile", "assist.enforce",
         host={"firewall": {"rules": {MSRA_RULE: {"enabled": False}}}}),
    Case("no-rules", "firewall", PROBLEM, "no rules of the group Remote Assistance: they were", "assist.enforce",
         host={"firewall": {"missing_group": True}}),
    Case("block-all", "firewall", PROBLEM, "blocks all incoming connections, allowed ones too", "Block all connections",
         host={"firewall": {"profiles": {"domain": {"block_all_inbound": True}}}}),
    Case("block-all-by-policy", "firewall", PROBLEM, "blocks all incoming connections", "Block all connections",
         host={"firewall": {"profiles": {"domain": {"policy_block_all_inbound": True}}}}),
    Case("local-rules-forbidden", "firewall", PROBLEM, "a GPO lets only its own firewall rules count", "into that GPO",
         host={"firewall": {"local_rules_allowed": False}}),
    Case(
        "rule-of-a-gpo", "firewall", OK, "lets helpers in to msra.exe in the domain profile", "^$",
        host={"firewall": {"local_rules_allowed": False, "domain_rules": [
            {"name": "Helpdesk", "protocol": "tcp", "program": "%SystemRoot%\\system32\\msra.exe"}]}},
    ),
    Case("blocked-by-gpo", "firewall", PROBLEM, r"blocking rule No msra \(.*\) wins", "Remove or narrow that rule",
         host={"firewall": {"domain_rules": [{"name": "No msra", "action": "block", "protocol": "tcp"}]}}),
    Case("blocked-locally", "firewall", PROBLEM, r"blocking rule Shut \(", "Remove or narrow that rule",
         host={"firewall": {"rules": {"Shut": {"action": "block", "direction": "in", "enabled": True,
                                               "program": "%SystemRoot%\\system32\\msra.exe"}}}}),
    Case("firewall-off", "firewall", REMARK, "firewall is off in the domain profile", "Switch the firewall on",
         host={"firewall": {"profiles": {"domain": {"enabled": False}}}}),
    Case("narrowed", "firewall", REMARK, "lets in to msra.exe only 10.20.0.0/16", "helper's address",
         host={"firewall": {"rules": {MSRA_RULE: {"remote_addresses": ["10.20.0.0/16"]}}}}),
    Case("no-network", "firewall", UNKNOWN, "which network it is connected to", "Get-NetConnectionProfile",
         host={"firewall": {"network_category": "none"}}),
    Case("store-ignored", "firewall", REMARK, "what is in force the host does not tell", "ActiveStore",
         host={"quirks": {"firewall_store_option": "ignored"}}),
)  # fmt: skip

CASES = (*CONNECTION_CASES, *HOST_CASES, *POLICY_CASES, *SESSION_CASES, *FIREWALL_CASES)

FURTHER_PROBLEMS: dict[str, set[str]] = {
    # The firewall's rules come with the feature.
    "no-feature": {"firewall"},
    "removed-feature": {"firewall"},
    "pending-feature": {"firewall"},
    # The host's clock was put forward.
    "event-old": {"clock"},
    "no-controller": {"clock"},
    "no-quser": {"programs"},
    "forbidden-invitation": {"policy", "invitation"},
    "unreached-endpoints": {"invitation"},
    "reached-endpoint": {"invitation"},
    "untried-endpoints": {"invitation"},
}
"""Cases in which more than one thing is wrong, with the other checks that say so."""
