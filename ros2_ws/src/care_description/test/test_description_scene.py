# SPDX-License-Identifier: Apache-2.0
"""Beds stand ahead of the robot's place and wear the colour of their alarm."""

import math

import pytest
from care_description.scene import PRIORITY, BedAlarm, bed_poses, bed_shapes, person_shapes


def test_a_bed_stands_ahead_of_where_the_robot_stands() -> None:
    poses = bed_poses([2.0, 1.2, math.pi / 2], [3])
    bed, label = bed_shapes(poses, {})
    assert bed.pose.translation[0] == pytest.approx(2.0)
    assert bed.pose.translation[1] > 2.0
    assert label.text == 'Bed 3'


def test_a_bed_wears_the_colour_and_text_of_its_highest_alarm() -> None:
    poses = bed_poses([0.0, 0.0, 0.0], [1])
    bed, label = bed_shapes(poses, {1: BedAlarm(3, 'ASYSTOLE')})
    assert bed.colour == PRIORITY[3]
    assert label.text == 'Bed 1\nASYSTOLE'


def test_too_few_bed_poses_are_refused() -> None:
    with pytest.raises(ValueError, match='2 beds need 6'):
        bed_poses([0.0, 0.0, 0.0], [1, 2])


def test_a_person_stands_on_the_floor() -> None:
    (person,) = person_shapes([(1.0, 2.0, 0.9)])
    assert person.pose.translation[2] == pytest.approx(person.size[2] / 2)
