# SPDX-License-Identifier: Apache-2.0
"""The newest camera picture for tablets: blurred by vision, kept in memory only, never on disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

#: An older picture is not given out [s].
TOO_OLD_S = 2.0


@dataclass(frozen=True)
class Picture:
    """A JPEG and its age [s]."""

    jpeg: bytes
    age: float


class NewestPicture:
    """Keeps one picture, and says how old it is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._jpeg = b''
        self._taken_at = -math.inf

    def put(self, jpeg: bytes, delay: float) -> None:
        """Take a picture that was `delay` [s] old when it came."""
        self._jpeg = jpeg
        self._taken_at = self._clock() - max(0.0, delay)

    def age(self) -> float:
        """Return the age of the picture [s], infinity for none."""
        return self._clock() - self._taken_at

    def get(self) -> Picture | None:
        """Return the picture, None when there is none that is young enough."""
        age = self.age()
        if age > TOO_OLD_S:
            self._jpeg = b''
            return None
        return Picture(self._jpeg, age)

    def reason(self, vision_state: str, vision_fault: str) -> str:
        """Say why there is no picture, '' when there is one.

        Args:
            vision_state: State of the vision node in words, SILENT when it is not heard.
            vision_fault: What it says of itself.
        """
        if self.age() <= TOO_OLD_S:
            return ''
        if vision_fault:
            return vision_fault
        if vision_state != 'ACTIVE':
            return 'The camera view is not running.'
        if math.isinf(self.age()):
            return 'No picture has come yet.'
        return f'The last picture is {self.age():.0f} s old.'
