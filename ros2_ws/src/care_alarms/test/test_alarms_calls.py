# SPDX-License-Identifier: Apache-2.0
"""Nurse calls: they stand until cancelled at their button, whoever is silent or restarted."""

from pathlib import Path

import pytest
from care_alarms.alarm import State
from care_alarms.catalogue import WARD, Category, Priority
from care_alarms.patient import Presence
from care_alarms.signals import Call
from care_alarms.testing import WardOnTrial

ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = State


@pytest.fixture
def ward() -> WardOnTrial:
    made = WardOnTrial(admit=(1,))
    made.run(10)
    return made


def say(ward: WardOnTrial, pressed: bool, bed: int = WARD) -> None:
    """Let a button say its state, as it does five times a second."""
    ward.desk.engine.take_call(Call(bed, pressed, ward.now.stamp, 2), ward.now)


def hold(ward: WardOnTrial, seconds: float, bed: int = WARD) -> None:
    """Let time pass while a call stands."""
    for _ in range(round(seconds)):
        ward.run(1)
        say(ward, True, bed)


@pytest.mark.parametrize(
    ('bed', 'text'),
    [
        (WARD, 'Nurse call from the robot'),
        (1, 'Nurse call from the bed'),
        (2, 'Nurse call from an empty bed'),
        (9, 'Nurse call from bed 9, which is not of this ward'),
    ],
)
def test_a_call_is_shown_at_once_wherever_it_was_pressed(
    ward: WardOnTrial, bed: int, text: str
) -> None:
    say(ward, True, bed)
    call = ward.the('nurse_call', bed)
    assert (call.text, call.state, call.origin) == (text, ACTIVE, 2)
    assert (call.kind.category, call.priority) == (Category.NURSE_CALL, Priority.MEDIUM)
    assert call.admission_id == (ward.admission() if bed == 1 else '')
    assert call.onset == ward.now.stamp


def test_a_call_stands_until_it_is_cancelled_at_the_button(ward: WardOnTrial) -> None:
    say(ward, True)
    call = ward.the('nurse_call', WARD)
    hold(ward, 100)
    assert ward.the('nurse_call', WARD) is call
    assert call.state is ACTIVE
    say(ward, False)
    assert call.state is CLEARED


def test_acknowledging_a_call_tells_who_comes_and_does_not_end_it(ward: WardOnTrial) -> None:
    say(ward, True)
    assert ward.acknowledge('nurse_call', WARD).accepted
    hold(ward, 60)
    call = ward.the('nurse_call', WARD)
    assert (call.state, call.acknowledged_by) == (ACKNOWLEDGED, 'nurse_1')
    say(ward, False)
    assert call.state is CLEARED


def test_no_audio_pause_mutes_a_call(ward: WardOnTrial) -> None:
    say(ward, True)
    say(ward, True, 1)
    ward.event('leads_off')
    ward.desk.pause_audio('', WARD, 120.0, 'nurse_1', ward.now)
    hold(ward, 2)
    assert ward.the('leads_off').audio_paused_until > 0
    assert ward.the('nurse_call').audio_paused_until == 0
    assert ward.the('nurse_call', WARD).audio_paused_until == 0


def test_standby_does_not_end_a_call(ward: WardOnTrial) -> None:
    say(ward, True, 1)
    ward.move(Presence.STANDBY)
    assert ward.states('nurse_call') == [ACTIVE]


def test_a_silent_button_does_not_end_a_call_and_the_call_says_so(ward: WardOnTrial) -> None:
    say(ward, True)
    ward.run(2)
    call = ward.the('nurse_call', WARD)
    assert call.suppressed_by == ''
    ward.run(0.25)
    assert call.suppressed_by == 'source lost'
    ward.run(600)
    assert call.state is ACTIVE
    say(ward, True)
    assert (call.state, call.suppressed_by) == (ACTIVE, '')


def test_a_discharge_leaves_the_call_of_the_bed(ward: WardOnTrial) -> None:
    say(ward, True, 1)
    ward.acknowledge('nurse_call')
    ward.move(Presence.EMPTY)
    call = ward.the('nurse_call')
    assert (call.state, call.admission_id) == (ACTIVE, '')
    assert call.text == 'Nurse call from an empty bed'


def test_a_call_goes_on_over_a_restart_until_its_button_speaks(tmp_path: Path) -> None:
    before = WardOnTrial(tmp_path / 'alarms.sqlite', admit=(1,))
    say(before, True)
    say(before, True, 1)
    before.desk.save(before.now)
    ward = before.restarted(tmp_path / 'alarms.sqlite')
    call = ward.the('nurse_call', WARD)
    assert (call.state, call.suppressed_by) == (ACTIVE, 'not seen again yet')
    ward.run(8.25)
    assert call.suppressed_by == 'source lost'
    say(ward, True)
    assert call.suppressed_by == ''
    say(ward, False, 1)
    assert ward.states('nurse_call') == [CLEARED]
    assert call.state is ACTIVE


def test_a_call_restored_and_silent_goes_on_over_a_discharge(tmp_path: Path) -> None:
    before = WardOnTrial(tmp_path / 'alarms.sqlite', admit=(1,))
    say(before, True, 1)
    before.desk.save(before.now)
    ward = before.restarted(tmp_path / 'alarms.sqlite')
    ward.move(Presence.EMPTY)
    assert ward.states('nurse_call') == [ACTIVE]
