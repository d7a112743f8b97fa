# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that decides Remote Assistance policy on a host, read in one command line and one query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..._errors import AssistError, FormatError
from ..._formats.gpt_ini import REGISTRY_CSE, GptIni, parse_gpt_ini
from ..._formats.quoting import cmd_quoted
from ..._formats.reg_query import RegTree, parse_reg_query
from ..._formats.registry_pol import RegistryPol, parse_registry_pol
from ..._windows.facts_batch import Batch
from ..._windows.host_facts import OPENINGS_KEY, REG
from ..._windows.local_policy import LIMIT_BYTES, LocalPolicyFiles, fetch_command, files_of, presence_command
from ..._windows.resultant_policy import ResultantValue, guid_of, read_gpo_names, read_resultant_values
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from ..just_in_time.record import Openings, openings
from .plan import DomainValue
from .settings import TERMINAL_SERVICES, UAC
from .state import Values

_SYSTEM_POLICIES = r"SOFTWARE\Policies\Microsoft\Windows\System"
_LOCAL_OFF = "DisableLGPOProcessing"
"""GroupPolicy.admx, "Turn off Local Group Policy Objects processing"."""
_RSOP_LOGGING = "RSoPLogging"
"""GroupPolicy.admx, "Turn off Resultant Set of Policy logging": 0 when it is off."""
_MDM = r"SOFTWARE\Microsoft\PolicyManager\current\device\RemoteAssistance"
"""Where Windows keeps what device management (Policy CSP RemoteAssistance) set."""


@dataclass(frozen=True)
class LocalPolicy:
    """The local GPO's two files, parsed.

    Attributes:
        files: Their bytes.
        pol: Registry.pol; ``None`` when it is missing or empty.
        gpt: gpt.ini; ``None`` when it is missing.
        damage: Why one of the two can not be understood, in one line.
    """

    files: LocalPolicyFiles
    pol: RegistryPol | None = None
    gpt: GptIni | None = None
    damage: str | None = None

    @property
    def condition(self) -> str:
        """``present``, ``missing``, ``empty`` or ``corrupt``: what Registry.pol is."""
        if self.damage:
            return "corrupt"
        if self.files.registry_pol is None:
            return "missing"
        return "present" if self.files.registry_pol else "empty"

    @property
    def version(self) -> int:
        """The computer's half of the version in gpt.ini."""
        return self.gpt.version[0] if self.gpt else 0

    @property
    def processed(self) -> bool:
        """Whether Windows would go by Registry.pol at all.

        It does not while the version is 0 (MS-GPOL 3.2.5.1.6), nor when gpt.ini does not name the registry extension
        with a tool, before the first extension that is out of order (MS-GPOL 2.2.4).
        """
        if self.gpt is None or not self.version:
            return False
        last = ""
        for extension, tools in self.gpt.machine_extensions:
            if extension.upper() < last:
                return False
            last = extension.upper()
            if last == REGISTRY_CSE:
                return bool(tools)
        return False


@dataclass(frozen=True)
class PolicyFacts:
    """What was read.

    Attributes:
        local: The local GPO.
        live: Live values of all keys that matter, by lower-case key and name.
        domain: What domain GPOs decide, by lower-case key and name; ``None`` when the host does not tell.
        local_processing_off: Whether a policy keeps Windows from processing local GPOs.
        managed_by_mdm: Whether device management set Remote Assistance policy too.
        openings: What is open for single invitations, against what policy says.
    """

    local: LocalPolicy
    live: Values = field(default_factory=dict)
    domain: Mapping[tuple[str, str], DomainValue] | None = None
    local_processing_off: bool = False
    managed_by_mdm: bool = False
    openings: Openings = field(default_factory=Openings)


def add_questions(batch: Batch) -> None:
    """Add what has to be asked to a command line; `fetch_command` goes behind it."""
    batch.add("policy-files", presence_command())
    batch.add("terminal-services", _query(TERMINAL_SERVICES, "/s"))
    batch.add("uac", _query(UAC))
    batch.add("system-policies", _query(_SYSTEM_POLICIES))
    batch.add("device-management", _query(_MDM))
    batch.add("openings", f"{REG} query {cmd_quoted(OPENINGS_KEY)} /s 2>nul")


def read_policy(client: WsmanClient, shell: Shell) -> PolicyFacts:
    """Read it: three exchanges, one more when a domain's GPO has a part in it; the shell's own aside."""
    batch = Batch()
    add_questions(batch)
    with errors_of(client.host):
        answers, archive = batch.run_before(shell, fetch_command(), limit=LIMIT_BYTES)
        return facts_of(answers, archive, read_domain(client))


@contextmanager
def errors_of(host: str) -> Iterator[None]:
    """Errors that come up meanwhile name the host."""
    try:
        yield
    except AssistError as error:
        error.host = error.host or host
        raise


def facts_of(
    answers: Mapping[str, str], archive: bytes, domain: Mapping[tuple[str, str], DomainValue] | None
) -> PolicyFacts:
    """Put the answers together."""
    tree: RegTree = {}
    for name in ("terminal-services", "uac", "system-policies", "device-management"):
        tree.update(parse_reg_query(answers[name]))
    live = _values(tree)
    return PolicyFacts(
        local=_local(files_of(archive, answers["policy-files"])),
        live=live,
        # What was logged before logging was turned off says nothing about today.
        domain=None if live.get((_SYSTEM_POLICIES.lower(), _RSOP_LOGGING.lower())) == 0 else domain,
        local_processing_off=live.get((_SYSTEM_POLICIES.lower(), _LOCAL_OFF.lower())) == 1,
        managed_by_mdm=any(key == _MDM.lower() for key, _name in live),
        openings=openings(answers["openings"]),
    )


def read_domain(client: WsmanClient) -> dict[tuple[str, str], DomainValue] | None:
    """What domain GPOs decide; ``None`` when the host keeps no such data."""
    keys = [TERMINAL_SERVICES, rf"{TERMINAL_SERVICES}\RAUnsolicit"]
    winners = read_resultant_values(client, keys)
    if winners is None:
        return None
    theirs = [item for item in winners if not item.is_local]
    names = read_gpo_names(client) if theirs else {}
    return {(item.key.lower(), item.name.lower()): _domain_value(item, names) for item in theirs}


def _domain_value(item: ResultantValue, names: Mapping[str, str]) -> DomainValue:
    guid = guid_of(item.gpo_id)
    known = {guid_of(identity).lower(): name for identity, name in names.items()}
    return DomainValue(known.get(guid.lower(), guid), guid, item.data)


def _query(key: str, options: str = "") -> str:
    return f'{REG} query "HKLM\\{key}" {options} 2>nul'


def _values(tree: RegTree) -> dict[tuple[str, str], int | str | None]:
    found: dict[tuple[str, str], int | str | None] = {}
    for path, values in tree.items():
        key = path.partition("\\")[2].lower()
        for name, value in values.items():
            known = value.kind in ("REG_DWORD", "REG_SZ", "REG_EXPAND_SZ")
            found[key, name.lower()] = value.data if known else None
    return found


def _local(files: LocalPolicyFiles) -> LocalPolicy:
    try:
        pol = parse_registry_pol(files.registry_pol) if files.registry_pol else None
        gpt = parse_gpt_ini(files.gpt_ini) if files.gpt_ini is not None else None
    except FormatError as error:
        return LocalPolicy(files, damage=error.message)
    return LocalPolicy(files, pol, gpt)
