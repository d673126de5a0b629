# SPDX-License-Identifier: Apache-2.0
"""Who may do what. What is not named here is refused. STOP needs nobody."""

from __future__ import annotations

#: Commands to the robot.
ROBOT = frozenset({'go_to_bed', 'check_bed', 'return', 'at_home', 'cancel_task', 'release_stop'})
_NURSE = ROBOT | {'camera_view', 'acknowledge', 'pause_audio', 'sound_test'}

#: Commands of each role.
COMMANDS: dict[str, frozenset[str]] = {
    'viewer': frozenset(),
    'nurse': _NURSE,
    'charge_nurse': _NURSE | {'set_limits', 'unlock_user'},
}


def allows(role: str, command: str) -> bool:
    """Tell whether a role may give a command."""
    return command in COMMANDS.get(role, frozenset())
