# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small file system: one drive, files with owners, sharing locks and a disk that can be full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from .accounts import SYSTEM, Account


class FileError(Exception):
    """A file call failed with a Win32 error code.

    2 no such file, 3 no such directory, 5 denied, 32 sharing violation, 80 exists, 112 disk full, 123 bad
    name (learn.microsoft.com/windows/win32/debug/system-error-codes--0-499-).
    """

    def __init__(self, code: int, path: str) -> None:
        super().__init__(f"Win32 error {code}: {path}")
        self.code = code
        self.path = path


@dataclass(slots=True, eq=False)
class Node:
    """A file (content) or a directory (content None).

    Attributes:
        locked: Somebody holds it open and shares nothing.
        writers: How many hold it open for writing as cmd's `>` does: others may read it, and no more
            (Dave Benham's batch file locks rest on this; DosTips forum, "lock file" threads).
        read_only: FILE_ATTRIBUTE_READONLY.
        hidden: FILE_ATTRIBUTE_HIDDEN.
        system: FILE_ATTRIBUTE_SYSTEM.
    """

    path: str
    owner: str
    content: bytes | None
    created: datetime
    modified: datetime
    locked: bool = False
    writers: int = 0
    read_only: bool = False
    hidden: bool = False
    system: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("\\")[2]

    @property
    def is_directory(self) -> bool:
        """True for a directory."""
        return self.content is None


_BAD_CHARACTERS = set('<>"|?*')


def normalise(path: str, current: str = "C:\\Windows\\System32") -> str:
    """An absolute path with single backslashes, `.` and `..` resolved, as Win32 does it.

    Trailing dots and spaces of each part vanish (learn.microsoft.com "Naming Files, Paths, and
    Namespaces"), which is how `..\\x.` and `x ` reach other files than they seem to.
    """
    path = path.replace("/", "\\")
    if path.startswith("\\\\?\\"):
        path = path[4:]
    if path.startswith("\\\\"):
        raise FileError(53, path)  # ERROR_BAD_NETPATH: no network here
    if len(path) < 2 or path[1] != ":":
        path = path[:0] + (current[:2] + path if path.startswith("\\") else current + "\\" + path)
    drive, rest = path[:2].upper(), path[2:]
    parts: list[str] = []
    for part in rest.split("\\"):
        if part == "..":
            del parts[-1:]
        elif (clean := part.rstrip(". ")) != "":
            parts.append(clean)
    if any(set(part) & _BAD_CHARACTERS or ":" in part or min(part) < " " for part in parts):
        raise FileError(123, path)
    return drive + "\\" + "\\".join(parts)


