# SPDX-License-Identifier: AGPL-3.0-or-later
"""The light bar shows the highest alarm that stands, and never a calm that is not known."""

import itertools
import math

import pytest
from care_peripherals.alarm_watch import (
    ACKNOWLEDGED,
    ACTIVE,
    CLEARED,
    LATCHED,
    AlarmWatch,
    Standing,
)
from care_peripherals.annunciator import Annunciator
from care_peripherals.light_bar import HIGH, LIGHTS, LINK_LOST, LOW, MEDIUM, NONE, SOUNDS


def watch_of(*alarms: Standing) -> AlarmWatch:
    watch = AlarmWatch(3.0)
    watch.take(alarms, 100.0)
    return watch


def test_a_high_alarm_flashes_red_twice_a_second_half_of_the_time() -> None:
    light = LIGHTS[HIGH]
    lit = [light.at(i / 1000)[0] > 0 for i in range(1000)]
    assert sum(lit) == 500
    assert sum(not a and b for a, b in itertools.pairwise(lit)) + lit[0] == 2
    assert light.colour == (255, 0, 0)


def test_a_medium_alarm_flashes_slowly_and_a_low_one_is_steady() -> None:
    assert (LIGHTS[MEDIUM].flash_hz, LIGHTS[MEDIUM].duty) == (0.6, 0.5)
    assert LIGHTS[LOW].flash_hz == 0.0
    assert LIGHTS[LOW].next_edge(5.0) == math.inf


@pytest.mark.parametrize('t', [0.0, 0.1, 0.26, 7.4])
def test_the_next_edge_is_when_the_colour_changes(t: float) -> None:
    light = LIGHTS[HIGH]
    edge = t + light.next_edge(t)
    assert light.at(edge - 1e-3) == light.at(t)
    assert light.at(edge + 1e-3) != light.at(t)


@pytest.mark.parametrize('state', [ACTIVE, ACKNOWLEDGED, LATCHED])
def test_the_highest_standing_alarm_is_shown(state: int) -> None:
    watch = watch_of(Standing(LOW, ACTIVE), Standing(HIGH, state), Standing(MEDIUM, ACTIVE))
    assert watch.light(101.0) == LIGHTS[HIGH]


def test_an_alarm_that_is_over_is_not_shown() -> None:
    assert watch_of(Standing(HIGH, CLEARED)).light(101.0) == LIGHTS[NONE]


def test_silent_alarms_are_shown_as_a_lost_link() -> None:
    watch = watch_of(Standing(HIGH, ACTIVE))
    assert watch.light(103.0) == LIGHTS[HIGH]
    assert watch.light(103.1) == LINK_LOST
    assert AlarmWatch(3.0).light(0.0) == LINK_LOST
    assert (LINK_LOST.priority, LINK_LOST.flash_hz) == (LOW, 0.0)


def test_what_is_asked_for_never_hides_an_alarm() -> None:
    watch = watch_of(Standing(MEDIUM, ACTIVE))
    watch.asked_light = LOW
    assert watch.light(101.0) == LIGHTS[MEDIUM]
    watch.asked_light = HIGH
    assert watch.light(101.0) == LIGHTS[HIGH]
    assert watch.light(200.0) == LIGHTS[HIGH]


def test_acknowledged_and_paused_alarms_are_not_heard() -> None:
    watch = watch_of(Standing(HIGH, ACKNOWLEDGED), Standing(MEDIUM, ACTIVE, 60.0))
    assert watch.sound(101.0, 59.0) == NONE
    assert watch.sound(101.0, 60.0) == MEDIUM


def test_a_burst_has_its_tones_and_comes_again() -> None:
    annunciator, heard = Annunciator(), []
    annunciator.stand(HIGH, 0.0)
    for i in range(90):
        if annunciator.due(i * 0.1) is not None:
            heard.append(i * 0.1)
    first = [t for t in heard if t < SOUNDS[HIGH].every_s]
    assert len(first) == 5
    assert first[0] == 0.0
    assert min(t for t in heard if t > 3.0) == pytest.approx(SOUNDS[HIGH].every_s)


def test_silence_ends_a_burst_at_once() -> None:
    annunciator = Annunciator()
    annunciator.stand(HIGH, 0.0)
    assert annunciator.due(0.0) == SOUNDS[HIGH]
    annunciator.stand(NONE, 0.1)
    assert all(annunciator.due(i * 0.1) is None for i in range(100))


def test_a_test_is_heard_once() -> None:
    annunciator = Annunciator()
    annunciator.test(LOW, 0.0)
    assert [annunciator.due(i * 0.5) for i in range(100)].count(SOUNDS[LOW]) == 1
