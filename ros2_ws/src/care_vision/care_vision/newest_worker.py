# SPDX-License-Identifier: Apache-2.0
"""A thread that works on the newest item only: older ones are dropped and counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar('Item')


class NewestWorker(Generic[Item]):
    """Works in a thread of its own, so that whoever brings items never waits.

    Attributes:
        taken: Items worked on.
        dropped: Items that a newer one replaced before their turn.
    """

    def __init__(self, work: Callable[[Item], None], least_period: float = 0.0) -> None:
        """Prepare; `start` begins.

        Args:
            work: What to do with an item; it must not raise.
            least_period: Shortest time from one beginning to the next [s].
        """
        self._work = work
        self._least_period = least_period
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
        """Bring an item; one that still waits is dropped."""
        with self._changed:
            if self._item is not None:
                self.dropped += 1
            self._item = item
            self._changed.notify()

    def _run(self) -> None:
        began = -self._least_period
        while True:
            with self._changed:
                # The item is taken after the pause, so that it is the newest then.
                pause = began + self._least_period - time.monotonic()
                if not self._stopping and (self._item is None or pause > 0):
                    self._changed.wait(None if self._item is None else pause)
                    continue
                if self._stopping:
                    return
                item, self._item = self._item, None
                self.taken += 1
            began = time.monotonic()
            if item is not None:
                self._work(item)
