# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make image-check``: one host is looked at and never written to; the exit code and the last line say what it is."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.enforce.pools import CLIENT, DOWN, OVERRULED, REFUSES, SERVER
from tests.enforce.rig import Fleet
from tests.support.playbook import ROOT, Run
from tests.support.pools import write_inventory

VERDICT = "Say whether the image is as it should be"
DIFFERENCES = "Say what differs"


def make(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``make image-check`` as somebody else would call it."""
    return subprocess.run(
        ["make", "--no-print-directory", "-C", str(ROOT), "image-check", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_compliant_drifted_and_unreachable(fleet: Callable[..., Fleet], tmp_path: Path) -> None:
    pool = fleet({**CLIENT, "name": "gold"}, {**SERVER, "name": "raw"}, DOWN)
    assert pool.enforce("--limit", "gold").code == 0
    pool.forget()
    inventory = f"INVENTORY={write_inventory(tmp_path, pool.data)}"

    good = make(tmp_path, "HOST=gold", inventory)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "gold is as it should be." in good.stdout
    assert DIFFERENCES not in good.stdout

    bad = make(tmp_path, "HOST=raw", inventory)
    assert bad.returncode != 0
    counted = re.search(r"raw is not as it should be: differences: (\d+)\.", bad.stdout)
    assert counted is not None
    assert int(counted[1]) == bad.stdout.count(" -> ") > 6
    assert "feature: absent -> present" in bad.stdout
    assert "Configure Solicited Remote Assistance: " in bad.stdout
    assert "as it should be." not in bad.stdout

    gone = make(tmp_path, "HOST=down", inventory)
    assert gone.returncode != 0
    assert "down could not be reached, so nothing is known about it." in gone.stdout
    assert "is not as it should be" not in gone.stdout
    assert pool.writes == {}


def test_what_is_wanted_is_said_by_the_arguments(fleet: Callable[..., Fleet], tmp_path: Path) -> None:
    pool = fleet(CLIENT)
    inventory = f"INVENTORY={write_inventory(tmp_path, pool.data)}"
    nothing = "ARGS=-e pool_host_policy_preset=none -e pool_host_firewall_preset=windows_default"
    assert make(tmp_path, "HOST=client", inventory, nothing).returncode == 0
    usage = make(tmp_path)
    assert (usage.returncode, usage.stdout.splitlines()[0]) == (
        2,
        "usage: make image-check HOST=gold-01 [INVENTORY=inventories/example]",
    )


def verdict(run: Run) -> str:
    """What the last task said."""
    (said,) = [item.result["msg"] for item in run.results if item.task == VERDICT]
    return str(said)


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (REFUSES, "refuses could not be reached, so nothing is known about it.", "the host refused the login"),
        (
            OVERRULED,
            "overruled is not as it should be: something else than its own settings decides.",
            "No assistance",
        ),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_every_other_answer(fleet: Callable[..., Fleet], kind: dict[str, Any], said: str, why: str) -> None:
    pool = fleet(kind, CLIENT)
    found = pool.enforce(playbook="image_check", image_host=kind["name"])
    assert found.code != 0
    assert verdict(found.run).startswith(said)
    (differences,) = [item.result["msg"] for item in found.run.results if item.task == DIFFERENCES]
    assert why in "\n".join(differences)
    assert set(found.outcomes) == {kind["name"]}, "no other host is asked"
    assert pool.writes == {}


def test_a_role_that_refuses_its_variables_is_no_compliant_image(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT)
    found = pool.enforce(playbook="image_check", image_host="client", pool_host_feature="installed")
    assert found.code != 0
    assert verdict(found.run) == "client could not be checked."
    assert "pool_host_feature" in found.run.stdout


@pytest.mark.parametrize("pattern", ["all", ""])
def test_not_one_host_is_not_success(fleet: Callable[..., Fleet], pattern: str) -> None:
    pool = fleet(CLIENT, SERVER)
    found = pool.enforce(playbook="image_check", image_host=pattern)
    assert found.code != 0
    assert "one is needed. Nothing was checked." in found.run.stdout
    assert found.outcomes == {}


def test_a_limit_that_leaves_the_image_out_is_not_success(fleet: Callable[..., Fleet]) -> None:
    pool = fleet(CLIENT, SERVER)
    found = pool.enforce("--limit", "server", playbook="image_check", image_host="client")
    assert (found.code != 0, found.outcomes) == (True, {})
