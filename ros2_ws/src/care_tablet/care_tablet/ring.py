# SPDX-License-Identifier: Apache-2.0
"""The last seconds of one bed's waveform frames, for pages that come back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from care_tablet import frames


class FrameRing:
    """Keeps the frames of the last seconds of one bed.

    Sequence numbers are contiguous, so a frame's place follows from its number.

    Attributes:
        next_sequence: Number of the frame that will come next.
    """

    def __init__(
        self,
        seconds: float,
        most: int = 4096,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: deque[tuple[float, bytes]] = deque(maxlen=most)
        self.next_sequence = 0

    def append(self, frame: bytes) -> None:
        """Take the next frame, drop those that are too old."""
        sequence = frames.sequence_of(frame)
        if sequence != self.next_sequence:
            self._kept.clear()
        self.next_sequence = sequence + 1
        now = self._clock()
        self._kept.append((now, frame))
        while now - self._kept[0][0] > self._seconds:
            self._kept.popleft()

    def since(self, last: int) -> tuple[bool, list[bytes]]:
        """Return whether frames after number `last` are lost, and those that are kept.

        A number that was never sent counts as lost: the client has something that is not ours.
        """
        if last >= self.next_sequence:
            return True, []
        missing = self.next_sequence - (last + 1)
        skip = len(self._kept) - missing
        kept = [frame for _, frame in islice(self._kept, max(0, skip), None)]
        return skip < 0, kept
