# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of a simulated host and the programs that work on them: tar, move, copy, del, md, fc, attrib.

Sources: libarchive's tar/bsdtar.1, tar/read.c and write.c; learn.microsoft.com "Windows commands", CreateFileW,
MoveFileExW, "Naming Files, Paths, and Namespaces"; ss64.com/nt/fc.html for fc's exit codes.
"""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import AsyncIterator

import pytest

from simulator.windows.files import FileError, normalise
from tests.simulator.windows_rig import FOLDER, INI, POL, Rig, archive, ini, members

TEMP = "C:\\Windows\\Temp"
UNPACK = f'tar -xf - -C "{TEMP}"'


@pytest.fixture
def rig() -> Rig:
    return Rig()


# tar ------------------------------------------------------------------------------------------------


def test_several_files_in_one_archive() -> None:
    rig = Rig(local_policy={"registry_pol": {"hex": "5052656701000000"}})
    line = 'cd /d "%SystemRoot%\\System32\\GroupPolicy" && tar -cf - gpt.ini Machine/Registry.pol'
    done = rig.run(line)
    assert (done.code, done.err) == (0, "")
    assert members(done.raw) == {"gpt.ini": ini(1), "Machine/Registry.pol": bytes.fromhex("5052656701000000")}
    assert rig.host.writes.log == []


def test_a_missing_member_leaves_the_others(rig: Rig) -> None:
    """bsdtar goes on, says so at the end, and ends with 1."""
    rig.host.files.store(INI, ini(5))
    done = rig.run(f'tar -cf - -C "{FOLDER}" Machine/Registry.pol gpt.ini')
    assert done.code == 1
    assert members(done.raw) == {"gpt.ini": ini(5)}
    assert "Machine/Registry.pol" in done.err
    assert done.err.endswith("tar: Error exit delayed from previous errors.\r\n")


def test_members_that_are_all_missing_make_an_empty_archive(rig: Rig) -> None:
    done = rig.run(f'tar -cf - -C "{FOLDER}" gpt.ini')
    assert (done.code, members(done.raw)) == (1, {})


def test_a_missing_folder_is_told_in_one_line() -> None:
    rig = Rig(local_policy={"folder": False})
    done = rig.run(f'tar -cf - -C "{FOLDER}" gpt.ini')
    assert (done.code, done.out) == (1, "")
    assert "could not chdir" in done.err


def test_a_file_that_is_in_use_is_left_out() -> None:
    rig = Rig(local_policy={"registry_pol": {"hex": "5052656701000000"}, "locked": ["Machine/Registry.pol"]})
    done = rig.run(f'tar -cf - -C "{FOLDER}" gpt.ini Machine/Registry.pol')
    assert (done.code, set(members(done.raw))) == (1, {"gpt.ini"})


def test_what_is_unpacked_is_the_bytes(rig: Rig) -> None:
    content = bytes(range(256)) * 40 + b"\r\n\x1a\0"
    assert rig.run(UNPACK, archive(a__pol=content, b__ini=b"")).code == 0
    assert rig.content(f"{TEMP}\\a.pol") == content
    assert rig.content(f"{TEMP}\\b.ini") == b""


@pytest.mark.parametrize("size", [1, 511, 512, 513, 700])
def test_pieces_of_any_size_make_the_same_file(rig: Rig, size: int) -> None:
    data = archive(a__pol=b"x" * 1000, b__pol=b"y" * 10)
    assert rig.run(UNPACK, *[data[place : place + size] for place in range(0, len(data), size)]).code == 0
    assert (rig.content(f"{TEMP}\\a.pol"), rig.content(f"{TEMP}\\b.pol")) == (b"x" * 1000, b"y" * 10)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_and_foreign_names(rig: Rig, form: int) -> None:
    name = "ä" * 120 + ".pol"
    assert rig.run(UNPACK, archive(form, **{name: b"x"})).code == 0
    assert rig.content(f"{TEMP}\\{name}") == b"x"


def test_an_archive_that_is_cut_off_leaves_its_part(rig: Rig) -> None:
    data = archive(a__pol=b"x" * 5000)
    done = rig.run(UNPACK, data[: 512 + 1500])
    assert done.code == 1
    assert "Truncated" in done.err
    assert rig.content(f"{TEMP}\\a.pol") == b"x" * 1500


def test_a_writer_that_is_gone_leaves_what_came(rig: Rig) -> None:
    """The shell ends with its client's next idle time-out; until then tar waits, with the file open."""
    data = archive(a__pol=b"x" * 5000)

    async def scene() -> tuple[bool, str, bytes | None]:
        gone = asyncio.Event()

        async def source() -> AsyncIterator[bytes]:
            yield data[: 512 + 1024]
            await gone.wait()

        running = asyncio.ensure_future(rig.command(UNPACK, source=source()))
        while not rig.content(f"{TEMP}\\a.pol"):
            await asyncio.sleep(0)
        deleted = await rig.command(f'del "{TEMP}\\a.pol"')
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return running.cancelled(), deleted.err, rig.content(f"{TEMP}\\a.pol")

    cancelled, refusal, content = rig.live(scene())
    assert cancelled
    assert "being used by another process" in refusal
    assert content == b"x" * 1024
    assert rig.run(f'del "{TEMP}\\a.pol"').err == ""


