# SPDX-License-Identifier: Apache-2.0
"""The vision node: what it tells, what it hides, and what it refuses."""

import array
import threading
import time

import cv2
import numpy as np
import pytest
from care_msgs.msg import Origin, Person
from care_node import graph
from care_node.testing import probing, running, wait_until
from care_vision.detection import Detection
from care_vision.node import VisionNode
from sensor_msgs.msg import Image

ROBOT = {'namespace': '/robot_1'}
MODEL = {'model': 'fake', 'rate_hz': 50.0}
PICTURE = np.random.default_rng(5).integers(0, 256, (120, 160, 3), np.uint8)
POINTS = np.array([[50 + k, 40, 0.9 if k else 0.1] for k in range(17)], np.float32)


class FakeDetector:
    names = ('person', 'chair')

    def __init__(self) -> None:
        self.failing = False
        self.hold = threading.Event()
        self.hold.set()
        self.looked = 0

    def detect(self, _picture: np.ndarray) -> list[Detection]:
        self.looked += 1
        assert self.hold.wait(60)
        if self.failing:
            raise RuntimeError('no memory')
        return [
            Detection('person', 0.9, (40.0, 30.0, 80.0, 100.0), POINTS),
            Detection('chair', 0.6, (100.0, 30.0, 120.0, 60.0)),
            Detection('person', 0.15, (0.0, 0.0, 20.0, 20.0)),
        ]


class FakeVision(VisionNode):
    def open_detector(self) -> FakeDetector:
        self.fake = FakeDetector()
        return self.fake


def image(sec: int, picture: np.ndarray = PICTURE) -> Image:
    height, width = picture.shape[:2]
    message = Image(height=height, width=width, encoding='bgr8', step=3 * width)
    message.header.stamp.sec = sec
    message.header.frame_id = 'camera_optical_frame'
    message.data = array.array('B', picture.tobytes())
    return message


class Scene:
    """A probe with all topics of vision, and a camera in the test's hand."""

    def __init__(self, probe) -> None:
        self.probe = probe
        self.detections = probe.collect(graph.DETECTIONS)
        self.persons = probe.collect(graph.PERSONS)
        self.views = probe.collect(graph.VIEW)
        self.camera = probe.publisher(graph.IMAGE)

    def ready(self, node) -> None:
        self.probe.matched(self.camera)
        for name in ('camera/detections', 'persons', 'camera/view/compressed'):
            wait_until(
                lambda name=name: node.count_subscribers(f'/robot_1/{name}'), 20, f'reader {name}'
            )
        wait_until(lambda: node._view_out.get_subscription_count(), 20, 'reader of the view')

    def view(self) -> np.ndarray:
        return cv2.imdecode(np.frombuffer(self.views[-1].data, np.uint8), cv2.IMREAD_COLOR)


def smooth(view: np.ndarray, left: int, top: int, right: int, bottom: int) -> bool:
    part = view[top:bottom, left:right].astype(int)
    return float(np.median(np.abs(np.diff(part, axis=1)))) < 8


def test_what_is_seen_is_told_with_the_header_of_the_picture_and_persons_are_hidden():
    with probing('/robot_1') as probe, running(FakeVision, MODEL, **ROBOT) as node:
        scene = Scene(probe)
        scene.ready(node)
        for sec in (1, 2):
            scene.camera.publish(image(sec))
            wait_until(lambda s=sec: len(scene.views) >= s, 20, f'view {sec}')
            time.sleep(2 / MODEL['rate_hz'])  # the next is due
        wait_until(lambda: len(scene.detections) == 2 and len(scene.persons) == 2, 20, 'results')
        first, second = scene.detections
        assert first.header.stamp.sec == 1
        assert first.header.frame_id == 'camera_optical_frame'
        told = [(d.results[0].hypothesis.class_id, d.id) for d in first.detections]
        assert [name for name, _ in told] == ['person', 'chair']
        assert told == [(d.results[0].hypothesis.class_id, d.id) for d in second.detections]
        assert len({i for _, i in told}) == 2
        box = first.detections[0].bbox
        assert (box.center.position.x, box.center.position.y) == (60, 65)
        assert (box.size_x, box.size_y) == (40, 70)

        (person,) = scene.persons[1].persons
        assert person.track == told[0][1]
        assert list(person.box) == [40, 30, 80, 100]
        assert person.confidence == pytest.approx(0.9)
        assert (person.posture, person.place) == (Person.POSTURE_UNKNOWN, Person.PLACE_UNKNOWN)
        assert person.origin.value == scene.persons[1].origin.value == Origin.RECORDED
        assert np.isnan(person.keypoints[0].x)
        assert (person.keypoints[16].x, person.keypoints[16].y) == (66, 40)

        view = scene.view()
        assert smooth(view, 34, 24, 86, 106)
        assert smooth(view, 0, 0, 20, 20)
        assert not smooth(view, 100, 30, 120, 60)


