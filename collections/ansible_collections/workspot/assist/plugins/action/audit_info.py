# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verify, show and export an audit trail of the controller."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.audit_export import export_entries
from ..plugin_utils._ansible.audit_file import AuditFile
from ..plugin_utils._ansible.option_specs import AUDIT_INFO
from ..plugin_utils._errors import AuditBroken, InvalidOption


class ActionModule(AssistAction):
    """``workspot.assist.audit_info``."""

    option_spec = AUDIT_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Verify the whole trail, and return the entries asked for."""
        path = Path(options["path"])
        found = AuditFile(path).verify()
        if found.problem is not None:
            raise AuditBroken(
                f"the audit trail {path} is broken at line {found.line}: {found.problem}.",
                hint=f"The {len(found.entries)} lines before it are whole; compare with a backup.",
            )
        if options["head"] and options["head"] not in (*found.hashes, found.head):
            raise AuditBroken(
                f"the audit trail {path} lacks the line with the hash {options['head']}.",
                hint="Lines were cut off at its end, or it is another trail.",
            )
        since = _moment(options["since"])
        entries = [
            entry
            for entry in found.entries
            if (since is None or _moment(str(entry.get("at"))) >= since)  # type: ignore[operator]
            and options["user"] in (None, entry.get("user"))
        ]
        if options["export"] and not self._task.check_mode:
            export_entries(Path(options["export"]), entries)
        return {
            "changed": False,
            "count": len(found.entries),
            "head": found.head,
            "entries": entries,
            "lines": [_line(entry) for entry in entries],
            "export": options["export"],
        }


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidOption(f"since: {text!r} is no moment in ISO 8601, such as 2026-11-01.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _line(entry: dict[str, Any]) -> str:
    """One entry for a person to read."""
    names = ("at", "operator", "action", "outcome", "host", "user", "ticket", "reason", "message")
    return "  ".join(str(entry[name]) for name in names if entry.get(name) not in (None, ""))
