# SPDX-License-Identifier: Apache-2.0
"""From stream time to the clock of the stamps, whatever the speed of a playback."""

from __future__ import annotations

import bisect
from collections import deque

_KEPT = 400
_APART_S = 0.1


class StampMap:
    """Remembers which stamp belonged to which stream time over the last 40 s or so."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_KEPT)
        self._stamps: deque[int] = deque(maxlen=_KEPT)

    def add(self, t: float, stamp_ns: int) -> None:
        """Note that the sample at stream time `t` [s] carries `stamp_ns`."""
        if self._times and t < self._times[-1]:
            self._times.clear()
            self._stamps.clear()
        if len(self._times) > 1 and t - self._times[-2] < _APART_S:
            self._times.pop()
            self._stamps.pop()
        self._times.append(t)
        self._stamps.append(stamp_ns)

    def stamp_ns(self, t: float) -> int:
        """Return the stamp of stream time `t`, between known ones by proportion; 0 when empty."""
        if not self._times:
            return 0
        if len(self._times) == 1 or t < self._times[0]:
            return self._stamps[0] + round((t - self._times[0]) * 1e9)
        upper = min(max(bisect.bisect_left(self._times, t), 1), len(self._times) - 1)
        t0, t1 = self._times[upper - 1], self._times[upper]
        s0, s1 = self._stamps[upper - 1], self._stamps[upper]
        if t1 == t0:
            return s1
        return s0 + round((t - t0) / (t1 - t0) * (s1 - s0))
