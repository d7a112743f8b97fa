# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords at a terminal: a prompt that shows nothing, and a one-time password that is shown once and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rig import Terminal, at_a_terminal, opens, traces
from tests.support.canary import ProcessWatch, files_with
from tests.support.playbook import PlaybookRunner

ONE_TIME = re.compile(r"\b[a-z]{5}\d(?:-[a-z]{5}\d){3}\b")
PROMPT = "Password for the invitation"


@pytest.fixture
def terminal(run_playbook: PlaybookRunner) -> Iterator[Callable[..., Terminal]]:
    """Starts assist.yml at a terminal."""
    opened: list[Terminal] = []

    def start(*arguments: str, **options: Any) -> Terminal:
        opened.append(at_a_terminal(run_playbook, "assist", *arguments, **options))
        return opened[-1]

    yield start
    for item in opened:
        item.close()


def invitations(terminal: Terminal) -> list[Path]:
    return sorted(terminal.folder.rglob("*.msrcincident"))


def test_a_password_typed_at_the_prompt(
    terminal: Any, pool: Any, inventory_for: Any, canary: str, each_ansible: Path, run_playbook: PlaybookRunner
) -> None:
    run_playbook.bin = each_ansible
    extra = {"user": "jdoe", "ask_password": True}
    with ProcessWatch(canary) as watch:
        shown = terminal("-vvv", inventory=inventory_for(pool), extra=extra)
        shown.read_until(PROMPT)
        assert traces(pool.hosts["desk-01"]) == []
        shown.answer(PROMPT, f"{canary}\r")
        assert shown.read_all() == 0, shown.shown
    (path,) = invitations(shown)
    assert opens(path, canary)
    assert canary not in shown.shown
    assert files_with(canary, shown.folder) == []
    assert watch.seen == set()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(PROMPT, "\r")], "No password was typed"),
        ([(PROMPT, "Zq7x\r")], "can not be used"),
        ([(PROMPT, "\x03"), ("to abort", "A")], "user requested abort"),
    ],
    ids=["nothing", "too-short", "ctrl-c"],
)
def test_a_prompt_without_a_usable_answer(
    answers: list[tuple[str, str]], words: str, terminal: Any, pool: Any, inventory_for: Any
) -> None:
    shown = terminal(inventory=inventory_for(pool), extra={"user": "jdoe", "ask_password": True})
    for prompt, text in answers:
        shown.answer(prompt, text)
    assert shown.read_all() != 0
    assert words in shown.shown
    assert "Zq7x" not in shown.shown
    assert invitations(shown) == []
    assert pool.hosts["desk-01"].state()["writes"] == []


def test_a_one_time_password_is_shown_once_at_a_terminal_and_kept_nowhere(
    terminal: Any, pool: Any, inventory_for: Any, each_ansible: Path, run_playbook: PlaybookRunner, tmp_path: Path
) -> None:
    run_playbook.bin = each_ansible
    log = tmp_path / "ansible.log"
    shown = terminal(
        "-vvv",
        inventory=inventory_for(pool),
        extra={"user": "jdoe"},
        env={"ANSIBLE_LOG_PATH": str(log)},
    )
    assert shown.read_all() == 0, shown.shown
    (password,) = ONE_TIME.findall(shown.shown)
    (path,) = invitations(shown)
    assert opens(path, password)
    assert "shown above, once" in shown.shown
    assert files_with(password, tmp_path) == []
    assert log.stat().st_size > 0
    assert password not in str(pool.hosts["desk-01"].state()["tasks"])
