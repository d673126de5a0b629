# SPDX-License-Identifier: Apache-2.0
"""The ECG of beats as sums of Gaussian bumps: P, Q, R, S and T, in lead II and V1.

The idea is that of McSharry et al. 2003 (IEEE Trans Biomed Eng 50:289), without the differential
equation: a beat is its bumps, so its R peak is known exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_sim.rhythm import SimulatedBeat

ECG_RATE_HZ = 250
LEADS = ('ecg_ii', 'ecg_v1')
# Bumps reach this far from the R peak, [s].
REACH_BEFORE_S = 0.4
REACH_AFTER_S = 0.9


@dataclass(frozen=True, slots=True)
class _Shape:
    """Bumps of one kind of beat, arrays of the same length.

    centre, width: time from the R peak and standard deviation, [s]
    stretch: power of the square root of the R-R interval that a centre goes with (Bazett)
    height: shape (2, bumps), [mV] in lead II and V1
    p_waves: number of bumps at the front that belong to the P wave
    """

    centre: NDArray[np.float64]
    width: NDArray[np.float64]
    stretch: NDArray[np.float64]
    height: NDArray[np.float64]
    p_waves: int


def _shape(rows: Sequence[tuple[float, float, float, float, float]], p_waves: int) -> _Shape:
    table = np.array(rows)
    return _Shape(table[:, 0], table[:, 1], table[:, 2], table[:, 3:].T.copy(), p_waves)


# centre, width, stretch, height in lead II, height in V1
_NORMAL = _shape([
    (-0.165, 0.020, 0.5, 0.14, 0.06),
    (-0.028, 0.008, 0.0, -0.11, 0.00),
    (-0.012, 0.008, 0.0, 0.00, 0.22),
    (0.000, 0.011, 0.0, 1.15, 0.00),
    (0.014, 0.012, 0.0, 0.00, -0.95),
    (0.028, 0.009, 0.0, -0.20, 0.00),
    (0.290, 0.055, 1.0, 0.22, 0.06),
    (0.335, 0.032, 1.0, 0.12, 0.03),
], p_waves=1)  # fmt: skip
_VENTRICULAR = _shape([
    (-0.045, 0.022, 0.0, 0.15, -0.10),
    (0.000, 0.030, 0.0, 1.35, 1.10),
    (0.065, 0.030, 0.0, -0.35, -0.25),
    (0.270, 0.065, 0.5, -0.40, -0.35),
], p_waves=0)  # fmt: skip


def render(beats: Sequence[SimulatedBeat], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ECG of the beats without noise, shape (2, len(times)), [mV]."""
    if not beats:
        return np.zeros((2, len(times)))
    parts = [_bumps(beat) for beat in beats]
    centre = np.concatenate([part[0] for part in parts])[:, None]
    width = np.concatenate([part[1] for part in parts])[:, None]
    height = np.concatenate([part[2] for part in parts], axis=1)
    distance = (times - centre) / width
    return height @ np.exp(-0.5 * distance * distance)


def _bumps(beat: SimulatedBeat) -> tuple[NDArray[np.float64], ...]:
    shape = _VENTRICULAR if beat.ventricular else _NORMAL
    first = 0 if beat.atrial else shape.p_waves
    root = min(1.15, max(0.45, beat.rr)) ** 0.5
    scale = root ** shape.stretch[first:]
    centre = beat.time + shape.centre[first:] * scale
    return centre, shape.width[first:] * scale, shape.height[:, first:] * beat.strength


def fibrillation(times: NDArray[np.float64], phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ventricular fibrillation, shape (2, len(times)), [mV]: 0.2-0.8 mV at 4-6 Hz.

    phases: of the patient, shape (4,), [rad]
    """
    drift = 2.2 * np.sin(2 * np.pi * 0.21 * times + phases[0])
    carrier = 2 * np.pi * 5.0 * times + drift + phases[1]
    size = 0.45 + 0.22 * np.sin(2 * np.pi * 0.37 * times + phases[2])
    wave = size * (np.sin(carrier) + 0.35 * np.sin(0.71 * carrier + phases[3]))
    return np.vstack((wave, 0.7 * size * np.sin(carrier + 0.9)))


def atrial_waves(times: NDArray[np.float64], phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the small waves of atrial fibrillation, shape (2, len(times)), [mV]."""
    carrier = 2 * np.pi * 6.3 * times + 1.5 * np.sin(2 * np.pi * 0.3 * times + phases[0])
    wave = np.sin(carrier + phases[1])
    return np.vstack((0.025 * wave, 0.06 * wave))
