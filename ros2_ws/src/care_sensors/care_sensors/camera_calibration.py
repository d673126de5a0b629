# SPDX-License-Identifier: Apache-2.0
"""The nominal pinhole camera: what a picture tells of directions when nobody has calibrated."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion, square pixels, optical axis through the middle.

    Attributes:
        width: [px].
        height: [px].
        focal: Focal length [px].
    """

    width: int
    height: int
    focal: float

    @property
    def intrinsics(self) -> list[float]:
        """The 3 x 3 matrix K, row by row."""
        x, y = self._centre
        return [self.focal, 0.0, x, 0.0, self.focal, y, 0.0, 0.0, 1.0]

    @property
    def projection(self) -> list[float]:
        """The 3 x 4 matrix P, row by row."""
        x, y = self._centre
        return [self.focal, 0.0, x, 0.0, 0.0, self.focal, y, 0.0, 0.0, 0.0, 1.0, 0.0]

    @property
    def _centre(self) -> tuple[float, float]:
        # Pixel centres have whole coordinates.
        return (self.width - 1) / 2, (self.height - 1) / 2


def pinhole(width: int, height: int, horizontal_view: float) -> Pinhole:
    """Return the camera of a picture size and a horizontal field of view [rad]."""
    return Pinhole(width, height, width / 2 / math.tan(horizontal_view / 2))
