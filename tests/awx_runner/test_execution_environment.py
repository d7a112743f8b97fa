# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment, as far as it goes without a container: what ansible-builder renders is looked through,
and what it would run in the image to find the packages is run here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.awx_runner.rig import VENV, galaxy
from tests.support.playbook import COLLECTION, ROOT

DEFINITION = "execution-environment.yml"
CENTOS = ["platform:centos-9", "platform:centos", "platform:rpm", "platform:base-py3"]
DEBIAN = ["platform:debian-12", "platform:debian", "platform:dpkg", "platform:base-py3"]
_ACTIVE = """
import sys
from bindep.depends import Depends
rules = Depends(open(sys.argv[1]).read()).active_rules(sys.argv[2:])
print("\\n".join(sorted({rule[0] for rule in rules})))
"""


@dataclass(frozen=True)
class Context:
    """What `ansible-builder create` rendered.

    Attributes:
        folder: The context.
        containerfile: Its instructions.
        collections: The collection, installed as the image's build does it.
    """

    folder: Path
    containerfile: list[str]
    collections: Path

    @property
    def arguments(self) -> dict[str, str]:
        """The build arguments' defaults."""
        found = (re.fullmatch(r'ARG (\w+)="(.*)"', line) for line in self.containerfile)
        return {match[1]: match[2] for match in found if match}


def pins(path: Path) -> dict[str, str]:
    """Versions by package name."""
    lines = [line.split(" ;")[0] for line in path.read_text().splitlines() if "==" in line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): version for name, _, version in (line.partition("==") for line in lines)}


@pytest.fixture(scope="module")
def context(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Rendered beside copies of the files that the definition names, and of no others."""
    folder = tmp_path_factory.mktemp("definition")
    definition = yaml.safe_load((ROOT / DEFINITION).read_text())
    dependencies = definition["dependencies"]
    wanted = [DEFINITION, dependencies["system"], dependencies["python"]]
    wanted += [item["src"] for item in definition["additional_build_files"] if not item["src"].startswith("build/")]
    for name in wanted:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "build").mkdir()
    shutil.copy(archive, folder / "build")
    command = [str(VENV / "bin/ansible-builder"), "create", "-c", "context", "--output-filename", "Containerfile"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (folder / "context/Containerfile").read_text().splitlines()
    return Context(folder / "context", lines, _installed(folder, lines))


def _installed(folder: Path, containerfile: list[str]) -> Path:
    """Do what the image's galaxy stage does, with this folder for the image's /build and /usr/share/ansible."""
    (step,) = [line for line in containerfile if "ansible-galaxy collection install" in line]
    (options,) = [line for line in containerfile if line.startswith("ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS=")]
    step = step.replace("$ANSIBLE_GALAXY_CLI_COLLECTION_OPTS", shlex.split(options.partition("=")[2])[0])
    words = shlex.split(step.partition("ansible-galaxy collection ")[2])
    requirements = folder / "requirements.yml"
    requirements.write_text(
        (folder / "context/_build/requirements.yml").read_text().replace("/build/", f"{folder}/context/_build/")
    )
    places = {"requirements.yml": str(requirements), "/usr/share/ansible/collections": str(folder / "installed")}
    galaxy(folder, *(places.get(word, word) for word in words))
    return folder / "installed"


def test_the_base_image_is_named_and_can_be_given(context: Context) -> None:
    name, _, tag = context.arguments["EE_BASE_IMAGE"].partition(":")
    assert name.count("/") >= 2
    assert tag not in ("", "latest")
    assert "FROM $EE_BASE_IMAGE AS base" in context.containerfile


def test_ansible_is_pinned_to_what_the_tests_run_with(context: Context) -> None:
    references = dict(reference.split("==") for reference in context.arguments["ANSIBLE_INSTALL_REFS"].split())
    rendered = pins(context.folder / "_build/pins/requirements-execution-environment.txt")
    assert references == {name: rendered[name] for name in ("ansible-core", "ansible-runner")}
    assert references["ansible-runner"] == pins(ROOT / "requirements-awx.txt")["ansible-runner"]
    newest = {line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("ansible-core")}
    assert f'ansible-core=={references["ansible-core"]} ; python_version >= "3.12"' in newest
    others = pins(ROOT / "requirements.txt") | pins(ROOT / "requirements-awx.txt")
    for name, version in rendered.items():
        assert name == "ansible-core" or others[name] == version, name
    # Every pip of the build is held to them, as they are there before the first.
    first_pip = next(at for at, line in enumerate(context.containerfile) if "pip install" in line)
    assert context.containerfile.index("ENV PIP_CONSTRAINT=/opt/builder/pins.txt") < first_pip


def test_the_archive_is_in_it_and_installs(context: Context, archive: Path) -> None:
    (rendered,) = (context.folder / "_build/collections").iterdir()
    assert rendered.name == archive.name
    assert rendered.read_bytes() == archive.read_bytes()
    manifest = yaml.safe_load((context.collections / "ansible_collections/workspot/assist/MANIFEST.json").read_text())
    assert manifest["collection_info"]["version"] == yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"]
    assert manifest["collection_info"]["dependencies"] == {}
    assert [path.parent.name for path in context.collections.glob("ansible_collections/*/*/MANIFEST.json")] == [
        "assist"
    ]


def test_what_the_image_installs(context: Context) -> None:
    """ansible-builder's own search, run over the installed collection as in the image."""
    found = _introspected(context)
    python, system = found["python"], found["system"]
    listed = {line.split("#")[0].strip() for line in python}
    assert {line.partition("==")[0].lower().replace("_", "-"): line.partition("==")[2] for line in listed} == pins(
        COLLECTION / "requirements.txt"
    )
    assert any("krb5-devel" in line for line in system)
    # The same from the collection alone: who builds an image of their own has to name nothing but the collection.
    alone = _introspected(context, user=False)
    assert {line.split("#")[0].strip() for line in alone["python"]} == listed
    assert {line.split("#")[0] for line in alone["system"]} == {line.split("#")[0] for line in system}


def _introspected(context: Context, *, user: bool = True) -> Any:
    build = context.folder / "_build"
    command = [str(VENV / "bin/python"), str(build / "scripts/introspect.py"), "introspect", str(context.collections)]
    if user:
        command += [f"--user-pip={build / 'requirements.txt'}", f"--user-bindep={build / 'bindep.txt'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return yaml.safe_load(done.stdout)


@pytest.mark.parametrize(
    ("platform", "runs", "compiles"),
    [
        (CENTOS, {"krb5-libs", "krb5-workstation"}, {"gcc", "krb5-devel", "python3.12-devel"}),
        (DEBIAN, {"krb5-user", "libgssapi-krb5-2"}, {"gcc", "libkrb5-dev", "python3-dev"}),
    ],
    ids=["centos-9", "debian-12"],
)
def test_system_packages(context: Context, platform: list[str], runs: set[str], compiles: set[str]) -> None:
    """bindep's own reading: kinit and the library for jobs, compiler and headers for the build alone."""
    path = str(context.folder / "_build/bindep.txt")

    def active(*profiles: str) -> set[str]:
        command = [str(VENV / "bin/python"), "-c", _ACTIVE, path, *platform, *profiles]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return set(done.stdout.split())

    assert active() == runs
    assert active("compile") == runs | compiles


def test_the_collection_needs_what_the_project_is_tested_with() -> None:
    connections, kerberos = pins(ROOT / "requirements-connections.txt"), pins(ROOT / "requirements-kerberos.txt")
    assert connections
    assert not set(connections) & set(kerberos)
    assert pins(COLLECTION / "requirements.txt") == connections | kerberos
