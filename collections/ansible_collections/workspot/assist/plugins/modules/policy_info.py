# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: policy_info
short_description: What the Remote Assistance Group Policy of a Windows host is, and who decides it
version_added: 0.1.0
description:
  - Reads the local Group Policy object, the live policy values and the resultant set of policy, and describes each
    setting in words, with who decides it.
  - Says which published baselines the host meets or breaks, with their rule ids.
  - Nothing on the host is changed.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
attributes:
  check_mode:
    support: full
    details: Reads only.
  diff_mode:
    support: none
options: {}
seealso:
  - module: workspot.assist.policy
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Read the policy
  workspot.assist.policy_info:
  register: assistance

- name: Fail where a baseline is broken
  ansible.builtin.assert:
    that: assistance.baselines | rejectattr('met') | length == 0
"""

RETURN = r"""
baselines:
  description: Rules of published baselines that are about Remote Assistance.
  returned: success
  type: list
  elements: dict
  contains:
    baseline:
      description: Name and version of the baseline.
      returned: always
      type: str
      sample: DISA STIG Microsoft Windows 11
    in_force:
      description: What is in force.
      returned: always
      type: str
      sample: enabled
    met:
      description: Whether the host meets the rule.
      returned: always
      type: bool
      sample: false
    rule_id:
      description: The rule's number.
      returned: always
      type: str
      sample: WN11-CC-000155
    setting:
      description: The option of M(workspot.assist.policy) that it is about.
      returned: always
      type: str
      sample: solicited_remote_assistance
    wanted:
      description: What the rule wants.
      returned: always
      type: str
      sample: disabled
domain_policy_known:
  description: Whether the host keeps a resultant set of policy, so that the part of a domain's GPOs is known.
  returned: success
  type: bool
  sample: true
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 5
just_in_time:
  description:
    - What is open for single invitations at this moment (see O(workspot.assist.invitation#module:just_in_time)), so
      that what is in force is not what the host's policy says. Empty between invitations.
  returned: success
  type: list
  elements: dict
  contains:
    firewall_rule:
      description: The firewall rule of that invitation.
      returned: always
      type: str
      sample: workspot.assist-0123456789abcdef
    helper_addresses:
      description: From where helpers may connect.
      returned: always
      type: list
      elements: str
      sample: [10.20.0.0/16]
    session_id:
      description: The session that was opened for.
      returned: always
      type: int
      sample: 1
    until:
      description: When it is over at the latest while no helper is connected, by the host's clock in UTC.
      returned: always
      type: str
      sample: '2026-11-21T10:30:00Z'
local_group_policy:
  description: State of the local Group Policy object.
  returned: success
  type: dict
  contains:
    damage:
      description: Why one of its files can not be understood; none when they can.
      returned: always
      type: str
      sample: no PReg signature at offset 0.
    pending:
      description: Settings that are in C(Registry.pol) and not in force, though no domain GPO decides them.
      returned: always
      type: list
      elements: str
      sample: []
    processing_off:
      description: Whether the policy "Turn off Local Group Policy Objects processing" is on.
      returned: always
      type: bool
      sample: false
    registry_pol:
      description: Whether C(Registry.pol) is V(present), V(missing), V(empty) or V(corrupt).
      returned: always
      type: str
      sample: present
    version:
      description: The computer's version in C(gpt.ini).
      returned: always
      type: int
      sample: 3
managed_by_mdm:
  description: Whether device management (MDM) sets Remote Assistance policy on the host.
  returned: success
  type: bool
  sample: false
presets:
  description: Which presets of M(workspot.assist.policy) are wholly in force.
  returned: success
  type: dict
  sample:
    helpdesk: true
    locked_down: false
settings:
  description:
    - Each setting by its option of M(workspot.assist.policy), with its RV(ignore:title), what is RV(ignore:in_force),
      what RV(ignore:local_group_policy) says, and by whom it is RV(ignore:decided_by), the name of a domain's GPO,
      V(local_group_policy), V(registry) for a value that no GPO has, or V(nobody).
  returned: success
  type: dict
  sample:
    solicited_remote_assistance:
      title: Configure Solicited Remote Assistance
      in_force: enabled
      local_group_policy: enabled
      decided_by: local_group_policy
"""
