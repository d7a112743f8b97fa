# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake of the AWX API, stateful and stricter than AWX: what `awx_kinds` does not name is refused.

It keeps what it is sent, does to it what AWX does (`awx_rules`), and remembers every request, so that a test can tell
what a run wrote. What it is not: it runs no jobs, and knows no permissions but those of its two tokens.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.awx import awx_rules as rules
from tests.awx.awx_kinds import KINDS, UNIFIED, Field
from tests.awx.awx_rules import Refused

ROOT = "/api/v2/"
WRITE, READ = "token-that-may-write", "token-that-may-read"
PAGE = 25
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass
class FakeAwx:
    """What AWX has.

    Attributes:
        playbooks: Playbooks of every project, once it was fetched.
        objects: By kind and id.
        linked: Ids of each sub-list, by kind, id and sub-list.
        granted: Teams by role id.
        requests: Method, path and status of each.
        sent: The body of each request that writes.
    """

    playbooks: list[str]
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    linked: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    surveys: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    granted: dict[int, set[int]] = field(default_factory=dict)
    roles: dict[int, tuple[str, int, str]] = field(default_factory=dict)
    updates: dict[int, int] = field(default_factory=dict)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(10))
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def __post_init__(self) -> None:
        managed = {"kind": "ssh", "namespace": "ssh", "managed": True, "inputs": rules.MACHINE_INPUTS, "injectors": {}}
        self.objects["credential_types"][1] = {"name": "Machine", "description": "", **managed}

    @property
    def writes(self) -> list[tuple[str, str, int]]:
        """Requests that were to change something."""
        return [request for request in self.requests if request[0] in _WRITES]

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """An object as the API shows it."""
        (found,) = [number for number, item in self.objects[kind].items() if item.get("name") == name]
        return self.shown(kind, found)

    def grants(self, team: str) -> set[tuple[str, str, str]]:
        """Kind, name and role of everything that a team was granted."""
        number = self.named("teams", team)["id"]
        found = [self.roles[role] for role, teams in self.granted.items() if number in teams]
        return {(kind, self.objects[kind][item]["name"], role) for kind, item, role in found}

    # What a request does

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Status and body of the answer."""
        parts = path.removeprefix(ROOT).strip("/").split("/")
        match parts:
            case ["unified_job_templates"]:
                return 200, self._page("unified_job_templates", query, path)
            case ["project_updates", number] if int(number) in self.updates:
                return 200, self._project_update(int(number))
            case ["roles", number, "teams"] if int(number) in self.roles:
                return self._role(method, int(number), body, query, path)
            case [kind] if kind in KINDS:
                return (200, self._page(kind, query, path)) if method == "GET" else (201, self._create(kind, body))
            case [kind, number, *rest] if kind in KINDS and int(number) in self.objects[kind]:
                return self._detail(method, kind, int(number), rest, body)
        raise Refused({"detail": "Not found."}, 404)

    def _detail(self, method: str, kind: str, number: int, rest: list[str], body: Any) -> tuple[int, Any]:
        match rest:
            case []:
                return self._one(method, kind, number, body)
            case ["survey_spec"] if kind in ("job_templates", "workflow_job_templates"):
                return self._survey(method, (kind, number), body)
            case [name] if name in KINDS[kind].associations:
                return self._sublist(method, kind, number, name, body)
        raise Refused({"detail": "Not found."}, 404)

    def _one(self, method: str, kind: str, number: int, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.shown(kind, number)
        if method == "PATCH":
            return 200, self._update(kind, number, body)
        raise Refused({"detail": f'Method "{method}" not allowed.'}, 405)

    def _survey(self, method: str, key: tuple[str, int], body: Any) -> tuple[int, Any]:
        if method == "POST":
            self.surveys[key] = rules.survey(body)
        elif method == "DELETE":
            self.surveys.pop(key, None)
        return 200, copy.deepcopy(self.surveys.get(key, {})) if method == "GET" else {}

    def _sublist(self, method: str, kind: str, number: int, name: str, body: Any) -> tuple[int, Any]:
        target = KINDS[kind].associations[name]
        ids = self.linked.setdefault((kind, number, name), [])
        if method == "GET":
            return 200, _listing([self.shown(target, item) for item in ids], {}, "")
        if not isinstance(body, dict) or set(body) - {"id", "disassociate"} or not isinstance(body.get("id"), int):
            raise Refused({"msg": "'id' is required to disassociate"})
        if body["id"] not in self.objects[target]:
            raise Refused({"detail": "Object cannot be found."})
        if body.get("disassociate"):
            ids.remove(body["id"])
        elif body["id"] not in ids:
            self._may_link(kind, number, name, body["id"])
            ids.append(body["id"])
        return 204, None

    def _may_link(self, kind: str, number: int, name: str, other: int) -> None:
        if (kind, name) == ("job_templates", "credentials"):
            types = [self.objects["credentials"][item]["credential_type"] for item in self.linked[kind, number, name]]
            if self.objects["credentials"][other]["credential_type"] in types:
                raise Refused({"error": "Cannot assign multiple credentials of this type."})
        if name.endswith("_nodes"):
            if other in self._ancestors(number) | {number}:
                raise Refused({"Error": "Cycle detected."})
            parents = {self.objects[kind][item]["workflow_job_template"] for item in (number, other)}
            if len(parents) > 1:
                raise Refused({"Error": "Nodes of different workflows."})

    def _ancestors(self, node: int) -> set[int]:
        parents = {owner for (_, owner, name), ids in self.linked.items() if name.endswith("_nodes") and node in ids}
        return parents.union(*(self._ancestors(parent) for parent in parents))

    def _role(self, method: str, number: int, body: Any, query: dict[str, str], path: str) -> tuple[int, Any]:
        teams = self.granted.setdefault(number, set())
        if method == "GET":
            return 200, _listing([self.shown("teams", item) for item in sorted(teams)], query, path)
        kind, _, role = self.roles[number]
        if kind == "organizations" and role in ("member_role", "admin_role"):
            raise Refused({"msg": "You cannot assign an Organization participation role as a child role for a Team."})
        if body.get("id") not in self.objects["teams"]:
            raise Refused({"msg": "no such team"})
        (teams.discard if body.get("disassociate") else teams.add)(body["id"])
        return 204, None

    def _project_update(self, number: int) -> dict[str, Any]:
        """Runs at the first look, is done at the second."""
        project = self.updates[number]
        looked = self.objects["projects"][project].setdefault("_looked", set())
        running = number not in looked
        looked.add(number)
        if not running:
            self.objects["projects"][project].pop("_update", None)
            self.objects["projects"][project]["_files"] = list(self.playbooks)
        return {"id": number, "type": "project_update", "status": "running" if running else "successful"}

    # Lists

    def _page(self, kind: str, query: dict[str, str], path: str) -> dict[str, Any]:
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        items = [self.shown(name, number) for name in kinds for number in self.objects[name]]
        chosen = dict(query)
        page = chosen.pop("page", None)
        either = {name.removeprefix("or__"): chosen.pop(name) for name in list(chosen) if name.startswith("or__")}
        for name, value in chosen.items():
            items = [item for item in items if self._matches(kinds, item, name, value)]
        if either:
            items = [item for item in items if any(self._matches(kinds, item, *pair) for pair in either.items())]
        return _listing(items, {**query, "page": page or "1"}, path)

    def _matches(self, kinds: tuple[str, ...], item: Mapping[str, Any], name: str, value: str) -> bool:
        fields = {name for kind in kinds for name in KINDS[kind].fields} | {"id", "name", "type"}
        if name == "organization__name":
            organization = self.objects["organizations"].get(item["organization"])
            return organization is not None and organization["name"] == value
        if name not in fields:
            raise Refused({"detail": f"{kinds[0]} has no field named '{name}'"})
        return str(item.get(name)) == value

    # Objects

    def shown(self, kind: str, number: int) -> dict[str, Any]:
        """An object as the API shows it."""
        item, meant = self.objects[kind][number], KINDS[kind]
        url = f"{ROOT}{kind}/{number}/"
        shown = {name: copy.deepcopy(value) for name, value in item.items() if not name.startswith("_")}
        for name, wanted in meant.fields.items():
            if not wanted.shown:
                shown.pop(name, None)
        related = {name: f"{url}{name}/" for name in (*meant.associations, "survey_spec", "copy", "update")}
        if item.get("unified_job_template"):
            related["unified_job_template"] = f"{ROOT}job_templates/{item['unified_job_template']}/"
        summary: dict[str, Any] = {"object_roles": self._roles_of(kind, number)}
        if "_update" in item:
            summary["current_update"] = {"id": item["_update"], "status": "running"}
        if kind == "credentials":
            shown["inputs"] = rules.shown_inputs(
                item["inputs"], self.objects["credential_types"][item["credential_type"]]
            )
        if kind == "notification_templates":
            shown["notification_configuration"] = rules.shown_settings(item)
        if kind == "projects":
            shown["scm_revision"] = "0" * 40 if "_files" in item else ""
        return {"id": number, "type": meant.type, "url": url, **shown, "related": related, "summary_fields": summary}

    def _roles_of(self, kind: str, number: int) -> dict[str, Any]:
        found = {}
        for role in KINDS[kind].roles:
            key = (kind, number, role)
            identifier = next((item for item, value in self.roles.items() if value == key), None)
            if identifier is None:
                identifier = next(self.ids)
                self.roles[identifier] = key
            found[role] = {"id": identifier, "name": role}
        return found

    def _create(self, kind: str, body: Any) -> dict[str, Any]:
        meant = KINDS[kind]
        given = self._clean(kind, body, None)
        errors = {
            name: ["This field is required."]
            for name, wanted in meant.fields.items()
            if wanted.needed and given.get(name) in (None, "")
        }
        if meant.named and not given.get("name"):
            errors["name"] = ["This field is required."]
        if errors:
            raise Refused(errors)
        item = {name: copy.deepcopy(wanted.default) for name, wanted in meant.fields.items()}
        item |= ({"name": "", "description": ""} if meant.named else {}) | given
        self._check(kind, item, None, set(given))
        number = next(self.ids)
        self.objects[kind][number] = item
        if kind == "projects" and item["scm_type"]:
            self._fetch_project(number)
        return self.shown(kind, number)

    def _update(self, kind: str, number: int, body: Any) -> dict[str, Any]:
        old = self.objects[kind][number]
        if old.get("managed"):
            raise Refused({"detail": "Modifications not allowed for managed credential types"}, 403)
        given = self._clean(kind, body, old)
        item = {**old, **given}
        self._check(kind, item, number, set(given))
        self.objects[kind][number] = item
        if kind == "projects" and any(old[name] != item[name] for name in ("scm_url", "scm_branch", "scm_type")):
            self._fetch_project(number)
        return self.shown(kind, number)

    def _fetch_project(self, number: int) -> None:
        update = next(self.ids)
        self.updates[update] = number
        self.objects["projects"][number]["_update"] = update

    def _clean(self, kind: str, body: Any, old: Mapping[str, Any] | None) -> dict[str, Any]:
        """The fields of a request, each of its type."""
        if not isinstance(body, dict):
            raise Refused({"detail": "JSON parse error"})
        meant = KINDS[kind]
        known = dict(meant.fields) | ({"name": Field(), "description": Field()} if meant.named else {})
        if unknown := sorted(set(body) - set(known)):
            raise Refused({name: [f"{meant.type} has no such field."] for name in unknown})
        given = {}
        for name, value in body.items():
            wanted = known[name]
            if wanted.fixed and old is not None and old[name] != value:
                raise Refused({name: ["can not be changed"]})
            if wanted.keeps:
                # Django REST framework takes blanks off texts.
                given[name] = value.strip() if isinstance(value, str) else copy.deepcopy(value)
                if value is None and wanted.kind is str and wanted.choices and not wanted.nullable:
                    # ChoiceNullField of awx/api/fields.py.
                    given[name] = ""
                    continue
                self._fits(name, value, wanted)
        return given

    def _fits(self, name: str, value: Any, wanted: Field) -> None:
        if value is None:
            if not wanted.nullable:
                raise Refused({name: ["This field may not be null."]})
            return
        if type(value) is not wanted.kind:
            raise Refused({name: [f"a valid {wanted.kind.__name__} is required, not {value!r}"]})
        if wanted.choices and value not in wanted.choices:
            raise Refused({name: [f'"{value}" is not a valid choice.']})
        kinds = UNIFIED if wanted.to == "unified_job_templates" else (wanted.to,)
        if wanted.to and not any(value in self.objects.get(str(kind), {}) for kind in kinds):
            raise Refused({name: [f'Invalid pk "{value}" - object does not exist.']})

    def _check(self, kind: str, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        if kind == "job_templates" and item["project"] is not None:
            item["organization"] = self.objects["projects"][item["project"]]["organization"]
        for other, existing in self.objects[kind].items():
            if other != number and all(existing.get(name) == item.get(name) for name in KINDS[kind].unique):
                names = ", ".join(KINDS[kind].unique)
                raise Refused({"__all__": [f"{KINDS[kind].type} with this ({names}) combination already exists."]})
        check = getattr(self, f"_check_{kind}", None)
        if check is not None:
            check(item, number, given)

    def _check_projects(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        if item["scm_type"] and not item["scm_url"]:
            raise Refused({"scm_url": ["SCM URL is required."]})

    def _check_inventory_sources(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        if item["source"] == "scm" and item["source_project"] is None:
            raise Refused({"source_project": ["Project required for scm type sources."]})

    def _check_credential_types(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        used = any(entry["credential_type"] == number for entry in self.objects["credentials"].values())
        if number is not None and used and item["inputs"] != self.objects["credential_types"][number]["inputs"]:
            raise Refused({"detail": "Modifications to inputs are not allowed for credential types in use"}, 403)
        rules.credential_type(item)

    def _check_credentials(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        if number is None and len({"user", "team", "organization"} & given) != 1:
            raise Refused({"detail": "Missing 'user', 'team', or 'organization'."})
        old = self.objects["credentials"][number]["inputs"] if number is not None else {}
        kind = self.objects["credential_types"][item["credential_type"]]
        item["inputs"] = rules.credential_inputs(item["inputs"], kind, old)

    def _check_notification_templates(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        rules.notification(item, self.objects["notification_templates"][number] if number is not None else None)

    def _check_job_templates(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        if item["project"] is None:
            raise Refused({"project": ["This field is required."]})
        if item["inventory"] is None and not item["ask_inventory_on_launch"]:
            raise Refused({"inventory": ["You must either set a default value or ask to prompt on launch."]})
        if item["playbook"] not in self.objects["projects"][item["project"]].get("_files", []):
            raise Refused({"playbook": ["Playbook not found for project."]})
        if item["job_slice_count"] < 1:
            raise Refused({"job_slice_count": ["Ensure this value is greater than or equal to 1."]})
        if item["extra_vars"]:
            json.loads(item["extra_vars"])

    def _check_schedules(self, item: dict[str, Any], number: int | None, given: set[str]) -> None:
        rules.rrule(item["rrule"])
        kind, identifier = self._unified(item["unified_job_template"])
        questions = rules.asked(self.surveys.get((kind, identifier), {}))
        if extra := sorted(set(item["extra_data"]) - set(questions)):
            raise Refused({"extra_data": [f"Variables {extra} are not allowed on launch."]})
        if missing := sorted(name for name, needed in questions.items() if needed and name not in item["extra_data"]):
            raise Refused({"variables_needed_to_start": [f"'{name}' value missing" for name in missing]})

    def _unified(self, number: int) -> tuple[str, int]:
        return next((kind, number) for kind in UNIFIED if number in self.objects[kind])


def _listing(items: list[Any], query: Mapping[str, str], path: str) -> dict[str, Any]:
    page = int(query.get("page", "1"))
    rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
    more = len(items) > page * PAGE
    shown = items[(page - 1) * PAGE : page * PAGE]
    following = f"{path}?{rest}&page={page + 1}" if more else None
    return {"count": len(items), "next": following, "previous": None, "results": shown}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The answer's head and its body in one packet, and no wait for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    awx: FakeAwx

    def _serve(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        with self.awx.lock:
            try:
                body = json.loads(raw) if raw else None
                self._permitted()
                if not split.path.startswith(ROOT) or not split.path.endswith("/"):
                    raise Refused({"detail": "Not found."}, 404)
                status, answer = self.awx.answer(self.command, split.path, dict(parse_qsl(split.query)), body)
            except Refused as refused:
                status, answer = refused.status, refused.body
            self.awx.requests.append((self.command, self.path, status))
            if self.command in _WRITES:
                self.awx.sent.append(body)
        self._reply(status, b"" if status == 204 else json.dumps(answer).encode())

    def _permitted(self) -> None:
        found = re.fullmatch(r"Bearer (.+)", self.headers.get("Authorization", ""))
        token = found[1] if found else ""
        if token not in (WRITE, READ):
            raise Refused({"detail": "Authentication credentials were not provided. To establish a login session"}, 401)
        if token != WRITE and self.command in _WRITES:
            raise Refused({"detail": "You do not have permission to perform this action."}, 403)

    def _reply(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def fake_awx(playbooks: list[str]) -> Iterator[FakeAwx]:
    """An AWX that has nothing but its own credential types."""
    awx = FakeAwx(playbooks)
    handler = type("Handler", (_Handler,), {"awx": awx})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        awx.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield awx
        finally:
            server.shutdown()
            thread.join()
