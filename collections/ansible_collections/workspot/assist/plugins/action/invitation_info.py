# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an invitation file on the controller says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..plugin_utils._ansible.action_base import AssistAction, Result
from ..plugin_utils._ansible.option_specs import INVITATION_INFO
from ..plugin_utils._errors import InvalidOption
from ..plugin_utils._formats.inspect import inspect_invitation

_MOST_BYTES = 1024 * 1024


class ActionModule(AssistAction):
    """``workspot.assist.invitation_info``."""

    option_spec = INVITATION_INFO

    def perform(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Result:
        """Read the file; nothing is sent anywhere."""
        path = Path(options["path"])
        try:
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES)
        except OSError as error:
            raise InvalidOption(f"{path}: {(error.strerror or 'can not be read').lower()}.") from None
        found = inspect_invitation(data, options["password"], datetime.now(UTC))
        return {"changed": False, "invitation": {"path": str(path), **found}}
