# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from care_vitals.streaming import BandPass, DominantPeaks, ExactMovingMean, History


def test_a_band_pass_is_at_rest_on_a_constant_offset() -> None:
    filtered = BandPass(360.0, 8.0, 18.0).process(np.full(720, -8.0))
    assert np.abs(filtered).max() < 1e-9


def test_the_delay_of_a_band_pass_is_that_of_a_burst_in_its_band() -> None:
    t = np.arange(1440) / 360
    burst = np.exp(-0.5 * ((t - 2) / 0.1) ** 2)
    band = BandPass(360.0, 8.0, 18.0)
    filtered = band.process(burst * np.sin(2 * np.pi * 12 * t))
    centre = (filtered**2 @ np.arange(1440)) / (filtered**2).sum()
    assert centre - 720 == pytest.approx(band.delay(), abs=3)


def test_a_moving_mean_starts_from_zeros_and_forgets_after_its_width() -> None:
    mean = ExactMovingMean(4)
    assert mean.process(np.array([4.0, 0.0, 0.0])).tolist() == [1.0, 1.0, 1.0]
    assert mean.process(np.array([0.0, 0.0, 8.0])).tolist() == [1.0, 0.0, 2.0]


def test_a_moving_mean_survives_a_value_beyond_all_measure() -> None:
    mean = ExactMovingMean(2)
    mean.process(np.array([1e300, 1e300]))
    assert mean.process(np.array([3.0, 3.0]))[-1] == 3.0


def test_a_dominant_peak_is_known_when_nothing_higher_followed_within_reach() -> None:
    peaks = DominantPeaks(3)
    found = peaks.process(np.array([0, 1, 0, 2, 0, 0, 0, 0, 0.0]))
    assert [(p.index, p.height, p.known) for p in found] == [(3, 2.0, 7)]


def test_two_peaks_further_apart_than_the_reach_are_both_found() -> None:
    found = DominantPeaks(3).process(np.array([0, 5, 0, 0, 0, 4, 0, 0, 0, 0, 0.0]))
    assert [p.index for p in found] == [1, 5]


def test_a_history_gives_back_only_what_it_holds_whole() -> None:
    history = History(4)
    history.append(np.arange(6.0))
    history.append(np.arange(6.0, 8.0))
    assert history.window(3, 6).tolist() == [3.0, 4.0, 5.0]
    assert history.window(1, 4).size == 0
    assert history.window(6, 9).size == 0
