# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy, firewall and feature of one host over one login and one shell: what the module ``remote_assistance`` does.

The three parts stand on their own: what one of them can not do does not keep the others from their work, and the
outcome keeps them apart. What they have to read comes in one command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._errors import AssistError, FirewallNotInForce, InvalidOption, PolicyOverruled, TransportError
from .._windows.facts_batch import Batch
from .._windows.local_policy import LIMIT_BYTES, fetch_command
from .._wsman.client import WsmanClient
from .._wsman.shell import Shell
from . import feature as feature_part
from .firewall import facts as firewall_facts
from .firewall.desired import FirewallRequest
from .firewall.facts import FirewallFacts
from .firewall.flow import FirewallOutcome, apply_firewall
from .policy import facts as policy_facts
from .policy.facts import PolicyFacts
from .policy.flow import PolicyOutcome, PolicyRequest, apply_policy, make_plan
from .policy.report import describe_baselines
from .timing import Timing

COMPLIANT, CHANGED, DRIFTED, OVERRULED, FAILED = "compliant", "changed", "drifted", "overruled", "failed"

Progress = Callable[[str], None]
Outcome = PolicyOutcome | FirewallOutcome | feature_part.FeatureOutcome


@dataclass(frozen=True)
class HostRequest:
    """What is wanted of a host; a part that is not asked for is ``None``.

    Attributes:
        policy: Group Policy.
        firewall: The firewall's exception.
        feature: ``present`` or ``absent``.
    """

    policy: PolicyRequest | None = None
    firewall: FirewallRequest | None = None
    feature: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> HostRequest:
        """The request that validated options of ``remote_assistance`` make.

        Raises:
            InvalidOption: They contradict each other, or ask for nothing.
        """
        request = cls(
            policy=PolicyRequest.of(options["policy"]) if options["policy"] else None,
            firewall=FirewallRequest.of(options["firewall"]) if options["firewall"] else None,
            feature=options["feature"]["state"] if options["feature"] else None,
        )
        if request == cls():
            raise InvalidOption("nothing is asked for: give policy, firewall or feature.")
        return request


