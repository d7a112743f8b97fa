# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host has Remote Assistance at all."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import FEATURE_INFO
from ..plugin_utils._assistance.feature import read_facts, with_pending


class ActionModule(AssistAction):
    """``workspot.assist.feature_info``."""

    option_spec = FEATURE_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read; nothing is written."""
        client = self.connect()
        with client.shell() as shell:
            facts = with_pending(shell, read_facts(client, shell))
        return {
            "changed": False,
            "state": facts.state,
            "edition": "server" if facts.server else "client",
            "feature": facts.feature.name if facts.feature else None,
            "program": facts.program,
            "restart_required": bool(facts.feature and facts.feature.pending),
            "exchanges": client.exchanges,
        }
