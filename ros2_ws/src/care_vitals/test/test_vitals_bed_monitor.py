# SPDX-License-Identifier: Apache-2.0
import math
from typing import Any

import numpy as np
import pytest
from care_vitals.bed_monitor import BedMonitor
from care_vitals.channels import LEAD_OFF, SATURATED, SEAM, ChannelChunk
from care_vitals.reports import (
    BeatReport,
    EventReport,
    Kind,
    Reason,
    Report,
    Sign,
    VitalsReport,
)
from hypothesis import given, settings
from hypothesis import strategies as st

_RATE = 250.0


def _beats(reports: list[Report]) -> list[BeatReport]:
    return [r for r in reports if isinstance(r, BeatReport)]


def _events(reports: list[Report]) -> list[tuple[str, bool, int]]:
    return [(r.name, r.on, round(r.t)) for r in reports if isinstance(r, EventReport)]


def _signs(reports: list[Report], kind: Kind = Kind.HEART_RATE) -> dict[int, Sign]:
    vitals = [r for r in reports if isinstance(r, VitalsReport)]
    return {round(v.t): next(s for s in v.signs if s.kind is kind) for v in vitals}


def _regular(seconds: float, interval: float = 0.75, start: float = 0.4) -> Any:
    return np.arange(start, seconds - 0.4, interval)


def test_the_heart_rate_is_there_after_four_seconds(ecg: Any, run_monitor: Any) -> None:
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(20), 20))})
    signs = _signs(reports)
    assert signs[2].reason is Reason.SETTLING
    assert math.isnan(signs[2].value)
    for second in range(4, 20):
        assert signs[second].value == pytest.approx(80, abs=0.5)
    assert signs[19].method == 'mean of 12 R-R intervals'
    assert signs[19].source == 'ecg_ii'
    assert signs[19].quality > 0.9


def test_a_slow_heart_has_its_rate_at_the_third_interval(ecg: Any, run_monitor: Any) -> None:
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(20, 1.5, 0.6), 20))})
    signs = _signs(reports)
    assert math.isnan(signs[5].value)
    assert signs[6].value == pytest.approx(40, abs=0.5)


def test_vital_signs_come_once_a_second(ecg: Any, run_monitor: Any) -> None:
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(10), 10))}, chunk_s=0.04)
    assert list(_signs(reports)) == list(range(1, 10))


def test_heart_rate_is_blank_while_leads_are_off(ecg: Any, run_monitor: Any) -> None:
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(_regular(60), 60))},
        flags=lambda _name, t: LEAD_OFF if 20 <= t < 40 else 0,
    )
    signs = _signs(reports)
    assert all(signs[s].reason is Reason.LEADS_OFF for s in range(20, 40))
    assert signs[42].reason is Reason.SETTLING
    assert signs[46].value == pytest.approx(80, abs=0.5)
    assert _events(reports) == [('leads_off', True, 21), ('leads_off', False, 40)]


def test_missing_samples_are_leads_off_and_no_asystole(ecg: Any, run_monitor: Any) -> None:
    signal = ecg(_regular(60), 60)
    signal[20 * 250 : 40 * 250] = np.nan
    reports = run_monitor({'ecg_ii': (_RATE, signal)})
    assert _signs(reports)[30].reason is Reason.LEADS_OFF
    assert _events(reports) == [('leads_off', True, 22), ('leads_off', False, 40)]


def test_leads_that_are_off_from_the_start_are_said(ecg: Any, run_monitor: Any) -> None:
    reports = run_monitor({'ecg_ii': (_RATE, ecg([], 5))}, flags=lambda _name, _t: LEAD_OFF)
    event = next(r for r in reports if isinstance(r, EventReport))
    assert (event.name, event.on, event.onset) == ('leads_off', True, 0.0)


def test_no_interval_spans_a_gap(ecg: Any) -> None:
    signal, monitor = ecg(_regular(40), 40), BedMonitor()
    reports = monitor.push([ChannelChunk('ecg_ii', _RATE, 0, signal[:5000])])
    reports += monitor.push([ChannelChunk('ecg_ii', _RATE, 5500, signal[5500:])])
    first_after = next(b for b in _beats(reports) if b.sample >= 5500)
    assert math.isnan(first_after.interval)
    assert all(b.interval < 0.8 for b in _beats(reports) if not math.isnan(b.interval))
    assert _signs(reports)[23].reason is Reason.SETTLING
    assert _signs(reports)[26].value == pytest.approx(80, abs=0.5)


