# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's files on the controller: replaced whole or not at all, and compared with what was there."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._errors import InvalidOption
from .._report.data import ReportData
from .._report.html import html_page
from .._report.junit import junit_xml

HTML, JSON, JUNIT = "html", "json", "junit"
NAMES = {HTML: "report.html", JSON: "report.json", JUNIT: "report.xml"}
_WRITERS = {HTML: html_page, JSON: ReportData.as_json, JUNIT: junit_xml}
_TIMES = {
    HTML: re.compile(r'<time id="generated" datetime="[^"]*">[^<]*</time>'),
    JSON: re.compile(r'^  "generated": "[^"]*"', re.MULTILINE),
    JUNIT: re.compile(r' timestamp="[0-9T:-]{19}"'),
}
"""Where each format has the time. Text of hosts can not look like it, as its quotes and brackets are escaped there."""


def file_mode(value: Any) -> int:
    """Permissions from an option: octal as text, or the number that YAML makes of octal.

    Raises:
        InvalidOption: It is neither.
    """
    text = str(value)
    number = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, str) and re.fullmatch(r"(0o)?[0-7]{3,4}", text):
        number = int(text, 8)
    if not 0 <= number <= 0o777:
        raise InvalidOption(f"mode {text!r} is none: give permissions in octal and in quotes, such as '0644'.")
    return number


class ReportFiles:
    """The files of one report.

    Args:
        directory: Where they go; it is made when it is missing.
        mode: Their permissions.
        formats: Which of `NAMES`.
    """

    def __init__(self, directory: Path, *, mode: int, formats: list[str]) -> None:
        self._directory = directory.absolute()
        self._mode = mode
        self._formats = [name for name in NAMES if name in formats]

    @property
    def paths(self) -> dict[str, str]:
        """Path by format."""
        return {name: str(self._directory / NAMES[name]) for name in self._formats}

    def keep(self, report: ReportData, *, check: bool) -> bool:
        """Write all files; with `check`, none.

        They are written even when only the time differs: a report says when it was true.

        Returns:
            Whether anything else than the time differs from what was there.

        Raises:
            InvalidOption: A file can not be written.
        """
        made = {name: _WRITERS[name](report) for name in self._formats}
        try:
            changed = any(self._differs(name, text) for name, text in made.items())
            if not check:
                self._write(made)
        except OSError as error:
            raise self._unusable(error) from None
        return changed

    def _differs(self, name: str, text: str) -> bool:
        path = self._directory / NAMES[name]
        if path.is_dir():
            raise IsADirectoryError(21, "is a directory", str(path))
        if not path.is_file() or path.is_symlink() or path.stat().st_mode & 0o777 != self._mode:
            return True
        there = path.read_text(encoding="utf-8", errors="replace")
        return _TIMES[name].sub("", there) != _TIMES[name].sub("", text)

    def _write(self, made: Mapping[str, str]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            replace_file(self._directory / NAMES[name], text.encode(), mode=self._mode)

    def _unusable(self, error: OSError) -> InvalidOption:
        reason = (error.strerror or type(error).__name__).lower()
        return InvalidOption(
            f"{error.filename or self._directory} can not be written on the controller ({reason}).",
            hint="Choose another directory (assist_report_directory in the playbook).",
        )


def replace_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file whole or not at all; a reader sees the old one or the new one."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
