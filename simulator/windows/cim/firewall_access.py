# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which store and which rule a request about the firewall means, and what it may not do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ... import wmi_context
from ...seam import ACCESS_DENIED, INVALID_PARAMETER, NOT_FOUND, CimError
from ..firewall import STORES, Stored
from ..firewall_rule import Rule

if TYPE_CHECKING:
    from ..host import WindowsHost

NAMESPACE = "root/StandardCimv2"
PREFIX = "MSFT|FW|FirewallRule|"
_BY_GROUP = re.compile(r"\bFROM\s+MSFT_NetFirewallRule\b.*\bRuleGroup\b", re.IGNORECASE | re.DOTALL)


def invalid(text: str) -> CimError:
    """A parameter is wrong (CIM_ERR_INVALID_PARAMETER)."""
    return CimError(INVALID_PARAMETER, f"The parameter is incorrect: {text}.", cim_status=4)


def absent() -> CimError:
    """No rule has this name in the store (CIM_ERR_NOT_FOUND)."""
    return CimError(NOT_FOUND, "No MSFT_NetFirewallRule objects found with these keys.", cim_status=6)


def store_asked(host: WindowsHost) -> str:
    """The store that a request means.

    unverified: that Windows takes the name with the prefix alone, as MS-WSMV 3.1.4.1.10 says
    (`firewall_store_option`).

    Raises:
        CimError: There is no such store.
    """
    mode = host.quirks["firewall_store_option"]
    context = wmi_context.current()
    value = None if mode == "ignored" else context.values.get("policystore")
    if value is None and mode == "any":
        value = context.plain.get("policystore")
    if value is None:
        return "PersistentStore"
    store = next((name for name in STORES if name.lower() == str(value).lower()), None)
    if store is None:
        raise CimError(NOT_FOUND, f"The policy store {value} was not found.", cim_status=6)
    return store


def writable(host: WindowsHost) -> None:
    """Refuse a change of anything but the local store.

    Raises:
        CimError: The other stores are read-only (public reports of "Access is denied" for them).
    """
    if store_asked(host) != "PersistentStore":
        raise CimError(ACCESS_DENIED, "Access is denied. ", cim_status=2)


def name_of(keys: Mapping[str, str]) -> str:
    """The name of the rule that selectors mean.

    Raises:
        CimError: They mean none.
    """
    found = {key.lower(): value for key, value in keys.items()}
    name = found.pop("creationclassname", "")
    if not name.lower().startswith(PREFIX.lower()) or any(found.values()):
        raise absent()
    return name[len(PREFIX) :]


def stored(host: WindowsHost, keys: Mapping[str, str]) -> Stored:
    """The rule that selectors mean in the store that the request means.

    Raises:
        CimError: There is none.
    """
    found = host.firewall.find(store_asked(host), name_of(keys))
    if found is None:
        raise absent()
    return found


def protect(host: WindowsHost, rule: Rule) -> None:
    """Refuse to change what names a rule of a group, or its program.

    "Some parts of the rule are protected (including ... the Name, Description, Program, and Service)":
    MSFT_NetFirewallRule, RuleGroup. unverified: what the protection does (`firewall_group_protected`).
    """
    if rule.group and host.quirks["firewall_group_protected"]:
        raise CimError(ACCESS_DENIED, "The rule belongs to a group; this part of it is protected.", cim_status=2)


def finds_nothing(host: WindowsHost, wql: str) -> bool:
    """Whether this query brings nothing although there are such rules.

    unverified: a public program says that rules can not be asked for by RuleGroup (`firewall_group_query`).
    """
    return host.quirks["firewall_group_query"] == "empty" and _BY_GROUP.search(wql) is not None
