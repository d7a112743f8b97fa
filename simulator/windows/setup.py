# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is on a host from the start: its registry, its services, and what a logon adds and a logoff takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..pool import HostDescription, SessionDescription
from .accounts import LOCAL_SERVICE, NETWORK_SERVICE, SYSTEM, Account
from .directory import account_of_session, window_manager
from .files import normalise
from .gpo import FOLDER, GPT_INI, REGISTRY_POL
from .network import listener
from .registry import REG_EXPAND_SZ
from .session_log import SHELL_FOLDERS, documents_of, fill, fill_events
from .sessions import Session, session_registry

if TYPE_CHECKING:
    from .host import WindowsHost

RA_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services"
RA_SETTINGS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Remote Assistance"
PROFILE_LIST = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
# fAllowToGetHelp and its neighbours: learn.microsoft.com, unattend component
# Microsoft-Windows-RemoteAssistance-Exe; their values on a fresh Windows from public registry listings.
_RA_DEFAULTS = {
    "CreateEncryptedOnlyTickets": 0,
    "fAllowFullControl": 1,
    "fAllowToGetHelp": 1,
    "fEnableChatControl": 1,
    "MaxTicketExpiry": 6,
    "MaxTicketExpiryUnits": 1,
}
# What runs in every session, and what a desktop and a published app (RemoteApp) have beside it. A RemoteApp
# session runs rdpinit.exe and rdpshell.exe in place of explorer.exe (public support threads).
_EVERY_SESSION = ("csrss.exe", "winlogon.exe", "fontdrvhost.exe", "dwm.exe", "sihost.exe", "taskhostw.exe")
_DESKTOP = ("explorer.exe", "ctfmon.exe")
_PUBLISHED_APP = ("rdpinit.exe", "rdpshell.exe", "excel.exe")
_BY_SYSTEM = frozenset({"csrss.exe", "winlogon.exe", "LogonUI.exe"})
_BY_WINDOW_MANAGER = frozenset({"fontdrvhost.exe", "dwm.exe"})
_ELSEWHERE = {
    "explorer.exe": "C:\\Windows\\explorer.exe",
    "excel.exe": "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE",
}
_SERVICES = (
    ("smss.exe", SYSTEM),
    ("csrss.exe", SYSTEM),
    ("wininit.exe", SYSTEM),
    ("services.exe", SYSTEM),
    ("lsass.exe", SYSTEM),
    ("svchost.exe", SYSTEM),
    ("svchost.exe", NETWORK_SERVICE),
    ("svchost.exe", LOCAL_SERVICE),
    ("spoolsv.exe", SYSTEM),
    ("WmiPrvSE.exe", NETWORK_SERVICE),
)


def fill_registry(host: WindowsHost, description: HostDescription) -> None:
    """Windows' own keys as far as clients read them, and what the description sets."""
    put = host.registry.put
    for name, number in {**_RA_DEFAULTS, **description.settings}.items():
        put(RA_SETTINGS, name, number)
    for name, number in description.policy.items():
        put(RA_POLICY, name, number)
    for key, values in description.registry.items():
        for value, data in values.items():
            put(key, value, data)
    put(_VERSION, "CurrentBuildNumber", host.system.version.rpartition(".")[2])
    put(_VERSION, "ProductName", host.system.caption.removeprefix("Microsoft "))
    # Client, Server or Server Core (Facter's fact os.windows.installation_type reads it).
    put(_VERSION, "InstallationType", "Server" if host.system.server else "Client")
    host.registry.make("HKU\\.DEFAULT\\Software")
    for sid, folder in (
        ("S-1-5-18", "%systemroot%\\system32\\config\\systemprofile"),
        ("S-1-5-19", "%systemroot%\\ServiceProfiles\\LocalService"),
        ("S-1-5-20", "%systemroot%\\ServiceProfiles\\NetworkService"),
    ):
        host.registry.make(f"HKU\\{sid}\\Software")
        put(f"{PROFILE_LIST}\\{sid}", "ProfileImagePath", folder, REG_EXPAND_SZ)


def fill_group_policy(host: WindowsHost, description: HostDescription) -> None:
    """The folder of the local GPO as described, and policy processed as at the start of the computer."""
    policy = description.local_policy
    if policy is None or policy.folder:
        host.files.make_directory(FOLDER).hidden = True
    if policy is not None:
        for path, content in ((GPT_INI, policy.gpt_ini), (REGISTRY_POL, policy.registry_pol)):
            if content is not None:
                host.files.make_directory(path.rpartition("\\")[0])
                host.files.store(path, content)
        if policy.applied:
            host.group_policy.start(with_local=policy.gpt_ini is not None)
        for name in (*policy.read_only, *policy.locked):
            node = host.files.get(normalise(f"{FOLDER}\\{name}"))
            if node is None:
                raise ValueError(f"{host.name}: local_policy has no file {name}")
            node.read_only, node.locked = node.read_only or name in policy.read_only, name in policy.locked
    if policy is None or not policy.applied:
        host.group_policy.start(with_local=False)


