# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All of one delivery: greet everybody, carry what can be taken back first, and on an error take all of it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from .._errors import AssistError, DeliveryFailed
from .._formats.invitation import iso_utc
from .channel import Channel, Parcel, errand


@dataclass(frozen=True)
class Receipt:
    """What arrived where.

    Attributes:
        channel: By which channel.
        location: Where it is now, without secrets.
        at: When, UTC.
    """

    channel: str
    location: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_data(self) -> dict[str, str]:
        """The receipt as a module result carries it."""
        return {"channel": self.channel, "location": self.location, "at": iso_utc(self.at)}


@dataclass(frozen=True)
class Consignment:
    """A channel and what it is to carry: the invitation, or its password."""

    channel: Channel
    password: bool = False


class Delivery:
    """The delivery of one invitation.

    Args:
        consignments: What goes where.

    Attributes:
        invitations: Where the invitation is.
        password: Where the password is, when a channel carried it.
    """

    def __init__(self, consignments: Sequence[Consignment]) -> None:
        self._consignments = sorted(consignments, key=lambda item: item.channel.rank)
        self._begun: list[Channel] = []
        self.invitations: list[Receipt] = []
        self.password: Receipt | None = None

    def greet(self, *, write: bool = True) -> None:
        """Ask every server whether it will do, before an invitation is made.

        Args:
            write: Whether directories of the controller may be made and tried, too.

        Raises:
            AssistError: One will not.
        """
        for item in self._consignments:
            if write or not item.channel.greets_by_writing:
                errand(item.channel.goal, item.channel.greet)

    def put(self, invitation: Parcel, password: Parcel) -> None:
        """Deliver, all or nothing.

        Raises:
            DeliveryFailed: Something could not be delivered; the rest was taken back, as far as that is possible.
        """
        for item in self._consignments:
            channel, parcel = item.channel, password if item.password else invitation
            self._begun.append(channel)
            try:
                location = str(errand(channel.goal, partial(channel.put, parcel)))
            except AssistError as error:
                raise self.failed(error) from None
            except BaseException:
                self.take_back()
                raise
            receipt = Receipt(channel.kind, location)
            if item.password:
                self.password = receipt
            else:
                self.invitations.append(receipt)

    def take_back(self) -> list[str]:
        """Undo everything; returns what could not be undone, in words."""
        left = []
        for channel in reversed(self._begun):
            channel.given_up = True
            try:
                problem = errand(channel.goal, channel.take_back)
            except AssistError as error:
                problem = f"{channel.goal} ({error.message.rstrip('.')})"
            if problem:
                left.append(str(problem))
        self._begun = []
        self.invitations, self.password = [], None
        return left

    def failed(self, error: AssistError) -> DeliveryFailed:
        """Take everything back, and say what happened in one error."""
        kinds = ", ".join(receipt.location for receipt in self.invitations)
        left = self.take_back()
        undone = f" What had arrived already ({kinds}) was taken back." if kinds and not left else ""
        remains = f" Not everything could be taken back: {'; '.join(left)}." if left else ""
        return DeliveryFailed(
            f"{error.message} The invitation was revoked.{undone}{remains}", host=error.host, hint=error.hint
        )
