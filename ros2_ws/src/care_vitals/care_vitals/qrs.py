# SPDX-License-Identifier: Apache-2.0
"""Streaming QRS detector.

Band-pass 8-18 Hz, slope, moving mean of 140 ms, dominant peaks, adaptive threshold (see
`picking`). A beat is known about 0.33 s after its R peak; beats of the first two seconds, and
those found by looking back, are known later and marked late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_vitals.picking import BeatPicker, Pick, PickerSettings
from care_vitals.streaming import (
    BandPass,
    DominantPeaks,
    ExactMovingMean,
    History,
    Peak,
    Samples,
)

#: The slope feature of an ordinary QRS of 1 mV is about 12 mV/s, peaks of 20 uV of electrode noise
#: reach 1.2 mV/s. The threshold may fall to 0.5 mV/s (a QRS of 0.04 mV) in a quiet signal only.
QRS_SETTINGS = PickerSettings(lowest_threshold=1.4, quiet_threshold=0.5)

#: A beat that is not late is known within this time of its R peak.
LONGEST_DELAY_S = 0.4

_BAND_HZ = (8.0, 18.0)
_SHAPE_BAND_HZ = (1.0, 30.0)
_MEAN_S = 0.14
_REACH_S = 0.23
_SHAPE_BEFORE_S = 0.20
_SHAPE_S = 0.24
_HISTORY_S = 1.0


@dataclass(frozen=True, slots=True)
class QrsBeat:
    """A QRS complex.

    Attributes:
        sample: Index of the R peak.
        peak: Index of the peak of the slope feature that it was found by.
        known: Index of the last sample needed to find it.
        late: Found later than the detector's usual delay.
        height: Slope feature, [unit of the signal / s].
        shape: Band-passed signal around it, as the signal quality compares beats.
    """

    sample: int
    peak: int
    known: int
    late: bool
    height: float
    shape: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one chunk brought: beats, and peaks that were known as peaks."""

    beats: list[QrsBeat]
    peaks: list[Peak]


class QrsDetector:
    """Finds QRS complexes in one lead; any chunking of the signal gives the same beats."""

    def __init__(self, rate_hz: float, settings: PickerSettings = QRS_SETTINGS) -> None:
        """Prepare for a lead sampled at `rate_hz`, 100 to 1000 Hz."""
        self.rate_hz = rate_hz
        self._band = BandPass(rate_hz, *_BAND_HZ)
        self._shape_band = BandPass(rate_hz, *_SHAPE_BAND_HZ)
        self._mean = ExactMovingMean(round(_MEAN_S * rate_hz))
        self._picker = BeatPicker(rate_hz, settings)
        self._delay = self._band.delay()
        reach = round(_REACH_S * rate_hz)
        self._peaks = DominantPeaks(reach)
        # The R peak is looked for under the mean, and never further back than the promised delay.
        self._search = min(
            round((_MEAN_S + 0.04) * rate_hz),
            math.floor(LONGEST_DELAY_S * rate_hz) - reach - 1 - self._delay,
        )
        history = round(_HISTORY_S * rate_hz)
        self._filtered = History(history)
        self._shaped = History(history)
        self.reset()

    def reset(self, keep_level: bool = False) -> bool:
        """Forget the signal and start at sample 0; return whether thresholds are there.

        Args:
            keep_level: Keep the thresholds, as after a short gap; else they are learned again.
        """
        learned = self._picker.reset(keep_level)
        for part in (self._band, self._shape_band, self._mean, self._peaks):
            part.reset()
        self._filtered.reset()
        self._shaped.reset()
        self._count = 0
        self._before = 0.0
        self._places: dict[int, tuple[int, NDArray[np.float64]]] = {}
        return learned

    def process(self, samples: Samples) -> Findings:
        """Take the next samples, all finite, shape (n,); return what became known with them."""
        if samples.size == 0:
            return Findings([], [])
        filtered = self._band.process(samples)
        self._filtered.append(filtered)
        self._shaped.append(self._shape_band.process(samples))
        before = filtered[0] if self._count == 0 else self._before
        slope = np.abs(np.diff(filtered, prepend=before)) * self.rate_hz
        self._before = float(filtered[-1])
        self._count += samples.size
        peaks = self._peaks.process(self._mean.process(slope))
        for peak in peaks:
            self._places[peak.index] = (self._r_peak(peak.index), self._shape(peak.index))
        picks = self._picker.process(peaks, self._count)
        beats = [self._beat(pick) for pick in picks]
        self._forget_places()
        return Findings(beats, peaks)

    def _beat(self, pick: Pick) -> QrsBeat:
        sample, shape = self._places[pick.peak.index]
        return QrsBeat(sample, pick.peak.index, pick.known, pick.late, pick.peak.height, shape)

    def _r_peak(self, peak: int) -> int:
        """Return the R peak: the largest swing of the filtered signal under the moving mean."""
        start = max(0, peak - self._search)
        window = self._filtered.window(start, peak + 1)
        return max(0, start + int(np.argmax(np.abs(window))) - self._delay)

    def _shape(self, peak: int) -> NDArray[np.float64]:
        start = peak - round(_SHAPE_BEFORE_S * self.rate_hz)
        length = round(_SHAPE_S * self.rate_hz)
        window = self._shaped.window(start, start + length)
        return window.copy() if window.size else np.zeros(length)

    def _forget_places(self) -> None:
        # A peak can still become a beat by looking back or relearning, not after 10 s.
        oldest = self._count - round(10 * self.rate_hz)
        for index in [i for i in self._places if i < oldest]:
            del self._places[index]
