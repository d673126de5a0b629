# SPDX-License-Identifier: Apache-2.0
"""Silence of an input, by our own steady clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Most time [s] left out of one silence: however often we stall, silence is noticed in the end.
_FORGIVEN_AT_MOST_S = 5.0


@dataclass
class Silence:
    """Tells when an input has been silent for too long.

    Attributes:
        allowed_s: Longest time without a message [s].
        last: Steady time [s] of the last message, or as if.
    """

    allowed_s: float
    last: float
    _forgiven_s: float = 0.0

    @classmethod
    def after_grace(cls, allowed_s: float, steady: float, grace_s: float) -> Silence:
        """Return a watch that waits `grace_s` for the first message instead of `allowed_s`."""
        return cls(allowed_s, steady + grace_s - allowed_s)

    def heard(self, steady: float) -> None:
        """Note a message; it ends the grace of a start."""
        self.last = steady
        self._forgiven_s = 0.0

    def known_silent(self) -> None:
        """Note that somebody else has waited long enough."""
        self.last = -math.inf

    def silent(self, steady: float) -> bool:
        """Tell whether the input has been silent for too long."""
        return steady - self.last > self.allowed_s

    def forgive(self, seconds: float) -> None:
        """Leave out a time in which we ourselves did not listen, within bounds."""
        seconds = min(seconds, _FORGIVEN_AT_MOST_S - self._forgiven_s)
        self._forgiven_s += seconds
        self.last += seconds
