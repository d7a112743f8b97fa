# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as an archive, installed where nothing else of this repository is, and run by its full name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import PASSWORD, assert_refused, opens
from tests.support.playbook import COLLECTION, ROOT, PlaybookRunner

EMPTY = "ansible.cfg"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the collection as `make build` and `ansible-galaxy collection install` leave it there."""
    folder = tmp_path_factory.mktemp("installed")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    (folder / EMPTY).touch()
    environment = {**kept, "HOME": str(folder), "ANSIBLE_CONFIG": str(folder / EMPTY)}

    def galaxy(*arguments: str) -> None:
        command = [str(ROOT / ".venv/bin/ansible-galaxy"), "collection", *arguments]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120)

    galaxy("build", "--output-path", str(folder), str(COLLECTION))
    (archive,) = folder.glob("workspot-assist-*.tar.gz")
    galaxy("install", str(archive), "-p", str(folder / "collections"), "--offline")
    return folder / "collections"


@pytest.fixture
def elsewhere(installed: Path, run_playbook: PlaybookRunner) -> PlaybookRunner:
    """Runs with that collection and no settings at all."""
    run_playbook.environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ANSIBLE_CONFIG": str(installed.parent / EMPTY),
    }
    return run_playbook


def test_an_invitation_by_full_name(
    each_ansible: Path, elsewhere: PlaybookRunner, pool: Any, inventory_for: Any
) -> None:
    elsewhere.bin = each_ansible
    extra = {"user": "jdoe", "password": PASSWORD}
    run = elsewhere("workspot.assist.assist", inventory=inventory_for(pool), extra=extra).ok()
    (path,) = run.invitations
    assert path.parent == run.folder / "invitations"
    assert opens(path, PASSWORD)
    # Without our settings Ansible shows lists of lines.
    assert f"msra /openfile {path.name}" in run.stdout


def test_an_inventory_that_is_not_there(elsewhere: PlaybookRunner, tmp_path: Path) -> None:
    run = elsewhere("workspot.assist.assist", inventory=tmp_path / "absent.yml", extra={"user": "jdoe"})
    assert_refused(run, "inventory has no hosts")