def test_a_failed_search_hides_the_whole_picture_tells_nothing_and_is_a_fault_that_heals():
    with probing('/robot_1') as probe, running(FakeVision, MODEL, **ROBOT) as node:
        scene = Scene(probe)
        scene.ready(node)
        node.fake.failing = True
        scene.camera.publish(image(1))
        wait_until(lambda: scene.views, 20, 'a view')
        view = scene.view()
        assert smooth(view, 0, 0, 160, 118)
        assert not scene.detections
        wait_until(lambda: 'no memory' in node.fault, 20, 'the fault')
        node.fake.failing = False
        scene.camera.publish(image(2))
        wait_until(lambda: scene.detections and not node.fault, 20, 'healing')


def test_a_broken_picture_is_a_fault_and_the_next_good_one_is_used():
    with probing('/robot_1') as probe, running(FakeVision, MODEL, **ROBOT) as node:
        scene = Scene(probe)
        scene.ready(node)
        broken = image(1)
        broken.height = 4000
        scene.camera.publish(broken)
        wait_until(lambda: 'too few' in node.fault, 20, 'the fault')
        assert not scene.views
        scene.camera.publish(image(2))
        wait_until(lambda: scene.detections and not node.fault, 20, 'healing')


def test_while_a_picture_is_looked_at_older_ones_are_dropped_and_counted():
    with probing('/robot_1') as probe, running(FakeVision, MODEL, **ROBOT) as node:
        scene, reports = Scene(probe), probe.collect(graph.DIAGNOSTICS)
        scene.ready(node)
        node.fake.hold.clear()
        # Each is sent when the one before has come: on the topic, too, only the newest is kept.
        for sec, has_come in enumerate(
            (
                lambda: node.fake.looked == 1,
                lambda: node._worker._item is not None,
                lambda: node._worker.dropped == 1,
                lambda: node._worker.dropped == 2,
                lambda: node._worker.dropped == 3,
            ),
            start=1,
        ):
            scene.camera.publish(image(sec))
            wait_until(has_come, 15, f'picture {sec}')
            time.sleep(2 / MODEL['rate_hz'])  # the next is due
        node.fake.hold.set()
        wait_until(lambda: len(scene.detections) == 2, 20, 'the first and the newest')
        assert [m.header.stamp.sec for m in scene.detections] == [1, 5]
        wait_until(lambda: counted(reports).get('dropped') == '3', 20, 'the count')
        wait_until(lambda: 'picture_to_detection_p99_ms' in counted(reports), 20, 'latency')


def counted(reports) -> dict[str, str]:
    return {v.key: v.value for m in reports[-3:] for s in m.status for v in s.values}


def test_the_origin_is_as_the_source_has_it_or_as_said():
    cases = (
        ({'source': '/dev/video0'}, Origin.LIVE),
        ({'source': '/nowhere'}, Origin.RECORDED),
        ({'source': '/dev/video0', 'origin': 'simulated'}, Origin.SIMULATED),
    )
    for values, origin in cases:
        with probing('/robot_1') as probe, running(FakeVision, MODEL | values, **ROBOT) as node:
            scene = Scene(probe)
            scene.ready(node)
            scene.camera.publish(image(1))
            wait_until(lambda s=scene: s.persons, 20, 'persons')
            assert scene.persons[0].origin.value == origin


def test_no_picture_for_long_is_a_fault():
    with running(FakeVision, MODEL | {'silent_after': 0.5}, **ROBOT) as node:
        wait_until(lambda: 'No picture from the camera' in node.fault, 20, 'the fault')


def test_without_a_model_the_node_stays_inactive_and_says_so():
    with probing('/robot_1') as probe, running(VisionNode, activate=False, **ROBOT) as node:
        beats = probe.collect(graph.ROBOT_HEARTBEAT)
        node.trigger_configure()
        node.trigger_activate()
        assert not node.active
        wait_until(lambda: any('No model is given' in b.fault for b in beats), 20, 'the reason')
        assert beats[-1].state == beats[-1].INACTIVE
        assert 'model:=FILE' in node.fault


def test_a_model_that_cannot_be_used_refuses_to_be_configured(tmp_path):
    path = tmp_path / 'no.onnx'
    path.write_bytes(b'nothing')
    with running(VisionNode, {'model': str(path)}, activate=False, **ROBOT) as node:
        node.trigger_configure()
        assert 'no ONNX model' in node.fault


def test_a_model_that_knows_no_persons_gives_a_view_hidden_as_a_whole(tiny_model):
    metadata = {'task': 'detect', 'names': "{0: 'chair'}"}
    values = {'model': str(tiny_model(np.zeros((1, 5, 8)), metadata))}
    with probing('/robot_1') as probe, running(VisionNode, values, **ROBOT) as node:
        scene = Scene(probe)
        scene.ready(node)
        scene.camera.publish(image(1))
        wait_until(lambda: scene.views, 20, 'a view')
        assert smooth(scene.view(), 0, 0, 160, 118)
        assert node.fault == ''


def test_a_node_that_was_stopped_and_started_again_goes_on():
    with probing('/robot_1') as probe, running(FakeVision, MODEL, **ROBOT) as node:
        scene = Scene(probe)
        scene.ready(node)
        for sec in (1, 2):
            scene.camera.publish(image(sec))
            wait_until(lambda s=sec: len(scene.detections) == s, 20, 'detections')
            for transition in (node.trigger_deactivate, node.trigger_activate):
                # Where the node's own callbacks run, as the service does.
                wait_until(node.executor.create_task(transition).done, 20, 'the transition')
