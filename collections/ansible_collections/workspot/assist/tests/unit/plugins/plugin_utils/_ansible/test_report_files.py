# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's files: replaced whole, compared without their time, and refused where they can not be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible import report_files
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.report_files import (
    NAMES,
    ReportFiles,
    file_mode,
    replace_file,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import InvalidOption
from ansible_collections.workspot.assist.plugins.plugin_utils._report.data import ReportData, report_data

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ALL = tuple(NAMES)


def report(state: str = "compliant", *, later: int = 0, name: str = "a") -> ReportData:
    return report_data({name: {"state": state}}, generated=NOW + timedelta(seconds=later))


def files(folder: Path, *, mode: int = 0o644, formats: Sequence[str] = ALL) -> ReportFiles:
    return ReportFiles(folder, mode=mode, formats=list(formats))


def test_all_files_are_written_with_their_mode_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "new/reports"
    old = os.umask(0o077)
    try:
        assert files(folder).keep(report(), check=False)
    finally:
        os.umask(old)
    assert {path.name for path in folder.iterdir()} == set(NAMES.values())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert files(folder).paths == {name: str(folder / file) for name, file in NAMES.items()}


def test_a_check_run_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    assert files(folder).keep(report(), check=True)
    assert not folder.exists()


def test_only_the_time_is_no_change_and_is_written_all_the_same(tmp_path: Path) -> None:
    files(tmp_path).keep(report(), check=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert not files(tmp_path).keep(report(later=61), check=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert not files(tmp_path).keep(report(later=61), check=False)
    for path in tmp_path.iterdir():
        assert b"05:07:08" in path.read_bytes()
        assert b"05:06:07" not in path.read_bytes()


@pytest.mark.parametrize("name", ALL)
def test_anything_else_is_a_change(tmp_path: Path, name: str) -> None:
    only = files(tmp_path, formats=[name])
    assert only.keep(report(), check=False)
    assert only.keep(report("failed"), check=True)
    path = tmp_path / NAMES[name]
    path.write_text(path.read_text().replace("compliant", "perfect", 1))
    assert only.keep(report(), check=False)
    path.chmod(0o600)
    assert only.keep(report(), check=False)
    path.write_bytes(b"\xff\xfe")
    assert only.keep(report(), check=False)
    assert not only.keep(report(), check=False)


@pytest.mark.parametrize("name", ALL)
def test_the_name_of_a_host_is_not_taken_for_the_time(tmp_path: Path, name: str) -> None:
    shapes = '<time id="generated" datetime="{0}">{0}</time> "generated": "{0}" timestamp="{0}"'
    only = files(tmp_path, formats=[name])
    only.keep(report(name=shapes.format("2026-03-04T05:06:07")), check=False)
    assert only.keep(report(name=shapes.format("2026-03-04T05:06:08")), check=False)


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / NAMES["json"]).symlink_to(other)
    assert files(tmp_path, formats=["json"]).keep(report(), check=False)
    assert other.read_text() == "mine"
    assert not (tmp_path / NAMES["json"]).is_symlink()


def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(InvalidOption, match="reports can not be written on the controller"):
        files(tmp_path / "reports").keep(report(), check=False)


@pytest.mark.parametrize("check", [True, False])
def test_a_directory_in_the_place_of_a_file_is_named(tmp_path: Path, check: bool) -> None:
    (tmp_path / NAMES["html"]).mkdir()
    with pytest.raises(InvalidOption, match=r"report\.html can not be written"):
        files(tmp_path).keep(report(), check=check)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    replace_file(path, b"old", mode=0o644)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new", mode=0o644)
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == {"report.json": b"old"}


@pytest.mark.parametrize(
    ("value", "mode"), [("0644", 0o644), ("600", 0o600), ("0o640", 0o640), (0o644, 0o644), (0, 0), ("000", 0)]
)
def test_modes_are_octal(value: Any, mode: int) -> None:
    assert file_mode(value) == mode


@pytest.mark.parametrize("value", ["u=rw", "0999", "4755", "-644", 0o1777, True, None, ["0644"], "", "٠٦٤٤", 6.44])
def test_other_modes_are_refused(value: Any) -> None:
    with pytest.raises(InvalidOption, match="permissions in octal"):
        file_mode(value)