def test_no_interval_spans_a_seam(ecg: Any, run_monitor: Any) -> None:
    beats = [*_regular(20), *(20.05 + _regular(20, 0.6, 0.1))]
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(beats, 40))}, flags=lambda _name, t: SEAM if t == 20 else 0
    )
    after = [b for b in _beats(reports) if b.t > 20]
    assert math.isnan(after[0].interval)
    assert after[1].interval == pytest.approx(0.6, abs=0.02)


def test_thresholds_outlive_a_short_gap_so_that_beats_are_not_late(ecg: Any) -> None:
    signal, monitor = ecg(_regular(40), 40), BedMonitor()
    reports = monitor.push([ChannelChunk('ecg_ii', _RATE, 0, signal[:5000])])
    reports += monitor.push([ChannelChunk('ecg_ii', _RATE, 5100, signal[5100:])])
    assert not any(b.late for b in _beats(reports) if b.t > 20)


@pytest.mark.parametrize('every', [0.45, 0.8, 1.9])
@pytest.mark.parametrize('first', [0.3, 10.0])
def test_a_beating_heart_in_shreds_is_no_asystole(ecg: Any, every: float, first: float) -> None:
    """A starved network or machine loses chunks again and again, from the start or later."""
    signal, monitor = ecg(_regular(60), 60), BedMonitor()
    reports: list[Report] = []
    for k in range(1500):
        t = k * 0.04
        if t >= first and math.fmod(t - first, every) < 0.2:
            continue
        piece = signal[k * 10 : (k + 1) * 10]
        reports += monitor.push([ChannelChunk('ecg_ii', _RATE, k * 10, piece)])
    assert 'asystole' not in {name for name, _, _ in _events(reports)}


def test_a_flat_line_with_leads_on_is_asystole(ecg: Any, run_monitor: Any) -> None:
    signal = ecg(_regular(20), 40)
    reports = run_monitor({'ecg_ii': (_RATE, signal)}, chunk_s=0.04)
    last = _beats(reports)[-1].t
    event = next(r for r in reports if isinstance(r, EventReport) and r.name == 'asystole')
    assert event.on
    assert event.onset == last
    assert 4.0 <= event.t - last <= 4.5
    assert _signs(reports)[39].reason is Reason.ASYSTOLE


def test_a_flat_line_at_zero_from_the_start_is_asystole(run_monitor: Any) -> None:
    assert _events(run_monitor({'ecg_ii': (_RATE, np.zeros(2500))})) == [('asystole', True, 4)]


@pytest.mark.parametrize('gain', [1.0, 0.3])
def test_electrode_noise_of_20_uv_is_asystole_and_stays_so(
    ecg: Any, run_monitor: Any, gain: float
) -> None:
    signal = np.random.default_rng(3).normal(0, 0.02, 250 * 200)
    signal[: 250 * 20] += gain * ecg(_regular(20), 20)
    events = _events(run_monitor({'ecg_ii': (_RATE, signal)}))
    assert [e[:2] for e in events] == [('pause', True), ('asystole', True), ('pause', False)]


def test_the_rate_is_blank_when_beats_stop_before_asystole_is_certain(
    ecg: Any, run_monitor: Any
) -> None:
    reports = run_monitor({'ecg_ii': (_RATE, ecg([*_regular(20), 24.0, 24.8, 25.6], 30))})
    assert _signs(reports)[23].reason is Reason.NO_BEATS


def test_beats_that_come_back_end_asystole_and_bring_the_rate_back(
    ecg: Any, run_monitor: Any
) -> None:
    beats = [*_regular(20), *(30 + _regular(20))]
    reports = run_monitor({'ecg_ii': (_RATE, ecg(beats, 50))})
    assert _events(reports)[-1][:2] == ('asystole', False)
    assert _signs(reports)[45].value == pytest.approx(80, abs=0.5)


