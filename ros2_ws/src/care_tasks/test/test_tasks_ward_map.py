# SPDX-License-Identifier: Apache-2.0
"""Routes lead along the way-points; a bad map is refused with the entry that is wrong."""

import pytest
from care_tasks.ward_map import MapError, Place, WardMap

POINTS = ['home 0 0', 'corridor_1 2 0', 'corridor_2 5 0', 'store 5 4']
WAYS = ['home corridor_1', 'corridor_1 corridor_2', 'corridor_2 store']
BEDS = {1: Place(2.0, 1.2, 1.57), 3: Place(5.0, -1.2, -1.57)}
HOME = Place(0.0, 0.0, 0.0)


def test_a_route_passes_the_way_points_and_ends_at_the_bed() -> None:
    ward = WardMap(POINTS, WAYS, BEDS, HOME)
    assert ward.route((0.0, 0.0), BEDS[3]) == [(2.0, 0.0), (5.0, 0.0), (5.0, -1.2)]


def test_a_robot_between_two_points_does_not_go_back() -> None:
    ward = WardMap(POINTS, WAYS, BEDS, HOME)
    assert ward.route((2.4, 0.0), BEDS[3])[0] == (5.0, 0.0)


def test_from_bed_to_bed_it_goes_through_the_corridor() -> None:
    ward = WardMap(POINTS, WAYS, BEDS, HOME)
    assert ward.route((2.0, 1.2), BEDS[3])[:2] == [(2.0, 0.0), (5.0, 0.0)]


@pytest.mark.parametrize(
    ('points', 'ways', 'words'),
    [
        ([], [], 'no way-points'),
        (['home 0'], [], 'not "name x y"'),
        (['home 0 nan'], [], 'finite'),
        (POINTS, ['home nowhere'], "unknown way-point 'nowhere'"),
        (POINTS, ['home'], 'not "name name"'),
        (POINTS, WAYS[:2], 'no way from home to store'),
    ],
)
def test_a_bad_map_names_its_entry(points: list[str], ways: list[str], words: str) -> None:
    with pytest.raises(MapError, match=words):
        WardMap(points, ways, BEDS, HOME)
