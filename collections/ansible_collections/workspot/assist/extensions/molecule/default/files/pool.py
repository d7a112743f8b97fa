# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the simulated hosts of this scenario, and stops them.

::

    python pool.py start STATE   serve the hosts of pool.yml; ends as soon as all of them listen
    python pool.py stop STATE    stop them, and end when they are gone

STATE is a folder that both share. The server holds a lock on the file with its process id for as long as it lives: a
left over file of a server that crashed can be told from a running one, and nothing else is ever stopped.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[7]
"""The repository: the simulator is no part of the collection."""
OWN_NETWORK = "127.96.0."
NETWORK_VARIABLE = "WORKSPOT_ASSIST_MOLECULE_NETWORK"
"""The first three numbers of the hosts' addresses, where two runs are to have one machine at the same time."""
MOST_SECONDS = 60


def start(state: Path) -> int:
    """Serve in the background; 0 when all hosts listen."""
    network = os.environ.get(NETWORK_VARIABLE, OWN_NETWORK.rstrip("."))
    pool = state / "pool.yml"
    pool.write_text((HERE / "pool.yml").read_text(encoding="utf-8").replace(OWN_NETWORK, f"{network}."))
    with (state / "simulator.pid").open("a+") as lock, (state / "simulator.log").open("w") as log:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server = subprocess.Popen(
            [sys.executable, "-m", "simulator", "serve", "--pool", str(pool)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
        lock.truncate(0)
        lock.write(str(server.pid))
    for line in server.stdout or ():
        if line.startswith("control at"):
            return 0
    sys.stderr.write((state / "simulator.log").read_text())
    return server.wait() or 1


def stop(state: Path) -> int:
    """End the server, when there is one, and wait for its end."""
    path = state / "simulator.pid"
    if path.exists():
        with path.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.kill(int(lock.read()), signal.SIGTERM)
                signal.alarm(MOST_SECONDS)  # ends this program with an error
                fcntl.flock(lock, fcntl.LOCK_EX)
    for name in ("simulator.pid", "simulator.log", "pool.yml"):
        (state / name).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit({"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2])))
