# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that answers from a list, for what is asked of it through CIM and a shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.instance import CimInstance
from ansible_collections.workspot.assist.plugins.plugin_utils._wsman.shell import CommandResult

Answer = Mapping[str, Any] | list[Mapping[str, Any]] | Exception


def instance(values: Mapping[str, Any]) -> CimInstance:
    """An instance as a reply would hold it; None is a property that is nil."""
    root = ElementTree.Element("Instance")
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            child = ElementTree.SubElement(root, name)
            if item is None:
                child.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
            else:
                child.text = str(item).lower() if isinstance(item, bool) else str(item)
    return CimInstance(root)


@dataclass
class ScriptedClient:
    """Stands in for `WsmanClient`.

    Attributes:
        answers: What comes back, in order: values of an instance, a list of them, or an error.
        asked: Method and arguments, or namespace and query.
    """

    answers: list[Answer]
    host: str = "desk-01"
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def invoke(self, namespace: str, class_name: str, method: str, arguments: Mapping[str, Any]) -> CimInstance:
        """The next answer, which is one instance."""
        assert (namespace, class_name) == ("root/cimv2", "StdRegProv")
        return instance(self._next(method, dict(arguments)))

    def enumerate(self, namespace: str, query: str) -> list[CimInstance]:
        """The next answer, which is rows."""
        return [instance(row) for row in self._next(namespace, query)]

    def _next(self, what: str, how: Any) -> Any:
        self.asked.append((what, how))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class ScriptedShell:
    """Stands in for `Shell`: each command line goes to a function with its standard input."""

    answer: Callable[[str, bytes], CommandResult]
    lines: list[str] = field(default_factory=list)

    def run(self, command_line: str, *, stdin: bytes = b"", timeout: float = 0, limit: int = 0) -> CommandResult:
        """What the function says."""
        assert len(command_line) < 8000
        assert timeout > 0
        self.lines.append(command_line)
        return self.answer(command_line, stdin)
