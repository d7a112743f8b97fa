# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations leave a job for real servers; its passwords and credentials are in nothing that ansible-runner leaves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.workspot.assist.plugins.plugin_utils._formats.inspect import inspect_invitation

from tests.awx_runner.rig import OPERATOR, Ended, Job
from tests.delivery.web_server import SIGNATURE
from tests.end_to_end.rig import opens, traces
from tests.helper_client.processes import require_programs
from tests.helper_client.rig import helper_opens
from tests.support.canary import files_with
from tests.support.pools import SERVICE_PASSWORD

ANSWERS = {"user": "jdoe", "host": "", "session_id": "", "reason": "Printer", "ticket": "INC-7"}
ONE_TIME = re.compile(r"[a-z]{5}\d(?:-[a-z]{5}\d){3}")
LOUD = 5
VARIABLE = "WORKSPOT_ASSIST_{}_CREDENTIALS"


@pytest.fixture
def settings(authority: Any, web: Any, share: Any, mail: Any) -> dict[str, Any]:
    """The job template's variables about the servers: no secret is among them."""
    return {
        "assist_smb": {"share": share.share, "port": share.port},
        "assist_http": {"url": web.url, "ca_file": str(authority.ca)},
        "assist_mail": {
            "server": "127.0.0.1",
            "port": mail.port,
            "sender": "assist@corp.example",
            "ca_file": str(authority.ca),
        },
    }


@pytest.fixture
def launch(settings: dict[str, Any], accounts: Any) -> Callable[..., Job]:
    """Makes a job of the Assist template; its credential types write files and give their paths."""

    def make(delivery: str, *, credentials: str, **options: Any) -> Job:
        kinds = credentials.split()
        return Job(
            "playbooks/assist.yml",
            ANSWERS,
            {**settings, "assist_delivery": delivery, **options.pop("template", {})},
            injected_files={kind: accounts[kind].file.read_text() for kind in kinds},
            environment={VARIABLE.format(kind.upper()): f"{{files[{kind}]}}" for kind in kinds},
            verbosity=LOUD,
            **options,
        )

    return make


def shown_to_user(pool: Any) -> str:
    """The one-time password in the message on the user's screen."""
    (message,) = pool.hosts["desk-01"].state()["messages"]
    (password,) = ONE_TIME.findall(str(message))
    return str(password)


def assert_kept(ended: Ended, *secrets: str) -> None:
    """None of these, nor the Machine credential's password, is in an event, the output, or anything else of the job but
    what AWX itself gave it."""
    assert len(list(ended.artifacts.glob("job_events/*.json"))) > 10
    given = list((ended.folder / "env").iterdir())
    for secret in (*secrets, SERVICE_PASSWORD):
        assert files_with(secret, ended.folder, except_for=given) == []
        assert secret not in ended.stdout
        assert secret not in str(ended.stats)


def assert_arrived(ended: Ended, data: bytes, password: str, *channels: str) -> None:
    """The invitation is whole, the password opens it, and notifications can say where it is."""
    assert inspect_invitation(data, password, datetime.now(UTC))["verified"] is True
    said = ended.stats
    assert said["host"] == "desk-01"
    assert said["user"].endswith("jdoe")
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    assert [receipt["channel"] for receipt in said["delivered"]] == list(channels)
    assert ended.of("invitation")["delivered"] == said["delivered"]


