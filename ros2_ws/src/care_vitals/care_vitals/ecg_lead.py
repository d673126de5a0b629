# SPDX-License-Identifier: Apache-2.0
"""One ECG lead: from chunks to a timed list of beats, quality, and being there or not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from care_vitals.channels import ChannelChunk, Missing, Present, Splitter
from care_vitals.qrs import QrsBeat, QrsDetector
from care_vitals.quality import LeadQuality, Quality
from care_vitals.streaming import Peak

#: Thresholds outlive a gap of this length.
KEPT_LEVEL_S = 2.0


@dataclass(frozen=True, slots=True)
class Presence:
    """The lead is there from now on, or not.

    Attributes:
        there: Whether it is.
        seam: Another piece of a recording begins.
        anew: The thresholds for its beats have to be learned from here.
    """

    there: bool
    seam: bool = False
    anew: bool = False


@dataclass(frozen=True, slots=True)
class LeadBeat:
    """A beat on this lead: index and time [s] of its R peak."""

    sample: int
    t: float
    late: bool


@dataclass(frozen=True, slots=True)
class Timed:
    """Something known at stream time `known`, [s]."""

    known: float
    what: Presence | LeadBeat | Quality


class EcgLead:
    """Beats and quality of one lead."""

    def __init__(self, name: str, rate_hz: float) -> None:
        self.name = name
        self.rate_hz = rate_hz
        self.splitter = Splitter(rate_hz)
        self._detector = QrsDetector(rate_hz)
        self._quality = LeadQuality(rate_hz)
        self._base: int | None = None
        self._missing = 0
        self._second = 0
        self._saturated = False
        self._beats: list[QrsBeat] = []
        self._peaks: list[Peak] = []

    @property
    def end_s(self) -> float:
        """Return the stream time behind the last sample."""
        return self.splitter.end / self.rate_hz

    def push(self, chunk: ChannelChunk) -> list[Timed]:
        """Return what becomes known with this chunk, in order of time."""
        found: list[Timed] = []
        for stretch in self.splitter.split(chunk):
            if isinstance(stretch, Missing):
                self._leave(stretch, found)
            else:
                self._take(stretch, found)
        return found

    def _leave(self, stretch: Missing, found: list[Timed]) -> None:
        self._missing += stretch.stop - stretch.start
        if stretch.seam:
            self._missing += math.ceil(KEPT_LEVEL_S * self.rate_hz) + 1
        self._base = None
        found.append(Timed(stretch.start / self.rate_hz, Presence(False, stretch.seam)))

    def _begin(self, start: int, found: list[Timed]) -> None:
        self._base = start
        learned = self._detector.reset(keep_level=self._missing <= KEPT_LEVEL_S * self.rate_hz)
        self._quality.reset()
        self._missing = 0
        self._beats, self._peaks = [], []
        self._second = math.floor(start / self.rate_hz) + 1
        self._saturated = False
        found.append(Timed(start / self.rate_hz, Presence(True, anew=not learned)))

    def _take(self, stretch: Present, found: list[Timed]) -> None:
        if self._base is None:
            self._begin(stretch.start, found)
        base = self._base or 0
        findings = self._detector.process(stretch.samples)
        for beat in findings.beats:
            sample = base + beat.sample
            known = (base + beat.known) / self.rate_hz
            found.append(Timed(known, LeadBeat(sample, sample / self.rate_hz, beat.late)))
        self._beats += findings.beats
        self._peaks += findings.peaks
        self._judge(stretch, base, found)
        found.sort(key=lambda item: item.known)

    def _judge(self, stretch: Present, base: int, found: list[Timed]) -> None:
        wander = self._quality.wander(stretch.samples)
        end = stretch.start + stretch.samples.size
        done = stretch.start
        self._saturated |= stretch.saturated
        while (boundary := math.ceil(self._second * self.rate_hz)) <= end:
            self._quality.samples(wander[done - stretch.start : boundary - stretch.start])
            self._feed(boundary - base)
            quality = self._quality.second(boundary - base, self._saturated)
            found.append(Timed(float(self._second), quality))
            self._second += 1
            self._saturated = stretch.saturated
            done = boundary
        self._quality.samples(wander[done - stretch.start :])

    def _feed(self, boundary: int) -> None:
        """Give the quality what was known before the boundary, counted from the base."""
        while self._peaks and self._peaks[0].known < boundary:
            self._quality.peak(self._peaks.pop(0))
        while self._beats and self._beats[0].known < boundary:
            self._quality.beat(self._beats.pop(0))
