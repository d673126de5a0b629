# SPDX-License-Identifier: Apache-2.0
"""The command `care detect`."""

import json

import cv2
import numpy as np
import pytest
from care_vision.detect import main

PERSON = np.array([[[32.0, 16, 8, 4, 0.9, 0.0]]]).transpose(0, 2, 1)
WEAK = np.array([[[32.0, 16, 8, 4, 0.2, 0.0]]]).transpose(0, 2, 1)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), np.zeros((64, 128, 3), np.uint8))
    return str(path)


def test_each_picture_is_a_line_with_boxes_in_its_own_pixels(tiny_model, image, tmp_path):
    out = tmp_path / 'out.jsonl'
    arguments = [image, '--model', str(tiny_model(PERSON)), image, '--jsonl', str(out)]
    assert main(arguments) == 0
    first, second = [json.loads(text) for text in out.read_text().splitlines()]
    assert first == second
    assert (first['image'], first['width'], first['height']) == (image, 128, 64)
    (found,) = first['detections']
    assert found == {'name': 'person', 'score': 0.9, 'xyxy': [56, 28, 72, 36], 'keypoints': []}


def test_the_confidence_is_as_asked(tiny_model, image, capsys):
    path = str(tiny_model(WEAK))
    for option, count in (([], 0), (['--conf', '0.15'], 1)):
        assert main([image, '--model', path, '--jsonl', '-', *option]) == 0
        assert len(json.loads(capsys.readouterr().out)['detections']) == count


@pytest.mark.parametrize('content', [None, b'', b'text', b'\x89PNG\r\n\x1a\n broken'])
def test_a_broken_picture_ends_with_2_and_leaves_the_output_alone(
    tiny_model, image, tmp_path, capsys, content
):
    broken, out = tmp_path / 'broken.png', tmp_path / 'out.jsonl'
    if content is not None:
        broken.write_bytes(content)
    arguments = [image, str(broken), '--model', str(tiny_model(PERSON)), '--jsonl', str(out)]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert 'broken.png' in said
    assert 'Cure' in said
    assert not out.exists()


def test_a_model_that_cannot_be_used_ends_with_2(tiny_model, image, tmp_path, capsys):
    no_onnx = tmp_path / 'no.onnx'
    no_onnx.write_bytes(b'nothing')
    bare = tiny_model(PERSON, {})
    for model, words in ((no_onnx, 'no ONNX model'), (bare, 'does not say its task')):
        assert main([image, '--model', str(model), '--jsonl', '-']) == 2
        said = capsys.readouterr().err
        assert words in said
        assert 'Cure' in said


def test_an_output_that_cannot_be_written_ends_with_2(tiny_model, image, capsys):
    assert main([image, '--model', str(tiny_model(PERSON)), '--jsonl', '/nowhere/a']) == 2
    assert '/nowhere/a cannot be written' in capsys.readouterr().err


@pytest.mark.parametrize('option', ['--conf=0', '--conf=1.5', '--iou=nan', '--conf=x'])
def test_shares_out_of_range_are_refused(tiny_model, image, option, capsys):
    with pytest.raises(SystemExit) as caught:
        main([image, '--model', str(tiny_model(PERSON)), '--jsonl', '-', option])
    assert caught.value.code == 2
    assert option[2:6].rstrip('=') in capsys.readouterr().err
