# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of ``invitation`` to its delivery: which channels, under which names, with which words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .._assistance.notify import NO_HELPER, NO_TICKET, check_text
from .._assistance.request import InvitationResult
from .._delivery.channel import Channel, Parcel
from .._delivery.delivery import Consignment, Delivery
from .._delivery.file_channel import FileChannel, PasswordFile
from .._delivery.file_name import check_template, file_names, password_names
from .._delivery.plan import FILE, HTTP, MAIL, OPERATOR, SMB, USER, Plan, make_plan
from .._errors import DeliveryFailed, InvalidOption
from .._formats.invitation import iso_utc
from .operator import terminal_is_there

JOB_VARIABLES = ("awx_job_id", "tower_job_id")
"""A job of AWX: its folder is thrown away, and others read its output."""
MAIL_VARIABLES = ("awx_user_email", "tower_user_email")
_SUBJECT = "Remote Assistance: {user} on {host}"
_MAIL = """\
A Remote Assistance invitation is attached.

For:      {account} on {host}, session {session_id}
Expires:  {expires}
SHA-256:  {sha256}

Windows:  msra /openfile {name}
Linux:    xfreerdp {name} /assistance:PASSWORD

The password comes another way. {account} has to agree in a dialog on the desktop.
"""
_PASSWORD_MAIL = """\
Password:  {password}

It opens one Remote Assistance invitation: {account} on {host}, session {session_id}, until {expires}.
The invitation comes another way.
"""

Show = Callable[[InvitationResult, str], str | None]
"""Shows a text in the user's session; returns why it could not, in words."""