def test_a_good_pulse_at_the_same_rate_holds_asystole_back(
    ecg: Any, pleth: Any, run_monitor: Any
) -> None:
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(_regular(30), 60)), 'pleth_ir': (125.0, pleth(_regular(60), 60))}
    )
    events = _events(reports)
    held = next(t for name, on, t in events if name == 'ecg_lost_watching_pleth' and on)
    asystole = next(t for name, on, t in events if name == 'asystole' and on)
    assert held == pytest.approx(34, abs=1)
    assert asystole == held + 10
    assert _signs(reports)[held + 5].reason is Reason.NO_BEATS
    assert _signs(reports, Kind.PULSE_RATE)[held + 5].value == pytest.approx(80, abs=2)


def test_a_pulse_at_another_rate_does_not_hold_asystole_back(
    ecg: Any, pleth: Any, run_monitor: Any
) -> None:
    pulses = [*_regular(29), *(29.4 + _regular(31, 0.5))]
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(_regular(30), 60)), 'pleth_ir': (125.0, pleth(pulses, 60))}
    )
    names = [name for name, on, _ in _events(reports) if on]
    assert names == ['pause', 'asystole']


def test_a_pulse_that_stops_with_the_ecg_does_not_hold_asystole_back(
    ecg: Any, pleth: Any, run_monitor: Any
) -> None:
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(_regular(30), 60)), 'pleth_ir': (125.0, pleth(_regular(30), 60))}
    )
    assert [name for name, on, _ in _events(reports) if on] == ['pause', 'asystole']


def test_a_pulse_that_stopped_in_an_asystole_is_not_found_again_in_its_own_noise(
    ecg: Any, pleth: Any, run_monitor: Any
) -> None:
    wave = pleth(_regular(30), 120) - 2.0
    t = np.arange(wave.size) / 125.0
    # A regular ripple, a twentieth of a pulse: what is left of a bed pump, or of breathing.
    wave += np.where(t > 30, 0.05, 0.0) * np.sin(2 * np.pi * 1.3 * t)
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(30), 120)), 'pleth_ir': (125.0, wave)})
    pulse = _signs(reports, Kind.PULSE_RATE)
    assert pulse[25].reason is Reason.OK
    assert [pulse[second].reason for second in range(60, 119)].count(Reason.OK) == 0


def test_the_pulse_rate_is_blank_without_a_pleth(ecg: Any, run_monitor: Any) -> None:
    signs = _signs(run_monitor({'ecg_ii': (_RATE, ecg(_regular(10), 10))}), Kind.PULSE_RATE)
    assert signs[9].reason is Reason.NO_SOURCE


def test_the_second_lead_takes_over_when_the_first_is_off(ecg: Any, run_monitor: Any) -> None:
    signal = ecg(_regular(60), 60)
    reports = run_monitor(
        {'ecg_v1': (_RATE, -0.7 * signal), 'ecg_ii': (_RATE, signal)},
        flags=lambda name, t: LEAD_OFF if name == 'ecg_ii' and 20 <= t < 40 else 0,
    )
    signs = _signs(reports)
    assert _events(reports) == []
    assert [signs[s].source for s in (15, 25, 55)] == ['ecg_ii', 'ecg_v1', 'ecg_ii']
    assert signs[25].value == pytest.approx(80, abs=0.5)
    times = np.array([b.t for b in _beats(reports)])
    assert np.diff(times).min() > 0.6
    assert np.diff(times).max() < 0.9


def test_the_second_lead_takes_over_when_the_first_is_noisy(ecg: Any, run_monitor: Any) -> None:
    generator, signal = np.random.default_rng(2), ecg(_regular(90), 90)
    noisy = signal + np.where(np.arange(signal.size) > 5000, 1.0, 0.0) * np.convolve(
        generator.normal(0, 1.0, signal.size), np.ones(12) / 4, 'same'
    )
    signs = _signs(run_monitor({'ecg_ii': (_RATE, noisy), 'ecg_v1': (_RATE, signal)}))
    assert signs[80].source == 'ecg_v1'
    assert signs[80].value == pytest.approx(80, abs=0.5)


def test_one_artefact_on_the_second_lead_does_not_hide_an_asystole(
    ecg: Any, run_monitor: Any
) -> None:
    reports = run_monitor(
        {
            'ecg_ii': (_RATE, ecg(_regular(30), 60)),
            'ecg_v1': (_RATE, ecg([*_regular(30), 32.5], 60)),
        }
    )
    last = max(b.t for b in _beats(reports))
    event = next(r for r in reports if isinstance(r, EventReport) and r.name == 'asystole')
    assert event.t - last < 4.5


