# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pool descriptions that are wrong: one line that says where and what is expected, whatever stands there."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import pool_shape
from simulator.pool import (
    AccountDescription,
    HostDescription,
    PoolFileError,
    SessionDescription,
    describe,
    generate,
    load_pool,
)
from simulator.pool_firewall import FirewallDescription
from simulator.pool_policy import DomainPolicyDescription, LocalPolicyDescription
from simulator.windows.host import WindowsHost

ROOT = Path(__file__).resolve().parents[2]
EVERY_KIND = yaml.safe_load((ROOT / "simulator/pools/every_kind.yml").read_text())
GUIDE = yaml.safe_load((ROOT / "simulator/README.md").read_text().split("```yaml\n")[1].split("```")[0])


def host(**changes: Any) -> dict[str, Any]:
    return {"hosts": [{"name": "desk-01", "address": "127.0.0.1", **changes}]}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "a mapping with the keys accounts, domain, domain_policies, hosts is expected"),
        ([], "a mapping with the keys accounts, domain, domain_policies, hosts is expected"),
        ({}, "there are no hosts"),
        ({"host": []}, "unknown key 'host'; known are accounts, domain, domain_policies, hosts"),
        ({"hosts": {}}, "hosts: a list is expected, not {}"),
        ({"hosts": ["desk-01"]}, "hosts[0]: a mapping is expected, not 'desk-01'"),
        ({"hosts": [{"name": "a"}]}, "a: missing 1 required positional argument: 'address'"),
        (host(adress="x"), "desk-01: unknown key 'adress'; known are accounts, address, "),
        (host(name=5), "hosts[0]: name: a name is expected, not 5"),
        (host(address="127.0.0"), "desk-01: '127.0.0' is no IP address"),
        (host(address="10.0.0.1"), "desk-01: 10.0.0.1 is not a loopback address"),
        (host(os="xp"), "desk-01: os is one of windows-11, "),
        (host(language="fr-FR"), "desk-01: language is one of en-US, de-DE"),
        (host(time_zone="CET"), "hosts[0] (desk-01): time_zone: a whole number from -1439 to 1439 is expected, not '"),
        (host(sessions=None), "hosts[0] (desk-01): sessions: a list is expected, not None"),
        (host(sessions=[{"id": "1", "user": "x"}]), "hosts[0] (desk-01): sessions[0]: id: a whole number from 0 to "),
        (host(sessions=[{"id": True, "user": "x"}]), "hosts[0] (desk-01): sessions[0]: id: a whole number from 0 to "),
        (host(sessions=[{"id": 1}]), "desk-01: session: missing 1 required positional argument: 'user'"),
        (host(sessions=[{"id": 1, "user": "x", "state": "idle"}]), "desk-01: session 1: unknown state or kind"),
        (host(sessions=[{"id": 1, "user": "x"}, {"id": 1, "user": "y"}]), "desk-01: two sessions share an id"),
        (host(policy={"fAllowToGetHelp": "yes"}), "hosts[0] (desk-01): policy: fAllowToGetHelp: a whole number "),
        (host(policy={"fAllowToGetHelp": 2**32}), "hosts[0] (desk-01): policy: fAllowToGetHelp: a whole number "),
        (host(quirks={"x": 1}), "desk-01: there is no quirk 'x'; there are access_denied_code, "),
        (host(quirks={"quser_exit_code": 7}), "desk-01: quirk quser_exit_code is one of (1, 0), not 7"),
        (host(faults={"x": 1}), "desk-01: there is no fault switch 'x'; there are down, "),
        (host(faults={"down": 1}), "desk-01: fault switch down takes a bool, not 1"),
        (host(faults=["down"]), "hosts[0] (desk-01): faults: a mapping is expected, not ['down']"),
        (host(accounts=[{"name": "a b\n"}]), "hosts[0] (desk-01): accounts[0]: name: a name is expected, not 'a b\\n'"),
        (host(accounts=[{"name": "a", "administrator": "no"}]), "hosts[0] (desk-01): accounts[0] (a): administrator: "),
        (host(missing=["tar.exe", 1]), "hosts[0] (desk-01): missing[1]: a text is expected, not 1"),
        (host(domain_policies=[{"name": "x"}]), "desk-01: domain_policies[0]: a policy has a name and a guid"),
        ({"hosts": host()["hosts"] * 2}, "two hosts share a name or an address"),
        ({**host(), "domain": "CORP"}, "domain: a mapping is expected, not 'CORP'"),
        ({**host(), 5: 1}, "a key: a text is expected, not 5"),
    ],
)  # fmt: skip
def test_what_is_said(data: Any, text: str) -> None:
    with pytest.raises(PoolFileError) as caught:
        describe(data)
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)


def test_long_values_are_cut() -> None:
    with pytest.raises(PoolFileError) as caught:
        describe(host(os=["x" * 500]))
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"hosts: [", "no YAML: "),
        (b"a: b: c", "no YAML: "),
        (b"\xff\xfe\xff", "no YAML: "),
        (b"", "a mapping with the keys"),
        (b"just text", "a mapping with the keys"),
        (b"hosts: !!python/object:os.system x", "no YAML: "),
    ],
)
def test_files_that_are_no_description(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "pool.yml"
    path.write_bytes(content)
    with pytest.raises(PoolFileError) as caught:
        load_pool(path)
    assert str(caught.value).startswith(f"{path}: {text}")
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_description(tmp_path: Path) -> None:
    with pytest.raises(PoolFileError, match="Is a directory"):
        load_pool(tmp_path)


def _places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(place for name, item in inner for place in _places(item, (*at, name)))]


_PLACES = [(data, place) for data in (EVERY_KIND, GUIDE) for place in _places(data) if place]
_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just("127.0.0.9")
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(place=st.sampled_from(_PLACES), junk=_JUNK)
def test_anything_anywhere_is_taken_or_refused_in_one_line(place: tuple[Any, tuple[Any, ...]], junk: Any) -> None:
    data, path = copy.deepcopy(place[0]), place[1]
    node = data
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = junk
    refusals = []
    try:
        description = describe(data)
    except PoolFileError as error:
        refusals.append(str(error))
    if refusals:
        assert "\n" not in refusals[0]
        return
    number = path[1] if path[0] == "hosts" and len(path) > 1 else 0
    # What is taken can be made.
    WindowsHost(description.hosts[number], description)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (HostDescription, pool_shape.HOST),
        (SessionDescription, pool_shape.SESSION),
        (AccountDescription, pool_shape.ACCOUNT),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_every_key_has_a_shape(kind: Any, keys: dict[str, Any]) -> None:
    assert sorted(keys) == sorted(item.name for item in dataclasses.fields(kind))


def test_what_is_built_already_is_taken() -> None:
    made = describe(
        host(
            local_policy=LocalPolicyDescription(None, None),
            firewall=FirewallDescription(),
            domain_policies=[DomainPolicyDescription("x", "{1}", ())],
            sessions=({"id": 1, "user": "CORP\\jdoe"},),
        )
    )
    assert made.hosts[0].sessions[0].user == "CORP\\jdoe"


def test_generated_pools() -> None:
    made = generate(300)
    assert len({item.address for item in made.hosts}) == 300
    assert [item.name for item in made.hosts if item.sessions[0].user == "CORP\\jdoe"] == ["desk-0150"]
    for item in made.hosts[:2]:
        WindowsHost(item, made)
