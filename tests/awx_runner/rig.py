# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, without AWX: a private data directory, ansible-runner, and the directory deleted afterwards.

What AWX does is in its source (github.com/ansible/awx, version 24.6.1 and after it):

- ``awx/main/tasks/jobs.py``: the Machine credential is ``-u USER --ask-pass`` and an answer to the prompt
  (``RunJob.build_args``, ``get_password_prompts``); the inventory is a program without that credential
  (``write_inventory_file``); the project's collections come first in ``ANSIBLE_COLLECTIONS_PATH`` (``build_env``);
  extra variables are a file of ``!unsafe`` values (``build_extra_vars_file``, ``utils/safe_yaml.py``).
- ``awx/main/models``: the variables ``awx_*`` and ``tower_*`` (``UnifiedJob.awx_meta_vars``), the inventory's slices
  (``Inventory.get_script_data``), file and extra_vars injectors of credential types (``CredentialType``).
- ``awx/main/tasks/receptor.py``: a cancelled job is a signal to the process that runs ansible-runner, which kills the
  process group of ansible-playbook.

AWX keeps no output file and no copy of ``env``; here both are kept, so that more can be searched for secrets.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.playbook import ROOT
from tests.support.pools import CONNECTIONS, SERVICE_PASSWORD

VENV = ROOT / ".venvs/awx"
DRIVER = Path(__file__).with_name("drive.py")
USER = "CORP\\svc-ansible"
OPERATOR = {"user_id": 7, "user_name": "hdesk", "user_email": "hdesk@corp.example"}
JOB_SECONDS = 120.0
PROMPTS = {r"SSH password:\s*?$": "ssh_password", r"Password:\s*?$": "ssh_password"}
"""The prompts that AWX answers from a Machine credential (RunJob.get_password_prompts)."""


class _Unsafe(yaml.SafeDumper):
    """Every text, keys as well, is ``!unsafe``: nothing that somebody typed is a template."""

    def represent_data(self, data: Any) -> yaml.Node:
        if isinstance(data, str):
            return self.represent_scalar("!unsafe", data)
        return super().represent_data(data)


@dataclass(frozen=True)
class Job:
    """What an AWX job is started with.

    Attributes:
        playbook: The job template's playbook.
        answers: Survey answers as AWX passes them: numbers as numbers, an optional question left alone as ``""``.
        template: Extra variables of the job template itself; AWX lets these be templates.
        check: The job type is check.
        diff: Changes are shown.
        hosts: The hosts of this job's slice (all of the inventory otherwise).
        limit: The limit.
        password: The Machine credential's password; None for one without.
        injected_variables: What credential types give as extra variables; it goes by files of its own.
        injected_files: Names and contents of the files that credential types write; ``{files[name]}`` in
            `injected_variables` and `environment` is the file's path.
        environment: Environment variables that credential types give.
        verbosity: 0 to 5.
        launched_by: The variables about the person; empty for a schedule.
    """

    playbook: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    template: Mapping[str, Any] = field(default_factory=dict)
    check: bool = False
    diff: bool = False
    hosts: Sequence[str] | None = None
    limit: str = ""
    password: str | None = SERVICE_PASSWORD
    injected_variables: Mapping[str, Any] = field(default_factory=dict)
    injected_files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    verbosity: int = 0
    launched_by: Mapping[str, Any] = field(default_factory=lambda: OPERATOR)


