# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply, read back: what the module ``policy`` does with a host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._errors import InvalidOption, PolicyBusy, PolicyChanged, PolicyNotInForce, PolicyOverruled, WindowsError
from ..._formats.gpt_ini import build_gpt_ini, empty_gpt_ini, raised
from ..._formats.registry_pol import RegistryPol, build_registry_pol
from ..._windows.local_policy import LocalPolicyFiles, refresh, replace
from ..._windows.registry import Registry
from ..._wsman.client import WsmanClient
from ..._wsman.shell import Shell
from ..timing import Timing
from .desired import check_settings, wanted_security_options, wanted_states, with_preset
from .facts import PolicyFacts, errors_of, read_policy
from .plan import (
    Change,
    ManagedPolicy,
    Overruled,
    RegistryWrite,
    changes,
    direct_writes,
    local_values,
    manage,
    overruled,
    rewritten,
    security_changes,
    slots,
)
from .settings import POLICIES, TERMINAL_SERVICES, NameList, Text
from .state import PolicyState, observed

LOCAL_GROUP_POLICY = "local_group_policy"
REGISTRY = "registry"
FAIL = "fail"
_BUSY_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts while another run holds the lock; it holds it for less than one."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PolicyRequest:
    """What a task asks for.

    Attributes:
        settings: Options by name, the preset's included; see `desired.with_preset`.
        scope: ``local_group_policy`` or ``registry``.
        on_domain_conflict: ``fail`` or ``warn``.
    """

    settings: Mapping[str, Any]
    scope: str = LOCAL_GROUP_POLICY
    on_domain_conflict: str = FAIL

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> PolicyRequest:
        """The request that module options make.

        Raises:
            InvalidOption: They mean nothing.
        """
        settings = with_preset(options)
        if not settings:
            raise InvalidOption("nothing is asked for: give a preset, or at least one setting.")
        check_settings(settings)
        return cls(settings, options["scope"], options["on_domain_conflict"])


