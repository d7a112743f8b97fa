# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Windows Firewall's Remote Assistance exception is, and what of it is in force."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import FIREWALL_INFO
from ..plugin_utils._assistance.firewall.facts import read_firewall
from ..plugin_utils._assistance.firewall.flow import describe_firewall


class ActionModule(AssistAction):
    """``workspot.assist.firewall_info``."""

    option_spec = FIREWALL_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read; nothing is written."""
        client = self.connect()
        with client.shell() as shell:
            facts = read_firewall(client, shell, networks=True)
        return {"changed": False, **describe_firewall(facts), "exchanges": client.exchanges}
