# SPDX-License-Identifier: Apache-2.0
"""Quantities as functions of time."""

import numpy as np
import pytest
from care_sim.timeline import Ramp, Switch
from hypothesis import given
from hypothesis import strategies as st


def heart_rate() -> Ramp:
    ramp = Ramp(80)
    ramp.change(10, 5, 130)
    ramp.change(20, 0, 40)
    return ramp


@pytest.mark.parametrize(
    ('time', 'value'),
    [(0, 80), (10, 80), (12.5, 105), (15, 130), (19.9, 130), (20, 40), (1e6, 40)],
)
def test_a_ramp_reaches_its_value_in_its_time(time, value):
    assert heart_rate().at(time) == pytest.approx(value)


def test_a_change_during_a_ramp_starts_from_where_it_is():
    ramp = Ramp(80)
    ramp.change(0, 10, 100)
    ramp.change(5, 5, 60)
    assert ramp.at([5, 7.5, 10, 20]) == pytest.approx([90, 75, 60, 60])


@given(st.lists(st.floats(0, 40), min_size=1, max_size=20).map(sorted))
def test_the_integral_is_that_of_the_values(times):
    ramp = heart_rate()
    for time in times:
        grid = np.linspace(0, time, 20_001)
        values = ramp.at(grid)
        expected = np.sum((values[1:] + values[:-1]) / 2 * np.diff(grid))
        assert ramp.integral(time) == pytest.approx(expected, abs=0.2)


def test_a_switch_holds_until_it_is_changed():
    switch = Switch('up')
    switch.change(5, 'down')
    switch.change(8, 'up')
    assert [switch.at(t) for t in (0, 4.99, 5, 7.99, 8, 100)] == [
        'up', 'up', 'down', 'down', 'up', 'up'
    ]  # fmt: skip
    assert (switch.until(0), switch.until(6), switch.until(9)) == (5, 8, float('inf'))
    np.testing.assert_array_equal(
        switch.mask(np.array([4.0, 5.0, 7.0, 8.0]), 'down'), [False, True, True, False]
    )
