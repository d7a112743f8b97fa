# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that is lost at any request of a run: it is said, and the next run mends whatever was left half done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.host_state import (
    HostOutcome,
    HostRequest,
    ensure_host,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.timing import Timing
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import TransportError

from tests.enforce.everything import state_of
from tests.enforce.pools import SERVER, STRIPPED
from tests.enforce.rig import helpdesk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
WANTED = helpdesk(remote_addresses=["10.20.0.0/16"])
FAULTS = ("drop_connection_at", "drop_reply_at", "vanish_after")


def ensure(client: Any, request: HostRequest = WANTED, *, check: bool = False) -> HostOutcome | TransportError:
    """A run; a lost host is a result too, every other error of a part is in the outcome."""
    try:
        return ensure_host(client, request, check=check, timing=Timing(sleep=lambda _seconds: None))
    except TransportError as error:
        return error


def back(host: Any) -> None:
    """The host is back, and shells that nobody uses have ended."""
    for fault in FAULTS:
        host.faults.set(fault, 0)
    host.faults.vanished = False
    host.clock.advance(600)


FIREWALL_ONLY = HostRequest(firewall=WANTED.firewall)
CASES: list[tuple[dict[str, Any], HostRequest, tuple[str, ...]]] = [
    (SERVER, WANTED, ("drop_reply_at", "vanish_after")),
    (STRIPPED, FIREWALL_ONLY, ("drop_reply_at",)),
]


@pytest.mark.parametrize(("kind", "request_", "faults"), CASES, ids=["everything", "rules that are missing"])
def test_a_run_that_is_cut_at_every_request(
    make_pool: Callable[..., Any],
    connect: Callable[[Any], Any],
    kind: dict[str, Any],
    request_: HostRequest,
    faults: tuple[str, ...],
) -> None:
    model = make_pool({**kind, "name": "model"}).hosts["model"]
    first = ensure(connect(model), request_)
    assert isinstance(first, HostOutcome)
    assert first.state == "changed"
    wanted, requests = state_of(model), int(model.counters["requests"])
    assert requests > 15
    pool = make_pool(*({**kind, "name": f"cut-{number}"} for number in range(1, requests + 1)))
    lost = 0
    for number, host in enumerate(pool.hosts.values(), start=1):
        host.faults.set(faults[number % len(faults)], number)
        outcome = ensure(connect(host), request_)
        back(host)
        lost += isinstance(outcome, TransportError)
        if isinstance(outcome, HostOutcome):
            # Its very last request is the end of its shell, whose loss loses nothing.
            assert outcome.errors == {}, number
            assert outcome.state == "changed", number
        next_run = ensure(connect(host), request_)
        assert isinstance(next_run, HostOutcome), (number, next_run)
        assert next_run.errors == {}, number
        assert state_of(host) == wanted, number
        assert [node.path for node in host.files.nodes() if "workspot" in node.path.lower()] == [], number
        if number % 5 == 0:
            written = len(host.writes.log)
            settled = ensure(connect(host), request_)
            assert isinstance(settled, HostOutcome)
            assert (settled.state, len(host.writes.log)) == ("compliant", written), number
    assert lost > requests - 5


def test_a_check_run_that_is_cut_writes_nothing(make_pool: Callable[..., Any], connect: Callable[[Any], Any]) -> None:
    host = make_pool(SERVER).hosts["server"]
    for fault in FAULTS:
        for number in range(1, 16):
            host.faults.set(fault, number)
            ensure(connect(host), check=True)
            back(host)
    assert host.writes.log == []
