# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's Remote Assistance Group Policy is, who decides it, and which baselines it meets."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import POLICY_INFO
from ..plugin_utils._assistance.policy.facts import read_policy
from ..plugin_utils._assistance.policy.report import describe_policy


class ActionModule(AssistAction):
    """``workspot.assist.policy_info``."""

    option_spec = POLICY_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read; nothing is written."""
        client = self.connect()
        with client.shell() as shell:
            facts = read_policy(client, shell)
        return {"changed": False, **describe_policy(facts), "exchanges": client.exchanges}
