# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about the shell, and about the programs and registry keys that are read through it."""

from __future__ import annotations

import hashlib
import re
import time

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.remote_assistance_state import effective_state
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import cmd_quoted
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.tar_stream import read_member
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.event_log import CHANNEL
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.host_facts import PROGRAMS, read_environments
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.logons import read_logons
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.processes import (
    DESKTOP_SHELLS,
    PUBLISHED_APP_SHELLS,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.profiles import temporary_folder
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.sessions import same_name

from tests.verify_host.model import Check, Finding, Probe, counted

SYSTEM32 = r"%SystemRoot%\System32"
SAMPLE_FILE = "quser.exe"
SAMPLE_LIMIT = 1024 * 1024


def _output_bytes(probe: Probe) -> Finding:
    result = probe.run("echo one& (if exist nothing-of-this-name echo no)& echo two")
    return Finding(
        f"echo gives {result.stdout!r}", result.stdout.split() == [b"one", b"two"], {"exit": result.exit_code}
    )


def _code_page(probe: Probe) -> Finding:
    result = probe.run(rf"{SYSTEM32}\chcp.com")
    digits = re.findall(r"\d+", result.text)
    if result.exit_code != 0 or not digits:
        return Finding("chcp.com does not say", None)
    return Finding(f"the shell's code page is {digits[-1]}", digits[-1] == "65001")


def _missing_program(probe: Probe) -> Finding:
    result = probe.run("no-such-program-of-workspot-assist")
    return Finding(f"a program that is not there gives exit code {result.exit_code}", result.exit_code in (1, 9009))


def _wildcard(probe: Probe) -> Finding:
    result = probe.run(
        rf"(if exist {cmd_quoted('C:' + chr(92) + 'Windows' + chr(92) + 'System32' + chr(92) + 'cmd.ex*')} echo found)"
    )
    return Finding(
        "if exist takes a wildcard in quotes" if "found" in result.text else "it does not", "found" in result.text
    )


def _programs(probe: Probe) -> Finding:
    missing = sorted(set(PROGRAMS) - probe.facts.programs)
    return Finding(f"missing: {', '.join(missing)}" if missing else "all there", not missing, {"missing": missing})


def _just_in_time(probe: Probe) -> Finding:
    there = "netsh" in probe.run(rf"(if exist {SYSTEM32}\netsh.exe echo netsh)").text.split()
    is_open = probe.facts.openings
    words = "netsh.exe is there" if there else "netsh.exe is missing"
    words += "; something is open for one invitation alone" if is_open else "; nothing is open for one invitation alone"
    return Finding(words, there, {"open": is_open})


def _quser_rows(probe: Probe) -> Finding:
    rows = probe.facts.rows
    idle = [row for row in rows if not row.active]
    sessions = {item.session_id for item in probe.facts.processes}
    unseen = [row.session_id for row in rows if row.session_id not in sessions]
    words = f"{counted(len(rows), 'session')}, {len(idle)} disconnected; {len(unseen)} without a known process"
    return Finding(words, None if not rows else not unseen, {"without_process": unseen})


def _quser_exit(probe: Probe) -> Finding:
    result = probe.run(rf"{SYSTEM32}\quser.exe 2>nul")
    return Finding(
        f"exit code {result.exit_code} with {counted(len(probe.facts.rows), 'session')}",
        True,
        {"exit": result.exit_code},
    )


def _logon_sessions(probe: Probe) -> Finding:
    began = time.monotonic()
    logons = read_logons(probe.client)
    seconds = time.monotonic() - began
    if logons is None:
        return Finding(f"no answer of use, after {seconds:.1f} seconds", False)
    form = "endpoint references" if "ReferenceParameters" in probe.last_reply() else "object paths"
    shown = [row for row in probe.facts.rows if not any(same_name(row.user_name, name) for name in logons.accounts)]
    words = f"{counted(len(logons.accounts), 'account')} in {seconds:.1f} seconds, as {form}; "
    words += "SYSTEM among them" if logons.of_everyone else "without SYSTEM"
    words += f"; {counted(len(shown), 'session')} of an account without a logon"
    return Finding(words, logons.of_everyone and not shown, {"sessions_without": [row.session_id for row in shown]})


def _session_data(probe: Probe) -> Finding:
    rows = {row.session_id: row for row in probe.facts.rows}
    missing = sorted(set(rows) - set(probe.facts.logons))
    stale = sorted(set(probe.facts.logons) - set(rows))
    if not rows:
        return Finding("nobody is logged on", None, {"stale": stale})
    words = f"{counted(len(missing), 'session')} without an entry, {counted(len(stale), 'entry')} without a session"
    return Finding(words.replace("entrys", "entries"), not missing, {"missing": missing, "stale": stale})


def _volatile_environment(probe: Probe) -> Finding:
    logons = {number: item for number, item in probe.facts.logons.items() if item.sid in probe.facts.loaded_sids}
    if not logons:
        return Finding("nobody is logged on", None)
    found, _ = read_environments(probe.shell, [item.sid for item in logons.values()])
    missing = [number for number, item in logons.items() if number not in found[item.sid].sessions]
    named = sum(1 for item in found.values() if item.user)
    words = (
        f"{named} of {counted(len(found), 'user')} named; {counted(len(missing), 'session')} without a key of its own"
    )
    return Finding(words, not missing, {"without_key": missing})


def _profiles(probe: Probe) -> Finding:
    sids = [item.sid for item in probe.facts.logons.values() if item.sid in probe.facts.loaded_sids]
    known = [probe.facts.profiles[sid] for sid in sids if sid in probe.facts.profiles]
    if not sids:
        return Finding("nobody is logged on", None)
    there = 0
    for path in known:
        folder = cmd_quoted(temporary_folder(path) + "\\.")
        there += "folder" in probe.run(f"(if exist {folder} echo folder)").text
    return Finding(f"{there} of {counted(len(sids), 'temporary folder')} there", there == len(sids))


def _shells(probe: Probe) -> Finding:
    both = []
    for row in probe.facts.rows:
        names = {item.name for item in probe.facts.processes if item.session_id == row.session_id}
        if names & DESKTOP_SHELLS and names & PUBLISHED_APP_SHELLS:
            both.append(row.session_id)
    words = f"{counted(len(both), 'session')} with both a desktop's and a published app's shell"
    return Finding(words, None if not probe.facts.rows else not both, {"both": both})


def _policy(probe: Probe) -> Finding:
    values = probe.facts.assistance
    state = effective_state(values)
    words = f"Remote Assistance is {'allowed' if state.allowed else 'not allowed'}, decided by {state.allowed_by}"
    return Finding(words, True, {"policy": dict(values.policy), "system": dict(values.system)})


def _missing_key(probe: Probe) -> Finding:
    result = probe.run(rf"{SYSTEM32}\reg.exe query HKLM\SOFTWARE\no-such-key-of-workspot-assist 2>nul")
    return Finding(
        f"exit code {result.exit_code}, {len(result.stdout.strip())} bytes",
        result.exit_code != 0 and not result.stdout.strip(),
    )


def _netstat(probe: Probe) -> Finding:
    line = rf"{SYSTEM32}\netstat.exe -ano | {SYSTEM32}\findstr.exe /r /c:{cmd_quoted('TCP.* 4 *$')}"
    rows = probe.run(line).text.splitlines()
    listening = [row for row in rows if " 0.0.0.0:0 " in row or " [::]:0 " in row]
    if not rows:
        return Finding("no line of process 4", None)
    return Finding(f"{len(listening)} of {counted(len(rows), 'line')} of process 4 listen", bool(listening))


def _tar(probe: Probe) -> Finding:
    hashed = probe.run(rf"{SYSTEM32}\certutil.exe -hashfile {SYSTEM32}\{SAMPLE_FILE} SHA256")
    digests = re.findall(r"\b[0-9a-f]{64}\b", hashed.text.replace(" ", "").lower())
    archive = probe.shell.run(rf"{SYSTEM32}\tar.exe -cf - -C {SYSTEM32} {SAMPLE_FILE}", limit=SAMPLE_LIMIT)
    data = read_member(archive.stdout, SAMPLE_FILE, limit=SAMPLE_LIMIT)
    digest = hashlib.sha256(data).hexdigest()
    evidence = {"bytes": len(data), "sha256": digest}
    if hashed.exit_code != 0 or not digests:
        return Finding(f"{len(data)} bytes came; certutil.exe did not say what they should be", None, evidence)
    return Finding(
        f"{len(data)} bytes came, {'the same' if digest in digests else 'changed'}", digest in digests, evidence
    )


def _tar_version(probe: Probe) -> Finding:
    result = probe.run(rf"{SYSTEM32}\tar.exe --version")
    words = " ".join(result.text.split())[:120]
    return Finding(words or "tar.exe does not say", "bsdtar" in words or None)


def _event_log(probe: Probe) -> Finding:
    result = probe.run(rf"{SYSTEM32}\wevtutil.exe gl {cmd_quoted(CHANNEL)} /f:xml")
    if result.exit_code != 0 or not result.stdout.strip():
        return Finding("the channel does not describe itself", None)
    enabled = re.search(r'enabled="(\w+)"', result.text)
    return Finding(f"{CHANNEL} is there, enabled={enabled[1] if enabled else 'unknown'}", True)


def _token(probe: Probe) -> Finding:
    """S-1-16-12288 is the high integrity level: the token is a whole administrator's (MS-DTYP 2.4.2.4)."""
    line = rf"{SYSTEM32}\whoami.exe /groups /fo csv /nh | {SYSTEM32}\findstr.exe /l /c:{cmd_quoted('S-1-16-')}"
    levels = re.findall(r"S-1-16-\d+", probe.run(line).text)
    if not levels:
        return Finding("whoami.exe does not say", None)
    return Finding(f"the account's integrity level here is {levels[0]}", levels[0] in ("S-1-16-12288", "S-1-16-16384"))


SHELL_CHECKS = (
    Check("shell-output", "commands joined with & write line after line", "learn.microsoft.com cmd", _output_bytes),
    Check("code-page", "WINRS_CODEPAGE 65001 makes output UTF-8", "MS-WSMV 2.2.4.38", _code_page),
    Check(
        "missing-program",
        "a missing program gives an exit code other than 0",
        "learn.microsoft.com cmd",
        _missing_program,
    ),
    Check("wildcard", "if exist takes a wildcard in quotes", "learn.microsoft.com if", _wildcard),
    Check("programs", "the programs that are used are in System32", "Windows images", _programs),
    Check("just-in-time", "netsh.exe is there, and nothing is open just in time", "Windows images", _just_in_time),
    Check(
        "logon-sessions",
        "Win32_LoggedOnUser lists the account of every session, and SYSTEM",
        "learn.microsoft.com, Win32_LogonSession, example",
        _logon_sessions,
    ),
    Check("quser-rows", "every line of quser is a session, whatever its language", "public quser outputs", _quser_rows),
    Check("quser-exit", "quser's exit code says nothing", "public reports differ", _quser_exit),
    Check("session-data", "LogonUI\\SessionData names each session's SID", "public reports", _session_data),
    Check(
        "volatile-environment",
        "HKU\\SID\\Volatile Environment has a key for each session",
        "public reports",
        _volatile_environment,
    ),
    Check(
        "profiles", "ProfileList leads to each user's temporary folder", "learn.microsoft.com, user profiles", _profiles
    ),
    Check(
        "session-kind",
        "only a published app's session has rdpinit.exe or rdpshell.exe",
        "learn.microsoft.com, RDS",
        _shells,
    ),
    Check("policy", "the values that govern Remote Assistance can be read", "RemoteAssistance.admx", _policy),
    Check(
        "missing-key",
        "reg query of an absent key writes nothing to standard output",
        "learn.microsoft.com reg",
        _missing_key,
    ),
    Check(
        "netstat",
        "a listener's foreign address is all zeros in every language",
        "learn.microsoft.com netstat",
        _netstat,
    ),
    Check("tar-bytes", "tar.exe through winrs is clean to the byte", "libarchive sets O_BINARY", _tar),
    Check("tar-version", "tar.exe is bsdtar", "Windows 10 1803 release notes", _tar_version),
    Check("event-log", "Remote Assistance has an operational log", "winevt-kb, msra.exe messages", _event_log),
    Check(
        "token",
        "the account is a whole administrator over the network",
        "learn.microsoft.com, UAC remote restrictions",
        _token,
    ),
)


__all__ = ["SHELL_CHECKS", "AssistError"]
