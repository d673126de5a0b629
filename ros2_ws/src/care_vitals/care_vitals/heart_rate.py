# SPDX-License-Identifier: Apache-2.0
"""Heart rate from a chain of R-R intervals.

The mean of the last 12 intervals; of the last 4 when the last three exceed 1200 ms. An interval of
4 s or more is an asystole, not one of a beating heart: the mean begins anew behind it, or it would
call an extreme bradycardia after every asystole.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

_INTERVALS = 12
_SLOW_INTERVALS = 4
_SLOW_S = 1.2
_FEWEST = 3
_ASYSTOLE_S = 4.0

#: Beyond these the detector is not tested, [/min].
LOWEST_RATE = 20.0
HIGHEST_RATE = 300.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A mean rate; `value` is NaN with fewer than three intervals."""

    value: float
    intervals: int
    unit_name: str = 'R-R'

    @property
    def method(self) -> str:
        """Return how the number was made, in words."""
        return f'mean of {self.intervals} {self.unit_name} intervals'


class IntervalChain:
    """Intervals between consecutive beats; a gap breaks the chain, so that none is made up."""

    def __init__(self, unit_name: str = 'R-R') -> None:
        self._unit_name = unit_name
        self.reset()

    def reset(self) -> None:
        """Break the chain and forget all intervals."""
        self._intervals: deque[float] = deque(maxlen=_INTERVALS)
        self.last: float | None = None

    def add(self, t: float) -> float:
        """Add a beat at `t` [s]; return the interval to the one before, NaN for the first."""
        interval = math.nan if self.last is None else t - self.last
        self.last = t
        if interval >= _ASYSTOLE_S:
            self._intervals.clear()
        elif not math.isnan(interval):
            self._intervals.append(interval)
        return interval

    def keep_newest(self, count: int) -> None:
        """Forget all but the newest `count` intervals."""
        while len(self._intervals) > count:
            self._intervals.popleft()

    def rate(self) -> Rate:
        """Return the mean rate, [/min]."""
        used = list(self._intervals)
        if len(used) >= _FEWEST and all(i > _SLOW_S for i in used[-_FEWEST:]):
            used = used[-_SLOW_INTERVALS:]
        if len(used) < _FEWEST:
            return Rate(math.nan, len(used), self._unit_name)
        return Rate(60.0 * len(used) / math.fsum(used), len(used), self._unit_name)
