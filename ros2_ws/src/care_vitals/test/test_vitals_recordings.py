# SPDX-License-Identifier: Apache-2.0
"""The detector and the monitor against real recordings; short by default, whole in the long run.

The floors are what was reached, less a little: a change that falls below is a loss.
"""

import itertools
from typing import Any

import numpy as np
import pytest
from care_vitals.qrs import QrsDetector
from care_vitals.reports import BeatReport, EventReport, Kind, Reason, VitalsReport

_RECORDS = ('100', '105', '108', '119', '203', '207', '217', '222', '228', '232')
#: Ventricular flutter of record 207, [s]: no beats are marked there.
_FLUTTER = (
    (40.7, 51.0),
    (54.8, 60.4),
    (242.1, 246.4),
    (247.9, 261.4),
    (269.5, 280.9),
    (1540.8, 1638.7),
)
_WINDOW_S = 0.15
_SHORT_S = 90.0


def _outside(beats: Any, rate_hz: float, spells: Any) -> Any:
    t = beats / rate_hz
    keep = np.ones(len(beats), dtype=bool)
    for start, end in spells:
        keep &= (t < start) | (t > end)
    return beats[keep]


def _match(found: Any, truth: Any, window: float) -> int:
    """Return how many beats of the truth have a found beat of their own within the window."""
    hits = i = 0
    for beat in truth:
        while i < len(found) and found[i] < beat - window:
            i += 1
        if i < len(found) and found[i] <= beat + window:
            hits += 1
            i += 1
    return hits


def _score(record: Any, seconds: float | None) -> tuple[int, int, int]:
    """Return hits, marked beats and found beats of the ten records, first lead."""
    total = np.zeros(3, dtype=int)
    for name in _RECORDS:
        data = record('mitdb/' + name, seconds)
        beats = QrsDetector(data.rate_hz).process(data.channels[0]).beats
        found, truth = np.array([b.sample for b in beats]), data.beats
        if name == '207':
            found = _outside(found, data.rate_hz, _FLUTTER)
            truth = _outside(truth, data.rate_hz, _FLUTTER)
        hits = _match(found, truth, _WINDOW_S * data.rate_hz)
        total += (hits, len(truth), len(found))
    return int(total[0]), int(total[1]), int(total[2])


def test_sensitivity_and_precision_on_the_first_90_s_of_ten_records(record: Any) -> None:
    hits, marked, found = _score(record, _SHORT_S)
    assert marked > 1000
    assert 100 * hits / marked >= 99.4
    assert 100 * hits / found >= 99.0


@pytest.mark.long
def test_sensitivity_and_precision_on_the_whole_of_ten_records(record: Any) -> None:
    hits, marked, found = _score(record, None)
    assert marked == 21_959
    assert 100 * hits / marked >= 99.77
    assert 100 * hits / found >= 99.50


def _reference_rate(beats: Any, rate_hz: float, seconds: int) -> Any:
    """Return the same mean over the marked beats, each known 0.4 s after its R peak."""
    t, rates = beats / rate_hz, np.full(seconds + 1, np.nan)
    for second in range(1, seconds + 1):
        intervals = np.diff(t[t + 0.4 <= second][-13:])
        asystole = np.flatnonzero(intervals >= 4.0)
        intervals = intervals[asystole[-1] + 1 :] if len(asystole) else intervals
        if len(intervals) >= 3:
            slow = (intervals[-3:] > 1.2).all()
            rates[second] = 60 / (intervals[-4:] if slow else intervals).mean()
    return rates


def _shown(reports: Any) -> Any:
    vitals = [r for r in reports if isinstance(r, VitalsReport)]
    rates = np.full(round(vitals[-1].t) + 1, np.nan)
    for report in vitals:
        rates[round(report.t)] = next(s.value for s in report.signs if s.kind is Kind.HEART_RATE)
    return rates


def _two_leads(data: Any) -> dict[str, Any]:
    return {
        'ecg_ii': (data.rate_hz, data.channels[0]),
        'ecg_v1': (data.rate_hz, data.channels[1]),
    }


@pytest.mark.parametrize('name', ['100', '119'])
def test_the_heart_rate_is_right_from_second_10_to_120(
    record: Any, run_monitor: Any, name: str
) -> None:
    data = record('mitdb/' + name, 125)
    shown = _shown(run_monitor(_two_leads(data), chunk_s=0.4))[10:121]
    error = np.abs(shown - _reference_rate(data.beats, data.rate_hz, 124)[10:121])
    assert not np.isnan(shown).any()
    assert np.median(error) <= 0.5
    assert error.max() <= 5


@pytest.mark.parametrize('level', ['00', '06'])
def test_noise_that_buries_the_beats_blanks_the_heart_rate(
    noisy_record: Any, run_monitor: Any, level: str
) -> None:
    data = noisy_record(level)
    reports = run_monitor({'ecg_ii': (data.rate_hz, data.channels[0])})
    shown = _shown(reports)
    reference = _reference_rate(data.beats, data.rate_hz, len(shown) - 1)
    wrong = np.abs(shown - reference) > np.maximum(5, 0.1 * reference)
    assert np.isnan(shown[41:]).mean() >= 0.90
    assert wrong[41:].mean() <= 0.10
    assert not np.isnan(shown[5:40]).any()
    assert any(isinstance(r, EventReport) and r.name == 'signal_poor' for r in reports)


def _with_noise(data: Any, noise: Any) -> Any:
    """Return the first lead with noise from second 40 on, as large beside its beats as in 118."""
    swing = np.median([np.ptp(data.channels[0][b - 22 : b + 23]) for b in data.beats[1:-1]])
    signal = data.channels[0].copy()
    signal[40 * 360 :] += noise * swing / 2.7
    return signal


