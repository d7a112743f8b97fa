# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is logged on to a host."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import SESSION_INFO
from ..plugin_utils._assistance.user_name import parse_user
from ..plugin_utils._windows.sessions import read_sessions


class ActionModule(AssistAction):
    """``workspot.assist.session_info``."""

    option_spec = SESSION_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read the sessions, all of them or one user's."""
        user = parse_user(options["user"]) if options["user"] is not None else None
        client = self.connect()
        sessions = [item for item in read_sessions(client) if user is None or user.fits(item)]
        return {
            "changed": False,
            "sessions": [item.as_data() for item in sessions],
            "exchanges": client.exchanges,
        }