@dataclass
class HostOutcome:
    """What a run found and did, part by part.

    Attributes:
        check: Whether it only looked.
        outcomes: Outcome by part.
        errors: Error by part, for those that could not be done.
        baselines: Rules of published baselines, met or broken, after the run.
    """

    check: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    errors: dict[str, AssistError] = field(default_factory=dict)
    baselines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was, or would be, written."""
        return any(outcome.as_data()["changed"] for outcome in self.outcomes.values())

    @property
    def state(self) -> str:
        """One word for the whole host, the worst first."""
        decided = (PolicyOverruled, FirewallNotInForce)
        if any(not isinstance(error, decided) for error in self.errors.values()):
            return FAILED
        if self.errors or self._overruled():
            return OVERRULED
        if self.changed:
            return DRIFTED if self.check else CHANGED
        return COMPLIANT

    def _overruled(self) -> bool:
        for outcome in self.outcomes.values():
            if isinstance(outcome, PolicyOutcome) and outcome.plan.overruled:
                return True
            if isinstance(outcome, FirewallOutcome) and any(item.decides for item in outcome.hindrances):
                return True
        return False

    def as_data(self) -> dict[str, Any]:
        """The outcome as a module result carries it."""
        return {
            "changed": self.changed,
            "state": self.state,
            **{part: self._part(part) for part in ("policy", "firewall", "feature")},
            "baselines": self.baselines,
        }

    def _part(self, part: str) -> dict[str, Any] | None:
        if part in self.errors:
            return {"changed": False, "changes": [], "error": self.errors[part].as_data()}
        if part in self.outcomes:
            return {**self.outcomes[part].as_data(), "error": None}
        return None

    def as_result(self, host: str, exchanges: int) -> dict[str, Any]:
        """The outcome as a whole module result, failed when a part is."""
        result = {**self.as_data(), "exchanges": exchanges}
        if self.errors:
            # One failure of three is a failure of the host, and the result still holds all three.
            said = "; ".join(f"{part}: {error.message}" for part, error in self.errors.items())
            worst = next(iter(self.errors.values()))
            result |= {"failed": True, "msg": f"{host}: {said}", "error": worst.as_data()}
        return result

    def diffs(self) -> list[dict[str, str]]:
        """Before and after per part, for ``--diff``."""
        return [
            {"header": f"Remote Assistance {part}", **outcome.diff()}
            for part, outcome in self.outcomes.items()
            if outcome.as_data()["changed"]
        ]


@dataclass(frozen=True)
class _Answers:
    policy: PolicyFacts | None
    firewall: FirewallFacts | None
    feature: feature_part.FeatureFacts | None


def ensure_host(
    client: WsmanClient,
    request: HostRequest,
    *,
    check: bool = False,
    timing: Timing | None = None,
    progress: Progress = lambda _text: None,
) -> HostOutcome:
    """Make a host agree with a request, or with `check` say what that would take.

    Raises:
        TransportError: The host could not be reached, or was lost; everything else is in the outcome.
        AssistError: The host could not be read at all.
    """
    outcome = HostOutcome(check)
    with client.shell() as shell:
        answers = _read(client, shell, request)
        if request.feature is not None and answers.feature is not None:
            facts, wanted = answers.feature, request.feature
            _attempt(
                outcome,
                "feature",
                lambda: feature_part.apply_feature(client, shell, wanted, facts, check=check, progress=progress),
            )
            if not check and outcome.changed:
                # The feature brings its program and its firewall rules along.
                answers = _read(client, shell, request)
        _policy(client, shell, request, answers, outcome, timing or Timing(), progress)
        _firewall(client, shell, request, answers, outcome, progress)
    return outcome


def _read(client: WsmanClient, shell: Shell, request: HostRequest) -> _Answers:
    batch = Batch()
    if request.feature is not None:
        feature_part.add_questions(batch)
    if request.firewall is not None:
        firewall_facts.add_questions(batch)
    archive = b""
    if request.policy is not None:
        policy_facts.add_questions(batch)
        answers, archive = batch.run_before(shell, fetch_command(), limit=LIMIT_BYTES)
    else:
        answers = batch.run(shell)
    policy = firewall = feature = None
    if request.policy is not None:
        policy = _with_domain(client, request.policy, policy_facts.facts_of(answers, archive, {}))
    if request.firewall is not None:
        firewall = firewall_facts.facts_of(client, answers)
    if request.feature is not None:
        feature = feature_part.facts_of(client, answers, wanted=request.feature)
    return _Answers(policy, firewall, feature)


def _with_domain(client: WsmanClient, wanted: PolicyRequest, facts: PolicyFacts) -> PolicyFacts:
    """The facts with what domain GPOs decide, where that can matter.

    Where everything wanted is in Registry.pol and in force, nobody decides otherwise: one exchange less for every
    host that is as it should be.
    """
    try:
        plan = make_plan(wanted, facts)
    except AssistError:
        return replace(facts, domain=policy_facts.read_domain(client))
    if not plan.changed and not plan.changes:
        return facts
    return replace(facts, domain=policy_facts.read_domain(client))


def _policy(
    client: WsmanClient,
    shell: Shell,
    request: HostRequest,
    answers: _Answers,
    outcome: HostOutcome,
    timing: Timing,
    progress: Progress,
) -> None:
    wanted, facts = request.policy, answers.policy
    if wanted is None or facts is None:
        return
    _attempt(
        outcome,
        "policy",
        lambda: apply_policy(client, shell, wanted, facts, check=outcome.check, timing=timing, progress=progress),
    )
    done = outcome.outcomes.get("policy")
    if not outcome.check and done is not None and done.as_data()["changed"]:
        outcome.baselines = describe_baselines(policy_facts.read_policy(client, shell))
    else:
        outcome.baselines = describe_baselines(facts)


def _firewall(
    client: WsmanClient,
    shell: Shell,
    request: HostRequest,
    answers: _Answers,
    outcome: HostOutcome,
    progress: Progress,
) -> None:
    wanted, facts = request.firewall, answers.firewall
    if wanted is not None and facts is not None:
        _attempt(
            outcome,
            "firewall",
            lambda: apply_firewall(client, shell, wanted, facts, check=outcome.check, progress=progress),
        )


def _attempt(outcome: HostOutcome, part: str, work: Callable[[], Outcome]) -> None:
    try:
        outcome.outcomes[part] = work()
    except TransportError:
        # The host is gone, so the other parts have nothing to talk to.
        raise
    except AssistError as error:
        outcome.errors[part] = error
