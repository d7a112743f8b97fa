# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one command line of the winrs shell tells about a host: sessions, profiles, policy, programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .._errors import FormatError, MalformedReply, ProgramMissing
from .._formats.quoting import cmd_quoted
from .._formats.quser import QuserRow, parse_quser
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from .facts_batch import Batch
from .policy import POLICY_KEY, SYSTEM_KEY, AssistanceValues, assistance_values
from .processes import SESSION_PROCESSES, Process, read_processes
from .profiles import PROFILE_LIST, USER_SID, profile_paths
from .session_sources import (
    SESSION_DATA,
    Environment,
    Logon,
    environment_query,
    loaded_user_sids,
    session_data_logons,
    user_environment,
)

PROGRAMS = ("quser", "msra", "tar", "netstat", "taskkill", "schtasks")
SYSTEM32 = r"%SystemRoot%\System32"
QUSER = rf"{SYSTEM32}\quser.exe"
REG = rf"{SYSTEM32}\reg.exe"
OPENINGS_KEY = r"HKLM\SOFTWARE\workspot.assist\JustInTime"
"""A key of our own; it is there while something is open for one invitation alone."""
_QUSER_MISSING = (
    "quser.exe is not on this host, so its sessions can not be read.",
    "Windows Home has no quser.exe; Remote Assistance for a pool needs Pro, Enterprise or Server.",
)


@dataclass(frozen=True)
class HostFacts:
    """What was read.

    Attributes:
        rows: Sessions as ``quser`` lists them.
        processes: Processes that tell a session's kind, and every msra.exe.
        logons: SessionData by session id.
        loaded_sids: Users whose registry is loaded.
        profiles: Profile folder by SID.
        assistance: Values that govern Remote Assistance.
        programs: Which of `PROGRAMS` are there.
        system_root: Windows' own folder.
        openings: Whether something is open just in time (see `just_in_time`).
    """

    rows: tuple[QuserRow, ...]
    processes: tuple[Process, ...]
    logons: Mapping[int, Logon] = field(default_factory=dict)
    loaded_sids: tuple[str, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)
    assistance: AssistanceValues = field(default_factory=AssistanceValues)
    programs: frozenset[str] = frozenset(PROGRAMS)
    system_root: str = r"C:\Windows"
    openings: bool = False

    def running(self, name: str, session_id: int) -> list[Process]:
        """Processes of one image name in one session."""
        return [item for item in self.processes if item.session_id == session_id and item.name == name]


def read_facts(client: WsmanClient, shell: Shell) -> HostFacts:
    """Read the facts: one query and one command line (three exchanges, four with the shell's own).

    Raises:
        ProgramMissing: The host has no quser.exe.
    """
    processes = read_processes(client, SESSION_PROCESSES)
    batch = Batch()
    add_questions(batch)
    return facts_of(batch.run(shell), processes, client.host)


def add_questions(batch: Batch) -> None:
    """Add what has to be asked to a command line; `facts_of` reads the answers."""
    batch.add("root", "echo %SystemRoot%")
    batch.add("programs", "& ".join(f"(if exist {SYSTEM32}\\{name}.exe echo {name})" for name in PROGRAMS))
    batch.add("quser", f"{QUSER} 2>nul")
    batch.add("logons", _query(SESSION_DATA, "/s"))
    batch.add("hives", f"{REG} query HKU 2>nul")
    batch.add("profiles", _query(PROFILE_LIST, "/s"))
    batch.add("policy", _query(POLICY_KEY))
    batch.add("system", _query(SYSTEM_KEY))
    batch.add("just-in-time", f"{REG} query {cmd_quoted(OPENINGS_KEY)} 2>nul")


def read_rows(client: WsmanClient, shell: Shell) -> list[QuserRow]:
    """Read the session list alone (two exchanges).

    Raises:
        ProgramMissing: The host has no quser.exe.
    """
    batch = Batch()
    batch.add("programs", f"if exist {QUSER} echo quser")
    batch.add("quser", f"{QUSER} 2>nul")
    found = batch.run(shell)
    if "quser" not in found["programs"].split():
        raise ProgramMissing(_QUSER_MISSING[0], host=client.host, hint=_QUSER_MISSING[1])
    return parse_quser(found["quser"])


def read_environments(
    shell: Shell, sids: Iterable[str], *, also: Mapping[str, str] | None = None
) -> tuple[dict[str, Environment], dict[str, str]]:
    """Read users' volatile environments, and run further commands in the same exchange.

    Args:
        shell: An open shell.
        sids: The users.
        also: Further commands by name, quoted already.

    Returns:
        Environments by SID, and the outputs of the further commands by name.
    """
    wanted = [sid for sid in dict.fromkeys(sids) if USER_SID.fullmatch(sid)]
    more = dict(also or {})
    if not wanted and not more:
        return {}, {}
    batch = Batch()
    for sid in wanted:
        batch.add(sid, _query(environment_query(sid), "/s"))
    for name, command in more.items():
        batch.add(name, command)
    found = batch.run(shell)
    environments = {sid: _environment(found[sid], sid) for sid in wanted}
    return environments, {name: found[name] for name in more}


def _environment(output: str, sid: str) -> Environment:
    """One user's environment. Users write their own: one that makes no sense must not hide the others."""
    try:
        return user_environment(output, sid)
    except FormatError:
        return Environment()


def _query(key: str, *options: str) -> str:
    return " ".join([REG, "query", cmd_quoted(key), *options, "2>nul"])


def facts_of(
    found: Mapping[str, str], processes: Sequence[Process], host: str, *, with_sessions: bool = True
) -> HostFacts:
    """Put the answers together.

    Args:
        found: Answers to `add_questions`.
        processes: Those of `SESSION_PROCESSES`.
        host: For messages.
        with_sessions: Whether sessions are needed; without quser.exe there are none.

    Raises:
        ProgramMissing: The host has no quser.exe, and sessions are needed.
    """
    programs = frozenset(found["programs"].split()) & frozenset(PROGRAMS)
    if "quser" not in programs and with_sessions:
        raise ProgramMissing(_QUSER_MISSING[0], host=host, hint=_QUSER_MISSING[1])
    root = found["root"].strip()
    if not root.isprintable() or root[1:3] != ":\\":
        raise MalformedReply("the host does not say where its Windows folder is.", host=host)
    return HostFacts(
        rows=tuple(parse_quser(found["quser"])),
        processes=tuple(processes),
        logons=session_data_logons(found["logons"]),
        loaded_sids=tuple(loaded_user_sids(found["hives"])),
        profiles=profile_paths(found["profiles"], system_root=root),
        assistance=assistance_values(found["policy"], found["system"]),
        programs=programs,
        system_root=root,
        openings=bool(found["just-in-time"].strip()),
    )
