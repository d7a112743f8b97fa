# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugins' contract: options in, outcome out, errors in one line, and no secret anywhere.

Unlike a module's, an action plugin's ``no_log`` options are masked by nobody: this class does it, for every
result, error and warning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from .._errors import AssistError, InvalidOption, TransportError
from .._transport.preload import preload
from .._wsman.client import WsmanClient
from .audit_file import AuditFile, record
from .connection import Transport, open_transport

Result = dict[str, Any]
display = Display()


class AssistAction(ActionBase):  # type: ignore[misc]
    """Base of all actions of this collection. Subclasses set `option_spec` and write `perform`."""

    option_spec: ClassVar[dict[str, Any]] = {}
    spec_rules: ClassVar[dict[str, Any]] = {}
    """Further rules of `ArgumentSpecValidator`, such as ``required_if``."""

    audit_action: ClassVar[str | None] = None
    """What the audit trail calls the work of this action; ``None`` for one that changes nothing."""
    audit_unheard: ClassVar[bool] = True
    """Whether the trail keeps an attempt that the host never heard of, as it is down or refuses the login."""

    _supports_check_mode = True
    _supports_async = False
    _requires_connection = True
    TRANSFERS_FILES = False

    _validator: ClassVar[ArgumentSpecValidator]

    def __init_subclass__(cls, **options: Any) -> None:
        """Do what all hosts need alike, before Ansible forks a process for each."""
        super().__init_subclass__(**options)
        cls._validator = ArgumentSpecValidator(cls.option_spec, **cls.spec_rules)
        if cls._requires_connection:
            preload()

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Do the work.

        Args:
            options: Validated options.
            task_vars: All variables of the host.

        Raises:
            AssistError: It can not be done; becomes a failed or an unreachable result.
        """
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        """Called by Ansible."""
        result: Result = super().run(tmp, task_vars)
        del tmp
        variables = task_vars or {}
        self._secrets: set[str] = set()
        self._transport: Transport | None = None
        self._client: WsmanClient | None = None
        self._audit: AuditFile | None = None
        self._variables = variables
        self._note_secrets(variables)
        self.connection_secrets = frozenset(self._secrets)
        try:
            options = self._validated()
            result.update(self._performed(options, variables))
        except AssistError as error:
            result.update(self._failure(error))
        finally:
            if self._transport is not None:
                self._transport.close()
        if self._play_context.become:
            warning = "become has no meaning here: the work is done by the connection's own account."
            result.setdefault("warnings", []).append(warning)
        return self._scrubbed(result)

    def _performed(self, options: dict[str, Any], variables: dict[str, Any]) -> Result:
        """The work, and its record in the audit trail."""
        if self.audit_action is None or not options.get("audit_file") or self._task.check_mode:
            return self.perform(options, variables)
        self._audit = AuditFile(Path(options["audit_file"]))
        self._audit.check()
        try:
            result = self.perform(options, variables)
        except AssistError as error:
            self._audit_failure(error, options)
            raise
        if result.get("changed") or result.get("failed"):
            self.audit("failed" if result.get("failed") else "changed", options, **self.audit_details(result))
        return result

    def audit(self, outcome: str, options: dict[str, Any], **details: Any) -> None:
        """Append one record to the trail, once; without a trail nothing happens.

        Raises:
            AuditNotWritten: It could not be written.
        """
        trail, self._audit = self._audit, None
        if trail is not None:
            given = {name: options[name] for name in ("reason", "ticket", "user") if options.get(name)}
            said = {"host": self.host, **given, **details}
            trail.append(remove_values(record(str(self.audit_action), outcome, self._variables, **said), self._secrets))

    def _audit_failure(self, error: AssistError, options: dict[str, Any]) -> None:
        """Record that it failed; if that can not be, the error itself is still what the operator has to read."""
        unheard = isinstance(error, TransportError) and (self._client is None or self._client.exchanges <= 1)
        if unheard and not self.audit_unheard:
            return
        try:
            self.audit("failed", options, error=error.kind, message=self._masked(error.message))
        except AssistError as unwritten:
            error.hint = f"{error.hint or ''} Nor could it be recorded: {unwritten.message}".strip()

    def audit_details(self, result: Result) -> dict[str, Any]:
        """What the trail keeps of a result."""
        return {"changes": result["changes"]} if "changes" in result else {}

    @property
    def host(self) -> str:
        """The host as the inventory names it."""
        return str(self._task_host)

    def connect(self, *, operation_timeout: float = 30.0) -> WsmanClient:
        """A client over the task's own connection. Nothing is sent yet."""
        self._transport = open_transport(self._connection, host=self.host)
        self._client = WsmanClient(self._transport, host=self.host, operation_timeout=operation_timeout)
        return self._client

    def keep_secret(self, text: str | None) -> None:
        """Have a text masked in whatever this action returns."""
        if text:
            self._secrets.add(text)

    def _validated(self) -> dict[str, Any]:
        arguments = self._task.args
        for name, rule in self.option_spec.items():
            value = arguments.get(name)
            if rule.get("no_log") and isinstance(value, str | int | float):
                self.keep_secret(str(value))
        validation = self._validator.validate(dict(arguments))
        if validation.error_messages:
            raise InvalidOption(self._masked("; ".join(validation.error_messages)))
        return dict(validation.validated_parameters)

    def _note_secrets(self, variables: dict[str, Any]) -> None:
        self._task_host = variables.get("inventory_hostname", "localhost")
        for option in ("remote_password", "password"):
            try:
                value = self._connection.get_option(option)
            except KeyError:
                continue
            self.keep_secret(str(value) if value else None)

    def _failure(self, error: AssistError) -> Result:
        mark = "unreachable" if isinstance(error, TransportError) else "failed"
        return {mark: True, "msg": str(error), "error": error.as_data()}

    def _masked(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "********")
        return text

    def _scrubbed(self, result: Result) -> Result:
        # Very short secrets would mask half of every sentence; msra takes none below six characters.
        secrets = {secret for secret in self._secrets if len(secret) >= 4}
        return dict(remove_values(result, secrets)) if secrets else result
