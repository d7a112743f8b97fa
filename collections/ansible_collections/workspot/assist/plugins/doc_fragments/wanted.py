# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that say what policy, firewall and feature of a host are to be, as documentation."""

from __future__ import annotations


class ModuleDocFragment:
    """All three parts, as the modules that take them together have them."""

    DOCUMENTATION = r"""
options:
  policy:
    description: Group Policy; not concerned when this is left out. Options of M(workspot.assist.policy).
    type: dict
    suboptions:
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
          - V(warn) writes everything, and lists under C(overruled) of
            RV(workspot.assist.remote_assistance#module:policy) what has no effect.
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
          - Policy "Turn on bandwidth optimization". Not configured, the system's defaults count. Windows Vista and
            newer.
        type: str
        choices: [enabled, disabled, not_configured]
      bandwidth_optimization_level:
        description:
          - Its element "Optimize settings for reduced bandwidth". V(no_background) turns the background off,
            V(no_full_window_drag) also stops dragging windows with their contents, V(full) optimizes all, V(none)
            nothing.
        type: str
        choices: [full, no_background, no_full_window_drag, none]
      warning_messages:
        description:
          - Policy "Customize warning messages". Not configured, the user sees Windows' own texts. Windows Vista and
            newer.
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
          - Policy "Allow only Windows Vista or later connections". Enabled, an invitation holds no part that Windows
            XP can read. Not configured, the setting of the application counts. Windows Vista and newer.
        type: str
        choices: [enabled, disabled, not_configured]
      uac_uiaccess_prompts:
        description:
          - Security option "User Account Control, Allow UIAccess applications to prompt for elevation without using
            the secure desktop". Enabled, a helper sees a standard user's elevation prompts. Windows' default is
            disabled.
          - It weakens User Account Control a little. It is no part of any preset, and written to the registry at
            once, as security options have no C(Registry.pol).
        type: str
        choices: [enabled, disabled]
      uac_secure_desktop:
        description:
          - Security option "User Account Control, Switch to the secure desktop when prompting for elevation".
            Enabled, which is Windows' default, a helper sees no elevation prompt. Windows Vista and newer.
        type: str
        choices: [enabled, disabled]
  firewall:
    description: The firewall's exception; not concerned when this is left out. Options of M(workspot.assist.firewall).
    type: dict
    suboptions:
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
          - Who may connect to C(msra.exe), C(raserver.exe) and DCOM, in all profiles. The whole list; the other parts
            keep what Windows has.
          - Addresses, networks with a length or a mask, ranges such as V(10.20.0.5-10.20.0.9), and the words
            V(LocalSubnet), V(DNS), V(DHCP), V(WINS), V(DefaultGateway), V(Internet), V(Intranet),
            V(IntranetRemoteAccess).
          - V(Any), alone, lifts the limit. Names of hosts are refused.
        type: list
        elements: str
      on_conflict:
        description:
          - What to do when something else decides, such as a GPO that lets no local rules count, or a rule that
            blocks.
          - V(fail) writes nothing and says what decides. V(warn) writes all the same, and lists it under
            C(hindrances).
          - That the firewall is off, or that a rule blocks a part of the traffic, is a remark and never fails.
        type: str
        choices: [fail, warn]
        default: fail
  feature:
    description: The optional feature; not concerned when this is left out. Options of M(workspot.assist.feature).
    type: dict
    suboptions:
      state:
        description:
          - Whether Remote Assistance is to be there.
          - Client editions of Windows always have it, and it can not be removed from them. Server Core has no such
            feature.
        type: str
        choices: [present, absent]
        default: present
"""
