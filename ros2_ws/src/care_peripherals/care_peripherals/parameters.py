# SPDX-License-Identifier: AGPL-3.0-or-later
"""Parameters of the node; values stand in params/peripherals.yaml."""

from __future__ import annotations

from care_node.parameters import Parameter

SIMULATED_PORT = 'simulated'

PARAMETERS = (
    Parameter('port', SIMULATED_PORT, 'Serial port of the board, or "simulated"'),
    Parameter(
        'settle', 2.0, 'Wait after opening the port, while the board restarts', 's', 0.0, 10.0
    ),
    Parameter('stale_after', 0.5, 'Silence after which the board is STALE', 's', 0.2, 0.9),
    Parameter('retry_first', 0.5, 'First wait after a fault; it doubles', 's', 0.05, 10.0),
    Parameter('retry_longest', 8.0, 'Longest wait after a fault', 's', 0.05, 60.0),
    Parameter('drawers', 4, 'Number of drawers with a lock', minimum=0, maximum=4),
    Parameter('unlock_time', 8.0, 'How long a drawer may be opened', 's', 1.0, 10.0),
    Parameter('grant_key_file', '', 'Key of the grants; empty: grant.key in state_dir'),
    Parameter(
        'places', ['home 0.0 0.0'], 'Places beside the beds: "name x y" each, map frame', 'm'
    ),
    Parameter('place_radius', 0.5, 'How near a place the robot is at it', 'm', 0.05, 5.0),
    Parameter('base_frame', 'base_footprint', 'Frame of the robot'),
    Parameter(
        'alarms_silent_after', 3.0, 'Silence after which the alarms are lost', 's', 1.5, 30.0
    ),
    Parameter('simulated_control', '', 'Unix socket that moves the simulated board; empty: none'),
)
