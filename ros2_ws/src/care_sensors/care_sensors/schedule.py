# SPDX-License-Identifier: Apache-2.0
"""When the chunks of a stream are due, and the time stamps that they carry.

Chunk k covers the stream from k to k + 1 chunk lengths and is due when its last sample is: at
an absolute time on the steady clock, so that late wake-ups do not add up. What comes late within
a second is caught up. After a longer stall the stream goes on at the present time: the numbers
of the chunks in between are left out, and the next chunk says that there is a gap before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STALL_S = 1.0
# A timer that fires a little early must not put a chunk off by a whole period.
_SLACK_S = 0.005


@dataclass(frozen=True, slots=True)
class Slot:
    """A chunk that is due: its number, and whether something is missing before it."""

    number: int
    gap: bool


class Schedule:
    """Deadlines and stamps of the chunks of one or several streams that run together.

    chunk_s: length of a chunk in the stream, [s]
    speed: seconds of the stream in a second
    steady: clock that deadlines are kept by, [s]
    wall_ns: clock that stamps are taken from, [ns]
    """

    def __init__(
        self,
        chunk_s: float,
        speed: float = 1.0,
        *,
        steady: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.chunk_s = chunk_s
        self.speed = speed
        self._period_s = chunk_s / speed
        self._steady = steady
        self._wall_ns = wall_ns
        self.start()

    def start(self) -> None:
        """Let the stream begin now, with chunk 0."""
        self._origin = self._steady() - _SLACK_S
        self._wall_origin_ns = self._wall_ns() - round(_SLACK_S * 1e9)
        self._next = 0
        self._gap = False

    def due(self) -> Iterator[Slot]:
        """Yield the chunks that are due now, oldest first."""
        elapsed = self._steady() - self._origin
        self._follow_wall_clock(elapsed)
        complete = int(elapsed / self._period_s + 1e-9)
        if elapsed - (self._next + 1) * self._period_s > STALL_S:
            self._next = complete
            self._gap = True
        while self._next < complete:
            slot = Slot(self._next, self._gap)
            self._next += 1
            self._gap = False
            yield slot

    def stamp_ns(self, stream_s: float) -> int:
        """Return the stamp of the moment `stream_s` of the stream, [ns] of the wall clock."""
        return self._wall_origin_ns + round(stream_s / self.speed * 1e9)

    def _follow_wall_clock(self, elapsed: float) -> None:
        """Take new stamps after the wall clock was set; the stamps have a gap then."""
        step_ns = self._wall_ns() - self._wall_origin_ns - round(elapsed * 1e9)
        if abs(step_ns) > STALL_S * 1e9:
            self._wall_origin_ns += step_ns
            self._gap = True


def first_sample(number: int, chunk_s: float, rate_hz: float) -> int:
    """Return the index of the first sample of chunk `number`.

    Chunks hold one sample more or less in turn where a chunk length is no whole number of
    samples: 14 or 15 at 360 Hz and 40 ms, and 14.4 in the mean for ever.
    """
    return int(number * chunk_s * rate_hz + 1e-6)
