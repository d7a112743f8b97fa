# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command lines that open and close, for cmd.exe on the host: reg.exe and netsh.exe, no PowerShell.

Each works under a lock, a file that cmd.exe holds open for writing while its block runs (see `local_policy`), so
that what a line has looked at is still so when it writes. Every line may be run again: what is done already stays.
Where a part may be followed by others it stands in parentheses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..._formats.quoting import cmd_quoted
from ..._windows import tasks
from ..._windows.firewall import LOCAL_RULES
from ..._windows.host_facts import REG, SYSTEM32
from ..._windows.policy import POLICY_KEY
from ..._windows.processes import MSRA, Process
from .record import BEFORE, HOLDER, KEYS, OWN_KEY, ROOT, Kept, Record, rule_name

_FINDSTR = rf"{SYSTEM32}\findstr.exe"
_NETSH = rf"{SYSTEM32}\netsh.exe advfirewall firewall"
_QUIET = ">nul 2>nul"
_LOCK = rf"{SYSTEM32}\workspot.assist-just-in-time.lock"
"""In a folder where only administrators can make files: nobody else can hold it and so keep a host open."""
_PROFILES = {1: "domain", 2: "private", 4: "public"}


def query_command() -> str:
    """Writes what is open."""
    return f"{REG} query {cmd_quoted(ROOT)} /s 2>nul"


def rule_query_command(token: str) -> str:
    """Writes the firewall rule of one opening as the registry has it."""
    return f"{REG} query {cmd_quoted(LOCAL_RULES)} /f {cmd_quoted(rule_name(token))} /d 2>nul"


def keys_command() -> str:
    """Writes ``key-N`` for each of `KEYS` that is there."""
    return "& ".join(f"({REG} query {cmd_quoted(key)} {_QUIET} && echo key-{n})" for n, key in enumerate(KEYS))


def locked(block: str) -> str:
    """A block that runs only while nobody else's does."""
    return f'({block}) 9>"{_LOCK}" 2>nul& del /f /q "{_LOCK}" 2>nul'


def open_line(
    mark: str,
    token: str,
    *,
    record: Record,
    joins: bool,
    holder: Mapping[str, str],
    values: Mapping[str, int],
    addresses: Iterable[str],
    profiles: int,
) -> str:
    """Opens, unless the host is no longer as it was read; writes how far it came.

    Args:
        mark: What stands before each word it writes.
        token: Whose opening.
        record: The state before the first opening.
        joins: Whether that is on the host already.
        holder: What to keep about this opening.
        values: Policy values to write.
        addresses: Who may connect; none for anybody.
        profiles: Bits of the firewall profiles.
    """
    steps = [f"echo {mark}:same"]
    if not joins:
        steps += [_add(BEFORE, name, "REG_SZ", text) for name, text in record.as_texts().items()]
    steps += [_add(rf"{ROOT}\{HOLDER}{token}", name, "REG_SZ", text) for name, text in holder.items()]
    steps += [_add(POLICY_KEY, name, "REG_DWORD", str(number)) for name, number in values.items()]
    # Twice the same rule would be two: one that is there already stays.
    steps += [f"({_rule_is_there(token)} || {_add_rule(token, addresses, profiles)})", f"echo {mark}:opened"]
    work = "&& ".join(steps)
    if joins:
        return locked(f"echo {mark}:locked& ({_is_record(record)} && ({work}))")
    differs = [_query(BEFORE, "token"), *_still_there(record)]
    same = " && ".join([*_is_as_before(record), f"({work})"])
    return locked(f"echo {mark}:locked& ({' || '.join([*differs, f'({same})'])})")


def close_line(token: str, record: Record | None, *, done: str) -> str:
    """Closes what one opening opened; the last one restores what was before the first.

    Args:
        token: Whose opening.
        record: The state before the first opening; ``None`` when nothing was opened.
        done: A command that is run when all of it is closed.
    """
    holder = cmd_quoted(rf"{ROOT}\{HOLDER}{token}")
    others = f"{REG} query {cmd_quoted(ROOT)} 2>nul| {_FINDSTR} /i /l /c:{cmd_quoted(HOLDER)} >nul"
    steps = [
        f"({_NETSH} delete rule name={cmd_quoted(rule_name(token))} {_QUIET})",
        f"({REG} delete {holder} /f {_QUIET})",
    ]
    left = f"{_rule_is_there(token)} || {REG} query {holder} {_QUIET}"
    if record is None:
        return locked("& ".join([*steps, f"({left} || {done})"]))
    mine = _is_record(record)
    steps.append(f"(({others}) || ({mine} && ({_restore(record)})))")
    # What is restored has no record any more; a record that is still there is right only while others need it.
    steps.append(f"({left} || ((({mine}) || {done})& (({mine}) && ({others}) && {done})))")
    return locked("& ".join(steps))


