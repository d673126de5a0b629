# SPDX-License-Identifier: AGPL-3.0-or-later
"""When the annunciator plays which tone."""

from __future__ import annotations

from collections import deque

from care_peripherals.light_bar import NONE, SOUNDS, Sound


class Annunciator:
    """Turns a standing priority, and tests by a person, into single tones."""

    def __init__(self) -> None:
        self._priority = NONE
        self._next_burst = float('-inf')
        self._due: deque[tuple[float, Sound]] = deque()

    def stand(self, priority: int, now: float) -> None:
        """Let a priority stand from a steady time [s] on; a new one is heard at once."""
        if priority != self._priority:
            self._priority = priority
            self._next_burst = now
            self._due.clear()

    def test(self, priority: int, now: float) -> None:
        """Play one burst at a steady time [s]."""
        if priority in SOUNDS:
            self._burst(SOUNDS[priority], now)

    def due(self, now: float) -> Sound | None:
        """Return the sound whose tone is to begin at a steady time [s]."""
        sound = SOUNDS.get(self._priority)
        if sound is not None and now >= self._next_burst:
            self._burst(sound, now)
        if self._due and now >= self._due[0][0]:
            return self._due.popleft()[1]
        return None

    def _burst(self, sound: Sound, now: float) -> None:
        self._due = deque((now + i * sound.gap_s, sound) for i in range(sound.tones))
        self._next_burst = now + sound.every_s
