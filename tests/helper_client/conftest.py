# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests with a real helper client share."""

from __future__ import annotations

import pytest

from tests.helper_client.processes import RigError, require_programs


@pytest.fixture(scope="session", autouse=True)
def helper_programs() -> None:
    """Skip these tests where their programs are not installed; where all tests have to run, that fails."""
    try:
        require_programs()
    except RigError as error:
        pytest.skip(f"not installed: {error}")
