# SPDX-License-Identifier: Apache-2.0
"""Fits pictures of any size into the input of a model, and maps results back.

The rounding is that of ultralytics, so that results agree with what a model was trained on.
"""

from __future__ import annotations

import cv2
import numpy as np

from care_vision.detection import Floats, Picture

_PAD = 114 / 255


class Letterbox:
    """Fills the input of a model: scaled without distortion, centred, padded with grey.

    The input is kept between pictures; only the picture's rectangle is written when its size stays
    the same.

    Attributes:
        blob: 1 x 3 x height x width, float32, RGB 0..1: the input.
    """

    def __init__(self, height: int, width: int) -> None:
        self.blob: Floats = np.full((1, 3, height, width), _PAD, np.float32)
        self._height, self._width = height, width
        self._rows, self._columns = 0, 0
        self._scale, self._left, self._top = 1.0, 0, 0
        self._inside = (0, 0)

    def fill(self, picture: Picture) -> Floats:
        """Write a picture (height x width x 3, BGR) into the input; return the input."""
        if picture.shape[:2] != (self._rows, self._columns):
            self._measure(*picture.shape[:2])
        height, width = self._inside
        if (height, width) != (self._rows, self._columns):
            picture = np.asarray(
                cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8
            )
        rectangle = self.blob[0, :, self._top : self._top + height, self._left : self._left + width]
        for plane, channel in zip(rectangle, reversed(cv2.split(picture)), strict=True):
            np.multiply(channel, np.float32(1 / 255), out=plane)
        return self.blob

    def points_back(self, points: Floats) -> Floats:
        """Return points of the input, ... x 2 [px], in the original picture."""
        offset = np.array([self._left, self._top], np.float32)
        return ((points - offset) / np.float32(self._scale)).astype(np.float32)

    def boxes_back(self, boxes: Floats) -> Floats:
        """Return boxes of the input, N x 4 corners [px], in the original picture, cut to it."""
        corners = self.points_back(boxes.reshape(-1, 2, 2))
        np.clip(corners, 0, np.array([self._columns, self._rows], np.float32), out=corners)
        return corners.reshape(-1, 4)

    def _measure(self, rows: int, columns: int) -> None:
        self._rows, self._columns = rows, columns
        self._scale = min(self._height / rows, self._width / columns)
        height = max(1, round(rows * self._scale))
        width = max(1, round(columns * self._scale))
        self._inside = (height, width)
        # Less a tenth: halves are rounded down at the top and left, as ultralytics does.
        self._top = round((self._height - height) / 2 - 0.1)
        self._left = round((self._width - width) / 2 - 0.1)
        self.blob.fill(_PAD)
