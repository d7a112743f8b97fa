# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules a Windows has from its factory, and their texts.

Remote Assistance: public Get-NetFirewallRule transcripts and registry dumps of Windows 10 and 11, which agree. The
others are a choice from the same dumps, so that a filter that is wrong finds something it should not.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from .firewall_rule import ALL_PROFILES, DOMAIN, ICMP4, ICMP6, PRIVATE, PUBLIC, TCP, UDP, Rule, text_of
from .registry import REG_SZ, Value

GROUP = "@FirewallAPI.dll,-33002"  # Remote Assistance
_SYSTEM32 = "%SystemRoot%\\system32\\"
_SVCHOST = f"{_SYSTEM32}svchost.exe"
_HOME = DOMAIN | PRIVATE
_SUBNET = ("LocalSubnet",)
# Display names by resource number; German ones are from memory (unverified), nothing may depend on them.
_TEXTS = {
    33002: ("Remote Assistance", "Remoteunterstützung"),
    33003: ("Remote Assistance (TCP-In)", "Remoteunterstützung (TCP eingehend)"),
    33007: ("Remote Assistance (TCP-Out)", "Remoteunterstützung (TCP ausgehend)"),
    33011: ("Remote Assistance (RA Server TCP-In)", "Remoteunterstützung (RA-Server TCP eingehend)"),
    33015: ("Remote Assistance (RA Server TCP-Out)", "Remoteunterstützung (RA-Server TCP ausgehend)"),
    33019: ("Remote Assistance (SSDP UDP-In)", "Remoteunterstützung (SSDP UDP eingehend)"),
    33023: ("Remote Assistance (SSDP UDP-Out)", "Remoteunterstützung (SSDP UDP ausgehend)"),
    33027: ("Remote Assistance (SSDP TCP-In)", "Remoteunterstützung (SSDP TCP eingehend)"),
    33031: ("Remote Assistance (SSDP TCP-Out)", "Remoteunterstützung (SSDP TCP ausgehend)"),
    33035: ("Remote Assistance (DCOM-In)", "Remoteunterstützung (DCOM eingehend)"),
    33037: ("Remote Assistance (PNRP-Out)", "Remoteunterstützung (PNRP ausgehend)"),
    33039: ("Remote Assistance (PNRP-In)", "Remoteunterstützung (PNRP eingehend)"),
    28752: ("Remote Desktop", "Remotedesktop"),
    30267: ("Windows Remote Management", "Windows-Remoteverwaltung"),
    30253: ("Windows Remote Management (HTTP-In)", "Windows-Remoteverwaltung (HTTP eingehend)"),
    25000: ("Core Networking", "Kernnetzwerk"),
    28502: ("File and Printer Sharing", "Datei- und Druckerfreigabe"),
    32752: ("Network Discovery", "Netzwerkerkennung"),
    34251: ("Windows Management Instrumentation (WMI)", "Windows-Verwaltungsinstrumentation (WMI)"),
    29252: ("Remote Event Log Management", "Remote-Ereignisprotokollverwaltung"),
    33252: ("Remote Scheduled Tasks Management", "Remoteverwaltung geplanter Aufgaben"),
}


def _resource(number: int) -> str:
    return f"@FirewallAPI.dll,-{number}"


def display_text(text: str, language: str) -> str:
    """What an indirect string reads on a host: `@file,-number` is looked up, other texts are as they are."""
    if not text.startswith("@"):
        return text
    file, _, number = text.rpartition(",-")
    known = _TEXTS.get(int(number)) if number.isdigit() and file.lower() == "@firewallapi.dll" else None
    if known is not None:
        return known[1 if language == "de-DE" else 0]
    return f"{file.rpartition(chr(92))[2].lstrip('@')} {number}"


def _assistance(
    suffix: str, inbound: bool, protocol: int, profiles: int, name: int, description: int, *, service: str = "",
    app: str = _SVCHOST, local: str = "", remote: str = "", subnet: bool = False, edge: int = 0,
) -> Rule:  # fmt: skip
    return Rule(
        id=f"RemoteAssistance-{suffix}", inbound=inbound, protocol=protocol, profiles=profiles,
        active=profiles != PUBLIC, local_ports=(local,) if local else (), remote_ports=(remote,) if remote else (),
        remote_addresses=_SUBNET if subnet else (), app=app, service=service, name=_resource(name),
        description=_resource(description), group=GROUP, edge=edge,
    )  # fmt: skip


