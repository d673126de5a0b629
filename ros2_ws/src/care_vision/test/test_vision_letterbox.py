# SPDX-License-Identifier: Apache-2.0
"""The way into the model's input and back."""

import numpy as np
import pytest
from care_vision.letterbox import Letterbox
from hypothesis import given
from hypothesis import strategies as st

side = st.integers(16, 400)


@given(side, side, st.sampled_from([(96, 128), (128, 128), (160, 96)]))
def test_a_mark_comes_back_to_where_it_was(rows, columns, size):
    picture = np.zeros((rows, columns, 3), np.uint8)
    top, left = rows // 3, columns // 4
    picture[top : top + rows // 2, left : left + columns // 2] = 255
    letterbox = Letterbox(*size)
    lit = letterbox.fill(picture)[0, 0] > 0.5
    ys, xs = np.flatnonzero(lit.any(1)), np.flatnonzero(lit.any(0))
    box = np.array([[xs[0], ys[0], xs[-1] + 1, ys[-1] + 1]], np.float32)
    tolerance = 1.5 / min(size[0] / rows, size[1] / columns) + 0.5
    back = letterbox.boxes_back(box)[0]
    expected = [left, top, left + columns // 2, top + rows // 2]
    np.testing.assert_allclose(back, expected, atol=tolerance)


@given(side, side)
def test_boxes_are_cut_to_the_picture(rows, columns):
    letterbox = Letterbox(96, 128)
    letterbox.fill(np.zeros((rows, columns, 3), np.uint8))
    box = letterbox.boxes_back(np.array([[-50, -50, 500, 500]], np.float32))[0]
    np.testing.assert_allclose(box, [0, 0, columns, rows])


def test_the_input_is_red_green_blue_from_0_to_1_and_grey_around():
    picture = np.zeros((50, 50, 3), np.uint8)
    picture[:, :] = (0, 51, 255)
    blob = Letterbox(50, 100).fill(picture)
    assert blob.shape == (1, 3, 50, 100)
    assert blob.dtype == np.float32
    np.testing.assert_allclose(blob[0, :, 25, 50], [1.0, 0.2, 0.0], atol=1e-6)
    np.testing.assert_allclose(blob[0, :, 25, [2, 97]], 114 / 255, atol=1e-6)


def test_nothing_of_the_picture_before_stays():
    letterbox = Letterbox(64, 64)
    letterbox.fill(np.full((64, 64, 3), 255, np.uint8))
    blob = letterbox.fill(np.full((20, 64, 3), 255, np.uint8))
    assert blob[0, 0, 2, 30] == pytest.approx(114 / 255)


@pytest.mark.parametrize(('shape', 'place'), [((479, 640), (0, 0)), ((477, 640), (1, 0))])
def test_the_odd_row_of_padding_is_where_ultralytics_has_it(shape, place):
    letterbox = Letterbox(480, 640)
    letterbox.fill(np.zeros((*shape, 3), np.uint8))
    np.testing.assert_allclose(letterbox.points_back(np.array([place[1], place[0]], np.float32)), 0)
