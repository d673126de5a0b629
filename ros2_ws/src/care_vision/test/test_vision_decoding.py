# SPDX-License-Identifier: Apache-2.0
"""Decoding and suppression, on outputs made by hand and against a plain reference."""

import numpy as np
from care_vision.decoding import MOST_DETECTIONS, Found, decode, decode_ended, suppress
from care_vision.tracking import overlap
from hypothesis import given
from hypothesis import strategies as st

NO_KEYPOINTS = (0, 3)


def output(*columns: list[float]) -> np.ndarray:
    return np.array(columns, np.float32).T


def test_boxes_become_corners_and_the_best_class_wins():
    found = decode(output([50, 40, 20, 10, 0.3, 0.8, 0.1]), 3, NO_KEYPOINTS, 0.25, 0.7)
    np.testing.assert_allclose(found.boxes, [[40, 35, 60, 45]])
    assert found.classes.tolist() == [1]
    np.testing.assert_allclose(found.scores, [0.8])
    assert found.keypoints.shape == (1, 0, 3)


def test_only_scores_above_the_confidence_stay_best_first():
    columns = [[10 + 50 * k, 10, 5, 5, score] for k, score in enumerate([0.3, 0.25, 0.9, 0.2])]
    found = decode(output(*columns), 1, NO_KEYPOINTS, 0.25, 0.7)
    np.testing.assert_allclose(found.scores, [0.9, 0.3])


def test_of_overlapping_boxes_of_a_class_the_weaker_goes_and_another_class_stays():
    found = decode(
        output(
            [50, 50, 40, 40, 0.8, 0.0],
            [51, 50, 40, 40, 0.9, 0.0],
            [50, 50, 40, 40, 0.0, 0.7],
            [70, 50, 40, 40, 0.6, 0.0],
        ),
        2, NO_KEYPOINTS, 0.25, 0.7,
    )  # fmt: skip
    np.testing.assert_allclose(found.scores, [0.9, 0.7, 0.6])
    assert found.classes.tolist() == [0, 1, 0]


def test_keypoints_follow_their_box():
    points = [1, 2, 0.9, 3, 4, 0.1]
    found = decode(
        output([10, 10, 4, 4, 0.3, *points], [90, 10, 4, 4, 0.6, *[10 * p for p in points]]),
        1, (2, 3), 0.25, 0.7,
    )  # fmt: skip
    np.testing.assert_allclose(found.keypoints[0], [[10, 20, 9], [30, 40, 1]])
    np.testing.assert_allclose(found.keypoints[1], [[1, 2, 0.9], [3, 4, 0.1]], rtol=1e-6)


def test_numbers_that_are_none_are_no_detections():
    bad = [
        [np.nan, 10, 4, 4, 0.9],
        [10, 10, np.inf, 4, 0.9],
        [10, 10, 4, 4, np.nan],
    ]
    assert not len(decode(output(*bad), 1, NO_KEYPOINTS, 0.25, 0.7).scores)
    ended = np.array([[0, 0, 4, np.nan, 0.9, 0], [0, 0, 4, 4, 0.9, np.nan]], np.float32)
    assert not len(decode_ended(ended, NO_KEYPOINTS, 0.25).scores)


def test_nothing_found_is_no_error():
    found = decode(np.zeros((6, 100), np.float32), 2, NO_KEYPOINTS, 0.25, 0.7)
    assert found.boxes.shape == (0, 4)


def test_detections_are_limited_in_number():
    columns = [[100 * k, 10, 5, 5, 0.9] for k in range(MOST_DETECTIONS + 50)]
    assert len(decode(output(*columns), 1, NO_KEYPOINTS, 0.25, 0.7).scores) == MOST_DETECTIONS


def test_an_end_to_end_output_is_taken_as_it_is():
    rows = np.array(
        [[1, 2, 3, 4, 0.3, 0, 7, 8], [5, 6, 7, 8, 0.9, 1, 9, 10], [0, 0, 1, 1, 0.2, 0, 0, 0]],
        np.float32,
    )
    found = decode_ended(rows, (1, 2), 0.25)
    np.testing.assert_allclose(found.boxes, [[5, 6, 7, 8], [1, 2, 3, 4]])
    assert found.classes.tolist() == [1, 0]
    np.testing.assert_allclose(found.keypoints, [[[9, 10]], [[7, 8]]])


def reference(boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, limit: float) -> set[int]:
    """Greedy suppression, word by word."""
    kept: list[int] = []
    for k in np.argsort(-scores, kind='stable'):
        rivals = [i for i in kept if classes[i] == classes[k]]
        if all(overlap(boxes[i][None], boxes[k][None])[0, 0] <= limit for i in rivals):
            kept.append(int(k))
    return set(kept)


box = st.tuples(st.integers(-20, 60), st.integers(-20, 60), st.integers(4, 40), st.integers(4, 40))


@given(st.lists(st.tuples(box, st.integers(0, 2)), min_size=1, max_size=25), st.randoms())
def test_suppression_agrees_with_the_plain_rule(items, random):
    boxes = np.array([[x, y, x + w, y + h] for (x, y, w, h), _ in items], np.float32)
    classes = np.array([c for _, c in items], np.intp)
    # Distinct scores: the order among equals is nobody's promise.
    scores = np.array([(k + 1) / 100 for k in range(len(items))], np.float32)
    random.shuffle(scores)
    found = Found(boxes, scores, classes, np.zeros((len(items), 0, 3), np.float32))
    # A limit that no overlap of whole-numbered boxes meets exactly.
    kept = suppress(found, 0.4517)
    assert set(kept.tolist()) == reference(boxes.astype(float), scores, classes, 0.4517)
    assert (np.diff(scores[kept]) < 0).all()