def fill_logs(host: WindowsHost, description: HostDescription) -> None:
    """Where users' Documents are, and logs and events that are there already."""
    for user, path in description.documents.items():
        account = account_of_session(host.accounts, user, host.netbios)
        host.registry.put(f"HKU\\{account.sid}\\{SHELL_FOLDERS}", "Personal", path, REG_EXPAND_SZ)
    for log in description.session_logs:
        account = account_of_session(host.accounts, log.user, host.netbios)
        if host.profile_of(account) is None:
            _make_profile(host, account, account.profile or f"C:\\Users\\{account.name}")
            host.registry.drop(f"HKU\\{account.sid}_Classes")
        fill(host, log, documents_of(host, account))
    here = {session.account.sid for session in host.sessions}
    for user in description.documents:
        sid = account_of_session(host.accounts, user, host.netbios).sid
        if sid not in here:
            host.registry.drop(f"HKU\\{sid}")  # nobody is logged on: the hive is a file, and reg.exe does not see it
    fill_events(host, description.events)


def start_system(host: WindowsHost) -> None:
    """Services and their listeners: RPC, SMB, Remote Desktop, WinRM (both families)."""
    host.processes.start("System Idle Process", pid=0)
    host.processes.start("System", pid=4, owner=SYSTEM)
    pids: dict[str, int] = {}
    for name, owner in _SERVICES:
        path = f"C:\\Windows\\System32\\{name}"
        process = host.processes.start(name, owner=owner, path=path, command_line=path, parent=4)
        pids.setdefault(name, process.pid)
    for port, pid in ((135, pids["svchost.exe"]), (445, 4), (3389, pids["svchost.exe"]), (5985, 4), (5986, 4)):
        host.network.add(listener("0.0.0.0", port, pid))
        host.network.add(listener("::", port, pid))


def log_on(host: WindowsHost, description: SessionDescription) -> Session:
    """Add a session with its profile, registry hive and processes."""
    account = account_of_session(host.accounts, description.user, host.netbios)
    session = Session.of(description, account, host.clock.now(), host.system.server)
    session.logon_ids = host.logons.begin(account)
    host.sessions.append(session)
    profile = account.profile or f"C:\\Users\\{account.name}"
    _make_profile(host, account, profile)
    _start_processes(host, session)
    session_registry(host.registry, host.sessions, host.quirks, host.netbios, host.dns)
    return session


def _make_profile(host: WindowsHost, account: Account, profile: str) -> None:
    host.files.make_directory(profile, account)
    host.files.make_directory(f"{profile}\\AppData\\Local\\Temp", account)
    host.files.make_directory(f"{profile}\\Documents", account)
    host.registry.put(f"{PROFILE_LIST}\\{account.sid}", "ProfileImagePath", profile, REG_EXPAND_SZ)
    host.registry.make(f"HKU\\{account.sid}_Classes")


def _start_processes(host: WindowsHost, session: Session) -> None:
    own = _PUBLISHED_APP if session.kind == "published_app" else _DESKTOP
    for name in (*_EVERY_SESSION, *own):
        start_in_session(host, session, name)
    if session.state != "active":
        start_in_session(host, session, "LogonUI.exe")


def start_in_session(host: WindowsHost, session: Session, name: str) -> None:
    """Start one of the programs every session has."""
    owner = session.account
    if name in _BY_SYSTEM:
        owner = SYSTEM
    elif name in _BY_WINDOW_MANAGER:
        owner = window_manager(session.id)
    path = _ELSEWHERE.get(name, f"C:\\Windows\\System32\\{name}")
    # Protected processes show neither path nor command line (Win32_Process, remarks on protected processes).
    shown = None if name == "csrss.exe" else path
    host.processes.start(name, session_id=session.id, owner=owner, command_line=shown, path=shown)


def log_off(host: WindowsHost, session: Session) -> None:
    """Take a session away: its processes, its traces, and the user's hive when it was the last one."""
    host.sessions = [item for item in host.sessions if item is not session]
    for process in host.processes.in_session(session.id):
        host.end_process(process.pid, 0x40010004)  # DBG_TERMINATE_PROCESS, ntstatus.h
    sid = session.account.sid
    host.registry.drop(f"HKU\\{sid}\\Volatile Environment\\{session.id}")
    if not any(item.account is session.account for item in host.sessions):
        host.registry.drop(f"HKU\\{sid}")
        host.registry.drop(f"HKU\\{sid}_Classes")
    if not host.quirks["session_data_stale"]:
        session_registry(host.registry, host.sessions, host.quirks, host.netbios, host.dns)
