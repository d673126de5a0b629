# SPDX-License-Identifier: Apache-2.0
"""The view for tablets: a small JPEG with a line that says where it comes from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from care_vision.detection import Picture

_LINE_HEIGHT = 20
_FONT_SCALE = 0.42


def shrink(picture: Picture, longest: int) -> Picture:
    """Return a picture whose longer side is at most `longest` [px]."""
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def caption(picture: Picture, text: str) -> Picture:
    """Return the picture with a line of text below it; what does not fit is cut."""
    height, width = picture.shape[:2]
    captioned = np.zeros((height + _LINE_HEIGHT, width, 3), np.uint8)
    captioned[:height] = picture
    cv2.putText(
        captioned,
        text,
        (4, height + _LINE_HEIGHT - 6),
        cv2.FONT_HERSHEY_SIMPLEX,
        _FONT_SCALE,
        (255, 255, 255),
        1,
        cv2.LINE_AA,
    )
    return captioned


def jpeg(picture: Picture, quality: int) -> NDArray[np.uint8]:
    """Return a picture as JPEG bytes; quality 1..100."""
    ok, packed = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError(f'a picture of {picture.shape} cannot be packed as JPEG')
    return np.asarray(packed, np.uint8).reshape(-1)
