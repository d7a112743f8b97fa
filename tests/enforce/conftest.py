# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Enforcement on simulated pools: the playbook in processes of its own, and the library under it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.enforce.rig import Fleet
from tests.support.playbook import PlaybookRunner


@pytest.fixture
def fleet(make_pool: Callable[..., Any], tmp_path: Path, run_playbook: PlaybookRunner) -> Callable[..., Fleet]:
    """Starts a pool of some hosts, for the playbook; see `Fleet`."""
    return lambda *hosts, **options: Fleet(make_pool(*hosts, **options), tmp_path, run_playbook)
