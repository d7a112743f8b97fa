# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an invitation leads to: the two connection strings of MS-RAI 2.2.1 and 2.2.2.

Everything here was written by a host, or by anyone who could write a file there: an address that no
computer can have is refused, because addresses end up on an operator's terminal and in commands.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .hardened_xml import Element, XmlIllFormed, XmlRefused, XmlUnfinished, parse_xml

_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?")
_SCOPE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_PORT = re.compile(r"[0-9]{1,5}")
_DEFAULT_PORTS = {"ws": 80, "wss": 443}  # RFC 6455, section 3
_PLAIN_VERSION, _PLAIN_TYPE, _PLAIN_FIELDS = "65538", "1", 8  # MS-RAI 2.2.1
_UNSET = ("", "*")


class BadConnectionString(ValueError):
    """A connection string that MS-RAI does not allow; the text says what is wrong, without quoting it."""


@dataclass(frozen=True)
class Endpoint:
    """One address and TCP port on which the waiting msra.exe says it listens.

    Args:
        address: IPv4, IPv6 without its scope, or a host name.
        port: 1..65535.
        scope: The IPv6 scope id, which means something on the host alone (RFC 4007, section 6).
        uri: The listener's address as a URI, for a websocket listener (attribute U of MS-RAI 2.2.2).
    """

    address: str
    port: int
    scope: str | None = None
    uri: str | None = None

    @property
    def family(self) -> str:
        """`ipv4`, `ipv6` or `name`."""
        try:
            return f"ipv{ipaddress.ip_address(self.address).version}"
        except ValueError:
            return "name"

    @property
    def link_local(self) -> bool:
        """Whether the address works on the host's own network segment alone."""
        return self.family != "name" and ipaddress.ip_address(self.address).is_link_local

    def as_data(self) -> dict[str, str | int | None]:
        """The endpoint as a module result carries it."""
        return {"address": self.address, "scope": self.scope, "port": self.port, "family": self.family}


@dataclass(frozen=True)
class Connection:
    """What a helper's computer needs to connect.

    Args:
        session_id: Identifier of the assistance session (A/@ID): whoever has it may try to join.
        key_hash: Base64 of the SHA-1 of the host's public key (A/@KH); empty when there is none.
        endpoints: Where msra.exe listens, in the order of the ticket.
        key_hash_2: Hash name, colon, base64 of the hash of the public key (A/@KH2), on newer Windows.
    """

    session_id: str
    key_hash: str
    endpoints: tuple[Endpoint, ...]
    key_hash_2: str = ""

    def __repr__(self) -> str:
        return f"Connection(endpoints={self.endpoints!r})"  # the rest has no place in logs

    def as_data(self) -> dict[str, object]:
        """What may be shown: the endpoints."""
        return {"endpoints": [endpoint.as_data() for endpoint in self.endpoints]}


def _port(text: str) -> int:
    if not (_PORT.fullmatch(text) and 1 <= int(text) <= 65535):
        raise BadConnectionString("a port is not a number from 1 to 65535")
    return int(text)


def make_endpoint(address: str, port: str, *, uri: str | None = None) -> Endpoint:
    """Check an address and a port.

    Args:
        address: IPv4, IPv6 with or without `%scope`, or a host name.
        port: Decimal digits.
        uri: The URI the two came from.

    Raises:
        BadConnectionString: Nothing can have that address.
    """
    bare, percent, scope = address.partition("%")
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        if percent or not _HOST_NAME.fullmatch(bare) or bare.replace(".", "").isdigit():
            raise BadConnectionString("an address is no IPv4, IPv6 or host name") from None
        return Endpoint(bare, _port(port), uri=uri)
    if percent and not (parsed.version == 6 and _SCOPE.fullmatch(scope)):
        raise BadConnectionString("an address has a scope that no address can have")
    return Endpoint(str(parsed), _port(port), scope if percent else None, uri)


def _websocket_endpoint(address: str, uri: str) -> Endpoint:
    """The endpoint of a listener with attribute U; N counts where the URI names no host of its own."""
    if not (uri.isascii() and uri.isprintable()) or set(uri) & set(" \"'<>`\\^{}|"):
        raise BadConnectionString("a listener's URI has characters that no URI has")
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadConnectionString("a listener's URI is malformed") from None
    # unverified: no ticket with a U attribute has been published; MS-RAI 2.2.2 calls it the listener's URI.
    fallback = _DEFAULT_PORTS.get(parts.scheme.lower())
    if fallback is None:
        raise BadConnectionString("a listener's URI is no websocket URI")
    return make_endpoint(address or host or "", str(port or fallback), uri=uri)


def _listener(element: Element) -> Endpoint:
    attributes = element.attributes
    if "U" in attributes:
        return _websocket_endpoint(attributes.get("N", ""), attributes["U"])
    if "N" not in attributes or "P" not in attributes:
        raise BadConnectionString("a listener has no address or no port")
    return make_endpoint(attributes["N"], attributes["P"])


def parse_connection_string_2(text: str) -> Connection:
    """Parse the XML connection string (MS-RAI 2.2.2), the plaintext of LHTICKET.

    Attributes this code does not know are accepted: real tickets have some (KH2, CE) that older
    editions of MS-RAI lack.

    Raises:
        BadConnectionString: Not well-formed, not that schema, or an impossible listener.
    """
    # Addresses, ports, Base64: all ASCII. There is no authentication code, so a block that somebody changed
    # shows as eight random characters, which could pass for a name or a value but not for ASCII.
    # unverified: that Windows never writes another character; no published connection string has one.
    if not text.isascii():
        raise BadConnectionString("it has characters that no address and no key has")
    try:
        root = parse_xml(text)
    except (XmlRefused, XmlUnfinished, XmlIllFormed):
        raise BadConnectionString("it is not well-formed XML of the kind Windows writes") from None
    authentication = next((item for item in root.children if item.name == "A"), None)
    if root.name != "E" or authentication is None or not authentication.attributes.get("ID"):
        raise BadConnectionString("it names no assistance session")
    endpoints = tuple(_listener(item) for item in root.descendants("L"))
    if not endpoints:
        raise BadConnectionString("it names no listener")
    known = authentication.attributes
    return Connection(known["ID"], known.get("KH", ""), endpoints, known.get("KH2", ""))


def parse_connection_string_1(text: str) -> Connection:
    """Parse the comma-separated connection string (MS-RAI 2.2.1), attribute RCTICKET.

    Raises:
        BadConnectionString: Not eight fields of that version, or an impossible address.
    """
    fields = text.split(",")
    if len(fields) != _PLAIN_FIELDS or fields[:2] != [_PLAIN_VERSION, _PLAIN_TYPE]:
        raise BadConnectionString("it is not a version 65538 connection string of eight fields")
    pairs = (item.rpartition(":") for item in fields[2].split(";") if item)
    endpoints = tuple(make_endpoint(address, port) for address, _colon, port in pairs)
    return Connection(fields[4], fields[7], endpoints)


def contradicts(connection: Connection, plain: Connection) -> bool:
    """Whether the plain connection string of a ticket names another session or key than the encrypted one.

    Windows writes both from the same session, so they agree in real tickets; a difference shows that
    someone replaced one of them. A field that is unset on either side says nothing.

    unverified: checked with one published ticket that has both; where a newer Windows puts its KH2
    value into the plain string, that counts as agreement.
    """
    if plain.session_id not in _UNSET and plain.session_id != connection.session_id:
        return True
    hashes = {connection.key_hash, connection.key_hash_2} - set(_UNSET)
    return bool(hashes) and plain.key_hash not in _UNSET and plain.key_hash not in hashes