def test_noise_of_another_record_blanks_the_heart_rate_too(
    record: Any, noisy_record: Any, run_monitor: Any
) -> None:
    strong, weak = noisy_record('00').channels[0], noisy_record('06').channels[0]
    noise = 2 * ((strong - strong.mean()) - (weak - weak.mean()))[40 * 360 :]
    wrong, blank = [], []
    for name in ('100', '119', '222', '232'):
        data = record('mitdb/' + name, 120)
        shown = _shown(run_monitor({'ecg_ii': (360.0, _with_noise(data, noise))}))
        reference = _reference_rate(data.beats, 360.0, len(shown) - 1)
        error = np.abs(shown - reference)
        wrong += list((error > np.maximum(5, 0.1 * reference))[41:])
        blank += list(np.isnan(shown[41:]))
        assert np.isnan(shown[5:40]).mean() <= 0.02
    assert np.mean(wrong) <= 0.05
    assert np.mean(blank) >= 0.90


@pytest.mark.long
@pytest.mark.parametrize('name', ['100', '119', '217', '222'])
def test_a_clean_record_is_blank_in_at_most_2_percent_of_its_seconds(
    record: Any, run_monitor: Any, name: str
) -> None:
    data = record('mitdb/' + name)
    reports = run_monitor({'ecg_ii': (data.rate_hz, data.channels[0])}, chunk_s=20)
    assert np.isnan(_shown(reports)[5:]).mean() <= 0.02


def _asystoles(reports: Any) -> list[EventReport]:
    return [r for r in reports if isinstance(r, EventReport) and r.name == 'asystole' and r.on]


def _assert_all_long_intervals_raised(data: Any, reports: Any, least: int) -> None:
    t = data.beats / data.rate_hz
    long = [(a, b) for a, b in itertools.pairwise(t) if b - a > 4]
    assert len(long) == least
    raised = _asystoles(reports)
    assert len(raised) == len(long)
    for (start, _), event in zip(long, raised, strict=True):
        assert event.onset == pytest.approx(start, abs=0.1)
        assert 4.0 <= event.t - start <= 4.5


def test_the_first_long_pauses_of_record_232_are_asystoles(record: Any, run_monitor: Any) -> None:
    data = record('mitdb/232', 1070)
    signals = {k: (r, x[900 * 360 :]) for k, (r, x) in _two_leads(data).items()}
    data.beats = data.beats[data.beats > 900 * 360] - 900 * 360
    _assert_all_long_intervals_raised(data, run_monitor(signals), 3)


@pytest.mark.long
def test_all_14_long_pauses_of_record_232_are_asystoles(record: Any, run_monitor: Any) -> None:
    data = record('mitdb/232')
    _assert_all_long_intervals_raised(data, run_monitor(_two_leads(data)), 14)


def test_a_false_asystole_of_intensive_care_raises_none(record: Any, run_monitor: Any) -> None:
    data = record('cinc2015/a103l')
    names = ('ecg_ii', 'ecg_v', 'pleth_ir')
    signals = {n: (data.rate_hz, x) for n, x in zip(names, data.channels, strict=True)}
    assert _asystoles(run_monitor(signals)) == []


@pytest.mark.long
def test_no_other_record_raises_an_asystole(record: Any, run_monitor: Any) -> None:
    for name in set(_RECORDS) - {'232'}:
        assert _asystoles(run_monitor(_two_leads(record('mitdb/' + name)), chunk_s=20)) == []


def test_gain_polarity_and_offset_change_no_beat_of_a_real_excerpt(record: Any) -> None:
    signal = record('mitdb/119', 60).channels[0]
    plain = [b.sample for b in QrsDetector(360.0).process(signal).beats]
    for changed in (0.3 * signal, 3 * signal, -signal, signal - 8.0):
        assert [b.sample for b in QrsDetector(360.0).process(changed).beats] == plain


@pytest.mark.parametrize('rate_hz', [125, 200, 250, 500, 1000])
def test_resampling_loses_no_beat_of_a_real_excerpt(record: Any, rate_hz: int) -> None:
    from scipy.signal import resample_poly

    data = record('mitdb/119', 60)
    offset = data.channels[0][0]
    signal = resample_poly(data.channels[0] - offset, rate_hz, 360) + offset
    found = np.array([b.sample for b in QrsDetector(float(rate_hz)).process(signal).beats])
    truth = data.beats[data.beats < 59 * 360] * rate_hz / 360
    assert _match(found, truth, _WINDOW_S * rate_hz) == len(truth)
    assert len(found) - len(truth) <= 2


def test_beats_of_real_recordings_are_known_within_0_4_s(record: Any, run_monitor: Any) -> None:
    for name in ('105', '203', '228'):
        beats = run_monitor(_two_leads(record('mitdb/' + name, 90)))
        delays = [b.known - b.t for b in beats if isinstance(b, BeatReport) and not b.late]
        assert len(delays) > 80
        assert max(delays) <= 0.4


@pytest.mark.long
def test_most_of_a_fibrillation_shows_no_rate_or_says_so(record: Any, run_monitor: Any) -> None:
    data = record('cudb/cu01')
    reports = run_monitor({'ecg_ii': (data.rate_hz, data.channels[0])})
    shown = _shown(reports)
    assert not np.isnan(shown[5:214]).any()
    assert np.isnan(shown[226:]).mean() >= 0.5
    reasons = {s.reason for r in reports if isinstance(r, VitalsReport) for s in r.signs}
    assert Reason.NOISE in reasons
