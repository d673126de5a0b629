# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from care_vitals.qrs import LONGEST_DELAY_S, QrsBeat, QrsDetector
from hypothesis import given, settings
from hypothesis import strategies as st

_BEATS = np.arange(0.6, 29.5, 0.8)


def _find(signal: Any, rate_hz: float) -> list[QrsBeat]:
    return QrsDetector(rate_hz).process(signal).beats


def _facts(beats: list[QrsBeat]) -> list[tuple[int, int, bool, float, bytes]]:
    return [(b.sample, b.known, b.late, b.height, b.shape.tobytes()) for b in beats]


def _hits(beats: list[QrsBeat], rate_hz: float, truth: Any) -> int:
    found = np.array([b.sample / rate_hz for b in beats])
    return sum(bool(np.abs(found - t).min() < 0.04) for t in truth)


@pytest.mark.parametrize('rate_hz', [100.0, 125.0, 128.0, 250.0, 360.0, 500.0, 999.5, 1000.0])
def test_every_beat_is_found_at_its_place_at_any_sampling_rate(ecg: Any, rate_hz: float) -> None:
    beats = _find(ecg(_BEATS, 30, rate_hz), rate_hz)
    assert len(beats) == len(_BEATS)
    assert _hits(beats, rate_hz, _BEATS) == len(_BEATS)


@pytest.mark.parametrize('gain', [0.3, 3.0, -1.0, -0.3])
def test_amplitude_and_polarity_do_not_matter(ecg: Any, gain: float) -> None:
    signal = ecg(_BEATS, 30)
    plain, changed = _find(signal, 250.0), _find(gain * signal, 250.0)
    assert [b.sample for b in changed] == [b.sample for b in plain]


def test_a_constant_offset_of_8_mv_does_not_matter(ecg: Any) -> None:
    signal = ecg(_BEATS, 30)
    assert [b.sample for b in _find(signal - 8.0, 250.0)] == [
        b.sample for b in _find(signal, 250.0)
    ]


def test_the_beats_of_the_first_two_seconds_are_not_lost_but_late(ecg: Any) -> None:
    beats = _find(ecg(_BEATS, 30), 250.0)
    assert [b.late for b in beats[:3]] == [True, True, False]
    assert beats[0].sample == pytest.approx(0.6 * 250, abs=5)
    assert beats[0].known == 500


def test_a_beat_that_is_not_late_is_known_within_0_4_s(ecg: Any) -> None:
    delays = [b.known - b.sample for b in _find(ecg(_BEATS, 30), 250.0) if not b.late]
    assert len(delays) > 30
    assert max(delays) <= LONGEST_DELAY_S * 250


def test_nothing_behind_the_known_sample_is_needed(ecg: Any) -> None:
    signal = ecg(_BEATS, 30)
    for beat in _find(signal, 250.0):
        seen = _find(signal[: beat.known + 1], 250.0)
        assert (beat.sample, beat.known) in [(b.sample, b.known) for b in seen]


def test_a_beat_of_a_third_of_the_height_is_found_by_looking_back(ecg: Any) -> None:
    signal = ecg(_BEATS[:20], 30) + ecg(_BEATS[20:21], 30, millivolts=0.33)
    signal += ecg(_BEATS[21:], 30)
    beats = _find(signal, 250.0)
    assert [i for i, b in enumerate(beats) if b.late] == [0, 1, 20]
    assert beats[20].sample == pytest.approx(_BEATS[20] * 250, abs=5)


def test_a_lasting_fall_of_amplitude_is_followed_within_four_seconds(ecg: Any) -> None:
    signal = ecg(_BEATS[:15], 30) + ecg(_BEATS[15:], 30, millivolts=0.2)
    assert _hits(_find(signal, 250.0), 250.0, _BEATS[20:]) == len(_BEATS[20:])


def test_an_artefact_at_the_start_does_not_blind_the_detector(ecg: Any) -> None:
    signal = ecg(_BEATS, 30)
    signal[250:260] += 15.0
    assert _hits(_find(signal, 250.0), 250.0, _BEATS[8:]) == len(_BEATS[8:])


def test_tall_t_waves_are_not_counted(ecg: Any) -> None:
    t = np.arange(7500) / 250
    tall = sum(np.exp(-0.5 * ((t - b - 0.28) / 0.05) ** 2) for b in _BEATS)
    assert len(_find(ecg(_BEATS, 30) + 0.8 * tall, 250.0)) == len(_BEATS)


def test_electrode_noise_of_20_uv_makes_no_beats() -> None:
    noise = np.random.default_rng(5).normal(0, 0.02, 360 * 120)
    assert _find(noise, 360.0) == []


@pytest.mark.parametrize('gain', [1.0, 0.3])
def test_noise_behind_the_last_beat_does_not_become_beats(ecg: Any, gain: float) -> None:
    noise = np.random.default_rng(5).normal(0, 0.02, 250 * 300)
    noise[: 250 * 30] += gain * ecg(_BEATS, 30)
    after = [b for b in _find(noise, 250.0) if b.sample > 29.8 * 250]
    assert after == []


def test_waves_of_the_atria_alone_do_not_become_beats(ecg: Any) -> None:
    t = np.arange(250 * 120) / 250
    signal = sum(0.1 * np.exp(-0.5 * ((t - p) / 0.022) ** 2) for p in np.arange(0.4, 119, 0.8))
    signal[: 250 * 30] += ecg(_BEATS, 30)
    assert [b for b in _find(signal, 250.0) if b.sample > 30 * 250] == []


def test_mains_hum_of_a_tenth_does_not_matter(ecg: Any) -> None:
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(7500) / 250)
    beats = _find(ecg(_BEATS, 30) + hum, 250.0)
    assert len(beats) == _hits(beats, 250.0, _BEATS) == len(_BEATS)


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(1, 2000), min_size=1, max_size=200), seed=st.integers(0, 3))
def test_any_chunking_gives_the_same_beats(
    ecg: Callable[..., Any], cuts: list[int], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    signal = ecg(np.cumsum(generator.uniform(0.4, 1.4, 25)), 24)
    signal += generator.normal(0, 0.08, signal.size)
    whole = _facts(_find(signal, 250.0))
    detector, beats, start = QrsDetector(250.0), [], 0
    for cut in cuts * 6000:
        if start >= signal.size:
            break
        beats += detector.process(signal[start : start + cut]).beats
        start += cut
    assert _facts(beats) == whole


def test_single_samples_give_the_same_beats_as_one_chunk(ecg: Any) -> None:
    signal = ecg(_BEATS, 8)
    detector = QrsDetector(250.0)
    single = [b for sample in signal for b in detector.process(np.array([sample])).beats]
    assert _facts(single) == _facts(_find(signal, 250.0))
