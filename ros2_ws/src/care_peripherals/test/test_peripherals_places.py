# SPDX-License-Identifier: AGPL-3.0-or-later
"""A place counts only while it is known that the robot is there."""

import pytest
from care_node.transforms import planar
from care_peripherals.places import Places, bed_places, named_places


def test_a_place_is_known_while_transforms_come_and_the_robot_is_near() -> None:
    now = [0.0]
    places = Places({'bed_1': (2.0, 1.0)}, 0.5, 'base', lambda: now[0])
    assert places.here() == frozenset()
    places.add('map', 'odom', 0.0, planar(1.0, 0.0, 0.0), fixed=True)
    places.add('odom', 'base', 1.0, planar(1.0, 0.6, 0.0), fixed=False)
    assert places.here() == {'bed_1'}
    places.add('odom', 'base', 2.0, planar(1.0, 0.4, 0.0), fixed=False)
    assert places.here() == frozenset()
    places.add('odom', 'base', 3.0, planar(1.0, 1.0, 0.0), fixed=False)
    now[0] = 1.0
    assert places.here() == {'bed_1'}
    now[0] = 1.1
    assert places.here() == frozenset(), 'silence is not knowing'


def test_places_are_read_from_parameters() -> None:
    poses = [1.0, 2.0, 0.0, 3.0, 4.0, 0.0]
    assert bed_places([1, 4], poses) == {'bed_1': (1.0, 2.0), 'bed_4': (3.0, 4.0)}
    assert named_places(['home 0 -1.5', '']) == {'home': (0.0, -1.5)}
    with pytest.raises(ValueError, match='9 numbers'):
        bed_places([1, 2, 3], poses)
    with pytest.raises(ValueError, match='name x y'):
        named_places(['home 0 x'])
