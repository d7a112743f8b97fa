# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The work is done on the controller, by the action plugin of the same name; this file is its documentation.
DOCUMENTATION = r"""
module: policy
short_description: Keep the Remote Assistance Group Policy of a Windows host as it should be
version_added: 0.1.0
description:
  - Sets the policies of Computer Configuration, Administrative Templates, System, Remote Assistance where Group
    Policy itself keeps them, in C(Registry.pol) and C(gpt.ini) of the local Group Policy object. They are visible in
    the Group Policy editor, and they survive C(gpupdate).
  - Then Group Policy is refreshed, and the live policy values are read back and compared.
  - Says when a GPO of the domain decides a setting otherwise, and which one.
  - Entries of C(Registry.pol) that are not about these settings stay as they are, to the byte. Both files are
    replaced as a whole, and only if nobody changed them since they were read. A damaged file is never overwritten.
  - Where nothing differs, nothing is written.
  - A setting that is not named is left as it is.
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
    details: Before and after of each setting, in the words of the Group Policy editor.
options:
  preset:
    description:
      - Settings to start from. Options of the task go before it.
      - V(helpdesk) enables solicited Remote Assistance with tickets of one hour, session logging and encrypted
        tickets only, and disables offers.
      - V(locked_down) disables both, as DISA STIG WN11-CC-000155 and CIS 18.9.35 ask for.
    type: str
    choices: [helpdesk, locked_down]
  scope:
    description:
      - V(local_group_policy) writes the local Group Policy object and refreshes it.
      - V(registry) writes the live policy keys alone, for images on which local Group Policy is not processed
        (policy "Turn off Local Group Policy Objects processing").
    type: str
    choices: [local_group_policy, registry]
    default: local_group_policy
  on_domain_conflict:
    description:
      - What to do when a GPO of the domain decides a named setting otherwise.
      - V(fail) writes nothing and names the GPO.
      - V(warn) writes everything, and lists in RV(overruled) what has no effect.
    type: str
    choices: [fail, warn]
    default: fail
  solicited_remote_assistance:
    description:
      - Policy "Configure Solicited Remote Assistance", whether users may ask for help with an invitation.
      - Not configured, each user decides in System Properties. Windows XP and newer.
    type: str
    choices: [enabled, disabled, not_configured]
  solicited_control:
    description:
      - Its element "Permit remote control of this computer", whether a helper may control or only view.
      - The editor shows V(allow_control) first.
    type: str
    choices: [allow_control, view_only]
  ticket_lifetime:
    description:
      - Its element "Maximum ticket time (value)", between 1 and 99. The editor shows 1 first.
      - Where nothing is configured, an invitation is good for six hours.
    type: int
  ticket_lifetime_units:
    description: Its element "Maximum ticket time (units)". The editor shows V(hours) first.
    type: str
    choices: [minutes, hours, days]
  invitation_mail_method:
    description:
      - Its element "Method for sending email invitations". It has no effect since Windows Vista.
      - The editor shows V(simple_mapi) first.
    type: str
    choices: [simple_mapi, mailto]
  offer_remote_assistance:
    description:
      - Policy "Configure Offer Remote Assistance", whether helpers may offer help without an invitation.
      - Not configured, nobody can. Windows XP and newer.
    type: str
    choices: [enabled, disabled, not_configured]
  offer_control:
    description: Its element "Permit remote control of this computer". The editor shows V(allow_control) first.
    type: str
    choices: [allow_control, view_only]
  offer_helpers:
    description:
      - Its list "Helpers", the users and groups that may offer help, such as V(CORP\\Helpdesk). The whole list.
    type: list
    elements: str
  session_logging:
    description:
      - Policy "Turn on session logging". Not configured, the setting of the application counts. Windows Vista and
        newer.
    type: str
    choices: [enabled, disabled, not_configured]
  bandwidth_optimization:
    description:
      - Policy "Turn on bandwidth optimization". Not configured, the system's defaults count. Windows Vista and newer.
    type: str
    choices: [enabled, disabled, not_configured]
  bandwidth_optimization_level:
    description:
      - Its element "Optimize settings for reduced bandwidth". V(no_background) turns the background off,
        V(no_full_window_drag) also stops dragging windows with their contents, V(full) optimizes all, V(none) nothing.
    type: str
    choices: [full, no_background, no_full_window_drag, none]
  warning_messages:
    description:
      - Policy "Customize warning messages". Not configured, the user sees Windows' own texts. Windows Vista and newer.
    type: str
    choices: [enabled, disabled, not_configured]
  warning_before_control:
    description: Its text "Display warning message before sharing control", one line. Empty is Windows' own text.
    type: str
  warning_before_connecting:
    description: Its text "Display warning message before connecting", one line. Empty is Windows' own text.
    type: str
  vista_or_later_only:
    description:
      - Policy "Allow only Windows Vista or later connections". Enabled, an invitation holds no part that Windows XP
        can read. Not configured, the setting of the application counts. Windows Vista and newer.
    type: str
    choices: [enabled, disabled, not_configured]
  uac_uiaccess_prompts:
    description:
      - Security option "User Account Control, Allow UIAccess applications to prompt for elevation without using the
        secure desktop". Enabled, a helper sees a standard user's elevation prompts. Windows' default is disabled.
      - It weakens User Account Control a little. It is no part of any preset, and written to the registry at once, as
        security options have no C(Registry.pol).
    type: str
    choices: [enabled, disabled]
  uac_secure_desktop:
    description:
      - Security option "User Account Control, Switch to the secure desktop when prompting for elevation". Enabled,
        which is Windows' default, a helper sees no elevation prompt. Windows Vista and newer.
    type: str
    choices: [enabled, disabled]
notes:
  - A policy that is enabled always has all its elements, as the Group Policy editor writes them. Those that the task
    does not name stay as they are, or become what the editor shows first.
  - C(gpupdate) runs without C(/force) first, and with it only when the settings are not in force after that.
seealso:
  - module: workspot.assist.policy_info
author:
  - workspot.assist contributors (@workspot)
"""

