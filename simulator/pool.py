# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pool descriptions: a YAML file that says which hosts there are and who works on them (see README.md)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .pool_firewall import FirewallDescription, FirewallFormatError, features_of, firewall_of
from .pool_logs import EventDescription, SessionLogDescription, content_of
from .pool_policy import (
    DomainPolicyDescription,
    LocalPolicyDescription,
    PolicyFormatError,
    domain_policies_of,
    local_policy_of,
    registry_of,
)
from .pool_shape import ShapeError, check_shape
from .quirks import check_quirks
from .seam import Faults
from .windows.registry import Data

OPERATING_SYSTEMS = ("windows-11", "windows-10", "server-2025", "server-2022", "server-2019", "server-2016")
LANGUAGES = ("en-US", "de-DE")
T = TypeVar("T")


class PoolFileError(Exception):
    """The description is not usable; one line."""


@dataclass(frozen=True)
class AccountDescription:
    """A person or a service."""

    name: str
    domain: str = ""
    password: str | None = None
    administrator: bool = False
    filtered: bool = False
    upn: str = ""
    profile: str | None = None


@dataclass(frozen=True)
class SessionDescription:
    """One session of a host."""

    id: int
    user: str
    state: str = "active"
    kind: str = "desktop"
    client: str = ""
    session_name: str = ""
    invitation_waiting: bool = False


@dataclass(frozen=True)
class HostDescription:
    """One host."""

    name: str
    address: str
    os: str = "windows-11"
    language: str = "en-US"
    computer_name: str = ""
    time_zone: int = 0
    sessions: tuple[SessionDescription, ...] = ()
    accounts: tuple[AccountDescription, ...] = ()
    session_logs: tuple[SessionLogDescription, ...] = ()
    documents: dict[str, str] = field(default_factory=dict)
    events: tuple[EventDescription, ...] = ()
    policy: dict[str, int] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)
    registry: dict[str, dict[str, Data]] = field(default_factory=dict)
    local_policy: LocalPolicyDescription | None = None
    domain_policies: tuple[DomainPolicyDescription, ...] = ()
    firewall: FirewallDescription = field(default_factory=FirewallDescription)
    features: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    powershell_free: bool = False
    quirks: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolDescription:
    """All of it."""

    netbios: str
    dns: str
    accounts: tuple[AccountDescription, ...]
    hosts: tuple[HostDescription, ...]


def _build(kind: type[T], data: Any, where: str) -> T:
    """A dataclass from a mapping; unknown and missing keys are named."""
    if not isinstance(data, dict):
        raise PoolFileError(f"{where}: a mapping is expected")
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(data) - known):
        raise PoolFileError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    try:
        return kind(**data)
    except TypeError as error:
        raise PoolFileError(f"{where}: {str(error).partition(') ')[2] or error}") from None


def _host(data: Any, number: int, base: Path, policies: tuple[DomainPolicyDescription, ...]) -> HostDescription:
    where = f"hosts[{number}]"
    if isinstance(data, dict):
        where = str(data.get("name", where))
        data = {
            **data,
            "sessions": tuple(
                _build(SessionDescription, item, f"{where}: session") for item in data.get("sessions", ())
            ),
            "accounts": tuple(
                _build(AccountDescription, item, f"{where}: account") for item in data.get("accounts", ())
            ),
            "session_logs": tuple(
                _build(SessionLogDescription, content_of(item), f"{where}: session log")
                for item in data.get("session_logs", ())
            ),
            "events": tuple(_build(EventDescription, item, f"{where}: event") for item in data.get("events", ())),
            "missing": tuple(data.get("missing", ())),
            **_policy_parts(data, base, policies, where),
        }
    host = _build(HostDescription, data, where)
    _check_host(host, where)
    return host


def _policy_parts(
    data: dict[str, Any], base: Path, policies: tuple[DomainPolicyDescription, ...], where: str
) -> dict[str, Any]:
    try:
        return {
            "registry": registry_of(data.get("registry", {}), f"{where}: registry"),
            "local_policy": local_policy_of(data.get("local_policy"), base, f"{where}: local_policy"),
            "domain_policies": policies + domain_policies_of(data.get("domain_policies"), f"{where}: domain_policies"),
            "firewall": firewall_of(data.get("firewall"), f"{where}: firewall"),
            "features": features_of(data.get("features", {}), f"{where}: features"),
        }
    except (PolicyFormatError, FirewallFormatError) as error:
        raise PoolFileError(str(error)) from None


