# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A submission server with TLS and logins (aiosmtpd), which can be told to refuse."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER = "assist@corp.example"


@dataclass
class Mailbox:
    """Handler of aiosmtpd: keeps what comes, or refuses it.

    Attributes:
        password: Of the account `USER`.
        mails: Whole mails, in order.
        envelopes: From whom to whom.
        raw: The mails byte by byte.
        refuse_data: Reply to a whole mail instead of taking it.
        refuse_data_command: Reply to the command before a mail's first byte.
        refuse_recipient: Reply to this recipient.
        logins: How many were tried.
    """

    password: str
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuse_data: str | None = None
    refuse_data_command: str | None = None
    refuse_recipient: tuple[str, str] | None = None
    logins: int = 0

    def login(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        """Called for every login."""
        assert isinstance(data, LoginPassword)
        self.logins += 1
        right = data.login == USER.encode() and data.password == self.password.encode()
        return AuthResult(success=right, handled=False, message=None if right else "535 5.7.8 Authentication failed")

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Called for every recipient."""
        if self.refuse_recipient and address == self.refuse_recipient[0]:
            return self.refuse_recipient[1]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Called for every mail that came whole."""
        if self.refuse_data:
            return self.refuse_data
        data = bytes(envelope.content or b"")
        self.raw.append(data)
        found = message_from_bytes(data, policy=default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        return "250 2.0.0 queued"

    def reset(self) -> None:
        """Forget everything."""
        self.mails.clear()
        self.envelopes.clear()
        self.raw.clear()
        self.refuse_data = self.refuse_data_command = self.refuse_recipient = None
        self.logins = 0


class _Refusing(SMTP):
    """A server that can refuse a mail at the command DATA."""

    async def smtp_DATA(self, arg: str) -> None:
        """Called for the command."""
        if self.event_handler.refuse_data_command:
            await self.push(self.event_handler.refuse_data_command)
            return
        await super().smtp_DATA(arg)


class MailServer:
    """A server on a free port, in a thread of its own.

    Args:
        context: With the server's certificate.
        password: Of the account.
        security: ``starttls``, ``tls``, or ``none`` for one that offers no TLS at all.

    Attributes:
        box: What came.
        port: Where it listens.
    """

    def __init__(self, context: ssl.SSLContext, password: str, *, security: str = "starttls") -> None:
        self.box = Mailbox(password)
        self._security = security
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """End it."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> asyncio.Server:
        outer = self._context if self._security == "tls" else None
        return await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=outer)

    async def _stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _session(self) -> SMTP:
        inner = self._security == "starttls"
        return _Refusing(
            self.box,
            hostname="mail.corp.example",
            authenticator=self.box.login,
            auth_required=True,
            auth_require_tls=inner,
            require_starttls=inner,
            tls_context=self._context if inner else None,
            loop=self._loop,
        )