@dataclass(frozen=True)
class Ended:
    """A job that has ended, with its directory not yet deleted.

    Attributes:
        status: ansible-runner's word: successful, failed, canceled, …
        rc: ansible-playbook's exit code.
        events: Every event, in order.
        stdout: What AWX shows of the events.
        folder: The private data directory.
        artifacts: What ansible-runner left.
    """

    status: str
    rc: int | None
    events: tuple[dict[str, Any], ...]
    stdout: str
    folder: Path
    artifacts: Path

    @property
    def stats(self) -> dict[str, Any]:
        """What set_stats kept: AWX' job artifacts, there for notifications and the next node of a workflow."""
        (last,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return dict(last["event_data"].get("artifact_data", {}))

    def of(self, action: str) -> dict[str, Any]:
        """The last result of a module of this collection, by its short name."""
        found = [
            event["event_data"]["res"]
            for event in self.events
            if event["event"] in ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")
            and event["event_data"].get("task_action") == f"workspot.assist.{action}"
        ]
        assert found, f"{action} did not run:\n{self.stdout}"
        return dict(found[-1])

    @property
    def failures(self) -> list[str]:
        """The messages of all failed and unreachable tasks that were not passed over."""
        bad = [event["event_data"] for event in self.events if event["event"] in _BAD]
        return [str(data["res"].get("msg", data["res"])) for data in bad if not data.get("ignore_errors")]

    def ok(self) -> Ended:
        """The same, when it ended well."""
        assert (self.status, self.rc) == ("successful", 0), f"{self.status} {self.rc}\n{self.stdout}"
        return self


_BAD = ("runner_on_failed", "runner_on_unreachable")


class Controller:
    """Runs jobs of one inventory.

    Args:
        folder: Where private data directories go.
        collections: The folder with the installed collection, as a project update leaves it.
        pool: The simulated pool.
        connection: A key of `CONNECTIONS`.
    """

    def __init__(self, folder: Path, collections: Path, pool: Any, connection: str = "winrm-ntlm") -> None:
        self.folder = folder
        self._collections = collections
        self._pool = pool
        self._variables = dict(CONNECTIONS[connection])
        self._count = 0

    @contextmanager
    def run(self, job: Job, *, timeout: float = JOB_SECONDS) -> Iterator[Ended]:
        """Run a job to its end; its directory is there as long as the context."""
        with self.start(job) as running:
            yield running.wait(timeout)

    @contextmanager
    def start(self, job: Job) -> Iterator[Running]:
        """Start a job. Leaving the context ends it and deletes its directory, as AWX does."""
        self._count += 1
        number = 40 + self._count
        # Short: ansible-core puts Unix sockets below the home, whose paths end at 107 characters.
        folder = Path(tempfile.mkdtemp(prefix=f"awx_{number}_", dir="/tmp"))
        try:
            with Running(folder, number, self._prepare(folder, number, job)) as running:
                yield running
        finally:
            shutil.rmtree(folder)

    def _prepare(self, folder: Path, number: int, job: Job) -> dict[str, Any]:
        """The private data directory, and what ansible-runner is called with."""
        for name in ("inventory", "env", "cp", "home", "tmp"):
            (folder / name).mkdir(mode=0o700)
        project(folder / "project")
        (folder / "requirements_collections").symlink_to(self._collections)
        files = {name: str(_private(folder / "env" / f"tmp{name}", text)) for name, text in job.injected_files.items()}
        arguments = _arguments(job)
        if job.injected_variables:
            injected = {name: _filled(value, files) for name, value in job.injected_variables.items()}
            path = _private(folder / "env/tmpvars", _dumped(injected, {}))
            arguments += ["-e", f"@{path}"]
        environment = {name: str(_filled(value, files)) for name, value in job.environment.items()}
        _private(folder / "env/extravars", _dumped({**job.template, **job.answers, **meta(number, job)}, job.template))
        _private(folder / "env/cmdline", shlex.join(arguments))
        _private(folder / "env/settings", json.dumps({"suppress_ansible_output": True, "job_timeout": 0}))
        inventory = _private(folder / "inventory/hosts", self._inventory(job))
        inventory.chmod(0o700)
        answers = {"ssh_password": job.password or ""}
        return {
            "ident": str(number),
            "private_data_dir": str(folder),
            "playbook": job.playbook,
            "inventory": str(inventory),
            "passwords": {prompt: answers[key] for prompt, key in PROMPTS.items()},
            "envvars": {**_environment(folder, number), **environment},
            "fact_cache_type": "jsonfile",
        }

    def _inventory(self, job: Job) -> str:
        """A program that prints the inventory: no credentials, and of the hosts those of the slice."""
        names = [name for name in sorted(self._pool.hosts) if job.hosts is None or name in job.hosts]
        hostvars = {
            name: {
                "ansible_host": self._pool.hosts[name].address,
                **{f"remote_{product}_enabled": "true" for product in ("host", "tower")},
                **{f"remote_{product}_id": number for product in ("host", "tower")},
            }
            for number, name in enumerate(names, start=1)
        }
        data = {"all": {"hosts": names, "vars": self._variables}, "_meta": {"hostvars": hostvars}}
        return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(data)!r})\n"


