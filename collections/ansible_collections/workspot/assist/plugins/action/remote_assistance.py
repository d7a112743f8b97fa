# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy, firewall and feature of Remote Assistance, over one login."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import REMOTE_ASSISTANCE
from ..plugin_utils._assistance.host_state import HostRequest, ensure_host

display = Display()


class ActionModule(AssistAction):
    """``workspot.assist.remote_assistance``."""

    option_spec = REMOTE_ASSISTANCE
    audit_action = "enforcement"
    # A schedule tries hosts that are down again and again, and nothing becomes of it.
    audit_unheard = False

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read, plan, apply, read back, part by part."""
        request = HostRequest.of(options)
        client = self.connect()
        outcome = ensure_host(client, request, check=self._task.check_mode, progress=self._progress)
        result = outcome.as_result(self.host, client.exchanges)
        if self._task.diff and (diffs := outcome.diffs()):
            result["diff"] = diffs
        return result

    def audit_details(self, result: Result) -> dict[str, Any]:
        """The changes of all three parts."""
        parts = {part: result[part] for part in ("policy", "firewall", "feature") if result.get(part)}
        return {
            "state": result["state"],
            "changes": {part: found["changes"] for part, found in parts.items() if found.get("changes")},
            "feature": (result.get("feature") or {}).get("state"),
        }

    def _progress(self, text: str) -> None:
        display.vv(f"remote_assistance: {text}", host=self.host)
