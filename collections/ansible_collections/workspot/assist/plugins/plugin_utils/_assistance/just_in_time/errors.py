# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong with an opening; kinds are explained in docs/troubleshooting.md."""

from __future__ import annotations

from ..._errors import AssistanceError


class JustInTimeRefused(AssistanceError):
    """Opening Remote Assistance just in time would not help there, or is not for this run to do."""

    kind = "just_in_time_refused"


class JustInTimeNotOpened(AssistanceError):
    """It was to be opened, and is not."""

    kind = "just_in_time_not_opened"


class JustInTimeNotClosed(AssistanceError):
    """What was opened is still open."""

    kind = "just_in_time_not_closed"
