# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential types and notification templates as AWX takes and keeps them.

Sources: ``CredentialTypeInputField`` and ``CredentialTypeInjectorField`` of awx/main/fields.py,
``NotificationTemplateSerializer`` of awx/api/serializers.py and ``init_parameters`` of awx/main/notifications, all of
AWX 24.6.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2

from .words import placeholders

_FIELD_ID = re.compile(r"[A-Za-z_]+[A-Za-z0-9_]*\Z")
_FIELD_KEYS = frozenset({"id", "label", "type", "help_text", "secret", "multiline", "format", "choices", "default"})
_STRING_ONLY = ("choices", "multiline", "format", "secret")
_FILE_KEY = re.compile(r"template(\.[A-Za-z_]+[A-Za-z0-9_]*)?\Z")
_BLOCKED = frozenset(
    {
        "AD_HOC_COMMAND_ID",
        "AWX_HOST",
        "CACHE",
        "CALLBACK_CONNECTION",
        "CALLBACK_QUEUE",
        "INVENTORY_HOSTVARS",
        "INVENTORY_ID",
        "INVENTORY_SOURCE_ID",
        "INVENTORY_UPDATE_ID",
        "JOB_CALLBACK_DEBUG",
        "JOB_ID",
        "MAX_EVENT_RES",
        "PATH",
        "PROJECT_REVISION",
        "PYTHONPATH",
        "REST_API_TOKEN",
        "REST_API_URL",
        "SUPERVISOR_CONFIG_PATH",
        "VIRTUAL_ENV",
    }
)
"""``ENV_BLOCKLIST`` of awx/main/constants.py."""
NOTIFICATIONS: dict[str, dict[str, type]] = {
    "email": {
        "host": str,
        "port": int,
        "username": str,
        "password": str,
        "use_tls": bool,
        "use_ssl": bool,
        "sender": str,
        "recipients": list,
        "timeout": int,
    },
    "webhook": {
        "url": str,
        "http_method": str,
        "disable_ssl_verification": bool,
        "username": str,
        "password": str,
        "headers": dict,
    },
    "slack": {"token": str, "channels": list},
}
EVENTS = ("started", "success", "error", "workflow_approval")


def credential_type_problems(definition: Mapping[str, Any]) -> Iterator[str]:
    """What AWX would refuse in a credential type, and secrets that would not stay in a file."""
    inputs, injectors = definition.get("inputs"), definition.get("injectors")
    if not isinstance(inputs, Mapping) or not isinstance(injectors, Mapping):
        yield "a credential type has to have the dictionaries inputs and injectors"
        return
    fields = inputs.get("fields")
    if not isinstance(fields, list) or not all(isinstance(item, Mapping) for item in fields):
        yield "inputs has to have a list 'fields' of dictionaries"
        return
    names = [str(item.get("id")) for item in fields]
    for item in fields:
        for problem in _field_problems(item):
            yield f"field {item.get('id')}: {problem}"
    if len(set(names)) != len(names):
        yield "two fields have the same id"
    if missing := sorted(set(inputs.get("required") or []) - set(names)):
        yield f"required names no field: {', '.join(missing)}"
    secrets = {str(item.get("id")) for item in fields if item.get("secret")}
    yield from _injector_problems(injectors, set(names), secrets)


def _field_problems(item: Mapping[str, Any]) -> Iterator[str]:
    name = str(item.get("id"))
    if not _FIELD_ID.match(name) or name == "tower":
        yield "the id is no name AWX takes"
    if not isinstance(item.get("label"), str):
        yield "it has to have a label"
    # AWX adds a missing type, and the definition would differ from then on.
    if item.get("type") not in ("string", "boolean"):
        yield "its type has to be string or boolean"
    elif item["type"] == "boolean" and any(key in item for key in _STRING_ONLY):
        yield f"{', '.join(_STRING_ONLY)} are for texts alone"
    for key in sorted(set(item) - _FIELD_KEYS):
        yield f"a field has nothing called '{key}'"


def _injector_problems(injectors: Mapping[str, Any], names: set[str], secrets: set[str]) -> Iterator[str]:
    for kind in sorted(set(injectors) - {"file", "env", "extra_vars"}):
        yield f"there are no injectors '{kind}'"
    files = injectors.get("file") or {}
    if "template" in files and len(files) > 1:
        yield "several files need names: template.NAME"
    for kind in ("file", "env", "extra_vars"):
        for key, text in (injectors.get(kind) or {}).items():
            where = f"injector {kind} {key}"
            if kind == "file" and not _FILE_KEY.match(str(key)):
                yield f"{where}: it has to be called template or template.NAME"
            if kind == "env" and (str(key).startswith("ANSIBLE_") or key in _BLOCKED):
                yield f"{where}: AWX does not let credentials set it"
            try:
                used = placeholders(str(text))
            except jinja2.TemplateSyntaxError as error:
                yield f"{where}: {error}"
                continue
            if unknown := sorted(used - names - {"tower"}):
                yield f"{where}: there is no field {', '.join(unknown)}"
            if "tower" in used and not files:
                yield f"{where}: there is no file to name"
            if kind != "file" and used & secrets:
                yield f"{where}: secrets belong into a file; variables and the environment are kept with the job"


def notification_problems(definition: Mapping[str, Any]) -> Iterator[str]:
    """What AWX would refuse in a notification template, or would complete and so change."""
    kind = str(definition.get("notification_type"))
    settings, messages = definition.get("notification_configuration"), definition.get("messages")
    if kind not in NOTIFICATIONS:
        yield f"notifications of type '{kind}' are not set up here; {', '.join(NOTIFICATIONS)} are"
    elif not isinstance(settings, Mapping):
        yield "notification_configuration has to be a dictionary"
    else:
        for name, wanted in NOTIFICATIONS[kind].items():
            # AWX puts its own default in, and the definition would differ from then on.
            found = settings.get(name)
            if not isinstance(found, wanted) or isinstance(found, bool) is not (wanted is bool):
                yield f"notification_configuration.{name} has to be there, of type {wanted.__name__}"
            elif wanted is list and not settings[name]:
                yield f"notification_configuration.{name} is empty"
        for name in sorted(set(settings) - set(NOTIFICATIONS[kind])):
            yield f"notifications of type {kind} have no setting '{name}'"
    if not isinstance(messages, Mapping) or set(messages) != set(EVENTS):
        yield f"messages has to have {', '.join(EVENTS)}, each null or a dictionary"
        return
    for event, parts in messages.items():
        yield from _message_problems(event, parts or {})


def _message_problems(event: str, parts: Mapping[str, Any]) -> Iterator[str]:
    if event == "workflow_approval":
        return
    for name, text in parts.items():
        where = f"message {event}.{name}"
        if name not in ("message", "body"):
            yield f"{where}: there are message and body"
        if name == "message" and "\n" in str(text):
            yield f"{where}: a message is one line"
        try:
            placeholders(str(text))
        except jinja2.TemplateSyntaxError as error:
            yield f"{where}: {error}"
