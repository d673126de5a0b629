# SPDX-License-Identifier: Apache-2.0
"""How well beats and heart rate are found on the ten records of the test data, and at what cost.

Recordings of a research database: not a clinical validation.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import wfdb
from care_vitals.bed_monitor import BedMonitor
from care_vitals.channels import ChannelChunk
from care_vitals.qrs import QrsDetector
from figures import Figure

_REPOSITORY = Path(__file__).resolve().parents[2]
_RECORDS = ('100', '105', '108', '119', '203', '207', '217', '222', '228', '232')
_BEAT_MARKS = set('NLRBAaJSVrFejnE/fQ?')
_FLUTTER = (
    (40.7, 51.0),
    (54.8, 60.4),
    (242.1, 246.4),
    (247.9, 261.4),
    (269.5, 280.9),
    (1540.8, 1638.7),
)
_WINDOW_S = 0.15
_CPU_SECONDS = 60


def _data() -> Path:
    return Path(os.environ.get('NIGHTINGALE_TEST_DATA', _REPOSITORY.parent / 'shared'))


def _read(name: str) -> tuple[Any, Any, float]:
    """Return samples (leads, n), marked beats and rate in Hz; flutter waves are no beats."""
    path = str(_data() / 'data/ecg/mitdb' / name)
    record, marks = wfdb.rdrecord(path), wfdb.rdann(path, 'atr')
    pairs = zip(marks.sample, marks.symbol, strict=True)
    beats = np.array([sample for sample, symbol in pairs if symbol in _BEAT_MARKS])
    return np.ascontiguousarray(record.p_signal.T), beats, float(record.fs)


def _outside_flutter(beats: Any, rate_hz: float) -> Any:
    t = beats / rate_hz
    keep = np.ones(len(beats), dtype=bool)
    for start, end in _FLUTTER:
        keep &= (t < start) | (t > end)
    return beats[keep]


def _hits(found: Any, truth: Any, window: float) -> int:
    hits = i = 0
    for beat in truth:
        while i < len(found) and found[i] < beat - window:
            i += 1
        if i < len(found) and found[i] <= beat + window:
            hits, i = hits + 1, i + 1
    return hits


def _detection() -> list[Figure]:
    figures, total = [], np.zeros(3, dtype=int)
    for name in _RECORDS:
        samples, truth, rate = _read(name)
        found = np.array([b.sample for b in QrsDetector(rate).process(samples[0]).beats])
        if name == '207':
            found, truth = _outside_flutter(found, rate), _outside_flutter(truth, rate)
        counts = np.array([_hits(found, truth, _WINDOW_S * rate), len(truth), len(found)])
        total += counts
        figures += _shares(f'record {name}', counts, 99.0, 97.0)
    return [*_shares('ten records', total, 99.77, 98.92), *figures]


def _shares(name: str, counts: Any, sensitivity: float, precision: float) -> list[Figure]:
    hits, marked, found = counts
    return [
        Figure(f'{name}, sensitivity', 100 * hits / marked, '%', sensitivity, 'higher'),
        Figure(f'{name}, positive predictivity', 100 * hits / found, '%', precision, 'higher'),
    ]


def _load() -> Figure:
    """Return the CPU share of one lead, four beds with two leads each in chunks of 40 ms."""
    samples, _, rate = _read('203')
    step, monitors = round(0.04 * rate), [BedMonitor() for _ in range(4)]
    started = time.process_time()
    for start in range(0, round(_CPU_SECONDS * rate), step):
        chunks = [
            ChannelChunk(name, rate, start, lead[start : start + step])
            for name, lead in zip(('ecg_ii', 'ecg_v1'), samples, strict=True)
        ]
        for monitor in monitors:
            monitor.push(chunks)
    share = (time.process_time() - started) / _CPU_SECONDS / 8
    return Figure('CPU of one core per lead', 100 * share, '%', 1.0)


def measure() -> list[Figure]:
    """Measure detection on the ten records and the load of the processing."""
    return [*_detection(), _load()]
