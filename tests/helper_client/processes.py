# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs the rig runs: which ones it needs, how they are started, waited for and always ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# program -> Debian 12 package
PROGRAMS = {
    "Xvfb": "xvfb",
    "xfreerdp": "freerdp2-x11",
    "freerdp-shadow-cli": "freerdp2-shadow-x11",
    "convert": "imagemagick",
    "display": "imagemagick",
    "import": "imagemagick",
    "setpriv": "util-linux",
    "stdbuf": "coreutils",
}
POLL = 0.05  # seconds between two looks at a condition


class RigError(Exception):
    """The rig itself could not do its part; the message says what is missing or late."""


def require_programs() -> None:
    """Raises RigError with the command that installs what is missing, if anything is."""
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if missing:
        raise RigError(f"the helper client's tests need: apt-get install -y {' '.join(missing)}")


def environment(home: Path, display: str | None = None) -> dict[str, str]:
    """Returns an environment that keeps a program away from the account's own files and proxies.

    FreeRDP keeps known hosts and the shadow server's key under XDG_CONFIG_HOME.
    """
    env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    env |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    return env | ({"DISPLAY": display} if display else {})


@contextmanager
def running(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command` with its output in `log`, and ends it on the way out whatever happens.

    setpriv makes the kernel end it too when this process (precisely: the thread that started it) is
    killed. stdbuf has it write its log line by line: others read the log while it runs.
    """
    wrapped = ["setpriv", "--pdeathsig", "KILL", "--", "stdbuf", "-oL", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            wrapped,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], *, patience: float = 3.0) -> None:
    """Ends a process: asks first, then kills its whole group after `patience` seconds."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with suppress(ProcessLookupError):  # the group outlives its leader if it had children
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(patience)


def run(command: Sequence[str], *, env: Mapping[str, str], deadline: float) -> bytes:
    """Runs a short command to its end within `deadline` seconds and returns what it printed."""
    try:
        done = subprocess.run(
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise RigError(f"{command[0]} did not end within {deadline} s") from late
    if done.returncode:
        raise RigError(f"{command[0]} failed ({done.returncode}): {done.stderr.decode(errors='replace')}")
    return done.stdout


def wait_for(
    look: Callable[[], T | None],
    what: str,
    *,
    deadline: float,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> T:
    """Returns the first true result of `look`; RigError when `deadline` seconds pass or `process` ends."""
    limit = time.monotonic() + deadline
    while True:
        ended = process.poll() if process else None
        if found := look():
            return found
        if ended is not None:
            raise RigError(f"ended with {ended} before {what}{_tail(log)}")
        if time.monotonic() > limit:
            raise RigError(f"no {what} within {deadline} s{_tail(log)}")
        time.sleep(POLL)


def _tail(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    return "; its log ends:\n" + log.read_text(errors="replace")[-2000:]
