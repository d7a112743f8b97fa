# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret that must turn up nowhere, and the search for it."""

from __future__ import annotations

import base64
import secrets
import string
import threading
from collections.abc import Iterable
from pathlib import Path

from tests.support.playbook import Run

SAMPLE_SECONDS = 0.05


def new_canary(prefix: str = "Canary") -> str:
    """A fresh secret that msra.exe would take as a password."""
    alphabet = string.ascii_letters + string.digits
    return prefix + "".join(secrets.choice(alphabet) for _ in range(14))


def spellings(secret: str) -> list[bytes]:
    """The ways a secret could be written down."""
    wide = secret.encode("utf-16-le")
    plain = secret.encode()
    found = [plain, wide, plain.hex().encode(), wide.hex().encode(), plain.hex().upper().encode()]
    return found + [_inside_base64(data, before) for data in (plain, wide) for before in range(3)]


def _inside_base64(data: bytes, before: int) -> bytes:
    """What is the same in the Base64 of any text that has the data after so many bytes (modulo 3)."""
    encoded = base64.b64encode(bytes(before) + data)
    first = (0, 2, 3)[before]
    whole_bits = (before + len(data)) * 8
    return encoded[first : whole_bits // 6]


def files_with(secret: str, folder: Path, *, except_for: Iterable[Path] = ()) -> list[Path]:
    """Files below a folder that hold the secret in any spelling."""
    allowed = {path.resolve() for path in except_for}
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.resolve() not in allowed:
            data = path.read_bytes()
            if any(spelling in data for spelling in spellings(secret)):
                found.append(path)
    return found


def assert_kept_secret(secret: str, run: Run, *, except_for: Iterable[Path] = ()) -> None:
    """Fail when the secret is in anything a run printed, returned or wrote.

    Args:
        secret: The canary.
        run: The ended run; its folder holds its output, its results and its home.
        except_for: Files where the operator asked for it.
    """
    assert secret not in run.stdout, "it is in the output"
    assert secret not in run.stderr, "it is in the error output"
    assert not files_with(secret, run.folder, except_for=except_for)


class ProcessWatch:
    """Looks into the command lines of all processes, again and again, as any user of the controller can.

    ::

        with ProcessWatch(secret) as watch:
            ...
        assert not watch.seen
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.seen: set[str] = set()
        self.samples = 0

    def __enter__(self) -> ProcessWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    def _look(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.samples += 1
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes()
                except OSError:
                    continue
                if self._secret in line:
                    self.seen.add(line.replace(b"\0", b" ").decode(errors="replace"))