def _check_host(host: HostDescription, where: str) -> None:
    try:
        address = ipaddress.ip_address(host.address)
    except ValueError:
        raise PoolFileError(f"{where}: {host.address!r} is no IP address") from None
    if not address.is_loopback:
        raise PoolFileError(f"{where}: {host.address} is not a loopback address")
    if host.os not in OPERATING_SYSTEMS:
        raise PoolFileError(f"{where}: os is one of {', '.join(OPERATING_SYSTEMS)}")
    if host.language not in LANGUAGES:
        raise PoolFileError(f"{where}: language is one of {', '.join(LANGUAGES)}")
    if len({session.id for session in host.sessions}) < len(host.sessions):
        raise PoolFileError(f"{where}: two sessions share an id")
    for session in host.sessions:
        if session.state not in ("active", "disconnected") or session.kind not in (
            "desktop",
            "published_app",
        ):
            raise PoolFileError(f"{where}: session {session.id}: unknown state or kind")
    try:
        check_quirks(host.quirks)
        faults = Faults()
        for name, value in host.faults.items():
            faults.set(name, value)
    except ValueError as error:
        raise PoolFileError(f"{where}: {error}") from None


def load_pool(path: Path) -> PoolDescription:
    """Read a description file.

    Raises:
        PoolFileError: It can not be read or is not valid.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PoolFileError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PoolFileError(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    try:
        return describe(data, base=path.parent)
    except PoolFileError as error:
        raise PoolFileError(f"{path}: {error}") from None


def describe(data: dict[str, Any], *, base: Path = Path()) -> PoolDescription:
    """A description from plain data.

    Args:
        data: What a description file holds.
        base: Folder that the names of files in it start from.

    Raises:
        PoolFileError: It is not valid.
    """
    try:
        check_shape(data)
    except ShapeError as error:
        raise PoolFileError(str(error)) from None
    if unknown := sorted(set(data) - {"domain", "accounts", "hosts", "domain_policies"}):
        raise PoolFileError(f"unknown key {unknown[0]!r}; known are accounts, domain, domain_policies, hosts")
    domain = data.get("domain", {})
    netbios, dns = str(domain.get("netbios", "CORP")), str(domain.get("dns", "corp.example"))
    accounts = tuple(
        _build(AccountDescription, {"domain": netbios, **item}, "accounts") for item in data.get("accounts", ())
    )
    try:
        policies = domain_policies_of(data.get("domain_policies"), "domain_policies")
    except PolicyFormatError as error:
        raise PoolFileError(str(error)) from None
    hosts = tuple(_host(item, number, base, policies) for number, item in enumerate(data.get("hosts", ())))
    if not hosts:
        raise PoolFileError("there are no hosts")
    names = [host.name for host in hosts]
    if len(set(names)) < len(names) or len({host.address for host in hosts}) < len(hosts):
        raise PoolFileError("two hosts share a name or an address")
    return PoolDescription(netbios, dns, accounts, hosts)


def generate(count: int, *, network: str = "127.90.0.0", user: str = "jdoe", **common: Any) -> PoolDescription:
    """A pool of one-user desktops for benchmarks; `user` works on the one in the middle.

    Args:
        count: How many.
        network: The first host gets the address after this one.
        user: Whom a benchmark looks for.
        common: Fields of `HostDescription` that all hosts have alike (`local_policy`, `domain_policies`).
    """
    base = int(ipaddress.ip_address(network))
    hosts = []
    for number in range(count):
        person = user if number == count // 2 else f"user{number:04d}"
        session = SessionDescription(2, f"CORP\\{person}", client=f"CLIENT-{number}", session_name="RDP-Tcp#1")
        address = str(ipaddress.ip_address(base + 1 + number))
        hosts.append(HostDescription(f"desk-{number:04d}", address, sessions=(session,), **common))
    people = {item.user.partition("\\")[2] for host in hosts for item in host.sessions}
    accounts = [AccountDescription(name, "CORP") for name in sorted(people)]
    accounts.append(AccountDescription("svc-ansible", "CORP", "Sim-Ansible-1", administrator=True))
    return PoolDescription("CORP", "corp.example", tuple(accounts), tuple(hosts))
