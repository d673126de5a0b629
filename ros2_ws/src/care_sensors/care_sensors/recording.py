# SPDX-License-Identifier: Apache-2.0
"""Recordings as a stream of sample blocks, whatever file they come from.

`open_recording` checks what can be checked before the first sample is used; what it refuses, it
refuses with a `RecordError` that names the cause and the cure. Blocks are read one after the
other, so that a recording of a day does not fill the memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from care_sensors.channel_names import find_leads, ward_names

CSV_SUFFIXES = ('.csv', '.tsv', '.txt')
_WFDB_SUFFIXES = ('.hea', '.dat')
DEFAULT_BLOCK_SAMPLES = 4096


class RecordError(ValueError):
    """A recording cannot be used: `cause` says why, `cure` says what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f'{cause}; {cure}')
        self.cause = cause
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a recording.

    `name` and `unit` are the ward's (``ecg_ii``, UCUM), `source_name` is the recording's own.
    `rate_hz` is the rate at which the channel was sampled, which is lower than the recording's
    when that holds channels of several rates.
    """

    name: str
    unit: str
    rate_hz: float
    source_name: str


class Recording(ABC):
    """A recording that has been found, checked and can be read from its beginning, repeatedly.

    name: of the record, without folder and suffix
    channels: in the order of the rows of the blocks
    rate_hz: sampling rate of the blocks, [Hz]
    length: samples per channel
    """

    name: str
    channels: tuple[Channel, ...]
    rate_hz: float
    length: int

    @abstractmethod
    def blocks(self, block_samples: int = DEFAULT_BLOCK_SAMPLES) -> Iterator[NDArray[np.float64]]:
        """Yield all samples from the beginning, in blocks of shape (n_channels, n).

        Every block has `block_samples` samples but the last one, which may have fewer. Values are
        in the channels' units; a missing sample is NaN. Raises RecordError where the file turns
        out to be damaged or cut off.
        """

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.length / self.rate_hz


def open_recording(
    path: str | Path,
    *,
    leads: Sequence[str] | None = None,
    rate_hz: float | None = None,
    unit: str | None = None,
) -> Recording:
    """Open a WFDB record (path without suffix) or a CSV file, or raise RecordError.

    leads: channels wanted, by the recording's or the ward's name, in the order wanted; all when
        None. For a CSV file without header they name its columns.
    rate_hz: sampling rate, [Hz]; for a CSV file that has no time column
    unit: unit of the samples; for a CSV file whose header gives none
    """
    location = Path(path).expanduser()
    if not str(path):
        raise RecordError('no recording is named', 'give the path of a record')
    if rate_hz is not None and not 0 < rate_hz < float('inf'):
        raise RecordError(
            f'a sampling rate of {rate_hz:g} Hz makes no sense', 'give a rate above zero'
        )
    # The readers are imported here: each drags in what the other does not need.
    if location.suffix.lower() in CSV_SUFFIXES:
        from care_sensors.csv_recording import CsvRecording

        return CsvRecording(location, leads=leads, rate_hz=rate_hz, unit=unit)
    if rate_hz is not None or unit is not None:
        raise RecordError(
            f'{location} is a WFDB record: its header says rate and unit',
            'leave rate and unit out, they are for CSV files',
        )
    if location.suffix in _WFDB_SUFFIXES:
        location = location.with_suffix('')
    from care_sensors.wfdb_recording import WfdbRecording

    return WfdbRecording(location, leads=leads)


def choose_channels(
    path: Path,
    source_names: Sequence[str],
    leads: Sequence[str] | None,
) -> list[int]:
    """Return the positions of `leads` in `source_names` (all when None), or raise RecordError."""
    if not leads:
        return list(range(len(source_names)))
    found = find_leads(leads, source_names)
    missing = [lead for lead, position in zip(leads, found, strict=True) if position is None]
    if missing:
        pairs = zip(source_names, ward_names(source_names), strict=True)
        held = ', '.join(f'{source} ({name})' for source, name in pairs)
        raise RecordError(
            f'{path} has no lead {" and no lead ".join(missing)}',
            f'choose among the leads that it has: {held}',
        )
    return list(dict.fromkeys(position for position in found if position is not None))
