# SPDX-License-Identifier: Apache-2.0
"""The rhythm of the heart as a schedule of beats, one after the other.

Every beat takes the same number of draws from the patient's generator whatever the rhythm, so the
schedule depends on the seed and on the course alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from care_sim.state import (
    ASYSTOLE,
    ATRIAL_FIBRILLATION,
    VENTRICULAR_FIBRILLATION,
    VENTRICULAR_TACHYCARDIA,
    Course,
)

SILENT_RHYTHMS = (ASYSTOLE, VENTRICULAR_FIBRILLATION)
# A premature beat comes at this share of the R-R interval; the pause after it makes up for it.
_PREMATURE = 0.6
_RESTART_S = 0.4
# How the variability divides: breathing, the slow pressure wave (0.1 Hz), beat to beat.
_BREATHING, _SLOW, _RANDOM = 1.0, 0.7, 0.5
_SLOW_HZ = 0.1
# Coefficient of variation of the R-R intervals in atrial fibrillation.
_AF_VARIATION = 0.2


@dataclass(frozen=True, slots=True)
class SimulatedBeat:
    """One beat of the heart.

    time: of the R peak, [s] since the start
    rr: interval to the beat before, [s]
    ventricular: it starts in the ventricles, with a wide QRS and no P wave
    atrial: a P wave goes before it
    strength: of its QRS, 1 is usual
    pulse: strength of the pulse it gives, 1 is usual
    """

    time: float
    rr: float
    ventricular: bool
    atrial: bool
    strength: float
    pulse: float


class BeatSource:
    """Makes the beats of one patient in order of time."""

    def __init__(self, course: Course, seed: tuple[int, ...]) -> None:
        self._course = course
        self._random = np.random.default_rng(seed)
        self._slow_phase = self._random.uniform(0, 2 * math.pi)
        self._pauses = list(course.pauses)
        self._time = 0.0
        self._make_up_s = 0.0
        self._last_ventricular = False
        self._pending = self._next()

    def until(self, time: float) -> list[SimulatedBeat]:
        """Return the beats up to `time` [s] that were not returned before."""
        beats = []
        while self._pending.time <= time:
            beats.append(self._pending)
            self._time = self._pending.time
            self._pending = self._next()
        return beats

    def _next(self) -> SimulatedBeat:
        normal, shape = self._random.standard_normal(2)
        chance = self._random.random()
        if not math.isfinite(self._time):
            return SimulatedBeat(math.inf, math.inf, False, False, 1.0, 1.0)
        rhythm = self._course.switches['rhythm']
        usual = self._usual_interval()
        kind = rhythm.at(self._time)
        premature = kind not in SILENT_RHYTHMS and self._is_premature(kind, usual, chance)
        rr = self._interval(kind, usual, float(normal), premature)
        time = self._time + rr
        if rhythm.at(time) in SILENT_RHYTHMS:
            time = rhythm.until(time) + _RESTART_S
            premature, rr = False, time - self._time
            kind = rhythm.at(time) if math.isfinite(time) else kind
        ventricular = premature or kind == VENTRICULAR_TACHYCARDIA
        self._last_ventricular = ventricular
        atrial = not ventricular and kind != ATRIAL_FIBRILLATION
        strength = 1.0 + 0.03 * float(np.clip(shape, -3, 3))
        pulse = self._pulse(ventricular, rr / usual)
        return SimulatedBeat(time, rr, ventricular, atrial, strength, pulse)

    def _usual_interval(self) -> float:
        """Return 60 / heart rate, by the rate in the middle of the interval to come, [s]."""
        rate = self._course.ramps['heart_rate']
        half = 30.0 / float(rate.at(self._time))
        return 60.0 / float(rate.at(self._time + half))

    def _is_premature(self, kind: str, usual: float, chance: float) -> bool:
        per_beat = float(self._course.ramps['pvc_rate'].at(self._time)) * usual / 60.0
        return (kind != VENTRICULAR_TACHYCARDIA and not self._last_ventricular
                and chance < per_beat)  # fmt: skip

    def _interval(self, kind: str, usual: float, normal: float, premature: bool) -> float:
        if self._pauses and self._time >= self._pauses[0][0]:
            return self._pauses.pop(0)[1]
        make_up, self._make_up_s = self._make_up_s, 0.0
        if premature:
            self._make_up_s = (1 - _PREMATURE) * usual
            return _PREMATURE * usual
        if kind == ATRIAL_FIBRILLATION:
            return usual * float(np.clip(1 + _AF_VARIATION * normal, 0.5, 1.8)) + make_up
        if kind == VENTRICULAR_TACHYCARDIA:
            return usual
        return usual * (1 + self._variation(normal)) + make_up

    def _variation(self, normal: float) -> float:
        """Return how much longer this interval is than the usual one, as a share."""
        breath = math.sin(2 * math.pi * self._course.ramps['resp_rate'].integral(self._time) / 60)
        slow = math.sin(2 * math.pi * _SLOW_HZ * self._time + self._slow_phase)
        total = _BREATHING * breath + _SLOW * slow + _RANDOM * float(np.clip(normal, -3, 3))
        # Scaled so that the standard deviation is the one wanted: a sine has 1 / sqrt(2).
        spread = math.sqrt((_BREATHING**2 + _SLOW**2) / 2 + _RANDOM**2)
        share = float(self._course.ramps['heart_rate_variability'].at(self._time)) / 100
        return float(np.clip(share * total / spread, -0.4, 0.6))

    @staticmethod
    def _pulse(ventricular: bool, filling: float) -> float:
        """Return the strength of the pulse: a heart that had little time to fill gives little."""
        return (0.6 if ventricular else 1.0) * min(1.3, max(0.2, filling)) ** 0.7
