# SPDX-License-Identifier: Apache-2.0
"""Notices a live camera that repeats itself.

The noise of a sensor makes every picture differ; one that comes again bit for bit is a frozen
driver, a covered lens or a dark room, and in each case the picture tells nothing of the patient.
"""

from __future__ import annotations

import numpy as np

from care_sensors.camera_pictures import Picture


class FrozenWatch:
    """Judges whether pictures still change."""

    def __init__(self, frozen_after_s: float) -> None:
        """Start anew.

        Args:
            frozen_after_s: How long the same picture may come [s].
        """
        self._frozen_after_s = frozen_after_s
        self._last: Picture | None = None
        self._changed_at = 0.0

    def same_for(self, picture: Picture, now: float) -> float:
        """Take a picture; return for how long it has been the same [s].

        Args:
            picture: Height x width x 3; kept, so it must not be written to.
            now: Steady time [s].
        """
        if self._last is None or not np.array_equal(self._last, picture):
            self._last = picture
            self._changed_at = now
        return now - self._changed_at

    def frozen(self, picture: Picture, now: float) -> bool:
        """Take a picture; tell whether the camera is frozen."""
        return self.same_for(picture, now) > self._frozen_after_s
