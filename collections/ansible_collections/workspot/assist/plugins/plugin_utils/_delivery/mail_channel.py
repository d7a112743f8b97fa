# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail over SMTP, never in the clear: STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314), certificate verified.

A mail can not be taken back. So it goes last, either all recipients get it or none, and the recipients are shown to the
server once before anything is started.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

from .._errors import DeliveryFailed, InvalidOption
from .channel import PATIENCE, Channel, Parcel
from .credentials import Credentials, credentials_for

PORTS = {"starttls": 587, "tls": 465}
"""RFC 6409 and RFC 8314: ports of message submission."""
_LONGEST_SUBJECT = 200


def parse_address(text: str, what: str) -> str:
    """A mail address, as it can stand in a header and an envelope.

    Raises:
        InvalidOption: It is none. A line break in it would be a header of somebody else's choosing.
    """
    wanted = text.strip()
    try:
        if not wanted.isprintable() or any(char in wanted for char in '<>",;: \\'):
            raise ValueError(wanted)
        address = Address(addr_spec=wanted)
    except (ValueError, IndexError, MessageError):
        raise InvalidOption(f"{what} of delivery_mail is no mail address.") from None
    if not address.username or not address.domain:
        raise InvalidOption(f"{what} of delivery_mail is no mail address.")
    return wanted


class MailChannel(Channel):
    """One mail to some people.

    Args:
        server: Name or address of the submission server.
        sender: Who the mail is from.
        recipients: Who gets it.
        account: Login; ``None`` for a relay that knows us by our address.
        port: TCP port; ``None`` for the usual one.
        security: ``starttls`` or ``tls``.
        ca_file: Authorities to trust instead of the system's.
    """

    kind = "mail"
    rank = 9

    def __init__(
        self,
        server: str,
        sender: str,
        recipients: Sequence[str],
        account: Credentials | None = None,
        *,
        port: int | None = None,
        security: str = "starttls",
        ca_file: str | None = None,
    ) -> None:
        self._server = server
        self._port = port or PORTS[security]
        self._security = security
        self._sender = parse_address(sender, "sender")
        self._recipients = [parse_address(item, "to") for item in recipients]
        self._account = account
        self._ca_file = ca_file
        self._sent = False
        if not self._recipients:
            raise InvalidOption(
                "delivery_mail says not to whom.",
                hint="Give it to, or launch from AWX by somebody with a mail address.",
            )

    @classmethod
    def from_options(cls, options: dict[str, Any], *, launched_by: str | None) -> MailChannel:
        """A channel from ``delivery_mail``.

        Args:
            options: See there.
            launched_by: Mail address of the person who launched the job, for a mail that says not to whom.

        Raises:
            InvalidOption: Something in it is wrong.
        """
        if options["ca_file"] and not Path(options["ca_file"]).is_file():
            raise InvalidOption(f"{options['ca_file']} is no file.")
        return cls(
            options["server"],
            options["sender"],
            options["to"] or ([launched_by] if launched_by else []),
            credentials_for("mail", options["credentials_file"]),
            port=options["port"],
            security=options["security"],
            ca_file=options["ca_file"],
        )

    @property
    def secrets(self) -> list[str]:
        """What must turn up nowhere."""
        return [self._account.password] if self._account else []

    @property
    def goal(self) -> str:
        """The server."""
        return f"mail server {self._server}, port {self._port}"

    def greet(self) -> None:
        """Log in, and ask whether these recipients are accepted; no mail is begun."""
        with self._connected() as server:
            self._address(server)
            server.rset()

    def put(self, parcel: Parcel) -> str:
        """Send the mail, to all or to nobody."""
        message = self._message(parcel)
        with self._connected() as server:
            self._address(server)
            # From here on it can be on its way, even when no answer comes any more.
            self.refuse_if_given_up()
            self._sent = True
            try:
                code, answer = server.data(message.as_bytes())
            except smtplib.SMTPDataError as error:
                # Refused before its first byte (RFC 5321 3.3: no 354).
                self._sent = False
                raise self._refused(error.smtp_code, error.smtp_error, "the mail") from None
            if code != 250:
                self._sent = False
                raise self._refused(code, answer, "the mail")
        return ", ".join(self._recipients)

    def take_back(self) -> str | None:
        """Nobody can; without the host's side it opens nothing."""
        return f"a mail to {', '.join(self._recipients)}" if self._sent else None

    def _message(self, parcel: Parcel) -> EmailMessage:
        """The mail. The names in it come from hosts: what could end a header's line becomes a blank."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = _one_line(parcel.subject)[:_LONGEST_SUBJECT]
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
        message.set_content("\n".join(_one_line(line, blanks=True) for line in parcel.text.splitlines()) + "\n")
        if parcel.attached:
            message.add_attachment(
                parcel.data, maintype="application", subtype="octet-stream", filename=parcel.names[0]
            )
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection with TLS, logged in; every failure in our own words."""
        server: smtplib.SMTP | None = None
        try:
            server = self._connect()
            if self._account:
                server.login(self._account.username, self._account.password)
            yield server
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        except smtplib.SMTPAuthenticationError as error:
            raise self._refused(error.smtp_code, error.smtp_error, "the login") from None
        except UnicodeError:
            # smtplib's logins are in ASCII.
            raise DeliveryFailed(f"{self.goal}: the account's name or password has letters outside ASCII.") from None
        except ssl.SSLError as error:
            raise self._insecure(error) from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryFailed(
                f"{self.goal}: the server does not offer what is needed (STARTTLS, or a login by password).",
                hint="Nothing was sent in the clear. Is it the right port, and the right security?",
            ) from None
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error, "the connection") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"{self.goal}: no connection, or it broke ({_reason(error)}).") from None
        finally:
            if server is not None:
                server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self._ca_file)
        own = socket.gethostname()
        if self._security == "tls":
            return smtplib.SMTP_SSL(self._server, self._port, own, timeout=PATIENCE, context=context)
        server = smtplib.SMTP(self._server, self._port, own, timeout=PATIENCE)
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server

    def _address(self, server: smtplib.SMTP) -> None:
        """Name sender and recipients; all of them have to be accepted."""
        server.ehlo_or_helo_if_needed()
        options = []
        if not all(address.isascii() for address in (self._sender, *self._recipients)):
            if not server.has_extn("smtputf8"):
                raise DeliveryFailed(f"{self.goal}: it takes no addresses with letters outside ASCII.")
            options = ["SMTPUTF8", "BODY=8BITMIME"]  # RFC 6531
        code, answer = server.mail(self._sender, options)
        if code != 250:
            raise self._refused(code, answer, f"the sender {self._sender}")
        for recipient in self._recipients:
            code, answer = server.rcpt(recipient)
            if code not in (250, 251):
                raise self._refused(code, answer, f"the recipient {recipient}")

    def _insecure(self, error: ssl.SSLError) -> DeliveryFailed:
        if isinstance(error, ssl.SSLCertVerificationError):
            return DeliveryFailed(
                f"{self.goal}: the server's certificate is not trusted, or is for another name.",
                hint="Give the authority that signed it as ca_file, and the server's name as in its certificate.",
            )
        return DeliveryFailed(
            f"{self.goal}: no TLS ({error.reason or 'refused'}).", hint="Is security right for that port?"
        )

    def _refused(self, code: int, answer: bytes | str, what: str) -> DeliveryFailed:
        said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        return DeliveryFailed(f"{self.goal}: the server did not take {what} ({code} {_one_line(said)[:200]}).")


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()


def _one_line(text: str, *, blanks: bool = False) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if blanks else " ".join(plain.split())