def _assistance_rules() -> list[Rule]:
    msra, raserver = f"{_SYSTEM32}msra.exe", f"{_SYSTEM32}raserver.exe"
    rules = []
    for active, profiles in (("", PUBLIC), ("-Active", _HOME)):
        rules += [
            _assistance(f"In-TCP-EdgeScope{active}", True, TCP, profiles, 33003, 33006, app=msra, edge=3),
            _assistance(f"Out-TCP{active}", False, TCP, profiles, 33007, 33010, app=msra),
            _assistance(f"PnrpSvc-UDP-In-EdgeScope{active}", True, UDP, profiles, 33039, 33040,
                        service="pnrpsvc", local="3540", edge=3),
            _assistance(f"PnrpSvc-UDP-OUT{active}", False, UDP, profiles, 33037, 33038, service="pnrpsvc"),
        ]  # fmt: skip
    rules += [
        _assistance("SSDPSrv-In-UDP-Active", True, UDP, _HOME, 33019, 33022, service="Ssdpsrv", local="1900",
                    subnet=True),
        _assistance("SSDPSrv-Out-UDP-Active", False, UDP, _HOME, 33023, 33026, service="Ssdpsrv", remote="1900",
                    subnet=True),
        _assistance("SSDPSrv-In-TCP-Active", True, TCP, _HOME, 33027, 33030, app="System", local="2869", subnet=True),
        _assistance("SSDPSrv-Out-TCP-Active", False, TCP, _HOME, 33031, 33034, app="System", subnet=True),
        _assistance("DCOM-In-TCP-NoScope-Active", True, TCP, DOMAIN, 33035, 33036, service="rpcss", local="135"),
        _assistance("RAServer-In-TCP-NoScope-Active", True, TCP, DOMAIN, 33011, 33014, app=raserver),
        _assistance("RAServer-Out-TCP-NoScope-Active", False, TCP, DOMAIN, 33015, 33018, app=raserver),
    ]  # fmt: skip
    return rules


