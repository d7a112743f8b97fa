# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX 24.6.1 refuses beside unknown fields, and what it does to values when it keeps them.

From ``_validate_spec_data`` (awx/api/views/__init__.py), ``validate_rrule``, the serializers' ``validate`` methods
(awx/api/serializers.py), awx/main/fields.py and awx/main/models/notifications.py. Written apart from the collection's
own checks, so that the two can disagree.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

ENCRYPTED = "$encrypted$"
_ANSWERS: dict[str, Any] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": (list, str),
    "integer": int,
    "float": (float, int),
}
MACHINE_INPUTS = {
    "fields": [
        {"id": "username", "label": "Username", "type": "string"},
        *(
            {"id": name, "label": name, "type": "string", "secret": True}
            for name in ("password", "ssh_key_data", "ssh_key_unlock", "become_password")
        ),
        *({"id": name, "label": name, "type": "string"} for name in ("become_method", "become_username")),
    ]
}
_NOTIFIERS: dict[str, dict[str, tuple[type, Any]]] = {
    "email": {
        "host": (str, ...),
        "port": (int, ...),
        "username": (str, ...),
        "password": (str, ...),
        "use_tls": (bool, ...),
        "use_ssl": (bool, ...),
        "sender": (str, ...),
        "recipients": (list, ...),
        "timeout": (int, 30),
    },
    "webhook": {
        "url": (str, ...),
        "http_method": (str, "POST"),
        "disable_ssl_verification": (bool, False),
        "username": (str, ""),
        "password": (str, ""),
        "headers": (dict, ...),
    },
    "slack": {"token": (str, ...), "channels": (list, ...)},
}
_SECRET = {"email": "password", "webhook": "password", "slack": "token"}
_EVENTS = ("started", "success", "error", "workflow_approval")


class Refused(Exception):
    """AWX answers 400, or another code, with this body."""

    def __init__(self, body: Any, status: int = 400) -> None:
        super().__init__(str(body))
        self.body = body
        self.status = status


def survey(spec: Any) -> dict[str, Any]:
    """A survey as it is kept."""
    if not isinstance(spec, dict):
        raise Refused({"error": "not an object"})
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), kind):
            raise Refused({"error": f"Field '{name}' is missing from survey spec, or of another type."})
    if not spec["spec"]:
        raise Refused({"error": "'spec' doesn't contain any items."})
    kept = copy.deepcopy(spec)
    seen: set[str] = set()
    for index, item in enumerate(kept["spec"]):
        if problem := _question(item, seen):
            raise Refused({"error": f"survey question {index}: {problem}"})
    return kept


def _question(item: Any, seen: set[str]) -> str | None:
    for name in ("type", "question_name", "variable", "required"):
        wanted = bool if name == "required" else str
        if name not in item or not isinstance(item[name], wanted):
            return f"'{name}' is missing or of another type"
    if item["variable"] in seen:
        return "'variable' duplicated"
    seen.add(item["variable"])
    if item["type"] not in _ANSWERS:
        return "not one of the allowed question types"
    default = item.get("default", "")
    if default != "" and not isinstance(default, _ANSWERS[item["type"]]):
        return "default of another type"
    if any(item.get(name) is not None and not isinstance(item[name], int) for name in ("min", "max")):
        return "limit expected to be integer"
    if item["type"] in ("multiplechoice", "multiselect"):
        if "choices" not in item:
            return "must specify choices"
        chosen = default.splitlines() if isinstance(default, str) else default
        if any(choice not in item["choices"] for choice in chosen):
            return "Default choice must be answered from the choices listed."
    if isinstance(default, str) and default.startswith(ENCRYPTED):
        return "reserved keyword"
    return None


def asked(spec: Mapping[str, Any]) -> dict[str, bool]:
    """A survey's variables, and whether each has to be answered."""
    return {item["variable"]: item["required"] and item.get("default", "") == "" for item in spec.get("spec", [])}


def rrule(text: str) -> None:
    """Refuse what ``validate_rrule`` refuses, and what dateutil could not read."""
    errors = []
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", text)
    if len(starts) != 1:
        errors.append("Valid DTSTART required in rrule, once.")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", text):
        errors.append("DTSTART cannot be a naive datetime.")
    if "RRULE:" not in text:
        errors.append("One or more rule required in rrule.")
    if re.search(r"(EXDATE|RDATE):", text):
        errors.append("EXDATE and RDATE not allowed in rrule.")
    for rule in re.findall(r"RULE:([^\s]*)", text):
        parts = dict(part.partition("=")[::2] for part in rule.split(";"))
        if "INTERVAL" not in parts:
            errors.append("INTERVAL required in rrule")
        if parts.get("FREQ") not in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"):
            errors.append("FREQ is not supported")
        if re.search(r"[0-9]", parts.get("BYDAY", "")):
            errors.append("BYDAY with numeric prefix not supported")
        if {"COUNT", "UNTIL"} <= set(parts):
            errors.append("RRULE may not contain both COUNT and UNTIL")
        if int(parts.get("COUNT", 0)) > 999:
            errors.append("COUNT > 999 is unsupported")
    if errors:
        raise Refused({"rrule": errors})


