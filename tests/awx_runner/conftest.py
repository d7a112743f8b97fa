# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests with ansible-runner and ansible-builder share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.awx_runner.rig import Controller, galaxy, installed, programs_missing
from tests.delivery.conftest import _mail, _share, _web, accounts, authority, delivery_folder, mail, share, web
from tests.support.playbook import COLLECTION

__all__ = ["_mail", "_share", "_web", "accounts", "authority", "delivery_folder", "mail", "share", "web"]
"""Fixtures: the servers that deliveries are tested with."""


@pytest.fixture(scope="session", autouse=True)
def awx_programs() -> None:
    """Skip these tests where their programs are not installed; where all tests have to run, that fails."""
    if missing := programs_missing():
        pytest.skip(f"not installed: {', '.join(missing)} of .venvs/awx (make venvs)")


@pytest.fixture(scope="session")
def archive(awx_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection's archive, as `make build` makes it."""
    folder = tmp_path_factory.mktemp("archive")
    galaxy(folder, "build", "--output-path", str(folder), str(COLLECTION))
    (path,) = folder.glob("workspot-assist-*.tar.gz")
    return path


@pytest.fixture(scope="session")
def collections(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed collection, and nothing else."""
    return installed(tmp_path_factory.mktemp("requirements"), archive)


@pytest.fixture
def controller(collections: Path, tmp_path: Path) -> Callable[..., Controller]:
    """Makes a controller for a pool."""
    return lambda pool, **options: Controller(tmp_path, options.pop("collections", collections), pool, **options)
