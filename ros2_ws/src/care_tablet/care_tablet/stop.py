# SPDX-License-Identifier: Apache-2.0
"""The nurses' STOP: published the moment it comes, kept until a person releases it.

Control holds the latch. This switch only says what the tablets want: it never takes a stop back by
itself, not at its start either, and says it again after its own restart.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from care_tablet.commands import Deed

_log = logging.getLogger(__name__)
#: A stop that was published just now is not published again [s]: a flood must not delay others.
_SAME_PRESS_S = 0.05
#: Presses of one tablet within this time leave one line in the journal [s].
_NOTE_EVERY_S = 1.0
_KEPT = 'stop engaged by a person at a tablet; removed by release\n'

#: Publishes (engaged, user, reason).
Publish = Callable[[bool, str, str], None]


class StopSwitch:
    """Engages and releases the stop of this source; safe from any thread."""

    def __init__(
        self,
        publish: Publish,
        record: Callable[[Deed], None],
        file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin without saying anything.

        Args:
            publish: Publishes on the stop topic.
            record: Writes the journal.
            file: Where it is kept that the stop is engaged, None for nowhere.
            clock: Steady time [s].
        """
        self._publish = publish
        self._record = record
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._published_at = -1e9
        self._noted: dict[str, float] = {}

    @property
    def count(self) -> int:
        """Number of presses so far: tells whether somebody pressed since."""
        return self._count

    def restore(self) -> bool:
        """Say a kept stop again after a restart; tell whether there was one."""
        kept = self._file is not None and self._file.exists()
        if kept:
            with self._lock:
                self._publish(True, '', 'still stopped from before a restart of the gateway')
        return kept

    def engage(self, user: str, device: str, way: str) -> float:
        """Stop the robot, now.

        Args:
            user: User id, '' when nobody is logged in.
            device: Address of the tablet.
            way: How it came, for the journal: 'websocket' or 'http'.

        Returns:
            Steady time of the call [s].
        """
        now = self._clock()
        with self._lock:
            self._count += 1
            if now - self._published_at > _SAME_PRESS_S:
                self._publish(True, user, 'STOP pressed')
                self._published_at = now
        self._keep()
        if now - self._noted.get(device, -1e9) > _NOTE_EVERY_S:
            self._noted = {d: at for d, at in self._noted.items() if now - at < _NOTE_EVERY_S}
            self._noted[device] = now
            self._record(Deed(user, device, 'stop', 'sent', details=way))
        return now

    def release(self, user: str, count: int) -> bool:
        """No longer hold the stop; False when somebody pressed since `count` was read."""
        with self._lock:
            if self._count != count:
                return False
            self._publish(False, user, 'released, path clear')
            self._published_at = -1e9
        if self._file is not None:
            self._file.unlink(missing_ok=True)
        return True

    def _keep(self) -> None:
        if self._file is None or self._file.exists():
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(_KEPT)
        except OSError as error:
            # The stop itself is out already.
            _log.error('The stop cannot be kept over a restart: %s', error)
