# SPDX-License-Identifier: Apache-2.0
"""Noise of electrodes and probe: mains, muscles, wandering base line, motion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MAINS_HZ = 50.0
_WANDER_HZ = (0.07, 0.19, 0.31)
_MOTION_HZ = (0.6, 1.1, 1.9, 2.7)
_PLETH_NOISE = 5e-5


class Noise:
    """Noise of one patient.

    Takes the same draws for every block whatever the strengths are; blocks of the same length
    are to be made in order.
    """

    def __init__(self, seed: tuple[int, ...]) -> None:
        self._random = np.random.default_rng(seed)
        self._phases = self._random.uniform(0, 2 * np.pi, 12)

    def ecg(
        self,
        times: NDArray[np.float64],
        breath: NDArray[np.float64],
        strength: Mapping[str, NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Return what is added to the ECG, shape (2, n), [mV]; the arrays given have shape (n,)."""
        muscle = self._random.standard_normal((2, len(times)))
        mains = np.sin(2 * np.pi * MAINS_HZ * times + self._phases[0])
        wander = (
            sum(
                np.sin(2 * np.pi * hertz * times + phase)
                for hertz, phase in zip(_WANDER_HZ, self._phases[1:4], strict=True)
            )
            / 3
        )
        common = strength['mains_noise'] * mains + strength['baseline_wander'] * (
            wander + 0.5 * breath
        )
        return np.asarray(strength['muscle_noise'] * muscle + common)  # fmt: skip

    def pleth(
        self,
        times: NDArray[np.float64],
        motion: NDArray[np.float64],
        perfusion_index: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return what is added to red and infrared, shape (2, n), [{NU}]."""
        grain = self._random.standard_normal((2, len(times))) * _PLETH_NOISE
        if not motion.any():
            return grain
        moved = (
            sum(
                np.sin(2 * np.pi * hertz * times + phase)
                for hertz, phase in zip(_MOTION_HZ, self._phases[4:8], strict=True)
            )
            / 4
        )
        envelope = 1 + np.sin(2 * np.pi * 0.23 * times + self._phases[8])
        part = motion * perfusion_index / 100 * moved * envelope
        return np.asarray(grain + np.vstack((0.9 * part, part)))  # fmt: skip
