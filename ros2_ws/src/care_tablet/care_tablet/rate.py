# SPDX-License-Identifier: Apache-2.0
"""Bounds how often one client may speak."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class RateLimit:
    """Allows so many messages in any second."""

    def __init__(self, per_second: int = 20, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=per_second)

    def allow(self) -> bool:
        """Count one message; tell whether it is still within the rate."""
        now = self._clock()
        full = len(self._times) == self._times.maxlen
        allowed = not full or now - self._times[0] >= 1.0
        self._times.append(now)
        return allowed