class FileSystem:
    """The drive C:. `base` are Windows' own files, shared between hosts and read only."""

    def __init__(
        self,
        now: Callable[[], datetime],
        base: dict[str, Node],
        wrote: Callable[[str], None] = lambda path: None,
        allow: Callable[[str], bool] = lambda path: True,
    ) -> None:
        self._now = now
        self._base = base
        self._own: dict[str, Node | None] = {}
        self._wrote = wrote
        self._allow = allow
        self.disk_full: Callable[[], bool] = lambda: False

    def get(self, path: str) -> Node | None:
        """The node at a path, or None."""
        key = path.lower().rstrip("\\")
        if key in self._own:
            return self._own[key]
        return self._base.get(key)

    def exists(self, path: str) -> bool:
        """Whether there is a file or directory."""
        return self.get(path) is not None

    def nodes(self) -> Iterator[Node]:
        """Every file and directory that is not part of Windows itself."""
        return (node for node in self._own.values() if node is not None)

    def everything(self) -> Iterator[Node]:
        """Every file and directory there is."""
        merged: dict[str, Node | None] = {**self._base, **self._own}
        return (node for node in merged.values() if node is not None)

    def children(self, path: str) -> list[Node]:
        """What lies directly in a directory, by name."""
        prefix = path.lower().rstrip("\\") + "\\"
        seen: dict[str, Node | None] = {k: n for k, n in self._base.items() if _directly_in(k, prefix)}
        seen.update({k: n for k, n in self._own.items() if _directly_in(k, prefix)})
        return [node for _, node in sorted(seen.items()) if node is not None]

    def make_directory(self, path: str, owner: Account = SYSTEM) -> Node:
        """Make a directory and its parents (set-up; checks no permission)."""
        parent, _, name = path.rpartition("\\")
        if name and parent and self.get(parent) is None:
            self.make_directory(parent, owner)
        node = self.get(path)
        if node is None:
            node = Node(path, owner.sid, None, self._now(), self._now())
            self._own[path.lower().rstrip("\\")] = node
        return node

    def store(self, path: str, content: bytes, owner: Account = SYSTEM) -> Node:
        """Put a file there (set-up, and what another machine does meanwhile; checks no permission)."""
        node = self.get(path)
        if node is None:
            node = Node(path, owner.sid, b"", self._now(), self._now())
            self._own[path.lower()] = node
        node.content, node.modified = content, self._now()
        return node

    def read(self, path: str, caller: Account) -> bytes:
        """A file's content.

        Raises:
            FileError: absent, a directory, denied, or held open by its writer.
        """
        node = self._file(path)
        if not self.may_read(path, caller):
            raise FileError(5, path)
        if node.locked:
            raise FileError(32, path)
        assert node.content is not None
        return node.content

    def write(self, path: str, content: bytes, caller: Account, *, append: bool = False) -> Node:
        """Create or replace a file; a new one belongs to the caller.

        Raises:
            FileError: Also when the disk is full: the file is there then, and is cut off.
        """
        node = self.open_for_writing(path, caller, append=append)
        self.put(node, content)
        return node

    def open_for_writing(self, path: str, caller: Account, *, append: bool = False) -> Node:
        """Create a file, or empty the one that is there (CreateFile with CREATE_ALWAYS or OPEN_ALWAYS)."""
        parent = self.get(path.rpartition("\\")[0])
        if parent is None or not parent.is_directory:
            raise FileError(3, path)
        node = self.get(path)
        if not self.may_write(path, caller) or (node is not None and node.is_directory):
            raise FileError(5, path)
        if node is not None and (node.locked or node.writers):
            raise FileError(32, path)
        # A hidden or system file can not be emptied without naming its attributes: CreateFileW, CREATE_ALWAYS.
        if node is not None and (node.read_only or ((node.hidden or node.system) and not append)):
            raise FileError(5, path)
        if not self._allow(path):
            raise FileError(5, path)
        key = path.lower()
        if node is None or key not in self._own:
            node = Node(path, caller.sid, b"", self._now(), self._now())
            self._own[key] = node
        elif not append:
            node.content = b""
        node.modified = self._now()
        self._wrote(path)
        return node

    def put(self, node: Node, content: bytes) -> None:
        """Add to a file that is open for writing; on a full disk half of it fits, which is an error."""
        full = self.disk_full() and bool(content)
        node.content = (node.content or b"") + (content[: len(content) // 2] if full else content)
        node.modified = self._now()
        if full:
            raise FileError(112, node.path)

    def move(self, source: str, target: str, caller: Account) -> None:
        """Rename a file, in one step over one that is there (MoveFileEx, MOVEFILE_REPLACE_EXISTING).

        Raises:
            FileError: 2 and 3 absent, 5 denied or the target is read-only or in use, 32 the source is in use.
        """
        node, old = self.get(source), self.get(target)
        if node is None:
            raise FileError(2, source)
        if not self.may_write(source, caller) or not self.may_write(target, caller):
            raise FileError(5, target)
        if node.locked or node.writers:
            raise FileError(32, source)
        parent = self.get(target.rpartition("\\")[0])
        if parent is None or not parent.is_directory:
            raise FileError(3, target)
        if old is not None and old is not node and (old.is_directory or old.read_only or old.locked or old.writers):
            raise FileError(5, target)  # an open file can be renamed over only by POSIX semantics, which need a flag
        if not self._allow(target):
            raise FileError(5, target)
        self._rename(node, target)
        self._wrote(f"{source} -> {target}")

    def _rename(self, node: Node, target: str) -> None:
        source = node.path
        below = [item for item in self.nodes() if item.path.lower().startswith(source.lower() + "\\")]
        for item in (node, *below):
            self._own[item.path.lower()] = None
            # a new node: Windows' own files are shared between the hosts
            moved = replace(item, path=target + item.path[len(source) :])
            self._own[moved.path.lower()] = moved

    def delete(self, path: str, caller: Account) -> None:
        """Delete a file, or a directory that is empty."""
        node = self.get(path)
        if node is None:
            raise FileError(2, path)
        if not self.may_write(path, caller) or (node.read_only and not node.is_directory):
            raise FileError(5, path)
        if node.locked or node.writers:
            raise FileError(32, path)
        if node.is_directory and self.children(path):
            raise FileError(145, path)
        if not self._allow(path):
            raise FileError(5, path)
        self._own[path.lower().rstrip("\\")] = None
        self._wrote(path)

    def _file(self, path: str) -> Node:
        node = self.get(path)
        if node is None:
            raise FileError(2, path)
        if node.is_directory:
            raise FileError(5, path)
        return node

    def may_read(self, path: str, caller: Account) -> bool:
        """Administrators read all; others all but other people's profiles."""
        return caller.elevated or self._profile_owner(path) in (None, caller.sid)

    def may_write(self, path: str, caller: Account) -> bool:
        """Administrators write all; others their own profile and Windows\\Temp."""
        if caller.elevated or self._profile_owner(path) == caller.sid:
            return True
        return path.lower().startswith(("c:\\windows\\temp\\", "c:\\programdata\\", "c:\\users\\public\\"))

    def _profile_owner(self, path: str) -> str | None:
        """SID of the owner of the profile a path lies in; profiles are directories of a user."""
        while "\\" in path:
            node = self.get(path)
            if node is not None and node.is_directory and node.owner.startswith("S-1-5-21-"):
                return node.owner
            path = path.rpartition("\\")[0]
        return None


def _directly_in(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and "\\" not in key[len(prefix) :]


def windows_files(programs: list[str], moment: datetime) -> dict[str, Node]:
    """Windows' own files: the directories that matter and the named programs in System32."""
    directories = [
        "C:",
        "C:\\Windows",
        "C:\\Windows\\System32",
        "C:\\Windows\\System32\\drivers",
        "C:\\Windows\\Temp",
        "C:\\Users",
        "C:\\Users\\Public",
        "C:\\ProgramData",
        "C:\\Program Files",
    ]
    nodes = {path.lower(): Node(path, SYSTEM.sid, None, moment, moment) for path in directories}
    files = ["C:\\Windows\\explorer.exe", *(f"C:\\Windows\\System32\\{name}" for name in programs)]
    contents = {path: b"MZ" + path.rpartition("\\")[2].encode() for path in files}  # no two programs are the same
    nodes.update({path.lower(): Node(path, SYSTEM.sid, data, moment, moment) for path, data in contents.items()})
    return nodes
