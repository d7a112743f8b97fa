# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process of a pool that is spread over several; `workers` starts it, and nobody else.

Standard input brings the pickled `Job` and then stays open: its end is the end of this process, also when the one that
started it was killed. The one line of standard output is JSON: where the control address is, or what went wrong.
"""

from __future__ import annotations

import json
import pickle
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from .certificates import Authority
from .pool import PoolDescription
from .pool_server import Pool, PoolError


@dataclass(frozen=True)
class Job:
    """What one process serves.

    Attributes:
        description: Its hosts.
        authority: Certificate and key that sign the certificates of all hosts.
        folder: Where its files go.
    """

    description: PoolDescription
    authority: tuple[bytes, bytes]
    folder: Path


def work(source: BinaryIO, sink: TextIO) -> int:
    """Serve a job until `source` ends; the exit code."""
    job: Job = pickle.load(source)
    try:
        with Pool(job.description, folder=job.folder, authority=Authority(job.authority)) as pool:
            _tell(sink, control=pool.control)
            source.read()
    except PoolError as error:
        _tell(sink, error=str(error))
        return 2
    return 0


def _tell(sink: TextIO, **values: str) -> None:
    print(json.dumps(values), file=sink, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the one that started this decides
    sys.exit(work(sys.stdin.buffer, sys.stdout))
