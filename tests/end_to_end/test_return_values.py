# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RETURN says what a real result holds: every key, its type, and when it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.repository.test_documentation import documentation
from tests.support.playbook import COLLECTION, PlaybookRunner
from tests.support.pools import DESKTOP

TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
    "raw": (object,),
}
ANSIBLE_OWN = {"changed", "failed", "msg", "warnings", "deprecations", "exception", "invocation", "skipped"}
PASSWORD = "kadum4-rebis7"


def differences(returned: Mapping[str, Any], result: Mapping[str, Any], when: str, path: str = "") -> Iterator[str]:
    """Where a result is not what its documentation says.

    Args:
        returned: The RETURN block, or a `contains` of it.
        result: What came.
        when: `success` or `check`: which `returned` conditions hold.
        path: Where we are, for messages.
    """
    for name in result:
        if name not in returned and not name.startswith("_") and (path or name not in ANSIBLE_OWN):
            yield f"{path}{name} is not documented"
    for name, documented in returned.items():
        condition = documented["returned"]
        due = condition in ("always", "success", "when hosts were asked") or (
            when == "success" and "success" in condition
        )
        if name not in result:
            if due:
                yield f"{path}{name} is missing"
            continue
        yield from _typed(documented, result[name], when, f"{path}{name}")


def _typed(documented: Mapping[str, Any], value: Any, when: str, path: str) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, TYPES[documented["type"]]):
        yield f"{path} is a {type(value).__name__}, not a {documented['type']}"
    elif "contains" in documented:
        for item in value if isinstance(value, list) else [value]:
            yield from differences(documented["contains"], item, when, f"{path}.")


def play(module: str, **options: Any) -> list[dict[str, Any]]:
    """A play of one task."""
    task = {"name": "Ask", f"workspot.assist.{module}": options}
    return [{"hosts": "desk-01", "gather_facts": False, "tasks": [task]}]


@pytest.fixture
def hosts(make_pool: Any, inventory_for: Any) -> Any:
    """An inventory of a desktop, a disconnected session and a published app."""
    other = {"name": "desk-02", "sessions": [{"id": 1, "user": "CORP\\asmith", "state": "disconnected"}]}
    return inventory_for(make_pool(DESKTOP, other))


@pytest.mark.parametrize(
    ("module", "options", "arguments"),
    [
        ("session_info", {}, ()),
        ("session_info", {"user": "nobody"}, ()),
        ("session_info", {}, ("--check",)),
        ("locate_user", {"user": "jdoe", "hosts": ["desk-01", "desk-02"]}, ()),
        ("invitation", {"user": "jdoe", "password": PASSWORD}, ()),
        ("invitation", {"user": "jdoe"}, ()),
        ("invitation", {"user": "jdoe", "password": PASSWORD}, ("--check",)),
    ],
)
def test_results_are_documented(
    module: str, options: dict[str, Any], arguments: tuple[str, ...], hosts: Any, run_playbook: PlaybookRunner
) -> None:
    run = run_playbook(play(module, **options), *arguments, inventory=hosts).ok()
    when = "check" if arguments else "success"
    assert list(differences(documentation(module, "RETURN"), run.of(module), when)) == []


def test_invitation_info_is_documented(hosts: Any, run_playbook: PlaybookRunner) -> None:
    (path,) = run_playbook(play("invitation", user="jdoe", password=PASSWORD), inventory=hosts).ok().invitations
    for password in ({"password": PASSWORD}, {}):
        run = run_playbook(play("invitation_info", path=str(path), **password), inventory=hosts).ok()
        returned = documentation("invitation_info", "RETURN")
        assert list(differences(returned, run.of("invitation_info"), "success")) == []
        assert run.of("invitation_info")["changed"] is False


@pytest.mark.parametrize(
    ("module", "options", "arguments"),
    [
        ("policy", {"preset": "helpdesk", "on_domain_conflict": "warn"}, ()),
        ("policy", {"preset": "helpdesk", "on_domain_conflict": "warn"}, ("--check", "--diff")),
        ("policy", {"scope": "registry", "offer_remote_assistance": "enabled", "offer_helpers": ["CORP\\A"]}, ()),
        ("policy_info", {}, ()),
        ("policy_info", {}, ("--check",)),
    ],
)
def test_results_about_policy_are_documented(
    module: str,
    options: dict[str, Any],
    arguments: tuple[str, ...],
    make_pool: Any,
    inventory_for: Any,
    run_playbook: PlaybookRunner,
) -> None:
    gpo = {"name": "Baseline", "guid": "{31B2F340-016D-11D2-945F-00C04FB984F9}", "values": {"LoggingEnabled": 0}}
    hosts = inventory_for(make_pool({**DESKTOP, "domain_policies": [gpo]}))
    run = run_playbook(play(module, **options), *arguments, inventory=hosts).ok()
    result = run.of(module)
    result.pop("diff", None)  # Ansible's own
    assert list(differences(documentation(module, "RETURN"), result, "success")) == []
    if module == "policy":
        assert result["changes"]
        assert bool(result["overruled"]) == ("preset" in options)


def test_results_about_the_host_are_documented(
    make_pool: Any, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    """One run of all that is about a whole host, on a server."""
    hosts = inventory_for(make_pool({**DESKTOP, "os": "server-2022"}))
    asked = {
        "firewall_info": None,
        "feature_info": None,
        "assistance_info": None,
        "feature": {"state": "present"},
        "firewall": {"preset": "helpdesk"},
        "remote_assistance": {"policy": {"preset": "helpdesk"}, "firewall": {"preset": "helpdesk"}},
    }
    (first, *_), tasks = play("session_info"), []
    for module, options in asked.items():
        tasks.append({"name": "Ask", f"workspot.assist.{module}": options})
    run = run_playbook([{**first, "tasks": tasks}], inventory=hosts).ok()
    found = {module: list(differences(documentation(module, "RETURN"), run.of(module), "success")) for module in asked}
    assert found == {module: [] for module in asked}


def test_every_module_is_compared() -> None:
    names = {path.stem for path in (COLLECTION / "plugins/modules").glob("[a-z]*.py")}
    here = {"session_info", "locate_user", "invitation", "invitation_info", "policy", "policy_info"}
    here |= {"firewall", "firewall_info", "feature", "feature_info", "remote_assistance", "assistance_info"}
    assert names - here <= {"audit_info", "diagnosis", "drift_info", "report", "session_log"}  # by their own tests
    assert all(isinstance(yaml.safe_load(yaml.safe_dump(documentation(name, "RETURN"))), dict) for name in names)
