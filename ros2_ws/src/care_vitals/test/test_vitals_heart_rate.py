# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from care_vitals.heart_rate import IntervalChain


def _chain(*intervals: float) -> IntervalChain:
    chain, t = IntervalChain(), 10.0
    chain.add(t)
    for interval in intervals:
        t += interval
        chain.add(t)
    return chain


def test_the_rate_is_the_mean_of_the_last_twelve_intervals() -> None:
    rate = _chain(*[0.3] * 5, *[1.0] * 6, *[0.5] * 6).rate()
    assert rate.value == pytest.approx(60 / 0.75)
    assert rate.method == 'mean of 12 R-R intervals'


def test_the_last_four_count_when_the_last_three_are_slow() -> None:
    rate = _chain(*[0.5] * 12, 1.3, 1.3, 1.3).rate()
    assert rate.value == pytest.approx(60 * 4 / (0.5 + 3.9))
    assert rate.method == 'mean of 4 R-R intervals'


def test_three_intervals_of_exactly_1200_ms_are_not_slow() -> None:
    assert _chain(*[0.8] * 9, 1.2 - 1e-9, 1.2 - 1e-9, 1.2 - 1e-9).rate().intervals == 12


def test_there_is_no_rate_before_the_third_interval() -> None:
    assert math.isnan(_chain(1.0, 1.0).rate().value)
    assert _chain(1.0, 1.0, 1.0).rate().value == pytest.approx(60)


def test_the_mean_begins_anew_behind_an_asystole() -> None:
    assert math.isnan(_chain(*[0.5] * 12, 18.0).rate().value)
    assert _chain(*[0.5] * 12, 18.0, 1.0, 1.0, 1.0).rate().value == pytest.approx(60)


def test_a_pause_that_is_no_asystole_is_an_interval_like_others() -> None:
    assert _chain(1.0, 1.0, 3.9).rate().value == pytest.approx(60 * 3 / 5.9)


def test_a_broken_chain_makes_no_interval_across_the_break() -> None:
    chain = _chain(*[1.0] * 12)
    chain.reset()
    assert math.isnan(chain.add(100.0))
    assert chain.add(101.0) == pytest.approx(1.0)
    assert math.isnan(chain.rate().value)


def test_keeping_the_newest_forgets_the_older_intervals() -> None:
    chain = _chain(*[0.2] * 8, *[1.0] * 4)
    chain.keep_newest(4)
    assert chain.rate().value == pytest.approx(60)
