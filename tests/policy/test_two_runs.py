# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs on one host at the same time: the second one keeps what the first one wrote, whichever it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.flow import ensure_policy
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import PolicyBusy, PolicyChanged

from simulator.windows.registry_pol import encode, instruction, parse
from tests.policy.rig import FOLDER, FOREIGN, FOREIGN_ENTRIES, INI, POL, RA, Host, request

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MakeHost = Callable[..., Host]
LOCK = f"{FOLDER}\\workspot.assist.lock"
FIRST: dict[str, Any] = {"session_logging": "enabled"}
SECOND: dict[str, Any] = {"vista_or_later_only": "enabled", "solicited_control": "view_only"} | {
    "solicited_remote_assistance": "enabled"
}


def somebody_writes(host: Host) -> None:
    """An administrator with gpedit adds an entry and raises the version."""
    entries = parse(host.files.pol) if host.files.pol else []
    host.put(POL, encode([*entries, instruction(FOREIGN, "Meanwhile", 1)]))
    version = host.version
    host.put(INI, (host.files.ini or b"").replace(f"Version={version}".encode(), f"Version={version + 1}".encode()))


@pytest.mark.parametrize(("one", "other"), [(FIRST, SECOND), (SECOND, FIRST)])
@pytest.mark.parametrize("local_policy", [None, {"registry_pol": {"entries": FOREIGN_ENTRIES}}], ids=["new", "there"])
def test_a_whole_run_between_reading_and_writing_of_another(
    make_host: MakeHost, one: dict[str, Any], other: dict[str, Any], local_policy: Any
) -> None:
    host = make_host(local_policy=local_policy)
    inner: list[threading.Thread] = []

    def meanwhile(_text: str) -> None:
        """The outer run has read, planned, and is about to write."""
        if not inner:
            inner.append(threading.Thread(target=host.apply, kwargs=other))
            inner[0].start()
            inner[0].join()

    outcome = ensure_policy(
        host.connect(host.sim), request(**one), timing=Timing(sleep=lambda _s: None), progress=meanwhile
    )
    assert inner
    assert outcome.plan.changed
    for options in (one, other):
        host.assert_settled(**options)
    assert host.live()["LoggingEnabled"] == 1
    assert host.live()["fAllowFullControl"] == 0
    assert host.version == (1 if local_policy else 0) + 2
    assert outcome.version == host.version
    assert host.leftovers == []
    if local_policy:
        assert list(host.of(FOREIGN)) == ["Proxy", "Blob"]


def test_many_at_once(make_host: MakeHost) -> None:
    """Six controllers, each with another setting; every one is in the file and in force at the end."""
    host = make_host()
    runs: list[dict[str, Any]] = [
        FIRST,
        SECOND,
        {"offer_remote_assistance": "enabled", "offer_helpers": ["CORP\\Helpdesk"]},
        {"bandwidth_optimization": "enabled", "bandwidth_optimization_level": "full"},
        {"warning_messages": "enabled", "warning_before_control": "Careful"},
        {"uac_secure_desktop": "disabled"},
    ]
    with ThreadPoolExecutor(len(runs)) as threads:
        outcomes = list(threads.map(lambda options: host.attempt(**options), runs))
    for options, outcome in zip(runs, outcomes, strict=True):
        # With pauses cut to nothing one of them may give up; it says so, and what others wrote is kept.
        assert isinstance(outcome, PolicyBusy | PolicyChanged) or not isinstance(outcome, Exception), outcome
        if isinstance(outcome, Exception):
            host.apply(**options)
    for options in runs:
        host.assert_settled(**options)
    assert host.leftovers == []


@pytest.mark.parametrize("times", [1, 5])
def test_an_editor_that_writes_meanwhile_is_read_again(make_host: MakeHost, times: int) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    pauses: list[float] = []
    wrote: list[int] = []

    def meanwhile(text: str) -> None:
        if text.startswith("replacing") and len(wrote) < times:
            wrote.append(1)
            somebody_writes(host)

    ensure_policy(host.connect(host.sim), request(**FIRST), timing=Timing(sleep=pauses.append), progress=meanwhile)
    assert len(pauses) == times
    assert host.of(FOREIGN)["Meanwhile"] == 1
    assert host.of(RA)["LoggingEnabled"] == 1
    assert host.version == 1 + times + 1
    host.assert_settled(**FIRST)


def test_an_editor_that_never_stops_is_told(make_host: MakeHost) -> None:
    host = make_host(local_policy={"registry_pol": {"entries": FOREIGN_ENTRIES}})
    pauses: list[float] = []
    with pytest.raises(PolicyChanged, match="somebody else changed the local Group Policy"):
        ensure_policy(
            host.connect(host.sim),
            request(**FIRST),
            timing=Timing(sleep=pauses.append),
            progress=lambda _text: somebody_writes(host),
        )
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert "LoggingEnabled" not in host.of(RA)
    assert host.leftovers == []


@pytest.mark.parametrize("held", [1, 4])
def test_a_lock_that_is_held_is_waited_for(make_host: MakeHost, held: int) -> None:
    host = make_host()
    host.put(LOCK, b"")
    host.sim.files.get(LOCK).writers = 1
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == held:
            host.sim.files.get(LOCK).writers = 0

    ensure_policy(host.connect(host.sim), request(**FIRST), timing=Timing(sleep=wait))
    assert len(pauses) == held
    host.assert_settled(**FIRST)
    assert host.leftovers == []


def test_a_lock_that_stays_is_told(make_host: MakeHost) -> None:
    host = make_host()
    host.put(LOCK, b"")
    host.sim.files.get(LOCK).writers = 1
    with pytest.raises(PolicyBusy, match="another run replaces the local Group Policy"):
        host.apply(**FIRST)
    assert host.files.pol is None
    assert host.leftovers == [LOCK]


def test_a_lock_that_nobody_holds_is_taken(make_host: MakeHost) -> None:
    """What a power cut leaves."""
    host = make_host()
    host.put(LOCK, b"")
    host.step(**FIRST)
    assert host.leftovers == []


def test_a_second_run_finds_the_first_one_done(make_host: MakeHost) -> None:
    """Both want the same: the one that comes second writes nothing."""
    host = make_host()
    inner: list[Any] = []

    def meanwhile(_text: str) -> None:
        if not inner:
            inner.append(host.apply(**FIRST))

    outcome = ensure_policy(
        host.connect(host.sim), request(**FIRST), timing=Timing(sleep=lambda _s: None), progress=meanwhile
    )
    assert not outcome.plan.changed
    assert outcome.version == host.version == 1
