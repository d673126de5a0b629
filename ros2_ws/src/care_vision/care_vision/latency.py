# SPDX-License-Identifier: Apache-2.0
"""How long stages take, over the last pictures."""

from __future__ import annotations

from collections import deque

import numpy as np

_KEPT = 300


class Latency:
    """Keeps the newest durations of each stage."""

    def __init__(self) -> None:
        self._stages: dict[str, deque[float]] = {}

    def add(self, **seconds: float) -> None:
        """Take the durations of one picture [s] by stage."""
        for stage, duration in seconds.items():
            self._stages.setdefault(stage, deque(maxlen=_KEPT)).append(duration)

    def quantiles(self) -> dict[str, str]:
        """Return p50 and p99 of each stage in ms, as text by name, e.g. 'inference_p50_ms'."""
        texts = {}
        # A copy: another thread may add.
        for stage, durations in list(self._stages.items()):
            middle, high = np.quantile(list(durations), [0.5, 0.99]) * 1e3
            texts[f'{stage}_p50_ms'] = f'{middle:.1f}'
            texts[f'{stage}_p99_ms'] = f'{high:.1f}'
        return texts