@dataclass(frozen=True)
class PolicyPlan:
    """What a run would do.

    Attributes:
        changes: Settings that differ.
        overruled: Settings that a domain's GPO decides otherwise.
        files: The new files; ``None`` when they stay.
        writes: Values to write to the live registry.
        managed: The policies concerned.
        warnings: What the operator should know.
    """

    changes: tuple[Change, ...]
    overruled: tuple[Overruled, ...]
    files: LocalPolicyFiles | None
    writes: tuple[RegistryWrite, ...]
    managed: tuple[ManagedPolicy, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return self.files is not None or bool(self.writes)


@dataclass(frozen=True)
class PolicyOutcome:
    """What a run found and did."""

    plan: PolicyPlan
    before: PolicyFacts
    version: int
    refreshed: bool = False
    warnings: tuple[str, ...] = field(default=())

    def as_data(self) -> dict[str, Any]:
        """The outcome as a module result carries it."""
        return {
            "changed": self.plan.changed,
            "changes": [item.as_data() for item in self.plan.changes],
            "overruled": [item.as_data() for item in self.plan.overruled],
            "version": {"before": self.before.local.version, "after": self.version},
            "refreshed": self.refreshed,
            "warnings": [*self.plan.warnings, *self.warnings],
        }

    def diff(self) -> dict[str, str]:
        """Before and after per setting, in words, for ``--diff``."""
        return {
            "before": "".join(f"{item.title}: {_shown(item.before)}\n" for item in self.plan.changes),
            "after": "".join(f"{item.title}: {_shown(item.after)}\n" for item in self.plan.changes),
        }


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def make_plan(request: PolicyRequest, facts: PolicyFacts) -> PolicyPlan:
    """What has to be done; pure.

    Raises:
        InvalidOption: An element is asked for, and its policy is not enabled.
        WindowsError: Registry.pol or gpt.ini can not be understood, so it can not be changed.
    """
    in_files = request.scope == LOCAL_GROUP_POLICY
    if in_files and facts.local.damage:
        raise WindowsError(
            f"the local Group Policy is damaged and was left as it is: {facts.local.damage}",
            hint="Repair or remove %SystemRoot%\\System32\\GroupPolicy\\Machine\\Registry.pol (or gpt.ini), "
            "or use scope: registry.",
        )
    local = local_values(facts.local.pol)
    current = {item.option: observed(item, TERMINAL_SERVICES, local if in_files else facts.live) for item in POLICIES}
    wanted = wanted_states(request.settings, current)
    managed = manage(wanted, local, facts.live, processed=facts.local.processed)
    lost = overruled(managed, facts.domain or {})
    lost_names = frozenset(item.setting for item in lost)
    found = changes(managed, lost_names, with_files=in_files)
    security, writes = security_changes(wanted_security_options(request.settings), facts.live)
    files = _files(facts, managed, found) if in_files and found else None
    if not in_files:
        writes += direct_writes(managed, lost_names, facts.live)
    return PolicyPlan(
        changes=(*found, *security),
        overruled=tuple(lost),
        files=files,
        writes=tuple(writes),
        managed=tuple(managed),
        warnings=tuple(_warnings(request, facts, managed)),
    )


def _files(facts: PolicyFacts, managed: list[ManagedPolicy], found: list[Change]) -> LocalPolicyFiles:
    # An entry that is in the file and not in force is written anew too, with a raised version: Windows skips a
    # version it has applied (MS-GPOL 3.2.5.1.10).
    names = frozenset(change.setting for change in found)
    pol = rewritten(facts.local.pol or RegistryPol(()), managed, names)
    return LocalPolicyFiles(build_registry_pol(pol), build_gpt_ini(raised(facts.local.gpt or empty_gpt_ini())))


def _warnings(request: PolicyRequest, facts: PolicyFacts, managed: list[ManagedPolicy]) -> list[str]:
    said = []
    if facts.openings.holders:
        said.append(
            "Remote Assistance is open here just in time, for an invitation: what differs may be that, and what is set "
            "now is put back to what it was when that closes. Run it again then."
        )
    if facts.domain is None:
        said.append("the host keeps no resultant set of policy, so what a domain's GPO decides is not known.")
    if facts.managed_by_mdm:
        said.append("device management (MDM) sets Remote Assistance policy on this host too, and may change it again.")
    if request.scope == LOCAL_GROUP_POLICY and facts.local_processing_off:
        said.append("the policy 'Turn off Local Group Policy Objects processing' is on: use scope: registry.")
    if request.scope == REGISTRY and not facts.local_processing_off:
        other = [item.policy.title for item in managed if _says_otherwise(item)]
        if other:
            said.append(f"the local Group Policy says otherwise and comes back at its next processing: {other[0]}.")
    return said


def _says_otherwise(item: ManagedPolicy) -> bool:
    local, wanted = slots(item.policy, item.local), slots(item.policy, item.wanted)
    return local[item.policy.option] != "not_configured" and local != wanted


def ensure_policy(
    client: WsmanClient,
    request: PolicyRequest,
    *,
    check: bool = False,
    timing: Timing | None = None,
    progress: Progress = lambda _text: None,
) -> PolicyOutcome:
    """Make a host agree with a request, or with `check` say what that would take.

    Raises:
        PolicyOverruled: A domain's GPO decides otherwise, and that is to fail; nothing was written.
        PolicyNotInForce: It was written, and Windows goes by something else; or nothing was written, because this
            host does not process local Group Policy.
        AssistError: It could not be read or written.
    """
    with client.shell() as shell:
        return ensure_policy_in(client, shell, request, check=check, timing=timing or Timing(), progress=progress)


def ensure_policy_in(
    client: WsmanClient, shell: Shell, request: PolicyRequest, *, check: bool, timing: Timing, progress: Progress
) -> PolicyOutcome:
    """`ensure_policy` in a shell that is open already."""
    facts = read_policy(client, shell)
    return apply_policy(client, shell, request, facts, check=check, timing=timing, progress=progress)


def apply_policy(
    client: WsmanClient,
    shell: Shell,
    request: PolicyRequest,
    facts: PolicyFacts,
    *,
    check: bool,
    timing: Timing,
    progress: Progress,
) -> PolicyOutcome:
    """Plan and apply on facts that were read already."""
    for pause in (*_BUSY_PAUSES, None):
        with errors_of(client.host):
            plan = make_plan(request, facts)
            _refuse_overruled(request, plan, client.host)
            _refuse_unprocessed(plan, facts, client.host)
            if check or not plan.changed:
                return PolicyOutcome(plan, facts, facts.local.version)
            try:
                return _apply(client, shell, plan, facts, progress)
            except (PolicyBusy, PolicyChanged):
                # Nothing was written. What the other run wrote has to be kept, so it is read first.
                if pause is None:
                    raise
        timing.sleep(pause)
        facts = read_policy(client, shell)
    raise AssertionError("unreachable")


def _refuse_overruled(request: PolicyRequest, plan: PolicyPlan, host: str) -> None:
    if plan.overruled and request.on_domain_conflict == FAIL:
        said = "; ".join(
            f"{item.title}: {_shown(item.in_force)} by {item.gpo}, not {_shown(item.wanted)}" for item in plan.overruled
        )
        raise PolicyOverruled(
            f"a domain's GPO decides otherwise, and nothing was written: {said}.",
            host=host,
            hint="Change that GPO, or use on_domain_conflict: warn.",
        )


def _refuse_unprocessed(plan: PolicyPlan, facts: PolicyFacts, host: str) -> None:
    if plan.files is not None and facts.local_processing_off:
        raise PolicyNotInForce(
            "this host does not process local Group Policy (policy 'Turn off Local Group Policy Objects processing'), "
            "and nothing was written.",
            host=host,
            hint="Use scope: registry, which writes the live policy values themselves.",
        )


def _apply(
    client: WsmanClient, shell: Shell, plan: PolicyPlan, facts: PolicyFacts, progress: Progress
) -> PolicyOutcome:
    version, refreshed = facts.local.version, False
    warnings: tuple[str, ...] = ()
    if plan.files is not None:
        progress("replacing Registry.pol and gpt.ini")
        replace(shell, facts.local.files, plan.files)
        progress("refreshing Group Policy")
        version, refreshed = (facts.local.version + 1) & 0xFFFF or 1, True
        warnings = _refresh(client, shell, plan)
    registry = Registry(client)
    for write in plan.writes:
        if write.data is None:
            registry.delete(write.key, write.name)
        else:
            registry.write(write.key, write.name, write.data)
    _confirm_writes(registry, plan.writes, client.host)
    return PolicyOutcome(plan, facts, version, refreshed, warnings)


def _refresh(client: WsmanClient, shell: Shell, plan: PolicyPlan) -> tuple[str, ...]:
    """Refresh until what was written is in force: first only what is new, then everything."""
    result = refresh(shell, force=False)
    missing = _not_in_force(Registry(client), plan)
    if missing:
        result = refresh(shell, force=True)
        missing = _not_in_force(Registry(client), plan)
    if missing:
        words = " ".join(result.stdout.decode("utf-8", "replace").split())[:200]
        raise PolicyNotInForce(
            f"the local Group Policy was written, and Windows does not go by it: {', '.join(missing)}.",
            host=client.host,
            hint=f"gpupdate ended with {result.exit_code} and said: {words or 'nothing'}. Is local Group Policy "
            "processing turned off, or does a domain's GPO or device management (MDM) decide? Scope: registry "
            "writes the live keys.",
        )
    if result.exit_code:
        return (f"gpupdate ended with {result.exit_code}, and the settings are in force all the same.",)
    return ()


def _not_in_force(registry: Registry, plan: PolicyPlan) -> list[str]:
    """Settings that are not in force after all, read value by value through StdRegProv."""
    lost = {item.setting for item in plan.overruled}
    changed = {change.setting for change in plan.changes}
    missing = []
    for item in plan.managed:
        wanted = slots(item.policy, item.wanted)
        if not changed & set(wanted):
            continue
        live = slots(item.policy, _live(registry, item))
        missing += [
            f"{name} is {_shown(live[name])}"
            for name in wanted
            if name not in lost and _shown_sorted(live[name]) != _shown_sorted(wanted[name])
        ]
    return missing


def _shown_sorted(value: Any) -> Any:
    return sorted(str(name).lower() for name in value) if isinstance(value, list) else value


def _live(registry: Registry, item: ManagedPolicy) -> PolicyState:
    key = TERMINAL_SERVICES
    values: dict[tuple[str, str], int | str | None] = {}

    def note(name: str, data: int | str | None) -> None:
        if data is not None:
            values[key.lower(), name.lower()] = data

    note(item.policy.value_name, registry.number(key, item.policy.value_name))
    for element in item.policy.elements:
        if isinstance(element, NameList):
            values.update({(element.key.lower(), name.lower()): name for name in registry.names(element.key)})
        elif isinstance(element, Text):
            note(element.value_name, registry.text(key, element.value_name))
        else:
            note(element.value_name, registry.number(key, element.value_name))
    return observed(item.policy, key, values)


def _confirm_writes(registry: Registry, writes: tuple[RegistryWrite, ...], host: str) -> None:
    for write in writes:
        read = registry.text if isinstance(write.data, str) else registry.number
        found = read(write.key, write.name)
        if found != write.data:
            raise PolicyNotInForce(
                f"HKLM\\{write.key}\\{write.name} was written as {write.data} and is {found}.",
                host=host,
                hint="Something on the host puts it back: a security agent, a domain's GPO, device management.",
            )
