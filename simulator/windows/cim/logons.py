# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Win32_LoggedOnUser: which account each logon is of (learn.microsoft.com/windows/win32/cimwin32prov)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...seam import CimClass, CimError, CimInstance, CimReference, NoAnswerInTime, Provider, schema
from ..accounts import Account

if TYPE_CHECKING:
    from ..host import WindowsHost

NAMESPACE = "root/cimv2"
FAILED = 0x80041001  # WBEM_E_FAILED


class Win32LoggedOnUser(Provider):
    """An association: `Antecedent` is a Win32_Account, `Dependent` a Win32_LogonSession."""

    cls = CimClass(
        NAMESPACE,
        "Win32_LoggedOnUser",
        ("Antecedent", "Dependent"),
        schema(Antecedent="reference", Dependent="reference"),
    )

    def __init__(self, host: WindowsHost) -> None:
        self._host = host

    def instances(self, caller: Account) -> Iterable[CimInstance]:
        """One for each logon; ids are decimal (a public listing has LogonId="999" for SYSTEM's 0x3e7).

        unverified: that references are endpoint references in the answer to a WQL query, and not object paths as
        in COM (`reference_form`); that the provider answers quickly, or at all (`logon_session_query`).

        Raises:
            CimError: The provider fails, or does not answer in time.
        """
        answer = self._host.quirks["logon_session_query"]
        if answer == "fails":
            raise CimError(FAILED, "Generic failure ", cim_status=1)
        if answer == "slow":
            raise NoAnswerInTime
        return [
            CimInstance(
                self.cls,
                {
                    "Antecedent": self._refer("Win32_Account", ("Domain", logon.domain), ("Name", logon.name)),
                    "Dependent": self._refer("Win32_LogonSession", ("LogonId", str(logon.id))),
                },
            )
            for logon in self._host.logons.listed(caller)
        ]

    def _refer(self, name: str, *keys: tuple[str, str]) -> CimReference | str:
        reference = CimReference(NAMESPACE, name, keys)
        if self._host.quirks["reference_form"] == "path":
            return reference.path(self._host.computer_name)
        return reference
