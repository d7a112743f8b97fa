# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis' examples are the same in every run: what fails here, fails everywhere. `make fuzz` looks for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same-examples", derandomize=True, deadline=None)
settings.register_profile("new-examples", derandomize=False, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("WORKSPOT_ASSIST_EXAMPLES", "same-examples"))
