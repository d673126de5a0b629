# SPDX-License-Identifier: Apache-2.0
"""Follows objects from picture to picture, so that each keeps its id.

After ByteTrack (Zhang et al. 2022, arXiv 2110.06864): sure detections are matched to the tracks by
overlap first, then unsure ones to the tracks that are left, for a person who is half hidden scores
low and is still the same person. Prediction is a constant velocity; as that misleads after a jump,
what counts is the better overlap of the predicted box and of the last one seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from care_vision.detection import Detection

Boxes = NDArray[np.float64]

_SURE_OVERLAP = 0.1
_UNSURE_OVERLAP = 0.4
_VELOCITY_GAIN = 0.5
_LONGEST_STEP_S = 0.5


@dataclass
class Track:
    """An object that is followed.

    Attributes:
        id: Number, never used again.
        name: Name of its class.
        box: Where it is thought to be now: x_min, y_min, x_max, y_max [px].
        last: Where it was seen last.
        velocity: Of the four box values [px/s].
        seen_at: When it was seen last [s].
        first: It has been seen once only.
    """

    id: int
    name: str
    box: Boxes
    last: Boxes
    velocity: Boxes
    seen_at: float
    first: bool = True


class Tracker:
    """Gives each object an id that stays while it is followed."""

    def __init__(self, confidence: float = 0.25, keep_s: float = 1.5) -> None:
        """Start without tracks.

        Args:
            confidence: Detections of at least this score are sure, and begin tracks.
            keep_s: How long an object may be unseen [s].
        """
        self._confidence = confidence
        self._keep_s = keep_s
        self._tracks: list[Track] = []
        self._next_id = 1
        self._now = 0.0

    def update(self, detections: Sequence[Detection], now: float) -> list[str]:
        """Take the detections of a picture; return the id of each, '' for unsure strangers.

        Args:
            detections: All of them, also those below the confidence.
            now: Stamp of the picture [s].
        """
        self._predict(now)
        ids = [''] * len(detections)
        sure = [k for k, d in enumerate(detections) if d.score >= self._confidence]
        unsure = [k for k, d in enumerate(detections) if d.score < self._confidence]
        left = self._match(detections, sure, self._tracks, _SURE_OVERLAP, ids)
        self._match(detections, unsure, left, _UNSURE_OVERLAP, ids)
        for k in sure:
            if not ids[k]:
                ids[k] = self._begin(detections[k])
        return ids

    def unseen(self) -> list[Track]:
        """Return the tracks that the last picture did not show, where they are thought to be."""
        return [track for track in self._tracks if track.seen_at < self._now]

    def age(self, track: Track) -> float:
        """Return for how long a track has been unseen [s]."""
        return self._now - track.seen_at

    def _predict(self, now: float) -> None:
        step = now - self._now
        if step < 0:  # the clock was set, or a recording started again
            self._tracks.clear()
        self._now = now
        self._tracks = [t for t in self._tracks if now - t.seen_at <= self._keep_s]
        for track in self._tracks:
            track.box = track.box + track.velocity * min(max(step, 0.0), _LONGEST_STEP_S)
            if track.seen_at < now - step:
                track.velocity = track.velocity * 0.5

    def _match(
        self,
        detections: Sequence[Detection],
        chosen: Sequence[int],
        tracks: list[Track],
        least: float,
        ids: list[str],
    ) -> list[Track]:
        """Match the chosen detections to tracks, write their ids, return the tracks left over."""
        if not chosen or not tracks:
            return list(tracks)
        boxes = np.array([detections[k].box for k in chosen], np.float64)
        same = np.array([[t.name == detections[k].name for k in chosen] for t in tracks])
        predicted = overlap(np.array([t.box for t in tracks]), boxes)
        unmoved = overlap(np.array([t.last for t in tracks]), boxes)
        overlaps = np.where(same, np.maximum(predicted, unmoved), 0.0)
        left = set(range(len(tracks)))
        for row, column in zip(*linear_sum_assignment(-overlaps), strict=True):
            if overlaps[row, column] >= least:
                self._see(tracks[row], boxes[column])
                ids[chosen[column]] = str(tracks[row].id)
                left.discard(int(row))
        return [tracks[row] for row in sorted(left)]

    def _see(self, track: Track, box: Boxes) -> None:
        step = self._now - track.seen_at
        if step > 0:
            # What the prediction was wrong by; the first time it is the whole movement.
            error = (box - track.box) / step
            track.velocity = track.velocity + (1.0 if track.first else _VELOCITY_GAIN) * error
            track.first = False
        track.box = track.last = box
        track.seen_at = self._now

    def _begin(self, detection: Detection) -> str:
        box = np.array(detection.box, np.float64)
        track = Track(self._next_id, detection.name, box, box, np.zeros(4), self._now)
        self._next_id += 1
        self._tracks.append(track)
        return str(track.id)


def overlap(a: Boxes, b: Boxes) -> Boxes:
    """Return the intersection over union of each of N boxes with each of M: N x M."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    area_a = np.clip(a[:, 2:] - a[:, :2], 0, None).prod(axis=1)
    area_b = np.clip(b[:, 2:] - b[:, :2], 0, None).prod(axis=1)
    union = area_a[:, None] + area_b[None, :] - common
    return np.asarray(common / np.maximum(union, 1e-9))
