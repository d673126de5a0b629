# SPDX-License-Identifier: Apache-2.0
"""The camera node: what it sends, and how it says that it shows nothing."""

import itertools
import time

import cv2
import numpy as np
import pytest
from care_node import graph
from care_node.testing import probing, running, wait_until
from care_sensors import camera_node
from care_sensors.camera_node import CameraNode
from care_sensors.camera_spec import CameraError

ROBOT = {'namespace': '/robot_1'}


def seconds(message) -> float:
    return message.header.stamp.sec + message.header.stamp.nanosec * 1e-9


@pytest.fixture
def folder(tmp_path):
    for k in range(2):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, :, :] = (10 + k, 100, 200)
        cv2.imwrite(str(tmp_path / f'{k}.png'), picture)
    return str(tmp_path)


def test_pictures_of_a_folder_come_stamped_in_blue_green_red_with_their_calibration(folder):
    values = {'source': folder, 'width': 64, 'height': 48, 'picture_seconds': 0.5, 'rate_hz': 20.0}
    with probing('/robot_1') as probe:
        images, infos = probe.collect(graph.IMAGE), probe.collect(graph.CAMERA_INFO)
        jpegs = probe.collect(graph.IMAGE_COMPRESSED)
        with running(CameraNode, values, **ROBOT) as node:
            wait_until(lambda: len(images) > 15 and len(infos) > 5 and jpegs, 15, 'pictures')
            late = probe.node.get_clock().now().nanoseconds * 1e-9 - seconds(images[-1])
            assert node.fault == ''
    assert 0 <= late < 0.5
    first = images[0]
    assert (first.encoding, first.width, first.height, first.step) == ('bgr8', 64, 48, 192)
    assert first.header.frame_id == 'camera_optical_frame'
    pixels = {tuple(np.frombuffer(m.data, np.uint8)[:3]) for m in images}
    assert pixels == {(10, 100, 200), (11, 100, 200)}
    assert all(seconds(b) > seconds(a) for a, b in itertools.pairwise(images))
    assert {seconds(m) for m in infos[1:-1]} <= {seconds(m) for m in images}
    assert (infos[0].width, infos[0].height, infos[0].k[2]) == (64, 48, 31.5)
    assert cv2.imdecode(np.frombuffer(jpegs[0].data, np.uint8), 1).shape == (48, 64, 3)


def test_without_a_source_the_node_stays_inactive_and_says_so():
    with running(CameraNode, activate=False, **ROBOT) as node:
        node.trigger_configure()
        node.trigger_activate()
        assert not node.active
        assert 'No camera is given' in node.fault
        assert '--camera' in node.fault


@pytest.mark.parametrize('source', ['/nowhere', '{folder}/empty', '{folder}/broken'])
def test_a_folder_that_cannot_be_used_refuses_to_be_configured(tmp_path, source):
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'broken').mkdir()
    (tmp_path / 'broken/0.png').write_bytes(b'nothing')
    values = {'source': source.format(folder=tmp_path)}
    with running(CameraNode, values, activate=False, **ROBOT) as node:
        node.trigger_configure()
        assert source.format(folder=tmp_path).split('/')[-1] in node.fault


def test_a_device_that_is_not_there_is_a_fault_of_the_active_node():
    with running(CameraNode, {'source': '/dev/video97'}, **ROBOT) as node:
        wait_until(lambda: 'no device /dev/video97' in node.fault, 10, 'the fault')
        assert node.active


class Switched:
    """A live source that hangs, freezes or works, as a test wants."""

    live = True
    mode = 'works'

    def __init__(self, *_args: object) -> None:
        self.count = 0

    def grab(self) -> None:
        time.sleep(0.002)
        if self.mode == 'lost':
            raise CameraError('The device is gone.', 'Plug it in.')

    def picture(self) -> np.ndarray:
        self.count += self.mode == 'works'
        return np.full((48, 64, 3), self.count % 250, np.uint8)

    def skipped(self) -> list[str]:
        return []

    def close(self) -> None:
        return None


def test_frozen_and_lost_cameras_are_faults_that_stop_the_pictures_and_heal(monkeypatch):
    monkeypatch.setattr(camera_node, 'open_source', Switched)
    monkeypatch.setattr(Switched, 'mode', 'works')
    values = {'source': '/dev/video0', 'rate_hz': 20.0, 'frozen_after': 0.3}
    with probing('/robot_1') as probe:
        images, reports = probe.collect(graph.IMAGE), probe.collect(graph.DIAGNOSTICS)
        with running(CameraNode, values, **ROBOT) as node:
            wait_until(lambda: len(images) > 2, 15, 'pictures')
            for mode, words in [('frozen', 'same picture'), ('lost', 'device is gone')]:
                monkeypatch.setattr(Switched, 'mode', mode)
                wait_until(lambda words=words: words in node.fault, 10, words)
                shown = len(images)
                wait_until(lambda words=words: told(reports, words), 10, 'diagnostics')
                assert len(images) <= shown + 1
                monkeypatch.setattr(Switched, 'mode', 'works')
                wait_until(lambda n=shown: not node.fault and len(images) > n + 1, 10, 'healing')


def told(reports, words: str) -> bool:
    lines = [s for m in reports[-2:] for s in m.status if s.name.endswith('camera: camera')]
    return any(words in s.message and s.level == b'\x02' for s in lines)
