# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All or nothing: the order of delivery, and what becomes of it when one channel fails, or its library."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.channel import Channel, Parcel, errand
from ansible_collections.workspot.assist.plugins.plugin_utils._delivery.delivery import Consignment, Delivery
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import DeliveryFailed

INVITATION = Parcel(("x.msrcincident",), b"file")
PASSWORD = Parcel(("x.password",), b"secret")


class Scripted(Channel):
    """A channel that does what it is told, and writes down what it did."""

    kind = "scripted"
    rank = 0

    def __init__(self, name: str, log: list[str], *, rank: int = 0, **does: Any) -> None:
        self.name = name
        self.log = log
        self.does = does
        self.rank = rank  # type: ignore[misc]

    @property
    def goal(self) -> str:
        return self.name

    def _do(self, what: str) -> Any:
        self.log.append(f"{what} {self.name}")
        done = self.does.get(what)
        if isinstance(done, BaseException):
            raise done
        return done

    def greet(self) -> None:
        self._do("greet")

    def put(self, parcel: Parcel) -> str:
        self.log.append(f"{parcel.names[0]} by {self.name}")
        self._do("put")
        return f"at {self.name}"

    def take_back(self) -> str | None:
        return self._do("take back")


def delivery(*channels: Scripted, password: Scripted | None = None) -> Delivery:
    found = [Consignment(channel) for channel in channels]
    return Delivery([*found, *([Consignment(password, password=True)] if password else [])])


def test_what_can_not_be_taken_back_goes_last() -> None:
    log: list[str] = []
    subject = delivery(Scripted("mail", log, rank=9), Scripted("file", log), password=Scripted("share", log, rank=2))
    subject.put(INVITATION, PASSWORD)
    assert [line for line in log if " by " in line] == [
        "x.msrcincident by file",
        "x.password by share",
        "x.msrcincident by mail",
    ]
    assert [receipt.location for receipt in subject.invitations] == ["at file", "at mail"]
    assert subject.password is not None
    assert subject.password.location == "at share"


def test_the_one_that_fails_is_taken_back_too() -> None:
    log: list[str] = []
    broken = Scripted("b", log, rank=2, put=DeliveryFailed("b: the disk is full.", hint="Make room."))
    subject = delivery(Scripted("a", log, rank=1), broken, Scripted("c", log, rank=3))
    with pytest.raises(DeliveryFailed) as caught:
        subject.put(INVITATION, PASSWORD)
    assert log[-2:] == ["take back b", "take back a"]
    assert not any("c" in line.split() for line in log)
    assert caught.value.message == (
        "b: the disk is full. The invitation was revoked. What had arrived already (at a) was taken back."
    )
    assert caught.value.hint == "Make room."
    assert (subject.invitations, subject.password) == ([], None)


def test_what_stays_is_said() -> None:
    log: list[str] = []
    stays = Scripted("a", log, **{"take back": "a file on a"})
    gone = Scripted("b", log, rank=1, put=DeliveryFailed("b broke."), **{"take back": DeliveryFailed("no connection.")})
    with pytest.raises(DeliveryFailed, match=r"could be taken back: b \(no connection\); a file on a\."):
        delivery(stays, gone).put(INVITATION, PASSWORD)


def test_a_greeting_that_fails_stops_the_others() -> None:
    log: list[str] = []
    subject = delivery(Scripted("a", log, greet=DeliveryFailed("a is away.")), Scripted("b", log, rank=1))
    with pytest.raises(DeliveryFailed, match="a is away"):
        subject.greet()
    assert log == ["greet a"]


def test_an_interrupted_delivery_is_taken_back() -> None:
    log: list[str] = []
    subject = delivery(Scripted("a", log))
    subject.put(INVITATION, PASSWORD)
    assert subject.take_back() == []
    assert subject.take_back() == []
    assert log.count("take back a") == 1


def test_a_library_says_nothing_itself() -> None:
    with pytest.raises(DeliveryFailed, match=r"^share: it failed \(RuntimeError\)\.$"):
        errand("share", Scripted("x", [], greet=RuntimeError("https://x/?signature=geheim")).greet)


def test_libraries_do_not_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errand("share", lambda: logging.getLogger("smbprotocol.open").critical("x") or logging.getLogger("a").info("y"))
    logged = logging.getLogger("urllib3.connectionpool")
    errand("share", lambda: logged.error("GET /?signature=geheim"))
    assert "geheim" not in caplog.text
    assert "y" in caplog.text


def test_a_server_that_hangs_keeps_nobody() -> None:
    never = threading.Event()
    try:
        with pytest.raises(DeliveryFailed, match="share did not answer within 0 seconds"):
            errand("share", never.wait, seconds=0.05)
    finally:
        never.set()


def test_what_is_secret_is_in_no_repr() -> None:
    assert "secret" not in repr(PASSWORD)
