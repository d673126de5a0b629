# SPDX-License-Identifier: Apache-2.0
"""Ids stay with the object."""

import numpy as np
from care_vision.detection import Detection
from care_vision.tracking import Tracker, overlap


def seen(x: float, y: float = 100.0, score: float = 0.9, name: str = 'person') -> Detection:
    return Detection(name, score, (x, y, x + 60, y + 150))


def test_two_who_cross_at_different_depths_keep_their_ids():
    tracker = Tracker()
    rng = np.random.default_rng(1)
    ids = []
    for k in range(40):
        a, b = seen(50 + 10 * k, 100), seen(450 - 10 * k, 190)
        pair = [a, b] if rng.random() < 0.5 else [b, a]
        got = dict(zip([d.box[1] for d in pair], tracker.update(pair, 0.2 * k), strict=True))
        ids.append((got[100], got[190]))
    assert set(ids) == {ids[0]}
    assert ids[0][0] != ids[0][1]


def test_an_object_that_moves_its_own_width_between_pictures_is_followed_by_its_velocity():
    tracker = Tracker()
    ids = [tracker.update([seen(20 * k * (k + 1) / 2)], 0.2 * k)[0] for k in range(6)]
    assert len(set(ids)) == 1


def test_an_object_that_jumps_and_then_stands_still_keeps_its_id():
    tracker = Tracker()
    ids = [tracker.update([seen(x)], t)[0] for t, x in [(0.0, 100), (0.2, 145), (0.6, 145)]]
    assert len(set(ids)) == 1


def test_an_object_keeps_its_id_over_a_short_absence_and_not_over_a_long_one():
    tracker = Tracker(keep_s=1.5)
    first = tracker.update([seen(100)], 0.0)
    assert tracker.update([], 0.7) == []
    assert [t.id for t in tracker.unseen()] == [int(first[0])]
    assert tracker.update([seen(100)], 1.4) == first
    assert tracker.unseen() == []
    assert tracker.update([seen(100)], 3.0) != first


def test_an_unsure_detection_keeps_a_track_and_begins_none():
    tracker = Tracker(confidence=0.25, keep_s=1.0)
    assert tracker.update([seen(100, score=0.2)], 0.0) == ['']
    first = tracker.update([seen(100)], 0.2)
    for k in range(2, 15):
        assert tracker.update([seen(100, score=0.12)], 0.2 * k) == first
    assert tracker.update([seen(100)], 3.0) == first


def test_classes_do_not_mix():
    tracker = Tracker()
    person = tracker.update([seen(100)], 0.0)
    assert tracker.update([seen(100, name='chair')], 0.2) != person


def test_a_stranger_far_away_gets_an_id_of_his_own():
    tracker = Tracker()
    first = tracker.update([seen(100)], 0.0)
    both = tracker.update([seen(400), seen(105)], 0.2)
    assert both[1] == first[0]
    assert both[0] not in ('', first[0])


def test_time_that_goes_back_forgets_all_tracks_and_never_repeats_an_id():
    tracker = Tracker()
    first = tracker.update([seen(100)], 100.0)
    again = tracker.update([seen(100)], 5.0)
    assert again != first
    assert tracker.update([seen(100)], 5.2) == again


def test_two_pictures_of_one_stamp_are_no_division_by_zero():
    tracker = Tracker()
    first = tracker.update([seen(100)], 1.0)
    assert tracker.update([seen(110)], 1.0) == first


def test_overlap_is_intersection_over_union():
    a = np.array([[0, 0, 10, 10], [0, 0, 0, 0]], float)
    b = np.array([[5, 0, 15, 10], [20, 20, 30, 30], [0, 0, 10, 10]], float)
    np.testing.assert_allclose(overlap(a, b), [[1 / 3, 0, 1], [0, 0, 0]])
