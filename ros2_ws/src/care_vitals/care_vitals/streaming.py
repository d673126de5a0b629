# SPDX-License-Identifier: Apache-2.0
"""Building blocks that keep their state between chunks and give the same result for any chunking.

Recursive filters are exact by nature (each sample depends on the state alone). Moving sums are
made exact by counting in integers, where the order of additions does not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfilt_zi, sosfreqz

Samples = NDArray[np.float64]

#: Steps per unit of the integers in `ExactMovingMean`.
_STEPS = 2.0**16
#: Larger values are clipped, so that one step of a broken converter fits the integers.
_LARGEST = 1e9


class BandPass:
    """Butterworth band-pass of order 2, started as if the first sample had been there for ever."""

    def __init__(self, rate_hz: float, low_hz: float, high_hz: float) -> None:
        """Design for `rate_hz`; the upper edge is kept below half of it."""
        high = min(high_hz, 0.45 * rate_hz)
        self._sos = butter(2, [low_hz, high], 'bandpass', fs=rate_hz, output='sos')
        self._rest = sosfilt_zi(self._sos)
        self._state: NDArray[np.float64] | None = None
        self._rate_hz = rate_hz
        self._middle_hz = math.sqrt(low_hz * high)

    def reset(self) -> None:
        """Forget all samples."""
        self._state = None

    def process(self, samples: Samples) -> Samples:
        """Return the filtered samples, shape as given; all must be finite."""
        if self._state is None:
            if samples.size == 0:
                return samples
            self._state = self._rest * samples[0]
        filtered, self._state = sosfilt(self._sos, samples, zi=self._state)
        return np.asarray(filtered, dtype=np.float64)

    def delay(self) -> int:
        """Return the group delay in the middle of the band, [samples]."""
        step = 0.01 * self._middle_hz
        points = np.array([self._middle_hz - step, self._middle_hz + step])
        _, response = sosfreqz(self._sos, points, fs=self._rate_hz)
        turn = np.diff(np.unwrap(np.angle(response)))[0]
        return round(-turn / (2 * math.pi * 2 * step) * self._rate_hz)


class ExactMovingMean:
    """Mean of the last `width` values, values before the first one being zero."""

    def __init__(self, width: int) -> None:
        self._width = max(1, width)
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self._tail = np.zeros(self._width, dtype=np.int64)

    def process(self, values: Samples) -> Samples:
        """Return the running mean, one for each of the non-negative `values`."""
        counts = np.rint(np.minimum(values, _LARGEST) * _STEPS).astype(np.int64)
        joined = np.concatenate((self._tail, counts))
        self._tail = joined[-self._width :]
        sums = np.cumsum(joined)
        return (sums[self._width :] - sums[: -self._width]) / (_STEPS * self._width)


@dataclass(frozen=True, slots=True)
class Peak:
    """A local maximum with nothing higher around it.

    Attributes:
        index: Sample of the maximum.
        height: Its value.
        known: Last sample that was needed to know it.
    """

    index: int
    height: float
    known: int


class DominantPeaks:
    """Finds maxima that are not exceeded within `reach` samples after them, nor before them."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self.reset()

    def reset(self) -> None:
        """Start again at sample 0."""
        self._count = 0
        self._last_two = np.empty(0)
        self._index = -1
        self._height = 0.0

    def process(self, values: Samples) -> list[Peak]:
        """Return the peaks that become known with `values`, in order."""
        joined = np.concatenate((self._last_two, values))
        first = self._count - self._last_two.size
        middle = joined[1:-1]
        rising = middle > joined[:-2]
        tops = np.flatnonzero(rising & (middle >= joined[2:])) + 1
        found: list[Peak] = []
        for position, height in zip(tops.tolist(), joined[tops].tolist(), strict=True):
            self._offer(first + position, height, found)
        self._count += values.size
        self._last_two = joined[-2:]
        if self._index >= 0 and self._count > self._index + self._reach + 1:
            found.append(self._take())
        return found

    def _offer(self, index: int, height: float, found: list[Peak]) -> None:
        if self._index >= 0 and index - self._index > self._reach:
            found.append(self._take())
        if self._index < 0 or height > self._height:
            self._index, self._height = index, height

    def _take(self) -> Peak:
        peak = Peak(self._index, self._height, self._index + self._reach + 1)
        self._index = -1
        return peak


class History:
    """The newest samples of a stream, addressed by their index."""

    def __init__(self, length: int) -> None:
        self._length = length
        self.reset()

    def reset(self) -> None:
        """Forget all samples and start at index 0."""
        self._samples = np.empty(0)
        self._end = 0

    def append(self, samples: Samples) -> None:
        """Add samples; those of the last call are kept whole, whatever their number."""
        kept = self._samples[-self._length :]
        self._samples = np.concatenate((kept, samples))
        self._end += samples.size

    def window(self, start: int, stop: int) -> Samples:
        """Return samples start..stop-1, empty unless all of them are held."""
        first = self._end - self._samples.size
        if start < first or stop > self._end:
            return np.empty(0)
        return self._samples[start - first : stop - first]
