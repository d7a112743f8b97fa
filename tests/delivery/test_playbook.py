# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""assist.yml with every way of delivery, as a job of AWX runs it: real servers, secrets in files, nothing is left."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._ansible.audit_file import AuditFile
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation

from tests.delivery.conftest import Account, Authority
from tests.delivery.mail_server import USER as SENDER
from tests.delivery.mail_server import MailServer
from tests.delivery.share_server import ShareServer
from tests.delivery.web_server import SIGNATURE, WebServer
from tests.end_to_end.rig import assert_refused, at_a_terminal, together, traces
from tests.support.canary import assert_kept_secret, files_with
from tests.support.playbook import PlaybookRunner, Run
from tests.support.pools import ACCOUNTS, DESKTOP

LOUD = ("-vvv", "--diff")
JOB = {"awx_job_id": 4711, "awx_user_name": "alice", "awx_user_email": "alice@corp.example"}
"""Variables that AWX gives every job (docs.ansible.com AWX user guide, "Extra Variables")."""
ODD_USER = "..o'hara & söhne {host}"
ODD_NAME = "o_hara___söhne__host_-desk-01.msrcincident"
TELL = "tell them this password: "


@pytest.fixture
def settings(
    share: ShareServer, web: WebServer, mail: MailServer, accounts: dict[str, Account], authority: Authority
) -> dict[str, dict[str, Any]]:
    """Variables for every channel."""
    files = {kind: {"credentials_file": str(account.file)} for kind, account in accounts.items()}
    return {
        "assist_smb": {"share": share.share, "port": share.port, **files["smb"]},
        "assist_http": {"url": web.url, "ca_file": str(authority.ca), **files["http"]},
        "assist_mail": {
            "server": "127.0.0.1",
            "port": mail.port,
            "sender": SENDER,
            "ca_file": str(authority.ca),
            **files["mail"],
        },
    }


def read_by_user(pool: Any) -> str:
    """The password that the user reads on the screen."""
    (message,) = pool.hosts["desk-01"].messages
    return str(message[1]).partition(TELL)[2].strip()


def opened(data: bytes, password: str) -> bool:
    """Whether a password opens an invitation."""
    return inspect_invitation(data, password, datetime.now(UTC))["verified"] is True


def assert_no_secrets(run: Run, accounts: dict[str, Account], *more: str) -> None:
    """No password of an account, and none of these, is in anything of a run."""
    for secret in [*more, *(account.password for account in accounts.values())]:
        assert_kept_secret(secret, run)