def unless_running(process: Process, line: str) -> str:
    """A line that is run when that msra.exe is gone."""
    filters = (f"imagename eq {MSRA}", f"session eq {process.session_id:d}", f"pid eq {process.process_id:d}")
    words = " ".join(f"/fi {cmd_quoted(item)}" for item in filters)
    return rf"{SYSTEM32}\tasklist.exe /nh {words} 2>nul| {_FINDSTR} /i /l /c:{cmd_quoted(MSRA)} >nul || ({line})"


def a_little_later(line: str) -> str:
    """A line after two seconds: who held the lock has let it go by then."""
    return rf"{SYSTEM32}\ping.exe -n 3 127.0.0.1 >nul& {line}"


def closer_name(token: str) -> str:
    """Name of the task that closes."""
    return f"close-{token}"


def run_closer_command(token: str) -> str:
    """Has the host close now."""
    return rf"{SYSTEM32}\schtasks.exe /run /tn {cmd_quoted(f'{tasks.FOLDER}{closer_name(token)}')}"


def delete_closer_command(token: str) -> str:
    """Removes the task that closes."""
    return rf"{SYSTEM32}\schtasks.exe /delete /tn {cmd_quoted(f'{tasks.FOLDER}{closer_name(token)}')} /f {_QUIET}"


def _restore(record: Record) -> str:
    """Writes every value as it was, and forgets that when it is so."""
    steps = []
    for name, kept in record.values.items():
        command = _delete(name) if kept is None else _add(POLICY_KEY, name, kept.kind, kept.data)
        steps.append(f"({command})")
    for key in KEYS[: record.made_keys]:
        # `reg delete` of a key takes everything below it along: only one that is empty.
        filled = rf"{REG} query {cmd_quoted(key)} 2>nul| {_FINDSTR} /r /c:{cmd_quoted('.')} >nul"
        steps.append(f"(({filled}) || ({REG} delete {cmd_quoted(key)} /f {_QUIET}))")
    forget = f"{REG} delete {cmd_quoted(OWN_KEY)} /f {_QUIET}"
    same = " && ".join([*_is_as_before(record), forget])
    restored = " || ".join([*_still_there(record), f"({same})"])
    return "& ".join([*steps, f"({restored})"])


def _still_there(record: Record) -> list[str]:
    """Commands that succeed for a value that was not there and is."""
    return [_query(POLICY_KEY, name) for name, kept in record.values.items() if kept is None]


def _is_as_before(record: Record) -> list[str]:
    """Commands that succeed for a value that is as it was, type and data."""
    return [_is(name, kept) for name, kept in record.values.items() if kept is not None]


def _is(name: str, kept: Kept) -> str:
    # The layout of reg.exe: four blanks between the columns, the same in every language.
    # Whether blanks follow the type of a text that is empty nobody says: then the line's beginning has to do.
    line, whole = cmd_quoted(f"    {name}    {kept.kind}    {kept.data}".rstrip()), "/x" if kept.data else "/b"
    found = f"{REG} query {cmd_quoted(POLICY_KEY)} /v {cmd_quoted(name)} 2>nul"
    return f"({found}| {_FINDSTR} /i {whole} /l /c:{line} >nul)"


def _is_record(record: Record) -> str:
    found = f"{REG} query {cmd_quoted(BEFORE)} /v {cmd_quoted('token')} 2>nul"
    return f"({found}| {_FINDSTR} /l /c:{cmd_quoted(record.token)} >nul)"


def _query(key: str, name: str) -> str:
    return f"{REG} query {cmd_quoted(key)} /v {cmd_quoted(name)} {_QUIET}"


def _add(key: str, name: str, kind: str, data: str) -> str:
    return f"{REG} add {cmd_quoted(key)} /v {cmd_quoted(name)} /t {kind} /d {cmd_quoted(data)} /f {_QUIET}"


def _delete(name: str) -> str:
    return f"{REG} delete {cmd_quoted(POLICY_KEY)} /v {cmd_quoted(name)} /f {_QUIET}"


def _rule_is_there(token: str) -> str:
    """A command that succeeds while the rule is there; by the registry, as netsh says it in the host's language."""
    return f"({rule_query_command(token)}| {_FINDSTR} /i /l /c:{cmd_quoted(rule_name(token))} >nul)"


def _add_rule(token: str, addresses: Iterable[str], profiles: int) -> str:
    named = ",".join(name for bit, name in _PROFILES.items() if profiles & bit)
    remote = ",".join(addresses) or "any"
    return (
        f"{_NETSH} add rule name={cmd_quoted(rule_name(token))} dir=in action=allow protocol=tcp "
        rf'program="{SYSTEM32}\{MSRA}" profile={named} remoteip={cmd_quoted(remote)} enable=yes {_QUIET}'
    )
