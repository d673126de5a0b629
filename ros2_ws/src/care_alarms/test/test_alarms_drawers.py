# SPDX-License-Identifier: Apache-2.0
"""Drawers of the robot that are left open or forced."""

from pathlib import Path

import pytest
from care_alarms.alarm import State
from care_alarms.catalogue import WARD, Category, Priority
from care_alarms.settings import Settings
from care_alarms.signals import Drawers, DrawerState
from care_alarms.testing import WardOnTrial

ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = State
UNKNOWN, LOCKED, UNLOCKED, OPEN, FORCED = DrawerState
LEFT_OPEN, FORCED_OPEN = 'drawer_open', 'drawer_forced'


@pytest.fixture
def ward() -> WardOnTrial:
    made = WardOnTrial(settings=Settings(drawer_open_s=30.0))
    made.run(10)
    return made


def hold(ward: WardOnTrial, seconds: float, *states: DrawerState) -> None:
    """Let the board say the states of drawers 1, 2, ... four times a second for a time."""
    for _ in range(round(seconds / 0.25)):
        ward.desk.engine.take_drawers(Drawers(dict(enumerate(states, 1)), 2), ward.now)
        ward.run(0.25)


def test_a_drawer_left_open_is_told_after_its_time_and_not_before(ward: WardOnTrial) -> None:
    hold(ward, 29.75, LOCKED, OPEN)
    assert ward.alarms(bed=WARD) == []
    hold(ward, 0.5, LOCKED, OPEN)
    alarm = ward.the(LEFT_OPEN, WARD)
    assert (alarm.state, alarm.priority, alarm.text) == (
        ACTIVE,
        Priority.MEDIUM,
        'Robot drawer left open: 2',
    )
    assert (alarm.kind.category, alarm.origin, alarm.admission_id) == (Category.TECHNICAL, 2, '')


def test_an_unlocked_or_open_drawer_that_is_closed_in_time_is_not_told(ward: WardOnTrial) -> None:
    for _ in range(3):
        hold(ward, 20, OPEN)
        hold(ward, 20, UNLOCKED)
    assert ward.alarms(bed=WARD) == []


def test_a_forced_drawer_is_told_at_once(ward: WardOnTrial) -> None:
    hold(ward, 0.25, FORCED, LOCKED)
    alarm = ward.the(FORCED_OPEN, WARD)
    assert (alarm.state, alarm.priority) == (ACTIVE, Priority.MEDIUM)
    assert alarm.text == 'Robot drawer forced open: 1'
    hold(ward, 60, FORCED, LOCKED)
    assert ward.alarms(LEFT_OPEN, WARD) == [], 'forced says it all'


def test_closing_the_drawer_ends_the_alarm(ward: WardOnTrial) -> None:
    hold(ward, 31, OPEN)
    assert ward.states(LEFT_OPEN, WARD) == [ACTIVE]
    hold(ward, 0.25, LOCKED)
    assert ward.states(LEFT_OPEN, WARD) == [CLEARED]


def test_a_forced_drawer_that_is_shut_again_stays_until_somebody_knows(ward: WardOnTrial) -> None:
    hold(ward, 0.5, FORCED)
    hold(ward, 60, LOCKED)
    assert ward.states(FORCED_OPEN, WARD) == [LATCHED]
    ward.acknowledge(FORCED_OPEN, WARD)
    assert ward.states(FORCED_OPEN, WARD) == [CLEARED]


def test_one_more_drawer_is_a_new_alarm_and_one_less_is_not(ward: WardOnTrial) -> None:
    hold(ward, 31, OPEN, LOCKED)
    ward.acknowledge(LEFT_OPEN, WARD)
    first = ward.the(LEFT_OPEN, WARD)
    hold(ward, 31, OPEN, OPEN)
    both = ward.the(LEFT_OPEN, WARD)
    assert both.id != first.id
    assert (both.state, both.text) == (ACTIVE, 'Robot drawer left open: 1, 2')
    hold(ward, 1, LOCKED, OPEN)
    assert ward.the(LEFT_OPEN, WARD) is both
    assert both.text == 'Robot drawer left open: 2'


@pytest.mark.parametrize(('state', 'code'), [(OPEN, LEFT_OPEN), (FORCED, FORCED_OPEN)])
def test_a_board_that_knows_nothing_ends_no_alarm_and_the_alarm_says_so(
    ward: WardOnTrial, state: DrawerState, code: str
) -> None:
    hold(ward, 31, state)
    alarm = ward.the(code, WARD)
    ward.run(10)
    assert (alarm.state, alarm.suppressed_by) == (ACTIVE, 'source lost')
    hold(ward, 0.25, state)
    hold(ward, 10, UNKNOWN)
    assert (alarm.state, alarm.suppressed_by) == (ACTIVE, 'source lost')
    hold(ward, 0.25, state)
    assert (alarm.state, alarm.suppressed_by) == (ACTIVE, '')
    hold(ward, 0.25, LOCKED)
    assert alarm.state is (LATCHED if state is FORCED else CLEARED)


def test_a_silent_board_raises_nothing(ward: WardOnTrial) -> None:
    hold(ward, 20, OPEN)
    ward.run(60)
    assert ward.alarms(bed=WARD) == []
    hold(ward, 0.25, OPEN)
    assert ward.states(LEFT_OPEN, WARD) == [ACTIVE], 'it was open all the time'


def test_the_alarms_go_on_over_a_restart_until_the_board_speaks(tmp_path: Path) -> None:
    path, settings = tmp_path / 'alarms.sqlite', Settings(drawer_open_s=30.0)
    before = WardOnTrial(path, settings)
    before.run(10)
    hold(before, 31, OPEN, FORCED)
    before.desk.save(before.now)
    ward = before.restarted(path, settings)
    ward.run(60)
    alarm = ward.the(LEFT_OPEN, WARD)
    assert (alarm.state, alarm.suppressed_by) == (ACTIVE, 'source lost')
    hold(ward, 0.25, OPEN, LOCKED)
    assert ward.the(LEFT_OPEN, WARD) is alarm
    assert (alarm.state, alarm.suppressed_by) == (ACTIVE, '')
    assert ward.states(FORCED_OPEN, WARD) == [LATCHED]
