# SPDX-License-Identifier: Apache-2.0
"""Persons who come into the robot's way, 10,000 of each kind: gaps, and speeds of touch.

Control core and plant, as fast as possible; the same numbers give the same scenarios everywhere.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from figures import Figure

COUNT = 10_000
_FASTEST = 0.8  # [m/s] of the robot in the scenarios


def _played(count: int) -> dict[str, Any]:
    """Play `count` scenarios of each kind of entry with the built program."""
    for prefix in os.environ['AMENT_PREFIX_PATH'].split(os.pathsep):
        program = Path(prefix) / 'lib/care_control/control_scenarios'
        if program.exists():
            command = [str(program), '--count', str(count)]
            played = subprocess.run(command, check=True, capture_output=True, text=True)
            result: dict[str, Any] = json.loads(played.stdout)
            return result
    raise FileNotFoundError('control_scenarios is not built: run ./care build')


def measure() -> list[Figure]:
    """Return touches and gaps beyond the separation distance, touch speeds within it and beside."""
    played = _played(COUNT)
    beyond, within, beside = (played[name] for name in ('beyond', 'within', 'beside'))
    figures = [
        Figure('beyond the separation distance: touched', beyond['touched'], 'of 10k', 0),
        Figure('beyond it: smallest gap', beyond['smallest_gap'], 'm', 0.0, 'higher'),
        Figure(
            'within it: at rest before a touch', within['rested'], 'of 10k', COUNT / 2, 'higher'
        ),
        Figure('within it: run into', within['run_into'], 'of 10k', COUNT / 2),
    ]
    figures += [
        Figure(f'within it: touch speed {name}', within['touch_speed'][name], 'm/s', _FASTEST)
        for name in ('p50', 'p90', 'p99', 'max')
    ]
    figures.append(
        Figure('from beside the path: run into', beside['run_into'], 'of 10k', COUNT / 2)
    )
    figures += [
        Figure(f'from beside: touch speed {name}', beside['touch_speed'][name], 'm/s', _FASTEST)
        for name in ('p50', 'p90', 'p99', 'max')
    ]
    return figures
