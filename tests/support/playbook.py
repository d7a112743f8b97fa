# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real ``ansible-playbook`` runs: a process of its own, with its own home, temporary files and results."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COLLECTION = ROOT / "collections/ansible_collections/workspot/assist"
RUN_SECONDS = 120.0
"""A run that takes longer hangs."""


@dataclass(frozen=True)
class TaskResult:
    """One task on one host, as the callbacks see it."""

    outcome: str
    host: str
    task: str
    action: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """An ended run.

    Attributes:
        returncode: ansible-playbook's exit code.
        stdout: What it printed.
        stderr: What it printed there.
        results: Every task's result, in order.
        folder: Where it ran; every file it wrote is below.
        seconds: Wall time.
    """

    returncode: int
    stdout: str
    stderr: str
    results: tuple[TaskResult, ...]
    folder: Path
    seconds: float

    def of(self, action: str) -> dict[str, Any]:
        """The last result of a module of this collection, by its short name."""
        found = [item.result for item in self.results if item.action == f"workspot.assist.{action}"]
        assert found, f"{action} did not run:\n{self.stdout}\n{self.stderr}"
        return found[-1]

    @property
    def failures(self) -> list[str]:
        """The messages of all failed and unreachable tasks."""
        bad = [item.result for item in self.results if item.outcome in ("failed", "unreachable")]
        return [str(result.get("msg", result)) for result in bad]

    @property
    def invitations(self) -> list[Path]:
        """Invitation files below the run's folder."""
        return sorted(self.folder.rglob("*.msrcincident"))

    def ok(self) -> Run:
        """The same, when it ended well."""
        assert self.returncode == 0, f"exit code {self.returncode}\n{self.stdout}\n{self.stderr}"
        return self


@dataclass
class PlaybookRunner:
    """Runs playbooks in a folder of their own.

    Attributes:
        folder: Below it every run gets a folder.
        bin: Directory of the ``ansible-playbook`` to use.
        environment: Variables that every run gets.
    """

    folder: Path
    bin: Path = ROOT / ".venv/bin"
    environment: dict[str, str] = field(default_factory=dict)
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def start(
        self, playbook: str | Path | Sequence[Mapping[str, Any]], *arguments: str, **options: Any
    ) -> RunningPlaybook:
        """Start a run and do not wait for it; see `prepare`."""
        return RunningPlaybook(*self.prepare(playbook, *arguments, **options))

    def prepare(
        self,
        playbook: str | Path | Sequence[Mapping[str, Any]],
        *arguments: str,
        inventory: Path | str | None,
        env: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> tuple[list[str], Path, dict[str, str]]:
        """The command, the folder and the environment of a run.

        Args:
            playbook: A playbook of ``playbooks/`` by name, one of a collection by its full name, a path, or plays
                as data.
            arguments: Further arguments.
            inventory: Inventory file.
            env: Further environment variables.
            extra: Extra variables. They go into a file, as in an argument every user could read them.
        """
        with self._lock:
            self.count += 1
            number = self.count
        folder = self.folder / f"run-{number}"
        (folder / "home").mkdir(parents=True)
        command = [str(self.bin / "ansible-playbook"), str(self._playbook(playbook, number)), *arguments]
        if inventory is not None:
            command += ["-i", str(inventory)]
        if extra:
            variables = self.folder / f"extra-{number}.json"
            variables.write_text(json.dumps(extra))
            command += ["-e", f"@{variables}"]
        return command, folder, self._environment(folder, env or {})

    def __call__(self, playbook: Any, *arguments: str, timeout: float = RUN_SECONDS, **options: Any) -> Run:
        """Run to the end; see `start`."""
        return self.start(playbook, *arguments, **options).wait(timeout)

    def _playbook(self, playbook: str | Path | Sequence[Mapping[str, Any]], number: int) -> Path | str:
        if isinstance(playbook, Path):
            return playbook
        if isinstance(playbook, str):
            return playbook if "." in playbook else ROOT / "playbooks" / f"{playbook}.yml"
        path = self.folder / f"play-{number}.yml"
        path.write_text(yaml.safe_dump(list(playbook), sort_keys=False))
        return path

    def _environment(self, folder: Path, further: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
        return {
            "LC_ALL": "C.UTF-8",
            **kept,
            "HOME": str(folder / "home"),
            "TMPDIR": str(_short(_made(folder / "tmp"))),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home/.ansible"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "home/.ansible/tmp"),
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/support/callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results",
            "ANSIBLE_NOCOLOR": "1",
            "TESTS_RECORD_RESULTS": str(folder / "results.jsonl"),
            **self.environment,
            **further,
        }


class RunningPlaybook:
    """A run on its way."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._started = time.monotonic()
        self._streams = [(folder / name).open("wb+") for name in ("stdout", "stderr")]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=self._streams[0],
            stderr=self._streams[1],
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it and its workers at once, as a crash of the controller would."""
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def signal(self, number: int) -> None:
        """Send a signal to it and to its workers: newer cores give each a session, so no group has them all."""
        for pid in [self.process.pid, *_descendants(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait_until(self, condition: Callable[[], bool], *, timeout: float = 60.0) -> None:
        """Wait for something to be true while it runs."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "it did not come to that in time"
            assert self.process.poll() is None, self.wait(1).stdout
            time.sleep(0.02)

    def wait(self, timeout: float = RUN_SECONDS) -> Run:
        """Wait for its end."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end after {timeout} seconds:\n{self._text(0)}\n{self._text(1)}") from None
        seconds = time.monotonic() - self._started
        run = Run(code, self._text(0), self._text(1), _results(self.folder), self.folder, seconds)
        for stream in self._streams:
            stream.close()
        return run

    def _text(self, number: int) -> str:
        return Path(self._streams[number].name).read_text(encoding="utf-8", errors="replace")


def _descendants(pid: int) -> list[int]:
    """Children of a process, and theirs, by the parents that proc_pid_stat(5) names."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found[1:]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _short(folder: Path) -> Path:
    """A short name for a folder: ansible-core puts Unix sockets there, whose paths end at 107 characters."""
    link = Path(tempfile.mktemp(prefix="workspot-", dir="/tmp"))
    link.symlink_to(folder)
    atexit.register(link.unlink, missing_ok=True)
    return link


def _results(folder: Path) -> tuple[TaskResult, ...]:
    path = folder / "results.jsonl"
    if not path.exists():
        return ()
    return tuple(TaskResult(**json.loads(line)) for line in path.read_text().splitlines())


def installed_ansibles() -> dict[str, Path]:
    """Directories of ``ansible-playbook`` by ansible-core version: the main one, and those of `make venvs`."""
    found = {}
    for folder in [ROOT / ".venv", *sorted((ROOT / ".venvs").glob("ansible-*"))]:
        metadata = sorted(folder.glob("lib/python3*/site-packages/ansible_core-*.dist-info"))
        if metadata and (folder / "bin/ansible-playbook").exists():
            found[metadata[0].name.removeprefix("ansible_core-").removesuffix(".dist-info")] = folder / "bin"
    return found
