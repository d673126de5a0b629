# SPDX-License-Identifier: Apache-2.0
"""Audio pauses: timed, per bed, with an end that everyone can see."""

from __future__ import annotations

import math
from dataclasses import dataclass

from care_alarms.moment import NS_PER_S, Moment
from care_alarms.refusal import RefusedError

#: Longest pause [s]: the limit for oximeters and ventilators in IEC 60601-1-8.
LONGEST_S = 120.0
#: A shown end that differs by more than this [s] from the true one is shown anew.
_CLOCK_JUMP_S = 0.5


@dataclass
class Pause:
    """A pause of one bed.

    Attributes:
        until: End in ROS time [ns], as shown.
        until_steady: End in steady time [s], as it holds.
        by: User id.
    """

    until: int
    until_steady: float
    by: str


class AudioPauses:
    """The pauses of all beds."""

    def __init__(self) -> None:
        self._pauses: dict[int, Pause] = {}

    def of(self, bed: int) -> Pause | None:
        """Return the pause of a bed, None when its sound is on."""
        return self._pauses.get(bed)

    def pause(self, bed: int, seconds: float, user: str, now: Moment) -> int:
        """Start or end a pause; return its end in ROS time [ns], 0 for none.

        Raises:
            RefusedError: `invalid_seconds`.
        """
        if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_S):
            raise RefusedError(
                'invalid_seconds', f'Sound can be paused for 0 to {LONGEST_S:g} s, no longer.'
            )
        self._pauses.pop(bed, None)
        if seconds == 0:
            return 0
        until = now.stamp + round(seconds * NS_PER_S)
        self._pauses[bed] = Pause(until, now.steady + seconds, user)
        return until

    def forget(self, bed: int) -> None:
        """End the pause of a bed."""
        self._pauses.pop(bed, None)

    def tick(self, now: Moment) -> dict[int, int]:
        """Return the new end, 0 for over, of each pause that ended or whose shown end is wrong.

        The shown end is wrong when the ward's clock has jumped.
        """
        changed: dict[int, int] = {}
        for bed, pause in list(self._pauses.items()):
            left = pause.until_steady - now.steady
            until = now.stamp + round(left * NS_PER_S)
            if left <= 0:
                del self._pauses[bed]
                changed[bed] = 0
            elif abs(until - pause.until) > _CLOCK_JUMP_S * NS_PER_S:
                pause.until = until
                changed[bed] = until
        return changed
