# SPDX-License-Identifier: Apache-2.0
"""Captures pictures in a thread of its own, and heals a camera that was lost.

The thread is a daemon: a driver that never returns from a read must not keep the process alive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

import cv2

from care_sensors.camera_frozen import FrozenWatch
from care_sensors.camera_pictures import Picture
from care_sensors.camera_source import CameraSource
from care_sensors.camera_spec import CameraError

Stamp = TypeVar('Stamp')
_RETRY_FIRST_S = 1.0
_RETRY_LONGEST_S = 10.0


class CameraState(Enum):
    """How a camera does."""

    OPENING = 'opening'
    SHOWING = 'showing'
    FROZEN = 'frozen'
    LOST = 'lost'


@dataclass(frozen=True)
class CameraReport:
    """How a camera does, and why.

    Attributes:
        state: How it does.
        reason: Why it shows nothing; '' while it does.
        pictures: Pictures delivered since the start.
        last_at: Steady time of the last one [s], or of the start.
        losses: How often the source was lost.
        skipped: What could not be used, in words.
    """

    state: CameraState
    reason: str = ''
    pictures: int = 0
    last_at: float = 0.0
    losses: int = 0
    skipped: tuple[str, ...] = ()


class CameraCapture(Generic[Stamp]):
    """Opens a source, reads it at a rate, and hands its pictures on."""

    def __init__(
        self,
        open_source: Callable[[], CameraSource],
        stamp: Callable[[], Stamp],
        deliver: Callable[[Stamp, Picture], None],
        rate_hz: float,
        frozen_after_s: float,
        retry_first_s: float = _RETRY_FIRST_S,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            open_source: Opens the source; raises CameraError.
            stamp: Gives the stamp of a picture, right after it was taken.
            deliver: Takes stamp and picture, in the thread of the capture.
            rate_hz: Highest rate of pictures [Hz].
            frozen_after_s: How long a live source may show the same picture [s].
            retry_first_s: Wait before the first new try [s]; it doubles from try to try.
        """
        self._open_source = open_source
        self._stamp = stamp
        self._deliver = deliver
        self._period = 1.0 / rate_hz
        self._frozen_after_s = frozen_after_s
        self._retry_first_s = retry_first_s
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='camera', daemon=True)
        self._state = CameraState.OPENING
        self._reason = ''
        self._pictures = 0
        self._losses = 0
        self._last_at = time.monotonic()
        self._skipped: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin to capture."""
        self._thread.start()

    def stop(self) -> None:
        """End: when this returns, nothing is delivered any more, though a read may still hang."""
        self._stopping.set()
        with self._lock:
            pass
        self._thread.join(timeout=1.0)

    def report(self) -> CameraReport:
        """Return how the camera does."""
        return CameraReport(
            self._state, self._reason, self._pictures, self._last_at, self._losses, self._skipped
        )

    def _run(self) -> None:
        wait = self._retry_first_s
        while not self._stopping.is_set():
            before = self._pictures
            try:
                self._show(self._open_source())
            except (CameraError, cv2.error) as error:
                self._losses += 1
                self._turn(CameraState.LOST, str(error))
            if self._pictures > before:
                wait = self._retry_first_s
            self._stopping.wait(wait)
            wait = min(2 * wait, _RETRY_LONGEST_S)

    def _show(self, source: CameraSource) -> None:
        try:
            frozen = FrozenWatch(self._frozen_after_s)
            due = time.monotonic()
            while not self._stopping.is_set():
                if not source.live:
                    self._stopping.wait(max(0.0, due - time.monotonic()))
                source.grab()
                now = time.monotonic()
                if now < due:
                    continue
                # A late picture moves the beat by less than one period: no burst makes up for it.
                due = max(due + self._period, now)
                stamp = self._stamp()
                picture = source.picture()
                self._skipped = tuple(source.skipped())
                if source.live and frozen.frozen(picture, now):
                    self._turn(CameraState.FROZEN, _frozen_text(self._frozen_after_s))
                else:
                    self._hand_on(stamp, picture, now)
        finally:
            source.close()

    def _hand_on(self, stamp: Stamp, picture: Picture, now: float) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            self._deliver(stamp, picture)
        self._pictures += 1
        self._last_at = now
        self._turn(CameraState.SHOWING, '')

    def _turn(self, state: CameraState, reason: str) -> None:
        self._state, self._reason = state, reason


def _frozen_text(seconds: float) -> str:
    return (
        f'The camera has shown the same picture, bit for bit, for more than {seconds:g} s. '
        'Look whether it hangs, is covered, or stands in the dark.'
    )
