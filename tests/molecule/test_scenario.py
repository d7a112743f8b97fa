# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's Molecule scenario: it passes, it can fail, and it leaves nothing behind.

One go through all of it, as every step is a process of `ansible-playbook`: the whole sequence, then a host that drifts,
which the idempotence step has to find, and the end.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.playbook import COLLECTION, ROOT

BIN = ROOT / ".venvs/molecule/bin"
DRIFT = [
    {
        "name": "Drift",
        "hosts": "german",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Let nobody be helped",
                "workspot.assist.policy": {"solicited_remote_assistance": "disabled"},
            }
        ],
    }
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and addresses that no other run on this machine has."""
    if not (BIN / "molecule").exists():
        pytest.skip("molecule is not installed (make venvs)")
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path / "state"),
        "WORKSPOT_ASSIST_MOLECULE_NETWORK": f"127.96.{os.getpid() % 250 + 1}",
    }


def molecule(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One call of molecule."""
    return subprocess.run(
        [str(BIN / "molecule"), *words],
        cwd=COLLECTION / "extensions",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
    )


def serves(state: Path, address: str) -> tuple[bool, bool]:
    """Whether the scenario's simulator runs by its lock, and whether a host of it listens."""
    path = state / "simulator.pid"
    running = False
    if path.exists():
        with path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                running = True
    with socket.socket() as probe:
        return running, probe.connect_ex((address, 5985)) == 0


def test_the_scenario(environment: dict[str, str], tmp_path: Path) -> None:
    state, address = tmp_path / "state", f"{environment['WORKSPOT_ASSIST_MOLECULE_NETWORK']}.1"
    try:
        whole = molecule(environment, "test", "--destroy", "never")
        assert whole.returncode == 0, whole.stdout
        assert "idempotence: Executed: Successful" in whole.stdout
        assert "verify: Executed: Successful" in whole.stdout
        assert serves(state, address) == (True, True)

        playbook = tmp_path / "drift.yml"
        playbook.write_text(yaml.safe_dump(DRIFT))
        command = [str(BIN / "ansible-playbook"), "-i", str(state / "inventory"), str(playbook)]
        settings = {**environment, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}
        drifted = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=60)
        assert drifted.returncode == 0, drifted.stdout + drifted.stderr
        written = molecule(environment, "idempotence")
        assert written.returncode != 0, written.stdout
        assert "Idempotence test failed because of the following tasks" in written.stdout
        # The step looks for changes in what the role's run prints; here is which task it means, and on which hosts.
        blamed = written.stdout.partition("because of the following tasks")[2]
        assert "workspot.assist.pool_host : Keep Remote Assistance as it should be" in blamed
        assert written.stdout.count("changed: [") == 1
        assert "changed: [german]" in written.stdout
    finally:
        ended = molecule(environment, "destroy")
    assert ended.returncode == 0, ended.stdout
    assert serves(state, address) == (False, False)
    assert not (state / "simulator.pid").exists()
