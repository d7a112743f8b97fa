# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Samba's smbd as an ordinary process, on a port of its own, with everything it keeps in one folder."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

SMBD = shutil.which("smbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PDBEDIT = shutil.which("pdbedit", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
USER = "helpdesk"
STARTING_SECONDS = 20.0
_FOLDERS = {
    "private dir": "private",
    "lock directory": "lock",
    "state directory": "state",
    "cache directory": "cache",
    "pid directory": "pid",
    "ncalrpc dir": "ncalrpc",
}


class ShareServer:
    """A server with the shares ``helpdesk`` and ``readonly``, which are the same folder.

    Args:
        folder: Everything is below it.
        password: Of the account `USER`.
        encrypt: Samba's ``server smb encrypt``.

    Attributes:
        files: The folder that both shares show.
    """

    def __init__(self, folder: Path, password: str, *, encrypt: str = "desired") -> None:
        assert SMBD is not None
        assert PDBEDIT is not None
        self._folder = folder
        self.files = folder / "files"
        (self.files / "invitations").mkdir(parents=True)
        for name in _FOLDERS.values():
            (folder / name).mkdir(mode=0o700)
        self.port = _free_port()
        self._configuration = folder / "smb.conf"
        self._configuration.write_text(self._settings(encrypt))
        (folder / "users.map").write_text(f"{getpass.getuser()} = {USER}\n")
        subprocess.run(
            [PDBEDIT, "-s", self._configuration, "-a", "-t", "-u", getpass.getuser()],
            input=f"{password}\n{password}\n",
            text=True,
            check=True,
            capture_output=True,
            timeout=30,
        )
        self._log = (folder / "smbd.log").open("wb")
        self._process = subprocess.Popen(
            # util-linux: it ends with the tests, also when somebody kills those.
            [
                "setpriv",
                "--pdeathsig",
                "TERM",
                SMBD,
                "--foreground",
                "--no-process-group",
                "--debug-stdout",
                f"--configfile={self._configuration}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._await()

    @property
    def share(self) -> str:
        """The folder to deliver into."""
        return r"\\127.0.0.1\helpdesk\invitations"

    @property
    def delivered(self) -> dict[str, bytes]:
        """Everything that is there, by name."""
        return {path.name: path.read_bytes() for path in (self.files / "invitations").iterdir()}

    def reset(self) -> None:
        """Forget everything."""
        for path in (self.files / "invitations").iterdir():
            path.unlink()

    def stop(self) -> None:
        """End it and its children: it has a session of its own."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(10)
        self._log.close()

    def _settings(self, encrypt: str) -> str:
        common: dict[str, Any] = {
            "server role": "standalone server",
            "smb ports": self.port,
            "bind interfaces only": "yes",
            "interfaces": "127.0.0.1/8",
            "disable netbios": "yes",
            "load printers": "no",
            "disable spoolss": "yes",
            "server min protocol": "SMB3",
            "server smb encrypt": encrypt,
            "map to guest": "never",
            "username map": self._folder / "users.map",
            "log level": 0,
            **{name: self._folder / place for name, place in _FOLDERS.items()},
        }
        shares = {"helpdesk": {"path": self.files, "read only": "no"}, "readonly": {"path": self.files}}
        lines = ["[global]", *(f"{name} = {value}" for name, value in common.items())]
        for share, options in shares.items():
            lines += [f"[{share}]", *(f"{name} = {value}" for name, value in options.items())]
        return "\n".join(lines) + "\n"

    def _await(self) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while True:
            assert self._process.poll() is None, (self._folder / "smbd.log").read_text()
            assert time.monotonic() < deadline, "smbd does not listen"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
