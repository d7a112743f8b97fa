# Copyright: (c) 2026, workspot.assist contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quirks: where it is not certain what Windows does, each possibility can be switched on.

docs/windows-unverified.md names every one of these facts with a way to check it on a real host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

QUIRKS: dict[str, tuple[Any, ...]] = {
    "missing_value_return": (1, 2),
    "task_delete_ends_process": (False, True),
    "msra_appends_extension": (False, True),
    "incident_encoding": ("utf-8", "utf-8-bom", "utf-16"),
    "task_session_choice": ("first", "last", "console"),
    "quser_exit_code": (1, 0),
    "projection_wrapper": ("XmlFragment", "class"),
    "provider_fault": ("wmi-error", "extended-status"),
    "access_denied_code": (5, 2147942405),
    "first_reply_empty": (False, True),
    "basic_disabled": (False, True),
    "channel_binding": ("relaxed", "strict"),
    "login_with_message": ("taken", "bad_request"),
    "receive_done_apart": (False, True),
    "task_xml_declaration_refused": (True, False),
    "namespace_case": ("lower", "as-sent"),
    "session_data_stale": (False, True),
    "hku_volatile_missing": (False, True),
    "session_data_missing": (False, True),
    "allow_unencrypted": (False, True),
    "netstat_localised": (True, False),
    "quser_language": (None, "en-US", "de-DE"),
    "reg_output_order": ("kernel", "sorted", "reverse"),
    "reg_prints_empty_keys": (False, True),
    "taskkill_no_match_code": (0, 128),
    "demand_start_keeps_limit": (False, True),
    "on_battery": (False, True),
    "msra_locks_file": (False, True),
    "ticket_lifetime_unit": ("minutes", "seconds"),
    "missing_pol_is_error": (False, True),
    "corrupt_pol_is_skipped": (False, True),
    "corrupt_gpt_ini_is_error": (True, False),
    "gpupdate_failure_code": (1, 0),
    "gpupdate_late_code": (0, 1),
    "rsop_deleted_name": ("value", "special"),
    "rsop_local_id": ("LocalGPO", "Local Group Policy", ""),
    "rsop_gpo_named": (True, False),
    "local_version_needs_force": (False, True),
    "local_needs_extensions": (True, False),
    "cmd_output_shared": (False, True),
    "rsop_gpo_id_case": ("same", "differs"),
    "rsop_namespace_missing": (False, True),
    "firewall_store_option": ("prefixed", "any", "ignored"),
    "firewall_store_source": ("always", "traced"),
    "firewall_group_query": ("works", "empty"),
    "firewall_enforcement_list": ("per_profile", "single"),
    "firewall_active_lists_disabled": (True, False),
    "firewall_registry_live": (False, True),
    "firewall_clone": ("works", "refused"),
    "firewall_create_options": ("prefixed", "ignored"),
    "firewall_group_protected": (True, False),
    "firewall_address_form": ("mask", "length"),
    "feature_name": ("RemoteAssistance", "Remote-Assistance"),
    "feature_restart": (False, True),
    "feature_brings_rules": (True, False),
    "feature_pending_state": ("old", "new"),
    "feature_pending_key": (True, False),
    "msg_failure_code": (1, 0),
    "ended_msra_events": ("none", "closed"),
    "event_process": ("msra", "other"),
    "connection_time": ("made", "missing"),
    "for_f_reads_utf8": (True, False),
    "session_log_encoding": ("utf-8", "utf-8-bom", "utf-16"),
    "session_log_written": ("at_end", "as_it_happens"),
    "logon_sessions": ("all", "own", "without_interactive"),
    "logon_sessions_stale": (False, True),
    "logon_session_query": ("works", "fails", "slow"),
    "reference_form": ("epr", "path"),
}
"""Each quirk's possibilities, the default first."""


def check_quirks(quirks: Mapping[str, Any]) -> None:
    """Refuse a quirk or a possibility that does not exist.

    Raises:
        ValueError: One line.
    """
    for name, value in quirks.items():
        if name not in QUIRKS:
            raise ValueError(f"there is no quirk {name!r}; there are {', '.join(sorted(QUIRKS))}")
        if value not in QUIRKS[name]:
            raise ValueError(f"quirk {name} is one of {QUIRKS[name]}, not {value!r}")


def with_defaults(quirks: Mapping[str, Any]) -> dict[str, Any]:
    """All quirks, those not set at their default."""
    return {name: quirks.get(name, choices[0]) for name, choices in QUIRKS.items()}
