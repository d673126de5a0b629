# SPDX-License-Identifier: Apache-2.0
"""A moment on both clocks: stamps for people, steady time for durations."""

from __future__ import annotations

from dataclasses import dataclass

NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class Moment:
    """Now, on two clocks.

    Attributes:
        stamp: ROS time [ns]; it may jump, so it is only ever shown and kept.
        steady: Monotonic time [s]; all durations are measured with it.
    """

    stamp: int
    steady: float
