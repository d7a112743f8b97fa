# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all end-to-end tests: simulated pools, inventories for them, real ansible-playbook runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import WsmanClient
from hypothesis import settings

from tests.support.canary import new_canary
from tests.support.direct import transport_to
from tests.support.playbook import PlaybookRunner, installed_ansibles

ALL_TESTS = os.environ.get("WORKSPOT_ASSIST_TESTS") == "all"
"""Set by .ci/run: a test that can not run because something is not installed fails there."""

# The same as for the collection's unit tests, which also run without these.
settings.register_profile("same-examples", derandomize=True, deadline=None)
settings.register_profile("new-examples", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("WORKSPOT_ASSIST_EXAMPLES", "same-examples"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument `each_ansible` runs once for every ansible-core there is."""
    if "each_ansible" in metafunc.fixturenames:
        found = installed_ansibles()
        metafunc.parametrize("each_ansible", list(found.values()), ids=list(found))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where all tests have to run, being skipped for something that is not installed is a failure."""
    report = yield
    if ALL_TESTS and report.skipped and "not installed" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything has to run: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def ansible_versions() -> dict[str, Path]:
    """Directories of the installed ``ansible-playbook`` programs by ansible-core version."""
    return installed_ansibles()


@pytest.fixture
def make_pool() -> Iterator[Callable[..., Any]]:
    """Starts simulated pools; see `start_pool`. They end with the test."""
    from tests.support.pools import start_pool

    started: list[Any] = []

    def make(*hosts: dict[str, Any], **options: Any) -> Any:
        started.append(start_pool(hosts, **options) if hosts else start_pool(**options))
        return started[-1]

    yield make
    for pool in started:
        pool.stop()


@pytest.fixture
def pool(make_pool: Callable[..., Any]) -> Any:
    """One Windows 11 desktop, `desk-01`, where jdoe works."""
    return make_pool()


@pytest.fixture
def inventory_for(tmp_path: Path) -> Callable[..., Path]:
    """Writes an inventory of a pool; arguments as `inventory_data` takes them."""
    from tests.support.pools import inventory_data, write_inventory

    return lambda *arguments, **options: write_inventory(tmp_path, inventory_data(*arguments, **options))


@pytest.fixture
def run_playbook(tmp_path: Path) -> PlaybookRunner:
    """Runs playbooks; see `PlaybookRunner`."""
    return PlaybookRunner(tmp_path / "runs")


@pytest.fixture
def canary() -> str:
    """A secret that must turn up nowhere."""
    return new_canary()


@pytest.fixture
def connect() -> Iterator[Callable[..., WsmanClient]]:
    """Makes a client of one simulated host; see `transport_to`."""
    opened: list[Any] = []

    def make(host: Any, **account: str) -> WsmanClient:
        opened.append(transport_to(host, **account))
        return WsmanClient(opened[-1], host=host.name)

    yield make
    for transport in opened:
        transport.close()