def test_share_and_mail(
    launch: Any, share: Any, mail: Any, accounts: Any, make_pool: Any, controller: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Both at once, the password to the user; a real helper opens what is on the share. No file stays in the job."""
    require_programs()
    # FreeRDP 2.11 does not decode a stub with "&"; see tests/helper_client/test_rig.py.
    monkeypatch.setattr("simulator.windows.msra.pass_stub", lambda: "WB^6HsrIaFmEpi")
    pool = make_pool()
    with controller(pool).run(launch("smb,mail", credentials="smb mail")) as ended:
        ended.ok()
        password = shown_to_user(pool)
        assert_kept(ended, password, accounts["smb"].password, accounts["mail"].password)
        assert list(ended.folder.rglob("*.msrcincident")) == []
        ((name, data),) = share.delivered.items()
        assert_arrived(ended, data, password, "smb", "mail")
        (attached,) = mail.box.mails[0].iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == (name, data)
        assert mail.box.envelopes[0][1] == [OPERATOR["user_email"]]
        assert password.encode() not in mail.box.raw[0]
    assert not ended.folder.exists()
    opened = helper_opens(share.files / "invitations" / name, password, folder=tmp_path)
    assert opened.dialled, opened.log
    assert opened.endpoint == (pool.hosts["desk-01"].address, pool.hosts["desk-01"].msra.invitations[-1].port)


def test_webdav_and_the_password_by_mail(
    launch: Any, web: Any, mail: Any, accounts: Any, make_pool: Any, controller: Any
) -> None:
    pool = make_pool()
    template = {"assist_password_delivery": "mail", "assist_file_name": "{user}-{host}.msrcincident"}
    with controller(pool).run(launch("http", credentials="http mail", template=template)) as ended:
        ended.ok()
        (password,) = ONE_TIME.findall(mail.box.mails[0].get_content())
        assert_kept(ended, password, accounts["http"].password, accounts["mail"].password)
        ((name, data),) = web.delivered.items()
        assert name == "jdoe-desk-01.msrcincident"
        assert_arrived(ended, data, password, "http")
    assert pool.hosts["desk-01"].state()["messages"] == []


def test_a_presigned_address(launch: Any, web: Any, authority: Any, make_pool: Any, controller: Any) -> None:
    """The address itself is the secret: a credential type writes it to a file."""
    pool = make_pool()
    job = launch("http", credentials="")
    injected = {"assist_http": {"url_file": "{files[url]}", "presigned": True, "ca_file": str(authority.ca)}}
    template = {name: value for name, value in job.template.items() if name != "assist_http"}
    job = Job(
        job.playbook,
        job.answers,
        template,
        injected_variables=injected,
        injected_files={"url": web.presigned},
        verbosity=LOUD,
    )
    with controller(pool).run(job) as ended:
        ended.ok()
        password = shown_to_user(pool)
        assert_kept(ended, password, SIGNATURE)
        assert_arrived(ended, web.objects["offer.msrcincident"], password, "http")


def test_a_file_on_a_volume(make_pool: Any, controller: Any, tmp_path: Path) -> None:
    """The default delivery; the password was given by a credential type, and nobody else is told it."""
    given = "Canary7Maple9Harbor2"
    job = Job(
        "playbooks/assist.yml",
        ANSWERS,
        {"assist_directory": str(tmp_path / "volume")},
        injected_variables={"password": given},
        verbosity=LOUD,
    )
    pool = make_pool()
    with controller(pool).run(job) as ended:
        ended.ok()
        assert_kept(ended, given)
        (path,) = (tmp_path / "volume").iterdir()
        assert opens(path, given)
        assert_arrived(ended, path.read_bytes(), given, "file")
    assert path.exists()
    assert pool.hosts["desk-01"].state()["messages"] == []


def test_a_delivery_that_fails_late(
    launch: Any, share: Any, web: Any, accounts: Any, make_pool: Any, controller: Any
) -> None:
    """The web server refuses what comes second: what is on the share is taken back, and so is the invitation."""
    pool = make_pool()
    web.refusals.status["PUT"] = "507 Insufficient Storage"
    with controller(pool).run(launch("smb,http", credentials="smb http")) as ended:
        assert ended.status == "failed"
        (message,) = ended.failures
        assert "507" in message
        assert "revoked" in message
        assert "\n" not in message
        assert "Traceback" not in ended.stdout
        assert_kept(ended, accounts["smb"].password, accounts["http"].password)
        assert list(ended.folder.rglob("*.msrcincident")) == []
    assert (share.delivered, web.delivered) == ({}, {})
    assert traces(pool.hosts["desk-01"]) == []


def test_a_server_that_is_down_costs_no_invitation(
    launch: Any, settings: dict[str, Any], accounts: Any, make_pool: Any, controller: Any
) -> None:
    settings["assist_mail"]["port"] = 9
    pool = make_pool()
    with controller(pool).run(launch("mail", credentials="mail")) as ended:
        assert ended.status == "failed"
        (message,) = ended.failures
        assert "Nothing was started" in message
        assert_kept(ended, accounts["mail"].password)
    assert pool.hosts["desk-01"].state()["writes"] == []
