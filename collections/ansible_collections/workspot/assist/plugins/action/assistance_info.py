# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Remote Assistance does in each session of a host now."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import ASSISTANCE_INFO
from ..plugin_utils._assistance.session_state import read_assistance
from ..plugin_utils._assistance.user_name import parse_user


class ActionModule(AssistAction):
    """``workspot.assist.assistance_info``."""

    option_spec = ASSISTANCE_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read; nothing is changed."""
        user = parse_user(options["user"]) if options["user"] is not None else None
        client = self.connect()
        found = [item for item in read_assistance(client) if user is None or user.fits(item.session)]
        return {
            "changed": False,
            "sessions": [item.as_data() for item in found],
            "exchanges": client.exchanges,
        }
