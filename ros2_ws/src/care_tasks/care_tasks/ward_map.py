# SPDX-License-Identifier: Apache-2.0
"""The ward as way-points and the ways between them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


class MapError(ValueError):
    """The map in the parameters is not usable; the text says which entry and why."""


@dataclass(frozen=True)
class Place:
    """A place to stand: x, y [m] and yaw [rad] in the map frame."""

    x: float
    y: float
    yaw: float


class WardMap:
    """Way-points, the ways between them, and where to stand at each bed."""

    def __init__(
        self,
        waypoints: Sequence[str],
        ways: Sequence[str],
        beds: dict[int, Place],
        home: Place,
    ) -> None:
        """Read the map.

        Args:
            waypoints: 'name x y' each, metres in the map frame.
            ways: 'name name' each; every way leads both ways.
            beds: Where to stand at each bed.
            home: Where the robot waits.

        Raises:
            MapError: An entry is malformed, a name is unknown, or a part cannot be reached.
        """
        self.beds = beds
        self.home = home
        self._points = dict(_waypoint(entry) for entry in waypoints)
        self._ways: dict[str, list[str]] = {name: [] for name in self._points}
        for entry in ways:
            a, b = _way(entry, self._points)
            self._ways[a].append(b)
            self._ways[b].append(a)
        self._check_connected()

    def route(self, start: Point, goal: Place) -> list[Point]:
        """Return the shortest way from a point to a place along the way-points.

        Args:
            start: Where the robot stands, [m].
            goal: Where it is to stand.

        Returns:
            Points to pass, the goal last; [m] in the map frame.
        """
        end = (goal.x, goal.y)
        first, last = self._nearest(start), self._nearest(end)
        names = self._shortest(first, last)
        points = [self._points[name] for name in names]
        # A robot between two way-points need not go back to the nearer one first.
        if len(points) > 1 and math.dist(start, points[1]) <= math.dist(points[0], points[1]):
            points = points[1:]
        elif len(points) == 1 and math.dist(start, end) <= math.dist(points[0], end):
            points = []
        return [*points, end]

    def _nearest(self, point: Point) -> str:
        return min(self._points, key=lambda name: math.dist(self._points[name], point))

    def _shortest(self, start: str, goal: str) -> list[str]:
        """Dijkstra's algorithm (Numerische Mathematik 1, 1959)."""
        queue: list[tuple[float, str, list[str]]] = [(0.0, start, [start])]
        done: set[str] = set()
        while queue:
            length, name, path = heapq.heappop(queue)
            if name == goal:
                return path
            if name in done:
                continue
            done.add(name)
            for follower in self._ways[name]:
                step = math.dist(self._points[name], self._points[follower])
                heapq.heappush(queue, (length + step, follower, [*path, follower]))
        raise MapError(f'no way from {start} to {goal}')

    def _check_connected(self) -> None:
        if not self._points:
            raise MapError('the map has no way-points')
        first = next(iter(self._points))
        for name in self._points:
            self._shortest(first, name)


def _waypoint(entry: str) -> tuple[str, Point]:
    words = entry.split()
    try:
        name, x, y = words[0], float(words[1]), float(words[2])
    except (IndexError, ValueError):
        raise MapError(f'way-point {entry!r} is not "name x y"') from None
    if len(words) != 3 or not (math.isfinite(x) and math.isfinite(y)):
        raise MapError(f'way-point {entry!r} is not "name x y" with finite numbers')
    return name, (x, y)


def _way(entry: str, points: dict[str, Point]) -> tuple[str, str]:
    words = entry.split()
    if len(words) != 2:
        raise MapError(f'way {entry!r} is not "name name"')
    for name in words:
        if name not in points:
            raise MapError(f'way {entry!r} names the unknown way-point {name!r}')
    return words[0], words[1]