class Running:
    """A job on its way."""

    def __init__(self, folder: Path, number: int, parameters: Mapping[str, Any]) -> None:
        self.folder = folder
        self.artifacts = folder / "artifacts" / str(number)
        self._result = folder / "result.json"
        self._log = (folder / "driver.log").open("wb+")
        # What AWX' own process has in its environment reaches no job, but for what finds programs.
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
        path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        self.process = subprocess.Popen(
            [str(VENV / "bin/python"), str(DRIVER), str(self._result)],
            env={
                "LC_ALL": "C.UTF-8",
                **kept,
                "PATH": path,
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder / "tmp"),
            },
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(parameters).encode())
        self.process.stdin.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.cancel()
            self.process.wait(30)
        self._log.close()

    def cancel(self) -> None:
        """What a click on Cancel comes to."""
        self.process.send_signal(signal.SIGTERM)

    def wait_until(self, condition: Callable[[], bool], *, timeout: float = 60.0) -> None:
        """Wait for something to be true while it runs."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "it did not come to that in time"
            assert self.process.poll() is None, self.wait(1).stdout
            time.sleep(0.02)

    def wait(self, timeout: float = JOB_SECONDS) -> Ended:
        """Wait for its end."""
        self.process.wait(timeout)
        # With the first process of a container all others end. Workers of ansible-core 2.19 and newer have a session
        # each, so that ansible-runner's signal to the process group does not reach them.
        for pid in processes_of(self.folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        log = Path(self._log.name).read_text(errors="replace")
        assert self._result.exists(), f"ansible-runner itself failed:\n{log}"
        result = json.loads(self._result.read_text())
        paths = sorted((self.artifacts / "job_events").glob("*.json"), key=lambda path: int(path.name.split("-")[0]))
        events = tuple(json.loads(path.read_text()) for path in paths)
        stdout = "\n".join(event["stdout"] for event in events if event["stdout"])
        return Ended(result["status"], result["rc"], events, stdout + log, self.folder, self.artifacts)


def processes_of(folder: Path) -> list[int]:
    """What still runs for a job, by its environment."""
    wanted, found = f"AWX_PRIVATE_DATA_DIR={folder}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


def project(folder: Path) -> None:
    """What a project's checkout has of this repository, without the collection: a project update installs that."""
    shutil.copytree(ROOT / "playbooks", folder / "playbooks")
    (folder / "collections").mkdir()
    for name in ("ansible.cfg", "collections/requirements.yml"):
        shutil.copy(ROOT / name, folder / name)


def meta(number: int, job: Job) -> dict[str, Any]:
    """The variables AWX adds, each under both of its names (UnifiedJob.awx_meta_vars)."""
    about = {
        "job_id": number,
        "job_launch_type": "manual" if job.launched_by else "scheduled",
        "job_template_id": 12,
        "job_template_name": Path(job.playbook).stem,
        "inventory_id": 3,
        "inventory_name": "Pool",
        "project_revision": "0" * 40,
        "project_scm_branch": "",
        "execution_node": "awx-task-0",
        **({} if job.launched_by else {"schedule_id": 4, "schedule_name": "Every night"}),
        **job.launched_by,
    }
    return {f"{product}_{name}": value for name, value in about.items() for product in ("awx", "tower")}


def _arguments(job: Job) -> list[str]:
    arguments = ["--check"] if job.check else []
    arguments += ["-u", USER]
    if job.password is not None:
        arguments.append("--ask-pass")
    if job.diff:
        arguments.append("--diff")
    if job.limit:
        arguments += ["-l", job.limit]
    return arguments + (["-" + "v" * job.verbosity] if job.verbosity else [])


def _environment(folder: Path, number: int) -> dict[str, str]:
    """AWX' settings for every job, and those of this one."""
    return {
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "AWX_PRIVATE_DATA_DIR": str(folder),
        "AWX_HOST": "https://awx.corp.example",
        "JOB_ID": str(number),
        "INVENTORY_ID": "3",
        "PROJECT_REVISION": "0" * 40,
        "MAX_EVENT_RES": "700000",
        # The project's own collections_path, from its ansible.cfg, comes after what the project update installed.
        "ANSIBLE_COLLECTIONS_PATH": f"{folder}/requirements_collections:collections:{folder}/home/.ansible/collections",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
    }


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _filled(value: Any, files: Mapping[str, str]) -> Any:
    """A value of a credential type, with the paths of its files in their places."""
    if isinstance(value, dict):
        return {name: _filled(item, files) for name, item in value.items()}
    return value.format(files=files) if isinstance(value, str) and "{files[" in value else value


def _dumped(variables: Mapping[str, Any], safe: Mapping[str, Any]) -> str:
    """Variables as YAML, one document part each; all but those of the job template are ``!unsafe``."""
    return "".join(
        yaml.dump({name: value}, Dumper=yaml.SafeDumper if safe.get(name) == value and name in safe else _Unsafe)
        for name, value in variables.items()
    )


def installed(folder: Path, archive: Path) -> Path:
    """Installs an archive of the collection offline, with the ansible-core of the jobs."""
    galaxy(folder, "install", str(archive), "-p", str(folder / "requirements_collections"), "--offline")
    return folder / "requirements_collections"


def galaxy(folder: Path, *arguments: str, cwd: Path | None = None, **environment: str) -> str:
    """``ansible-galaxy collection`` with nothing of this machine's or this repository's settings."""
    (folder / "none.cfg").touch()
    defaults = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "ANSIBLE_CONFIG": str(folder / "none.cfg"),
        "ANSIBLE_NOCOLOR": "1",
    }
    done = subprocess.run(
        [str(VENV / "bin/ansible-galaxy"), "collection", *arguments],
        cwd=cwd or folder,
        env={**defaults, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def programs_missing() -> list[str]:
    """Programs of the environment that are not there."""
    names = ("python", "ansible-playbook", "ansible-galaxy", "ansible-runner", "ansible-builder")
    return [name for name in names if not (VENV / "bin" / name).exists()]
