# SPDX-License-Identifier: Apache-2.0
"""The follower reaches the goal from anywhere, and never asks for more than its gait."""

import math

import pytest
from care_tasks.path_follower import Gait, PathFollower, Velocity
from care_tasks.ward_map import Place
from hypothesis import given
from hypothesis import strategies as st

GAIT = Gait()
POINTS = [(2.0, 0.0), (5.0, 0.0), (5.0, -1.2)]


def _drive(
    follower: PathFollower, at: Place, seconds: float = 60.0
) -> tuple[Place, list[Velocity]]:
    """Move an ideal base at 20 Hz until the follower is done."""
    asked = []
    for _ in range(int(seconds * 20)):
        velocity = follower.step(at)
        asked.append(velocity)
        if follower.done:
            break
        yaw = at.yaw + velocity.turn * 0.05
        forward = velocity.forward * 0.05
        at = Place(at.x + forward * math.cos(yaw), at.y + forward * math.sin(yaw), yaw)
    return at, asked


def test_it_reaches_the_bed_and_looks_at_it() -> None:
    follower = PathFollower(POINTS, -math.pi / 2, GAIT)
    end, _ = _drive(follower, Place(0.0, 0.0, 0.0))
    assert follower.done
    assert math.dist((end.x, end.y), POINTS[-1]) < 0.06
    assert math.remainder(end.yaw + math.pi / 2, 2 * math.pi) == pytest.approx(0, abs=0.06)


@given(
    st.floats(-1.0, 6.0), st.floats(-1.5, 1.5), st.floats(-math.pi, math.pi),
)  # fmt: skip
def test_it_arrives_from_anywhere_within_its_gait(x: float, y: float, yaw: float) -> None:
    follower = PathFollower(POINTS, -math.pi / 2, GAIT)
    _, asked = _drive(follower, Place(x, y, yaw), 120.0)
    assert follower.done
    assert asked[-1] == Velocity()
    assert all(0 <= v.forward <= GAIT.speed and abs(v.turn) <= GAIT.turn for v in asked)


def test_it_turns_on_the_spot_before_driving_off_sideways() -> None:
    velocity = PathFollower([(0.0, 2.0)], 0.0, GAIT).step(Place(0.0, 0.0, 0.0))
    assert velocity.forward == 0.0
    assert velocity.turn > 0


def test_it_slows_down_before_the_goal() -> None:
    follower = PathFollower([(1.0, 0.0)], 0.0, GAIT)
    assert follower.step(Place(0.0, 0.0, 0.0)).forward == GAIT.speed
    assert follower.step(Place(0.9, 0.0, 0.0)).forward < 0.3


def test_the_remaining_length_is_that_of_the_route() -> None:
    follower = PathFollower(POINTS, 0.0, GAIT)
    assert follower.remaining(Place(0.0, 0.0, 0.0)) == pytest.approx(6.2)
