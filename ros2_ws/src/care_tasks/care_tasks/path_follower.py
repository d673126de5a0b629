# SPDX-License-Identifier: Apache-2.0
"""Drives along points: turn towards the next, drive, turn to the last heading.

The follower only asks for velocities; limits, stops and time-outs are control's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from care_tasks.ward_map import Place, Point


@dataclass(frozen=True)
class Gait:
    """How the robot is driven.

    Attributes:
        speed: Largest forward speed [m/s].
        turn: Largest turning speed [rad/s].
        braking: Deceleration that the approach of a point counts on [m/s^2].
        reached: Distance at which a point on the way counts as passed [m].
        arrived: Distance at which the goal counts as reached [m].
        aligned: Heading error at which the goal counts as reached [rad].
        patience: Time without way or turn after which the robot counts as held [s].
    """

    speed: float = 0.5
    turn: float = 0.8
    braking: float = 0.3
    reached: float = 0.25
    arrived: float = 0.05
    aligned: float = 0.05
    patience: float = 5.0


@dataclass(frozen=True)
class Velocity:
    """What to ask of control: forward [m/s], turning [rad/s]."""

    forward: float = 0.0
    turn: float = 0.0


#: Beyond this heading error the robot turns on the spot [rad].
_TURN_FIRST = 0.5
_HEADING_GAIN = 1.8


class PathFollower:
    """Follows one route to its end."""

    def __init__(self, points: Sequence[Point], heading: float, gait: Gait) -> None:
        """Take a route.

        Args:
            points: Points to pass, the goal last, [m].
            heading: Yaw at the goal [rad].
            gait: How to drive.
        """
        self._points = list(points)
        self._heading = heading
        self._gait = gait
        self._at_goal = False
        self.done = False

    def remaining(self, at: Place) -> float:
        """Return the length still to drive [m]."""
        if self._at_goal:
            return 0.0
        length, here = 0.0, (at.x, at.y)
        for point in self._points:
            length += math.dist(here, point)
            here = point
        return length

    def step(self, at: Place) -> Velocity:
        """Return the velocity to ask for at a pose; zero once `done`."""
        self._pass_points(at)
        if self._at_goal:
            return self._align(at)
        error = wrap(math.atan2(self._points[0][1] - at.y, self._points[0][0] - at.x) - at.yaw)
        turn = _clamp(_HEADING_GAIN * error, self._gait.turn)
        if abs(error) > _TURN_FIRST:
            return Velocity(0.0, turn)
        slow = math.cos(error) * math.sqrt(2 * self._gait.braking * self._to_stop(at))
        return Velocity(min(self._gait.speed, slow), turn)

    def _pass_points(self, at: Place) -> None:
        while len(self._points) > 1 and self._distance(at) < self._gait.reached:
            self._points.pop(0)
        if len(self._points) == 1 and self._distance(at) < self._gait.arrived:
            self._at_goal = True

    def _distance(self, at: Place) -> float:
        return math.dist((at.x, at.y), self._points[0])

    def _to_stop(self, at: Place) -> float:
        """Return the distance to the next point where the robot has to be slow [m]."""
        return max(self._distance(at) - (0.0 if len(self._points) == 1 else 0.1), 0.01)

    def _align(self, at: Place) -> Velocity:
        error = wrap(self._heading - at.yaw)
        if abs(error) < self._gait.aligned:
            self.done = True
            return Velocity()
        return Velocity(0.0, _clamp(_HEADING_GAIN * error, self._gait.turn))


def wrap(angle: float) -> float:
    """Return the angle in -pi..pi [rad]."""
    return math.remainder(angle, 2 * math.pi)


def _clamp(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