# name, in/out, protocol, profiles, on, local port, remote port, subnet only, program, service, texts, group
_OTHERS: tuple[tuple[str, bool, int, int, bool, str, str, bool, str, str, int, int], ...] = (
    ("WINRM-HTTP-In-TCP-NoScope", True, TCP, _HOME, True, "5985", "", False, "System", "", 30253, 30267),
    ("WINRM-HTTP-In-TCP", True, TCP, PUBLIC, True, "5985", "", True, "System", "", 30253, 30267),
    ("RemoteDesktop-UserMode-In-TCP", True, TCP, ALL_PROFILES, True, "3389", "", False, "", "termservice", 28775,
     28752),
    ("RemoteDesktop-UserMode-In-UDP", True, UDP, ALL_PROFILES, True, "3389", "", False, "", "termservice", 28776,
     28752),
    ("RemoteDesktop-Shadow-In-TCP", True, TCP, ALL_PROFILES, False, "", "", False, "RdpSa.exe", "", 28778, 28752),
    ("CoreNet-DHCP-In", True, UDP, ALL_PROFILES, True, "68", "67", False, "", "dhcp", 25301, 25000),
    ("CoreNet-DHCP-Out", False, UDP, ALL_PROFILES, True, "68", "67", False, "", "dhcp", 25302, 25000),
    ("CoreNet-DNS-Out-UDP", False, UDP, ALL_PROFILES, True, "", "53", False, "", "dnscache", 25405, 25000),
    ("CoreNet-Teredo-In", True, UDP, ALL_PROFILES, True, "Teredo", "", False, "", "iphlpsvc", 25326, 25000),
    ("CoreNet-Teredo-Out", False, UDP, ALL_PROFILES, True, "", "", False, "", "iphlpsvc", 25327, 25000),
    ("CoreNet-IPHTTPS-In", True, TCP, ALL_PROFILES, True, "IPHTTPSIn", "", False, "System", "", 25426, 25000),
    ("CoreNet-GP-LSASS-Out-TCP", False, TCP, DOMAIN, True, "", "", False, "lsass.exe", "", 25407, 25000),
    ("CoreNet-ICMP6-NDS-In", True, ICMP6, ALL_PROFILES, True, "", "", False, "System", "", 25019, 25000),
    ("CoreNet-ICMP6-RS-Out", False, ICMP6, ALL_PROFILES, True, "", "", True, "System", "", 25008, 25000),
    ("FPS-SMB-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "445", "", True, "System", "", 28511, 28502),
    ("FPS-SMB-In-TCP-NoScope", True, TCP, DOMAIN, False, "445", "", False, "System", "", 28511, 28502),
    ("FPS-NB_Session-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "139", "", True, "System", "", 28503, 28502),
    ("FPS-RPCSS-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "RPCEPMap", "", True, "", "Rpcss", 28539, 28502),
    ("FPS-ICMP4-ERQ-In", True, ICMP4, PRIVATE | PUBLIC, False, "", "", True, "System", "", 28543, 28502),
    ("FPS-ICMP4-ERQ-In-NoScope", True, ICMP4, DOMAIN, False, "", "", False, "System", "", 28543, 28502),
    ("NETDIS-UPnPHost-In-TCP-Active", True, TCP, PRIVATE, True, "2869", "", True, "System", "", 32761, 32752),
    ("NETDIS-SSDPSrv-In-UDP-Active", True, UDP, PRIVATE, True, "1900", "", True, "", "Ssdpsrv", 32753, 32752),
    ("NETDIS-FDPHOST-In-UDP-Active", True, UDP, PRIVATE, True, "3702", "", True, "", "fdphost", 32785, 32752),
    ("NETDIS-FDRESPUB-WSD-In-UDP-Active", True, UDP, PRIVATE, True, "3702", "", True, "", "fdrespub", 32809, 32752),
    ("WMI-RPCSS-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "135", "", True, "", "rpcss", 34252, 34251),
    ("WMI-WINMGMT-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "", "", True, "", "winmgmt", 34254, 34251),
    ("RemoteEventLogSvc-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "RPC", "", True, "", "Eventlog", 29253, 29252),
    ("RemoteEventLogSvc-RPCSS-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "RPCEPMap", "", True, "", "RPCSS", 29265,
     29252),
    ("RemoteTask-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "RPC", "", True, "", "schedule", 33253, 33252),
    ("RemoteTask-RPCSS-In-TCP", True, TCP, PRIVATE | PUBLIC, False, "RPCEPMap", "", True, "", "RPCSS", 33257, 33252),
)  # fmt: skip


def _other_rules() -> list[Rule]:
    rules = []
    for name, inbound, protocol, profiles, on, local, remote, subnet, app, service, text, group in _OTHERS:
        icmp = {ICMP4: ("8:*",), ICMP6: ("135:*",)}.get(protocol, ())
        path = app if app == "System" else f"{_SYSTEM32}{app}" if app else _SVCHOST
        rules.append(
            Rule(
                id=name, inbound=inbound, protocol=protocol, profiles=profiles, active=on, icmp=icmp, app=path,
                local_ports=(local,) if local else (), remote_ports=(remote,) if remote else (), service=service,
                remote_addresses=_SUBNET if subnet else (), name=_resource(text), description=_resource(text + 3),
                group=_resource(group), edge=1 if name == "CoreNet-Teredo-In" else 0,
            )
        )  # fmt: skip
    dns = "@%SystemRoot%\\system32\\firewallapi.dll,-"
    for bit, profile in ((DOMAIN, "Domain"), (PRIVATE, "Private"), (PUBLIC, "Public")):
        rules.append(
            Rule(
                id=f"MDNS-In-UDP-{profile}-Active", protocol=UDP, profiles=bit, local_ports=("5353",), app=_SVCHOST,
                service="dnscache", name=f"{dns}37303", description=f"{dns}37304", group=f"{dns}37302",
                remote_addresses=_SUBNET if bit == PUBLIC else (),
            )
        )  # fmt: skip
    store = "@%systemroot%\\system32\\dosvc.dll,-"
    rules.append(
        Rule(
            id="DeliveryOptimization-TCP-In", protocol=TCP, local_ports=("7680",), app=_SVCHOST, service="dosvc",
            name=f"{store}102", description=f"{store}104", group=f"{store}100", edge=1,
        )
    )  # fmt: skip
    return rules


def _of_apps(count: int) -> list[Rule]:
    """Rules as apps register them, to make a listing as long as a real one."""
    rules = []
    for number in range(count):
        name = f"{{{str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))).upper()}}}"
        app = f"@{{Contoso.App{number // 2}_1.0.0.0_x64__8wekyb3d8bbwe?ms-resource://Contoso.App{number // 2}/Name}}"
        rules.append(Rule(id=name, inbound=bool(number % 2), name=app, description=app, group=app,
                          kept=(("AppPkgId", f"S-1-15-2-{number}"),), edge=number % 2))  # fmt: skip
    return rules


@lru_cache
def factory_rules(*, assistance: bool = True, count: int = 0) -> Mapping[str, Rule]:
    """The rules of a fresh Windows by name.

    Args:
        assistance: Whether Remote Assistance is installed.
        count: Filled up to so many, with rules of apps.
    """
    rules = [*(_assistance_rules() if assistance else ()), *_other_rules()]
    rules += _of_apps(max(0, count - len(rules)))
    return MappingProxyType({rule.id: rule for rule in rules})


@lru_cache
def factory_values(*, assistance: bool = True, count: int = 0) -> dict[str, Value]:
    """The same as values of the registry, by name in lower case; shared by hosts, never changed."""
    rules = factory_rules(assistance=assistance, count=count)
    return {name.lower(): Value(name, REG_SZ, text_of(rule)) for name, rule in rules.items()}
