# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of AWX as code share: a fake AWX, and runs of the playbook with the real modules of awx.awx."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.awx.fake_api import WRITE, FakeAwx, fake_awx
from tests.support.canary import new_canary
from tests.support.playbook import ROOT, PlaybookRunner, Run, RunningPlaybook

VENV = ROOT / ".venvs/awx"
SETTINGS: dict[str, Any] = {
    "awx_setup_project_url": "https://git.example/helpdesk.git",
    "awx_setup_image": "registry.example/workspot-assist:1",
    "awx_setup_smb": {"share": r"\\files.example\invitations"},
}
"""What there is no default for."""
PLAYBOOKS = sorted(f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml"))


@pytest.fixture(scope="session", autouse=True)
def awx_modules() -> Path:
    """The collection awx.awx; where all tests have to run, its absence is a failure."""
    found = sorted(VENV.glob("lib/python3*/site-packages/ansible_collections/awx/awx/MANIFEST.json"))
    if not found:
        pytest.skip("not installed: awx.awx of .venvs/awx (make venvs)")
    return found[0].parents[3]


@dataclass
class Setup:
    """Runs of playbooks/awx_setup.yml against an AWX.

    Attributes:
        awx: The AWX.
        run: Starts playbooks.
        secrets: Texts that no output may hold.
    """

    awx: FakeAwx
    run: PlaybookRunner
    secrets: list[str] = field(default_factory=list)

    def start(self, *arguments: str, token: str = WRITE, url: str | None = None, **settings: Any) -> RunningPlaybook:
        """Start a run."""
        environment = {"CONTROLLER_HOST": url or self.awx.url, "CONTROLLER_OAUTH_TOKEN": token}
        return self.run.start(
            "awx_setup", *arguments, inventory="localhost,", env=environment, extra=SETTINGS | settings
        )

    def __call__(self, *arguments: str, **options: Any) -> Run:
        """Run to the end."""
        # One process for each of some forty objects: minutes where the machine has other things to do.
        return self.start(*arguments, **options).wait(400)


@pytest.fixture(scope="session")
def awx_environment(awx_modules: Path) -> dict[str, str]:
    """Variables of every run: our collection from the checkout, awx.awx from its environment."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": f"{ROOT / 'collections'}:{awx_modules}",
        "ANSIBLE_PIPELINING": "1",
        "CONTROLLER_VERIFY_SSL": "false",
    }


def make_setup(folder: Path, environment: dict[str, str], awx: FakeAwx) -> Setup:
    """Runs in a folder of their own."""
    return Setup(awx, PlaybookRunner(folder, bin=VENV / "bin", environment=environment), [WRITE, new_canary()])


@pytest.fixture
def setup(tmp_path: Path, awx_environment: dict[str, str]) -> Iterator[Setup]:
    """An AWX of the test's own, and runs against it."""
    with fake_awx(PLAYBOOKS) as awx:
        yield make_setup(tmp_path, awx_environment, awx)
