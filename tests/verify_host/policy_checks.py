# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about Group Policy: its files, what is logged about it, and the tools that compare and lock files.

Nothing here asks for the names of helpers or the texts of messages; names of GPOs are taken out of the report.
"""

from __future__ import annotations

from ansible_collections.workspot.assist.plugins.plugin_utils._assistance.policy.settings import TERMINAL_SERVICES
from ansible_collections.workspot.assist.plugins.plugin_utils._errors import FormatError, WsmanFault
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.gpt_ini import REGISTRY_CSE, parse_gpt_ini
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import wql_literal
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.registry_pol import (
    build_registry_pol,
    parse_registry_pol,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.local_policy import (
    LIMIT_BYTES,
    LocalPolicyFiles,
    fetch_command,
    files_of,
    presence_command,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.registry import CIMV2, HKEY_LOCAL_MACHINE
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.resultant_policy import NAMESPACE, guid_of

from tests.verify_host.model import Check, Finding, Probe, counted

SYSTEM32 = r"%SystemRoot%\System32"


def _rsop(probe: Probe) -> Finding:
    query = (
        "SELECT id,precedence,valueName,deleted FROM RSOP_RegistryPolicySetting "
        f"WHERE registryKey={wql_literal(TERMINAL_SERVICES)}"
    )
    try:
        rows = probe.client.enumerate(NAMESPACE, query)
    except WsmanFault as error:
        return Finding(f"can not be read: {error.message}", False, {"cim_status": error.cim_status})
    deleted = sorted({row.text("valueName") or "" for row in rows if row.boolean("deleted")})
    words = f"{counted(len(rows), 'row')} about Remote Assistance; deletions are named {', '.join(deleted) or '(none)'}"
    return Finding(words, True, {"rows": len(rows), "deleted": deleted})


def _rsop_gpos(probe: Probe) -> Finding:
    rows = probe.client.enumerate(NAMESPACE, "SELECT * FROM RSOP_GPO")
    if not rows:
        return Finding("no GPO is logged", None)
    local = [row.text("id") or "" for row in rows if guid_of(row.text("id") or "") == (row.text("id") or "")]
    unnamed = sum(1 for row in rows if not (row.text("id") and row.text("name")))
    words = f"{counted(len(rows), 'GPO')}, {unnamed} without id or name; local: {', '.join(local) or '(none)'}"
    return Finding(words, not unnamed, {"local": local})


def _missing_value(probe: Probe) -> Finding:
    arguments = {"hDefKey": HKEY_LOCAL_MACHINE, "sSubKeyName": "SOFTWARE", "sValueName": "no-such-value-of-ours"}
    code = probe.client.invoke(CIMV2, "StdRegProv", "GetDWORDValue", arguments).integer("ReturnValue")
    return Finding(f"GetDWORDValue of a missing value returns {code}", code in (1, 2), {"code": code})


def _files(probe: Probe) -> LocalPolicyFiles:
    present = probe.run(presence_command()).text
    return files_of(probe.shell.run(fetch_command(), limit=LIMIT_BYTES).stdout, present)


def _gpt_ini(probe: Probe) -> Finding:
    content = _files(probe).gpt_ini
    if content is None:
        return Finding("there is no local gpt.ini", None)
    try:
        gpt = parse_gpt_ini(content)
    except FormatError as error:
        return Finding(error.message, False)
    extensions = [extension for extension, _tools in gpt.machine_extensions]
    named = REGISTRY_CSE in [extension.upper() for extension in extensions]
    words = (
        f"version {gpt.version}, {counted(len(extensions), 'extension')}, the registry's {'' if named else 'not '}named"
    )
    return Finding(words, named if gpt.version[0] else None, {"extensions": extensions})


def _registry_pol(probe: Probe) -> Finding:
    content = _files(probe).registry_pol
    if not content:
        return Finding("there is no local Registry.pol", None)
    try:
        pol = parse_registry_pol(content)
    except FormatError as error:
        return Finding(error.message, False, {"bytes": len(content)})
    same = build_registry_pol(pol) == content
    specials = sorted({entry.special.name for entry in pol.entries if entry.special})
    words = f"{len(content)} bytes, {len(pol.entries)} entries, {'the same' if same else 'changed'} when written again"
    return Finding(words, same, {"specials": specials, "types": sorted({entry.type for entry in pol.entries})})


def _no_lines(probe: Probe) -> Finding:
    result = probe.run(rf'{SYSTEM32}\findstr.exe "^" nul >nul& if errorlevel 1 (echo none) else (echo some)')
    return Finding(f"in nothing findstr finds {result.text.strip()}", result.text.split() == ["none"])


def _same_files(probe: Probe) -> Finding:
    fc = rf"{SYSTEM32}\fc.exe /b {SYSTEM32}\fc.exe"
    lines = (
        rf"({fc} {SYSTEM32}\fc.exe >nul && echo same)& ({fc} {SYSTEM32}\cmd.exe >nul || echo other)& "
        rf"({fc} {SYSTEM32}\no-such-file-of-ours 2>nul >nul || echo missing)"
    )
    said = probe.run(lines).text.split()
    return Finding(f"fc /b tells: {' '.join(said)}", said == ["same", "other", "missing"])


def _lock_handle(probe: Probe) -> Finding:
    said = probe.run("(echo in) 9>nul & echo out").text.split()
    return Finding(f"a block with handle 9 open says: {' '.join(said)}", said == ["in", "out"])


POLICY_CHECKS = (
    Check("rsop", "the resultant set of policy can be read", "learn.microsoft.com, RSOP_RegistryPolicySetting", _rsop),
    Check("rsop-gpos", "RSOP_GPO has id and name of each GPO", "learn.microsoft.com, RSOP_GPO", _rsop_gpos),
    Check("missing-value", "a value that is not there gives 1 or 2", "learn.microsoft.com, StdRegProv", _missing_value),
    Check("gpt-ini", "a local gpt.ini names the registry extension", "common practice; MS-GPOL 2.2.4", _gpt_ini),
    Check("registry-pol", "the local Registry.pol is read whole and written alike", "MS-GPREG 2.2.1", _registry_pol),
    Check("no-lines", "findstr finds no line in an empty file", "learn.microsoft.com findstr", _no_lines),
    Check("same-files", "fc /b tells same, other and missing files by its exit code", "ss64.com fc", _same_files),
    Check("lock-handle", "cmd opens a handle above 2 for a block", "stackoverflow.com/a/10525070", _lock_handle),
)
