# SPDX-License-Identifier: Apache-2.0
"""Recordings in WFDB format (PhysioNet), compressed (FLAC, formats 508, 516, 524) or not.

Samples are decoded by the `wfdb` library. What this module adds is the check before the first
sample: the library reports a record that is cut off by an exception from its inside, or not at
all. See https://physionet.org/physiotools/wag/header-5.htm for the header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import wfdb
from numpy.typing import NDArray

from care_sensors.channel_names import ward_names, ward_unit
from care_sensors.recording import (
    DEFAULT_BLOCK_SAMPLES,
    Channel,
    RecordError,
    Recording,
    choose_channels,
)

_BYTES_PER_SAMPLE = {
    '16': 2.0,
    '61': 2.0,
    '160': 2.0,
    '24': 3.0,
    '32': 4.0,
    '80': 1.0,
    '212': 1.5,
    '310': 4 / 3,
    '311': 4 / 3,
}
_FLAC_FORMATS = ('508', '516', '524')
# Checksums of longer records are not compared: reading them whole would delay the start.
CHECKSUM_UP_TO_SAMPLES = 10_000_000
# Opening the file costs about a millisecond, so it is read in larger pieces than asked for.
_READ_FRAMES = 16384
_FETCH_AGAIN = 'fetch the record again'


class WfdbRecording(Recording):
    """A WFDB record, read in blocks.

    Channels of several rates come out at the highest one, the slower ones with each sample
    repeated. Raises RecordError for whatever keeps it from being read.
    """

    def __init__(self, path: Path, *, leads: Sequence[str] | None = None) -> None:
        self._path = path
        header = _read_header(path)
        self._rows = choose_channels(path, header.sig_name, leads)
        frames = _check_signal_files(path, header)
        per_frame = [int(header.samps_per_frame[row]) for row in self._rows]
        self._per_frame = per_frame
        self._frame_samples = max(per_frame)
        self.name = path.name
        self.rate_hz = float(header.fs) * self._frame_samples
        self._frames = frames
        self.length = frames * self._frame_samples
        names = ward_names(header.sig_name)
        units = [ward_unit(header.units[row] or 'mV') for row in self._rows]
        self._factors = np.array([[factor] for _, factor in units])
        self.channels = tuple(
            Channel(names[row], unit, float(header.fs) * count, header.sig_name[row])
            for row, (unit, _), count in zip(self._rows, units, per_frame, strict=True)
        )
        _check_sums(path, header, frames)

    def blocks(self, block_samples: int = DEFAULT_BLOCK_SAMPLES) -> Iterator[NDArray[np.float64]]:
        """Yield all samples; see Recording.blocks."""
        pending = np.empty((len(self._rows), 0))
        step = max(-(-block_samples // self._frame_samples), _READ_FRAMES)
        for start in range(0, self._frames, step):
            read = self._read(start, min(start + step, self._frames))
            pending = np.concatenate((pending, read), axis=1) if pending.shape[1] else read
            while pending.shape[1] >= block_samples:
                yield pending[:, :block_samples]
                pending = pending[:, block_samples:]
        if pending.shape[1]:
            yield pending

    def _read(self, start: int, end: int) -> NDArray[np.float64]:
        try:
            record = wfdb.rdrecord(
                str(self._path),
                sampfrom=start,
                sampto=end,
                channels=self._rows,
                smooth_frames=False,
            )
            signals = [
                self._at_full_rate(np.asarray(signal, dtype=np.float64), count)
                for signal, count in zip(record.e_p_signal, self._per_frame, strict=True)
            ]
        except Exception as error:  # the library has no exception class of its own
            raise RecordError(
                f'{self._path} is damaged between samples {start} and {end}: {error}', _FETCH_AGAIN
            ) from error
        return np.vstack(signals) * self._factors

    def _at_full_rate(self, signal: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        """Repeat the samples of a channel that has `count` samples a frame."""
        if count == self._frame_samples:
            return signal
        total = signal.size // count * self._frame_samples
        return signal[np.arange(total) * count // self._frame_samples]


def _read_header(path: Path) -> Any:
    """Return the library's header object of a single-segment record, checked."""
    file = path.with_name(path.name + '.hea')
    if not file.is_file():
        raise _missing_record(path)
    try:
        header = wfdb.rdheader(str(path))
    except Exception as error:
        raise RecordError(f'the header {file} cannot be read: {error}', _FETCH_AGAIN) from error
    if isinstance(header, wfdb.MultiRecord):
        segments = [name for name in header.seg_name if name != '~']
        raise RecordError(
            f'{path} consists of {len(segments)} segments',
            f'open one of them: {", ".join(segments[:8])}',
        )
    if not header.n_sig:
        raise RecordError(f'the header {file} describes no signal', 'choose another record')
    if not header.fs or not header.fs > 0:
        raise RecordError(
            f'the header {file} gives a sampling rate of {header.fs} Hz',
            'correct the third field of its first line',
        )
    header.sig_name = [name or f'channel {i}' for i, name in enumerate(header.sig_name, 1)]
    return header


