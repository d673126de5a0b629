# SPDX-License-Identifier: Apache-2.0
"""Signals and recordings for the tests of care_vitals."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from care_vitals.bed_monitor import BedMonitor
from care_vitals.channels import ChannelChunk
from care_vitals.reports import Report

Samples = np.ndarray[Any, np.dtype[np.float64]]
#: Marks of the MIT-BIH database that are beats.
_BEATS = set('NLRBAaJSVrFejnE/fQ?')


def _ecg(
    beats: Sequence[float], seconds: float, rate_hz: float = 250.0, millivolts: float = 1.0
) -> Samples:
    """Return P, QRS and T waves as Gaussian bumps around the R peaks at `beats`, [s]."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    signal = np.zeros(t.size)
    waves = (
        (-0.17, 0.10, 0.022),
        (-0.025, -0.12, 0.008),
        (0.0, 1.0, 0.011),
        (0.028, -0.2, 0.009),
        (0.27, 0.25, 0.045),
    )
    for beat in beats:
        for after, height, width in waves:
            signal += height * np.exp(-0.5 * ((t - beat - after) / width) ** 2)
    return signal * millivolts


def _pleth(beats: Sequence[float], seconds: float, rate_hz: float = 125.0) -> Samples:
    """Return a pulse wave 0.25 s after each R peak at `beats`, [s]."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    signal = np.full(t.size, 2.0)
    for beat in beats:
        signal += np.exp(-0.5 * ((t - beat - 0.25) / 0.07) ** 2)
        signal += 0.35 * np.exp(-0.5 * ((t - beat - 0.50) / 0.07) ** 2)
    return signal


def _monitor(
    channels: dict[str, tuple[float, Samples]],
    chunk_s: float = 1.0,
    flags: Callable[[str, float], int] = lambda _name, _t: 0,
    monitor: BedMonitor | None = None,
) -> list[Report]:
    """Return what a bed's monitor says on whole signals, name -> (rate in Hz, samples)."""
    monitor = monitor or BedMonitor()
    reports: list[Report] = []
    seconds = max(samples.size / rate for rate, samples in channels.values())
    for k in range(int(np.ceil(seconds / chunk_s))):
        chunks = []
        for name, (rate, samples) in channels.items():
            start, stop = (round(i * chunk_s * rate) for i in (k, k + 1))
            part = samples[start:stop]
            chunks.append(ChannelChunk(name, rate, start, part, flags(name, k * chunk_s)))
        reports += monitor.push(chunks)
    return reports


class Record:
    """A recording of the test data: samples by channel, reference beats as sample indices."""

    def __init__(self, rate_hz: float, channels: list[Samples], beats: Samples) -> None:
        self.rate_hz = rate_hz
        self.channels = channels
        self.beats = beats


def _load(folder: Path, name: str, seconds: float | None) -> Record:
    import wfdb

    path = str(folder / 'data/ecg' / name)
    header = wfdb.rdheader(path)
    stop = None if seconds is None else min(round(seconds * header.fs), header.sig_len)
    record = wfdb.rdrecord(path, sampto=stop)
    beats = np.empty(0, dtype=np.int64)
    if Path(path + '.atr').is_file():
        marks = wfdb.rdann(path, 'atr', sampto=stop)
        pairs = zip(marks.sample, marks.symbol, strict=True)
        beats = np.array([sample for sample, symbol in pairs if symbol in _BEATS])
    signals = [np.ascontiguousarray(column) for column in record.p_signal.T]
    return Record(float(record.fs), signals, beats)


def _load_noisy(folder: Path, level: str) -> Record:
    base = folder / 'data/ecg/nstdb'
    beats = np.loadtxt(base / f'118e{level}_ann.csv', dtype=int)
    return Record(360.0, [np.loadtxt(base / f'118e{level}.csv')], beats)


@pytest.fixture(scope='session')
def ecg() -> Callable[..., Samples]:
    return _ecg


@pytest.fixture(scope='session')
def pleth() -> Callable[..., Samples]:
    return _pleth


@pytest.fixture(scope='session')
def run_monitor() -> Callable[..., list[Report]]:
    return _monitor


@pytest.fixture(scope='session')
def record(test_data: Path) -> Callable[..., Record]:
    return lambda name, seconds=None: _load(test_data, name, seconds)


@pytest.fixture(scope='session')
def noisy_record(test_data: Path) -> Callable[[str], Record]:
    return lambda level: _load_noisy(test_data, level)
