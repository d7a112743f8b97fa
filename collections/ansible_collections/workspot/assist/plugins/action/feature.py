# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have the optional feature Remote Assistance on servers."""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import FEATURE
from ..plugin_utils._assistance.feature import ensure_feature

display = Display()


class ActionModule(AssistAction):
    """``workspot.assist.feature``."""

    option_spec = FEATURE
    audit_action = "enforcement"
    # A schedule tries hosts that are down again and again, and nothing becomes of it.
    audit_unheard = False

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read, apply, read back."""
        client = self.connect()
        outcome = ensure_feature(client, options["state"], check=self._task.check_mode, progress=self._progress)
        result = {**outcome.as_data(), "exchanges": client.exchanges}
        if self._task.diff and outcome.changed:
            result["diff"] = [outcome.diff()]
        return result

    def audit_details(self, result: Result) -> dict[str, Any]:
        """Before and after."""
        return {"changes": [{"setting": "feature", "before": result["before"], "after": result["state"]}]}

    def _progress(self, text: str) -> None:
        display.vv(f"feature: {text}", host=self.host)