class InvitationDelivery:
    """The delivery of the invitation that a task makes. Nothing is connected yet.

    Args:
        options: Of the module.
        variables: Of the task.
        password: Of the invitation.
        given: Whether somebody gave it, and so knows it.

    Attributes:
        plan: Which channel carries what.
        secrets: What must turn up nowhere.

    Raises:
        AssistError: Something in the options can not work.
    """

    def __init__(self, options: Mapping[str, Any], variables: Mapping[str, Any], *, password: str, given: bool) -> None:
        self._options = options
        self._variables = variables
        self._password = password
        self.plan: Plan = make_plan(
            options["delivery"],
            options["password_delivery"],
            given=given,
            in_job=any(variables.get(name) for name in JOB_VARIABLES),
            password_file=bool(options["password_file"]),
        )
        check_template(options["file_name"])
        self._check_settings()
        self.secrets: list[str] = []
        self.file: FileChannel | None = None
        self.password_file: PasswordFile | None = None
        self._name = ""
        self._delivery = Delivery(list(self._consignments()))
        self.user_text = self._user_text() if self.plan.password == USER else None

    def greet(self, *, write: bool) -> None:
        """Ask every server, and try every directory, before anything is started.

        Args:
            write: Whether directories may be made and tried; not in a check run.

        Raises:
            AssistError: One of them will not do.
        """
        try:
            self._delivery.greet(write=write)
        except DeliveryFailed as error:
            raise DeliveryFailed(f"{error.message} Nothing was started.", hint=error.hint) from None

    def deliver(self, result: InvitationResult, show: Show) -> None:
        """Bring the file and the password where they are to go, all or nothing.

        Raises:
            AssistError: Something could not be delivered; the rest is taken back.
        """
        invitation, password = self._parcels(result)
        self._delivery.put(invitation, password)
        if _is_over(result):
            late = DeliveryFailed(
                "the invitation ended before its delivery did.",
                host=result.host,
                hint="Give it more time (expires_minutes), or look why the servers are slow.",
            )
            raise self._delivery.failed(late)
        if self.user_text is None:
            return
        try:
            problem = show(result, self.user_text)
        except BaseException:
            self.take_back()
            raise
        if problem:
            raise self._delivery.failed(DeliveryFailed(problem, host=result.host))

    def take_back(self) -> list[str]:
        """Take everything back; returns what could not be, in words."""
        return self._delivery.take_back()

    @property
    def shown_here(self) -> str | None:
        """What the operator's terminal is to say beside the password; ``None`` when the password goes elsewhere."""
        if self.plan.password != OPERATOR or self.password_file is not None:
            return None
        return str(self.file.path) if self.file else self._arrived_as()

    def as_data(self) -> dict[str, Any]:
        """Where everything is, as the module's result carries it."""
        kept = self.password_file.path if self.password_file else None
        elsewhere = self._delivery.password
        return {
            "path": str(self.file.path) if self.file and self.file.path else None,
            "file_name": self._arrived_as(),
            "delivered": [receipt.as_data() for receipt in self._delivery.invitations],
            "password_delivered": self.plan.password,
            "password_file": str(kept) if kept else None,
            "password_location": elsewhere.location if elsewhere else None,
        }

    def recorded(self) -> dict[str, Any]:
        """Where everything went, as the audit trail keeps it."""
        found = self.as_data()
        return {name: found[name] for name in ("delivered", "password_delivered", "password_location")}

    def _arrived_as(self) -> str:
        """The file's name where it is: another than was tried first, when that one was taken."""
        for receipt in self._delivery.invitations:
            if receipt.channel == HTTP:
                return unquote(receipt.location.rpartition("/")[2])
            if receipt.channel != MAIL:
                return re.split(r"[\\/]", receipt.location)[-1]
        return self._name

    def _check_settings(self) -> None:
        for kind in (SMB, HTTP, MAIL):
            if kind in self.plan.needed and not self._options[f"delivery_{kind}"]:
                raise InvalidOption(f"delivery by {kind} needs delivery_{kind} (assist_{kind} in the playbook).")

    def _consignments(self) -> list[Consignment]:
        found = [Consignment(self._channel(kind)) for kind in self.plan.invitation]
        if self.plan.password in (SMB, HTTP, MAIL):
            found.append(Consignment(self._channel(self.plan.password), password=True))
        if self.plan.password == OPERATOR and (keeper := self._password_file()):
            self.password_file = keeper
            found.append(Consignment(keeper, password=True))
        return found

    def _channel(self, kind: str) -> Channel:
        if kind == FILE:
            self.file = FileChannel(Path(self._options["directory"]))
            return self.file
        channel = self._server(kind, self._options[f"delivery_{kind}"])
        self.secrets += channel.secrets
        return channel

    def _server(self, kind: str, settings: dict[str, Any]) -> Channel:
        """A channel to a server. Only what is used is loaded: most runs use none."""
        if kind == SMB:
            from .._delivery.smb_channel import SmbChannel

            return SmbChannel.from_options(settings)
        if kind == HTTP:
            from .._delivery.http_channel import HttpChannel

            return HttpChannel.from_options(settings)
        from .._delivery.mail_channel import MailChannel

        launched_by = next((self._variables[name] for name in MAIL_VARIABLES if self._variables.get(name)), None)
        return MailChannel.from_options(settings, launched_by=str(launched_by) if launched_by else None)

    def _password_file(self) -> PasswordFile | None:
        """Where the operator finds the password: a file that was named, the terminal, or beside the invitation."""
        if self._options["password_file"]:
            return PasswordFile(Path(self._options["password_file"]), None)
        if terminal_is_there():
            return None
        if self.file is None:
            raise InvalidOption(
                "there is no terminal to show the password on, and no invitation on the controller to keep it beside.",
                hint="Give password_file, or another password_delivery (assist_password_delivery in the playbook).",
            )
        return PasswordFile(None, self.file)

    def _user_text(self) -> str:
        """What the user reads: that somebody will help, if that is asked for as well, and the password."""
        if "{password}" not in self._options["password_text"]:
            raise InvalidOption("password_text has to hold {password}.")
        wordings = [self._options["notify_text"]] if self._options["notify_user"] else []
        words = {
            "helper": self._options["helper"] or NO_HELPER,
            "ticket": self._options["ticket"] or NO_TICKET,
            "password": self._password,
        }
        text = _filled(" ".join([*wordings, self._options["password_text"]]), words).strip()
        check_text(text)
        return text

    def _parcels(self, result: InvitationResult) -> tuple[Parcel, Parcel]:
        session = result.session
        values = {
            "user": session.user,
            "host": result.host,
            "session_id": str(session.session_id),
            "expires": f"{result.expires:%Y%m%dT%H%MZ}",
            "epoch": str(time.time_ns() // 1_000_000),
        }
        names = file_names(self._options["file_name"], values)
        self._name = names[0]
        words = {
            **values,
            "account": session.account,
            "expires": iso_utc(result.expires),
            "sha256": result.sha256,
            "name": names[0],
            "ticket": self._options["ticket"] or NO_TICKET,
            "password": self._password,
        }
        subject = _filled((self._options["delivery_mail"] or {}).get("subject") or _SUBJECT, words, without="password")
        return (
            Parcel(names, result.data, subject, _filled(_MAIL, words)),
            Parcel(
                password_names(names),
                f"{self._password}\n".encode(),
                f"{subject} (password)",
                _filled(_PASSWORD_MAIL, words),
                attached=False,
            ),
        )


def _is_over(result: InvitationResult) -> bool:
    """Whether the host has ended the invitation by now, by the host's own clock."""
    return datetime.now(UTC) + timedelta(seconds=result.clock_difference_seconds) >= result.expires


def _filled(wording: str, words: Mapping[str, str], *, without: str = "") -> str:
    """The wording with its placeholders filled in once: what a value holds is not looked at again."""
    parts = wording.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, sign, rest = part.partition("}")
        known = sign and name in words and name != without
        filled.append(words[name] + rest if known else "{" + part)
    return "".join(filled)
