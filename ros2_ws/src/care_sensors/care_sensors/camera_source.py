# SPDX-License-Identifier: Apache-2.0
"""Camera sources through OpenCV: each gives the newest picture when asked.

Reading is in two steps, as OpenCV has it: `grab` waits for the next picture, `picture` unpacks it.
So a live source is emptied at its own pace, and only what is sent is unpacked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from care_sensors.camera_pictures import Picture, list_pictures, read_picture
from care_sensors.camera_spec import CameraError, SourceKind, SourceSpec

_OPEN_TIMEOUT_MS = 5000
_READ_TIMEOUT_MS = 3000
_DEFAULT_FPS = 25.0


class CameraSource(Protocol):
    """A source of pictures.

    Attributes:
        live: It shows what is there now, and `grab` waits for it.
    """

    live: bool

    def grab(self) -> None:
        """Take the next picture; raise CameraError when the source gives none any more."""

    def picture(self) -> Picture:
        """Return the picture taken, height x width x 3, BGR."""

    def skipped(self) -> list[str]:
        """Return what could not be used, in words."""

    def close(self) -> None:
        """Release the source."""


class FolderSource:
    """Shows the pictures of a folder one after the other, again and again.

    A picture that cannot be read is passed over and named.
    """

    live = False

    def __init__(
        self, path: Path, picture_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Find the first picture.

        Args:
            path: Folder, or one picture file.
            picture_s: How long each is shown [s].
            clock: Steady time [s].

        Raises:
            CameraError: No picture can be read.
        """
        self._files = list_pictures(path)
        self._picture_s = picture_s
        self._clock = clock
        self._bad: dict[Path, str] = {}
        self._index = -1
        self._picture = self._next()
        self._until = clock() + picture_s

    def grab(self) -> None:
        """Turn to the next picture when it is time."""
        if self._clock() >= self._until:
            self._picture = self._next()
            self._until = self._clock() + self._picture_s

    def picture(self) -> Picture:
        """Return the picture that is shown now."""
        return self._picture

    def skipped(self) -> list[str]:
        """Return why pictures are passed over."""
        return list(self._bad.values())

    def close(self) -> None:
        """Hold nothing open."""

    def _next(self) -> Picture:
        for _ in self._files:
            self._index = (self._index + 1) % len(self._files)
            path = self._files[self._index]
            try:
                picture = read_picture(path)
            except CameraError as error:
                self._bad[path] = error.cause
                continue
            self._bad.pop(path, None)
            return picture
        example = next(iter(self._bad.values()))
        raise CameraError(
            f'None of the {len(self._files)} pictures can be read: {example}',
            'Put whole pictures there.',
        )


class VideoSource:
    """Plays a video file at its own speed, again and again."""

    live = False

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the file and read its first picture.

        Raises:
            CameraError: OpenCV cannot read it.
        """
        self._path = path
        self._clock = clock
        self._video = cv2.VideoCapture(path)
        fps = self._video.get(cv2.CAP_PROP_FPS) if self._video.isOpened() else 0.0
        self._period = 1.0 / (fps if 0.5 <= fps <= 240 else _DEFAULT_FPS)
        self._picture = self._read()
        self._next_at = clock() + self._period

    def grab(self) -> None:
        """Go on to the picture of the present time; frames in between are passed over."""
        late = self._clock() - self._next_at
        if late < 0:
            return
        for _ in range(min(int(late / self._period), 100)):
            self._video.grab()
        self._next_at += (int(late / self._period) + 1) * self._period
        try:
            self._picture = self._read()
        except CameraError:
            # The end of the file, or a damaged part of it: from the start again.
            self._video.release()
            self._video = cv2.VideoCapture(self._path)
            self._picture = self._read()

    def picture(self) -> Picture:
        """Return the picture of the present time."""
        return self._picture

    def skipped(self) -> list[str]:
        """Return nothing: a damaged part is played over."""
        return []

    def close(self) -> None:
        """Close the file."""
        self._video.release()

    def _read(self) -> Picture:
        ok, picture = self._video.read()
        if not ok or picture is None:
            raise CameraError(
                f'{self._path} is no video that can be read.', 'Give a video file, e.g. H.264 .mp4.'
            )
        return np.asarray(picture, np.uint8)


class LiveSource:
    """A V4L2 device, or a stream from the network."""

    live = True

    def __init__(self, spec: SourceSpec, width: int, height: int, rate_hz: float) -> None:
        """Open the source and ask it for a size and a rate; it may give others.

        Raises:
            CameraError: It cannot be opened.
        """
        self._spec = spec
        self._capture = _open_device(spec) if spec.kind is SourceKind.DEVICE else _open_stream(spec)
        if not self._capture.isOpened():
            raise CameraError(
                f'{spec.kind.value.capitalize()} {spec.shown} cannot be opened.', _cure(spec)
            )
        if spec.kind is SourceKind.DEVICE:
            # One buffer only, or the pictures lag behind.
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            self._capture.set(cv2.CAP_PROP_FPS, rate_hz)
            if width and height:
                self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
                self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)

    def grab(self) -> None:
        """Wait for the next picture."""
        if not self._capture.grab():
            raise self._lost()

    def picture(self) -> Picture:
        """Unpack the picture taken."""
        ok, picture = self._capture.retrieve()
        if not ok or picture is None or picture.ndim != 3:
            raise self._lost()
        return np.asarray(picture, np.uint8)

    def skipped(self) -> list[str]:
        """Return nothing."""
        return []

    def close(self) -> None:
        """Close the device or the connection."""
        self._capture.release()

    def _lost(self) -> CameraError:
        return CameraError(
            f'{self._spec.kind.value.capitalize()} {self._spec.shown} gives no pictures.',
            _cure(self._spec),
        )


def open_source(
    spec: SourceSpec, width: int, height: int, rate_hz: float, picture_s: float
) -> CameraSource:
    """Open a source.

    Args:
        spec: What to open.
        width: Width asked of a device [px]; 0 for its own.
        height: Height asked of a device [px]; 0 for its own.
        rate_hz: Rate asked of a device [Hz].
        picture_s: How long each picture of a folder is shown [s].

    Raises:
        CameraError: It cannot be opened, or shows nothing.
    """
    if spec.kind is SourceKind.FOLDER:
        return FolderSource(Path(spec.target), picture_s)
    if spec.kind is SourceKind.VIDEO:
        return VideoSource(spec.target)
    return LiveSource(spec, width, height, rate_hz)


def _open_device(spec: SourceSpec) -> cv2.VideoCapture:
    if not Path(spec.target).exists():
        raise CameraError(f'There is no device {spec.target}.', _cure(spec))
    return cv2.VideoCapture(spec.target, cv2.CAP_V4L2)


def _open_stream(spec: SourceSpec) -> cv2.VideoCapture:
    # With time-outs: a camera that vanished must not hold the worker for ever.
    limits = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_TIMEOUT_MS),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_TIMEOUT_MS),
    ]
    return cv2.VideoCapture(spec.target, cv2.CAP_FFMPEG, limits)


def _cure(spec: SourceSpec) -> str:
    if spec.kind is SourceKind.STREAM:
        return 'Check that the camera is on, and its address, user and password.'
    return 'Plug the camera in, and see that this user is in the group video.'
