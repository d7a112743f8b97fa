# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share that hold our codecs to other people's."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
"""The Python for which Debian packages its modules."""
PATIENCE = 60.0
"""Seconds for one answer; it takes milliseconds."""


class Samba:
    """Samba's readers and writers of Group Policy files, in a process of their own."""

    def __init__(self) -> None:
        command = [SYSTEM_PYTHON, "-I", str(Path(__file__).with_name("samba_files.py"))]
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8"
        )

    def ask(self, request: str, argument: Any) -> Any:
        """The answer to one request of samba_files.py; None when Samba refuses what is asked."""
        assert self._process.stdin
        assert self._process.stdout
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        try:
            self._process.stdin.write(json.dumps({request: argument}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        assert line, "Samba's process ended"
        answer = json.loads(line)
        return None if "refused" in answer else next(iter(answer.values()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="session")
def samba() -> Iterator[Samba]:
    """Samba's codecs; skipped where they are not installed, and where all tests have to run, that fails."""
    probe = [SYSTEM_PYTHON, "-I", "-c", "import samba.gp_parse.gp_pol"]
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run(probe, capture_output=True, check=False, timeout=60).returncode
    ):
        pytest.skip("not installed: apt-get install -y python3-samba")
    process = Samba()
    yield process
    process.close()
