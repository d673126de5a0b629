# SPDX-License-Identifier: Apache-2.0
"""The ward map as the page draws it: places, and the ways between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from care_node.errors import ConfigurationError

#: A ward whose map is not known.
NO_MAP: dict[str, Any] = {'home': None, 'beds': {}, 'waypoints': {}, 'ways': []}


def read_map(
    home: Sequence[float],
    beds: Sequence[int],
    bed_poses: Sequence[float],
    waypoints: Sequence[str],
    ways: Sequence[str],
) -> dict[str, Any]:
    """Return the map for the hello frame; lengths in m, angles in rad, map frame.

    Args:
        home: x, y, yaw of the place where the robot waits.
        beds: Bed numbers.
        bed_poses: x, y, yaw of where the robot stands, for each bed.
        waypoints: 'name x y' each.
        ways: 'name name' each.

    Raises:
        ConfigurationError: An entry cannot be read.
    """
    if len(home) != 3 or len(bed_poses) != 3 * len(beds):
        raise _refusal(f'home needs 3 numbers and bed_poses {3 * len(beds)}')
    points = dict(_waypoint(entry) for entry in waypoints)
    return {
        'home': list(home),
        'beds': {str(bed): list(bed_poses[3 * i : 3 * i + 3]) for i, bed in enumerate(beds)},
        'waypoints': points,
        'ways': [_way(entry, points) for entry in ways],
    }


def _waypoint(entry: str) -> tuple[str, list[float]]:
    try:
        name, x, y = entry.split()
        point = [float(x), float(y)]
    except ValueError:
        raise _refusal(f'way-point "{entry}" is not "name x y"') from None
    if not all(map(math.isfinite, point)):
        raise _refusal(f'way-point "{entry}" has no finite place')
    return name, point


def _way(entry: str, points: dict[str, list[float]]) -> list[str]:
    names = entry.split()
    if len(names) != 2 or not points.keys() >= set(names):
        raise _refusal(f'way "{entry}" does not name two way-points')
    return names


def _refusal(why: str) -> ConfigurationError:
    return ConfigurationError(
        cause=f'The ward map is wrong: {why}.', cure='Correct params/ward.yaml.'
    )
