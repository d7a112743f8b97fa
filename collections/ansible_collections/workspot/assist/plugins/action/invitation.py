# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make an invitation into a user's session, prove it, and keep it on the controller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible.utils.display import Display

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.invitation_delivery import InvitationDelivery
from ..plugin_utils._ansible.operator import show_once
from ..plugin_utils._ansible.option_specs import INVITATION
from ..plugin_utils._assistance.invitation_flow import check_invitation, create_invitation
from ..plugin_utils._assistance.just_in_time.wishes import Wishes
from ..plugin_utils._assistance.notify import PASSWORD_SECONDS, message_text, notify
from ..plugin_utils._assistance.request import MAX_MINUTES, InvitationRequest, InvitationResult
from ..plugin_utils._assistance.revoke import Revoked, RevokeRequest, revoke_invitation
from ..plugin_utils._assistance.secret import Secret
from ..plugin_utils._assistance.user_name import parse_user
from ..plugin_utils._errors import AssistError, InvalidOption, PasswordUnusable
from ..plugin_utils._formats.invitation import iso_utc
from ..plugin_utils._formats.password import check_password, generate_password
from ..plugin_utils._formats.ticket_cipher import require_cryptography

display = Display()


class ActionModule(AssistAction):
    """``workspot.assist.invitation``."""

    option_spec = INVITATION
    audit_action = "invitation"

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Make an invitation, or take it back."""
        if options["state"] == "absent":
            return self._absent(options)
        return self._present(options, task_vars)

    def _absent(self, options: dict[str, Any]) -> Result:
        request = RevokeRequest(parse_user(options["user"]), options["session_id"], options["sid"])
        client = self.connect()
        outcome = revoke_invitation(client, request, check=self._task.check_mode, progress=self._progress)
        if outcome.revoked:
            self.audit("revoked", options, sessions=[_revoked(item) for item in outcome.revoked])
        return {"host": self.host, **outcome.as_data(), "exchanges": client.exchanges}

    def _present(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Check, make, prove, keep."""
        require_cryptography()
        given = options["password"]
        password = given if given is not None else generate_password()
        if given is not None and given in self.connection_secrets:
            raise PasswordUnusable(
                "the invitation password can not be used: it is the password of the connection's own account.",
                hint="The helper and the host's event log would get it. Does the inventory have a variable named "
                "password? Leave that out, or give one for this run.",
            )
        self.keep_secret(password)
        check_password(password)
        delivery = self._delivery(options, task_vars, password, given=given is not None)
        request = self._request(options, password, delivery)
        delivery.greet(write=not self._task.check_mode)
        if self._task.check_mode:
            client = self.connect()
            checked = check_invitation(client, request, progress=self._progress)
            return {"changed": True, "host": self.host, **checked.as_data(), "exchanges": client.exchanges}
        client = self.connect()

        def show(result: InvitationResult, text: str) -> str | None:
            with client.shell() as shell:
                return notify(shell, result.session.session_id, text, seconds=PASSWORD_SECONDS)

        def deliver(result: InvitationResult) -> None:
            self._progress("delivering the invitation")
            delivery.deliver(result, show)
            try:
                self.audit("created", options, **_recorded(result), **delivery.recorded())
            except BaseException as error:
                # An invitation that can not be recorded is taken back, like one that can not be kept.
                left = delivery.take_back()
                if left and isinstance(error, AssistError):
                    error.hint = f"{error.hint or ''} Not everything could be taken back: {'; '.join(left)}.".strip()
                raise

        result = create_invitation(client, request, progress=self._progress, deliver=deliver)
        if delivery.shown_here:
            show_once(f"[{self.host}] one-time password of {delivery.shown_here}: {password}")
        found = result.as_data()
        return {
            "changed": True,
            **found,
            "warnings": [*found["warnings"], *delivery.plan.warnings],
            **delivery.as_data(),
            "password_source": "generated" if given is None else "given",
        }

    def _delivery(
        self, options: dict[str, Any], task_vars: dict[str, Any], password: str, *, given: bool
    ) -> InvitationDelivery:
        """Where everything goes; its secrets are masked from here on."""
        delivery = InvitationDelivery(options, task_vars, password=password, given=given)
        for secret in delivery.secrets:
            self.keep_secret(secret)
        return delivery

    def _request(self, options: dict[str, Any], password: str, delivery: InvitationDelivery) -> InvitationRequest:
        if not 1 <= options["expires_minutes"] <= MAX_MINUTES:
            raise InvalidOption(f"expires_minutes has to be from 1 to {MAX_MINUTES}.")
        return InvitationRequest(
            user=parse_user(options["user"]),
            password=Secret(password),
            session_id=options["session_id"],
            sid=options["sid"],
            lifetime=timedelta(minutes=options["expires_minutes"]),
            timeout=float(options["timeout"]),
            check_reachable=options["check_reachable"],
            # Otherwise the user is told together with the password.
            message=self._message(options) if delivery.user_text is None else None,
            just_in_time=Wishes.of(options),
        )

    def _message(self, options: dict[str, Any]) -> str | None:
        if not options["notify_user"]:
            return None
        return message_text(options["notify_text"], helper=options["helper"] or "", reference=options["ticket"] or "")

    def _progress(self, text: str) -> None:
        display.vv(f"invitation: {text}", host=self.host)


def _recorded(result: InvitationResult) -> dict[str, Any]:
    """What the audit trail keeps of an invitation: everything but the file and the password."""
    session = result.session
    opened = {} if result.opened is None else {"just_in_time": list(result.opened)}
    return {
        "account": session.account,
        "session_id": session.session_id,
        "sid": session.sid,
        "sha256": result.sha256,
        "created": iso_utc(result.created),
        "expires": iso_utc(result.expires),
        **opened,
    }


def _revoked(item: Revoked) -> dict[str, Any]:
    """What the audit trail keeps of an invitation that was taken back."""
    closed = {"just_in_time_closed": True} if item.guard.closes else {}
    return {"session_id": item.session.session_id, "sid": item.session.sid, **closed}
