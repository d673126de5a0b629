# SPDX-License-Identifier: Apache-2.0
"""Lying persons: looked for in the turned picture, found where they are."""

import cv2
import numpy as np
import pytest
from care_vision.detection import Detection
from care_vision.onnx_detector import OnnxDetector
from care_vision.sight import Sight
from care_vision.turned import detect_turned, merged


class FindsWhite:
    """Finds the white rectangle of a picture, when it stands upright."""

    names = ('person',)

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, picture: np.ndarray) -> list[Detection]:
        self.shapes.append(picture.shape)
        ys, xs = np.nonzero(picture[:, :, 0])
        box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        if box[2] - box[0] > box[3] - box[1]:
            return []
        head = np.array([[box[0], box[1], 0.9]], np.float32)
        return [Detection('person', 0.9, tuple(map(float, box)), head)]


def lying() -> np.ndarray:
    picture = np.zeros((100, 160, 3), np.uint8)
    picture[60:80, 30:110] = 255
    return picture


@pytest.mark.parametrize(('clockwise', 'head'), [(True, (30, 80)), (False, (110, 60))])
def test_what_is_seen_turned_is_told_in_the_picture_as_it_is(clockwise, head):
    (person,) = detect_turned(FindsWhite(), lying(), clockwise)
    assert person.box == (30, 60, 110, 80)
    np.testing.assert_allclose(person.keypoints, [[*head, 0.9]], rtol=1e-6)


def test_every_third_picture_is_looked_at_turned_and_the_person_stays_hidden_in_between():
    detector = FindsWhite()
    sight = Sight(detector, 0.25, 1.5, turned_every=3)
    findings = [sight.look(lying(), 0.2 * k) for k in range(12)]
    assert [s[:2] for s in detector.shapes].count((160, 100)) == 4
    assert [bool(f.objects) for f in findings] == [k % 3 == 2 for k in range(12)]
    assert all(f.hiding.boxes for f in findings[2:])
    assert len({o.track for f in findings for o in f.objects}) == 1


def test_who_is_seen_both_ways_counts_once_and_turned_things_do_not():
    weak = Detection('person', 0.2, (0.0, 0.0, 50.0, 100.0))
    strong = Detection('person', 0.9, (5.0, 0.0, 52.0, 98.0))
    other = Detection('person', 0.8, (60.0, 80.0, 150.0, 110.0))
    chair = Detection('chair', 0.8, (60.0, 80.0, 150.0, 110.0))
    assert merged([weak], [strong, other, chair]) == [strong, other]
    assert merged([strong], [weak]) == [strong]
    part = Detection('person', 0.4, (20.0, 60.0, 70.0, 90.0))
    assert merged([strong], [part]) == [strong]


def test_whoever_is_seen_in_either_way_is_hidden():
    class FindsBoth(FindsWhite):
        def detect(self, picture: np.ndarray) -> list[Detection]:
            upright = picture.shape[0] < picture.shape[1]
            box = (10.0, 10.0, 60.0, 90.0) if upright else (20.0, 110.0, 80.0, 140.0)
            return [Detection('person', 0.9 if upright else 0.3, box)]

    finding = Sight(FindsBoth(), 0.25, 1.5, turned_every=1).look(lying(), 1.0)
    assert len(finding.objects) == 1
    assert len(finding.hiding.boxes) == 2


def test_people_of_a_real_picture_laid_down_are_found_turned(test_data):
    model = test_data / 'models/yolov8n-pose_480x640.onnx'
    read = cv2.imread(str(test_data / 'data/images/000000000113.jpg'))
    laid = np.ascontiguousarray(np.rot90(read))
    detector = OnnxDetector(model)
    upright = sum(d.is_person for d in detector.detect(laid))
    assert len(detect_turned(detector, laid, clockwise=True)) == 3
    sight = Sight(detector, 0.25, 1.5, turned_every=1)
    known = {o.track: o for k in range(2) for o in sight.look(laid, 0.2 * k).objects}
    assert len(known) >= 3 > upright
