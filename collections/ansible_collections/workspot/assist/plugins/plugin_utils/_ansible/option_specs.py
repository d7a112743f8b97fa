# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option specifications of all modules: what the action plugins validate and a test compares with the docs."""

from __future__ import annotations

from typing import Any

from .._delivery.plan import FILE_CHANNELS, PASSWORD_CHANNELS

Spec = dict[str, Any]

AUDIT: Spec = {
    "audit_file": {"type": "path"},
    "reason": {"type": "str"},
    "ticket": {"type": "str"},
}
"""Options of every module that changes something; documentation fragment ``workspot.assist.audit``."""

SESSION_INFO: Spec = {"user": {"type": "str"}}

LOCATE_USER: Spec = {
    "user": {"type": "str", "required": True},
    "hosts": {"type": "list", "elements": "str"},
    "session_id": {"type": "int"},
    "disconnected": {"type": "bool", "default": False},
    "thorough": {"type": "bool", "default": False},
    "concurrency": {"type": "int", "default": 64},
    "host_timeout": {"type": "float", "default": 20.0},
}

DELIVERY: Spec = {
    "delivery": {"type": "list", "elements": "str", "choices": FILE_CHANNELS, "default": ["file"]},
    "password_delivery": {"type": "str", "choices": PASSWORD_CHANNELS, "no_log": False},
    "password_text": {
        "type": "str",
        "default": "{helper} will help you (ticket {ticket}). When they call you, tell them this password: {password}",
        "no_log": False,
    },
    "file_name": {"type": "str", "default": "{epoch}.msrcincident"},
    "delivery_smb": {
        "type": "dict",
        "options": {
            "share": {"type": "str", "required": True},
            "credentials_file": {"type": "path"},
            "port": {"type": "int", "default": 445},
            "encrypt": {"type": "bool", "default": True},
        },
    },
    "delivery_http": {
        "type": "dict",
        "options": {
            "url": {"type": "str"},
            "url_file": {"type": "path"},
            "credentials_file": {"type": "path"},
            "ca_file": {"type": "path"},
            "presigned": {"type": "bool", "default": False},
            "headers": {"type": "dict"},
        },
        "required_one_of": [["url", "url_file"]],
        "mutually_exclusive": [["url", "url_file"]],
    },
    "delivery_mail": {
        "type": "dict",
        "options": {
            "server": {"type": "str", "required": True},
            "port": {"type": "int"},
            "security": {"type": "str", "choices": ["starttls", "tls"], "default": "starttls"},
            "sender": {"type": "str", "required": True},
            "to": {"type": "list", "elements": "str"},
            "subject": {"type": "str"},
            "credentials_file": {"type": "path"},
            "ca_file": {"type": "path"},
        },
    },
}
"""Where an invitation and its password go."""

INVITATION: Spec = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "user": {"type": "str", "required": True},
    "session_id": {"type": "int"},
    "sid": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_file": {"type": "path", "no_log": False},
    "directory": {"type": "path", "default": "invitations"},
    "expires_minutes": {"type": "int", "default": 60},
    "check_reachable": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
    "notify_user": {"type": "bool", "default": False},
    "notify_text": {
        "type": "str",
        "default": "{helper} will ask to see your screen (ticket {ticket}). You decide in the window that comes up.",
    },
    "helper": {"type": "str"},
    "just_in_time": {"type": "bool", "default": False},
    "helper_addresses": {"type": "list", "elements": "str"},
    "just_in_time_control": {"type": "str", "choices": ["allow_control", "view_only"]},
    "just_in_time_over_domain": {"type": "bool", "default": False},
    **DELIVERY,
    **AUDIT,
}

INVITATION_INFO: Spec = {
    "path": {"type": "path", "required": True},
    "password": {"type": "str", "no_log": True},
}

STATES = ["enabled", "disabled", "not_configured"]
"""A policy of an administrative template, as the Group Policy editor has it."""

