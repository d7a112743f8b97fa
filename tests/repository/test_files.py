# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every file says whose it is and under which licence, and speaks of this project alone."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from tests.support.playbook import COLLECTION, ROOT

HEADER = (
    "# Copyright: (c) 2026, workspot.assist contributors",
    "# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
SPDX_SUFFIXES = {".yml", ".toml", ".cfg"}
LONGEST_FILE = 450


def tracked(*suffixes: str) -> list[Path]:
    """Files of the project with one of the suffixes, as git knows them."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git work tree")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.suffix in suffixes and path.is_file()]


def test_python_files_have_the_licence_header() -> None:
    wrong = []
    for path in tracked(".py"):
        text = path.read_text(encoding="utf-8")
        lines = text.removeprefix("#!/usr/bin/env python3\n").splitlines()
        if text and tuple(lines[:3]) != HEADER:
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_other_files_name_their_licence() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked(*SPDX_SUFFIXES)
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in path.read_text(encoding="utf-8")[:600]
        and "changelogs" not in path.parts
    ]
    assert wrong == []


def test_the_licence_itself_is_there_twice_and_the_same() -> None:
    assert (ROOT / "COPYING").read_bytes() == (COLLECTION / "COPYING").read_bytes()
    assert b"Version 3, 29 June 2007" in (ROOT / "COPYING").read_bytes()


def test_files_stay_readable() -> None:
    """A file of more than 450 lines is two files."""
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in tracked(".py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]
    assert long == []


def test_nothing_of_the_collection_is_named_by_an_underscore_alone() -> None:
    """The name is Ansible's for translations, so its sanity tests refuse it, minutes later than this test."""
    wrong = []
    for path in tracked(".py"):
        if COLLECTION in path.parents:
            names = [
                item for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(item, ast.Name)
            ]
            wrong += [f"{path.relative_to(ROOT)}:{item.lineno}" for item in names if item.id == "_"]
    assert wrong == []
