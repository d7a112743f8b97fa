# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CIM objects over WS-Management: Get, Put, Create, Delete and methods (MS-WSMV 3.1.4.1, 4.1)."""

from __future__ import annotations

from typing import Any

from ..seam import (
    ACCESS_DENIED,
    ACTION_NOT_SUPPORTED,
    INVALID_PARAMETER,
    NOT_FOUND,
    CimError,
    CimMethod,
    Host,
    Provider,
)
from ..windows.accounts import Account
from . import codes
from .enumeration import Enumerations
from .soap import WMI, SoapRequest, T
from .values import decode_members, instance_xml, output_xml, reference_xml


class Objects:
    """The CIM objects of one host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.enumerations = Enumerations(host, self.provider)

    @property
    def _lower(self) -> bool:
        return bool(self._host.quirks["namespace_case"] == "lower")

    def provider(self, resource: str) -> Provider:
        """The provider of a class's resource URI.

        Raises:
            CimError: There is no such class.
        """
        namespace, _, name = resource.removeprefix(WMI).rpartition("/")
        provider = self._host.providers.get((namespace.lower(), name.lower()))
        if provider is None:
            raise CimError(
                NOT_FOUND,
                f"The WS-Management service cannot process the request. The class {name} does not exist in the "
                f"{namespace} namespace. ",
                cim_status=5,
            )
        return provider

    def transfer(self, soap: SoapRequest, caller: Account) -> str:
        """Carry Get, Put, Create or Delete out and give the body of the reply."""
        provider = self.provider(soap.resource)
        operation = soap.action.removeprefix(f"{T}/")
        if operation == "Create":
            self._count_write()
            made = provider.create(self._sent(soap, provider), caller)
            return reference_xml(made, lower=self._lower, element="x:ResourceCreated")
        keys = self._check_keys(soap, provider)
        if operation == "Get":
            self._host.counters["reads"] += 1
            return instance_xml(provider.get(keys, caller), lower=self._lower)
        if operation == "Put":
            sent = self._sent(soap, provider)
            self._count_write()
            return instance_xml(provider.put(keys, sent, caller), lower=self._lower)
        if operation == "Delete":
            self._count_write()
            provider.delete(keys, caller)
            return ""
        raise CimError(ACTION_NOT_SUPPORTED, "The action is not supported by the service.")

    async def invoke(self, soap: SoapRequest, caller: Account) -> str:
        """Run a method and give its output."""
        uri, _, name = soap.action.rpartition("/")
        provider = self.provider(soap.resource)
        if uri.lower() != soap.resource.lower():
            raise CimError(ACTION_NOT_SUPPORTED, "The action is not one of the resource URI.")
        method = provider.cls.methods.get(name)
        if method is None:
            raise CimError(ACTION_NOT_SUPPORTED, f"{provider.cls.name} has no method {name}.", cim_status=17)
        if method.static and soap.selectors:
            raise CimError(codes.UNEXPECTED_SELECTORS, "A static method takes no selectors.")
        keys = {} if method.static else self._check_keys(soap, provider)
        arguments = self._arguments(soap, name, method)
        if method.writes:
            self._count_write()
        else:
            self._host.counters["reads"] += 1
        values = dict(await provider.invoke(name, keys, arguments, caller))
        return output_xml(provider.cls, name, values, lower=self._lower)

    def _arguments(self, soap: SoapRequest, name: str, method: CimMethod) -> dict[str, Any]:
        inputs = [item for item in soap.body if item.tag.lower() == f"{{{soap.resource}}}{name}_INPUT".lower()]
        if len(inputs) != 1 or len(soap.body) != 1:
            raise CimError(codes.SCHEMA_VALIDATION, f"The body is not one {name}_INPUT of the resource URI.")
        found = decode_members(inputs[0], method.inputs, namespace=soap.resource, what=name)
        if missing := [item for item in method.required if item not in found]:
            raise CimError(INVALID_PARAMETER, f"The parameter {missing[0]} of {name} is missing.", cim_status=4)
        return found

    def _sent(self, soap: SoapRequest, provider: Provider) -> dict[str, Any]:
        """Properties in the body of a Put or Create."""
        wanted = f"{{{soap.resource}}}{provider.cls.name}".lower()
        found = [item for item in soap.body if item.tag.lower() == wanted]
        if len(found) != 1 or len(soap.body) != 1:
            raise CimError(codes.INVALID_REPRESENTATION, f"The body is not one {provider.cls.name}.")
        return decode_members(found[0], provider.cls.properties, namespace=soap.resource, what=provider.cls.name)

    def _check_keys(self, soap: SoapRequest, provider: Provider) -> dict[str, str]:
        """The selectors that are keys; `__cimnamespace` may be there when it says the same (MS-WSMV note 46)."""
        selectors = {name: value for name, value in soap.selectors.items() if name.lower() != "__cimnamespace"}
        named = [value for name, value in soap.selectors.items() if name.lower() == "__cimnamespace"]
        if named and named[0].replace("\\", "/").lower() != soap.namespace.lower():
            raise CimError(codes.DIFFERENT_NAMESPACE, "The selector __cimnamespace differs from the resource URI. ")
        sent, keys = {name.lower() for name in selectors}, {name.lower() for name in provider.cls.keys}
        if keys - sent:
            raise CimError(codes.INSUFFICIENT_SELECTORS, "The request did not contain all required selectors. ")
        if sent - keys:
            raise CimError(codes.UNEXPECTED_SELECTORS, "The request contained invalid selectors for the resource. ")
        return selectors

    def _count_write(self) -> None:
        if self._host.faults.deny_writes:
            self._host.counters["denied_writes"] += 1
            raise CimError(ACCESS_DENIED, "Access is denied (writes are switched off).")
        self._host.counters["writes"] += 1
