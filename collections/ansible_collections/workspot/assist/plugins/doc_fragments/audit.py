# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the modules that change something, as documentation."""

from __future__ import annotations


class ModuleDocFragment:
    """The audit trail."""

    DOCUMENTATION = r"""
options:
  audit_file:
    description:
      - File of the controller to which one line is appended for what was done, by whom and why. Each line holds the
        hash of the one before it. See M(workspot.assist.audit_info).
      - Where it can not be written, nothing is done. Check mode writes nothing.
    type: path
  reason:
    description: Why, for the audit trail.
    type: str
  ticket:
    description: Number of the ticket it is done for, for the audit trail and the message to the user.
    type: str
"""
