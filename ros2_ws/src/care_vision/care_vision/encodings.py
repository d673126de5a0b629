# SPDX-License-Identifier: Apache-2.0
"""Pictures of messages as arrays, without cv_bridge: the encodings that cameras send."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from care_vision.detection import Picture

_CHANNELS = {
    'bgr8': 3,
    'rgb8': 3,
    'bgra8': 4,
    'rgba8': 4,
    'mono8': 1,
    'yuv422': 2,
    'uyvy': 2,
    'yuv422_yuy2': 2,
    'yuyv': 2,
}
_TO_BGR: dict[str, int] = {
    'rgb8': cv2.COLOR_RGB2BGR,
    'bgra8': cv2.COLOR_BGRA2BGR,
    'rgba8': cv2.COLOR_RGBA2BGR,
    'mono8': cv2.COLOR_GRAY2BGR,
    'yuv422': cv2.COLOR_YUV2BGR_UYVY,
    'uyvy': cv2.COLOR_YUV2BGR_UYVY,
    'yuv422_yuy2': cv2.COLOR_YUV2BGR_YUYV,
    'yuyv': cv2.COLOR_YUV2BGR_YUYV,
}
_LARGEST_SIDE = 16384


class PictureError(ValueError):
    """A picture cannot be used; the text says why."""


def to_bgr(data: object, height: int, width: int, encoding: str, step: int) -> Picture:
    """Return a picture as height x width x 3, BGR.

    Args:
        data: Bytes, row by row.
        height: Rows.
        width: Columns.
        encoding: Name as in sensor_msgs, e.g. 'bgr8'.
        step: Bytes of one row, padding included.

    Raises:
        PictureError: Unknown encoding, no size, or too few bytes.
    """
    channels = _CHANNELS.get(encoding)
    if channels is None:
        raise PictureError(f'encoding "{encoding}" is none of {", ".join(_CHANNELS)}')
    if not (0 < height <= _LARGEST_SIDE and 0 < width <= _LARGEST_SIDE):
        raise PictureError(f'a size of {width} x {height} is none')
    if channels == 2 and width % 2:
        raise PictureError(f'a width of {width} is odd, and {encoding} has pixels in pairs')
    flat: NDArray[np.uint8] = np.frombuffer(data, np.uint8)  # type: ignore[call-overload]
    if step < width * channels or flat.size < step * height:
        raise PictureError(
            f'{flat.size} bytes in rows of {step} are too few for {width} x {height} {encoding}'
        )
    rows = flat[: step * height].reshape(height, step)[:, : width * channels]
    picture = np.ascontiguousarray(rows).reshape(height, width, channels)
    code = _TO_BGR.get(encoding)
    return picture if code is None else np.asarray(cv2.cvtColor(picture, code), np.uint8)


def stamp_s(sec: int, nanosec: int) -> float:
    """Return a stamp of a message in seconds."""
    return sec + nanosec * 1e-9
