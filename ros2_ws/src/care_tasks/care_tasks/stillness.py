# SPDX-License-Identifier: Apache-2.0
"""Notices a robot that is to move and does not."""

from __future__ import annotations

import math

from care_tasks.path_follower import wrap
from care_tasks.ward_map import Place

#: Less than this is no motion: encoders and localisation tremble [m], [rad].
_WAY = 0.05
_TURN = 0.05


class Stillness:
    """Measures for how long a robot has neither driven nor turned."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._since = 0.0

    def seconds(self, at: Place, now: float) -> float:
        """Take a pose; return how long the robot has been there [s].

        Args:
            at: Pose in the map frame.
            now: Steady time [s].
        """
        if self._place is None or _moved(self._place, at):
            self._place, self._since = at, now
        return now - self._since


def _moved(one: Place, other: Place) -> bool:
    way = math.dist((one.x, one.y), (other.x, other.y))
    return way >= _WAY or abs(wrap(other.yaw - one.yaw)) >= _TURN
