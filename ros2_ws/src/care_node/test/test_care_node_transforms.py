# SPDX-License-Identifier: Apache-2.0
"""Where one frame is in another, and why not."""

import math

import pytest
from care_node.transforms import Pose, TransformBuffer, TransformError, planar


def test_a_chain_is_followed_up_and_down() -> None:
    buffer = TransformBuffer()
    buffer.add('map', 'odom', 0.0, planar(1.0, 0.0, 0.0), fixed=True)
    buffer.add('odom', 'base', 5.0, planar(0.0, 2.0, math.pi / 2))
    buffer.add('base', 'laser', 0.0, Pose((0.3, 0.0, 0.1)), fixed=True)
    assert buffer.lookup('map', 'laser').translation == pytest.approx((1.0, 2.3, 0.1))
    assert buffer.lookup('laser', 'map').translation == pytest.approx((-2.3, 1.0, -0.1))
    assert buffer.lookup('map', 'base').yaw() == pytest.approx(math.pi / 2)


def test_between_two_stamps_it_interpolates_the_short_way_round() -> None:
    buffer = TransformBuffer()
    buffer.add('odom', 'base', 1.0, planar(0.0, 0.0, math.radians(170)))
    buffer.add('odom', 'base', 2.0, planar(1.0, 0.0, math.radians(-170)))
    half = buffer.lookup('odom', 'base', 1.5)
    assert half.translation[0] == pytest.approx(0.5)
    assert abs(half.yaw()) == pytest.approx(math.pi)


def test_it_never_extrapolates() -> None:
    buffer = TransformBuffer()
    buffer.add('odom', 'base', 1.0, planar(0.0, 0.0, 0.0))
    with pytest.raises(TransformError, match=r'from 1\.000 to 1\.000 s, not at 1\.100'):
        buffer.lookup('odom', 'base', 1.1)


def test_unconnected_frames_and_circles_are_named() -> None:
    buffer = TransformBuffer()
    with pytest.raises(TransformError, match='a and b are not connected'):
        buffer.lookup('b', 'a')
    buffer.add('a', 'b', 0.0, Pose())
    buffer.add('b', 'a', 0.0, Pose())
    with pytest.raises(TransformError, match='its own ancestor'):
        buffer.lookup('c', 'a')


def test_a_clock_set_back_starts_again_instead_of_sticking() -> None:
    buffer = TransformBuffer()
    buffer.add('odom', 'base', 1000.0, planar(9.0, 0.0, 0.0))
    buffer.add('odom', 'base', 10.0, planar(1.0, 0.0, 0.0))
    assert buffer.lookup('odom', 'base').translation[0] == 1.0


def test_only_ten_seconds_are_kept() -> None:
    buffer = TransformBuffer()
    for second in range(30):
        buffer.add('odom', 'base', float(second), planar(float(second), 0.0, 0.0))
    assert buffer.lookup('odom', 'base', 20.0).translation[0] == 20.0
    with pytest.raises(TransformError):
        buffer.lookup('odom', 'base', 10.0)
