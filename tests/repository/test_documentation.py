# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation is what the code does: options, defaults, return values, examples, files it points at."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible import option_specs

from tests.support.playbook import COLLECTION, ROOT

MODULES = sorted(path.stem for path in (COLLECTION / "plugins/modules").glob("[a-z]*.py"))
DOC_KEYS = {"type", "required", "default", "choices", "elements"}


def _constants(path: Path) -> dict[str, str]:
    """The text constants of a documentation module."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = str(ast.literal_eval(node.value))
    return found


def documentation(module: str, part: str) -> Any:
    """DOCUMENTATION, EXAMPLES or RETURN of a module, parsed."""
    found = yaml.safe_load(_constants(COLLECTION / f"plugins/modules/{module}.py")[part])
    if part == "DOCUMENTATION":
        for name in found["extends_documentation_fragment"]:
            found["options"] = {**_fragment_options(name), **found.get("options", {})}
    return found


def _fragment_options(name: str) -> dict[str, Any]:
    """The options of a documentation fragment of ours, such as ``workspot.assist.audit``."""
    file, _dot, part = name.removeprefix("workspot.assist.").partition(".")
    tree = ast.parse((COLLECTION / f"plugins/doc_fragments/{file}.py").read_text(encoding="utf-8"))
    (fragment,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    texts = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in fragment.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return dict(yaml.safe_load(texts[part.upper() or "DOCUMENTATION"])["options"])


def _comparable(spec: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What both an option specification and its documentation say, nested options by their path."""
    known = {}
    for name, rule in spec.items():
        said = {key: rule[key] for key in DOC_KEYS if rule.get(key) is not None}
        said["required"] = bool(rule.get("required", False))
        said.setdefault("type", "str")
        known[name] = said
        for path, nested in _comparable(rule.get("suboptions") or rule.get("options") or {}).items():
            known[f"{name}.{path}"] = nested
    return known


def test_every_module_has_an_action_and_the_other_way_round() -> None:
    actions = {path.stem for path in (COLLECTION / "plugins/action").glob("[a-z]*.py")}
    assert actions == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_options_are_documented_as_they_are(module: str) -> None:
    spec = getattr(option_specs, module.upper())
    assert _comparable(documentation(module, "DOCUMENTATION")["options"]) == _comparable(spec)


@pytest.mark.parametrize("part", ["policy", "firewall", "feature"])
def test_the_module_of_all_three_explains_them_as_they_do(part: str) -> None:
    nested = documentation("remote_assistance", "DOCUMENTATION")["options"][part]["suboptions"]
    own = yaml.safe_load(_constants(COLLECTION / f"plugins/modules/{part}.py")["DOCUMENTATION"])["options"]
    # There it is a value of the result, here one of a part of it.
    result = "RV(workspot.assist.remote_assistance#module:policy)"
    expected = yaml.safe_dump(own, width=10_000).replace("in RV(overruled)", f"under C(overruled) of {result}")
    assert yaml.safe_dump(nested, width=10_000) == expected


@pytest.mark.parametrize("module", MODULES)
def test_secret_options_are_marked(module: str) -> None:
    for name, rule in getattr(option_specs, module.upper()).items():
        if name.endswith("password"):
            assert rule.get("no_log") is True, name


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_options_that_exist(module: str) -> None:
    known = {name: set(documentation(name, "DOCUMENTATION")["options"]) for name in MODULES}
    examples = documentation(module, "EXAMPLES")
    assert any(f"workspot.assist.{module}" in task for task in examples)
    for task in examples:
        assert task["name"][0].isupper()
        for key, arguments in task.items():
            if key.startswith("workspot.assist."):
                assert set(arguments or {}) <= known[key.removeprefix("workspot.assist.")]


def _return_values(tree: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in tree.items():
        yield name, value
        yield from _return_values(value.get("contains", {}))


@pytest.mark.parametrize("module", MODULES)
def test_return_values_are_whole(module: str) -> None:
    returned = documentation(module, "RETURN")
    assert list(returned) == sorted(returned)
    for name, value in _return_values(returned):
        assert {"description", "returned", "type"} <= set(value), name
        assert name != "password"
        if value["type"] == "list":
            assert "elements" in value, name


@pytest.mark.parametrize("module", MODULES)
def test_documentation_has_an_author_and_a_version(module: str) -> None:
    docs = documentation(module, "DOCUMENTATION")
    assert docs["module"] == module
    assert docs["version_added"]
    assert docs["author"]


def test_ansible_doc_reads_all_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/ansible-doc", "--json", *(f"workspot.assist.{name}" for name in MODULES)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    docs = json.loads(done.stdout)
    assert set(docs) == {f"workspot.assist.{name}" for name in MODULES}
    assert all(entry["doc"]["attributes"]["check_mode"]["support"] == "full" for entry in docs.values())


def test_links_of_the_guides_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), COLLECTION / "README.md"]
    pages += [*(COLLECTION / "docs").glob("*.md"), ROOT / "simulator/README.md"]
    lost = []
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                lost.append(f"{page.relative_to(ROOT)} -> {target}")
    assert lost == []


def test_playbook_names_its_variables() -> None:
    """Every variable that the head of assist.yml explains is used, and `user` is among them."""
    text = (COLLECTION / "playbooks/assist.yml").read_text(encoding="utf-8")
    head, _, body = text.partition("- name: Read the inventory")
    explained = re.findall(r"^# ([a-z_]+)  +\S", head, flags=re.M)
    assert "user" in explained
    assert [name for name in explained if not re.search(rf"\b{name}\b", body)] == []