def test_a_full_disk_leaves_a_cut_off_file(rig: Rig) -> None:
    rig.host.faults.set("disk_full", True)
    done = rig.run(UNPACK, archive(a__pol=b"x" * 1000, b__pol=b"y" * 100))
    assert done.code == 1
    assert "a.pol: Write failed" in done.err
    assert rig.content(f"{TEMP}\\a.pol") == b"x" * 500
    assert rig.content(f"{TEMP}\\b.pol") == b"y" * 50


def test_nothing_leaves_the_folder(rig: Rig) -> None:
    done = rig.run(UNPACK, archive(**{"../out__pol": b"x", "/abs__pol": b"y", "in__pol": b"z"}))
    assert done.code == 1
    assert "Path contains '..'" in done.err
    assert rig.content("C:\\Windows\\out.pol") is None
    assert (rig.content(f"{TEMP}\\abs.pol"), rig.content(f"{TEMP}\\in.pol")) == (b"y", b"z")


@pytest.mark.parametrize("data", [b"", b"no archive at all, but long enough" * 40], ids=["nothing", "text"])
def test_other_bytes_are_no_archive(rig: Rig, data: bytes) -> None:
    done = rig.run(UNPACK, data)
    assert done.code == 1
    assert "Unrecognized archive format" in done.err


def test_unpacking_replaces_and_says_when_it_may_not(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\a.pol", b"old")
    assert rig.run(UNPACK, archive(a__pol=b"new")).code == 0
    assert rig.content(f"{TEMP}\\a.pol") == b"new"
    node = rig.host.files.get(f"{TEMP}\\a.pol")
    assert node is not None
    node.locked = True
    assert rig.run(UNPACK, archive(a__pol=b"third")).code == 1
    assert rig.content(f"{TEMP}\\a.pol") == b"new"


def test_a_user_may_not_unpack_into_the_policy_folder(rig: Rig) -> None:
    done = rig.run(f'tar -xf - -C "{FOLDER}"', archive(gpt__ini=b"x"), caller=rig.user)
    assert done.code == 1
    assert rig.content(INI) is None


def test_an_old_server_has_no_tar() -> None:
    assert Rig(os="server-2016").run("tar --version").code == 1
    assert Rig(os="server-2019").run("tar --version").out.startswith("bsdtar ")


# move and copy ---------------------------------------------------------------------------------------


def test_a_move_replaces_in_one_step(rig: Rig) -> None:
    rig.run(f"echo new>{TEMP}\\n & echo old>{TEMP}\\o")
    done = rig.run(f"move /y {TEMP}\\n {TEMP}\\o")
    assert (done.code, done.out, done.err) == (0, "        1 file(s) moved.\r\n", "")
    assert (rig.content(f"{TEMP}\\o"), rig.content(f"{TEMP}\\n")) == (b"new\r\n".replace(b"new", b"new "), None)
    assert rig.host.writes.log[-1] == f"{TEMP}\\n -> {TEMP}\\o"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"move /y {TEMP}\\absent {TEMP}\\o", "cannot find the file"),
        (f"move /y {TEMP}\\n C:\\No\\o", "cannot find the path"),
        (f"move {TEMP}\\n {TEMP}\\o", ""),
        (f"move /y {TEMP}\\n {TEMP}\\readonly", "Access is denied"),
        (f"move /y {TEMP}\\n {TEMP}\\inuse", "Access is denied"),
        (f"move /y {TEMP}\\inuse {TEMP}\\o", "being used by another process"),
        (f"move /y {TEMP}\\n", "syntax of the command"),
    ],
)
def test_moves_that_are_refused_change_nothing(rig: Rig, line: str, words: str) -> None:
    for name in ("n", "o", "readonly", "inuse"):
        rig.host.files.store(f"{TEMP}\\{name}", name.encode())
    readonly, inuse = (rig.host.files.get(f"{TEMP}\\{name}") for name in ("readonly", "inuse"))
    assert readonly is not None
    assert inuse is not None
    readonly.read_only = inuse.locked = True
    done = rig.run(line)
    assert done.code == 1
    assert words in done.err
    assert {name: rig.content(f"{TEMP}\\{name}") for name in ("n", "o", "readonly", "inuse")} == {
        name: name.encode() for name in ("n", "o", "readonly", "inuse")
    }
    assert rig.host.writes.log == []


