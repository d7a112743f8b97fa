# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd.exe of the simulator: quoting, operators, conditions, blocks, redirection and the locks made of it.

Sources: learn.microsoft.com `cmd`, `if`, "Command shell overview"; `cmd /?` and `if /?`; Dave Benham's answers on
Stack Overflow (34936240, 34987885) for return codes; Wine's programs/cmd/tests, which run against Windows.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.simulator.windows_rig import Done, Rig

LOCK = "C:\\Windows\\Temp\\our.lock"
IN_USE = "The process cannot access the file because it is being used by another process."


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("echo a b", "a b\r\n"),
        ("echo  a", " a\r\n"),
        ('echo "a  b"', '"a  b"\r\n'),
        ("echo a^&b", "a&b\r\n"),
        ('echo "a^&b"', '"a^&b"\r\n'),
        ('echo "a&b" & echo c', '"a&b" \r\nc\r\n'),
        ("echo a^^b", "a^b\r\n"),
        ("echo a^|b^>c^<d", "a|b>c<d\r\n"),
        ("echo.", "\r\n"),
        ("echo.a", "a\r\n"),
        ("echo(a", "a\r\n"),
        ("echo", "ECHO is on.\r\n"),
        ("echo %ComputerName%", "DESK-01\r\n"),
        ("echo %NoSuchVariable%", "%NoSuchVariable%\r\n"),
        ("echo 100%", "100%\r\n"),
        ("set X=1& call echo %^X%", "1\r\n"),
        ("@echo a", "a\r\n"),
        ("echo a & rem echo b", "a \r\n"),
        ("echo a)", "a)\r\n"),
        ("(echo a)", "a\r\n"),
        ("(echo a & echo b)", "a \r\nb\r\n"),
        ("((echo a) & (echo b))", "a\r\nb\r\n"),
        ("echo a & ", "a \r\n"),
        ('cmd /c "echo a & echo b"', "a \r\nb\r\n"),
        ('cmd /d /v:off /c echo "a"', '"a"\r\n'),
    ],
)
def test_lines(rig: Rig, line: str, out: str) -> None:
    assert rig.run(line).out == out


@pytest.mark.parametrize("line", ["& echo a", "echo a && && echo b", "(echo a", "echo a | ", "if 1==1", ") echo a"])
def test_lines_that_are_none_run_not_at_all(rig: Rig, line: str) -> None:
    done = rig.run(line)
    assert done.code != 0
    assert done.out == ""
    assert done.err


def test_a_line_that_is_too_long_is_refused(rig: Rig) -> None:
    """KB 830473: 8191 characters."""
    assert rig.run("echo " + "x" * 8186).code == 0
    assert rig.run("echo " + "x" * 8187).err == "The command line is too long.\r\n"


def test_a_line_that_grows_too_long_is_refused(rig: Rig) -> None:
    assert rig.run("echo " + "%SystemRoot%" * 682).err == ""
    assert "too long" in Rig(computer_name="X" * 15).run("echo " + "%COMPUTERNAME%" * 584).err


# Return codes and ERRORLEVEL ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("cmd /c exit 3 && echo yes || echo no", "no\r\n"),
        ("cmd /c exit 0 && echo yes || echo no", "yes \r\n"),
        ("cmd /c exit 3 & if errorlevel 3 echo three", "three\r\n"),
        ("cmd /c exit 3 & if errorlevel 4 echo four", ""),
        ("cmd /c exit 3 & if not errorlevel 4 echo below", "below\r\n"),
        ("cmd /c exit -1 & if not errorlevel 0 echo negative", "negative\r\n"),
        ("cmd /c exit 3 & echo x & if errorlevel 3 echo kept", "x \r\nkept\r\n"),
        ("cmd /c exit 3 & ver >nul & if not errorlevel 1 echo cleared", "cleared\r\n"),
        ("cmd /c exit 3 & (call ) & if not errorlevel 1 echo cleared", "cleared\r\n"),
        ("(call) & if errorlevel 1 echo set", "set\r\n"),
        ("cmd /c exit 3 & echo x>C:\\No\\x & if errorlevel 3 echo kept", "kept\r\n"),
        ("cmd /c exit 0 & (echo x>C:\\No\\x || echo failed) & if errorlevel 1 echo set", "failed\r\nset\r\n"),
        ("rd C:\\No & if not errorlevel 1 echo kept", "kept\r\n"),
        ("rd C:\\No || if errorlevel 1 echo set", "set\r\n"),
        ("nosuch || if errorlevel 9009 echo unknown", "unknown\r\n"),
    ],
)
def test_what_sets_and_clears_errorlevel(rig: Rig, line: str, out: str) -> None:
    assert rig.run(line).out == out


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("exit 7", 7),
        ("exit /b 8", 8),
        ("echo a & exit /b 2 & echo b", 2),
        ("(echo a & exit 5) & echo b", 5),
        ("cmd /c exit 4 & exit /b", 4),
        ("cmd /c exit 4 & echo a", 0),
        ("nosuch", 1),
        ("nosuch & exit /b %errorlevel%", 0),
        ("echo x>C:\\No\\x", 1),
        ("exit 4294967295", 4294967295),
    ],
)
def test_how_a_line_ends(rig: Rig, line: str, code: int) -> None:
    """`cmd /c` ends with the return code of its last command; %ERRORLEVEL% is read before the line runs."""
    assert rig.run(line).code == code


