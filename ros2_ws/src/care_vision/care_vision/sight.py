# SPDX-License-Identifier: Apache-2.0
"""From a picture to what is known of it: detections with tracks, and what must be hidden."""

from __future__ import annotations

from dataclasses import dataclass

from care_vision.decoding import MOST_DETECTIONS
from care_vision.detection import PERSON, Detection, Detector, Picture
from care_vision.privacy import Hiding, person_boxes, unseen_boxes
from care_vision.tracking import Tracker
from care_vision.turned import detect_turned, merged


@dataclass(frozen=True)
class Seen:
    """An object that is sure enough to be told of, with the id of its track."""

    detection: Detection
    track: str


@dataclass(frozen=True)
class Finding:
    """What is known of one picture.

    Attributes:
        stamp: Of the picture [s].
        objects: What is in it, highest score first.
        hiding: What must be hidden in it, and in no other.
    """

    stamp: float
    objects: tuple[Seen, ...]
    hiding: Hiding


class Sight:
    """Looks at picture after picture."""

    def __init__(
        self, detector: Detector, confidence: float, keep_s: float, turned_every: int = 0
    ) -> None:
        """Begin without a past.

        Args:
            detector: Finds objects, also those below the confidence: they are hidden, not told of.
            confidence: Least score of what is told of.
            keep_s: How long an object may be unseen and is still followed, and hidden [s].
            turned_every: Every so many pictures is also looked at turned by a quarter, to the left
                and to the right in turn, for lying persons; 0 for none.
        """
        self._detector = detector
        self._confidence = confidence
        self._turned_every = turned_every
        self._pictures = 0
        self._tracker = Tracker(confidence, keep_s)
        self._knows_persons = PERSON in detector.names

    def look(self, picture: Picture, stamp: float) -> Finding:
        """Return what is in a picture (height x width x 3, BGR) with its stamp [s]."""
        upright = self._detector.detect(picture)
        turned = self._look_turned(picture)
        detections = merged(upright, turned)
        ids = self._tracker.update(detections, stamp)
        objects = tuple(
            Seen(detection, track)
            for detection, track in zip(detections, ids, strict=True)
            if detection.score >= self._confidence
        )
        return Finding(stamp, objects, self._hiding([*upright, *turned]))

    def _look_turned(self, picture: Picture) -> list[Detection]:
        self._pictures += 1
        if not self._knows_persons or not self._turned_every:
            return []
        turn, rest = divmod(self._pictures, self._turned_every)
        if rest:
            return []
        return detect_turned(self._detector, picture, clockwise=turn % 2 == 0)

    def _hiding(self, detections: list[Detection]) -> Hiding:
        if not self._knows_persons:
            return Hiding(whole='this model does not know persons')
        if len(detections) >= MOST_DETECTIONS:
            return Hiding(whole='more was found than can be told apart')
        return Hiding((*person_boxes(detections), *unseen_boxes(self._tracker, PERSON)))


def hiding_for(stamp: float, finding: Finding | None) -> Hiding:
    """Return what to hide in the picture of a stamp: all of it unless it was itself looked at."""
    if finding is None:
        return Hiding(whole='looking for persons failed')
    if finding.stamp != stamp:
        return Hiding(whole='persons were looked for in another picture')
    return finding.hiding
