# SPDX-License-Identifier: Apache-2.0
"""What waits to be sent to one client: three classes, each bounded.

Alarms and acknowledgements are never dropped: a client that lets too many of them wait is closed,
and comes back to a full snapshot. Of numbers only the newest of each key waits. Of waveforms the
oldest are dropped, and the next frame of that bed says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from care_tablet import frames

URGENT_LIMIT = 256
#: 4 beds at 25 frames a second for 5 s.
WAVES_LIMIT = 500


@dataclass(frozen=True)
class Closing:
    """Why a connection is closed: WebSocket code, code of the error frame, text for a person."""

    status: int
    code: str
    text: str


class Outbox:
    """Queues of one client; lives in the web server's loop.

    Attributes:
        closing: Set once, when the connection shall be closed; nothing else is sent after that.
        dropped: Waveform frames dropped so far.
    """

    def __init__(self, urgent_limit: int = URGENT_LIMIT, waves_limit: int = WAVES_LIMIT) -> None:
        self._urgent_limit = urgent_limit
        self._waves_limit = waves_limit
        self._greeting: deque[str] = deque()
        self._urgent: deque[str] = deque()
        self._latest: dict[str, str] = {}
        self._replay: deque[bytes] = deque()
        self._waves: deque[bytes] = deque()
        self._gaps: set[int] = set()
        self._wake = asyncio.Event()
        self.closed = asyncio.Event()
        self.closing: Closing | None = None
        self.dropped = 0

    def greet(self, texts: Iterable[str], replay: Iterable[bytes], gaps: Iterable[int]) -> None:
        """Queue what a client gets first: snapshot, then the frames that it missed.

        Args:
            texts: Text frames, in order.
            replay: Waveform frames, in order for each bed.
            gaps: Beds whose next live frame does not follow what the client has.
        """
        self._greeting.extend(texts)
        self._replay.extend(replay)
        self._gaps.update(gaps)
        self._wake.set()

    def urgent(self, text: str) -> None:
        """Queue an alarm list or an acknowledgement."""
        if len(self._urgent) >= self._urgent_limit:
            self.close(Closing(1013, 'too_slow', 'the tablet does not keep up with the alarms'))
            return
        self._urgent.append(text)
        self._wake.set()

    def latest(self, key: str, text: str) -> None:
        """Queue a number or state; one that still waits under the same key is replaced."""
        self._latest[key] = text
        self._wake.set()

    def wave(self, frame: bytes) -> None:
        """Queue a waveform frame; drop the oldest when too many wait."""
        if len(self._waves) >= self._waves_limit:
            self._gaps.add(frames.bed_of(self._waves.popleft()))
            self.dropped += 1
        self._waves.append(frame)
        self._wake.set()

    def close(self, closing: Closing) -> None:
        """Ask for the connection to be closed; the first reason counts."""
        if self.closing is None:
            self.closing = closing
            self.closed.set()
            self._wake.set()

    def waiting(self) -> int:
        """Return the number of frames that wait."""
        return (
            len(self._greeting)
            + len(self._urgent)
            + len(self._latest)
            + len(self._replay)
            + len(self._waves)
        )

    def take(self) -> str | bytes | None:
        """Return the next frame to send, None when nothing waits."""
        if self._greeting:
            return self._greeting.popleft()
        if self._urgent:
            return self._urgent.popleft()
        if self._latest:
            return self._latest.pop(next(iter(self._latest)))
        if self._replay:
            return self._replay.popleft()
        return self._next_wave()

    def _next_wave(self) -> bytes | None:
        if not self._waves:
            return None
        frame = self._waves.popleft()
        bed = frames.bed_of(frame)
        if bed in self._gaps:
            self._gaps.discard(bed)
            return frames.with_flags(frame, frames.GAP)
        return frame

    async def next(self) -> str | bytes | None:
        """Wait for the next frame; None when the connection shall be closed."""
        while self.closing is None:
            frame = self.take()
            if frame is not None:
                return frame
            self._wake.clear()
            await self._wake.wait()
        return None
