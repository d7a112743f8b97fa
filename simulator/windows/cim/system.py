# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_OperatingSystem, Win32_ComputerSystem, Win32_Process, CIM_DataFile, MSFT_NetTCPConnection.

Properties: learn.microsoft.com/windows/win32/cimwin32prov and .../fwp/wmi/nettcpipprov. Only what clients of
the simulator use is filled; the rest is null, as on a host whose provider does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...seam import NOT_FOUND, CimClass, CimError, CimInstance, CimMethod, Provider, schema
from ..accounts import Account
from ..files import Node
from ..launch import expand
from ..network import ESTABLISHED
from ..processes import Process
from ..setup import PROFILE_LIST

if TYPE_CHECKING:
    from ..host import WindowsHost

_LANGUAGES = {"en-US": 1033, "de-DE": 1031}
_RETURN = schema(ReturnValue="uint32")


class _OfHost(Provider):
    def __init__(self, host: WindowsHost) -> None:
        self._host = host


class Win32OperatingSystem(_OfHost):
    """The one operating system."""

    cls = CimClass(
        "root/cimv2",
        "Win32_OperatingSystem",
        ("Name",),
        schema(
            Name="string", Caption="string", CSName="string", Version="string", BuildNumber="string",
            ProductType="uint32", OSLanguage="uint32", LocalDateTime="datetime", LastBootUpTime="datetime",
            CurrentTimeZone="sint16", SystemDirectory="string", WindowsDirectory="string", SystemDrive="string",
            OSArchitecture="string", MUILanguages="string[]", OperatingSystemSKU="uint32", InstallDate="datetime",
            NumberOfUsers="uint32", NumberOfProcesses="uint32", Locale="string", Manufacturer="string",
            Status="string",
        ),
    )  # fmt: skip

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """One."""
        host = self._host
        yield CimInstance(
            self.cls,
            {
                "Name": f"{host.system.caption}|C:\\Windows|\\Device\\Harddisk0\\Partition3",
                "Caption": host.system.caption,
                "CSName": host.computer_name,
                "Version": host.system.version,
                "BuildNumber": host.system.version.rpartition(".")[2],
                "ProductType": 3 if host.system.server else 1,
                "OSLanguage": _LANGUAGES[host.language],
                "LocalDateTime": host.clock.now().astimezone(host.zone),
                "LastBootUpTime": host.booted,
                "CurrentTimeZone": int(host.zone.utcoffset(None).total_seconds() // 60),
                "SystemDrive": "C:",
                "OSArchitecture": "64-bit" if host.language == "en-US" else "64-Bit",
                "MUILanguages": [host.language],
                "OperatingSystemSKU": 8 if host.system.server else 4,
                "InstallDate": host.booted - timedelta(days=300),
                "NumberOfUsers": len(host.sessions),
                "NumberOfProcesses": len(list(host.processes)),
                "Locale": f"{_LANGUAGES[host.language]:04x}",
                "Manufacturer": "Microsoft Corporation",
                "Status": "OK",
                "SystemDirectory": "C:\\Windows\\system32",
                "WindowsDirectory": "C:\\Windows",
            },
        )


class Win32ComputerSystem(_OfHost):
    """The one computer."""

    cls = CimClass(
        "root/cimv2",
        "Win32_ComputerSystem",
        ("Name",),
        schema(Name="string", Domain="string", PartOfDomain="boolean", UserName="string", DNSHostName="string"),
    )

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """One."""
        host = self._host
        console = next((item for item in host.sessions if item.session_name.lower() == "console"), None)
        yield CimInstance(
            self.cls,
            {
                "Name": host.computer_name,
                "Domain": host.dns,
                "PartOfDomain": True,
                "UserName": console.account.qualified if console else None,
                "DNSHostName": host.computer_name.lower(),
            },
        )


class Win32Process(_OfHost):
    """Processes; GetOwner and GetOwnerSid return 2 (access denied) for those that have no owner to show."""

    cls = CimClass(
        "root/cimv2",
        "Win32_Process",
        ("Handle",),
        schema(
            Handle="string", ProcessId="uint32", Name="string", SessionId="uint32", CommandLine="string",
            ExecutablePath="string", ParentProcessId="uint32", CreationDate="datetime", Caption="string",
            CSName="string", CreationClassName="string", Description="string", OSName="string",
            WorkingSetSize="uint64", HandleCount="uint32", ThreadCount="uint32", Priority="uint32",
            KernelModeTime="uint64", UserModeTime="uint64", VirtualSize="uint64", WindowsVersion="string",
            Status="string", TerminationDate="datetime", ExecutionState="uint16",
        ),
        {
            "GetOwner": CimMethod({}, {**_RETURN, **schema(User="string", Domain="string")}, (), False, False),
            "GetOwnerSid": CimMethod({}, {**_RETURN, **schema(Sid="string")}, (), False, False),
            "Terminate": CimMethod(schema(Reason="uint32"), _RETURN, (), False, True),
        },
    )  # fmt: skip

    def _instance(self, process: Process) -> CimInstance:
        return CimInstance(
            self.cls,
            {
                "Handle": str(process.pid),
                "ProcessId": process.pid,
                "Name": process.name,
                "Caption": process.name,
                "SessionId": process.session_id,
                "CommandLine": process.command_line,
                "ExecutablePath": process.path,
                "ParentProcessId": process.parent,
                "CreationDate": process.created,
                "CSName": self._host.computer_name,
                "CreationClassName": "Win32_Process",
                "Description": process.name,
                "OSName": f"{self._host.system.caption}|C:\\Windows|\\Device\\Harddisk0\\Partition3",
                "WorkingSetSize": 20_971_520,
                "HandleCount": 200,
                "ThreadCount": 8,
                "Priority": 8,
                "KernelModeTime": 625_000,
                "UserModeTime": 312_500,
                "VirtualSize": 2_203_400_000_000,
                "WindowsVersion": self._host.system.version,
                "Status": None,
                "TerminationDate": None,
                "ExecutionState": None,
            },
        )

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All processes."""
        return (self._instance(process) for process in self._host.processes)

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """One process by its Handle."""
        return self._instance(self._process(keys))

    def _process(self, keys: Mapping[str, str]) -> Process:
        handle = next(iter(keys.values()))
        process = self._host.processes.get(int(handle)) if handle.isdigit() else None
        if process is None:
            raise CimError(NOT_FOUND, "Not found", cim_status=6)
        return process

    async def invoke(
        self, method: str, keys: Mapping[str, str], arguments: Mapping[str, Any], caller: Account
    ) -> Mapping[str, Any]:
        """GetOwner, GetOwnerSid, Terminate."""
        process = self._process(keys)
        if method == "Terminate":
            self._host.end_process(process.pid, int(arguments.get("Reason", 0)))
            return {"ReturnValue": 0}
        if process.owner is None:
            return {"ReturnValue": 2}
        if method == "GetOwnerSid":
            return {"ReturnValue": 0, "Sid": process.owner.sid}
        return {"ReturnValue": 0, "User": process.owner.name, "Domain": process.owner.domain}


class CimDataFile(_OfHost):
    """Files by their full name; an enumeration without a name would walk the disk, and is refused here."""

    cls = CimClass(
        "root/cimv2",
        "CIM_DataFile",
        ("Name",),
        schema(
            Name="string",
            FileSize="uint64",
            FileName="string",
            Extension="string",
            LastModified="datetime",
            CreationDate="datetime",
            Drive="string",
            Path="string",
            Caption="string",
            CSName="string",
            Readable="boolean",
            Writeable="boolean",
            Hidden="boolean",
            System="boolean",
        ),
    )

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """Every file; Windows' own ones are few here."""
        for node in self._host.files.everything():
            if not node.is_directory:
                yield self._instance(node)

    def get(self, keys: Mapping[str, str], caller: Account) -> CimInstance:
        """One file."""
        node = self._host.files.get(next(iter(keys.values())))
        if node is None or node.is_directory:
            raise CimError(NOT_FOUND, "Not found", cim_status=6)
        return self._instance(node)

    def _instance(self, node: Node) -> CimInstance:
        stem, _, extension = node.name.rpartition(".")
        return CimInstance(
            self.cls,
            {
                "Name": node.path.lower(),
                "FileSize": len(node.content or b""),
                "FileName": stem.lower(),
                "Extension": extension.lower(),
                "LastModified": node.modified,
                "CreationDate": node.created,
                "Drive": node.path[:2].lower(),
                "Path": node.path[2 : -len(node.name)].lower(),
                "Caption": node.path.lower(),
                "CSName": self._host.computer_name,
                "Readable": True,
                "Writeable": not node.read_only,
                "Hidden": node.hidden,
                "System": node.system,
            },
        )


class MsftNetTcpConnection(_OfHost):
    """The TCP table."""

    cls = CimClass(
        "root/StandardCimv2",
        "MSFT_NetTCPConnection",
        ("InstanceID",),
        schema(
            InstanceID="string", LocalAddress="string", LocalPort="uint16", RemoteAddress="string",
            RemotePort="uint16", State="uint8", OwningProcess="uint32", CreationTime="datetime",
            AppliedSetting="uint8", OffloadState="uint8",
        ),
    )  # fmt: skip

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All rows. unverified: how the key is made up; nothing may take it apart."""
        for row in self._host.network:
            identity = f"{row.local_address}++{row.local_port}++{row.remote_address}++{row.remote_port}"
            yield CimInstance(
                self.cls,
                {
                    "InstanceID": identity,
                    "LocalAddress": row.local_address,
                    "LocalPort": row.local_port,
                    "RemoteAddress": row.remote_address,
                    "RemotePort": row.remote_port,
                    "State": row.state,
                    "OwningProcess": row.pid,
                    "CreationTime": row.created if self._host.quirks["connection_time"] == "made" else None,
                    "AppliedSetting": 0 if row.state == ESTABLISHED else None,
                    "OffloadState": 0,
                },
            )


class Win32UserProfile(_OfHost):
    """Profiles of people, and whether their registry is loaded."""

    cls = CimClass(
        "root/cimv2",
        "Win32_UserProfile",
        ("SID",),
        schema(
            SID="string", LocalPath="string", Loaded="boolean", Special="boolean", RefCount="uint32",
            Status="uint32", LastUseTime="datetime", RoamingConfigured="boolean", RoamingPath="string",
        ),
    )  # fmt: skip

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All entries of ProfileList."""
        registry = self._host.registry
        key = registry.find(PROFILE_LIST)
        for entry in key.keys if key is not None else ():
            path = registry.read(f"{PROFILE_LIST}\\{entry.name}", "ProfileImagePath")
            loaded = registry.find(f"HKU\\{entry.name}") is not None
            special = not entry.name.startswith("S-1-5-21-")
            yield CimInstance(
                self.cls,
                {
                    "SID": entry.name,
                    "LocalPath": expand(str(path)),
                    "Loaded": loaded,
                    "Special": special,
                    "RefCount": 1 if loaded else 0,
                    "Status": 0,
                    "LastUseTime": self._host.clock.now(),
                    "RoamingConfigured": False,
                    "RoamingPath": None,
                },
            )
