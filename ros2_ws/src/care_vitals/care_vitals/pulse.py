# SPDX-License-Identifier: Apache-2.0
"""Streaming pulse detector on a pleth: steepest rises, picked as QRS complexes are."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_vitals.picking import BeatPicker, PickerSettings
from care_vitals.quality import likeness
from care_vitals.streaming import BandPass, DominantPeaks, ExactMovingMean, History, Samples

_BAND_HZ = (0.5, 8.0)
_MEAN_S = 0.10
_REACH_S = 0.28
_SHAPE_BEFORE_S = 0.20
_SHAPE_S = 0.45
_HISTORY_S = 1.5
_BEATS = 6

#: The dicrotic wave comes up to half a second after the rise.
PULSE_SETTINGS = PickerSettings(
    learning_s=2.5, refractory_s=0.25, afterwave_s=0.4, afterwave=0.5, threshold=0.4
)

#: Least likeness of the last pulses to each other, and largest spread of their heights.
_LEAST_LIKENESS = 0.90
_LARGEST_SPREAD = 0.35


@dataclass(frozen=True, slots=True)
class PulseBeat:
    """A pulse wave: index of its steepest rise, last sample needed, height, shape."""

    sample: int
    known: int
    late: bool
    height: float
    shape: NDArray[np.float64]


class PulseDetector:
    """Finds pulse waves in one pleth channel; any chunking gives the same pulses."""

    def __init__(self, rate_hz: float, settings: PickerSettings = PULSE_SETTINGS) -> None:
        """Prepare for a pleth sampled at `rate_hz`, at least 25 Hz."""
        self.rate_hz = rate_hz
        self._band = BandPass(rate_hz, *_BAND_HZ)
        width = max(1, round(_MEAN_S * rate_hz))
        self._mean = ExactMovingMean(width)
        self._delay = self._band.delay() + width // 2
        self._peaks = DominantPeaks(round(_REACH_S * rate_hz))
        self._picker = BeatPicker(rate_hz, settings)
        self._filtered = History(round(_HISTORY_S * rate_hz))
        self.reset()

    def reset(self, keep_level: bool = False) -> None:
        """Forget the signal and start at sample 0; see `QrsDetector.reset`."""
        self._picker.reset(keep_level)
        for part in (self._band, self._mean, self._peaks, self._filtered):
            part.reset()
        self._count = 0
        self._before = 0.0
        self._shapes: dict[int, NDArray[np.float64]] = {}

    def process(self, samples: Samples) -> list[PulseBeat]:
        """Take the next samples, all finite, shape (n,); return the pulses that became known."""
        if samples.size == 0:
            return []
        filtered = self._band.process(samples)
        self._filtered.append(filtered)
        before = filtered[0] if self._count == 0 else self._before
        rise = np.maximum(np.diff(filtered, prepend=before), 0.0) * self.rate_hz
        self._before = float(filtered[-1])
        self._count += samples.size
        peaks = self._peaks.process(self._mean.process(rise))
        for peak in peaks:
            self._shapes[peak.index] = self._shape(peak.index)
        picks = self._picker.process(peaks, self._count)
        pulses = [
            PulseBeat(
                max(0, p.peak.index - self._delay),
                p.known,
                p.late,
                p.peak.height,
                self._shapes[p.peak.index],
            )
            for p in picks
        ]
        oldest = self._count - round(10 * self.rate_hz)
        self._shapes = {i: s for i, s in self._shapes.items() if i >= oldest}
        return pulses

    def _shape(self, peak: int) -> NDArray[np.float64]:
        start = peak - round(_SHAPE_BEFORE_S * self.rate_hz)
        length = round(_SHAPE_S * self.rate_hz)
        window = self._filtered.window(start, start + length)
        return window.copy() if window.size else np.zeros(length)


class PulseQuality:
    """Says whether the last pulses look like a pulse: alike, even in height, and present."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all pulses."""
        self._pulses: deque[tuple[float, PulseBeat]] = deque(maxlen=_BEATS)

    def add(self, t: float, pulse: PulseBeat) -> None:
        """Take a pulse at stream time `t`, [s]."""
        self._pulses.append((t, pulse))

    @property
    def settled(self) -> bool:
        """Tell whether enough pulses have come since the start or a gap."""
        return len(self._pulses) == _BEATS

    def value(self, now: float) -> float:
        """Return 0 (useless) to 1 (clean) at stream time `now`, [s]."""
        if not self.settled or not self._present(now):
            return 0.0
        heights = np.array([p.height for _, p in self._pulses])
        alike = float(np.median(likeness(np.array([p.shape for _, p in self._pulses]))))
        spread = float(heights.std() / (heights.mean() + 1e-12))
        if alike < _LEAST_LIKENESS or spread > _LARGEST_SPREAD:
            return 0.4 * max(alike, 0.0)
        return alike

    def good(self, now: float) -> bool:
        """Tell whether a rate found on these pulses may be shown."""
        return self.value(now) >= _LEAST_LIKENESS

    def rate(self, now: float) -> float:
        """Return the rate of the last pulses, [/min]; NaN when they are gone."""
        if not self.settled or not self._present(now):
            return math.nan
        times = [t for t, _ in self._pulses]
        return 60.0 * (len(times) - 1) / (times[-1] - times[0])

    def _present(self, now: float) -> bool:
        """Tell whether the next pulse is not overdue, its detection delay (0.5 s) allowed for."""
        times = [t for t, _ in self._pulses]
        usual = statistics.median(b - a for a, b in itertools.pairwise(times))
        return now - times[-1] < 1.5 * usual + 0.5
