# SPDX-License-Identifier: Apache-2.0
"""Slows guessing of PINs: after five wrong ones 1, then 5, then 15 minutes.

Counted per user on a device, so that one tablet cannot lock a nurse out of all others, and per
device over all users, so that nobody tries the same PIN on every name.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

TRIES = 5
DEVICE_TRIES = 20
WAITS_S = (60.0, 300.0, 900.0)
#: Names are the caller's to invent: the oldest entry makes room.
_MOST_ENTRIES = 2048
#: An entry without a try for this long starts afresh.
_FORGET_S = 3600.0


@dataclass
class _Count:
    failures: int = 0
    rounds: int = 0
    locked_until: float = -math.inf
    last_try: float = -math.inf


class LockOut:
    """Counts tries and tells how long to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def wait_s(self, user: str, device: str) -> float:
        """Return the time [s] until this user may try again on this device, 0 for now."""
        ends = [self._look((user, device)).locked_until, self._look(('', device)).locked_until]
        return max(0.0, max(ends) - self._clock())

    def begin(self, user: str, device: str) -> None:
        """Count a try, before its PIN is checked: tries side by side must not slip through."""
        self._fail((user, device), TRIES)
        self._fail(('', device), DEVICE_TRIES)

    def tries_left(self, user: str, device: str) -> int:
        """Return how many wrong PINs this user has left on this device before the next wait."""
        left = TRIES - self._look((user, device)).failures
        return min(left, DEVICE_TRIES - self._look(('', device)).failures)

    def succeed(self, user: str, device: str) -> None:
        """Forget the user's wrong PINs on this device after a right one.

        The device's own count only loses this try: else one known PIN would reset the guessing.
        """
        self._counts.pop((user, device), None)
        count = self._look(('', device))
        if count.locked_until > self._clock():
            count.locked_until = -math.inf
            count.rounds -= 1
            count.failures = DEVICE_TRIES
        count.failures = max(0, count.failures - 1)

    def release(self, user: str) -> None:
        """Unlock a user everywhere and all devices as such: a charge nurse's override."""
        for key in [k for k in self._counts if k[0] in (user, '')]:
            del self._counts[key]

    def _look(self, key: tuple[str, str]) -> _Count:
        """Return a count without keeping a new one: looking must not push others out."""
        count = self._counts.get(key)
        if count is None:
            return _Count()
        quiet_since = max(count.last_try, count.locked_until)
        return _Count() if self._clock() - quiet_since > _FORGET_S else count

    def _fail(self, key: tuple[str, str], tries: int) -> None:
        count = self._counts[key] = self._look(key)
        if len(self._counts) > _MOST_ENTRIES:
            self._counts.popitem(last=False)
        count.last_try = self._clock()
        self._counts.move_to_end(key)
        count.failures += 1
        if count.failures >= tries:
            wait = WAITS_S[min(count.rounds, len(WAITS_S) - 1)]
            count.locked_until = self._clock() + wait
            count.rounds += 1
            count.failures = 0
