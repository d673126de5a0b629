# SPDX-License-Identifier: Apache-2.0
"""What a developer sees around the robot: beds with their alarms, persons. Without ROS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from care_node.transforms import Pose, Vector, planar

Colour = tuple[float, float, float, float]

WHITE: Colour = (0.85, 0.88, 0.90, 0.9)
PERSON: Colour = (0.95, 0.75, 0.35, 0.9)
TEXT: Colour = (1.0, 1.0, 1.0, 1.0)
#: Alarm priority -> colour: none, low cyan, medium yellow, high red.
PRIORITY: Mapping[int, Colour] = {
    0: WHITE,
    1: (0.1, 0.8, 0.9, 0.9),
    2: (0.95, 0.85, 0.1, 0.9),
    3: (0.9, 0.1, 0.1, 0.9),
}

BED_SIZE: Vector = (2.0, 0.9, 0.5)
#: From where the robot stands to the middle of the bed, along the direction it looks.
BED_AHEAD_M = 1.0
PERSON_SIZE: Vector = (0.4, 0.4, 1.7)


@dataclass(frozen=True)
class Shape:
    """One thing to draw, in the map frame.

    Attributes:
        group: Namespace of the marker.
        number: Id within the group.
        kind: What to draw.
        pose: Pose of its middle.
        size: Extent along its own axes [m]; for text the last is the height of a letter.
        colour: Red, green, blue, opacity, 0..1.
        text: Text to draw.
    """

    group: str
    number: int
    kind: Literal['box', 'cylinder', 'text']
    pose: Pose
    size: Vector
    colour: Colour
    text: str = ''


@dataclass(frozen=True)
class BedAlarm:
    """Highest alarm of a bed: priority 0 (none) to 3, and its text."""

    priority: int = 0
    text: str = ''


def bed_poses(flat: Sequence[float], beds: Sequence[int]) -> dict[int, Pose]:
    """Return where the robot stands at each bed.

    Args:
        flat: x [m], y [m], yaw [rad] of each bed, one after the other, map frame.
        beds: Bed numbers in the same order.

    Raises:
        ValueError: There are not three finite numbers for each bed.
    """
    if len(flat) != 3 * len(beds) or not all(map(math.isfinite, flat)):
        raise ValueError(
            f'bed_poses holds {len(flat)} numbers, but {len(beds)} beds need {3 * len(beds)} '
            'finite ones: x, y, yaw of each'
        )
    return {bed: planar(*flat[3 * i : 3 * i + 3]) for i, bed in enumerate(beds)}


def bed_shapes(poses: Mapping[int, Pose], alarms: Mapping[int, BedAlarm]) -> list[Shape]:
    """Return each bed as a box in the colour of its highest alarm, with its text above."""
    shapes = []
    for bed, pose in poses.items():
        alarm = alarms.get(bed, BedAlarm())
        middle = pose.then(Pose((BED_AHEAD_M + BED_SIZE[1] / 2, 0.0, BED_SIZE[2] / 2)))
        along = middle.then(planar(0.0, 0.0, math.pi / 2))
        label = middle.then(Pose((0.0, 0.0, 0.8)))
        colour = PRIORITY[alarm.priority]
        shapes.append(Shape('beds', bed, 'box', along, BED_SIZE, colour))
        words = f'Bed {bed}' + (f'\n{alarm.text}' if alarm.text else '')
        shapes.append(Shape('bed_labels', bed, 'text', label, (0.0, 0.0, 0.25), TEXT, words))
    return shapes


def person_shapes(positions: Sequence[Vector]) -> list[Shape]:
    """Return persons as cylinders standing on the floor; positions in the map frame [m]."""
    lift = PERSON_SIZE[2] / 2
    return [
        Shape('persons', i, 'cylinder', Pose((x, y, lift)), PERSON_SIZE, PERSON)
        for i, (x, y, _) in enumerate(positions)
    ]
