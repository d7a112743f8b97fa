# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one HTML page that needs nothing else: no network, no fonts, and no JavaScript to be read.

Everything that is not ours is escaped by the template engine, and a content security policy by hash lets nothing run
or be loaded but the page's own style and script, should something slip through all the same.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from .clean import shown
from .data import ReportData
from .view import CELLS, LABELS, page_of, words

_FOLDER = Path(__file__).with_name("page")


def html_page(report: ReportData) -> str:
    """The page's text."""
    return _template().render(page=page_of(report), labels=LABELS, signs=CELLS, **_own_parts())


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = shown
    environment.filters["words"] = words
    environment.filters["number"] = _number
    return environment.get_template("page.html.j2")


def _number(value: int) -> str:
    """1234 as 1,234."""
    return f"{value:,}"


@cache
def _own_parts() -> dict[str, Any]:
    style, script = (_own(name) for name in ("page.css", "page.js"))
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_source(style)}; script-src {_source(script)}"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}


def _own(name: str) -> str:
    """One of our own files; a tag that ends it early would be our own mistake."""
    text = (_FOLDER / name).read_text(encoding="utf-8").strip()
    if "</" in text:
        raise ValueError(f"{name} must not hold the characters </")
    return text


def _source(text: str) -> str:
    """A source expression of Content Security Policy Level 2: the hash of what stands between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
