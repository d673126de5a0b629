# SPDX-License-Identifier: Apache-2.0
"""A small buffer of transforms for planar robots and fixed sensors, without ROS.

It does what our nodes ask of tf2: keep ten seconds of each joint, interpolate between two stamps,
chain through the tree, and say plainly why a transform is not to be had.
"""

from __future__ import annotations

import bisect
import math
from collections import deque
from dataclasses import dataclass

KEEP_S = 10.0

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


class TransformError(LookupError):
    """A transform is not to be had; the text says why."""


@dataclass(frozen=True)
class Pose:
    """Pose of a child frame in its parent: translation [m], rotation (x, y, z, w), unit norm."""

    translation: Vector = (0.0, 0.0, 0.0)
    rotation: Quaternion = (0.0, 0.0, 0.0, 1.0)

    def then(self, other: Pose) -> Pose:
        """Return the pose of other's child in this pose's parent."""
        return Pose(self.apply(other.translation), multiply(self.rotation, other.rotation))

    def inverse(self) -> Pose:
        """Return the pose of the parent in the child."""
        x, y, z, w = self.rotation
        back = (-x, -y, -z, w)
        tx, ty, tz = rotate(back, self.translation)
        return Pose((-tx, -ty, -tz), back)

    def apply(self, point: Vector) -> Vector:
        """Return a point of the child frame in the parent frame."""
        x, y, z = rotate(self.rotation, point)
        tx, ty, tz = self.translation
        return (x + tx, y + ty, z + tz)

    def yaw(self) -> float:
        """Return the rotation about z [rad]."""
        x, y, z, w = self.rotation
        return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def planar(x: float, y: float, yaw: float) -> Pose:
    """Return a pose on the floor: x, y [m], yaw [rad]."""
    return Pose((x, y, 0.0), (0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)))


class _Edge:
    """The pose of one child in its parent over time."""

    def __init__(self, parent: str, fixed: bool) -> None:
        self.parent = parent
        self.fixed = fixed
        self._stamps: deque[float] = deque()
        self._poses: deque[Pose] = deque()

    def add(self, stamp: float, pose: Pose) -> None:
        if self.fixed:
            self._stamps.clear()
            self._poses.clear()
        if self._stamps and stamp <= self._stamps[-1]:
            if stamp < self._stamps[-1] - KEEP_S:
                # The clock was set back or a recording started again: what is kept lies ahead.
                self._stamps.clear()
                self._poses.clear()
            else:
                return
        self._stamps.append(stamp)
        self._poses.append(pose)
        while self._stamps[0] < stamp - KEEP_S:
            self._stamps.popleft()
            self._poses.popleft()

    def newest(self) -> float:
        return math.inf if self.fixed else self._stamps[-1]

    def at(self, stamp: float, child: str) -> Pose:
        if self.fixed:
            return self._poses[-1]
        if not self._stamps[0] <= stamp <= self._stamps[-1]:
            raise TransformError(
                f'{child} in {self.parent} is known from {self._stamps[0]:.3f} to '
                f'{self._stamps[-1]:.3f} s, not at {stamp:.3f} s'
            )
        after = bisect.bisect_left(self._stamps, stamp)
        if self._stamps[after] == stamp:
            return self._poses[after]
        before = after - 1
        span = self._stamps[after] - self._stamps[before]
        return _between(
            self._poses[before], self._poses[after], (stamp - self._stamps[before]) / span
        )


class TransformBuffer:
    """Keeps transforms and answers where one frame is in another."""

    def __init__(self) -> None:
        self._edges: dict[str, _Edge] = {}

    def add(
        self, parent: str, child: str, stamp: float, pose: Pose, *, fixed: bool = False
    ) -> None:
        """Take a transform.

        Args:
            parent: Parent frame.
            child: Child frame; a new parent replaces what was known of it.
            stamp: Time [s] in the clock of all stamps here.
            pose: Pose of the child in the parent.
            fixed: Holds at all times.
        """
        edge = self._edges.get(child)
        if edge is None or edge.parent != parent or edge.fixed != fixed:
            edge = self._edges[child] = _Edge(parent, fixed)
        edge.add(stamp, pose)

    def lookup(self, target: str, source: str, stamp: float | None = None) -> Pose:
        """Return the pose of `source` in `target`.

        Args:
            target: Frame to express it in.
            source: Frame that is looked for.
            stamp: Time [s]; None for the newest time that the whole chain knows.

        Raises:
            TransformError: A frame is unknown, the frames are not connected, or the time lies
                outside of what is kept.
        """
        up_source, up_target = self._ancestors(source), self._ancestors(target)
        common = next((frame for frame in up_source if frame in up_target), None)
        if common is None:
            raise TransformError(f'{source} and {target} are not connected')
        down = up_source[: up_source.index(common)]
        other = up_target[: up_target.index(common)]
        if stamp is None:
            stamp = min((self._edges[f].newest() for f in down + other), default=0.0)
        return self._climb(other, stamp).inverse().then(self._climb(down, stamp))

    def _climb(self, frames: list[str], stamp: float) -> Pose:
        pose = Pose()
        for frame in frames:
            pose = self._edges[frame].at(stamp, frame).then(pose)
        return pose

    def _ancestors(self, frame: str) -> list[str]:
        chain = [frame]
        while chain[-1] in self._edges:
            parent = self._edges[chain[-1]].parent
            if parent in chain:
                raise TransformError(f'{parent} is its own ancestor')
            chain.append(parent)
        return chain


def _between(a: Pose, b: Pose, share: float) -> Pose:
    """Interpolate linearly, rotations by normalised lerp: exact enough between close stamps."""
    sign = 1.0 if sum(p * q for p, q in zip(a.rotation, b.rotation, strict=True)) >= 0 else -1.0
    mixed = [
        (1 - share) * p + share * sign * q for p, q in zip(a.rotation, b.rotation, strict=True)
    ]
    norm = math.hypot(*mixed)
    x, y, z, w = (value / norm for value in mixed)
    tx, ty, tz = (
        (1 - share) * p + share * q for p, q in zip(a.translation, b.translation, strict=True)
    )
    return Pose((tx, ty, tz), (x, y, z, w))


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Return the Hamilton product a b: b is applied first."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def rotate(q: Quaternion, v: Vector) -> Vector:
    """Return the vector rotated by a unit quaternion."""
    x, y, z, _ = multiply(multiply(q, (*v, 0.0)), (-q[0], -q[1], -q[2], q[3]))
    return (x, y, z)
