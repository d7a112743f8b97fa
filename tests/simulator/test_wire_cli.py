# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m simulator serve | run | check`: output, exit codes, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator import cli
from tests.support.pools import ACCOUNTS, _network

ROOT = Path(__file__).resolve().parents[2]
Write = Callable[..., Path]
LOOK = (
    "import json, os, urllib.request; "
    "url = os.environ['WORKSPOT_SIMULATOR_CONTROL']; "
    "open_ = urllib.request.build_opener(urllib.request.ProxyHandler({})).open; "
    "ca = open(os.environ['WORKSPOT_SIMULATOR_CA']).read(); "
    "print(json.load(open_(url + '/hosts')), 'BEGIN CERTIFICATE' in ca)"
)


@pytest.fixture
def pool_file(tmp_path: Path) -> Write:
    """Writes a description of a few hosts, or what it is given instead."""

    def write(count: int = 2, **changes: Any) -> Path:
        network = _network()
        hosts = [
            {"name": f"desk-{number:02}", "address": f"{network}.{number}", **changes} for number in range(1, count + 1)
        ]
        path = tmp_path / "pool.yml"
        path.write_text(yaml.safe_dump({"accounts": [dict(item) for item in ACCOUNTS], "hosts": hosts}))
        return path

    return write


def simulate(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options,
    )  # fmt: skip


def addresses(path: Path) -> list[str]:
    return [host["address"] for host in yaml.safe_load(path.read_text())["hosts"]]


def listens(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, 5985)) == 0


# check -------------------------------------------------------------------------------------------


def test_check(pool_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--pool", str(pool_file())]) == 0
    assert capsys.readouterr().out == "2 hosts, 3 accounts\n"
    assert cli.main(["check", "--generate", "300"]) == 0
    assert capsys.readouterr().out == "300 hosts, 301 accounts\n"


@pytest.mark.parametrize("path", sorted((ROOT / "simulator/pools").glob("*.yml")), ids=lambda path: path.name)
def test_the_pools_that_come_with_it(path: Path) -> None:
    assert cli.main(["check", "--pool", str(path)]) == 0


def test_a_description_that_is_wrong_is_one_line(pool_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = pool_file(os="windows-12")
    assert cli.main(["check", "--pool", str(path)]) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"simulator: \S+/pool\.yml: desk-01: os is one of windows-11, [^\n]+\n", error)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--pool", str(tmp_path / "none.yml")]) == 2
    assert capsys.readouterr().err == f"simulator: {tmp_path}/none.yml: No such file or directory\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["check"],
        ["check", "--generate", "0"],
        ["check", "--generate", "-3"],
        ["check", "--generate", "many"],
        ["check", "--generate", "5000000"],
        ["check", "--pool", "x", "--generate", "3"],
        ["serve", "--generate", "3", "--workers", "0"],
        ["check", "--generate", "3", "--workers", "2"],
    ],
    ids=" ".join,
)
def test_command_lines_that_are_wrong(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


# run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_run_gives_its_command_the_pool_and_takes_its_exit_code(pool_file: Write, workers: int) -> None:
    path = pool_file()
    done = simulate("run", "--pool", path, "--workers", workers, "--", sys.executable, "-c", f"{LOOK}; exit(17)")
    assert (done.returncode, done.stdout, done.stderr) == (17, "['desk-01', 'desk-02'] True\n", "")
    assert not any(listens(address) for address in addresses(path))


def test_run_without_trouble_ends_with_0(pool_file: Write) -> None:
    assert simulate("run", "--pool", pool_file(1), "--", "true").returncode == 0


def test_a_command_that_a_signal_ended(pool_file: Write) -> None:
    assert simulate("run", "--pool", pool_file(1), "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_no_command(pool_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--pool", str(pool_file())]) == 2
    assert capsys.readouterr().err == "simulator: there is no command to run: put it after --\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_command_that_is_not_there(pool_file: Write, capsys: pytest.CaptureFixture[str], workers: str) -> None:
    assert cli.main(["run", "--pool", str(pool_file()), "--workers", workers, "--", "no-such-program"]) == 2
    assert capsys.readouterr().err == "simulator: no-such-program: No such file or directory\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_address_that_is_taken(pool_file: Write, capsys: pytest.CaptureFixture[str], workers: str) -> None:
    path = pool_file()
    with socket.create_server((addresses(path)[1], 5986)):
        assert cli.main(["run", "--pool", str(path), "--workers", workers, "--", "true"]) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"simulator: desk-02: [\d.]+:5986 is not free \(.*\)\. Is another pool running\?\n", error)


def test_a_mistake_of_the_simulator_is_told(
    pool_file: Write, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    report = cli._report

    def mistaken(pool: Any, code: int) -> int:
        pool.errors.append("Traceback: something")
        return report(pool, code)

    monkeypatch.setattr(cli, "_report", mistaken)
    path = pool_file(1)
    assert cli.main(["run", "--pool", str(path), "--", "true"]) == 3
    assert capsys.readouterr().err == "simulator: mistake in the simulator: Traceback: something\n"
    assert cli.main(["run", "--pool", str(path), "--", "sh", "-c", "exit 5"]) == 5


def test_signals_reach_the_command(pool_file: Write) -> None:
    child = (
        "import signal, time; signal.signal(signal.SIGTERM, lambda *_: exit(33)); "
        "print('up', flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-m", "simulator", "run", "--pool", pool_file(1), "--", sys.executable, "-c", child]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "up\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 33


# serve -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_until_a_signal(pool_file: Write, workers: str, number: signal.Signals) -> None:
    session = {"id": 1, "user": "CORP\\jdoe", "state": "disconnected"}
    path = pool_file(sessions=[session], faults={"slow_reply": 0.5})
    words = [sys.executable, "-m", "simulator", "serve", "--pool", str(path), "--workers", workers]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline() for _ in range(3)]
        assert lines[0].split()[:2] == ["desk-01", addresses(path)[0]]
        assert "Windows 11" in lines[0]
        assert "jdoe (disconnected)" in lines[0]
        assert lines[0].endswith("slow_reply=0.5\n")
        found = re.fullmatch(r"control at (http://127\.0\.0\.1:\d+), CA in (\S+/ca\.pem)\n", lines[2])
        assert found is not None
        opened = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{found[1]}/hosts", timeout=20)
        with opened as reply:
            assert json.load(reply) == ["desk-01", "desk-02"]
        assert all(listens(address) for address in addresses(path))
        # As Ctrl-C does it: to everyone in the group.
        os.killpg(serving.pid, number) if number is signal.SIGINT else serving.send_signal(number)
        assert serving.wait(30) == 0
        assert serving.stderr is not None
        assert serving.stderr.read() == ""
    assert not any(listens(address) for address in addresses(path))
    assert not Path(found[2]).exists()