# Conditions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("if a==a echo yes", "yes\r\n"),
        ("if a==A (echo yes) else echo no", "no\r\n"),
        ("if /i a==A (echo yes) else echo no", "yes\r\n"),
        ("if not a==b echo yes", "yes\r\n"),
        ('if "%NoSuch%"=="" (echo empty) else (echo kept)', "kept\r\n"),
        ("if 10 GTR 9 echo number", "number\r\n"),
        ("if a10 GTR a9 (echo text) else echo smaller", "smaller\r\n"),
        ("if defined SystemRoot echo yes", "yes\r\n"),
        ("if exist C:\\Windows echo yes", "yes\r\n"),
        ('if exist "C:\\Windows\\System32\\ms*.exe" echo yes', "yes\r\n"),
        ("if not exist C:\\No\\x echo no", "no\r\n"),
        ("if 1==2 echo a & echo b", ""),
        ("if 1==2 (echo a) & echo b", ""),
        ("(if 1==2 (echo a)) & echo b", "b\r\n"),
        ("if 1==2 (echo a) else (echo c) & echo b", "c\r\nb\r\n"),
    ],
)
def test_conditions(rig: Rig, line: str, out: str) -> None:
    """What follows an `if` belongs to it up to the end of its block (ReactOS and Wine: cmd's parser)."""
    assert rig.run(line).out == out


# Redirection -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("echo a>{0}", "a\r\n"),
        ("echo a >{0}", "a \r\n"),
        (">{0} echo a", "a\r\n"),
        ("echo a 1>{0}", "a \r\n"),
        ("echo a2>{0}", "a2\r\n"),
        ("(echo a & echo b)>{0}", "a \r\nb\r\n"),
        ("echo a>{0} & echo b>>{0}", "a \r\nb\r\n"),
        ("echo a>{0} & echo b>{0}", "b\r\n"),
        ("echo x 7>{0}", ""),
        ("nosuch 2>{0}", "'nosuch' is not recognized as an internal or external command,\r\n"
                         "operable program or batch file.\r\n"),
        ("(echo a & nosuch) >{0} 2>nul", "a \r\n"),
        ("echo a>{0} b| rem", "a b\r\n"),
    ],
)  # fmt: skip
def test_redirection_to_a_file(rig: Rig, line: str, shown: str) -> None:
    rig.run(line.format("C:\\Windows\\Temp\\f"))
    assert rig.run("type C:\\Windows\\Temp\\f").out == shown


def test_order_of_redirections_counts(rig: Rig) -> None:
    assert rig.run("nosuch >nul 2>&1").err == ""
    assert "nosuch" in rig.run("nosuch 2>&1 >nul").out


def test_input_from_a_file_and_a_pipe(rig: Rig) -> None:
    rig.run("echo findme>C:\\Windows\\Temp\\f")
    assert rig.run("findstr findme <C:\\Windows\\Temp\\f").out == "findme\r\n"
    assert rig.run("type C:\\Windows\\Temp\\f | findstr findme").out == "findme\r\n"


def test_a_pipe_is_two_processes(rig: Rig) -> None:
    assert rig.run("cd C:\\Windows | exit 5 & cd").out.startswith("C:\\Windows\\System32")


@pytest.mark.parametrize("line", ["echo a>C:\\No\\x", "echo a<C:\\No\\x", "(echo a & echo b) 9>C:\\No\\x", "echo a>C:"])
def test_a_command_whose_file_does_not_open_does_not_run(rig: Rig, line: str) -> None:
    done = rig.run(line)
    assert (done.code, done.out) == (1, "")
    assert done.err


