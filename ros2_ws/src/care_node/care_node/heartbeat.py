# SPDX-License-Identifier: Apache-2.0
"""Sign of life of a node, and its judgement by the reader's own clock."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

PERIOD_S = 0.2
SILENT_AFTER_S = 1.0


@dataclass
class Pulse:
    """What a node knows about its own life.

    Attributes:
        boot_id: Changes with every process.
        turns: Turns of the main loop; stands still when the loop hangs.
        inputs: Steady time [s] of the last message of each input, -inf for never.
    """

    clock: Callable[[], float] = time.monotonic
    boot_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    turns: int = 0
    inputs: dict[str, float] = field(default_factory=dict)

    def expect(self, name: str) -> None:
        """Name an input before its first message."""
        self.inputs.setdefault(name, -math.inf)

    def seen(self, name: str) -> None:
        """Note a message of an input."""
        self.inputs[name] = self.clock()

    def ages(self) -> dict[str, float]:
        """Return the age of each input [s], infinity for never."""
        now = self.clock()
        return {name: now - last for name, last in self.inputs.items()}


@dataclass
class _Life:
    boot_id: str
    turns: int
    moved_at: float


class Watch:
    """Judges silence of other nodes: a counter that did not move, by this reader's steady clock.

    The graph and QoS events do not tell: ghosts stay for many seconds, and with two publishers no
    deadline event comes when one dies.
    """

    def __init__(
        self,
        silent_after_s: float = SILENT_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._silent_after_s = silent_after_s
        self._clock = clock
        self._lives: dict[str, _Life] = {}

    def beat(self, node: str, boot_id: str, turns: int) -> None:
        """Take one heartbeat."""
        life = self._lives.get(node)
        if life is None or life.boot_id != boot_id or life.turns != turns:
            self._lives[node] = _Life(boot_id, turns, self._clock())

    def age(self, node: str) -> float:
        """Return the time [s] since the node's counter moved, infinity if never seen."""
        life = self._lives.get(node)
        return math.inf if life is None else self._clock() - life.moved_at

    def silent(self, node: str) -> bool:
        """Tell whether the node is silent."""
        return self.age(node) > self._silent_after_s

    def nodes(self) -> list[str]:
        """Return all nodes ever heard, in order of their first heartbeat."""
        return list(self._lives)
