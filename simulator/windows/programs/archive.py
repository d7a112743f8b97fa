# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tar.exe, which is bsdtar: create to and extract from the standard streams (-f -)."""

from __future__ import annotations

import io
import tarfile

from ..files import FileError, normalise
from .cmd import Context


def _options(words: list[str]) -> tuple[str, str, list[str]]:
    """Mode letters, directory, members."""
    mode, folder, members, place = "", "C:\\Windows\\System32", [], 0
    while place < len(words):
        word = words[place].replace('"', "")
        if word == "-C":
            place += 1
            folder = words[place].replace('"', "") if place < len(words) else folder
        elif place == 0 or (word.startswith("-") and word != "-"):
            mode += word.lstrip("-")
        else:
            members.append(word)
        place += 1
    return mode, folder, members


async def tar(words: list[str], context: Context) -> int:
    """`tar -cf - -C DIRECTORY MEMBER...` and `tar -xf - -C DIRECTORY`."""
    if words[:1] == ["--version"]:
        context.out("bsdtar 3.7.2 - libarchive 3.7.2 zlib/1.2.13.1-motley liblzma/5.4.3 bz2lib/1.0.8 libzstd/1.5.4\r\n")
        return 0
    mode, folder, members = _options(words)
    if "f" in mode and members[:1] == ["-"]:
        members = members[1:]
    try:
        directory = normalise(folder)
        node = context.host.files.get(directory)
        if node is None or not node.is_directory:
            context.err(f"tar: could not chdir to '{folder}'\r\n")
            return 1
        if "c" in mode:
            return _create(directory, members, context)
        if "x" in mode:
            return await _extract(directory, context)
    except FileError as error:
        context.err(f"tar: {error.path}: Win32 error {error.code}\r\n")
        return 1
    context.err("tar: Must specify one of -c, -r, -t, -u, -x\r\n")
    return 1


def _create(directory: str, members: list[str], context: Context) -> int:
    stream, code = io.BytesIO(), 0
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            try:
                data = context.host.files.read(normalise(f"{directory}\\{member}"), context.caller)
            except FileError as error:
                reason = "Couldn't visit directory" if error.code in (2, 3) else "Permission denied"
                context.err(f"tar: {member}: {reason}\r\n")
                code = 1
                continue
            info = tarfile.TarInfo(member)
            info.size, info.mode, info.mtime = len(data), 0o666, int(context.host.clock.timestamp())
            archive.addfile(info, io.BytesIO(data))
    if code:
        context.err("tar: Error exit delayed from previous errors.\r\n")
    context.stdout(stream.getvalue())
    return code


async def _extract(directory: str, context: Context) -> int:
    try:
        with tarfile.open(fileobj=io.BytesIO(await context.stdin())) as archive:
            for info in archive:
                file = archive.extractfile(info)
                if file is not None:
                    context.host.files.write(normalise(f"{directory}\\{info.name}"), file.read(), context.caller)
    except tarfile.TarError:
        context.err("tar: Error opening archive: Unrecognized archive format\r\n")
        return 1
    return 0
