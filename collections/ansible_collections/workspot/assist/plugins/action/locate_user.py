# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the one session of a user among many hosts."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.many_hosts import check_limits, hosts_of_play
from ..plugin_utils._ansible.operator import command_of_this_run
from ..plugin_utils._ansible.option_specs import LOCATE_USER
from ..plugin_utils._ansible.pool_search import PoolSearch
from ..plugin_utils._assistance.choose import PROGRAM, will_do
from ..plugin_utils._assistance.locate import merge
from ..plugin_utils._assistance.user_name import parse_user
from ..plugin_utils._errors import AssistError


class ActionModule(AssistAction):
    """``workspot.assist.locate_user``."""

    option_spec = LOCATE_USER

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Ask all hosts at once, then choose."""
        user = parse_user(options["user"])
        hosts = hosts_of_play(options["hosts"], task_vars)
        check_limits(options)
        search = PoolSearch(self._play_context, self._task, task_vars["hostvars"], seconds=options["host_timeout"])
        wanted = {"session_id": options["session_id"], "disconnected": options["disconnected"]}
        lookups = search.run(
            hosts,
            user,
            concurrency=options["concurrency"],
            enough=partial(will_do, **wanted),
            thorough=options["thorough"],
        )
        report = merge(lookups, hosts)
        program = command_of_this_run() or PROGRAM
        result: Result = {"changed": False, **report.as_data(user, program=program)}
        try:
            chosen = report.choose(user, **wanted, program=program)
        except AssistError as error:
            # The candidates stay in the result: a playbook or a person chooses from them.
            return {**result, **self._failure(error)}
        return {**result, "host": chosen.host, "session": chosen.session.as_data()}
