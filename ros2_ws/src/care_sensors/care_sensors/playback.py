# SPDX-License-Identifier: Apache-2.0
"""A recording cut into chunks of a live stream, once or in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_sensors.recording import Recording
from care_sensors.schedule import first_sample

_BLOCK_S = 10.0


@dataclass(frozen=True, slots=True)
class PlaybackChunk:
    """Samples of a recording, shape (n_channels, n), as they go out together.

    first_index: index of the first sample since playback began; goes on counting over seams
    seam: the recording starts again at the first sample
    """

    first_index: int
    samples: NDArray[np.float64]
    seam: bool


class Playback:
    """Plays a recording chunk by chunk, holding about ten seconds of it in memory.

    Attribute `ended`: a recording that does not loop has been played to its end.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        chunk_s: float = 0.04,
        loop: bool = True,
        start_s: float = 0.0,
    ) -> None:
        """Begin at `start_s` seconds; a loop goes back to the beginning of the recording."""
        self.recording = recording
        self.ended = False
        self._chunk_s = chunk_s
        self._loop = loop
        self._block_samples = max(1, round(_BLOCK_S * recording.rate_hz))
        self._block: NDArray[np.float64] = np.empty((0, 0))
        self._rewind()
        self._skip(round(start_s * recording.rate_hz))

    def chunks(self) -> Iterator[PlaybackChunk]:
        """Yield all chunks from here on, for reading without a clock."""
        number = 0
        while not self.ended:
            yield from self.read(number)
            number += 1

    def read(self, number: int) -> list[PlaybackChunk]:
        """Return the next samples, as chunk `number` of the stream.

        Numbers may be left out, never repeated: the samples go on where they stopped, their
        index jumps. The list has one chunk; two where a seam lies inside, for samples before and
        after it never share a chunk; none at the end. Raises RecordError for a damaged file.
        """
        first = first_sample(number, self._chunk_s, self.recording.rate_hz)
        end = first_sample(number + 1, self._chunk_s, self.recording.rate_hz)
        chunks: list[PlaybackChunk] = []
        while first < end and not self.ended:
            seam = self._at_seam
            samples = self._take(end - first)
            if samples.shape[1]:
                chunks.append(PlaybackChunk(first, samples, seam))
            first += samples.shape[1]
        return chunks

    def _take(self, count: int) -> NDArray[np.float64]:
        """Return the next `count` samples, fewer where the recording ends."""
        while self._block.shape[1] < count and not self._read_out:
            self._append_block()
        taken, self._block = self._block[:, :count], self._block[:, count:]
        self._at_seam = False
        if self._read_out and not self._block.shape[1]:
            self._finish()
        return taken

    def _skip(self, count: int) -> None:
        while count > 0 and not self.ended:
            count -= self._take(min(count, self._block_samples)).shape[1]

    def _append_block(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self._read_out = True
        else:
            self._block = np.concatenate((self._block, block), axis=1)

    def _finish(self) -> None:
        if self._loop:
            self._rewind()
            self._at_seam = True
        else:
            self.ended = True

    def _rewind(self) -> None:
        self._blocks = self.recording.blocks(self._block_samples)
        self._block = np.empty((len(self.recording.channels), 0))
        self._read_out = False
        self._at_seam = False
