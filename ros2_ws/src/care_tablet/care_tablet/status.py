# SPDX-License-Identifier: Apache-2.0
"""What is alive: ages of nodes and data by the gateway's own steady clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from care_node.heartbeat import Watch


@dataclass(frozen=True)
class Sign:
    """One heartbeat of a node; `node` without its namespace, `state` in words."""

    node: str
    boot_id: str
    turns: int
    state: str
    fault: str


class StatusBoard:
    """Notes when things were last heard, and says so once a second."""

    def __init__(
        self,
        beds: Iterable[int],
        expected: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing heard.

        Args:
            beds: Bed numbers.
            expected: Nodes that are shown as silent even if they were never heard.
            clock: Steady time [s].
        """
        self._clock = clock
        self._watch = Watch(clock=clock)
        self._signs: dict[str, Sign | None] = dict.fromkeys(expected)
        self._alarms_at = -math.inf
        self._vitals_at = dict.fromkeys(beds, -math.inf)
        self._waveform_at = dict.fromkeys(beds, -math.inf)

    def heartbeat(self, sign: Sign) -> None:
        """Take a heartbeat."""
        self._signs[sign.node] = sign
        self._watch.beat(sign.node, sign.boot_id, sign.turns)

    def alarms(self) -> None:
        """Note an alarm list."""
        self._alarms_at = self._clock()

    def vitals(self, bed: int) -> None:
        """Note vital signs of a bed."""
        self._vitals_at[bed] = self._clock()

    def waveform(self, bed: int) -> None:
        """Note a waveform of a bed."""
        self._waveform_at[bed] = self._clock()

    def frame(self, now: float, clients: int) -> dict[str, Any]:
        """Return the status frame.

        Args:
            now: ROS time [s].
            clients: Number of connected pages.
        """
        return {
            'type': 'status',
            'now': now,
            'nodes': self.nodes(),
            'alarms_age': self._age(self._alarms_at),
            'vitals_age': {str(bed): self._age(at) for bed, at in self._vitals_at.items()},
            'waveform_age': {str(bed): self._age(at) for bed, at in self._waveform_at.items()},
            'clients': clients,
        }

    def nodes(self) -> list[dict[str, Any]]:
        """Return state, age and fault of each node, sorted by name."""
        return [self.node(name) for name in sorted(self._signs)]

    def node(self, name: str) -> dict[str, Any]:
        """Return state, age and fault of one node; SILENT when it was never heard."""
        sign = self._signs.get(name)
        age = self._watch.age(name)
        silent = sign is None or self._watch.silent(name)
        return {
            'node': name,
            'state': 'SILENT' if silent or sign is None else sign.state,
            'age': None if math.isinf(age) else round(age, 3),
            'fault': '' if sign is None else sign.fault,
        }

    def _age(self, at: float) -> float | None:
        return None if math.isinf(at) else round(self._clock() - at, 3)
