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
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

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
    """Write files as their bytes come in: what is cut off stays on the disk cut off."""
    job = _Extraction(directory, context)
    try:
        async for name, size, info in _headers(job.stream, aiter(context.stdin)):
            await job.member(name, size, info)
    except tarfile.TarError:
        context.err("tar: Error opening archive: Unrecognized archive format\r\n")
        return 1
    except EOFError:
        context.err("tar: Truncated input file (needed more bytes, only 0 available)\r\n")
        job.code = 1
    finally:
        job.close()
    if job.code:
        context.err("tar: Error exit delayed from previous errors.\r\n")
    return job.code


@dataclass
class _Stream:
    """Bytes of an archive that have come and not been taken yet."""

    source: AsyncIterator[bytes] | None = None
    buffer: bytearray = field(default_factory=bytearray)
    taken: int = 0
    began: bool = False
    gzip: zlib._Decompress | None = None

    async def more(self) -> bool:
        """Wait for more; False at the end, or when it is more than a simulated host takes."""
        if self.source is None or self.taken + len(self.buffer) > _LIMIT:
            return False
        async for chunk in self.source:
            self.buffer += self._plain(chunk)
            return True
        return False

    def _plain(self, chunk: bytes) -> bytes:
        """bsdtar sees by itself that an archive is compressed; of its filters there is gzip here (RFC 1952)."""
        if not self.began:
            self.began = True
            self.gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if chunk[:2] == b"\x1f\x8b" else None
        try:
            return chunk if self.gzip is None else self.gzip.decompress(chunk, _LIMIT)
        except zlib.error:
            raise tarfile.ReadError("no gzip") from None

    async def take(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        while len(self.buffer) < size and await self.more():
            pass
        found = bytes(self.buffer[:size])
        del self.buffer[:size]
        self.taken += len(found)
        return found


async def _headers(stream: _Stream, source: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, int, tarfile.TarInfo]]:
    """Members one by one; whoever takes one has to take its bytes before the next.

    Raises:
        tarfile.TarError: It is no archive.
        EOFError: It ends before its end.
    """
    stream.source = source
    longer = ""
    while True:
        block = await stream.take(tarfile.BLOCKSIZE)
        if not block.strip(b"\0"):
            if not block and not stream.taken:
                raise tarfile.ReadError("empty")
            while await stream.take(tarfile.RECORDSIZE):
                pass
            return
        if len(block) < tarfile.BLOCKSIZE:
            raise EOFError
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if info.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME):
            longer = _long_name(info.type, await stream.take(_padded(info.size))) or longer
            continue
        yield longer or info.name, info.size, info
        longer = ""


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _long_name(kind: bytes, data: bytes) -> str:
    """The name in a pax record `LENGTH path=NAME` or in GNU's long name."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return data.rstrip(b"\0").decode("utf-8", "surrogateescape")
    for record in data.split(b"\n"):
        name, equals, value = record.partition(b" ")[2].partition(b"=")
        if name == b"path" and equals and kind == tarfile.XHDTYPE:
            return value.decode("utf-8", "surrogateescape")
    return ""


class _Extraction:
    """Members going to a directory."""

    def __init__(self, directory: str, context: Context) -> None:
        self._directory = directory
        self._context = context
        self._open: Node | None = None
        self.stream = _Stream()
        self.code = 0

    def close(self) -> None:
        """Nobody holds the last file any more."""
        if self._open is not None:
            self._open.writers -= 1
            self._open = None

    async def member(self, name: str, size: int, info: tarfile.TarInfo) -> None:
        """Write one member, or say why not and go on."""
        context, files = self._context, self._context.host.files
        left = size
        try:
            path = self._place(name)
            if info.isdir():
                self._make_directory(path)
            elif info.isreg():
                self._make_directory(path.rpartition("\\")[0])
                if files.exists(path):
                    files.delete(path, context.caller)  # libarchive unlinks what is in the way
                self._open = files.open_for_writing(path, context.caller)
                self._open.writers += 1
                while left > 0:
                    chunk = await self.stream.take(min(left, len(self.stream.buffer) or tarfile.BLOCKSIZE))
                    if not chunk:
                        raise EOFError
                    left -= len(chunk)
                    files.put(self._open, chunk)
        except FileError as error:
            self._complain(name, "Write failed" if error.code == 112 else "Can't create")
        except ValueError as error:
            self._complain(name, str(error))
        finally:
            self.close()
        await self.stream.take(left + _padded(size) - size)

    def _make_directory(self, path: str) -> None:
        context, host = self._context, self._context.host
        if host.files.exists(path):
            return
        if not host.files.may_write(path, context.caller) or not host.writes.allowed(path):
            raise FileError(5, path)
        host.files.make_directory(path, context.caller)
        host.writes(path)

    def _place(self, name: str) -> str:
        parts = name.replace("\\", "/").lstrip("/").split("/")
        if ".." in parts:
            raise ValueError("Path contains '..'")  # libarchive's SECURE_NODOTDOT, on by default
        return self._context.path(f"{self._directory}\\{chr(92).join(parts)}")

    def _complain(self, name: str, reason: str) -> None:
        self.code = 1
        self._context.err(f"tar: {name}: {reason}\r\n")
