# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a user can not be helped: every check of one host, as data."""

from __future__ import annotations

from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.connection import CONNECT_SECONDS, open_transport
from ..plugin_utils._ansible.diagnosis_target import target_of
from ..plugin_utils._ansible.option_specs import DIAGNOSIS
from ..plugin_utils._assistance.diagnosis.diagnose import diagnose, lines
from ..plugin_utils._assistance.diagnosis.facts import Facts, Question
from ..plugin_utils._assistance.diagnosis.reading import read_all
from ..plugin_utils._assistance.user_name import parse_user
from ..plugin_utils._errors import AssistError, InvalidOption
from ..plugin_utils._transport.deadline import DeadlineTransport

_OPERATION_SECONDS = 30.0


class ActionModule(AssistAction):
    """``workspot.assist.diagnosis``."""

    option_spec = DIAGNOSIS

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read, and look at what was read; a host that can not be asked is an answer too."""
        seconds = options["timeout"]
        if not 1 <= seconds <= 3600:
            raise InvalidOption("timeout has to be from 1 to 3600 seconds.")
        question = Question(
            user=parse_user(options["user"]) if options["user"] is not None else None,
            session_id=options["session_id"],
            lifetime_minutes=options["expires_minutes"],
            check_reachable=options["check_reachable"],
        )
        facts = self._facts(question, seconds)
        diagnosis = diagnose(facts)
        return {
            "changed": False,
            "host": self.host,
            "user": options["user"],
            **diagnosis.as_data(),
            "lines": lines(diagnosis),
            "exchanges": facts.answers,
        }

    def _facts(self, question: Question, seconds: float) -> Facts:
        try:
            self._transport = open_transport(
                self._connection, host=self.host, connect_timeout=min(CONNECT_SECONDS, seconds)
            )
        except AssistError as error:
            return Facts(question, target_of(self._connection, None, host=self.host), error=error)
        return read_all(
            DeadlineTransport(self._transport, seconds),
            question,
            target_of(self._connection, self._transport, host=self.host),
            operation_timeout=min(_OPERATION_SECONDS, seconds),
        )
