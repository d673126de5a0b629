# SPDX-License-Identifier: Apache-2.0
"""When to ask control to obey the tasks, and when it does; without ROS."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: A request to a service that has just restarted vanishes without a word: asked again [s].
ASK_AGAIN_S = 1.0
#: Control wants to see a command of zero after a change of mode; it gets one for so long [s].
SETTLE_S = 0.1


@dataclass
class ModeRequest:
    """One request for the mode, from its first asking to control's answer.

    Attributes:
        refused: Control's words where it refused, else None.
    """

    refused: str | None = None
    _asked_at: float = -math.inf
    _granted_at: float | None = None

    def due(self, now: float) -> bool:
        """Tell whether to ask now, and take it as done.

        Args:
            now: Steady time [s].
        """
        answered = self._granted_at is not None or self.refused is not None
        if answered or now - self._asked_at < ASK_AGAIN_S:
            return False
        self._asked_at = now
        return True

    def answer(self, now: float, accepted: bool, words: str) -> None:
        """Take control's answer, came it to the first request or to a later one."""
        if not accepted:
            self.refused = words or 'it gives no reason'
        elif self._granted_at is None:
            self._granted_at = now

    @property
    def answered(self) -> bool:
        """Tell whether control obeys the tasks."""
        return self._granted_at is not None

    def settled(self, now: float) -> bool:
        """Tell whether motion may be asked for."""
        return self._granted_at is not None and now - self._granted_at >= SETTLE_S
