# SPDX-License-Identifier: Apache-2.0
"""Pleth (red and infrared) and respiration of a simulated patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from care_sim.rhythm import SimulatedBeat

PLETH_RATE_HZ = 125
RESP_RATE_HZ = 50
# From the R peak to the foot of the pulse at the finger, [s].
PULSE_DELAY_S = 0.22
REACH_AFTER_S = 1.4
DC_RED, DC_INFRARED = 0.8, 1.0

# Systolic and dicrotic bump: time from the foot, width, [s]; height, so that the peak is 1.
_CENTRE = np.array([0.12, 0.33])
_WIDTH = np.array([0.055, 0.095])
_HEIGHT = np.array([0.96, 0.42])
# How breathing shows in the pulse: its strength, its base line.
_BREATH_STRENGTH, _BREATH_BASE = 0.06, 0.10


def red_ratio(spo2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R = (AC/DC of red) / (AC/DC of infrared) for an SpO2 in %, by SpO2 = 110 - 25 R."""
    return (110.0 - spo2) / 25.0


def pulse_wave(beats: Sequence[SimulatedBeat], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the pulse at the finger, about 0 to 1, shape (len(times),)."""
    if not beats:
        return np.zeros(len(times))
    # A fast heart has shorter pulses.
    scale = np.array([min(1.1, max(0.6, beat.rr / 0.8)) ** 0.5 for beat in beats])
    foot = np.array([beat.time + PULSE_DELAY_S for beat in beats])
    strength = np.array([beat.pulse for beat in beats])
    centre = (foot[:, None] + _CENTRE * scale[:, None]).reshape(-1, 1)
    width = (_WIDTH * scale[:, None]).reshape(-1, 1)
    height = (_HEIGHT * strength[:, None]).reshape(-1)
    distance = (times - centre) / width
    return np.asarray(height @ np.exp(-0.5 * distance * distance))


def pleth(
    wave: NDArray[np.float64],
    breath: NDArray[np.float64],
    spo2: NDArray[np.float64],
    perfusion_index: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return red and infrared light, shape (2, n), [{NU}]; a pulse goes up in both.

    wave: of `pulse_wave`; breath: -1..1; spo2, perfusion_index: [%]; all of shape (n,)
    """  # fmt: skip
    strength = 1 + _BREATH_STRENGTH * breath
    part = perfusion_index / 100 * (wave * strength - 0.4 + _BREATH_BASE * breath)
    # Breathing moves both lights in the ratio of the pulse, which stays exact therefore.
    return np.vstack((DC_RED * (1 + red_ratio(spo2) * part), DC_INFRARED * (1 + part)))


def breath_wave(cycles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return breathing as -1..1, for a number of breaths since the start; same shape.

    Breathing in is quicker than breathing out.
    """
    phase = 2 * np.pi * cycles
    return np.asarray(np.sin(phase + 0.35 * np.sin(phase)))
