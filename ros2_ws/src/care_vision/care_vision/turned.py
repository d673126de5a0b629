# SPDX-License-Identifier: Apache-2.0
"""Looks at a picture turned by a quarter: models that learned on standing people miss others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from care_vision.detection import Detection, Detector, Floats, Picture, as_box

_SAME = 0.5


def detect_turned(detector: Detector, picture: Picture, clockwise: bool) -> list[Detection]:
    """Return what a detector sees in the picture turned, in pixels of the picture as it is."""
    turned = np.ascontiguousarray(np.rot90(picture, -1 if clockwise else 1))
    return [_back(found, picture.shape, clockwise) for found in detector.detect(turned)]


def merged(detections: Sequence[Detection], turned: Sequence[Detection]) -> list[Detection]:
    """Return the detections and the persons seen turned, highest score first.

    Who is seen both ways counts once, by the better score; turned, a part of somebody is easily
    taken for another one, so lying within the other is the same. Things seen turned are left out:
    they look like other things.
    """
    kept = list(detections)
    for found in turned:
        if not found.is_person:
            continue
        same = [d for d in kept if d.is_person and _same(d, found)]
        if all(d.score < found.score for d in same):
            kept = [d for d in kept if not any(d is s for s in same)] + [found]
    return sorted(kept, key=lambda found: -found.score)


def _same(a: Detection, b: Detection) -> bool:
    """Tell whether more than half of the smaller box is common to both."""
    low, high = np.maximum(a.box[:2], b.box[:2]), np.minimum(a.box[2:], b.box[2:])
    common = np.clip(high - low, 0, None).prod()
    return bool(common > _SAME * min(_area(a), _area(b)))


def _area(found: Detection) -> float:
    x_min, y_min, x_max, y_max = found.box
    return (x_max - x_min) * (y_max - y_min)


def _back(found: Detection, shape: tuple[int, ...], clockwise: bool) -> Detection:
    corners = _points_back(np.array(found.box, np.float32).reshape(2, 2), shape, clockwise)
    box = as_box([*corners.min(axis=0), *corners.max(axis=0)])
    keypoints = found.keypoints.copy()
    keypoints[:, :2] = _points_back(keypoints[:, :2], shape, clockwise)
    return Detection(found.name, found.score, box, keypoints)


def _points_back(points: Floats, shape: tuple[int, ...], clockwise: bool) -> Floats:
    x, y = points[:, 0], points[:, 1]
    height, width = shape[:2]
    back = (y, height - x) if clockwise else (width - y, x)
    return np.stack(back, axis=1).astype(np.float32)
