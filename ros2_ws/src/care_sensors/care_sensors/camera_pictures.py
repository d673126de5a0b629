# SPDX-License-Identifier: Apache-2.0
"""Pictures from files: decoding, and fitting into the size that the camera promises."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from care_sensors.camera_spec import PICTURE_SUFFIXES, CameraError

Picture = NDArray[np.uint8]


def read_picture(path: Path) -> Picture:
    """Return a picture file as height x width x 3, BGR; turned as its EXIF data says.

    Raises:
        CameraError: It cannot be read, or is no picture.
    """
    try:
        # Through numpy, for OpenCV's own reading says nothing of why it failed.
        packed = np.fromfile(path, np.uint8)
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR) if packed.size else None
    except (OSError, cv2.error) as error:
        raise CameraError(f'{path} cannot be read: {error}.', 'Remove or replace it.') from error
    if picture is None:
        raise CameraError(f'{path} is no picture, or a broken one.', 'Remove or replace it.')
    return np.asarray(picture, np.uint8)


def list_pictures(path: Path) -> list[Path]:
    """Return the picture files of a folder in order of their names, or the one file itself.

    Raises:
        CameraError: There is none.
    """
    if path.is_file():
        return [path]
    try:
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
    except OSError as error:
        raise CameraError(
            f'Folder {path} cannot be read: {error.strerror}.', 'Give another.'
        ) from error
    if not files:
        raise CameraError(
            f'Folder {path} holds no pictures.', f'Put {", ".join(PICTURE_SUFFIXES)} files there.'
        )
    return files


def fit(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture scaled to fit into width x height [px], centred, with black bars.

    Args:
        picture: Height x width x 3.
        width: Width wanted; 0 leaves the picture as it is.
        height: Height wanted; 0 leaves the picture as it is.
    """
    rows, columns = picture.shape[:2]
    if 0 in (width, height) or (rows, columns) == (height, width):
        return picture
    scale = min(width / columns, height / rows)
    new_width = max(1, min(width, round(columns * scale)))
    new_height = max(1, min(height, round(rows * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = np.zeros((height, width, 3), np.uint8)
    top, left = (height - new_height) // 2, (width - new_width) // 2
    fitted[top : top + new_height, left : left + new_width] = cv2.resize(
        picture, (new_width, new_height), interpolation=way
    )
    return fitted
