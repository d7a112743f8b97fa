# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""simulator/README.md names every key of a pool description, and what it shows works."""

from __future__ import annotations

import dataclasses
import re
import shlex

import pytest
import yaml

from simulator.cli import main
from simulator.pool import (
    OPERATING_SYSTEMS,
    AccountDescription,
    HostDescription,
    SessionDescription,
    describe,
)
from simulator.pool_policy import DomainPolicyDescription, LocalPolicyDescription
from tests.support.playbook import ROOT

GUIDE = (ROOT / "simulator/README.md").read_text(encoding="utf-8")
DESCRIPTIONS = [
    HostDescription,
    SessionDescription,
    AccountDescription,
    LocalPolicyDescription,
    DomainPolicyDescription,
]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("kind", DESCRIPTIONS, ids=lambda kind: kind.__name__)
def test_every_key_is_named(kind: type) -> None:
    rows = "\n".join(line for line in GUIDE.splitlines() if line.startswith("|"))
    assert [item.name for item in dataclasses.fields(kind) if f"`{item.name}`" not in rows] == []


def test_every_operating_system_is_named() -> None:
    assert [name for name in OPERATING_SYSTEMS if f"`{name}`" not in GUIDE] == []


def test_the_pool_that_is_shown_is_one() -> None:
    (text,) = _blocks("yaml")
    assert [host.name for host in describe(yaml.safe_load(text)).hosts] == ["desk-01", "rds-01"]


def test_the_commands_that_are_shown_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    lines = re.findall(r"^\$ python -m simulator (.*?)(?: +#.*)?$", GUIDE, flags=re.MULTILINE)
    assert {shlex.split(line)[0] for line in lines} == {"run", "serve", "check"}
    for line in lines:
        words = [word for word in shlex.split(line) if word != "..."]
        source = words[words.index("--pool") if "--pool" in words else words.index("--generate") :][:2]
        if source[1] == "my-pool.yml":
            source[1] = "simulator/pools/demo.yml"
        assert main(["check", *(str(ROOT / word) if word.endswith(".yml") else word for word in source)]) == 0
    assert "hosts" in capsys.readouterr().out


def test_every_file_that_is_listed_is_there() -> None:
    table = GUIDE.partition("## Where things are")[2]
    names = re.findall(r"`([a-z_/]+(?:\.py|/))`", table)
    assert len(names) > 5
    assert [name for name in names if not (ROOT / "simulator" / name).exists()] == []
