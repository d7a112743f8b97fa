# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers import in one direction, and the simulator and the collection nothing of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.playbook import COLLECTION, ROOT

UTILS = COLLECTION / "plugins/plugin_utils"
LAYERS = (
    "_errors",
    "_awx",
    "_wsman",
    "_formats",
    "_transport",
    "_windows",
    "_assistance",
    "_delivery",
    "_report",
    "_ansible",
)
"""Each may import those to its left."""
PURE = ("_errors", "_awx", "_wsman", "_formats")
"""These do no I/O at all."""
IO_MODULES = frozenset(
    {
        "asyncio",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "pypsrp",
        "random",
        "requests",
        "select",
        "selectors",
        "shutil",
        "socket",
        "spnego",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "urllib",
        "winrm",
    }
)
PURE_ALLOWS = {"io": {"BytesIO", "StringIO"}, "urllib.parse": {"unquote", "urlsplit", "parse_qs"}}
ANSIBLE_ALLOWED = ("_ansible",)


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def _imports(path: Path) -> Iterator[tuple[str, list[str], int]]:
    """Absolute module names that a file imports, with the names taken from them and the line."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    package = parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, [], node.lineno
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module.removeprefix("collections."), names, node.lineno


def _layer(module: str) -> str | None:
    """The layer a module name belongs to, None when it is none of ours."""
    marker = "ansible_collections.workspot.assist.plugins.plugin_utils."
    return module.partition(marker)[2].split(".")[0] if module.startswith(marker) else None


def _layer_of(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def _wrong_imports() -> Iterator[str]:
    for path in _sources(UTILS):
        own = _layer_of(path)
        for module, names, line in _imports(path):
            targets = [_layer(f"{module}.{name}") for name in names] if module.endswith("plugin_utils") else []
            for layer in filter(None, [_layer(module), *targets]):
                if LAYERS.index(layer) > LAYERS.index(own):
                    yield f"{path.relative_to(ROOT)}:{line} imports {layer}, which stands above {own}"


def test_every_layer_is_known() -> None:
    found = {_layer_of(path) for path in _sources(UTILS)} - {"__init__"}
    assert found <= set(LAYERS)


def test_layers_import_downwards_only() -> None:
    assert list(_wrong_imports()) == []


@pytest.mark.parametrize("folder", ["plugin_utils", "action", "filter", "modules", "doc_fragments"])
def test_only_the_upper_edge_imports_ansible(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in _sources(COLLECTION / "plugins" / folder)
        for module, _, line in _imports(path)
        if module.split(".")[0] == "ansible"
        and not (folder == "plugin_utils" and _layer_of(path) in ANSIBLE_ALLOWED)
        and folder not in ("action", "filter")
    ]
    assert wrong == []


def test_lower_layers_do_no_input_or_output() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in _sources(UTILS)
        if _layer_of(path) in PURE
        for module, names, line in _imports(path)
        if module.split(".")[0] in IO_MODULES and not (names and set(names) <= PURE_ALLOWS.get(module, set()))
    ]
    assert wrong == []


def test_simulator_and_collection_share_nothing() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for folder, other in ((ROOT / "simulator", "ansible_collections"), (COLLECTION / "plugins", "simulator"))
        for path in _sources(folder)
        for module, _, line in _imports(path)
        if module.split(".")[0] in (other, "ansible", "tests")
        and (folder.name == "simulator" or module.startswith(other))
    ]
    assert wrong == []
