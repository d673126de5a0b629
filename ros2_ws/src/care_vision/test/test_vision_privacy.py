# SPDX-License-Identifier: Apache-2.0
"""Who is in the picture, or may be, is hidden in the view."""

import cv2
import numpy as np
import pytest
from care_vision.decoding import MOST_DETECTIONS
from care_vision.detection import Detection
from care_vision.privacy import Hiding, hide, person_boxes
from care_vision.sight import Sight, hiding_for
from care_vision.view import caption, jpeg, shrink

SHAPE = (240, 320)


def noise(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)


def detail(picture: np.ndarray, box) -> float:
    """Return what is left of differences between neighbours in a box: hiding flattens them."""
    x_min, y_min, x_max, y_max = map(round, box)
    part = picture[y_min:y_max, x_min:x_max].astype(float)
    return float(np.median(np.abs(np.diff(part, axis=1))))


def changed(before: np.ndarray, after: np.ndarray) -> float:
    return float((before != after).any(axis=2).mean())


class Finds:
    """A detector that finds what a test wants."""

    def __init__(self, *detections: Detection, names=('person', 'chair')) -> None:
        self.detections, self.names = list(detections), names

    def detect(self, _picture: np.ndarray) -> list[Detection]:
        return self.detections


def person(box=(100, 60, 160, 180), score: float = 0.9, keypoints=()) -> Detection:
    points = np.array(keypoints, np.float32).reshape(-1, 3)
    return Detection('person', score, box, points)


def view(picture: np.ndarray, sight: Sight, stamp: float = 1.0) -> np.ndarray:
    return hide(picture, sight.look(picture, stamp).hiding)


def test_a_person_is_hidden_with_a_margin_and_the_rest_is_not():
    before = noise()
    after = view(before, Sight(Finds(person()), 0.25, 1.5))
    assert detail(before, (100, 60, 160, 180)) > 50
    assert detail(after, (92, 43, 168, 197)) == 0
    assert changed(before[43:60, 92:168], after[43:60, 92:168]) > 0.9
    np.testing.assert_array_equal(after[:, :80], before[:, :80])
    np.testing.assert_array_equal(after[:, 180:], before[:, 180:])


def test_who_is_too_unsure_to_be_told_of_is_hidden_too():
    before = noise()
    sight = Sight(Finds(person(score=0.12)), 0.25, 1.5)
    assert sight.look(before, 1.0).objects == ()
    assert detail(view(before, sight), (100, 60, 160, 180)) == 0


def test_limbs_outside_of_the_box_are_hidden():
    raised = person(keypoints=[(110, 20, 0.9), (300, 200, 0.05)])
    (box,) = person_boxes([raised])
    assert box[1] < 20
    assert box[2] < 300
    assert detail(hide(noise(), Hiding((box,))), (104, 14, 116, 60)) == 0


def test_things_are_not_hidden():
    before = noise()
    chair = Detection('chair', 0.9, (100, 60, 160, 180))
    np.testing.assert_array_equal(view(before, Sight(Finds(chair), 0.25, 1.5)), before)


def test_a_person_missed_for_a_moment_stays_hidden_in_a_growing_region():
    before, finds = noise(), Finds(person())
    sight = Sight(finds, 0.25, 1.5)
    shown = [changed(before, view(before, sight, 1.0))]
    finds.detections = []
    for stamp in (1.2, 1.6, 2.4):
        after = view(before, sight, stamp)
        assert detail(after, (100, 60, 160, 180)) == 0
        shown.append(changed(before, after))
    assert shown == sorted(shown)
    assert shown[-1] > 1.5 * shown[0]
    np.testing.assert_array_equal(view(before, sight, 2.6), before)


@pytest.mark.parametrize(
    'hiding',
    [
        hiding_for(1.0, None),
        hiding_for(1.2, Sight(Finds(), 0.25, 1.5).look(noise(), 1.0)),
        Sight(Finds(names=('chair',)), 0.25, 1.5).look(noise(), 1.0).hiding,
        Sight(Finds(*[person()] * MOST_DETECTIONS), 0.25, 1.5).look(noise(), 1.0).hiding,
    ],
    ids=['search failed', 'another picture', 'knows no persons', 'too many'],
)
def test_in_doubt_the_whole_picture_is_hidden(hiding):
    assert hiding.whole
    before = noise()
    after = hide(before, hiding)
    assert detail(after, (0, 0, 320, 240)) == 0
    # 14 x 10 blocks, no more.
    assert len(np.unique(after.reshape(-1, 3), axis=0)) <= 140


def test_the_picture_that_was_looked_at_is_hidden_by_its_own_finding():
    finding = Sight(Finds(person()), 0.25, 1.5).look(noise(), 1.0)
    assert hiding_for(1.0, finding) == finding.hiding
    assert not finding.hiding.whole


def test_a_region_at_or_beyond_the_edge_is_no_error():
    before = noise()
    boxes = ((-50.0, -50.0, 30.0, 30.0), (310.0, 230.0, 500.0, 500.0), (400.0, 0.0, 500.0, 50.0))
    after = hide(before, Hiding(boxes))
    assert detail(after, (0, 0, 30, 30)) == 0
    assert detail(after, (311, 231, 320, 240)) == 0
    np.testing.assert_array_equal(after[100:200, 100:200], before[100:200, 100:200])


def test_the_original_is_left_alone():
    before = noise()
    kept = before.copy()
    hide(before, Hiding(whole='test'))
    np.testing.assert_array_equal(before, kept)


def test_the_view_is_small_captioned_and_a_jpeg():
    small = shrink(noise((400, 800)), 320)
    assert small.shape == (160, 320, 3)
    with_line = caption(small, 'RECORDED')
    assert with_line.shape == (180, 320, 3)
    np.testing.assert_array_equal(with_line[:160], small)
    assert with_line[160:].max() > 200
    assert cv2.imdecode(jpeg(with_line, 70), cv2.IMREAD_COLOR).shape == (180, 320, 3)
    assert shrink(noise(), 640).shape == (240, 320, 3)