def test_everything_at_once_and_the_password_on_the_users_screen(
    make_pool: Any,
    settings: Any,
    share: ShareServer,
    web: WebServer,
    mail: MailServer,
    accounts: dict[str, Account],
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    tmp_path: Path,
) -> None:
    log, trail = tmp_path / "ansible.log", tmp_path / "trail.jsonl"
    session = {**DESKTOP["sessions"][0], "user": f"CORP\\{ODD_USER}"}
    pool = make_pool({**DESKTOP, "sessions": [session]}, accounts=[*ACCOUNTS, {"name": ODD_USER}])
    extra = {
        **JOB,
        **settings,
        "user": ODD_USER,
        "assist_delivery": "smb, http,mail",
        "assist_file_name": "{user}-{host}",
        "assist_audit_file": str(trail),
    }
    env = {"ANSIBLE_LOG_PATH": str(log), "ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    run = run_playbook("assist", *LOUD, inventory=inventory_for(pool), extra=extra, env=env).ok()
    made, password = run.of("invitation"), read_by_user(pool)
    (attached,) = mail.box.mails[0].iter_attachments()
    copies = {**share.delivered, **web.delivered, str(attached.get_filename()): attached.get_content()}
    assert list(copies) == [ODD_NAME]
    everywhere = [*share.delivered.values(), *web.delivered.values(), attached.get_content()]
    assert {hashlib.sha256(copy).hexdigest() for copy in everywhere} == {made["sha256"]}
    assert opened(everywhere[0], password)
    assert mail.box.envelopes == [(SENDER, ["alice@corp.example"])]
    places = {
        "smb": f"{share.share}\\{ODD_NAME}",
        "http": web.url + quote(ODD_NAME),
        "mail": "alice@corp.example",
    }
    assert {item["channel"]: item["location"] for item in made["delivered"]} == places
    assert (made["path"], made["password_file"], made["password_delivered"]) == (None, None, "user")
    (entry,) = AuditFile(trail).verify().entries
    assert (entry["delivered"], entry["password_delivered"]) == (made["delivered"], "user")
    (statistics,) = [item.result["ansible_stats"] for item in run.results if "ansible_stats" in item.result]
    kept = statistics["data"]
    assert (kept["host"], int(kept["session"]), kept["user"]) == ("desk-01", 1, f"CORP\\{ODD_USER}")
    assert (kept["expires"], kept["sha256"], kept["path"] or None) == (made["expires"], made["sha256"], None)
    assert kept["delivered"] == made["delivered"]
    assert statistics["aggregate"] is False
    assert_no_secrets(run, accounts, password)
    assert run.invitations == []
    assert all(place in run.stdout for place in places.values())
    for secret in [password, *(account.password for account in accounts.values())]:
        assert secret not in log.read_text() + trail.read_text()
        assert all(secret.encode() not in raw for raw in mail.box.raw)


def test_file_and_password_by_different_ways(
    make_pool: Any,
    settings: Any,
    share: ShareServer,
    web: WebServer,
    mail: MailServer,
    accounts: dict[str, Account],
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    tmp_path: Path,
) -> None:
    ways = {"smb": ("smb", "mail"), "mail": ("mail", "http"), "http": ("file,http", "smb")}
    inventories = {name: inventory_for(make_pool(DESKTOP)) for name in ways}

    def start(name: str) -> Any:
        by, password_by = ways[name]
        extra = {**JOB, **settings, "user": "jdoe", "assist_delivery": by, "assist_password_delivery": password_by}
        return run_playbook.start("assist", *LOUD, inventory=inventories[name], extra=extra)

    runs = together({name: (lambda name=name: start(name)) for name in ways})
    made = {name: run.ok().of("invitation") for name, run in runs.items()}
    by_mail, sent = (
        mail.box.mails
        if mail.box.mails[0].is_attachment() or not mail.box.mails[0].is_multipart()
        else (
            mail.box.mails[1],
            mail.box.mails[0],
        )
    )
    # The password of the file on the share came by mail, and by nothing else.
    first = by_mail.get_content().partition("Password:")[2].split()[0]
    assert made["smb"]["password_location"] == "alice@corp.example"
    assert opened(share.delivered[made["smb"]["file_name"]], first)
    # The one of the file that was mailed is on the web server.
    second = web.delivered[made["mail"]["file_name"].replace(".msrcincident", ".password")].decode().strip()
    (attached,) = sent.iter_attachments()
    assert opened(attached.get_content(), second)
    # And the one of the file on the web server is on the share; that file is on the controller, too.
    third = share.delivered[made["http"]["file_name"].replace(".msrcincident", ".password")].decode().strip()
    assert opened(web.delivered[made["http"]["file_name"]], third)
    assert Path(made["http"]["path"]).read_bytes() == web.delivered[made["http"]["file_name"]]
    for run, secret in zip((runs[name] for name in ("smb", "mail", "http")), (first, second, third), strict=True):
        assert_no_secrets(run, accounts, secret)
        assert run.of("invitation")["password_file"] is None
    assert all(first not in data.decode("latin-1") for data in [*share.delivered.values(), *web.delivered.values()])
    assert all(second.encode() not in raw and third.encode() not in raw for raw in mail.box.raw)


def test_a_delivery_that_fails_midway_is_undone(
    make_pool: Any,
    settings: Any,
    share: ShareServer,
    web: WebServer,
    mail: MailServer,
    accounts: dict[str, Account],
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    tmp_path: Path,
) -> None:
    theirs = {f"taken{end}.msrcincident": b"theirs" for end in ("", *(f"-{number}" for number in range(2, 21)))}
    for name, data in theirs.items():
        (share.files / "invitations" / name).write_bytes(data)
    mail.box.refuse_data = "452 4.3.1 insufficient system storage"
    cases = {
        "mail": ({"assist_delivery": ["file", "smb", "http", "mail"]}, "452 4.3.1 insufficient system storage"),
        "full": ({"assist_delivery": ["file", "smb"], "assist_file_name": "taken"}, "files of all names"),
        "screen": ({"assist_delivery": ["http"]}, "the user could not be told"),
    }
    pools = {name: make_pool({**DESKTOP, "missing": ["msg.exe"]} if name == "screen" else DESKTOP) for name in cases}
    trails = {name: tmp_path / f"{name}.jsonl" for name in cases}

    def start(name: str) -> Any:
        extra = {**JOB, **settings, "user": "jdoe", **cases[name][0], "assist_audit_file": str(trails[name])}
        return run_playbook.start("assist", *LOUD, inventory=inventory_for(pools[name]), extra=extra)

    for name, run in together({name: (lambda name=name: start(name)) for name in cases}).items():
        message = assert_refused(run, cases[name][1], "The invitation was revoked.")
        assert run.of("invitation")["error"]["kind"] == "delivery_failed"
        assert "was taken back." in message
        assert traces(pools[name].hosts["desk-01"]) == []
        (entry,) = AuditFile(trails[name]).verify().entries
        assert (entry["outcome"], entry["error"]) == ("failed", "delivery_failed")
        assert_no_secrets(run, accounts)
    assert (share.delivered, web.delivered, mail.box.mails) == (theirs, {}, [])


def test_what_can_not_work_starts_nothing(
    make_pool: Any,
    settings: Any,
    share: ShareServer,
    web: WebServer,
    mail: MailServer,
    accounts: dict[str, Account],
    inventory_for: Any,
    run_playbook: PlaybookRunner,
    tmp_path: Path,
) -> None:
    mail.box.refuse_recipient = ("nobody@corp.example", "550 5.1.1 no such user")
    post = settings["assist_mail"]
    cases = {
        "same": ({"assist_delivery": "smb,mail", "assist_password_delivery": "mail"}, "can not go by mail"),
        "recipient": ({"assist_delivery": "smb,mail", "assist_mail": {**post, "to": ["nobody@corp.example"]}}, "550"),
        "dead": ({"assist_delivery": "smb,mail", "assist_mail": {**post, "port": 1}}, "connection refused"),
    }
    pool = make_pool(DESKTOP)
    inventory = inventory_for(pool)

    def start(name: str) -> Any:
        extra = {**JOB, **settings, "user": "jdoe", **cases[name][0]}
        return run_playbook.start("assist", *LOUD, inventory=inventory, extra=extra)

    for name, run in together({name: (lambda name=name: start(name)) for name in cases}).items():
        assert_refused(run, cases[name][1])
        assert_no_secrets(run, accounts)
    host = pool.hosts["desk-01"]
    assert (traces(host), host.msra.invitations, host.messages) == ([], [], [])
    assert (share.delivered, web.delivered, mail.box.mails) == ({}, {}, [])


def test_a_presigned_address_and_the_password_at_a_terminal(
    pool: Any,
    web: WebServer,
    authority: Authority,
    delivery_folder: Path,
    inventory_for: Any,
    run_playbook: PlaybookRunner,
) -> None:
    address = delivery_folder / "address"
    address.write_text(web.presigned + "\n")
    extra = {
        "user": "jdoe",
        "assist_delivery": "http",
        "assist_http": {"url_file": str(address), "presigned": True, "ca_file": str(authority.ca)},
    }
    terminal = at_a_terminal(run_playbook, "assist", *LOUD, inventory=inventory_for(pool), extra=extra)
    try:
        assert terminal.read_all() == 0, terminal.shown
    finally:
        terminal.close()
    shown = "".join(terminal.shown.split())
    (password,) = set(re.findall(r"(?:[a-z]{5}[0-9]-){3}[a-z]{5}[0-9]", shown))
    assert opened(web.objects["offer.msrcincident"], password), terminal.shown
    assert terminal.shown.count(password) == 1
    assert SIGNATURE not in terminal.shown
    assert files_with(SIGNATURE, terminal.folder) == []
    assert files_with(password, terminal.folder) == []
    results = [json.loads(line)["result"] for line in (terminal.folder / "results.jsonl").read_text().splitlines()]
    (made,) = [result for result in results if "delivered" in result]
    assert made["delivered"][0]["location"] == web.presigned.partition("?")[0]


def test_check_mode_greets_and_delivers_nothing(
    pool: Any, settings: Any, mail: MailServer, share: ShareServer, inventory_for: Any, run_playbook: PlaybookRunner
) -> None:
    extra = {**JOB, **settings, "user": "jdoe", "assist_delivery": "file,smb,mail"}
    run = run_playbook("assist", "--check", inventory=inventory_for(pool), extra=extra).ok()
    assert mail.box.logins == 1
    assert (mail.box.mails, share.delivered, run.invitations) == ([], {}, [])
    assert not (run.folder / "invitations").exists()