POLICY_SETTINGS: Spec = {
    "preset": {"type": "str", "choices": ["helpdesk", "locked_down"]},
    "scope": {"type": "str", "choices": ["local_group_policy", "registry"], "default": "local_group_policy"},
    "on_domain_conflict": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
    "solicited_remote_assistance": {"type": "str", "choices": STATES},
    "solicited_control": {"type": "str", "choices": ["allow_control", "view_only"]},
    "ticket_lifetime": {"type": "int"},
    "ticket_lifetime_units": {"type": "str", "choices": ["minutes", "hours", "days"]},
    "invitation_mail_method": {"type": "str", "choices": ["simple_mapi", "mailto"]},
    "offer_remote_assistance": {"type": "str", "choices": STATES},
    "offer_control": {"type": "str", "choices": ["allow_control", "view_only"]},
    "offer_helpers": {"type": "list", "elements": "str"},
    "session_logging": {"type": "str", "choices": STATES},
    "bandwidth_optimization": {"type": "str", "choices": STATES},
    "bandwidth_optimization_level": {
        "type": "str",
        "choices": ["full", "no_background", "no_full_window_drag", "none"],
    },
    "warning_messages": {"type": "str", "choices": STATES},
    "warning_before_control": {"type": "str"},
    "warning_before_connecting": {"type": "str"},
    "vista_or_later_only": {"type": "str", "choices": STATES},
    "uac_uiaccess_prompts": {"type": "str", "choices": ["enabled", "disabled"]},
    "uac_secure_desktop": {"type": "str", "choices": ["enabled", "disabled"]},
}

POLICY: Spec = {**POLICY_SETTINGS, **AUDIT}

POLICY_INFO: Spec = {}

_PROFILE: Spec = {
    "type": "dict",
    "options": {
        "state": {"type": "str", "choices": ["on", "off", "default"]},
        "msra": {"type": "bool"},
        "raserver": {"type": "bool"},
        "dcom": {"type": "bool"},
        "ssdp": {"type": "bool"},
        "pnrp": {"type": "bool"},
    },
}

FIREWALL_SETTINGS: Spec = {
    "preset": {"type": "str", "choices": ["windows_default", "helpdesk", "locked_down"]},
    "domain": _PROFILE,
    "private": _PROFILE,
    "public": _PROFILE,
    "edge_traversal": {"type": "bool"},
    "remote_addresses": {"type": "list", "elements": "str"},
    "on_conflict": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
}

FIREWALL: Spec = {**FIREWALL_SETTINGS, **AUDIT}

FIREWALL_INFO: Spec = {}

FEATURE_SETTINGS: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}

FEATURE: Spec = {**FEATURE_SETTINGS, **AUDIT}

FEATURE_INFO: Spec = {}

REMOTE_ASSISTANCE: Spec = {
    "policy": {"type": "dict", "options": POLICY_SETTINGS},
    "firewall": {"type": "dict", "options": FIREWALL_SETTINGS},
    "feature": {"type": "dict", "options": FEATURE_SETTINGS},
    **AUDIT,
}

DRIFT_INFO: Spec = {
    "hosts": {"type": "list", "elements": "str"},
    **{part: REMOTE_ASSISTANCE[part] for part in ("policy", "firewall", "feature")},
    "variables": {
        "type": "dict",
        "options": {name: {"type": "str"} for name in ("policy", "firewall", "feature", "audit_file", "reason")},
    },
    "concurrency": {"type": "int", "default": 64},
    "host_timeout": {"type": "float", "default": 60.0},
}

ASSISTANCE_INFO: Spec = {"user": {"type": "str"}}

AUDIT_INFO: Spec = {
    "path": {"type": "path", "required": True},
    "head": {"type": "str"},
    "since": {"type": "str"},
    "user": {"type": "str"},
    "export": {"type": "path"},
}

SESSION_LOG: Spec = {
    "state": {"type": "str", "choices": ["collected", "verified"], "default": "collected"},
    "directory": {"type": "path", "default": "session-logs"},
    "hosts": {"type": "list", "elements": "str"},
    "events": {"type": "bool", "default": True},
    "chat": {"type": "bool", "default": True},
    "folder_names": {"type": "list", "elements": "str", "default": ["Remote Assistance Logs"]},
    "concurrency": {"type": "int", "default": 32},
    "host_timeout": {"type": "float", "default": 120.0},
    "head": {"type": "str"},
}

REPORT: Spec = {
    "results": {"type": "dict"},
    "variable": {"type": "str"},
    "hosts": {"type": "list", "elements": "str"},
    "directory": {"type": "path", "default": "reports"},
    "mode": {"type": "raw", "default": "0644"},
    "title": {"type": "str", "default": "Remote Assistance compliance"},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": ["html", "json", "junit"],
        "default": ["html", "json", "junit"],
    },
}

DIAGNOSIS: Spec = {
    "user": {"type": "str"},
    "session_id": {"type": "int"},
    "expires_minutes": {"type": "int", "default": 60},
    "check_reachable": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 60.0},
}