def _missing_record(path: Path) -> RecordError:
    """Return the error for a record without header, with what the folder holds instead."""
    if not path.parent.is_dir():
        return RecordError(f'there is no record {path}: no folder {path.parent}', 'check the path')
    if path.with_name(path.name + '.dat').is_file():
        return RecordError(
            f'the record {path} has signals but no header {path.name}.hea',
            'fetch the .hea file too',
        )
    held = sorted(file.stem for file in path.parent.glob('*.hea'))[:12]
    cure = f'that folder holds {", ".join(held)}' if held else 'that folder holds no record'
    return RecordError(
        f'there is no record {path}: no file {path.name}.hea', f'check the path: {cure}'
    )


def _check_signal_files(path: Path, header: Any) -> int:
    """Return the number of frames, after checking that every signal file holds them."""
    available = {}
    for name in dict.fromkeys(header.file_name):
        file = path.parent / name
        if not file.is_file():
            raise RecordError(
                f'the record {path} has a header but no signal file {file}',
                f'fetch the file {name} too',
            )
        available[file] = _frames_in(file, header, header.file_name.index(name))
    if not header.sig_len:
        header.sig_len = min(available.values())
    for file, frames in available.items():
        if frames < header.sig_len:
            raise RecordError(
                f'{file} is cut off: the header says {header.sig_len} samples, it holds {frames}',
                _FETCH_AGAIN,
            )
    if not header.sig_len:
        raise RecordError(f'the record {path} holds no sample', 'choose another record')
    return int(header.sig_len)


def _frames_in(file: Path, header: Any, first: int) -> int:
    """Return how many frames a signal file holds; `first` is its first signal in the header."""
    form = header.fmt[first]
    offset = int(header.byte_offset[first] or 0)
    if form in _FLAC_FORMATS:
        needed = (header.sig_len or 0) * int(header.samps_per_frame[first])
        return (_flac_samples(file, needed + offset) - offset) // header.samps_per_frame[first]
    if form not in _BYTES_PER_SAMPLE:
        raise RecordError(
            f'{file} is in the signal format {form}, which cannot be read in parts',
            'convert the record with xform to format 16 or 212',
        )
    samples = sum(
        count
        for name, count in zip(header.file_name, header.samps_per_frame, strict=True)
        if name == header.file_name[first]
    )
    size = file.stat().st_size - offset
    return max(0, int(size / _BYTES_PER_SAMPLE[form] + 1e-6) // samples)


def _flac_samples(file: Path, needed: int) -> int:
    """Return how many samples a channel a FLAC file really holds.

    A file that was cut off still promises its full length at its beginning, so the last sample
    needed is read; only when that fails, all that is there is counted.
    """
    try:
        with soundfile.SoundFile(file) as flac:
            promised = int(flac.frames)
            last = min(needed or promised, promised) - 1
            flac.seek(max(last, 0))
            if promised and len(flac.read(1, dtype='int16')) == 1:
                return promised
    except soundfile.LibsndfileError:
        pass
    return _count_flac_samples(file)


def _count_flac_samples(file: Path) -> int:
    count = 0
    try:
        with soundfile.SoundFile(file) as flac:
            while (read := len(flac.read(4096, dtype='int16'))) > 0:
                count += read
    except soundfile.LibsndfileError as error:
        if count == 0:
            raise RecordError(
                f'{file} is no FLAC file that can be read: {error}', _FETCH_AGAIN
            ) from error
    return count


def _check_sums(path: Path, header: Any, frames: int) -> None:
    """Compare the header's checksums with the samples, for records of moderate length.

    An excerpt made by shortening the header alone holds more samples than the header says; its
    checksums describe the whole and are not compared.
    """
    total = frames * sum(header.samps_per_frame)
    files = dict.fromkeys(header.file_name)
    exact = all(
        _frames_in(path.parent / name, header, header.file_name.index(name)) == frames
        for name in files
    )
    if total > CHECKSUM_UP_TO_SAMPLES or not exact or None in (header.checksum or [None]):
        return
    try:
        signals = wfdb.rdrecord(
            str(path), physical=False, smooth_frames=False, ignore_skew=True
        ).e_d_signal
    except Exception as error:
        raise RecordError(f'the samples of {path} cannot be read: {error}', _FETCH_AGAIN) from error
    for name, signal, checksum in zip(header.sig_name, signals, header.checksum, strict=True):
        if (int(np.sum(signal, dtype=np.int64)) - checksum) % 65536:
            raise RecordError(
                f'{path} is damaged: the samples of {name} do not add up to the '
                f'checksum {checksum} in the header',
                _FETCH_AGAIN,
            )
