# SPDX-License-Identifier: Apache-2.0
"""Adaptive threshold between peaks that are beats and peaks that are not.

After Pan and Tompkins (1985) and Hamilton and Tompkins (1986): a running level of beats, one of
other peaks, a threshold between them, a look back when a beat is overdue. The numbers were chosen
on ten records of the MIT-BIH Arrhythmia Database and lie on a plateau: changing one by a tenth
changes the error by less than 0.1 points.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass

from care_vitals.streaming import Peak

#: No interval to judge by yet: one of 1 s.
_USUAL_INTERVAL_S = 1.0
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class PickerSettings:
    """How peaks are judged; fractions are of the running level of beats.

    Attributes:
        learning_s: First stretch, of which the highest peak sets the level.
        threshold: Height between the level of other peaks (0) and that of beats (1).
        look_back_threshold: The same for an overdue beat.
        overdue: Beat is overdue after so many median intervals.
        refractory_s: No second beat within this time.
        afterwave_s: A peak within this time of a beat is its T wave (or dicrotic wave) ...
        afterwave: ... when it is lower than this fraction of that beat.
        adaptation: Fraction by which a peak moves its level.
        look_back_adaptation: The same for a beat found by looking back.
        largest_step: A peak counts at most so many times the level.
        lowest_threshold: No beat is lower than this, in units of the peaks ...
        quiet_threshold: ... or this, where the other peaks are lower still ...
        over_other: ... by this factor.
        relearn_s: After this time without a beat the level is learned again ...
        relearn: ... from peaks not lower than this fraction of an established level.
    """

    learning_s: float = 2.0
    threshold: float = 0.40
    look_back_threshold: float = 0.20
    overdue: float = 1.66
    refractory_s: float = 0.20
    afterwave_s: float = 0.33
    afterwave: float = 0.5
    adaptation: float = 1 / 8
    look_back_adaptation: float = 1 / 4
    largest_step: float = 3.0
    lowest_threshold: float = 0.0
    quiet_threshold: float = 0.0
    over_other: float = 2.2
    relearn_s: float = 3.0
    relearn: float = 0.15


@dataclass(frozen=True, slots=True)
class Pick:
    """A peak that is a beat; `known` is the last sample needed to say so."""

    peak: Peak
    known: int
    late: bool


class BeatPicker:
    """Says which peaks of a stream are beats."""

    #: So many beats make a level established.
    ESTABLISHED = 4

    def __init__(self, rate_hz: float, settings: PickerSettings) -> None:
        self._rate_hz = rate_hz
        self._set = settings
        self._learning = math.ceil(settings.learning_s * rate_hz)
        self._relearning = math.ceil(settings.relearn_s * rate_hz)
        self._learned = False
        self.reset()

    def reset(self, keep_level: bool = False) -> bool:
        """Start again at sample 0; forget the level too, unless told otherwise.

        Returns whether there is a level.
        """
        self._learned = keep_level and self._learned
        if not self._learned:
            self._level = 0.0
            self._other = 0.0
            self._beats = 0
        self._waiting: list[Peak] = []
        self._rejected: list[Peak] = []
        self._intervals: deque[int] = deque(maxlen=8)
        self._last: Peak | None = None
        self._looked = True
        self._quiet_since = 0
        return self._learned

    def process(self, peaks: list[Peak], end: int) -> list[Pick]:
        """Return the beats that become known.

        Args:
            peaks: New peaks, in the order in which they became known.
            end: Number of samples seen so far.
        """
        picks: list[Pick] = []
        for peak in peaks:
            self._run_until(peak.known - 1, picks)
            if not self._learned:
                self._waiting.append(peak)
            else:
                self._judge(peak, peak.known, False, picks)
                self._look_back(peak.known, picks)
        self._run_until(end - 1, picks)
        return picks

    # Deadlines: everything that happens by time alone happens at a sample of its own, whatever
    # the chunks are.

    def _run_until(self, now: int, picks: list[Pick]) -> None:
        if not self._learned:
            if now < self._learning:
                return
            self._learn(picks)
        while True:
            overdue, relearn = self._overdue_at(), self._relearn_at()
            if min(overdue, relearn) > now:
                return
            if overdue <= relearn:
                if not self._look_back(overdue, picks):
                    self._looked = True
            else:
                self._relearn(relearn, picks)

    def _overdue_at(self) -> int:
        if self._last is None or self._looked:
            return _NEVER
        return self._last.index + math.floor(self._set.overdue * self._interval()) + 1

    def _relearn_at(self) -> int:
        return self._quiet_since + self._relearning

    def _interval(self) -> float:
        if not self._intervals:
            return _USUAL_INTERVAL_S * self._rate_hz
        return statistics.median(self._intervals)

    # Learning

    def _learn(self, picks: list[Pick]) -> None:
        self._learned = True
        self._set_levels(self._waiting)
        self._quiet_since = self._learning
        waiting, self._waiting = self._waiting, []
        for peak in waiting:
            self._judge(peak, self._learning, True, picks)

    def _relearn(self, now: int, picks: list[Pick]) -> None:
        """Take a lower level when peaks stand out but all are below the threshold."""
        self._quiet_since = now
        established = self._beats >= self.ESTABLISHED
        floor = self._set.relearn * self._level if established else 0.0
        recent = [p for p in self._rejected if p.index > now - self._relearning]
        highest = max((p.height for p in recent), default=0.0)
        self._rejected = []
        if highest <= max(floor, self._set.quiet_threshold):
            return
        self._set_levels(recent)
        for peak in recent:
            self._judge(peak, now, True, picks)

    def _set_levels(self, peaks: list[Peak]) -> None:
        heights = [p.height for p in peaks] or [0.0]
        self._level = max(heights)
        # A low signal may be noise alone; then the other peaks are nearly as high as the highest.
        low = self._set.threshold * self._level < self._set.lowest_threshold
        self._other = statistics.median(heights) if low else 0.1 * self._level

    # Judging

    def _threshold(self, fraction: float) -> float:
        quiet = max(self._set.quiet_threshold, self._set.over_other * self._other)
        least = min(quiet, self._set.lowest_threshold)
        return max(self._other + fraction * (self._level - self._other), least)

    def _judge(self, peak: Peak, known: int, late: bool, picks: list[Pick]) -> None:
        if self._is_afterwave(peak):
            self._move_other(peak)
        elif peak.height > self._threshold(self._set.threshold):
            self._accept(peak, known, late, self._set.adaptation, picks)
            self._rejected = []
        else:
            self._move_other(peak)
            self._rejected.append(peak)

    def _is_afterwave(self, peak: Peak) -> bool:
        if self._last is None:
            return False
        since = (peak.index - self._last.index) / self._rate_hz
        if since <= self._set.refractory_s:
            return True
        return (
            since < self._set.afterwave_s and peak.height < self._set.afterwave * self._last.height
        )

    def _move_other(self, peak: Peak) -> None:
        self._other += self._set.adaptation * (min(peak.height, self._level) - self._other)

    def _look_back(self, now: int, picks: list[Pick]) -> bool:
        """Accept the highest rejected peak when a beat is overdue; tell whether there was one."""
        if self._last is None:
            return False
        if now < self._last.index + math.floor(self._set.overdue * self._interval()) + 1:
            return False
        open_from = self._last.index + self._set.refractory_s * self._rate_hz
        candidates = [p for p in self._rejected if p.index > open_from]
        best = max(candidates, key=lambda p: p.height, default=None)
        if best is None or best.height <= self._threshold(self._set.look_back_threshold):
            return False
        self._accept(best, now, True, self._set.look_back_adaptation, picks)
        self._rejected = [p for p in self._rejected if p.index > best.index]
        return True

    def _accept(
        self, peak: Peak, known: int, late: bool, adaptation: float, picks: list[Pick]
    ) -> None:
        if self._last is not None:
            self._intervals.append(peak.index - self._last.index)
        # Before the level is established a single artefact or a flat start may have set it.
        most = self._set.largest_step * self._level
        height = peak.height if self._beats < self.ESTABLISHED else min(peak.height, most)
        self._level += adaptation * (height - self._level)
        self._beats += 1
        self._last = peak
        self._quiet_since = max(self._quiet_since, peak.index)
        self._looked = False
        picks.append(Pick(peak, known, late))
