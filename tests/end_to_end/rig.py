# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the end-to-end tests share: traces on a host, several runs at once, a run at a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation

from tests.support.playbook import PlaybookRunner, Run, RunningPlaybook

PASSWORD = "kadum4-rebis7"
AT_ONCE = 3
"""Runs side by side: much of each is waiting, and the machines of the tests have two cores."""
TERMINAL_SECONDS = 60.0


def traces(host: Any) -> list[str]:
    """What of ours is on a simulated host: tasks, msra.exe, invitations."""
    state = host.state()
    found = [f"task {task}" for task in state["tasks"] if "workspot" in str(task)]
    found += [f"process {item['pid']}" for item in state["processes"] if item["name"].lower() == "msra.exe"]
    return found + [f"file {path}" for path in state["files"] if "msrcincident" in str(path).lower()]


def assert_refused(run: Run, *words: str) -> str:
    """It failed, in one line with these words, and made nothing; returns the line."""
    assert run.returncode not in (0, None), run.stdout
    assert run.failures, run.stdout + run.stderr
    message = run.failures[-1]
    for word in words:
        assert word in message
    assert "\n" not in message
    assert "Traceback" not in run.stdout + run.stderr
    assert run.invitations == []
    return message


def opens(path: Path, password: str) -> bool:
    """Whether a password opens an invitation."""
    return inspect_invitation(path.read_bytes(), password, datetime.now(UTC))["verified"] is True


def together(starts: Mapping[str, Callable[[], RunningPlaybook]]) -> dict[str, Run]:
    """Several runs side by side; `starts` start them."""
    with ThreadPoolExecutor(AT_ONCE) as executor:
        ended = {name: executor.submit(lambda start=start: start().wait()) for name, start in starts.items()}
        return {name: future.result() for name, future in ended.items()}


@dataclass
class Terminal:
    """A pseudo-terminal with a program on it.

    Attributes:
        folder: The run's folder.
        shown: Everything that was on the screen.
    """

    process: subprocess.Popen[bytes]
    master: int
    folder: Path
    shown: str = ""
    _ended: bool = field(default=False, repr=False)

    def read_until(self, text: str) -> None:
        """Wait until a text is on the screen."""
        deadline = time.monotonic() + TERMINAL_SECONDS
        while text not in self.shown:
            assert not self._ended, f"it ended without {text!r}:\n{self.shown}"
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.shown}"
            self._read(1.0)

    def answer(self, prompt: str, text: str) -> None:
        """Type something when a prompt of Ansible's waits for it: what was typed before, it throws away."""
        self.read_until(prompt)
        deadline = time.monotonic() + TERMINAL_SECONDS
        while not self._is_asked():
            assert time.monotonic() < deadline, f"nobody asks:\n{self.shown}"
            time.sleep(0.02)
        os.write(self.master, text.encode())

    def _is_asked(self) -> bool:
        """Ansible reads an answer from a terminal that does not block, after it has thrown away what was typed."""
        flags = Path(f"/proc/{self.process.pid}/fdinfo/0").read_text().partition("flags:")[2].split()[0]
        return bool(int(flags, 8) & os.O_NONBLOCK)

    def read_all(self) -> int:
        """Read until it ends; its exit code."""
        deadline = time.monotonic() + TERMINAL_SECONDS
        while not self._ended:
            assert time.monotonic() < deadline, f"no end:\n{self.shown}"
            self._read(1.0)
        return self.process.wait(10)

    def _read(self, seconds: float) -> None:
        if not select.select([self.master], [], [], seconds)[0]:
            return
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the other end open any longer (pty(7))
            data = b""
        self._ended = not data
        self.shown += data.decode("utf-8", "replace")

    def close(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        os.close(self.master)


def at_a_terminal(runner: PlaybookRunner, playbook: Any, *arguments: str, **options: Any) -> Terminal:
    """Start a run with a terminal of its own, as an operator has one; arguments as `PlaybookRunner.prepare`."""
    command, folder, env = runner.prepare(playbook, *arguments, **options)
    master, slave = pty.openpty()
    # setsid of util-linux makes it the controlling terminal as well: only so it can be asked for passwords.
    process = subprocess.Popen(
        ["setsid", "--ctty", *command], cwd=folder, env=env, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    return Terminal(process, master, folder)
