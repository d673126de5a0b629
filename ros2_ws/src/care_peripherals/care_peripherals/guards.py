# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guards around the parts of pymata4 that one bad byte would break.

pymata4's reporter thread ends for ever at a message that it does not know and at any exception of a
handler, and spins without sleep inside an unfinished message. It takes handlers from a dictionary
and bytes from a deque; these two stand in for them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

_WAIT_S = 0.05
#: Ends any unfinished message: data for the longest of fixed length, then the end of a sysex.
_END = (0,) * 16 + (0xF7,)

Handler = Callable[[list[int]], None]


class GuardedDispatch(dict[int, list[Any]]):
    """A dispatch table that knows every message, and whose handlers never raise.

    Attributes:
        failures: Messages that were unknown or could not be understood.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0

    def get(self, key: int, default: Any = None) -> list[Any]:
        """Return handler and number of data bytes; of an unknown message, one that ignores it."""
        entry = super().get(key)
        if entry is None:
            return [self._unknown, 0]
        return [self._guarded(entry[0]), entry[1]]

    def _unknown(self, _data: list[int]) -> None:
        self.failures += 1

    def _guarded(self, handler: Handler) -> Handler:
        def handle(data: list[int]) -> None:
            try:
                handler(data)
            except Exception:
                self.failures += 1

        return handle


class PatientBytes(deque[int]):
    """A queue of bytes whose length waits a little when there are none."""

    def __init__(self, items: Iterable[int] = ()) -> None:
        super().__init__(items)
        self._arrived = threading.Event()
        self._released = False

    def __len__(self) -> int:
        length = super().__len__()
        if length or self._released:
            return length or self._end()
        self._arrived.clear()
        if super().__len__() == 0:
            self._arrived.wait(_WAIT_S)
        return super().__len__()

    def extend(self, items: Iterable[int]) -> None:
        """Append bytes and wake who waits."""
        super().extend(items)
        self._arrived.set()

    def release(self) -> None:
        """Let a reader inside an unfinished message come to its end."""
        self._released = True
        self._arrived.set()

    def _end(self) -> int:
        super().extend(_END)
        return super().__len__()
