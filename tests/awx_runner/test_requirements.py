# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a project update of AWX does with collections/requirements.yml, and an archive alone; both without a network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.awx_runner.rig import Job, galaxy, installed
from tests.support.playbook import ROOT

ASSIST = Path("ansible_collections/workspot/assist")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This repository as AWX has it, as far as it matters here."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "ansible.cfg", folder)
    for name in ("collections", "playbooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "output", "tests"))
    return folder


def update(checkout: Path, stage: Path) -> str:
    """The step of AWX' project_update.yml, in its folder and with its setting of where to install."""
    requirements = str(checkout / "collections/requirements.yml")
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(stage), "ANSIBLE_CONFIG": str(checkout / "ansible.cfg")}
    return galaxy(stage.parent, "install", "-r", requirements, "--offline", cwd=checkout, **settings)


def test_a_project_update(checkout: Path, tmp_path: Path) -> None:
    stage = tmp_path / "stage/requirements_collections"
    stage.mkdir(parents=True)
    assert "workspot.assist" in update(checkout, stage)
    assert (stage / ASSIST / "MANIFEST.json").exists()
    # Again, as on every update: nothing to do.
    assert "Nothing to do" in update(checkout, stage)
    # Its own copy is the project's; installing has not touched that.
    assert (checkout / "collections" / ASSIST / "galaxy.yml").exists()


def test_a_project_of_ones_own(archive: Path, checkout: Path, tmp_path: Path, make_pool: Any, controller: Any) -> None:
    """Nothing but a requirements file that names an archive, and playbooks that import the collection's."""
    own = tmp_path / "own"
    (own / "collections").mkdir(parents=True)
    needs = {"collections": [{"name": str(archive), "type": "file"}]}
    (own / "collections/requirements.yml").write_text(yaml.safe_dump(needs))
    target = own / "requirements_collections"
    galaxy(own, "install", "-r", "collections/requirements.yml", "-p", str(target), "--offline", cwd=own)
    pool = make_pool()
    with controller(pool, collections=target).run(Job("playbooks/diagnose.yml", {"user": "jdoe"})) as ended:
        assert ended.ok().of("diagnosis")["host"] == "desk-01"


def test_an_archive_alone(archive: Path, tmp_path: Path) -> None:
    found = installed(tmp_path, archive)
    names = {str(path.relative_to(found / ASSIST)) for path in (found / ASSIST).rglob("*")}
    assert {"meta/execution-environment.yml", "requirements.txt", "bindep.txt"} <= names
    # It needed no other: that is all there is.
    assert [path.parent for path in found.glob("ansible_collections/*/*/MANIFEST.json")] == [found / ASSIST]
