# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people do today instead of `remote_assistance`: tasks with the modules of other collections, as plays.

The collections ansible.windows and community.windows come from the PyPI package `ansible`, taken out of its wheel: its
own ansible-core is left out, so that all plays of a comparison run on the same one.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

PACKAGE = "ansible==14.5.0"  # has ansible.windows 3.8.0 and community.windows 3.3.0
_WANTED = ("ansible_collections/ansible/windows/", "ansible_collections/community/windows/")
_POLICY_KEY = r"HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"

# The preset helpdesk, as values of the policy key.
POLICY_VALUES: dict[str, int] = {
    "fAllowToGetHelp": 1,
    "fAllowFullControl": 1,
    "MaxTicketExpiry": 1,
    "MaxTicketExpiryUnits": 1,
    "fUseMailto": 0,
    "fAllowUnsolicited": 0,
    "LoggingEnabled": 1,
    "CreateEncryptedOnlyTickets": 1,
}
_TCP, _UDP = "tcp", "udp"
# Name, direction, protocol, program, service, local port, remote port; the two that the preset leaves on come first.
_RULES: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("In-TCP-EdgeScope-Active", "in", _TCP, "msra.exe", "", "", ""),
    ("Out-TCP-Active", "out", _TCP, "msra.exe", "", "", ""),
    ("In-TCP-EdgeScope", "in", _TCP, "msra.exe", "", "", ""),
    ("Out-TCP", "out", _TCP, "msra.exe", "", "", ""),
    ("PnrpSvc-UDP-In-EdgeScope", "in", _UDP, "svchost.exe", "pnrpsvc", "3540", ""),
    ("PnrpSvc-UDP-In-EdgeScope-Active", "in", _UDP, "svchost.exe", "pnrpsvc", "3540", ""),
    ("PnrpSvc-UDP-OUT", "out", _UDP, "svchost.exe", "pnrpsvc", "", ""),
    ("PnrpSvc-UDP-OUT-Active", "out", _UDP, "svchost.exe", "pnrpsvc", "", ""),
    ("SSDPSrv-In-UDP-Active", "in", _UDP, "svchost.exe", "Ssdpsrv", "1900", ""),
    ("SSDPSrv-Out-UDP-Active", "out", _UDP, "svchost.exe", "Ssdpsrv", "", "1900"),
    ("SSDPSrv-In-TCP-Active", "in", _TCP, "System", "", "2869", ""),
    ("SSDPSrv-Out-TCP-Active", "out", _TCP, "System", "", "", ""),
    ("DCOM-In-TCP-NoScope-Active", "in", _TCP, "svchost.exe", "rpcss", "135", ""),
    ("RAServer-In-TCP-NoScope-Active", "in", _TCP, "raserver.exe", "", "", ""),
    ("RAServer-Out-TCP-NoScope-Active", "out", _TCP, "raserver.exe", "", "", ""),
)

SCRIPT = r"""
param([hashtable]$Values, [hashtable[]]$Rules)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
$key = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services'
if (-not (Test-Path -LiteralPath $key)) { New-Item -Path $key -Force | Out-Null; $Ansible.Changed = $true }
$now = Get-ItemProperty -LiteralPath $key
foreach ($name in $Values.Keys) {
    if ($now.$name -ne $Values[$name]) {
        Set-ItemProperty -LiteralPath $key -Name $name -Value $Values[$name] -Type DWord
        $Ansible.Changed = $true
    }
}
$found = @{}
Get-NetFirewallRule -Group '@FirewallAPI.dll,-33002' -ErrorAction SilentlyContinue |
    ForEach-Object { $found[$_.Name] = $_ }
foreach ($rule in $Rules) {
    $is = $found[$rule.name]
    if ($null -eq $is) {
        Copy-NetFirewallRule -Name $rule.name -PolicyStore SystemDefaults -NewPolicyStore PersistentStore
        $is = Get-NetFirewallRule -Name $rule.name
        $Ansible.Changed = $true
    }
    if (($is.Enabled -eq 'True') -ne $rule.enabled) {
        Set-NetFirewallRule -Name $rule.name -Enabled $(if ($rule.enabled) { 'True' } else { 'False' })
        $Ansible.Changed = $true
    }
    if ($rule.enabled -and [string]$is.Profile -ne $rule.profile) {
        Set-NetFirewallRule -Name $rule.name -Profile $rule.profile
        $Ansible.Changed = $true
    }
}
if ((Get-CimInstance Win32_OperatingSystem).ProductType -ne 1) {
    $feature = Get-WindowsOptionalFeature -Online -FeatureName RemoteAssistance
    if ($feature.State -ne 'Enabled') {
        Enable-WindowsOptionalFeature -Online -FeatureName RemoteAssistance -All -NoRestart | Out-Null
        $Ansible.Changed = $true
    }
}
"""


def collections(cache: Path) -> Path:
    """A collections path with the two collections, fetched once.

    Args:
        cache: Folder that is kept between runs.

    Raises:
        subprocess.CalledProcessError: The package could not be had.
    """
    folder = cache / PACKAGE.replace("==", "-")
    if not folder.exists():
        wheels = cache / "wheels"
        # pip would refuse a package for a newer Python than its own; only data is wanted of it.
        options = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--quiet"]
        subprocess.run(
            [sys.executable, "-m", "pip", "download", *options, "--dest", str(wheels), PACKAGE], check=True, timeout=600
        )
        with zipfile.ZipFile(next(wheels.glob("ansible-*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(_WANTED)])
    return folder


def module_tasks() -> list[dict[str, Any]]:
    """One task for each module, looping over what it sets: a loop keeps one worker and one login."""
    regedit = {"path": _POLICY_KEY, "name": "{{ item.key }}", "data": "{{ item.value }}", "type": "dword"}
    return [
        {
            "ansible.windows.win_regedit": regedit,
            "loop": "{{ values | dict2items }}",
            "vars": {"values": POLICY_VALUES},
        },
        {
            "community.windows.win_firewall_rule": {
                "name": "{{ item.name }}",
                "group": "@FirewallAPI.dll,-33002",
                "direction": "{{ item.direction }}",
                "protocol": "{{ item.protocol }}",
                "action": "allow",
                "enabled": "{{ item.enabled }}",
                "profiles": "{{ item.profiles }}",
                "program": "{{ item.program }}",
                "localport": "{{ item.localport }}",
                "state": "present",
            },
            "loop": [_rule(number) for number in range(len(_RULES))],
        },
        {"ansible.windows.win_optional_feature": {"name": "RemoteAssistance", "state": "present"}},
    ]


def _rule(number: int) -> dict[str, Any]:
    name, direction, protocol, program, _service, local, _remote = _RULES[number]
    return {
        "name": f"RemoteAssistance-{name}",
        "direction": direction,
        "protocol": protocol,
        "enabled": number < 2,
        "profiles": ["domain"] if number < 2 else ["domain", "private"],
        "program": program if program == "System" else rf"%SystemRoot%\system32\{program}",
        "localport": local or "any",
    }


def script_tasks() -> list[dict[str, Any]]:
    """All of it in one task."""
    rules = [
        {"name": f"RemoteAssistance-{rule[0]}", "enabled": number < 2, "profile": "Domain"}
        for number, rule in enumerate(_RULES)
    ]
    parameters = {"Values": POLICY_VALUES, "Rules": rules}
    return [{"ansible.windows.win_powershell": {"script": SCRIPT, "parameters": parameters}}]
