# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about CIM classes and the service itself."""

from __future__ import annotations

import re

from ansible_collections.workspot.assist.plugins.plugin_utils._errors import NotFound
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.quoting import wql_literal
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.host_clock import CIMV2
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.processes import (
    Process,
    owner_sid,
    read_processes,
)
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.tasks import FOLDER, SCHEDULER
from ansible_collections.workspot.assist.plugins.plugin_utils._windows.tcp import STANDARD_CIMV2, read_listeners

from tests.verify_host.model import Check, Finding, Probe, counted

SYSTEM_PROCESS = 4
"""The kernel's own process: it holds WinRM's HTTP listeners (learn.microsoft.com, HTTP.sys)."""
WINRM_PORTS = {5985, 5986, 47001}
RA_TASK = {"TaskPath": "\\Microsoft\\Windows\\RemoteAssistance\\", "TaskName": "RemoteAssistanceTask"}
_EXPLORERS = "FROM Win32_Process WHERE Name='explorer.exe'"


def _operating_system(probe: Probe) -> Finding:
    (system,) = probe.client.enumerate(CIMV2, "SELECT * FROM Win32_OperatingSystem")
    version, build = system.text("Version") or "", system.text("BuildNumber") or "0"
    new_enough = build.isdecimal() and int(build) >= 17063
    return Finding(
        f"Windows {version}, product type {system.text('ProductType')}, language {system.text('OSLanguage')}",
        new_enough,
        {"version": version, "build": build, "language": system.text("OSLanguage")},
    )


def _clock_zone(probe: Probe) -> Finding:
    (system,) = probe.client.enumerate(CIMV2, "SELECT * FROM Win32_OperatingSystem")
    moment = system.moment("LocalDateTime")
    if moment is None:
        return Finding("LocalDateTime has no readable moment", False)
    return Finding(f"LocalDateTime has the offset {moment.utcoffset()}", moment.tzinfo is not None)


def _projection(probe: Probe) -> Finding:
    found = probe.client.enumerate(
        CIMV2, f"SELECT Handle,SessionId FROM Win32_Process WHERE ProcessId={SYSTEM_PROCESS}"
    )
    if not found:
        return Finding("no process 4", None)
    readable = found[0].integer("SessionId") is not None and found[0].text("Handle") is not None
    wrapper = "XmlFragment" if "XmlFragment" in probe.last_reply() else found[0].class_name
    return Finding(f"rows of a projection come as {wrapper}", readable, {"element": wrapper})


def _namespace_case(probe: Probe) -> Finding:
    read_listeners(probe.client, SYSTEM_PROCESS)
    spellings = set(re.findall(r"wmi/(root/standardcimv2)", probe.last_reply(), flags=re.IGNORECASE))
    if not spellings:
        return Finding("the reply names no namespace", None)
    return Finding(
        f"replies spell the namespace {', '.join(sorted(spellings))}", True, {"spellings": sorted(spellings)}
    )


def _process_owner(probe: Probe) -> Finding:
    explorers = read_processes(probe.client, ["explorer.exe"])
    if not explorers:
        return Finding("nobody has a desktop here now", None)
    sids = [owner_sid(probe.client, item) for item in explorers]
    known = sum(1 for sid in sids if sid)
    return Finding(f"GetOwnerSid answers for {known} of {counted(len(sids), 'explorer.exe')}", known == len(sids))


def _command_line(probe: Probe) -> Finding:
    rows = probe.client.enumerate(CIMV2, f"SELECT Handle,CommandLine {_EXPLORERS}")
    if not rows:
        return Finding("nobody has a desktop here now", None)
    seen = sum(1 for row in rows if row.text("CommandLine"))
    return Finding(f"the command line shows for {seen} of {counted(len(rows), 'explorer.exe')}", seen == len(rows))


def _process_start(probe: Probe) -> Finding:
    found: list[Process] = read_processes(probe.client, ["explorer.exe", "svchost.exe"])
    missing = [item for item in found if item.started is None]
    if not found:
        return Finding("neither explorer.exe nor svchost.exe runs", None)
    return Finding(f"{len(missing)} of {len(found)} processes have no CreationDate", not missing)


