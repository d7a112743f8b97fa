# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser for the report's page, and pages of a made-up pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import report_data
from ansible_collections.workspot.assist.plugins.plugin_utils._report.html import html_page

from tests.report.sample import pool_results
from tests.support.chromium import PROGRAM, Chromium

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests; skipped where it is not installed, and where all tests have to run, that fails."""
    if PROGRAM is None:
        pytest.skip("not installed: apt-get install -y chromium")
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Chromium]:
    """The browser, as it is when it is new."""
    chromium.size(1360, 900)
    chromium.media()
    chromium.scripts(allowed=True)
    yield chromium
    chromium.scripts(allowed=True)


@pytest.fixture(scope="session")
def page_of_results(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a page about results."""
    folder = tmp_path_factory.mktemp("pages")

    def write(name: str, results: dict[str, Any], **options: Any) -> Path:
        path = folder / f"{name}.html"
        path.write_text(html_page(report_data(results, generated=NOW, **options)), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def some(page_of_results: Callable[..., Path]) -> Path:
    """The page of a pool of 200 hosts."""
    return page_of_results("some", pool_results(200))


@pytest.fixture(scope="session")
def thousand(page_of_results: Callable[..., Path]) -> Path:
    """The page of a pool of 1,000 hosts."""
    return page_of_results("thousand", pool_results(1000))
