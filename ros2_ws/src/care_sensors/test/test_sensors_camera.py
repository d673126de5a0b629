# SPDX-License-Identifier: Apache-2.0
"""Camera sources, freezing, healing and nominal calibration, without ROS."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from care_sensors.camera_calibration import pinhole
from care_sensors.camera_capture import CameraCapture, CameraState
from care_sensors.camera_frozen import FrozenWatch
from care_sensors.camera_pictures import fit, read_picture
from care_sensors.camera_source import FolderSource, VideoSource, open_source
from care_sensors.camera_spec import CameraError, SourceKind, origin_of, parse_source
from hypothesis import given
from hypothesis import strategies as st


def wait_until(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def plain(value: int, height: int = 24, width: int = 32) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def write(path: Path, value: int) -> Path:
    cv2.imwrite(str(path), plain(value))
    return path


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ('text', 'kind', 'target', 'origin'),
    [
        ('0', SourceKind.DEVICE, '/dev/video0', 'live'),
        ('/dev/video2', SourceKind.DEVICE, '/dev/video2', 'live'),
        ('rtsp://host:554/a', SourceKind.STREAM, 'rtsp://host:554/a', 'live'),
        ('http://host/mjpg', SourceKind.STREAM, 'http://host/mjpg', 'live'),
        ('{folder}', SourceKind.FOLDER, '{folder}', 'recorded'),
        ('{folder}/a.png', SourceKind.FOLDER, '{folder}/a.png', 'recorded'),
        ('{folder}/a.mp4', SourceKind.VIDEO, '{folder}/a.mp4', 'recorded'),
    ],
)
def test_the_text_of_a_source_tells_what_it_is(tmp_path, text, kind, target, origin):
    write(tmp_path / 'a.png', 1)
    (tmp_path / 'a.mp4').write_bytes(b'0')
    text, target = text.format(folder=tmp_path), target.format(folder=tmp_path)
    spec = parse_source(text)
    assert (spec.kind, spec.target, origin_of(text)) == (kind, target, origin)


@pytest.mark.parametrize('text', ['', '  ', '/nowhere/at/all', 'gopher://host/x', 'rtsp://', '-1'])
def test_what_is_no_source_is_refused_with_a_cure_and_never_called_live(text):
    with pytest.raises(CameraError) as caught:
        parse_source(text)
    assert caught.value.cause
    assert '/dev/video0' in caught.value.cure
    assert origin_of(text) == 'recorded'


def test_user_and_password_of_a_stream_are_not_shown():
    assert parse_source('rtsp://nurse:secret@host/a').shown == 'rtsp://host/a'
    with pytest.raises(CameraError) as caught:
        parse_source('gopher://nurse:secret@host/a')
    assert 'secret' not in str(caught.value)


def test_a_folder_shows_each_picture_for_its_time_and_starts_again(tmp_path):
    for k in range(3):
        write(tmp_path / f'{k}.png', 10 * k)
    clock = Clock()
    source = FolderSource(tmp_path, 2.0, clock)
    shown = []
    for clock.now in np.arange(0.0, 8.0, 0.5):
        source.grab()
        shown.append(int(source.picture()[0, 0, 0]))
    assert shown == [0] * 4 + [10] * 4 + [20] * 4 + [0] * 4


def test_broken_pictures_of_a_folder_are_passed_over_and_named(tmp_path):
    (tmp_path / '0.jpg').write_bytes(b'')
    (tmp_path / '1.jpg').write_bytes(b'\xff\xd8\xff nothing')
    write(tmp_path / '2.png', 7)
    source = FolderSource(tmp_path, 1.0, Clock())
    assert source.picture()[0, 0, 0] == 7
    assert [Path(text.split()[0]).name for text in source.skipped()] == ['0.jpg', '1.jpg']


def test_a_folder_without_a_usable_picture_is_refused(tmp_path):
    with pytest.raises(CameraError, match='holds no pictures'):
        FolderSource(tmp_path, 1.0)
    (tmp_path / '0.jpg').write_bytes(b'nothing')
    with pytest.raises(CameraError, match='None of the 1 pictures'):
        FolderSource(tmp_path, 1.0)


def video(path: Path, frames: int = 10, fps: float = 10.0) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), fps, (32, 24))
    assert writer.isOpened()
    for k in range(frames):
        writer.write(plain(20 * k))
    writer.release()
    return path


def test_a_video_plays_at_its_own_speed_and_starts_again(tmp_path):
    clock = Clock()
    source = VideoSource(str(video(tmp_path / 'a.avi')), clock)
    shown = []
    for clock.now in [0.0, 0.05, 0.1001, 0.5001, 0.9001, 1.0001]:
        source.grab()
        shown.append(round(float(source.picture().mean()) / 20))
    assert shown == [0, 0, 1, 5, 9, 0]
    source.close()


def test_a_file_that_is_no_video_is_refused(tmp_path):
    (tmp_path / 'a.mp4').write_bytes(b'nothing' * 100)
    with pytest.raises(CameraError, match='is no video'):
        open_source(parse_source(str(tmp_path / 'a.mp4')), 0, 0, 10.0, 1.0)


def test_a_device_that_is_not_there_is_refused_with_a_cure():
    with pytest.raises(CameraError, match='no device /dev/video97') as caught:
        open_source(parse_source('97'), 640, 480, 10.0, 1.0)
    assert 'Plug' in caught.value.cure


def test_a_stream_that_nobody_serves_is_refused():
    with pytest.raises(CameraError, match=r'Stream http://127.0.0.1:9/a cannot be opened'):
        open_source(parse_source('http://127.0.0.1:9/a'), 640, 480, 10.0, 1.0)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90))
def test_fitting_keeps_the_shape_of_the_picture_and_gives_the_size(rows, columns, width, height):
    fitted = fit(plain(255, rows, columns), width, height)
    assert fitted.shape == (height, width, 3)
    lit = fitted[:, :, 0] > 0
    lit_height, lit_width = lit.any(1).sum(), lit.any(0).sum()
    assert lit_width == width or lit_height == height
    scale = min(width / columns, height / rows)
    assert abs(lit_width - max(1, columns * scale)) <= 1
    assert abs(lit_height - max(1, rows * scale)) <= 1


def test_without_a_size_a_picture_stays_as_it_is():
    assert fit(plain(3), 0, 480).shape == (24, 32, 3)


def test_a_picture_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CameraError, match=r'a\.jpg cannot be read'):
        read_picture(tmp_path / 'a.jpg')


def test_only_a_picture_that_is_the_same_bit_for_bit_for_long_is_frozen():
    watch = FrozenWatch(2.0)
    other = plain(1)
    other[5, 5, 1] = 2
    assert not watch.frozen(plain(1), 10.0)
    assert not watch.frozen(plain(1), 12.0)
    assert watch.frozen(plain(1), 12.1)
    assert not watch.frozen(other, 12.2)
    assert not watch.frozen(plain(1), 13.0)
    assert watch.frozen(plain(1), 15.1)


class FakeLive:
    """A live source under the test's hand."""

    live = True

    def __init__(self) -> None:
        self.count = 0
        self.closed = 0
        self.repeats = False
        self.gone = False

    def grab(self) -> None:
        time.sleep(0.002)
        if self.gone:
            raise CameraError('It is gone.', 'Plug it in.')
        self.count += not self.repeats

    def picture(self) -> np.ndarray:
        return plain(self.count % 250)

    def skipped(self) -> list[str]:
        return []

    def close(self) -> None:
        self.closed += 1


