# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of the place where the robot is, for grants that hold at one place only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

from care_node.transforms import Pose, TransformBuffer, TransformError

_MAP = 'map'
_SILENT_AFTER_S = 1.0

Point = tuple[float, float]


class Places:
    """Compares the robot's pose with known places."""

    def __init__(
        self,
        places: Mapping[str, Point],
        radius: float,
        base_frame: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the places.

        Args:
            places: x, y [m] in the map frame of each.
            radius: How near the robot is at a place [m].
            base_frame: Frame of the robot.
            clock: Steady time [s].
        """
        self._places = dict(places)
        self._radius = radius
        self._base = base_frame
        self._clock = clock
        self._buffer = TransformBuffer()
        self._moved_at = float('-inf')

    def add(self, parent: str, child: str, stamp: float, pose: Pose, *, fixed: bool) -> None:
        """Take a transform, see TransformBuffer."""
        self._buffer.add(parent, child, stamp, pose, fixed=fixed)
        if not fixed:
            self._moved_at = self._clock()

    def here(self) -> frozenset[str]:
        """Return the places where the robot is now; empty when it is at none or not known."""
        if self._clock() - self._moved_at > _SILENT_AFTER_S:
            return frozenset()
        try:
            x, y, _ = self._buffer.lookup(_MAP, self._base).translation
        except TransformError:
            return frozenset()
        return frozenset(
            name
            for name, (px, py) in self._places.items()
            if math.hypot(x - px, y - py) <= self._radius
        )


def bed_places(beds: Sequence[int], poses: Sequence[float]) -> dict[str, Point]:
    """Return the places of the beds, named bed_<n>; poses hold x, y, yaw of each bed.

    Raises:
        ValueError: Not three numbers a bed.
    """
    if len(poses) != 3 * len(beds):
        raise ValueError(f'bed_poses needs {3 * len(beds)} numbers, not {len(poses)}')
    return {f'bed_{bed}': (poses[3 * i], poses[3 * i + 1]) for i, bed in enumerate(beds)}


def named_places(lines: Sequence[str]) -> dict[str, Point]:
    """Return the places of lines 'name x y'; empty lines name none.

    Raises:
        ValueError: A line is not of that form.
    """
    places = {}
    for line in filter(None, lines):
        try:
            name, x, y = line.split()
            places[name] = (float(x), float(y))
        except ValueError as error:
            raise ValueError(f'"{line}" is not "name x y"') from error
    return places
