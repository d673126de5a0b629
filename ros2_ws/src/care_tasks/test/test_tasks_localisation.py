# SPDX-License-Identifier: Apache-2.0
"""A place is known for one life of control, and no longer."""

import math
from pathlib import Path

import pytest
from care_node.transforms import planar
from care_tasks.localisation import Localisation
from care_tasks.ward_map import Place

HOME = Place(1.0, 2.0, math.pi / 2)


def test_a_robot_that_starts_at_home_is_there() -> None:
    where = Localisation(HOME, starts_at_home=True, file=None)
    assert where.control_is('a')
    assert where.known
    place = where.place(planar(0.5, 0.0, 0.0))
    assert (place.x, place.y) == pytest.approx((1.0, 2.5))


def test_a_robot_switched_on_anywhere_does_not_know() -> None:
    where = Localisation(HOME, starts_at_home=False, file=None)
    where.control_is('a')
    assert not where.known


def test_a_restart_of_control_makes_the_place_unknown_until_confirmed() -> None:
    where = Localisation(HOME, starts_at_home=True, file=None)
    where.control_is('a')
    assert where.control_is('b')
    assert not where.known
    where.confirm_home(planar(3.0, 0.0, 0.0))
    assert where.known
    place = where.place(planar(3.0, 0.0, 0.0))
    assert (place.x, place.y, place.yaw) == pytest.approx((1.0, 2.0, math.pi / 2))


def test_a_restart_of_this_node_alone_keeps_the_place(tmp_path: Path) -> None:
    file = tmp_path / 'place.json'
    first = Localisation(HOME, starts_at_home=True, file=file)
    first.control_is('a')
    first.confirm_home(planar(3.0, 1.0, 0.3))
    second = Localisation(HOME, starts_at_home=False, file=file)
    second.control_is('a')
    assert second.known
    assert second.shift.translation == pytest.approx(first.shift.translation)


@pytest.mark.parametrize('text', ['', '{', '[]', '{"boot": "a"}', '{"boot": "a", "x": "y"}'])
def test_a_damaged_file_leaves_the_place_unknown(tmp_path: Path, text: str) -> None:
    file = tmp_path / 'place.json'
    file.write_text(text)
    where = Localisation(HOME, starts_at_home=False, file=file)
    where.control_is('a')
    assert not where.known
