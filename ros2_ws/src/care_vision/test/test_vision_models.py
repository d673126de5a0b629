# SPDX-License-Identifier: Apache-2.0
"""Which models are taken, and how others are refused."""

import numpy as np
import pytest
from care_vision.detection import ModelError
from care_vision.model_metadata import read_metadata
from care_vision.onnx_detector import OnnxDetector

DETECT = {'task': 'detect', 'names': "{0: 'person', 1: 'chair'}", 'imgsz': '[32, 64]'}
POSE = {'task': 'pose', 'names': "{0: 'person'}", 'imgsz': '[32, 64]', 'kpt_shape': '[2, 3]'}
BLACK = np.zeros((64, 128, 3), np.uint8)


def refused(path) -> str:
    with pytest.raises(ModelError) as caught:
        OnnxDetector(path)
    assert caught.value.cure
    return caught.value.cause


def plain(*columns: list[float]) -> np.ndarray:
    return np.array([columns], np.float32).transpose(0, 2, 1)


def test_a_detect_export_sees_in_pixels_of_the_original(tiny_model):
    path = tiny_model(plain([32, 16, 8, 4, 0.1, 0.6], [50, 16, 8, 4, 0.9, 0.0]))
    person, chair = OnnxDetector(path).detect(BLACK)
    assert (person.name, chair.name) == ('person', 'chair')
    assert person.score == pytest.approx(0.9)
    np.testing.assert_allclose(chair.box, [56, 28, 72, 36], atol=1e-4)
    assert chair.keypoints.shape == (0, 3)


def test_a_pose_export_brings_keypoints_in_pixels_of_the_original(tiny_model):
    path = tiny_model(plain([32, 16, 8, 4, 0.9, 30, 15, 0.8, 34, 17, 0.2]), POSE)
    (person,) = OnnxDetector(path).detect(BLACK)
    np.testing.assert_allclose(person.keypoints, [[60, 30, 0.8], [68, 34, 0.2]], atol=1e-4)


def test_keypoints_without_visibility_count_as_seen(tiny_model):
    path = tiny_model(plain([32, 16, 8, 4, 0.9, 30, 15, 34, 17]), POSE | {'kpt_shape': '[2, 2]'})
    (person,) = OnnxDetector(path).detect(BLACK)
    np.testing.assert_allclose(person.keypoints, [[60, 30, 1], [68, 34, 1]], atol=1e-4)


def test_an_end_to_end_export_is_told_by_its_output(tiny_model):
    rows = np.zeros((1, 300, 6), np.float32)
    rows[0, 0] = [28, 14, 36, 18, 0.9, 1]
    (chair,) = OnnxDetector(tiny_model(rows)).detect(BLACK)
    assert chair.name == 'chair'
    np.testing.assert_allclose(chair.box, [56, 28, 72, 36], atol=1e-4)


def test_a_dynamic_export_takes_the_size_it_says(tiny_model):
    path = tiny_model(plain([32, 16, 8, 4, 0.9, 0.0]), DETECT, (1, 3, 'h', 'w'))
    (person,) = OnnxDetector(path).detect(BLACK)
    np.testing.assert_allclose(person.box, [56, 28, 72, 36], atol=1e-4)


def test_what_is_no_onnx_is_refused(tmp_path):
    path = tmp_path / 'model.onnx'
    assert 'no model file' in refused(path)
    for content in (b'', b'This is a text.', b'PK\x03\x04' + bytes(100)):
        path.write_bytes(content)
        assert str(path) in refused(path)


def test_an_onnx_without_metadata_is_refused(tiny_model):
    assert 'does not say its task and names' in refused(tiny_model(np.zeros((1, 6, 5)), {}))


@pytest.mark.parametrize(
    ('shape', 'why'), [((1, 6, 5, 1), 'its output'), ((1, 9, 5), 'neither 6 rows nor 6 columns')]
)
def test_an_output_that_does_not_fit_the_metadata_is_refused(tiny_model, shape, why):
    assert why in refused(tiny_model(np.zeros(shape, np.float32), DETECT))


@pytest.mark.parametrize('shape', [(1, 1, 32, 64), (2, 3, 32, 64), (3, 32, 64)])
def test_an_input_that_is_no_colour_picture_is_refused(tiny_model, shape):
    assert 'its input' in refused(tiny_model(np.zeros((1, 6, 5)), DETECT, shape))


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'task': 'segment'}, 'made for the task "segment"'),
        ({'names': "__import__('os').getcwd()"}, 'names'),
        ({'names': '{0: 1}'}, 'names'),
        ({'names': "{1: 'person'}"}, 'names'),
        ({'names': '{}'}, 'names'),
        ({'names': '(' * 5000}, 'names'),
        ({'imgsz': '[480]'}, 'imgsz'),
        ({'imgsz': '[480.0, 640]'}, 'imgsz'),
        ({'kpt_shape': '[17, 4]'}, 'kpt_shape'),
        ({'kpt_shape': ''}, 'kpt_shape'),
    ],
)
def test_metadata_that_cannot_be_right_is_refused(change, words):
    with pytest.raises(ModelError, match=words) as caught:
        read_metadata(POSE | change, 'model.onnx')
    assert caught.value.cure


def test_optional_metadata_may_be_missing():
    metadata = read_metadata({'task': 'detect', 'names': "['a', 'b']"}, 'model.onnx')
    assert metadata.size is None
    assert metadata.names == ('a', 'b')
    assert metadata.keypoint_rows == 0
    assert read_metadata(DETECT | {'imgsz': '320'}, 'model.onnx').size == (320, 320)
