# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`verify_host`: ask one host about every uncertain Windows fact. Nothing on it is changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    # The checks stand beside this plugin, in no package that Ansible knows.
    sys.path.insert(0, str(ROOT))

from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.action_base import AssistAction, Result  # noqa: E402
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.connection import open_transport  # noqa: E402

from tests.verify_host.report import examine, write_report  # noqa: E402


class ActionModule(AssistAction):
    """The test's own action; it is no part of the collection."""

    option_spec = {"directory": {"type": "path", "default": "verify-host"}}

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Ask, write the report, return a table."""
        self._transport = open_transport(self._connection, host=self.host)
        names = [task_vars.get(name) for name in ("ansible_host", "ansible_user")]
        report = examine(
            self._transport, host=self.host, secrets=[*self._secrets, *(str(item) for item in names if item)]
        )
        path = write_report(report, Path(options["directory"]), self.host)
        words = {True: "as assumed", False: "OTHERWISE", None: "can not tell"}
        table = [f"{row['name']:<22}{words[row['as_assumed']]:<14}{row['answer']}" for row in report["checks"]]
        return {"changed": False, "path": str(path), "table": table, "checks": report["checks"]}
