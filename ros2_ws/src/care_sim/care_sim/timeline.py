# SPDX-License-Identifier: Apache-2.0
"""Quantities that a scenario changes, as functions of time that are known from the start.

Because the whole course is known, a beat can be placed by what the heart rate will be, and a
phase is an exact integral: no state depends on how the time is cut into chunks.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Ramp:
    """A piecewise linear quantity; constant before its first and after its last change."""

    def __init__(self, value: float) -> None:
        self._times = np.array([0.0])
        self._values = np.array([float(value)])
        self._areas = np.array([0.0])

    def change(self, at: float, over: float, value: float) -> None:
        """Let the quantity go to `value` from the time `at`, within `over` seconds.

        What was planned for later is forgotten; changes come in the order of time.
        """
        now = float(self.at(at))
        kept = self._times < at
        self._times = np.concatenate((self._times[kept], [at, at + over]))
        self._values = np.concatenate((self._values[kept], [now, float(value)]))
        means = (self._values[1:] + self._values[:-1]) / 2
        self._areas = np.concatenate(([0.0], np.cumsum(means * np.diff(self._times))))

    def at(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the value at `time` [s]; same shape."""
        # Where two changes meet, the later one holds.
        index = np.searchsorted(self._times, time, side='right') - 1
        following = np.minimum(index + 1, len(self._times) - 1)
        index = np.maximum(index, 0)
        width = self._times[following] - self._times[index]
        share = (np.asarray(time, dtype=float) - self._times[index]) / np.where(width > 0, width, 1)
        step = np.where(width > 0, self._values[following] - self._values[index], 0.0)
        return np.asarray(self._values[index] + share * step)

    def integral(self, time: ArrayLike) -> NDArray[np.float64]:
        """Return the integral from 0 to `time` >= 0 [s]; same shape."""
        index = np.maximum(np.searchsorted(self._times, time, side='right') - 1, 0)
        since = np.asarray(time, dtype=float) - self._times[index]
        mean = (self._values[index] + self.at(time)) / 2
        return np.asarray(self._areas[index] + since * mean)


class Switch:
    """A quantity with one of several values at a time."""

    def __init__(self, value: str) -> None:
        self._times = [0.0]
        self._values = [value]

    def change(self, at: float, value: str) -> None:
        """Let the quantity be `value` from the time `at` on; changes come in order of time."""
        self._times.append(at)
        self._values.append(value)

    def at(self, time: float) -> str:
        """Return the value at `time` [s]."""
        return self._values[max(0, bisect_right(self._times, time) - 1)]

    def until(self, time: float) -> float:
        """Return when the value at `time` ends, [s]; infinity when it does not."""
        value = self.at(time)
        later = bisect_right(self._times, time)
        pairs = zip(self._times[later:], self._values[later:], strict=True)
        return next((at for at, other in pairs if other != value), float('inf'))

    def mask(self, times: NDArray[np.float64], *values: str) -> NDArray[np.bool_]:
        """Return for rising `times` where the quantity has one of `values`."""
        if self.until(times[0]) > times[-1]:
            return np.full(times.shape, self.at(times[0]) in values)
        hits = np.array([value in values for value in self._values])
        return hits[np.searchsorted(self._times, times, side='right') - 1]
