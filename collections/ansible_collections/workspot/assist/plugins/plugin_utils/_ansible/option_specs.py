# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option specifications of all modules: what the action plugins validate and a test compares with the docs."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

SESSION_INFO: Spec = {"user": {"type": "str"}}

LOCATE_USER: Spec = {
    "user": {"type": "str", "required": True},
    "hosts": {"type": "list", "elements": "str"},
    "session_id": {"type": "int"},
    "concurrency": {"type": "int", "default": 64},
    "host_timeout": {"type": "float", "default": 20.0},
}

INVITATION: Spec = {
    "state": {"type": "str", "choices": ["present"], "default": "present"},
    "user": {"type": "str", "required": True},
    "session_id": {"type": "int"},
    "sid": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_file": {"type": "path", "no_log": False},
    "directory": {"type": "path", "default": "invitations"},
    "expires_minutes": {"type": "int", "default": 60},
    "check_reachable": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
}

INVITATION_INFO: Spec = {
    "path": {"type": "path", "required": True},
    "password": {"type": "str", "no_log": True},
}
