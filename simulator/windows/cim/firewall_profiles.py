# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MSFT_NetFirewallProfile, MSFT_NetSecuritySettingData and MSFT_NetConnectionProfile in root/StandardCimv2.

Classes: learn.microsoft.com, wfascimprov, and msft-netconnectionprofile. Values of a host nobody changed: public
output of Get-NetFirewallProfile; GpoBoolean 0 False, 1 True, 2 NotConfigured; actions 0 NotConfigured, 2 Allow,
4 Block; NetworkCategory 0 public, 1 private, 2 domain (public code checked on Windows).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...seam import CimClass, CimError, CimInstance, Provider, schema
from ..accounts import Account
from ..firewall_rule import DOMAIN, PRIVATE, PROFILE_NAMES, PUBLIC
from .firewall_access import NAMESPACE, invalid, store_asked, writable

if TYPE_CHECKING:
    from ..host import WindowsHost

_FALSE, _TRUE, _NOT_CONFIGURED = 0, 1, 2
_ALLOW, _BLOCK = 2, 4
_LOG = "%systemroot%\\system32\\LogFiles\\Firewall\\pfirewall.log"
_BOOLEANS = {"Enabled": "EnableFirewall", "AllowInboundRules": "DoNotAllowExceptions"}
_CATEGORIES = {PUBLIC: 0, PRIVATE: 1, DOMAIN: 2}
_BITS = {number: bit for bit, number in _CATEGORIES.items()}


