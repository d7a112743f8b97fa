# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks one host all questions and writes the scrubbed report."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.workspot.assist.plugins.plugin_utils._errors import AssistError, LoginRefused, Unreachable
from ansible_collections.workspot.assist.plugins.plugin_utils._transport.memory import RecordingTransport
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.client import Send, WsmanClient

from tests.verify_host.cim_checks import CIM_CHECKS
from tests.verify_host.firewall_checks import FIREWALL_CHECKS
from tests.verify_host.model import Check, Finding, Probe
from tests.verify_host.policy_checks import POLICY_CHECKS
from tests.verify_host.scrub import Scrubber, readable_streams
from tests.verify_host.shell_checks import SHELL_CHECKS

ALL_CHECKS: tuple[Check, ...] = (*CIM_CHECKS, *SHELL_CHECKS, *POLICY_CHECKS, *FIREWALL_CHECKS)


_GPO_NAME = re.compile(r"<(?:\w+:)?name>([^<]+)</")
_DOMAIN_PART = re.compile(r"\bDC=([^,<]+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"""<(?:\w+:)?Selector Name="(Name|Domain)">([^<]+)</|\b(Name|Domain)=(?:"|&quot;)([^"&]+)""")
_NOBODY = re.compile(r"SYSTEM|(?:LOCAL|NETWORK) SERVICE|ANONYMOUS LOGON|(?:DWM|UMFD)-\d+")
_CLIENT = re.compile(r"^\s+CLIENTNAME\s+REG_SZ\s+(\S+)", re.MULTILINE)


def examine(
    send: Send, *, host: str, secrets: Iterable[str] = (), checks: Sequence[Check] = ALL_CHECKS
) -> dict[str, Any]:
    """Ask a host and return the report, scrubbed.

    Args:
        send: A transport to the host.
        host: The host as the inventory names it.
        secrets: Texts that must not be in the report.
        checks: What to ask.
    """
    recorder = RecordingTransport(send, secrets=tuple(secrets))
    client = WsmanClient(recorder, host=host)
    rows = []
    with client.shell() as shell:
        probe = Probe(client, shell, recorder)
        for check in checks:
            first = len(recorder.exchanges)
            rows.append({**_asked(probe, check), "exchanges": [first, len(recorder.exchanges)]})
        names = _names(probe, host)
        names["client"] = _clients(recorder)
        names["gpo"], parts = _gpos(recorder)
        people, domains = _accounts(recorder)
        names["user"] += people
        names["domain"] += [*parts, *domains]
    scrubber = Scrubber(names, secrets)
    transcript = [
        {"request": readable_streams(item.request), "reply": readable_streams(item.reply)}
        for item in recorder.exchanges
    ]
    report = {"taken": datetime.now(UTC).isoformat(timespec="seconds"), "checks": rows, "transcript": transcript}
    return dict(json.loads(scrubber.text(json.dumps(report, ensure_ascii=False))))


def _asked(probe: Probe, check: Check) -> dict[str, Any]:
    said = {"name": check.name, "fact": check.fact, "source": check.source}
    try:
        finding = check.ask(probe)
    except (LoginRefused, Unreachable):
        # The host answers nothing at all: that is no answer to a question.
        raise
    except AssistError as error:
        # What one check can not find out must not keep the others from it.
        finding = Finding(f"could not be asked: {error.message}", None, {"error": error.kind})
    return {**said, "answer": finding.answer, "as_assumed": finding.as_assumed, "evidence": finding.evidence}


def _names(probe: Probe, host: str) -> dict[str, list[str | None]]:
    """Everybody and everything that the transcript may name."""
    names: dict[str, list[str | None]] = {"computer": [host, *host.split(".")[:1]], "user": [], "domain": []}
    try:
        facts = probe.facts
        (system,) = probe.client.enumerate("root/cimv2", "SELECT * FROM Win32_ComputerSystem")
    except (AssistError, ValueError):
        return names
    names["computer"] += [system.text("Name"), system.text("DNSHostName")]
    names["user"] += [row.user_name for row in facts.rows]
    names["user"] += [path.rpartition("\\")[2] for path in facts.profiles.values()]
    names["domain"] += [system.text("Domain"), (system.text("Domain") or "").split(".")[0]]
    for logon in facts.logons.values():
        names["user"].append(logon.user)
        names["domain"] += [logon.domain, *(logon.principal_name or "").split("@")[1:]]
    return names


def _clients(recorder: RecordingTransport) -> list[str | None]:
    """Computers that people sit at, as `reg query` printed them from volatile environments."""
    replies = (readable_streams(item.reply) for item in recorder.exchanges)
    return [name for reply in replies for name in _CLIENT.findall(reply)]


def _accounts(recorder: RecordingTransport) -> tuple[list[str | None], list[str | None]]:
    """Accounts that have a logon, and their domains; Windows' own accounts stay."""
    replies = [item.reply for item in recorder.exchanges if "Win32_LoggedOnUser" in item.reply]
    found = [
        (key or path_key, name or path_name)
        for reply in replies
        for key, name, path_key, path_name in _ACCOUNT.findall(reply)
    ]
    people = {name for key, name in found if key == "Name" and not _NOBODY.fullmatch(name)}
    return [*sorted(people)], [*sorted({name for key, name in found if key == "Domain"})]


def _gpos(recorder: RecordingTransport) -> tuple[list[str | None], list[str | None]]:
    """GPOs by name, and the parts of the domain's name in their ids; what Windows calls the local one stays."""
    replies = [item.reply for item in recorder.exchanges if "RSOP_GPO" in item.reply]
    names = {name for reply in replies for name in _GPO_NAME.findall(reply)} - {"Local Group Policy"}
    parts = {part for reply in replies for part in _DOMAIN_PART.findall(reply)}
    return [*sorted(names)], [*sorted(parts)]


def write_report(report: dict[str, Any], folder: Path, host: str) -> Path:
    """Write a report that only its owner can read; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in host)
    path = folder / f"{safe}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(report, stream, indent=1, ensure_ascii=False)
    return path
