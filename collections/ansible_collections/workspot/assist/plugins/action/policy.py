# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep Remote Assistance Group Policy as it should be."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import POLICY
from ..plugin_utils._assistance.policy.flow import PolicyRequest, ensure_policy

display = Display()


class ActionModule(AssistAction):
    """``workspot.assist.policy``."""

    option_spec = POLICY
    audit_action = "enforcement"
    # A schedule tries hosts that are down again and again, and nothing becomes of it.
    audit_unheard = False

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read, plan, apply, read back."""
        request = PolicyRequest.of(options)
        client = self.connect()
        outcome = ensure_policy(client, request, check=self._task.check_mode, progress=self._progress)
        result = {**outcome.as_data(), "exchanges": client.exchanges}
        if self._task.diff and outcome.plan.changes:
            result["diff"] = [{"header": "Remote Assistance policy", **outcome.diff()}]
        return result

    def _progress(self, text: str) -> None:
        display.vv(f"policy: {text}", host=self.host)