def test_beats_on_the_second_lead_speak_against_asystole_on_a_flat_first(
    ecg: Any, run_monitor: Any
) -> None:
    reports = run_monitor(
        {'ecg_ii': (_RATE, ecg(_regular(30), 60)), 'ecg_v1': (_RATE, ecg(_regular(60), 60))}
    )
    assert not any(name == 'asystole' for name, _, _ in _events(reports))


def test_a_saturated_signal_has_no_rate(ecg: Any, run_monitor: Any) -> None:
    signal = np.clip(3 * ecg(_regular(40), 40), -0.3, 0.6)
    reports = run_monitor(
        {'ecg_ii': (_RATE, signal)}, flags=lambda _name, t: SATURATED if 20 <= t < 25 else 0
    )
    signs = _signs(reports)
    assert signs[18].reason is Reason.OK
    assert all(signs[s].reason is Reason.NOISE for s in range(21, 33))
    assert signs[39].reason is Reason.OK


def test_a_device_that_begins_anew_makes_no_interval_and_keeps_what_is_on(
    ecg: Any, run_monitor: Any
) -> None:
    monitor = BedMonitor()
    run_monitor({'ecg_ii': (_RATE, ecg(_regular(10), 20))}, monitor=monitor)
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(20), 20))}, monitor=monitor)
    assert math.isnan(_beats(reports)[0].interval)
    assert ('asystole', False) in [e[:2] for e in _events(reports)]


def test_a_new_patient_takes_over_nothing(ecg: Any, run_monitor: Any) -> None:
    monitor = BedMonitor()
    run_monitor({'ecg_ii': (_RATE, ecg(_regular(10), 20))}, monitor=monitor)
    monitor.reset()
    reports = run_monitor({'ecg_ii': (_RATE, ecg(_regular(20), 20))}, monitor=monitor)
    assert _events(reports) == []
    assert _signs(reports)[1].reason is Reason.SETTLING


def test_channels_at_rates_that_cannot_be_used_are_no_source(run_monitor: Any) -> None:
    for rate in (0.0, 50.0, 5000.0, math.nan):
        monitor = BedMonitor()
        assert monitor.push([ChannelChunk('ecg_ii', rate, 0, np.zeros(100))]) == []
        assert monitor.vitals().signs[0].reason is Reason.NO_SOURCE


def test_reports_come_in_order_of_the_time_at_which_they_are_known(
    ecg: Any, pleth: Any, run_monitor: Any
) -> None:
    reports = run_monitor(
        {
            'ecg_ii': (_RATE, ecg(_regular(60), 60)),
            'ecg_v1': (_RATE, ecg(_regular(60), 60)),
            'pleth_ir': (125.0, pleth(_regular(60), 60)),
        },
        chunk_s=7.0,
    )
    times = [r.known if isinstance(r, BeatReport) else r.t for r in reports]
    assert times == sorted(times)


def _described(reports: list[Report]) -> list[str]:
    return [repr(r) for r in reports]


@settings(max_examples=8)
@given(chunk=st.sampled_from([0.008, 0.04, 0.2, 1.0, 3.0, 11.0]), seed=st.integers(0, 5))
def test_any_chunking_gives_the_same_reports(
    ecg: Any, pleth: Any, run_monitor: Any, chunk: float, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    beats = np.cumsum(generator.uniform(0.4, 1.2, 60))
    beats = beats[(beats < 14) | ((beats > 22) & (beats < 33))]
    ii = ecg(beats, 33) + generator.normal(0, 0.15, 33 * 250)
    v1 = ecg(beats, 33, millivolts=-0.6) + generator.normal(0, 0.03, 33 * 250)
    ii[25 * 250 : 26 * 250] = np.nan
    signals = {
        'ecg_ii': (_RATE, ii),
        'ecg_v1': (_RATE, v1),
        'pleth_ir': (125.0, pleth(beats, 33)),
    }
    whole = _described(run_monitor(signals, chunk_s=33.0))
    assert _described(run_monitor(signals, chunk_s=chunk)) == whole
