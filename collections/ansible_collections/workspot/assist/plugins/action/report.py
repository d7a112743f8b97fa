# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One page, and the same for programs, about a pool's Remote Assistance compliance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.look_ahead import settled_results
from ..plugin_utils._ansible.option_specs import REPORT
from ..plugin_utils._ansible.report_files import ReportFiles, file_mode
from ..plugin_utils._errors import InvalidOption
from ..plugin_utils._report.data import report_data

DEFAULT_VARIABLE = "pool_host_outcome"


class ActionModule(AssistAction):
    """``workspot.assist.report``."""

    option_spec = REPORT
    spec_rules = {"mutually_exclusive": [["results", "variable"], ["results", "hosts"]]}

    # One report, whatever the play's hosts.
    BYPASS_HOST_LOOP = True

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Collect, render, write."""
        files = ReportFiles(Path(options["directory"]), mode=file_mode(options["mode"]), formats=options["formats"])
        results, missing = self._results(options, task_vars)
        report = report_data(results, generated=datetime.now(UTC), title=options["title"], not_looked_at=missing)
        if not report.hosts:
            raise InvalidOption(
                "there is no host with a result to report on.",
                hint="Run workspot.assist.remote_assistance on them first and register its result; see the option "
                "variable.",
            )
        return {
            "changed": files.keep(report, check=self._task.check_mode),
            "paths": files.paths,
            "counts": dict(report.counts),
            "hosts": len(report.hosts),
            "good": report.good == len(report.hosts),
            "lines": report.lines(),
            "not_looked_at": list(report.not_looked_at),
        }

    def _results(self, options: dict[str, Any], task_vars: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Results by host, and the hosts without one."""
        if options["results"] is not None:
            return options["results"], []
        variable = options["variable"] or DEFAULT_VARIABLE
        hosts = options["hosts"] if options["hosts"] is not None else task_vars.get("ansible_play_hosts_all", [])
        found, missing = {}, []
        settled = settled_results(task_vars["hostvars"], hosts) if variable == DEFAULT_VARIABLE else {}
        for host in dict.fromkeys(hosts):
            result = settled.get(host) or _registered(task_vars["hostvars"], host, variable)
            if result:
                found[str(host)] = result
            else:
                missing.append(str(host))
        return found, missing


def _registered(hostvars: Any, host: str, variable: str) -> Any:
    """A host's registered result; None without one."""
    if host not in hostvars:
        raise InvalidOption(f"{host}: not in the inventory.")
    found = hostvars[host].get(variable)
    return found if isinstance(found, Mapping) else None
