# SPDX-License-Identifier: AGPL-3.0-or-later
"""care_vision sees what ultralytics sees."""

import importlib.util

import cv2
import numpy as np
import pytest
from care_vision.detection import ModelError
from care_vision.onnx_detector import OnnxDetector
from care_vision.tracking import overlap
from care_vision_ultralytics import library
from care_vision_ultralytics.detector import UltralyticsDetector
from care_vision_ultralytics.export import export, main

needs_ultralytics = pytest.mark.skipif(
    importlib.util.find_spec('ultralytics') is None, reason='ultralytics is not installed'
)
#: One portrait and one landscape picture.
PICTURES = ('000000000113', '000000000077')


def picture(test_data, name: str) -> np.ndarray:
    return cv2.imread(str(test_data / f'data/images/{name}.jpg'))


def agree(ours, theirs) -> None:
    assert [d.name for d in ours] == [d.name for d in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a.score == pytest.approx(b.score, abs=0.02)
        np.testing.assert_allclose(a.box, b.box, atol=2.0)
        assert overlap(np.array([a.box]), np.array([b.box]))[0, 0] > 0.95
        sure = b.keypoints[:, 2] > 0.5 if len(b.keypoints) else np.zeros(0, bool)
        np.testing.assert_allclose(a.keypoints[sure, :2], b.keypoints[sure, :2], atol=2.0)


@needs_ultralytics
@pytest.mark.parametrize('name', PICTURES)
@pytest.mark.parametrize('model', ['yolov8n-pose_480x640', 'yolov8n_640', 'yolov8n_480x640'])
def test_boxes_scores_and_keypoints_are_those_of_ultralytics(test_data, model, name):
    path = test_data / f'models/{model}.onnx'
    ours = OnnxDetector(path)
    theirs = UltralyticsDetector(
        path, size=(640, 640) if model.endswith('_640') else (480, 640), task=ours.metadata.task
    )
    found = ours.detect(picture(test_data, name))
    assert len(found) >= 3
    agree(found, theirs.detect(picture(test_data, name)))


@needs_ultralytics
def test_an_exported_model_says_what_it_is_and_sees_what_its_source_sees(test_data, tmp_path):
    source = tmp_path / 'pose.pt'
    source.write_bytes((test_data / 'models/yolov8n-pose_rebuilt.pt').read_bytes())
    ours = export(source, (480, 640), tmp_path / 'out.onnx')
    assert ours.metadata.task == 'pose'
    assert ours.names == ('person',)
    assert ours.metadata.size == (480, 640)
    frame = cv2.resize(picture(test_data, PICTURES[1]), (640, 480))
    agree(ours.detect(frame), UltralyticsDetector(source, size=(480, 640)).detect(frame))


def test_a_missing_file_is_refused_and_never_looked_for_on_the_network(tmp_path, capsys):
    assert main([str(tmp_path / 'yolov8n.pt')]) == 2
    said = capsys.readouterr().err
    assert 'There is no model file' in said
    assert 'Cure' in said


def test_without_ultralytics_the_refusal_says_how_to_get_it(tmp_path, monkeypatch):
    def absent(name: str) -> None:
        raise ImportError(f'No module named {name!r}')

    monkeypatch.setattr(library.importlib, 'import_module', absent)
    model = tmp_path / 'a.pt'
    model.write_bytes(b'nothing')
    with pytest.raises(ModelError, match='pip install ultralytics'):
        UltralyticsDetector(model)
