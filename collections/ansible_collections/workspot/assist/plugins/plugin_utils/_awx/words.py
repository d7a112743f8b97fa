# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and texts that AWX keeps as they were sent, and that its modules find again."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2 import meta

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONGEST_NAME = 512
"""``UnifiedJobTemplate.name`` and the other models' (awx/main/models/base.py)."""


def name_problem(name: Any) -> str | None:
    """What is wrong with an object's name, if anything is.

    The modules of awx.awx take a name of digits for an id, and one with ``++`` for a "named URL".
    """
    if not isinstance(name, str) or not name:
        return "'name' has to be there"
    if name != name.strip() or "\n" in name:
        return f"the name {name!r} begins or ends with a blank, or has a line break: AWX would not keep it so"
    if len(name) > _LONGEST_NAME:
        return f"the name is longer than {_LONGEST_NAME} characters"
    if name.isdigit() or "++" in name:
        return f"the name {name!r} would be taken for an id"
    return None


def variable_problem(name: Any) -> str | None:
    """What is wrong with the name of a variable of Ansible, if anything is."""
    text = str(name)
    if not _VARIABLE.match(text) or keyword.iskeyword(text):
        return f"{text!r} is no name for a variable"
    if text.startswith(("ansible_", "awx_", "tower_")):
        return f"{text!r} would change how AWX runs the job, not what the job does"
    return None


def text_problem(name: str, value: Any) -> str | None:
    """A text that AWX would trim differs from what was sent at every run."""
    if isinstance(value, str) and value != value.strip():
        return f"'{name}' begins or ends with a blank or a line break; AWX would not keep it so"
    return None


def placeholders(template: str) -> set[str]:
    """Names that a Jinja template takes from outside.

    Raises:
        jinja2.TemplateSyntaxError: It is no template.
    """
    return set(meta.find_undeclared_variables(jinja2.Environment(autoescape=False).parse(template)))


def differs(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether an object of AWX is not as wanted.

    A text that AWX keeps encrypted is shown as ``$encrypted$`` and counts as equal to any text but an empty one.
    """
    return any(not _same(value, found.get(name)) for name, value in wanted.items())


def _same(wanted: Any, found: Any) -> bool:
    if found == "$encrypted$":
        return isinstance(wanted, str) and wanted != ""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return set(wanted) == set(found) and not differs(wanted, found)
    return bool(wanted == found)


def plain(value: Any) -> Any:
    """The same in Python's own types: newer cores hand out values of types of their own."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
