# SPDX-License-Identifier: Apache-2.0
"""Pictures of messages, whole and broken."""

import cv2
import numpy as np
import pytest
from care_vision.encodings import PictureError, to_bgr

COLOURS = np.array([[[10, 100, 200], [250, 20, 30]], [[0, 0, 0], [255, 255, 255]]], np.uint8)


@pytest.mark.parametrize(
    ('encoding', 'code', 'tolerance'),
    [
        ('bgr8', None, 0),
        ('rgb8', cv2.COLOR_BGR2RGB, 0),
        ('bgra8', cv2.COLOR_BGR2BGRA, 0),
        ('rgba8', cv2.COLOR_BGR2RGBA, 0),
    ],
)
def test_colours_survive_each_encoding_also_with_padded_rows(encoding, code, tolerance):
    packed = COLOURS if code is None else cv2.cvtColor(COLOURS, code)
    row = packed.reshape(2, -1)
    padded = np.concatenate([row, np.full((2, 5), 77, np.uint8)], axis=1)
    for rows in (row, padded):
        got = to_bgr(rows.tobytes(), 2, 2, encoding, rows.shape[1])
        np.testing.assert_allclose(got, COLOURS, atol=tolerance)


def test_grey_becomes_equal_colours():
    got = to_bgr(bytes([1, 2, 3, 4]), 2, 2, 'mono8', 2)
    np.testing.assert_array_equal(got[:, :, 0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(got[:, :, 0], got[:, :, 2])


@pytest.mark.parametrize(('encoding', 'order'), [('yuv422', 'uyvy'), ('yuv422_yuy2', 'yuyv')])
def test_pixels_in_pairs_are_unpacked(encoding, order):
    values = {'y': 150, 'u': 128, 'v': 128}
    got = to_bgr(bytes([values[c] for c in order]), 1, 2, encoding, 4)
    assert got.shape == (1, 2, 3)
    assert np.ptp(got) <= 1
    assert 145 <= got[0, 0, 0] <= 160


@pytest.mark.parametrize(
    ('data', 'height', 'width', 'encoding', 'step', 'words'),
    [
        (b'\0' * 12, 2, 2, 'bayer_rggb8', 6, 'encoding "bayer_rggb8"'),
        (b'\0' * 11, 2, 2, 'bgr8', 6, 'too few'),
        (b'\0' * 12, 2, 2, 'bgr8', 5, 'too few'),
        (b'', 0, 0, 'bgr8', 0, 'size'),
        (b'', 2**31, 2, 'bgr8', 6, 'size'),
        (b'\0' * 12, 2, 3, 'yuv422', 6, 'odd'),
    ],
)
def test_broken_pictures_are_refused_with_the_reason(data, height, width, encoding, step, words):
    with pytest.raises(PictureError, match=words):
        to_bgr(data, height, width, encoding, step)