# Locks: a file that `>` holds open (Dave Benham, DosTips and Stack Overflow 10519762) -----------------------


async def _while_locked(rig: Rig, *lines: str) -> list[Done]:
    """Run lines while another command line holds the lock."""
    holder = asyncio.ensure_future(rig.command(f'( set /p X= & ping -n 2 127.0.0.1 >nul ) 9>"{LOCK}"'))
    await asyncio.sleep(0)
    while rig.host.files.get(LOCK) is None:
        await asyncio.sleep(0)
    found = [await rig.command(line) for line in lines]
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)
    return found


def test_only_one_holds_a_lock(rig: Rig) -> None:
    lines = [
        f'( echo in ) 9>"{LOCK}" || echo locked',
        f'( echo in ) 9>>"{LOCK}" || echo locked',
        f'2>nul ( 9>"{LOCK}" ( echo in ) ) || echo locked',
        f'9>"{LOCK}" ( echo in )',
    ]
    found = rig.live(_while_locked(rig, *lines))
    assert [(done.code, done.out) for done in found] == [(0, "locked\r\n")] * 3 + [(1, "")]
    assert [done.err.strip() for done in found] == [IN_USE, IN_USE, "", IN_USE]


def test_the_lock_is_free_when_its_holder_is_gone(rig: Rig) -> None:
    """Whether it ended or was ended: Windows closes the handle. The file stays."""
    rig.live(_while_locked(rig))
    assert rig.content(LOCK) == b""
    assert rig.run(f'( echo in ) 9>"{LOCK}" || echo locked').out == "in \r\n"
    assert rig.run(f'( nosuch & exit 3 ) 9>"{LOCK}"').code == 3
    assert rig.run(f'( echo in ) 9>"{LOCK}" || echo locked').out == "in \r\n"


def test_a_locked_file_can_be_read_and_nothing_else(rig: Rig) -> None:
    read, deleted, moved, replaced, compared = rig.live(
        _while_locked(
            rig,
            f'type "{LOCK}"',
            f'del /f /q "{LOCK}"',
            f'move /y "{LOCK}" C:\\Windows\\Temp\\other',
            f'echo x>C:\\Windows\\Temp\\new & move /y C:\\Windows\\Temp\\new "{LOCK}"',
            f'fc /b "{LOCK}" "{LOCK}"',
        )
    )
    assert (read.code, read.err) == (0, "")
    assert IN_USE in deleted.err
    assert IN_USE in moved.err
    assert "Access is denied." in replaced.err
    assert compared.code == 0
    assert rig.content(LOCK) == b""


def test_a_lock_inside_a_lock(rig: Rig) -> None:
    line = f'( ( echo in ) 9>"{LOCK}.2" || echo no ) 9>"{LOCK}" & ( echo again ) 9>"{LOCK}"'
    assert rig.run(line).out == "in \r\nagain \r\n"
    assert rig.run(f'( ( echo in ) 9>"{LOCK}" || echo no ) 9>"{LOCK}"').out == "no \r\n"


def test_handles_that_do_not_exist_are_refused(rig: Rig) -> None:
    assert rig.run("echo a 1>&7").code != 0


# Who, where, and in which language ------------------------------------------------------------------------


def test_a_command_starts_in_the_profile_or_system32(rig: Rig) -> None:
    assert rig.run("cd").out == "C:\\Windows\\System32\r\n"
    logged_on = Rig(sessions=[{"id": 1, "user": "CORP\\admin"}])
    assert logged_on.run("cd").out == "C:\\Users\\admin\r\n"


def test_other_peoples_profiles_are_closed() -> None:
    rig = Rig(sessions=[{"id": 1, "user": "CORP\\jdoe"}])
    rig.host.files.store("C:\\Users\\jdoe\\note.txt", b"hello", rig.user)
    assert rig.run("type C:\\Users\\jdoe\\note.txt", caller=rig.user).out == "hello"
    assert rig.run("type C:\\Users\\jdoe\\note.txt").out == "hello"
    rig.host.files.make_directory("C:\\Users\\other", rig.admin)
    rig.host.files.store("C:\\Users\\other\\note.txt", b"secret", rig.admin)
    assert rig.run("type C:\\Users\\other\\note.txt", caller=rig.user).err == "Access is denied.\r\n"
    assert rig.run("echo x>C:\\Windows\\System32\\x", caller=rig.user).err == "Access is denied.\r\n"


def test_words_come_in_the_hosts_language() -> None:
    assert "entweder falsch geschrieben" in Rig(language="de-DE").run("nosuch").err