def test_a_move_into_a_folder_and_of_a_folder(rig: Rig) -> None:
    rig.run(f"md {TEMP}\\d\\e & echo x>{TEMP}\\n& move {TEMP}\\n {TEMP}\\d\\e & move {TEMP}\\d {TEMP}\\f")
    assert rig.content(f"{TEMP}\\f\\e\\n") == b"x\r\n"
    assert not rig.host.files.exists(f"{TEMP}\\d")


def test_windows_own_files_are_shared_but_moved_alone() -> None:
    first, second = Rig(), Rig()
    first.run("move C:\\Windows\\System32\\msra.exe C:\\Windows\\System32\\msra.old")
    assert first.run("if exist C:\\Windows\\System32\\msra.exe echo there").out == ""
    assert second.run("if exist C:\\Windows\\System32\\msra.exe echo there").out == "there\r\n"


def test_a_move_needs_no_room(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\n", b"new")
    rig.host.faults.set("disk_full", True)
    assert rig.run(f"move /y {TEMP}\\n {TEMP}\\o").code == 0
    assert rig.run(f"copy /y {TEMP}\\o {TEMP}\\p").code == 1


# fc --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "code"),
    [(b"abc", b"abc", 0), (b"", b"", 0), (b"abc", b"abd", 1), (b"abc", b"abcd", 1), (b"abc", None, 2)],
)
def test_fc_tells_by_its_exit_code(rig: Rig, left: bytes, right: bytes | None, code: int) -> None:
    rig.host.files.store(f"{TEMP}\\a", left)
    if right is not None:
        rig.host.files.store(f"{TEMP}\\b", right)
    assert rig.run(f"fc /b {TEMP}\\a {TEMP}\\b").code == code
    chosen = rig.run(
        f"fc /b {TEMP}\\a {TEMP}\\b >nul 2>nul && echo same || if errorlevel 2 (echo none) else echo other"
    )
    assert chosen.out.strip() == ("same", "other", "none")[code]