EXAMPLES = r"""
- name: What a helpdesk needs
  workspot.assist.policy:
    preset: helpdesk

- name: The same, with view only and a shorter lifetime
  workspot.assist.policy:
    preset: helpdesk
    solicited_control: view_only
    ticket_lifetime: 30
    ticket_lifetime_units: minutes

- name: Both kinds of Remote Assistance off
  workspot.assist.policy:
    preset: locked_down

- name: Let two groups offer help
  workspot.assist.policy:
    offer_remote_assistance: enabled
    offer_helpers:
      - CORP\Helpdesk
      - CORP\Second Level
"""

RETURN = r"""
changes:
  description: The settings that differed, in the words of the options; empty when nothing was written.
  returned: success
  type: list
  elements: dict
  contains:
    after:
      description: What it is now, or would be.
      returned: always
      type: raw
      sample: enabled
    before:
      description: What it was; none when it was not set.
      returned: always
      type: raw
      sample: not_configured
    setting:
      description: The option.
      returned: always
      type: str
      sample: solicited_remote_assistance
    title:
      description: The words of the Group Policy editor.
      returned: always
      type: str
      sample: Configure Solicited Remote Assistance
    where:
      description: Where it differed, in V(local_group_policy), in the live V(registry) or in both.
      returned: always
      type: list
      elements: str
      sample: [local_group_policy, registry]
exchanges:
  description: WS-Management requests that it took, the login aside.
  returned: success
  type: int
  sample: 5
overruled:
  description: The settings that a GPO of the domain decides otherwise.
  returned: success
  type: list
  elements: dict
  contains:
    gpo:
      description: Name of the GPO, or its GUID where the host does not tell the name.
      returned: always
      type: str
      sample: Workstations baseline
    gpo_id:
      description: GUID of the GPO.
      returned: always
      type: str
      sample: '{31B2F340-016D-11D2-945F-00C04FB984F9}'
    in_force:
      description: What the GPO makes it.
      returned: always
      type: raw
      sample: disabled
    setting:
      description: The option.
      returned: always
      type: str
      sample: solicited_remote_assistance
    title:
      description: The words of the Group Policy editor.
      returned: always
      type: str
      sample: Configure Solicited Remote Assistance
    wanted:
      description: What the task wants.
      returned: always
      type: raw
      sample: enabled
refreshed:
  description: Whether Group Policy was refreshed.
  returned: success
  type: bool
  sample: true
version:
  description: The computer's version in gpt.ini.
  returned: success
  type: dict
  contains:
    after:
      description: Version now; the same in check mode.
      returned: always
      type: int
      sample: 4
    before:
      description: Version before.
      returned: always
      type: int
      sample: 3
"""
