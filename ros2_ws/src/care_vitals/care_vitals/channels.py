# SPDX-License-Identifier: Apache-2.0
"""Channels as they come: chunks, with flags, gaps and missing samples, cut into what is usable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_vitals.streaming import Samples

# The bits of care_msgs/WaveformChannel.
LEAD_OFF = 1
SATURATED = 2
GAP = 4
SEAM = 16

#: So long a missing stretch is bridged by its last value and leaves no trace.
BRIDGED_S = 0.02


@dataclass(frozen=True, slots=True)
class ChannelChunk:
    """The next samples of one channel.

    Attributes:
        name: Ward's name, e.g. ecg_ii.
        rate_hz: Sampling rate, [Hz].
        first_index: Index of the first sample; counts lost samples too.
        samples: Values, shape (n,); NaN is missing.
        flags: Bits of care_msgs/WaveformChannel.
    """

    name: str
    rate_hz: float
    first_index: int
    samples: NDArray[np.floating]
    flags: int = 0

    @property
    def end(self) -> int:
        """Return the index behind the last sample."""
        return self.first_index + len(self.samples)


@dataclass(frozen=True, slots=True)
class Present:
    """Usable samples from index `start` on, all finite."""

    start: int
    samples: Samples
    saturated: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """No usable samples from `start` to before `stop`."""

    start: int
    stop: int
    seam: bool = False


class Splitter:
    """Cuts the chunks of one channel into present and missing stretches, in order."""

    def __init__(self, rate_hz: float) -> None:
        self._bridge = round(BRIDGED_S * rate_hz)
        self._next: int | None = None
        self._value: float | None = None
        self._bridged = 0

    @property
    def end(self) -> int:
        """Return the index behind the last sample seen."""
        return self._next or 0

    def restarted(self, chunk: ChannelChunk) -> bool:
        """Tell whether this chunk lies before what was seen: the device began anew."""
        return self._next is not None and chunk.first_index < self._next

    def split(self, chunk: ChannelChunk) -> Iterator[Present | Missing]:
        """Yield the stretches that this chunk adds."""
        if self._next is None:
            self._next = chunk.first_index
        if chunk.flags & SEAM:
            yield from self._break(chunk.first_index, seam=True)
        elif chunk.first_index > self._next:
            yield from self._absent(chunk.first_index - self._next)
        elif chunk.flags & GAP:
            yield from self._break(chunk.first_index, seam=False)
        values = np.asarray(chunk.samples, dtype=np.float64)
        if chunk.flags & LEAD_OFF:
            yield from self._break(self._next, seam=False)
            yield from self._absent(values.size)
            return
        yield from self._runs(values, bool(chunk.flags & SATURATED))

    def _runs(self, values: Samples, saturated: bool) -> Iterator[Present | Missing]:
        finite = np.isfinite(values)
        if finite.all():
            yield from self._present(values, saturated)
            return
        edges = np.flatnonzero(np.diff(finite)) + 1
        for run in np.split(np.arange(values.size), edges):
            if run.size and finite[run[0]]:
                yield from self._present(values[run], saturated)
            else:
                yield from self._absent(run.size)

    def _present(self, values: Samples, saturated: bool) -> Iterator[Present]:
        if values.size:
            start = self.end
            self._next = start + values.size
            self._value = float(values[-1])
            self._bridged = 0
            yield Present(start, values, saturated)

    def _absent(self, count: int) -> Iterator[Present | Missing]:
        fill = min(count, self._bridge - self._bridged) if self._value is not None else 0
        start = self.end
        self._next = start + count
        if fill > 0 and self._value is not None:
            self._bridged += fill
            yield Present(start, np.full(fill, self._value), False)
        if count > fill:
            self._value = None
            yield Missing(start + fill, start + count)

    def _break(self, index: int, *, seam: bool) -> Iterator[Missing]:
        start = self.end
        self._next = index
        self._value = None
        yield Missing(min(start, index), index, seam)
