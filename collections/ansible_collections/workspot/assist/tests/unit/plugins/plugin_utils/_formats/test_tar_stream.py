# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import tarfile

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import ArchiveError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.tar_stream import read_member

NAME = "workspot-1.msrcIncident"
FORMATS = [tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]


def member(name: str = NAME, kind: bytes = tarfile.REGTYPE, headers: dict[str, str] | None = None) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.pax_headers = kind, headers or {}
    return info


def archive(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=form) as stream:
        for info, content in members:
            info.size = len(content)
            stream.addfile(info, io.BytesIO(content))
    return output.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("content", [b"", b"x", b"y" * 512, bytes(range(256)) * 9])
def test_the_member_comes_out(form: int, content: bytes) -> None:
    data = archive((member("other"), b"no"), (member(), content), (member("third"), b"no"), form=form)

    assert read_member(data, NAME, limit=4096) == content


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_and_foreign_names(form: int) -> None:
    for name in ("a" * 120, "d" * 90 + "/" + "e" * 90, "Jürgen 石.txt"):
        assert read_member(archive((member(name), b"content"), form=form), name, limit=10) == b"content"


def test_pax_times_and_sizes_as_bsdtar_writes_them() -> None:
    data = archive((member(headers={"mtime": "1767225600.1234567", "path": NAME}), b"content"))

    assert read_member(data, NAME, limit=10) == b"content"


def test_the_first_of_several() -> None:
    assert read_member(archive((member(), b"first"), (member(), b"second")), NAME, limit=10) == b"first"


@pytest.mark.parametrize("name", [f"./{NAME}", NAME.upper(), f"../{NAME}", f"C:\\{NAME}", f"{NAME}/", f"/{NAME}"])
def test_the_name_has_to_be_exact(name: str) -> None:
    with pytest.raises(ArchiveError, match="does not have"):
        read_member(archive((member(name), b"content"), form=tarfile.GNU_FORMAT), NAME, limit=10)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"S", b"7", b"V"]
)
def test_only_regular_files(kind: bytes) -> None:
    # A folder has a slash at the end of its name, so it has another name.
    info = member(kind=kind)
    info.linkname = "C:\\secret"
    header = info.tobuf(tarfile.GNU_FORMAT)
    with pytest.raises(ArchiveError, match="regular"):
        read_member(header + bytes(1024), NAME, limit=10)


def test_a_sparse_file_is_not_regular() -> None:
    data = archive((member(headers={"GNU.sparse.major": "1", "GNU.sparse.name": "x"}), b"content"))

    with pytest.raises(ArchiveError, match="regular"):
        read_member(data, NAME, limit=10)


def test_the_limit() -> None:
    data = archive((member(), b"x" * 11))

    assert len(read_member(data, NAME, limit=11)) == 11
    with pytest.raises(ArchiveError, match="larger"):
        read_member(data, NAME, limit=10)


def test_every_cut_is_noticed() -> None:
    data = archive((member(), b"x" * 700), form=tarfile.USTAR_FORMAT)

    for end in (0, 1, 511, 512, 513, 1000, 1211):
        with pytest.raises(ArchiveError):
            read_member(data[:end], NAME, limit=1000)


def test_lies_about_sizes() -> None:
    data = archive((member(headers={"size": "99999999999999999999"}), b"x"))
    with pytest.raises(ArchiveError):
        read_member(data, NAME, limit=10)
    data = archive((member(headers={"size": "1000000"}), b"x"))
    with pytest.raises(ArchiveError, match="early"):
        read_member(data, NAME, limit=10)
    header = bytearray(member().tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 12
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    with pytest.raises(ArchiveError, match="negative"):
        read_member(bytes(header), NAME, limit=10)


def test_global_headers_and_endless_members() -> None:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": NAME}) as stream:
        stream.addfile(tarfile.TarInfo("other"))
    with pytest.raises(ArchiveError, match="global"):
        read_member(output.getvalue(), NAME, limit=10)
    with pytest.raises(ArchiveError, match="more than"):
        read_member(member("x").tobuf(tarfile.USTAR_FORMAT) * 10_001, NAME, limit=10)


@pytest.mark.parametrize("data", [b"", b"tar: No such file", b"\0" * 511, b"x" * 2048])
def test_no_archive(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        read_member(data, NAME, limit=10)


def test_an_empty_archive_does_not_have_it() -> None:
    with pytest.raises(ArchiveError, match="does not have"):
        read_member(bytes(1024), NAME, limit=10)