class Capturing:
    """A capture of a fake source, with what it has delivered."""

    def __init__(self, rate_hz: float = 100.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = FakeLive()
        self.opened_at: list[float] = []
        self.got: list[tuple[float, np.ndarray]] = []
        self.capture = CameraCapture(
            self.open, clock, lambda s, p: self.got.append((s, p)), rate_hz, 0.1, 0.02
        )

    def open(self) -> FakeLive:
        self.opened_at.append(time.monotonic())
        if self.source.gone:
            raise CameraError('It is gone.', 'Plug it in.')
        return self.source

    def __enter__(self) -> 'Capturing':
        self.capture.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.capture.stop()


def test_a_live_camera_faster_than_the_rate_is_thinned_out(monkeypatch):
    clock = Clock()
    monkeypatch.setattr('care_sensors.camera_capture.time', SimpleNamespace(monotonic=clock))
    running = Capturing(rate_hz=20.0, clock=clock)
    grab = running.source.grab

    def grab_at_500_hz() -> None:
        clock.now += 0.002
        grab()

    monkeypatch.setattr(running.source, 'grab', grab_at_500_hz)
    with running:
        wait_until(lambda: len(running.got) >= 6)
    stamps = [stamp for stamp, _ in running.got]
    assert np.diff(stamps) == pytest.approx(0.05, abs=0.0021)


def test_a_frozen_camera_stops_showing_and_heals_when_it_moves_again():
    with Capturing() as running:
        wait_until(lambda: len(running.got) > 3)
        running.source.repeats = True
        wait_until(lambda: running.capture.report().state is CameraState.FROZEN)
        shown = len(running.got)
        time.sleep(0.1)
        assert len(running.got) == shown
        assert 'same picture' in running.capture.report().reason
        running.source.repeats = False
        wait_until(lambda: len(running.got) > shown)
        wait_until(lambda: running.capture.report().reason == '')


def test_a_camera_that_vanishes_is_named_closed_and_heals_when_it_is_back():
    with Capturing() as running:
        wait_until(lambda: running.got)
        running.source.gone = True
        wait_until(lambda: running.capture.report().state is CameraState.LOST)
        assert running.capture.report().reason == 'It is gone. Plug it in.'
        assert running.source.closed == 1
        wait_until(lambda: running.capture.report().losses >= 3)
        running.source.gone = False
        shown = len(running.got)
        wait_until(lambda: len(running.got) > shown)
        wait_until(lambda: running.capture.report().state is CameraState.SHOWING)


def test_tries_to_reopen_become_rarer():
    running = Capturing()
    running.source.gone = True
    with running:
        wait_until(lambda: len(running.opened_at) >= 5)
    # 0.02 s at first, doubled from try to try.
    assert np.all(np.diff(running.opened_at[:5]) >= [0.02, 0.04, 0.08, 0.16])


def test_nothing_is_delivered_after_the_stop():
    entered, release = threading.Event(), threading.Event()
    running = Capturing()
    running.source.picture = lambda: (entered.set(), release.wait(20), plain(1))[2]
    running.capture.start()
    assert entered.wait(20)
    running.capture.stop()
    release.set()
    time.sleep(0.05)
    assert not running.got


def test_the_nominal_camera_sees_its_field_of_view():
    camera = pinhole(640, 480, 1.2)
    assert 2 * math.atan(320 / camera.focal) == pytest.approx(1.2)
    assert camera.intrinsics[2] == pytest.approx(319.5)
    assert camera.intrinsics[5] == pytest.approx(239.5)
    assert camera.projection[:3] == camera.intrinsics[:3]
    assert camera.projection[4:7] == camera.intrinsics[3:6]
