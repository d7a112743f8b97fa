# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`for` of the simulated cmd.exe: over files, folders and lines of output, with the parts of a path.

Sources: learn.microsoft.com `for`; Dave Benham, "How does the Windows Command Interpreter parse scripts", phase 4.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.simulator.windows_rig import Rig

AT = datetime(2026, 11, 21, 15, 4, tzinfo=UTC)


def rig(**description: object) -> Rig:
    """A host with two files and two folders."""
    made = Rig(**description)
    for path in (
        "C:\\logs\\one & two.xml",
        "C:\\logs\\b.xml",
        "C:\\logs\\OneDrive - A\\x.txt",
        "C:\\logs\\OneDrive\\y.txt",
    ):
        made.host.files.make_directory(path.rpartition("\\")[0])
        made.host.files.store(path, b"12345").modified = AT
    return made


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("for %f in (a b) do @echo %f", "a\r\nb\r\n"),
        ('for %f in ("C:\\logs\\*.xml") do @echo %~zf/%~nxf', "5/b.xml\r\n5/one & two.xml\r\n"),
        ('for %f in ("C:\\logs\\b*") do @echo %f', "C:\\logs\\b.xml\r\n"),
        ('for /d %d in ("C:\\logs\\OneDrive*") do @echo %d', "C:\\logs\\OneDrive\r\nC:\\logs\\OneDrive - A\r\n"),
        ('for /D %d in ("C:\\logs\\b*") do @echo %d', ""),
        ('for /d %d in ("C:\\logs\\One*") do @(for %f in ("%d\\*.txt") do @echo %~nxf)', "y.txt\r\nx.txt\r\n"),
        ("for /f \"tokens=2,*\" %a in ('echo 1 2 3 4') do @echo %b-%a", "3 4-2\r\n"),
        ("for /f \"tokens=2 delims=\\\" %a in ('echo x\\y\\z') do @echo %a", "y\r\n"),
        ("for /f %a in ('echo a^& echo b') do @echo %a", "a\r\nb\r\n"),
    ],
)
def test_loops(line: str, out: str) -> None:
    assert rig().run(line).out == out


def test_a_value_is_no_operator() -> None:
    done = rig().run('for %f in ("C:\\logs\\one*") do @echo %f')
    assert (done.out, done.err) == ("C:\\logs\\one & two.xml\r\n", "")


@pytest.mark.parametrize(("language", "shown"), [("en-US", "11/21/2026 04:04 PM"), ("de-DE", "21.11.2026 16:04")])
def test_when_a_file_was_written(language: str, shown: str) -> None:
    made = rig(language=language, time_zone=60)
    assert made.run('for %f in ("C:\\logs\\b.xml") do @echo %~tf').out == f"{shown}\r\n"


@pytest.mark.parametrize(
    "line", ["for %f in (a) echo %f", "for %ff in (a) do echo", "for /x %f in (a) do echo a", "for"]
)
def test_what_is_no_loop(line: str) -> None:
    done = rig().run(line)
    assert done.code != 0
    assert done.out == ""
