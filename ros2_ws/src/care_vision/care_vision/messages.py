# SPDX-License-Identifier: Apache-2.0
"""What was seen as messages."""

from __future__ import annotations

import math
from collections.abc import Iterable

from care_msgs.msg import Keypoint, Origin, Person, PersonArray
from std_msgs.msg import Header
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

from care_vision.detection import Floats
from care_vision.sight import Seen

#: Keypoints of the COCO order, which `Person` has.
COCO_KEYPOINTS = 17
_KEYPOINT_SEEN = 0.5


def detection_array(header: Header, objects: Iterable[Seen]) -> Detection2DArray:
    """Return objects as a message with the header of their picture."""
    return Detection2DArray(header=header, detections=[_detection(header, o) for o in objects])


def person_array(header: Header, objects: Iterable[Seen], origin: int) -> PersonArray:
    """Return the persons among the objects; posture and place are left unknown."""
    persons = [_person(seen, origin) for seen in objects if seen.detection.is_person]
    return PersonArray(header=header, origin=Origin(value=origin), persons=persons)


def _detection(header: Header, seen: Seen) -> Detection2D:
    x_min, y_min, x_max, y_max = seen.detection.box
    message = Detection2D(header=header, id=seen.track)
    hypothesis = ObjectHypothesisWithPose()
    hypothesis.hypothesis.class_id = seen.detection.name
    hypothesis.hypothesis.score = seen.detection.score
    message.results = [hypothesis]
    message.bbox.center.position.x = (x_min + x_max) / 2
    message.bbox.center.position.y = (y_min + y_max) / 2
    message.bbox.size_x = x_max - x_min
    message.bbox.size_y = y_max - y_min
    return message


def _person(seen: Seen, origin: int) -> Person:
    person = Person(
        track=seen.track,
        origin=Origin(value=origin),
        posture=Person.POSTURE_UNKNOWN,
        place=Person.PLACE_UNKNOWN,
        box=list(seen.detection.box),
        confidence=seen.detection.score,
    )
    person.keypoints = _keypoints(seen.detection.keypoints)
    return person


def _keypoints(points: Floats) -> list[Keypoint]:
    if len(points) != COCO_KEYPOINTS:
        return [Keypoint(x=math.nan, y=math.nan) for _ in range(COCO_KEYPOINTS)]
    return [_keypoint(*map(float, point)) for point in points]


def _keypoint(x: float, y: float, confidence: float) -> Keypoint:
    if not confidence >= _KEYPOINT_SEEN:
        x = y = math.nan
    return Keypoint(x=x, y=y, confidence=min(max(confidence, 0.0), 1.0))
