# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: audit_info
short_description: Verify, show and export an audit trail
version_added: 0.1.0
description:
  - Reads an audit trail that the modules of this collection wrote (option C(audit_file)), and sees whether its chain of
    hashes is whole from the first line to the last.
  - Fails when a line was changed, removed or inserted, and says which one. Lines cut off at the end leave a whole
    chain; give the hash of the last line you know of as O(head) to see that as well.
  - It never holds a password.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.controller
attributes:
  check_mode:
    support: full
    details: Writes no export.
  diff_mode:
    support: none
options:
  path:
    description: The trail's file on the controller.
    type: path
    required: true
  head:
    description: Hash of a line that has to be part of the trail, such as RV(head) of an earlier run.
    type: str
  since:
    description: Only entries from this moment on, in ISO 8601, such as V(2026-11-01). The whole chain is verified.
    type: str
  user:
    description: Only entries about this user, as the tasks named the user.
    type: str
  export:
    description: File of the controller to write the entries to; CSV when its name ends in C(.csv), else JSON.
    type: path
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Verify the trail, and export this month
  workspot.assist.audit_info:
    path: assist-audit.jsonl
    since: '2026-11-01'
    export: november.csv
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
count:
  description: Entries of the whole trail.
  returned: success
  type: int
  sample: 42
entries:
  description: The entries that were asked for, the oldest first.
  returned: success
  type: list
  elements: dict
  sample:
    - at: '2026-11-21T09:30:00Z'
      operator: alice
      controller: ansible-01
      action: invitation
      outcome: created
      host: desk-01
      user: jdoe
      reason: cannot print
      ticket: INC-4711
export:
  description: The file that was written; none without O(export).
  returned: success
  type: str
  sample: november.csv
head:
  description: Hash of the last line. Keep it elsewhere to see later that nothing was cut off.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
lines:
  description: The same entries, one line each for a person to read.
  returned: success
  type: list
  elements: str
  sample:
    - 2026-11-21T09:30:00Z  alice  invitation  created  desk-01  jdoe  INC-4711  cannot print
"""
