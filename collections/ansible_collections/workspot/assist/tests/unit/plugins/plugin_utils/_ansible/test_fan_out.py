# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fan-out: every host is asked once, in threads and in processes, and a lost child is noticed."""

from __future__ import annotations

import os
import threading
import time

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.fan_out import FanOut


def name_and_process(host: str) -> tuple[str, int]:
    return host.upper(), os.getpid()


@pytest.mark.parametrize(("count", "processes"), [(0, 2), (1, 2), (5, 2), (200, 2), (200, 1)])
def test_every_host_is_asked_exactly_once(count: int, processes: int) -> None:
    hosts = [f"h{number}" for number in range(count)]
    found = dict(FanOut(name_and_process, concurrency=8, processes=processes).run(hosts))
    assert {host: outcome[0] for host, outcome in found.items()} == {host: host.upper() for host in hosts}
    used = {outcome[1] for outcome in found.values()}
    assert len(used) == (2 if count == 200 and processes == 2 else min(count, 1))


def test_no_more_hosts_at_once_than_allowed() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def ask(host: str) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    list(FanOut(ask, concurrency=3, processes=1).run([str(number) for number in range(30)]))
    assert most == 3


@pytest.mark.parametrize(("concurrency", "processes"), [(1, 1), (3, 3)])
def test_no_more_processes_than_hosts_at_once(concurrency: int, processes: int) -> None:
    hosts = [f"h{number}" for number in range(100)]
    found = dict(FanOut(name_and_process, concurrency=concurrency, processes=8).run(hosts))
    assert len(found) == 100
    assert len({process for _name, process in found.values()}) == processes


def test_progress_is_reported_with_the_answers() -> None:
    seen: list[int] = []
    list(FanOut(str.upper, concurrency=4, processes=2).run([f"h{n}" for n in range(100)], tick=seen.append))
    assert seen[-1] == 100
    assert seen == sorted(seen)


def test_a_child_that_dies_loses_its_hosts_but_not_the_run() -> None:
    def ask(host: str) -> str:
        if host == "h50":
            os._exit(9)
        return host

    hosts = [f"h{number}" for number in range(100)]
    started = time.monotonic()
    found = dict(FanOut(ask, concurrency=4, processes=2).run(hosts))
    assert time.monotonic() - started < 20
    assert "h50" not in found
    assert set(found) >= {host for host in hosts if int(host[1:]) % 2}


def test_a_child_that_dies_while_it_writes_stops_nobody_else() -> None:
    """Outcomes larger than a pipe: nearly always one is half written when the child ends."""

    def ask(host: str) -> str:
        if host == "h50":
            os._exit(9)
        return host.ljust(1_000_000)

    hosts = [f"h{number}" for number in range(100)]
    for _attempt in range(3):
        found = {host: outcome.strip() for host, outcome in FanOut(ask, concurrency=4, processes=2).run(hosts)}
        assert all(host == outcome for host, outcome in found.items())
        assert "h50" not in found
        assert set(found) >= {host for host in hosts if int(host[1:]) % 2}


def test_an_early_end_leaves_no_child() -> None:
    running = FanOut(name_and_process, concurrency=4, processes=2).run([f"h{number}" for number in range(200)])
    _host, (_name, process) = next(running)
    running.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
