# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The computer's half of the local Group Policy object: two files, and the refresh that applies them.

``%SystemRoot%\\System32\\GroupPolicy`` holds ``gpt.ini`` (MS-GPOL 2.2.4) and ``Machine\\Registry.pol``
(MS-GPREG 2.2.1). Both come in one exchange and are replaced in one: the new files arrive beside the old ones, the old
ones are compared with what was read, and each is replaced by a rename. All of that is one command line, so it runs to
its end on the host even when the controller is gone.
"""

from __future__ import annotations

import gzip
import io
import secrets
import tarfile
from contextlib import suppress
from dataclasses import dataclass

from .._errors import ArchiveError, AssistError, CommandFailed, PolicyBusy, PolicyChanged
from .._formats.tar_stream import read_member
from .._wsman.shell import SEND_CHUNK_BYTES, CommandResult, Shell
from .files import TAR

FOLDER = r"%SystemRoot%\System32\GroupPolicy"
_POL = r"Machine\Registry.pol"
_INI = "gpt.ini"
_SYSTEM32 = r"%SystemRoot%\System32"
_LOCK = rf"{FOLDER}\workspot.assist.lock"
LIMIT_BYTES = 16 * 1024 * 1024
"""A Registry.pol with every policy of Windows has less than one MiB."""
REFRESH_SECONDS = 180.0


@dataclass(frozen=True)
class LocalPolicyFiles:
    """The two files as bytes; ``None`` for one that is not there."""

    registry_pol: bytes | None
    gpt_ini: bytes | None


def presence_command() -> str:
    """A command that writes ``pol`` and ``ini`` for those of the files that are there."""
    return f'(if exist "{FOLDER}\\{_POL}" echo pol)& (if exist "{FOLDER}\\{_INI}" echo ini)'


def fetch_command() -> str:
    """A command that writes a tar archive with those of the files that are there.

    tar.exe goes on after a member that is missing, and says so on standard error (libarchive, bsdtar(1)).
    """
    return f'{TAR} -cf - -C "{FOLDER}" {_INI} Machine/Registry.pol 2>nul'


def files_of(archive: bytes, present: str) -> LocalPolicyFiles:
    """Read what `presence_command` and `fetch_command` wrote.

    Raises:
        CommandFailed: A file is there, and tar.exe could not read it.
        ArchiveError: The archive is not what it should be.
    """
    found = present.split()
    pol = _member(archive, "Machine/Registry.pol") if "pol" in found else None
    ini = _member(archive, _INI) if "ini" in found else None
    return LocalPolicyFiles(pol, ini)


def _member(archive: bytes, name: str) -> bytes:
    try:
        return read_member(archive, name, limit=LIMIT_BYTES)
    except ArchiveError:
        if name.encode() in archive:
            raise
        raise CommandFailed(
            f"tar.exe could not read {FOLDER}\\{name.replace('/', chr(92))}, which is there.",
            hint="Does another program, such as a virus scanner, hold it open?",
        ) from None


def replace(shell: Shell, old: LocalPolicyFiles, new: LocalPolicyFiles) -> None:
    """Replace the files, if they still are what was read (three exchanges).

    Registry.pol goes first: a host that stops in between has new settings under an old version, which the next run
    sees as settings that are not in force, and mends.

    Raises:
        PolicyBusy: Another run is at it; nothing was done, and it may be repeated.
        PolicyChanged: Somebody changed a file since it was read; nothing was done.
        CommandFailed: Windows refused; the message says which of the two files is new.
    """
    stage = f"workspot.assist-{secrets.token_hex(8)}"
    mark = secrets.token_hex(12)
    line = _replace_line(stage, mark, old)
    try:
        result = shell.run(line, stdin=_archive(stage, old, new), timeout=60.0)
    except AssistError:
        # The line tidies up at its end; one that was cut while its input came has not got there.
        with suppress(AssistError):
            shell.run(_clean_up(stage), timeout=10.0)
        raise
    reached = [word.partition(":")[2] for word in result.text.split() if word.startswith(f"{mark}:")]
    if "replaced" in reached:
        return
    raise _failure(reached, result)


def _replace_line(stage: str, mark: str, old: LocalPolicyFiles) -> str:
    """One command line: unpack, lock, compare, rename, clean up; it writes how far it came.

    The lock is a file that cmd.exe holds open for writing while the block runs; a second cmd.exe can not open it and
    does not run its block, and Windows releases it with the process, whatever happens. (The idiom is common knowledge
    of batch programming: stackoverflow.com/a/10525070.) It is taken when all input is there, so that a controller
    that dies on the way holds nobody up.
    """
    steps = [
        _unchanged(old.registry_pol, f"{FOLDER}\\{stage}\\old.pol", f"{FOLDER}\\{_POL}"),
        _unchanged(old.gpt_ini, f"{FOLDER}\\{stage}\\old.ini", f"{FOLDER}\\{_INI}"),
        f"echo {mark}:same",
        f'move /y "{FOLDER}\\{stage}\\new.pol" "{FOLDER}\\{_POL}" >nul',
        f"echo {mark}:pol",
        f'move /y "{FOLDER}\\{stage}\\new.ini" "{FOLDER}\\{_INI}" >nul',
        f"echo {mark}:replaced",
    ]
    machine = f'if not exist "{FOLDER}\\Machine\\." mkdir "{FOLDER}\\Machine"'
    locked = f'(echo {mark}:locked& ({" && ".join(steps)})) 9>"{_LOCK}"'
    unpacked = f'{TAR} -xf - -C "{FOLDER}" && echo {mark}:unpacked && {locked}'
    return f'({machine})& ({unpacked})& del /f /q "{_LOCK}" 2>nul& {_clean_up(stage)}'


def _clean_up(stage: str) -> str:
    return f'rd /s /q "{FOLDER}\\{stage}" 2>nul'


def _unchanged(old: bytes | None, kept: str, current: str) -> str:
    """A command that succeeds when a file is what it was."""
    if old is None:
        # `cd .` succeeds and `cmd /c exit 1` does not; `if` itself leaves the last exit code alone.
        return f'(if exist "{current}" (cmd /c exit 1) else (cd .))'
    if not old:
        # What fc.exe says of two empty files is nowhere written; an empty file has no line to find.
        return f'({_SYSTEM32}\\findstr.exe "^" "{current}" >nul& if errorlevel 1 (cd .) else (cmd /c exit 1))'
    return f'{_SYSTEM32}\\fc.exe /b "{kept}" "{current}" >nul'


def _archive(stage: str, old: LocalPolicyFiles, new: LocalPolicyFiles) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in (
            ("old.pol", old.registry_pol),
            ("old.ini", old.gpt_ini),
            ("new.pol", new.registry_pol),
            ("new.ini", new.gpt_ini),
        ):
            if data is not None:
                member = tarfile.TarInfo(f"{stage}/{name}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    plain = stream.getvalue()
    # One Send comes whole or not at all. What needs several is compressed, which makes one of it for any file that
    # is mostly text; tar.exe sees by itself what it gets (bsdtar(1), option -z).
    return plain if len(plain) <= SEND_CHUNK_BYTES else gzip.compress(plain, mtime=0)


def _failure(reached: list[str], result: CommandResult) -> CommandFailed:
    words = " ".join(result.stderr.decode("utf-8", "replace").split())[:200]
    said = f": {words}" if words else "."
    if "unpacked" not in reached:
        return CommandFailed(
            f"the new local Group Policy could not be brought to the host{said}",
            hint="Nothing was changed. Is the system disk full?",
        )
    if "locked" not in reached:
        return PolicyBusy("another run replaces the local Group Policy at this moment.", hint="Run it again.")
    if "same" not in reached:
        return PolicyChanged(
            "somebody else changed the local Group Policy after it was read; nothing was changed.",
            hint="Run it again.",
        )
    if "pol" not in reached:
        return CommandFailed(f"Registry.pol could not be replaced, and is what it was{said}")
    return CommandFailed(f"Registry.pol was replaced, gpt.ini was not{said}", hint="Run it again: it takes up there.")


def refresh(shell: Shell, *, force: bool) -> CommandResult:
    """Apply Group Policy now (two exchanges; Windows may take its time).

    Args:
        shell: An open shell.
        force: Apply every policy again, not only those whose version is new.

    Returns:
        The exit code and what gpupdate.exe wrote, in the host's own language.
    """
    forced = " /force" if force else ""
    line = f"{_SYSTEM32}\\gpupdate.exe /target:computer{forced} /wait:{int(REFRESH_SECONDS) - 30}"
    return shell.run(line, timeout=REFRESH_SECONDS)
