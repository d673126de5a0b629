# SPDX-License-Identifier: Apache-2.0
"""Signal quality of an ECG lead: says whether a heart rate found on it may be shown.

Once a second the last eight beats are looked at: do they resemble each other, is there anything
between them that is nearly as high, how large is the wander of the baseline. The weights are a
logistic regression on five records of the MIT-BIH Arrhythmia Database, clean and with the electrode
noise of the noise stress test database at 0 and 6 dB; the other five records judged it.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_vitals.qrs import QrsBeat
from care_vitals.streaming import BandPass, Peak, Samples

_WINDOW_S = 8
#: Wander is seen at once, before beats that are none have filled the window.
_RECENT_S = 2
_BEATS = 8
_FEWEST_BEATS = 3
_WANDER_HZ = (0.4, 5.0)

_CONSTANT = 8.0
_MEDIAN_LIKENESS = -0.95
_MEAN_LIKENESS = -0.7
_BETWEEN = 1.4
_WANDER = 2.7
_SPREAD = -0.8

#: Poor from this score on, and while samples at the rail of the converter are in the window; good
#: again after three seconds below the lower score.
_POOR = 2.5
_GOOD = 0.0
_GOOD_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a lead over the last seconds.

    Attributes:
        poor: A rate found on this lead is not trustworthy.
        value: 0 (useless) to 1 (clean); NaN when there are too few beats to say.
    """

    poor: bool
    value: float


class LeadQuality:
    """Judges one lead second by second; `second` is called once for each second, in order."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._wander = BandPass(rate_hz, *_WANDER_HZ)
        self.reset()

    def reset(self) -> None:
        """Forget the signal, and that it was poor."""
        self._wander.reset()
        self._pending: list[Samples] = []
        self._energies: deque[tuple[float, float, int]] = deque(maxlen=_WINDOW_S)
        self._saturated: deque[bool] = deque(maxlen=_WINDOW_S)
        self._beats: deque[QrsBeat] = deque(maxlen=_BEATS)
        self._peaks: deque[Peak] = deque()
        self._taken: deque[int] = deque()
        self._poor = False
        self._good_seconds = 0

    def wander(self, samples: Samples) -> Samples:
        """Return the wander of the baseline in `samples`, to be given to `samples` by seconds."""
        return self._wander.process(samples)

    def samples(self, wander: Samples) -> None:
        """Take the wander of a part of the running second."""
        self._pending.append(wander)

    def beat(self, beat: QrsBeat) -> None:
        """Take a beat of the running second."""
        self._beats.append(beat)
        self._taken.append(beat.peak)

    def peak(self, peak: Peak) -> None:
        """Take a peak, beat or not, of the running second."""
        self._peaks.append(peak)

    def second(self, end: int, saturated: bool) -> Quality:
        """Judge at the end of a second.

        Args:
            end: Index of the first sample after it.
            saturated: A sample of this second was at the rail of the converter.
        """
        self._close_second(saturated)
        oldest = end - _WINDOW_S * self._rate_hz
        while self._peaks and self._peaks[0].index <= oldest:
            self._peaks.popleft()
        while self._taken and self._taken[0] <= oldest:
            self._taken.popleft()
        beats = [b for b in self._beats if b.known > oldest]
        if len(beats) < _FEWEST_BEATS:
            return Quality(self._poor, math.nan)
        score = self._score(beats)
        self._decide(score)
        value = 1 / (1 + math.exp(min(score, 50.0)))
        return Quality(self._poor, 0.0 if any(self._saturated) else value)

    def _close_second(self, saturated: bool) -> None:
        # Summed over whole seconds only, so that the chunks do not show in the rounding.
        values = np.concatenate(self._pending) if self._pending else np.empty(0)
        self._pending = []
        self._energies.append((float(values.sum()), float(values @ values), values.size))
        self._saturated.append(saturated)

    def _decide(self, score: float) -> None:
        good = score < _GOOD and not any(self._saturated)
        self._good_seconds = self._good_seconds + 1 if good else 0
        if score > _POOR or any(self._saturated):
            self._poor = True
        elif self._good_seconds >= _GOOD_SECONDS:
            self._poor = False

    def _score(self, beats: list[QrsBeat]) -> float:
        shapes = np.array([b.shape for b in beats])
        heights = np.array([b.height for b in beats])
        swing = float(np.median(np.ptp(shapes, axis=1))) + 1e-9
        unlikeness = -np.log(1.001 - likeness(shapes))
        return (
            _CONSTANT
            + _MEDIAN_LIKENESS * float(np.median(unlikeness))
            + _MEAN_LIKENESS * float(unlikeness.mean())
            + _BETWEEN * self._highest_between() / float(np.median(heights))
            + _WANDER * math.log(self._wander_size() / swing + 1e-9)
            + _SPREAD * float(np.log(heights).std())
        )

    def _highest_between(self) -> float:
        """Return the mean of the three highest peaks that are no beats."""
        taken = set(self._taken)
        others = sorted(p.height for p in self._peaks if p.index not in taken)
        return float(np.mean(others[-3:])) if len(others) >= 3 else 0.0

    def _wander_size(self) -> float:
        """Return the wander of the whole window or of its last seconds, the larger one."""
        whole, recent = list(self._energies), list(self._energies)[-_RECENT_S:]
        return max(_deviation(whole), _deviation(recent))


def _deviation(energies: list[tuple[float, float, int]]) -> float:
    """Return the standard deviation from sum, sum of squares and count of each second."""
    total, squares, count = (sum(column) for column in zip(*energies, strict=True))
    if not count:
        return 0.0
    return math.sqrt(max(squares / count - (total / count) ** 2, 0.0))


def likeness(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how well each shape correlates with the two most like it, shape (n,)."""
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True) + 1e-9
    correlation = centred @ centred.T
    np.fill_diagonal(correlation, -1.0)
    return np.asarray(np.minimum(np.sort(correlation, axis=1)[:, -2:].mean(axis=1), 1.0))