def _tcp_filter(probe: Probe) -> Finding:
    ports = {item.port for item in read_listeners(probe.client, SYSTEM_PROCESS)}
    if not ports:
        rows = probe.client.enumerate(STANDARD_CIMV2, "SELECT * FROM MSFT_NetTCPConnection WHERE State=2")
        return Finding(f"process 4 listens on nothing; {counted(len(rows), 'listener')} in all", None)
    return Finding(f"process 4 listens on {sorted(ports)[:12]}", bool(ports & WINRM_PORTS), {"ports": sorted(ports)})


def _task_get(probe: Probe) -> Finding:
    try:
        task = probe.client.get(SCHEDULER, "MSFT_ScheduledTask", RA_TASK)
    except NotFound:
        return Finding("Windows' own RemoteAssistanceTask is not found by its path and name", None)
    return Finding(f"found; State {task.text('State')}, TaskPath {task.text('TaskPath')}", True)


def _task_export(probe: Probe) -> Finding:
    output = probe.client.invoke(SCHEDULER, "PS_ScheduledTask", "ExportByName", RA_TASK)
    text = output.text("cmdletOutput") or ""
    declaration = text[: text.find("?>") + 2] if text.startswith("<?xml") else ""
    order = re.findall(r"<(RegistrationInfo|Triggers|Principals|Settings|Actions)\b", text)
    return Finding(
        f"exported XML starts with {declaration or 'no declaration'}, parts {' '.join(order)}",
        bool(text),
        {"declaration": declaration, "order": order},
    )


def _leftovers(probe: Probe) -> Finding:
    query = f"SELECT * FROM MSFT_ScheduledTask WHERE TaskPath={wql_literal(FOLDER)}"
    names = sorted(row.text("TaskName") or "" for row in probe.client.enumerate(SCHEDULER, query))
    return Finding(f"{counted(len(names), 'task')} in {FOLDER}", True, {"tasks": names})


def _login_with_message(probe: Probe) -> Finding:
    taken = getattr(probe.recorder.inner, "login_with_message", None)
    words = {
        True: "taken together with the first message",
        False: "the host wants the login apart from the messages",
        None: "this login is not NTLM over HTTP",
    }
    return Finding(words[taken], taken)


CIM_CHECKS = (
    Check(
        "windows-build",
        "tar.exe is part of Windows from build 17063",
        "Windows 10 1803 release notes",
        _operating_system,
    ),
    Check(
        "login-with-message",
        "NTLM's last token may come with the first encrypted message",
        "MS-WSMV 2.2.9.1.1.1",
        _login_with_message,
    ),
    Check("clock-zone", "LocalDateTime comes with its offset", "DSP0230, CIM datetime", _clock_zone),
    Check("projection", "a projection's rows are readable, wrapped or not", "DSP0226 7.2; MS-WSMV 2.2.4", _projection),
    Check("namespace-case", "replies may spell a namespace in lower case", "MS-WSMV examples", _namespace_case),
    Check(
        "process-owner", "GetOwnerSid proves whose a session is", "learn.microsoft.com win32-process", _process_owner
    ),
    Check("command-line", "an administrator sees command lines", "learn.microsoft.com win32-process", _command_line),
    Check(
        "process-start",
        "CreationDate tells a process from its successor",
        "learn.microsoft.com win32-process",
        _process_start,
    ),
    Check(
        "tcp-owner",
        "listeners can be asked for by process and state",
        "learn.microsoft.com msft-nettcpconnection",
        _tcp_filter,
    ),
    Check(
        "task-get",
        "a task is addressed by path (with both backslashes) and name",
        "MS-TSCH; TaskScheduler CIM classes",
        _task_get,
    ),
    Check("task-export", "a task's XML has the parts in the schema's order", "MS-TSCH 2.5", _task_export),
    Check("leftovers", "tasks of ours that are on the host now", "this collection", _leftovers),
)
