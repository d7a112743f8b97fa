# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far many hosts are from what is wanted of them, from one task.

Ansible takes longer for a task on a host than a look at that host takes: a process, its libraries, templates, a result
to print. Here a few processes look at all of them, so that Ansible need not touch hosts on which nothing differs.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.audit_file import AuditFile
from ..plugin_utils._ansible.host_values import HostValues
from ..plugin_utils._ansible.look_ahead import LookAhead, error_result, is_settled
from ..plugin_utils._ansible.many_hosts import check_limits, hosts_of_play
from ..plugin_utils._ansible.option_specs import DRIFT_INFO, REMOTE_ASSISTANCE
from ..plugin_utils._assistance.host_state import HostRequest
from ..plugin_utils._errors import AssistError, InvalidOption

_SPEC = ArgumentSpecValidator(REMOTE_ASSISTANCE)
_LOST = AssistError("there was no answer: the process that asked this host ended.", hint="Repeat.")


class ActionModule(AssistAction):
    """``workspot.assist.drift_info``."""

    option_spec = DRIFT_INFO

    # One look, whatever the play's hosts.
    BYPASS_HOST_LOOP = True

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Find out what is wanted of each host, then look at all of them."""
        hosts = hosts_of_play(options["hosts"], task_vars)
        check_limits(options)
        requests, results = self._wanted(hosts, options, task_vars)
        look = LookAhead(
            self._play_context,
            self._task,
            task_vars["hostvars"],
            requests=requests,
            seconds=options["host_timeout"],
        )
        results |= look.run(concurrency=options["concurrency"])
        results = {host: results.get(host) or error_result(_lost(host)) for host in hosts}
        return {
            "changed": False,
            "results": results,
            "settled": [host for host in hosts if is_settled(results[host])],
            "others": [host for host in hosts if not is_settled(results[host])],
        }

    def _wanted(
        self, hosts: list[str], options: dict[str, Any], task_vars: dict[str, Any]
    ) -> tuple[dict[str, HostRequest], dict[str, Result]]:
        """What is wanted, by host; and the results of hosts of which that can not be told."""
        names = {option: name for option, name in (options["variables"] or {}).items() if name}
        if not names:
            return dict.fromkeys(hosts, HostRequest.of(options)), {}
        values = HostValues(self._task, task_vars, self._loader, names.values())
        known: dict[Hashable, HostRequest | InvalidOption] = {}
        requests: dict[str, HostRequest] = {}
        failed: dict[str, Result] = {}
        for host in hosts:
            try:
                key, found = values.of(host)
                if key not in known:
                    known[key] = self._request({option: found[name] for option, name in names.items()})
                request = known[key]
                if isinstance(request, InvalidOption):
                    raise InvalidOption(request.message, host=host)
                requests[host] = request
            except InvalidOption as error:
                failed[host] = error_result(error)
        return requests, failed

    def _request(self, values: dict[str, Any]) -> HostRequest | InvalidOption:
        """What the task of the role would make of a host's variables."""
        try:
            validation = _SPEC.validate({option: value for option, value in values.items() if value})
            if validation.error_messages:
                raise InvalidOption("; ".join(validation.error_messages))
            options = validation.validated_parameters
            request = HostRequest.of(options)
            if options["audit_file"] and not self._task.check_mode:
                # A host whose trail can not be written fails, whether anything differs on it or not.
                AuditFile(Path(options["audit_file"])).check()
        except InvalidOption as error:
            return error
        except AssistError as error:
            return InvalidOption(error.message)
        return request


def _lost(host: str) -> AssistError:
    return AssistError(_LOST.message, host=host, hint=_LOST.hint)
