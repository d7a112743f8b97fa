# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: firewall
short_description: Keep the Windows Firewall's Remote Assistance exception as it should be
version_added: 0.1.0
description:
  - Switches the rules of Windows' own group "Remote Assistance" on and off by profile and part, in every language of
    Windows, and narrows them to the networks of the helpers.
  - Rules that are missing, or that are about something else than Windows made them for, are made again with their
    factory values where they are needed.
  - Every change is read back. What is in force is read from the active store, and what keeps a setting from having
    its effect is named, such as a firewall that is off, a GPO that forbids local rules, or a rule that blocks.
  - Where nothing differs, nothing is written.
extends_documentation_fragment:
  - workspot.assist.attributes
  - workspot.assist.attributes.connection
  - workspot.assist.audit
attributes:
  check_mode:
    support: full
    details: Reads, compares and writes nothing.
  diff_mode:
    support: full
    details: Before and after of each setting, in words.
options:
  preset:
    description:
      - Settings to start from. Options of the task go before it.
      - V(windows_default) is what Windows has when it is new, on in the domain and private profiles, off in the
        public one, for every address.
      - V(helpdesk) opens C(msra.exe) in the domain profile and closes everything else, edge traversal too.
      - V(locked_down) closes the whole exception in every profile.
    type: str
    choices: [windows_default, helpdesk, locked_down]
  domain:
    description:
      - The exception in the domain profile. Parts that are not named are left as they are.
      - When Windows is new, everything is on.
    type: dict
    suboptions: &profile
      state:
        description:
          - V(on) switches on every part that Windows has rules for in this profile, V(off) switches off the whole
            exception, V(default) makes it what it is when Windows is new. The other options refine it.
        type: str
        choices: ['on', 'off', default]
      msra:
        description: The program C(msra.exe), for invitations and offers. It listens on dynamic ports.
        type: bool
      raserver:
        description: The program C(raserver.exe), for offers.
        type: bool
      dcom:
        description: DCOM on TCP port 135, for offers.
        type: bool
      ssdp:
        description: UPnP and SSDP, by which C(msra.exe) opens home routers. UDP 1900 and TCP 2869, local subnet.
        type: bool
      pnrp:
        description: Peer Name Resolution, for Easy Connect. UDP 3540.
        type: bool
  private:
    description:
      - The exception in the private profile. Parts that are not named are left as they are.
      - When Windows is new, everything is on but what is for offers.
    type: dict
    suboptions: *profile
  public:
    description:
      - The exception in the public profile. Parts that are not named are left as they are.
      - When Windows is new, everything is off.
    type: dict
    suboptions: *profile
  edge_traversal:
    description:
      - Whether Teredo may reach C(msra.exe) and Peer Name Resolution through a router. True when Windows is new.
    type: bool
  remote_addresses:
    description:
      - Who may connect to C(msra.exe), C(raserver.exe) and DCOM, in all profiles. The whole list; the other parts keep
        what Windows has.
      - Addresses, networks with a length or a mask, ranges such as V(10.20.0.5-10.20.0.9), and the words
        V(LocalSubnet), V(DNS), V(DHCP), V(WINS), V(DefaultGateway), V(Internet), V(Intranet), V(IntranetRemoteAccess).
      - V(Any), alone, lifts the limit. Names of hosts are refused.
    type: list
    elements: str
  on_conflict:
    description:
      - What to do when something else decides, such as a GPO that lets no local rules count, or a rule that blocks.
      - V(fail) writes nothing and says what decides. V(warn) writes all the same, and lists it under C(hindrances).
      - That the firewall is off, or that a rule blocks a part of the traffic, is a remark and never fails.
    type: str
    choices: [fail, warn]
    default: fail
seealso:
  - module: workspot.assist.firewall_info
  - module: workspot.assist.remote_assistance
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: Invitations on the domain network, from the helpdesk's networks alone
  workspot.assist.firewall:
    preset: helpdesk
    remote_addresses:
      - 10.20.0.0/16
      - 10.30.7.0/24

- name: As Windows has it when it is new
  workspot.assist.firewall:
    preset: windows_default

- name: Offers on the domain network too; what else is on or off stays so
  workspot.assist.firewall:
    domain:
      msra: true
      raserver: true
      dcom: true

- name: Invitations on private networks too, whoever comes, without Teredo
  workspot.assist.firewall:
    preset: helpdesk
    private:
      msra: true
    edge_traversal: false
    remote_addresses: [Any]

- name: Nothing on public networks, and everything else as Windows has it
  workspot.assist.firewall:
    preset: windows_default
    public:
      state: 'off'

- name: Ready for the day that the GPO lets local rules count
  workspot.assist.firewall:
    preset: helpdesk
    on_conflict: warn
  register: firewall

- name: Who decides instead
  ansible.builtin.debug:
    msg: "{{ firewall.hindrances | map(attribute='cause') }}"
"""

RETURN = r"""
changes:
  description: The settings that differed; empty when nothing was written.
  returned: success
  type: list
  elements: dict
  contains:
    after:
      description: What it is now, or would be.
      returned: always
      type: raw
      sample: 'on'
    before:
      description: What it was.
      returned: always
      type: raw
      sample: 'off'
    setting:
      description: What differed, such as V(domain.msra), V(remote_addresses) or a rule's name.
      returned: always
      type: str
      sample: domain.msra
    title:
      description: The same in words.
      returned: always
      type: str
      sample: Remote Assistance program (msra.exe), domain profile
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 7
hindrances:
  description: What keeps wanted settings from having their effect.
  returned: success
  type: list
  elements: dict
  contains:
    cause:
      description: The exact cause.
      returned: always
      type: str
      sample: The firewall is off in this profile, so everything may come in and no rule counts.
    fix:
      description: What to do.
      returned: always
      type: str
      sample: Switch the firewall on in this profile.
    kind:
      description:
        - The cause as one word. V(inbound_blocked), V(local_rules_forbidden), V(blocked) and V(opened_by_policy) are
          conflicts; V(partly_blocked), V(firewall_off), V(not_enforced) and V(in_force_unknown) are remarks.
      returned: always
      type: str
      sample: firewall_off
    profile:
      description: The profile concerned; empty for the whole host.
      returned: always
      type: str
      sample: domain
    title:
      description: What is concerned.
      returned: always
      type: str
      sample: Remote Assistance exception
"""
