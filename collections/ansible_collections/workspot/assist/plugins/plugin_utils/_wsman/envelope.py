# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request envelopes (MS-WSMV 2.2.4 and 4.1; headers as a Windows client sends them).

``OperationID`` is left out on purpose: it makes the server answer in several chunks (MS-WSMV 4.11).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from .uris import ADDRESSING, ANONYMOUS, SHELL, SOAP, WSMAN, WSMAN_MS, XSI
from .values import attribute, escaped

MAX_ENVELOPE_BYTES = 512000
"""What a reply may weigh: WinRM's own default (500 KiB) since Windows 8; older hosts cap it silently."""

_OPEN = (
    f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" xmlns:p="{WSMAN_MS}">'
    "<s:Header><a:To>http://host/wsman</a:To>"
    f'<a:ReplyTo><a:Address s:mustUnderstand="true">{ANONYMOUS}</a:Address></a:ReplyTo>'
    f'<w:MaxEnvelopeSize s:mustUnderstand="true">{MAX_ENVELOPE_BYTES}</w:MaxEnvelopeSize>'
    '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>'
    '<p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>'
)


Option = str | bool | Sequence[str]


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        action: WS-Addressing action URI.
        resource: Resource URI.
        body: XML of the SOAP body.
        selectors: Key properties of the instance, by name.
        options: Option set, by name; one with several values is sent several times.
        must_comply: Whether the host has to refuse options it does not know.
    """

    action: str
    resource: str
    body: str = ""
    selectors: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    must_comply: bool = False


def _selector_set(selectors: Mapping[str, str]) -> str:
    if not selectors:
        return ""
    inner = "".join(
        f"<w:Selector Name={attribute(name)}>{escaped(value)}</w:Selector>" for name, value in selectors.items()
    )
    return f"<w:SelectorSet>{inner}</w:SelectorSet>"


def _option_set(options: Mapping[str, Option], must_comply: bool) -> str:
    if not options:
        return ""
    comply = ' MustComply="true"' if must_comply else ""
    inner = "".join(
        f'<w:Option Name={attribute(name)} Type="xs:{kind}"{comply}>{escaped(value)}</w:Option>'
        for name, given in options.items()
        for kind, value in _typed(given)
    )
    return f'<w:OptionSet s:mustUnderstand="true" xmlns:xsi="{XSI}">{inner}</w:OptionSet>'


def _typed(value: Option) -> list[tuple[str, str]]:
    """Type and text of an option, or of each of its values (MS-WSMV 3.1.4.1.10.1)."""
    if isinstance(value, bool):
        return [("boolean", str(value).lower())]
    return [("string", item) for item in ([value] if isinstance(value, str) else value)]


def envelope(request: Request, *, operation_timeout: float, message_id: str | None = None) -> tuple[bytes, str]:
    """Render a request.

    Args:
        request: What to ask.
        operation_timeout: Seconds the host may work on it (capped by its own MaxTimeoutms).
        message_id: A fixed message id, for tests.

    Returns:
        The envelope as UTF-8, and its message id, which the reply must name.
    """
    identity = message_id or f"uuid:{str(uuid.uuid4()).upper()}"
    text = (
        f'{_OPEN}<w:ResourceURI s:mustUnderstand="true">{escape(request.resource)}</w:ResourceURI>'
        f'<a:Action s:mustUnderstand="true">{escape(request.action)}</a:Action>'
        f"<a:MessageID>{identity}</a:MessageID>"
        f"{_selector_set(request.selectors)}{_option_set(request.options, request.must_comply)}"
        f"<w:OperationTimeout>PT{operation_timeout:.3f}S</w:OperationTimeout></s:Header>"
        f'<s:Body xmlns:rsp="{SHELL}">{request.body}</s:Body></s:Envelope>'
    )
    return text.encode("utf-8"), identity
