# SPDX-License-Identifier: Apache-2.0
"""The camera node: what it sends, and how it says that it shows nothing."""

import itertools
import time
from functools import partial

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


def now(probe) -> float:
    return probe.node.get_clock().now().nanoseconds * 1e-9


def colours(images) -> set[tuple[int, ...]]:
    """Return the colour of the first point of each picture."""
    return {tuple(np.frombuffer(image.data, np.uint8)[:3].tolist()) for image in images[:]}


@pytest.fixture
def folder(tmp_path):
    for k in range(2):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, :, :] = (10 + k, 100, 200)
        cv2.imwrite(str(tmp_path / f'{k}.png'), picture)
    return str(tmp_path)


def test_pictures_of_a_folder_come_stamped_in_blue_green_red_with_their_calibration(folder):
    values = {'source': folder, 'width': 64, 'height': 48, 'picture_seconds': 0.5, 'rate_hz': 20.0}
    values['silent_after'] = 30.0
    late = []
    with probing('/robot_1') as probe:
        images, infos = probe.collect(graph.IMAGE), probe.collect(graph.CAMERA_INFO)
        jpegs = probe.collect(graph.IMAGE_COMPRESSED)
        with running(CameraNode, values, **ROBOT) as node:

            def enough() -> bool:
                for image in images[-1:]:
                    late.append(now(probe) - seconds(image))
                return len(colours(images)) > 1 and len(infos) > 5 and bool(jpegs)

            wait_until(enough, 20, 'pictures')
            assert node.fault == ''
    # The least of them: the others may have waited for a processor.
    assert 0 <= min(late) < 0.5
    first = images[0]
    assert (first.encoding, first.width, first.height, first.step) == ('bgr8', 64, 48, 192)
    assert first.header.frame_id == 'camera_optical_frame'
    assert colours(images) == {(10, 100, 200), (11, 100, 200)}
    assert all(seconds(b) > seconds(a) for a, b in itertools.pairwise(images))
    stamps = {seconds(m) for m in images}
    between = {seconds(m) for m in infos if seconds(first) < seconds(m) < max(stamps)}
    assert between
    assert between <= stamps
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
        wait_until(lambda: 'no device /dev/video97' in node.fault, 20, 'the fault')
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
            wait_until(lambda: len(images) > 2, 20, 'pictures')
            for mode, words in [('frozen', 'same picture'), ('lost', 'device is gone')]:
                monkeypatch.setattr(Switched, 'mode', mode)
                wait_until(lambda words=words: words in node.fault, 20, words)
                began = now(probe)
                wait_until(lambda words=words: told(reports, words), 20, 'diagnostics')
                assert seconds(images[-1]) <= began
                monkeypatch.setattr(Switched, 'mode', 'works')
                # The camera is tried again ever more slowly, at the longest after 10 s.
                healed = partial(shows, node, images, now(probe))
                wait_until(healed, 40, 'healing')


def shows(node, images, since: float) -> bool:
    return not node.fault and seconds(images[-1]) > since


def told(reports, words: str) -> bool:
    lines = [s for m in reports[-2:] for s in m.status if s.name.endswith('camera: camera')]
    return any(words in s.message and s.level == b'\x02' for s in lines)