def test_fc_shows_where(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\a", b"abc")
    rig.host.files.store(f"{TEMP}\\b", b"aXc")
    assert "00000001: 62 58\r\n" in rig.run(f"fc /b {TEMP}\\a {TEMP}\\b").out
    assert "FC: no differences encountered" in rig.run(f"fc /b {TEMP}\\a {TEMP}\\a").out
    assert (
        "Keine Unterschiede"
        in Rig(language="de-DE").run("fc /b C:\\Windows\\explorer.exe C:\\Windows\\explorer.exe").out
    )


def test_fc_needs_two_names(rig: Rig) -> None:
    assert rig.run(f"fc /b {TEMP}\\a").code == -1


def test_fc_can_not_read_what_is_in_use(rig: Rig) -> None:
    for name in ("a", "b"):
        rig.host.files.store(f"{TEMP}\\{name}", b"x").locked = name == "b"
    assert rig.run(f"fc /b {TEMP}\\a {TEMP}\\b").code == 2


# del, md, rd, attrib ----------------------------------------------------------------------------------


def test_del_ends_with_0_and_tells_what_it_could_not_do(rig: Rig) -> None:
    done = rig.run(f"del {TEMP}\\absent")
    assert (done.code, done.err) == (0, f"Could Not Find {TEMP}\\absent\r\n")
    rig.host.files.store(f"{TEMP}\\r", b"x").read_only = True
    assert "Access is denied." in rig.run(f"del {TEMP}\\r").err
    assert rig.content(f"{TEMP}\\r") == b"x"
    rig.run(f"del /f /q {TEMP}\\r")
    assert rig.content(f"{TEMP}\\r") is None


def test_del_with_a_wildcard(rig: Rig) -> None:
    for name in ("Registry.pol.1", "Registry.pol.2", "other"):
        rig.host.files.store(f"{TEMP}\\{name}", b"x")
    rig.run(f'del /q "{TEMP}\\Registry.pol.*"')
    assert rig.run(f"dir /b {TEMP}").out == "other\r\n"


def test_hidden_files_are_passed_over_and_not_emptied(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\h", b"x").hidden = True
    assert "Could Not Find" in rig.run(f"del {TEMP}\\h").err
    assert rig.run(f"echo y>{TEMP}\\h").err == "Access is denied.\r\n"
    assert rig.content(f"{TEMP}\\h") == b"x"
    rig.run(f"attrib -h {TEMP}\\h & echo y>{TEMP}\\h")
    assert rig.content(f"{TEMP}\\h") == b"y\r\n"


def test_attrib_shows_and_changes(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\a", b"x")
    rig.run(f"attrib +r +h +s {TEMP}\\a")
    shown = rig.run(f"attrib {TEMP}\\a").out
    assert shown.split() == ["A", "SHR", f"{TEMP}\\a"]
    assert rig.run(f"attrib {TEMP}\\absent").out == f"File not found - {TEMP}\\absent\r\n"
    assert rig.host.writes.log == [f"{TEMP}\\a"]


def test_a_read_only_file_is_not_written_over(rig: Rig) -> None:
    rig.host.files.store(f"{TEMP}\\a", b"x").read_only = True
    assert rig.run(f"echo y>{TEMP}\\a").err == "Access is denied.\r\n"


def test_the_described_attributes_are_there() -> None:
    rig = Rig(local_policy={"registry_pol": {"hex": "5052656701000000"}, "read_only": ["Machine/Registry.pol"]})
    assert rig.run(f'move /y "{INI}" "{POL}"').code == 1
    assert rig.run(f'attrib -r "{POL}" & move /y "{INI}" "{POL}"').code == 0


def test_md_makes_parents_and_minds_what_is_there(rig: Rig) -> None:
    assert rig.run(f"md {TEMP}\\a\\b\\c").code == 0
    done = rig.run(f"md {TEMP}\\a\\b")
    assert (done.code, done.err) == (1, f"A subdirectory or file {TEMP}\\a\\b already exists.\r\n")
    assert rig.run("md C:\\Windows\\x", caller=rig.user).code == 1
    assert rig.run(f"rd {TEMP}\\a").err == "The directory is not empty.\r\n"
    assert rig.run(f"rd /s /q {TEMP}\\a").code == 0
    assert not rig.host.files.exists(f"{TEMP}\\a")


@pytest.mark.parametrize(
    "line",
    [f"echo x>{TEMP}\\n", f"del {TEMP}\\o", f"move /y {TEMP}\\o {TEMP}\\n", f"md {TEMP}\\n", f"attrib +r {TEMP}\\o",
     f"copy {TEMP}\\o {TEMP}\\n", f"( echo in ) 9>{TEMP}\\n"],
)  # fmt: skip
def test_writes_can_be_switched_off(rig: Rig, line: str) -> None:
    rig.host.files.store(f"{TEMP}\\o", b"x")
    rig.host.faults.set("deny_writes", True)
    rig.run(line)
    assert rig.host.counters["denied_writes"] == 1
    assert (rig.content(f"{TEMP}\\o"), rig.host.files.exists(f"{TEMP}\\n"), rig.host.writes.log) == (b"x", False, [])


# Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("C:/Windows/x", "C:\\Windows\\x"),
        ("x", "C:\\Windows\\System32\\x"),
        ("\\x", "C:\\x"),
        ("c:\\a\\..\\b\\.\\c. ", "C:\\b\\c"),
        ("\\\\?\\C:\\x", "C:\\x"),
    ],
)
def test_paths_are_understood_as_win32_does(text: str, path: str) -> None:
    assert normalise(text) == path


@pytest.mark.parametrize(("text", "code"), [("a:b:c", 123), ("a|b", 123), ("\\\\server\\share", 53)])
def test_names_that_are_none(text: str, code: int) -> None:
    with pytest.raises(FileError) as caught:
        normalise(text)
    assert caught.value.code == code
