# SPDX-License-Identifier: Apache-2.0
"""Turns the output of a YOLO model into boxes, scores, classes and keypoints.

Threshold first, so that everything after it works on a handful of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from care_vision.detection import Floats

MOST_DETECTIONS = 300
_MOST_CANDIDATES = 30000


@dataclass(frozen=True)
class Found:
    """Objects in the input of a model, highest score first.

    Attributes:
        boxes: N x 4: x_min, y_min, x_max, y_max [px] of the input.
        scores: N, 0..1.
        classes: N, index of the class.
        keypoints: N x K x V: x, y [px] of the input, and visibility when V is 3.
    """

    boxes: Floats
    scores: Floats
    classes: NDArray[np.intp]
    keypoints: Floats


def decode(
    output: Floats, classes: int, keypoint_shape: tuple[int, int], confidence: float, overlap: float
) -> Found:
    """Return what a plain model has found, after class-aware suppression of what overlaps.

    Args:
        output: R x N: rows are centre x, centre y, width, height [px], a score for each class, and
            the keypoints' values one after the other.
        classes: Number of classes.
        keypoint_shape: Number of keypoints, values of each; (0, 3) for none.
        confidence: Scores up to this are dropped.
        overlap: Of two boxes of a class with a higher intersection over union the weaker is
            dropped.
    """
    best = output[4 : 4 + classes].max(axis=0)
    # A number that is none is no candidate either: comparisons with it are false.
    columns = np.flatnonzero(best > confidence)
    order = np.argsort(-best[columns], kind='stable')[:_MOST_CANDIDATES]
    columns = columns[order]
    kept = output[:, columns]
    boxes = _corners(kept[:4].T)
    names = kept[4 : 4 + classes].argmax(axis=0)
    found = Found(boxes, best[columns], names, _keypoints(kept[4 + classes :].T, keypoint_shape))
    found = _pick(found, np.flatnonzero(np.isfinite(boxes).all(axis=1)))
    return _pick(found, suppress(found, overlap))


def decode_ended(output: Floats, keypoint_shape: tuple[int, int], confidence: float) -> Found:
    """Return what an end-to-end model has found; suppression is part of such a model.

    Args:
        output: N x R: rows of x_min, y_min, x_max, y_max [px], score, class, keypoints' values.
        keypoint_shape: Number of keypoints, values of each; (0, 3) for none.
        confidence: Scores up to this are dropped.
    """
    rows = output[(output[:, 4] > confidence) & np.isfinite(output[:, :6]).all(axis=1)]
    rows = rows[np.argsort(-rows[:, 4], kind='stable')][:MOST_DETECTIONS]
    return Found(
        np.ascontiguousarray(rows[:, :4]),
        rows[:, 4],
        rows[:, 5].astype(np.intp),
        _keypoints(rows[:, 6:], keypoint_shape),
    )


def suppress(found: Found, overlap: float) -> NDArray[np.intp]:
    """Return the indices that greedy suppression within each class keeps, best first."""
    if not len(found.scores):
        return np.zeros(0, np.intp)
    # Classes moved apart never overlap: one pass does them all.
    low = float(found.boxes.min())
    span = float(found.boxes.max()) - low + 1.0
    shift = found.classes.astype(np.float64) * span
    boxes = np.empty((len(shift), 4))
    boxes[:, :2] = found.boxes[:, :2] - low + shift[:, None]
    boxes[:, 2:] = found.boxes[:, 2:] - found.boxes[:, :2]
    kept = cv2.dnn.NMSBoxes(
        boxes.tolist(), found.scores.tolist(), 0.0, overlap, top_k=_MOST_CANDIDATES
    )
    return np.asarray(kept, np.intp).reshape(-1)[:MOST_DETECTIONS]


def _pick(found: Found, indices: NDArray[np.intp]) -> Found:
    return Found(
        found.boxes[indices],
        found.scores[indices],
        found.classes[indices],
        found.keypoints[indices],
    )


def _corners(boxes: Floats) -> Floats:
    half = boxes[:, 2:4] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def _keypoints(rows: Floats, shape: tuple[int, int]) -> Floats:
    count, values = shape
    return rows[:, : count * values].reshape(len(rows), count, values)
