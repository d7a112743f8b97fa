# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: drift_info
short_description: How far many Windows hosts are from what is wanted of Remote Assistance
version_added: 0.1.0
description:
  - Looks at many hosts at once, each over its own connection variables from the inventory, as
    M(workspot.assist.remote_assistance) does in check mode. Nothing on the hosts is changed.
  - Says which hosts are as they should be for certain, RV(settled), so that a play need not be run on them. All
    RV(others) differ, or could not be looked at; one that does not answer is no failure of the task.
  - It is one task for one host of the play, so use it with C(run_once=true).
  - What is wanted is the same for all hosts with O(policy), O(firewall) and O(feature), and each host's own with
    O(variables).
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
  - workspot.assist.wanted
attributes:
  check_mode:
    support: full
    details: Reads only. Outside check mode it also sees whether the audit trail of O(variables) can be written.
  diff_mode:
    support: none
options:
  hosts:
    description:
      - The inventory's names of the hosts to look at.
      - Without it, all hosts of the play.
    type: list
    elements: str
  variables:
    description:
      - Names of variables that hold the options of M(workspot.assist.remote_assistance), each host's own. Options that
        are given besides are not used then. A value that is empty counts as not given.
      - The variables are those that a task in the place of this one would have on that host; so put it into the role
        whose variables they are.
      - A host on which they can not be templated, or make no valid options, is among the RV(others).
    type: dict
    suboptions:
      policy:
        description: Name of the variable for O(policy).
        type: str
      firewall:
        description: Name of the variable for O(firewall).
        type: str
      feature:
        description: Name of the variable for O(feature).
        type: str
      audit_file:
        description: Name of the variable for the audit trail, which has to be one that can be written. Nothing is.
        type: str
      reason:
        description: Name of the variable for the reason in the audit trail. It has to be one that can be templated.
        type: str
  concurrency:
    description: How many hosts are looked at at the same time.
    type: int
    default: 64
  host_timeout:
    description: Seconds each host has to answer; after them it counts as unreachable.
    type: float
    default: 60.0
notes:
  - Hosts whose password comes from C(--ask-pass) are asked with it.
  - Templates that name C(ansible_play_hosts) and other things of the one play are not looked ahead of, as a later play
    may have them otherwise.
seealso:
  - module: workspot.assist.remote_assistance
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Which hosts are not locked down
  workspot.assist.drift_info:
    policy:
      preset: locked_down
    firewall:
      preset: locked_down
  run_once: true
  delegate_to: localhost
  register: look

- name: Their names
  ansible.builtin.debug:
    var: look.others
  run_once: true
"""

RETURN = r"""
others:
  description: Hosts that differ, or of which that is not known, in the order of the play.
  returned: success
  type: list
  elements: str
  sample: [desk-07]
results:
  description:
    - By host, what M(workspot.assist.remote_assistance) returns in check mode.
    - Of a host that could not be looked at, C(msg), C(error), and C(failed) or C(unreachable).
  returned: success
  type: dict
  sample:
    desk-01:
      changed: false
      state: compliant
      exchanges: 6
settled:
  description: Hosts that are as they should be, in the order of the play.
  returned: success
  type: list
  elements: str
  sample: [desk-01, desk-02]
"""
