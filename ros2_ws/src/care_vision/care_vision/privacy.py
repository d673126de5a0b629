# SPDX-License-Identifier: Apache-2.0
"""Hides persons in a picture: whole bodies, by coarse blocks.

Who is in doubt is hidden too: weak candidates, and for a while those who were there a moment ago.
When it is not known where persons are, the whole picture is hidden.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from care_vision.detection import Box, Detection, Picture, as_box
from care_vision.tracking import Tracker

#: Blocks over the shorter side of what is hidden: a head is two or three of them.
_BLOCKS_PERSON = 6
_BLOCKS_WHOLE = 10
_SMALLEST_BLOCK = 12
_MARGIN = 0.15
_SMALLEST_MARGIN = 8.0
_GROWTH = 0.5
_KEYPOINT_SEEN = 0.3


@dataclass(frozen=True)
class Hiding:
    """What is to be hidden.

    Attributes:
        boxes: x_min, y_min, x_max, y_max [px] of each region.
        whole: Why all of the picture is hidden; '' when the boxes do.
    """

    boxes: tuple[Box, ...] = ()
    whole: str = ''


def person_boxes(detections: Iterable[Detection]) -> list[Box]:
    """Return a generous box around each person, however unsure: body, limbs and a margin."""
    return [_with_margin(_with_limbs(d), 0.0) for d in detections if d.is_person]


def unseen_boxes(tracker: Tracker, name: str) -> list[Box]:
    """Return where those of a class may be who were there a moment ago; it grows with time."""
    return [
        _with_margin(as_box(track.box), _GROWTH * tracker.age(track))
        for track in tracker.unseen()
        if track.name == name
    ]


def hide(picture: Picture, hiding: Hiding) -> Picture:
    """Return a copy of a picture (height x width x 3) in which all that is to be hidden is."""
    hidden = picture.copy()
    height, width = picture.shape[:2]
    if hiding.whole:
        _pixelate(hidden, picture, (0, 0, width, height), _BLOCKS_WHOLE)
        return hidden
    for x_min, y_min, x_max, y_max in hiding.boxes:
        left, top = max(0, math.floor(x_min)), max(0, math.floor(y_min))
        right, bottom = min(width, math.ceil(x_max)), min(height, math.ceil(y_max))
        if left < right and top < bottom:
            _pixelate(hidden, picture, (left, top, right, bottom), _BLOCKS_PERSON)
    return hidden


def _pixelate(
    target: Picture, source: Picture, region: tuple[int, int, int, int], blocks: int
) -> None:
    """Write the mean of each block of a region of the source into the target."""
    left, top, right, bottom = region
    width, height = right - left, bottom - top
    block = max(_SMALLEST_BLOCK, math.ceil(min(width, height) / blocks))
    few = cv2.resize(
        source[top:bottom, left:right],
        (math.ceil(width / block), math.ceil(height / block)),
        interpolation=cv2.INTER_AREA,
    )
    target[top:bottom, left:right] = cv2.resize(
        few, (width, height), interpolation=cv2.INTER_NEAREST
    )


def _with_limbs(detection: Detection) -> Box:
    seen = detection.keypoints[detection.keypoints[:, 2] >= _KEYPOINT_SEEN, :2]
    corners = np.array(detection.box).reshape(2, 2)
    points = np.concatenate([corners, seen]) if len(seen) else corners
    return as_box(np.concatenate([points.min(axis=0), points.max(axis=0)]))


def _with_margin(box: Box, growth: float) -> Box:
    x_min, y_min, x_max, y_max = box
    across = max(_SMALLEST_MARGIN, (_MARGIN + growth) * (x_max - x_min))
    along = max(_SMALLEST_MARGIN, (_MARGIN + growth) * (y_max - y_min))
    return (x_min - across, y_min - along, x_max + across, y_max + along)
