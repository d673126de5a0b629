# SPDX-License-Identifier: Apache-2.0
"""What the tests of the built node share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Any

import pytest


def _ns(message: Any) -> int:
    return int(message.header.stamp.sec) * 10**9 + int(message.header.stamp.nanosec)


@pytest.fixture
def seconds_to_rest() -> Callable[[Any, int], float]:
    """Return a function that tells how long after a ROS time [ns] the base stood [s].

    By the stamps of control: on a busy machine the test hears of it much later.
    """
    from care_node.testing import wait_until

    def measure(robot: Any, since_ns: int) -> float:
        def rests() -> list[int]:
            later = takewhile(lambda heard: _ns(heard) > since_ns, reversed(robot.odometry))
            return [_ns(heard) for heard in later if abs(heard.twist.twist.linear.x) < 0.01]

        wait_until(rests, 20, 'the base at rest')
        return (rests()[-1] - since_ns) / 1e9

    return measure
