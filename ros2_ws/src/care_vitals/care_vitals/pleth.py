# SPDX-License-Identifier: Apache-2.0
"""One pleth channel: from chunks to a timed list of pulses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from care_vitals.channels import ChannelChunk, Missing, Splitter
from care_vitals.ecg_lead import KEPT_LEVEL_S, Presence
from care_vitals.pulse import PulseBeat, PulseDetector


@dataclass(frozen=True, slots=True)
class TimedPulse:
    """A pulse at stream time `t`, or the probe coming or going, known at `known`, [s]."""

    known: float
    t: float
    what: PulseBeat | Presence


class PlethChannel:
    """Pulses of one pleth channel."""

    def __init__(self, name: str, rate_hz: float) -> None:
        self.name = name
        self.rate_hz = rate_hz
        self.splitter = Splitter(rate_hz)
        self._detector = PulseDetector(rate_hz)
        self._base: int | None = None
        self._missing = 0

    @property
    def end_s(self) -> float:
        """Return the stream time behind the last sample."""
        return self.splitter.end / self.rate_hz

    def push(self, chunk: ChannelChunk) -> list[TimedPulse]:
        """Return what becomes known with this chunk, in order of time."""
        found: list[TimedPulse] = []
        for stretch in self.splitter.split(chunk):
            t = stretch.start / self.rate_hz
            if isinstance(stretch, Missing):
                self._base = None
                self._missing += stretch.stop - stretch.start
                if stretch.seam:
                    self._missing += math.ceil(KEPT_LEVEL_S * self.rate_hz) + 1
                found.append(TimedPulse(t, t, Presence(False, stretch.seam)))
                continue
            if self._base is None:
                self._base = stretch.start
                self._detector.reset(self._missing <= KEPT_LEVEL_S * self.rate_hz)
                self._missing = 0
                found.append(TimedPulse(t, t, Presence(True)))
            for pulse in self._detector.process(stretch.samples):
                at = (self._base + pulse.sample) / self.rate_hz
                found.append(TimedPulse((self._base + pulse.known) / self.rate_hz, at, pulse))
        return found
