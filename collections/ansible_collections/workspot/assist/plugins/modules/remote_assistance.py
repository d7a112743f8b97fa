# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: remote_assistance
short_description: Keep policy, firewall and feature of Remote Assistance on a Windows host as they should be
version_added: 0.1.0
description:
  - Does what M(workspot.assist.policy), M(workspot.assist.firewall) and M(workspot.assist.feature) do, over one
    connection and one login, with one command line that reads everything.
  - The result keeps the three apart. What one of them can not do does not keep the others from their work; the task
    fails then all the same.
  - Where nothing differs, nothing is written.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
  - workspot.assist.wanted
  - workspot.assist.audit
attributes:
  check_mode:
    support: full
    details: Reads, compares and writes nothing.
  diff_mode:
    support: full
    details: Before and after of each setting, part by part.
seealso:
  - module: workspot.assist.policy
  - module: workspot.assist.firewall
  - module: workspot.assist.feature
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: What a helpdesk needs, and no more
  workspot.assist.remote_assistance:
    feature:
      state: present
    policy:
      preset: helpdesk
    firewall:
      preset: helpdesk
      remote_addresses:
        - 10.20.0.0/16

- name: No Remote Assistance on these hosts, policy and firewall alike
  workspot.assist.remote_assistance:
    policy:
      preset: locked_down
    firewall:
      preset: locked_down

- name: How far a host is from that, without changing it
  workspot.assist.remote_assistance:
    policy:
      preset: locked_down
    firewall:
      preset: locked_down
      on_conflict: warn
  check_mode: true
  register: audit

- name: Its state in one word
  ansible.builtin.debug:
    var: audit.state
"""

RETURN = r"""
baselines:
  description: Rules of published baselines after the run, as M(workspot.assist.policy_info) returns them.
  returned: success
  type: list
  elements: dict
  sample:
    - rule_id: WN11-CC-000155
      baseline: DISA STIG Microsoft Windows 11
      setting: solicited_remote_assistance
      wanted: disabled
      in_force: enabled
      met: false
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 7
feature:
  description:
    - What M(workspot.assist.feature) returns, and an RV(ignore:error) that is none when it could be done; none when
      it was not asked for.
  returned: success
  type: dict
  sample:
    changed: false
    before: present
    state: present
    restart_required: false
    edition: server
    error: null
firewall:
  description:
    - What M(workspot.assist.firewall) returns, and an RV(ignore:error) that is none when it could be done; none when
      it was not asked for.
  returned: success
  type: dict
  sample:
    changed: false
    changes: []
    hindrances: []
    warnings: []
    error: null
policy:
  description:
    - What M(workspot.assist.policy) returns, and an RV(ignore:error) that is none when it could be done; none when it
      was not asked for.
  returned: success
  type: dict
  sample:
    changed: false
    changes: []
    overruled: []
    version:
      before: 3
      after: 3
    refreshed: false
    warnings: []
    error: null
state:
  description:
    - The host in one word, the worst first. V(failed), V(overruled) by a GPO or a blocking rule, V(changed) or in
      check mode V(drifted), or V(compliant).
  returned: success
  type: str
  sample: compliant
"""
