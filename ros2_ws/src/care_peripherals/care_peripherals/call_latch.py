# SPDX-License-Identifier: AGPL-3.0-or-later
"""The robot's nurse call: it stands until it is cancelled at the button, over a restart too."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


class CallLatch:
    """Holds the call of a button that is only pressed for a moment.

    Attributes:
        since_ns: ROS time [ns] of the press, 0 while no call stands.
    """

    def __init__(self, path: Path | None, now_ns: Callable[[], int]) -> None:
        """Take up a call that stood before a restart.

        Args:
            path: File that is there while a call stands, None to keep nothing over a restart.
            now_ns: Returns the ROS time [ns].
        """
        self._path = path
        self._now_ns = now_ns
        self.since_ns = _kept(path, now_ns) if path is not None and path.exists() else 0

    def take(self, pressed: bool, cancelled: bool) -> None:
        """Take what the board says of its two buttons; cancelling wins."""
        if cancelled:
            self._forget()
        elif pressed and not self.since_ns:
            self.since_ns = self._now_ns()
            self._keep()

    def _keep(self) -> None:
        # A disk that cannot be written must not hold the call back: it then lasts until a restart.
        with contextlib.suppress(OSError):
            if self._path is not None:
                with self._path.open('w') as file:
                    file.write(f'{self.since_ns}\n')
                    file.flush()
                    os.fsync(file.fileno())

    def _forget(self) -> None:
        self.since_ns = 0
        # One that stays there is told again after a restart: rather once too often.
        with contextlib.suppress(OSError):
            if self._path is not None:
                self._path.unlink(missing_ok=True)


def _kept(path: Path, now_ns: Callable[[], int]) -> int:
    """Return since when the kept call stands; now, when the file cannot be read."""
    try:
        return int(path.read_text(errors='replace')) or now_ns()
    except (OSError, ValueError):
        return now_ns()
