# SPDX-License-Identifier: Apache-2.0
"""What is known of the robot, and how old it is by the gateway's own steady clock.

What has become too old to be true is blanked here: a page shows what it gets.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from care_node.transforms import Pose

#: Older than this nothing of the robot is shown any more [s].
BLANK_AFTER_S = 5.0
#: The board speaks 5 times a second; a line silent for so long counts as engaged [s].
BOARD_SILENT_S = 1.0
#: States in which control holds the base until a person resets it.
HELD_STATES = ('STOPPED', 'ESTOP', 'FAULT')

#: Parts whose change is told at once, and what of them counts as a change.
_MARKS: dict[str, Callable[[Any], Any]] = {
    'safety': lambda value: (value['state'], value['reasons'], value['boot'], value['origin']),
    'tasks': lambda value: value,
    'estop': lambda value: value,
    'drawers': lambda value: value,
    'lights': lambda value: value,
    'shift': lambda value: value,
}


class RobotBoard:
    """Joins what the robot's topics say to one frame.

    Attributes:
        position_known: False while the robot does not know where it stands in the map.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: dict[str, tuple[Any, float]] = {}
        self.position_known = True

    def take(self, part: str, value: Any) -> bool:
        """Take the newest value of a part; tell whether all pages should hear of it at once.

        Args:
            part: safety, odometry, shift, battery, tasks, estop, drawers or lights.
            value: As robot_translation makes it.
        """
        before = self._parts.get(part)
        self._parts[part] = (value, self._clock())
        mark = _MARKS.get(part)
        if mark is None:
            return False
        return before is None or mark(before[0]) != mark(value)

    def age(self, part: str) -> float:
        """Return the age of a part [s], infinity for never."""
        return self._clock() - self._parts[part][1] if part in self._parts else math.inf

    def held_since(self, at: float) -> str:
        """Return the state in which control holds the base, as told after `at` [s]; '' for none."""
        safety, heard = self._parts.get('safety', (None, -math.inf))
        if safety is None or heard <= at or safety['state'] not in HELD_STATES:
            return ''
        return str(safety['state'])

    def frame(self, camera: dict[str, Any]) -> dict[str, Any]:
        """Return the `robot` frame; `camera` is its part of that name."""
        safety = self._young('safety')
        return {
            'type': 'robot',
            'present': safety is not None,
            'age': _seconds(self.age('safety')),
            'safety': safety,
            'pose': self._pose(),
            'pose_age': _seconds(self.age('odometry')),
            'position_known': self.position_known,
            'battery': self._young('battery'),
            'tasks': self._young('tasks') or [],
            'tasks_age': _seconds(self.age('tasks')),
            'estop': self._estop(),
            **self._drawers(),
            'lights': self._young('lights', BOARD_SILENT_S),
            'camera': camera,
        }

    def _young(self, part: str, most: float = BLANK_AFTER_S) -> Any:
        value, at = self._parts.get(part, (None, -math.inf))
        return value if self._clock() - at <= most else None

    def _pose(self) -> list[float] | None:
        """Return x [m], y [m], yaw [rad] in the map, None while that is not known."""
        odometry: Pose | None = self._young('odometry')
        # The shift never changes by itself: it has no age.
        shift: Pose | None = self._young('shift', math.inf)
        if odometry is None or shift is None or not self.position_known:
            return None
        pose = shift.then(odometry)
        return [round(v, 4) for v in (*pose.translation[:2], pose.yaw())]

    def _estop(self) -> dict[str, Any]:
        known = self._young('estop', BOARD_SILENT_S)
        if known is not None:
            return dict(known)
        return {'engaged': True, 'readable': False, 'reason': self._silence('estop')}

    def _drawers(self) -> dict[str, Any]:
        known = self._young('drawers', BOARD_SILENT_S)
        if known is not None:
            return dict(known)
        reason = self._silence('drawers')
        return {'drawers': [], 'locks_enabled': False, 'drawers_reason': reason}

    def _silence(self, part: str) -> str:
        age = self.age(part)
        if math.isinf(age):
            return "The robot's board has not been heard."
        return f"The robot's board is silent for {age:.0f} s."


def _seconds(age: float) -> float | None:
    return None if math.isinf(age) else round(age, 3)
