# SPDX-License-Identifier: Apache-2.0
"""A thread that works on the newest item only, fresh: others are dropped and counted."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar('Item')


class NewestWorker(Generic[Item]):
    """Works in a thread of its own, so that whoever brings items never waits.

    Attributes:
        taken: Items worked on.
        dropped: Items that came too soon after the last, or that a newer one replaced.
    """

    def __init__(self, work: Callable[[Item], None], least_period: float = 0.0) -> None:
        """Prepare; `start` begins.

        Args:
            work: What to do with an item; it must not raise.
            least_period: Shortest mean time from one beginning to the next [s]; a single one may be
                half as long, so that items that come at that very period are not lost to jitter.
        """
        self._work = work
        self._least_period = least_period
        self._due_at = -math.inf
        self._changed = threading.Condition()
        self._item: Item | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name='newest', daemon=True)
        self.taken = 0
        self.dropped = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """End after the item at work; waits for that for at most some seconds."""
        with self._changed:
            self._stopping = True
            self._item = None
            self._changed.notify()
        self._thread.join(seconds)

    def put(self, item: Item) -> None:
        """Bring an item; one that still waits, or comes before the next is due, is dropped.

        An item is not kept until the next is due: it would be old by then.
        """
        with self._changed:
            if time.monotonic() < self._due_at:
                self.dropped += 1
                return
            if self._item is not None:
                self.dropped += 1
            self._item = item
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._item is not None)
                if self._stopping or self._item is None:
                    return
                item, self._item = self._item, None
                self.taken += 1
                self._due_at = max(
                    self._due_at + self._least_period,
                    time.monotonic() + self._least_period / 2,
                )
            self._work(item)
