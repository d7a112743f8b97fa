# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of session logs: ``tar.exe`` writes those of several folders to one output.

A host with some hundred small logs answers in one command line. Many or large ones come in pieces of bounded size, so
that neither side holds more than one piece.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator

from .._errors import ArchiveError, AssistError, CommandFailed, MalformedReply
from .._formats.quoting import cmd_quoted
from .._formats.session_log import MAX_BYTES
from .._formats.tar_stream import TarFile, read_members
from .._wsman.shell import Shell
from .facts_batch import MAX_LINE_CHARACTERS
from .session_logs import LogFile

PIECE_BYTES = 512 * 1024
"""Logs of one command line, by the sizes they were listed with; a single larger one is a piece of its own."""
PIECE_FILES = 100
_TAR = r"%SystemRoot%\System32\tar.exe"
_OVERHEAD_BYTES = 4096
"""Of one file in a tar stream: header, pax extension, padding."""
Piece = list[tuple[LogFile, TarFile | AssistError]]


def fetch_pieces(shell: Shell, wanted: Iterable[LogFile], *, timeout: float = 120.0) -> Iterator[Piece]:
    """Bring logs, a piece at a time (two exchanges each); one that can not be had comes with its error.

    Args:
        shell: An open shell.
        wanted: Logs as they were listed.
        timeout: Seconds each piece may take.

    Raises:
        MalformedReply: An answer is not complete.
        CommandFailed: It is longer than the files it was asked for.
    """
    for part in _parts(wanted):
        mark = f"workspot-logs-{secrets.token_hex(12)}"
        line = "& ".join([*_tar_commands(part, mark), f"echo {mark}:end"])
        limit = PIECE_BYTES + MAX_BYTES + _OVERHEAD_BYTES * PIECE_FILES
        output = shell.run(line, timeout=timeout, limit=limit).stdout
        yield list(_unpacked(part, output, mark))


def _parts(wanted: Iterable[LogFile]) -> Iterator[list[LogFile]]:
    """Logs of one command line each, those of a folder together."""
    part: list[LogFile] = []
    size = characters = 0
    for log in sorted(wanted, key=lambda item: (item.folder, item.name)):
        another = not part or part[-1].folder != log.folder
        needed = len(log.name) + 4 + (len(log.folder) + 160 if another else 0)
        full = size + log.size > PIECE_BYTES or len(part) >= PIECE_FILES
        if part and (full or characters + needed > MAX_LINE_CHARACTERS - 200):
            yield part
            part, size, characters = [], 0, 0
            needed = len(log.name) + 4 + len(log.folder) + 160
        part.append(log)
        size, characters = size + log.size, characters + needed
    if part:
        yield part


def _by_folder(part: Iterable[LogFile]) -> dict[str, list[LogFile]]:
    found: dict[str, list[LogFile]] = {}
    for log in part:
        found.setdefault(log.folder, []).append(log)
    return found


def _tar_commands(part: Iterable[LogFile], mark: str) -> Iterator[str]:
    for number, (folder, logs) in enumerate(_by_folder(part).items()):
        # The names are digits and an extension (`LOG_NAME`); tar.exe gets no folder, as it can not read all of them.
        names = " ".join(log.name for log in logs)
        yield f"echo {mark}:{number}& (cd /d {cmd_quoted(folder)}&& {_TAR} -cf - {names}) 2>nul"


def _unpacked(part: list[LogFile], output: bytes, mark: str) -> Iterator[tuple[LogFile, TarFile | AssistError]]:
    pieces = re.split(re.escape(mark.encode()) + rb":([0-9]{1,4}|end)\r?\n", output)
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if b"end" not in sections:
        raise MalformedReply("the host's answer with the session logs is not complete.")
    for number, logs in enumerate(_by_folder(part).values()):
        archive = sections.get(str(number).encode(), b"")
        try:
            files = read_members(archive, [log.name for log in logs], limit=MAX_BYTES) if archive else {}
        except ArchiveError as error:
            for log in logs:
                yield log, error
            continue
        for log in logs:
            file = files.get(log.name)
            yield log, CommandFailed("tar.exe could not read it: it is in use, or gone.") if file is None else file
