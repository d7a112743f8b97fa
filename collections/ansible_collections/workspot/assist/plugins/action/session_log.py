# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the session logs of Remote Assistance home from many hosts, and see that nobody has changed them since.

It fans out by itself, as `locate_user` does. As a task for each host, 500 hosts would start 500 processes, load the
libraries and template the variables in each, which takes longer than the question; all of them would want the archive's
lock; there would be 500 results to print, and no place for progress or a summary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.log_archive import MANIFEST, SESSIONS, TABLE, LogArchive
from ..plugin_utils._ansible.log_collection import LogCollection
from ..plugin_utils._ansible.log_summary import summary, summary_lines
from ..plugin_utils._ansible.log_table import write_table
from ..plugin_utils._ansible.log_verify import verify_archive
from ..plugin_utils._ansible.many_hosts import check_limits, hosts_of_play
from ..plugin_utils._ansible.option_specs import SESSION_LOG
from ..plugin_utils._assistance.session_logs.collect import HostCollection, Wanted
from ..plugin_utils._errors import AssistError, LogArchiveNotWritten, LogArchiveTampered


class ActionModule(AssistAction):
    """``workspot.assist.session_log``."""

    option_spec = SESSION_LOG

    # One archive, whatever the play's hosts.
    BYPASS_HOST_LOOP = True

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Collect, or verify."""
        archive = LogArchive(Path(options["directory"]))
        if options["state"] == "verified":
            return self._verified(archive, options["head"])
        return self._collected(archive, options, task_vars)

    def _verified(self, archive: LogArchive, head: str | None) -> Result:
        found = verify_archive(archive, head=head)
        result: Result = {
            "changed": False,
            **_paths(archive),
            "head": found.head,
            "originals": found.originals,
            "bytes": found.bytes,
            "problems": found.problems,
        }
        if not found.problem_count:
            return {**result, "lines": [f"{found.originals} originals, none changed; the last line is {found.head}"]}
        more = f", and {found.problem_count - 1} more" if found.problem_count > 1 else ""
        error = LogArchiveTampered(
            f"the archive of session logs is not as it was written: {found.problems[0]}{more}.",
            hint="The result's problems has all of them; compare with a backup.",
        )
        return {**result, **self._failure(error)}

    def _collected(self, archive: LogArchive, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        hosts = hosts_of_play(options["hosts"], task_vars)
        check_limits(options)
        dry = bool(self._task.check_mode)
        wanted = Wanted(tuple(options["folder_names"]), events=options["events"], chat=options["chat"], dry=dry)
        archive.prepare(dry=dry)
        collection = LogCollection(
            self._play_context,
            self._task,
            task_vars["hostvars"],
            archive=archive,
            wanted=wanted,
            seconds=options["host_timeout"],
        )
        outcomes = collection.run(hosts, concurrency=options["concurrency"])
        counts = summary(outcomes)
        changed = counts["new_logs"] + counts["events"] > 0
        if not dry and (changed or not archive.path(TABLE).exists()):
            write_table(archive)
        result: Result = {
            "changed": changed,
            **_paths(archive),
            "head": None if dry else archive.head(),
            "summary": counts,
            "hosts": [dataclasses.asdict(item) for item in outcomes],
            "unreachable_hosts": [item.error for item in outcomes if item.error is not None],
            "lines": summary_lines(outcomes, dry=dry),
        }
        error = _useless(outcomes)
        return {**result, **self._failure(error)} if error is not None else result


def _paths(archive: LogArchive) -> Result:
    return {
        "directory": str(archive.directory),
        "manifest": str(archive.path(MANIFEST)),
        "sessions": str(archive.path(SESSIONS)),
        "table": str(archive.path(TABLE)),
    }


def _useless(outcomes: Sequence[HostCollection]) -> AssistError | None:
    """Why the whole run failed: the archive could not be used, or no host at all answered."""
    errors = [item.error for item in outcomes if item.error is not None]
    for kind in (LogArchiveTampered, LogArchiveNotWritten):
        for error in errors:
            if error["kind"] == kind.kind:
                return kind(str(error["message"]), hint=error["hint"])
    if len(errors) == len(outcomes) and not any(item.new or item.events for item in outcomes):
        first = errors[0]
        text = f"no host gave anything; the first, {first['host']}: {first['message']}"
        return AssistError(text, hint=first["hint"])
    return None