def credential_type(data: dict[str, Any]) -> None:
    """Refuse and complete inputs and injectors in place."""
    inputs, injectors = data["inputs"], data["injectors"]
    if set(inputs) - {"fields", "required"} or set(injectors) - {"file", "env", "extra_vars"}:
        raise Refused({"inputs": ["Additional properties are not allowed"]})
    for item in inputs.get("fields", []):
        known = {"type", "format", "choices", "id", "label", "help_text", "multiline", "secret", "default"}
        if set(item) - known or not {"id", "label"} <= set(item):
            raise Refused({"inputs": [f"Schema validation error in {item}"]})
        item.setdefault("type", "string")
        if item["type"] not in ("string", "boolean"):
            raise Refused({"inputs": [f"{item['type']} is not one of string, boolean"]})
    files = {name for name in injectors.get("file", {}) if re.fullmatch(r"template(\.[a-zA-Z_]\w*)?", name)}
    if files != set(injectors.get("file", {})) or ("template" in files and len(files) > 1):
        raise Refused({"injectors": ["file templates"]})
    if any(name.startswith("ANSIBLE_") or name == "PATH" for name in injectors.get("env", {})):
        raise Refused({"injectors": ["Environment variable is not allowed to be used in credentials."]})
    space: dict[str, Any] = {item["id"]: "EXAMPLE" for item in inputs.get("fields", [])}
    space["tower"] = {"filename": "EXAMPLE"} if "template" in files else {}
    for kind, entries in injectors.items():
        for name, text in entries.items():
            try:
                ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(space)
            except TemplateError as error:
                raise Refused({"injectors": [f"{kind} {name}: {error}"]}) from None


def credential_inputs(inputs: Mapping[str, Any], kind: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as they are kept: a secret that was not changed is the old one."""
    known = {item["id"] for item in kind["inputs"].get("fields", [])}
    if unknown := sorted(set(inputs) - known):
        raise Refused({"inputs": [f"Additional properties are not allowed ({', '.join(unknown)} was unexpected)"]})
    return {name: old.get(name, "") if value == ENCRYPTED else value for name, value in inputs.items()}


def shown_inputs(inputs: Mapping[str, Any], kind: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as they are shown."""
    secret = {item["id"] for item in kind["inputs"].get("fields", []) if item.get("secret")}
    return {name: ENCRYPTED if name in secret and value else value for name, value in inputs.items()}


def notification(data: dict[str, Any], old: Mapping[str, Any] | None) -> None:
    """Refuse and complete settings and messages in place."""
    settings, wanted = data["notification_configuration"], _NOTIFIERS[data["notification_type"]]
    errors = []
    for name, (kind, default) in wanted.items():
        if name not in settings and default is ...:
            errors.append(f"Missing required fields for Notification Configuration: {name}.")
            continue
        value = settings.setdefault(name, default)
        # The very type: true is no number here.
        if type(value) is not kind:
            errors.append(f"Configuration field '{name}' incorrect type, expected {kind.__name__}.")
        elif kind is list and not value:
            errors.append(f"No values specified for field '{name}'")
        elif name == _SECRET[data["notification_type"]] and value == ENCRYPTED and old is not None:
            settings[name] = old["notification_configuration"][name]
    if unknown := sorted(set(settings) - set(wanted)):
        errors.append(f"unknown settings {unknown}")
    if errors:
        raise Refused(errors)
    _messages(data, old)


def _messages(data: dict[str, Any], old: Mapping[str, Any] | None) -> None:
    messages = data["messages"]
    if messages is None:
        data["messages"] = dict.fromkeys(_EVENTS)
        return
    for event, parts in messages.items():
        if event not in _EVENTS or not isinstance(parts, dict | None):
            raise Refused({"messages": [f"Event '{event}' invalid"]})
        for name, text in (parts or {}).items():
            if name not in ("message", "body") or (name == "message" and "\n" in str(text)):
                raise Refused({"messages": [f"{event} {name} invalid"]})
    before = (old or {}).get("messages") or {}
    for event in _EVENTS:
        # One that is missing stays as it was, and creating saves twice because of the secret.
        if not messages.get(event) and before.get(event):
            messages[event] = before[event]
        messages.setdefault(event, None)


def shown_settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """A notification's settings as they are shown."""
    name = _SECRET[data["notification_type"]]
    shown = dict(data["notification_configuration"])
    return {**shown, name: ENCRYPTED if shown.get(name) else shown.get(name)}
