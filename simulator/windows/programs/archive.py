# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tar.exe, which is bsdtar: create to and extract from the standard streams (-f -).

Options and messages: libarchive, tar/bsdtar.1 and tar/write.c. Archives it writes are plain ustar where that
can hold everything, and pax where not; the last block is filled up to 10240 bytes, as on any pipe.
"""

from __future__ import annotations

import io
import tarfile

from ..files import FileError, Node
from .cmd import Context

_LIMIT = 64 * 1024 * 1024  # bytes a simulated host takes from one archive


def _options(words: list[str]) -> tuple[str, str, str, list[str]]:
    """Mode letters, archive, directory, members. Bundled letters (-cf -) take their arguments in order."""
    mode, archive, folder, rest = "", "", ".", list(words)
    members: list[str] = []
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-" or (mode and "c" in mode and members):
            members.append(word)
            continue
        for letter in word[1:]:
            mode += letter
            if letter == "f" and rest:
                archive = rest.pop(0)
            elif letter == "C" and rest:
                folder = rest.pop(0)
    return mode, archive, folder, members


async def tar(words: list[str], context: Context) -> int:
    """`tar -cf - -C DIRECTORY MEMBER...` and `tar -xf - -C DIRECTORY`."""
    if words[:1] == ["--version"]:
        context.out("bsdtar 3.7.2 - libarchive 3.7.2 zlib/1.2.13.1-motley liblzma/5.4.3 bz2lib/1.0.8 libzstd/1.5.4\r\n")
        return 0
    if words and not words[0].startswith("-"):
        words = [f"-{words[0]}", *words[1:]]  # the old spelling: tar cf -
    mode, archive, folder, members = _options(words)
    if not set(mode) & set("cx") or archive != "-":
        context.err("tar: Must specify one of -c, -r, -t, -u, -x\r\n")
        return 1
    try:
        directory = context.path(folder)
    except FileError:
        directory = ""
    node = context.host.files.get(directory)
    if node is None or not node.is_directory:
        context.err(f"tar: could not chdir to '{folder}'\r\n")
        return 1
    if "c" in mode:
        return _create(directory, members, context)
    return await _extract(directory, context)


def _create(directory: str, members: list[str], context: Context) -> int:
    if not members:
        context.err("tar: no files or directories specified\r\n")
        return 1
    stream, code = io.BytesIO(), 0
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            code |= _add(archive, directory, member, context)
    if code:
        context.err("tar: Error exit delayed from previous errors.\r\n")
    context.stdout(stream.getvalue())
    return code


def _add(archive: tarfile.TarFile, directory: str, member: str, context: Context) -> int:
    files = context.host.files
    try:
        path = context.path(f"{directory}\\{member}")
        node = files.get(path)
        if node is None:
            context.err(f"tar: {member}: Couldn't find file: No such file or directory\r\n")
            return 1
        if node.is_directory:
            archive.addfile(_header(member.rstrip("/\\") + "/", node, tarfile.DIRTYPE, 0))
            return max((_add(archive, directory, f"{member}/{item.name}", context) for item in files.children(path)),
                       default=0)  # fmt: skip
        data = files.read(path, context.caller)
    except FileError:
        context.err(f"tar: {member}: Couldn't open: Permission denied\r\n")
        return 1
    archive.addfile(_header(member, node, tarfile.REGTYPE, len(data)), io.BytesIO(data))
    return 0


def _header(name: str, node: Node, kind: bytes, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name.replace("\\", "/"))
    info.type, info.size, info.mtime = kind, size, int(node.modified.timestamp())
    info.mode = 0o777 if kind == tarfile.DIRTYPE else 0o666
    return info


async def _extract(directory: str, context: Context) -> int:
    data = await context.stdin()
    try:
        with tarfile.open(fileobj=io.BytesIO(data[:_LIMIT])) as archive:
            return max([_extract_one(archive, info, directory, context) for info in archive], default=0)
    except tarfile.TarError:
        context.err("tar: Error opening archive: Unrecognized archive format\r\n")
        return 1


def _extract_one(archive: tarfile.TarFile, info: tarfile.TarInfo, directory: str, context: Context) -> int:
    name = info.name.lstrip("/").replace("/", "\\")
    if ".." in name.split("\\"):
        context.err(f"tar: {info.name}: Path contains '..'\r\n")  # libarchive's SECURE_NODOTDOT, on by default
        return 1
    try:
        path = context.path(f"{directory}\\{name}")
        if info.isdir():
            context.host.files.make_directory(path, context.caller)
        elif (file := archive.extractfile(info)) is not None:
            parent = path.rpartition("\\")[0]
            if not context.host.files.exists(parent):
                context.host.files.make_directory(parent, context.caller)
            context.host.files.write(path, file.read(), context.caller)
    except FileError as error:
        reason = "No space left on device" if error.code == 112 else "Can't create"
        context.err(f"tar: {info.name}: {reason}\r\ntar: Error exit delayed from previous errors.\r\n")
        return 1
    return 0