class MsftNetFirewallProfile(Provider):
    """The three profiles."""

    cls = CimClass(
        NAMESPACE,
        "MSFT_NetFirewallProfile",
        ("InstanceID",),
        schema(
            AllowInboundRules="uint16", AllowLocalFirewallRules="uint16", AllowLocalIPsecRules="uint16",
            AllowUnicastResponseToMulticast="uint16", AllowUserApps="uint16", AllowUserPorts="uint16",
            Caption="string", DefaultInboundAction="uint16", DefaultOutboundAction="uint16", Description="string",
            DisabledInterfaceAliases="string[]", ElementName="string", Enabled="uint16",
            EnableStealthModeForIPsec="uint16", InstanceID="string", LogAllowed="uint16", LogBlocked="uint16",
            LogFileName="string", LogIgnored="uint16", LogMaxSizeKilobytes="uint64", Name="string",
            NotifyOnListen="uint16",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """All three of the store."""
        store = store_asked(self._host)
        return [self._made(bit, store) for bit in PROFILE_NAMES]

    def _made(self, bit: int, store: str) -> CimInstance:
        undecided = _TRUE if store == "ActiveStore" else _NOT_CONFIGURED
        values: dict[str, Any] = dict.fromkeys(self.cls.properties, undecided)
        name = PROFILE_NAMES[bit]
        values.update(
            Caption="", Description="", ElementName="", InstanceID=f"MSFT|FW|FirewallProfile|{name}", Name=name,
            DefaultInboundAction=_BLOCK if store == "ActiveStore" else 0,
            DefaultOutboundAction=_ALLOW if store == "ActiveStore" else 0,
            DisabledInterfaceAliases=["NotConfigured"],
            LogFileName=_LOG, LogMaxSizeKilobytes=4096, LogAllowed=_FALSE, LogBlocked=_FALSE,
            LogIgnored=_NOT_CONFIGURED, NotifyOnListen=_FALSE if self._host.system.server else _TRUE,
        )  # fmt: skip
        values.update(self._settings(bit, store))
        return CimInstance(self.cls, values)

    def _settings(self, bit: int, store: str) -> dict[str, int]:
        firewall = self._host.firewall
        if store == "ActiveStore":
            profile = firewall.profile(bit)
            return {
                "Enabled": int(profile.enabled),
                "AllowInboundRules": int(not profile.shielded),
                "AllowLocalFirewallRules": int(profile.local_rules),
            }
        read = firewall.policy_value if store == "RSOP" else firewall.local_value
        enabled, shielded = read(bit, "EnableFirewall"), read(bit, "DoNotAllowExceptions")
        merged = read(bit, "AllowLocalPolicyMerge")
        return {
            "Enabled": _NOT_CONFIGURED if enabled is None else int(bool(enabled)),
            "AllowInboundRules": _NOT_CONFIGURED if shielded is None else int(not shielded),
            "AllowLocalFirewallRules": _NOT_CONFIGURED if merged is None else int(bool(merged)),
        }

    def put(self, keys: Mapping[str, str], values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Change the local configuration of a profile (Set-NetFirewallProfile); others than these are not kept."""
        writable(self._host)
        before = self.get(keys, caller)
        bit = next(item for item, name in PROFILE_NAMES.items() if name == before.values["Name"])
        for name, value_name in _BOOLEANS.items():
            if name not in values:
                continue
            if values[name] not in (_FALSE, _TRUE, _NOT_CONFIGURED):
                raise invalid(name)
            wanted = values[name] if name == "Enabled" else {_FALSE: 1, _TRUE: 0}.get(values[name], _NOT_CONFIGURED)
            self._host.firewall.set_profile(bit, value_name, None if wanted == _NOT_CONFIGURED else int(wanted))
        return self.get(keys, caller)


class MsftNetSecuritySettingData(Provider):
    """The settings of no profile (Get-NetFirewallSetting); `Profile` has the bits of the active profiles."""

    cls = CimClass(
        NAMESPACE,
        "MSFT_NetSecuritySettingData",
        ("InstanceID",),
        schema(
            AllowIPsecThroughNAT="uint16", Caption="string", CertValidationLevel="uint16", Description="string",
            ElementName="string", EnablePacketQueuing="uint16", EnableStatefulFtp="uint16",
            EnableStatefulPptp="uint16", Exemptions="uint32", InstanceID="string", KeyEncoding="uint16",
            MaxSAIdleTimeSeconds="uint32", Profile="uint16", RemoteMachineTransportAuthorizationList="string",
            RemoteMachineTunnelAuthorizationList="string", RemoteUserTransportAuthorizationList="string",
            RemoteUserTunnelAuthorizationList="string", RequireFullAuthSupport="uint16",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """One. The active profiles are known to the ActiveStore alone; the others have 65535 (NotApplicable)."""
        values: dict[str, Any] = dict.fromkeys(self.cls.properties)
        active = store_asked(self._host) == "ActiveStore"
        values.update(
            Caption="", Description="", ElementName="", InstanceID="MSFT|FW|SecuritySettingData",
            Profile=self._host.firewall.active_profiles if active else 65535,
            EnableStatefulFtp=_TRUE if active else _NOT_CONFIGURED,
            EnableStatefulPptp=_FALSE if active else _NOT_CONFIGURED,
        )  # fmt: skip
        return [CimInstance(self.cls, values)]


class MsftNetConnectionProfile(Provider):
    """The networks the host is in now."""

    cls = CimClass(
        NAMESPACE,
        "MSFT_NetConnectionProfile",
        ("InstanceID",),
        schema(
            Caption="string", Description="string", ElementName="string", InstanceID="string",
            InterfaceAlias="string", InterfaceIndex="uint32", IPv4Connectivity="uint32", IPv6Connectivity="uint32",
            Name="string", NetworkCategory="uint32",
        ),
    )  # fmt: skip

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """One for each interface that is connected."""
        return [self._made(number, bit) for number, bit in enumerate(self._host.firewall.networks)]

    def _made(self, number: int, bit: int) -> CimInstance:
        values: dict[str, Any] = dict.fromkeys(self.cls.properties)
        values.update(
            InstanceID=f"{{{number:08X}-2D5B-4F8E-9E55-0C6F0D3B1A77}}",
            InterfaceAlias="Ethernet" if not number else f"Ethernet {number + 1}",
            InterfaceIndex=6 + number,
            IPv4Connectivity=4,  # Internet
            IPv6Connectivity=1,  # NoTraffic
            Name=self._host.dns if bit == DOMAIN else f"Network {number + 1}",
            NetworkCategory=_CATEGORIES[bit],
        )
        return CimInstance(self.cls, values)

    def put(self, keys: Mapping[str, str], values: Mapping[str, Any], caller: Account) -> CimInstance:
        """Set-NetConnectionProfile: private or public; a domain's network decides for itself."""
        found = [item for item, _ in enumerate(self._host.firewall.networks)]
        before = self.get(keys, caller)
        number = next(
            item for item in found if self._made(item, DOMAIN).values["InstanceID"] == before.values["InstanceID"]
        )
        wanted = values.get("NetworkCategory", before.values["NetworkCategory"])
        if wanted not in _BITS:
            raise invalid("NetworkCategory")
        if (wanted == 2) != (before.values["NetworkCategory"] == 2):
            raise CimError(5, "Access is denied. ", cim_status=2)
        networks = list(self._host.firewall.networks)
        networks[number] = _BITS[wanted]
        self._host.firewall.networks = tuple(networks)
        self._host.writes(f"network category of {before.values['InterfaceAlias']}")
        return self.get(keys, caller)
