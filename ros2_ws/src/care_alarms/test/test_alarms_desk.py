# SPDX-License-Identifier: Apache-2.0
"""Requests of people: acknowledging, audio pause, who may, and the same answer twice."""

from pathlib import Path

import pytest
from care_alarms.alarm import State
from care_alarms.catalogue import WARD
from care_alarms.limits import HEART_RATE, Limit
from care_alarms.patient import Patient, Presence
from care_alarms.signals import Reason
from care_alarms.testing import WardOnTrial

ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = State


@pytest.fixture
def ward() -> WardOnTrial:
    made = WardOnTrial()
    made.run(10)
    return made


def paused(ward: WardOnTrial, code: str, bed: int = 1) -> bool:
    return ward.the(code, bed).audio_paused_until > ward.now.stamp


def pause(ward: WardOnTrial, seconds: float = 120.0, bed: int = 1, request: str = '') -> str:
    return ward.desk.pause_audio(request, bed, seconds, 'nurse_1', ward.now).code


# Acknowledging ---------------------------------------------------------------------------------


def test_who_acknowledged_and_when_is_on_the_alarm(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.steady += 7
    answer = ward.acknowledge('asystole')
    alarm = ward.the('asystole')
    assert (answer.accepted, answer.code) == (True, 'ok')
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == ('nurse_1', ward.now.stamp)


def test_an_unknown_alarm_is_refused(ward: WardOnTrial) -> None:
    answer = ward.desk.acknowledge('', 'nonsense', 'nurse_1', ward.now)
    assert (answer.accepted, answer.code) == (False, 'unknown_alarm')
    assert answer.text


def test_nobody_cannot_act(ward: WardOnTrial) -> None:
    ward.event('asystole')
    alarm = ward.the('asystole')
    assert ward.desk.acknowledge('', alarm.id, '', ward.now).code == 'user_missing'
    assert ward.desk.pause_audio('', 1, 60, '', ward.now).code == 'user_missing'
    assert ward.desk.set_patient('', 1, Patient(ward.admission()), '', ward.now).accepted is False
    assert alarm.state is ACTIVE


def test_a_bed_that_is_not_there_is_refused(ward: WardOnTrial) -> None:
    assert pause(ward, bed=9) == 'unknown_bed'
    answer = ward.desk.set_limits('', 9, '', [], 'nurse_1', ward.now)
    assert answer.code == 'unknown_bed'
    assert '1, 2' in answer.text


# Audio pause -----------------------------------------------------------------------------------


def test_a_new_alarm_breaks_through_an_audio_pause(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    assert pause(ward) == 'ok'
    ward.run(5)
    ward.event('asystole')
    assert paused(ward, 'leads_off')
    assert not paused(ward, 'asystole')


def test_the_same_condition_anew_breaks_through_an_audio_pause(ward: WardOnTrial) -> None:
    ward.event('asystole')
    pause(ward)
    ward.event('asystole', on=False)
    assert paused(ward, 'asystole')
    ward.event('asystole')
    assert not paused(ward, 'asystole')


def test_a_more_urgent_alarm_breaks_through_an_audio_pause(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward)
    ward.hearts[1] = Reason.LEADS_OFF
    ward.pulses[1] = Reason.NOISE
    ward.run(1)
    assert not paused(ward, 'leads_off')


def test_an_audio_pause_ends_after_its_time(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward, 60)
    ward.run(59.75)
    assert paused(ward, 'leads_off')
    ward.run(0.25)
    assert ward.the('leads_off').audio_paused_until == 0
    assert ward.desk.engine.board.audio.of(1) is None


def test_an_audio_pause_lasts_as_long_when_the_clock_jumps(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward, 60)
    ward.clock_offset = 7200.0
    ward.run(30)
    left = (ward.the('leads_off').audio_paused_until - ward.now.stamp) / 1e9
    assert left == pytest.approx(30, abs=0.5)
    ward.clock_offset = -7200.0
    ward.run(30)
    assert ward.the('leads_off').audio_paused_until == 0


@pytest.mark.parametrize('seconds', [120.1, -1.0, float('nan'), float('inf')])
def test_no_longer_audio_pause_than_two_minutes(ward: WardOnTrial, seconds: float) -> None:
    ward.event('leads_off')
    assert pause(ward, seconds) == 'invalid_seconds'
    assert not paused(ward, 'leads_off')


def test_zero_seconds_end_the_audio_pause(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward)
    assert pause(ward, 0) == 'ok'
    assert not paused(ward, 'leads_off')
    assert ward.desk.engine.board.audio.of(1) is None


def test_an_audio_pause_is_of_one_bed_or_of_the_ward(ward: WardOnTrial) -> None:
    ward.event('leads_off', bed=1)
    ward.event('leads_off', bed=2)
    pause(ward, bed=1)
    assert not paused(ward, 'leads_off', bed=2)
    pause(ward, bed=WARD)
    assert paused(ward, 'leads_off', bed=2)


# The same request twice ------------------------------------------------------------------------


def test_the_same_request_gets_the_same_answer_and_acts_once(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.hearts[1] = Reason.ASYSTOLE
    alarm = ward.the('asystole')
    first = ward.desk.acknowledge('r1', alarm.id, 'nurse_1', ward.now)
    acknowledged_at = alarm.acknowledged_at
    ward.run(10)
    again = ward.desk.acknowledge('r1', alarm.id, 'nurse_1', ward.now)
    assert again == first
    assert again.accepted
    assert alarm.acknowledged_at == acknowledged_at
    assert ward.desk.acknowledge('r2', alarm.id, 'nurse_1', ward.now).code == 'already_acknowledged'


def test_a_repeated_audio_pause_does_not_begin_anew(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward, 60, request='r1')
    until = ward.the('leads_off').audio_paused_until
    ward.run(30)
    assert pause(ward, 60, request='r1') == 'ok'
    assert ward.the('leads_off').audio_paused_until == until


def test_a_repeated_admission_admits_once(ward: WardOnTrial) -> None:
    ward.move(Presence.EMPTY)
    wanted = Patient(presence=Presence.ADMITTED)
    first = ward.desk.set_patient('r1', 1, wanted, 'nurse_1', ward.now)
    assert first.admission_id
    assert ward.desk.set_patient('r1', 1, wanted, 'nurse_1', ward.now) == first
    assert ward.desk.set_patient('r2', 1, wanted, 'nurse_1', ward.now).code == 'occupied'


def test_a_refusal_stays_a_refusal(ward: WardOnTrial) -> None:
    limit = Limit(HEART_RATE, '', 35, 50, 120, 160)
    refused = ward.desk.set_limits('r1', 1, 'another', [limit], 'nurse_1', ward.now)
    assert refused.code == 'admission_changed'
    again = ward.desk.set_limits('r1', 1, ward.admission(), [limit], 'nurse_1', ward.now)
    assert again == refused


def test_answers_are_remembered_for_five_minutes_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / 'alarms.sqlite'
    ward = WardOnTrial(path)
    ward.event('leads_off')
    pause(ward, 60, request='r1')
    ward = ward.restarted(path)
    ward.run(299)
    assert pause(ward, 60, request='r1') == 'ok'
    assert ward.desk.engine.board.audio.of(1) is None
    ward.run(2)
    ward.event('signal_poor')
    ward.run(1)
    assert pause(ward, 60, request='r1') == 'ok'
    assert ward.desk.engine.board.audio.of(1) is not None


def test_requests_without_an_id_are_all_carried_out(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    pause(ward, 60)
    pause(ward, 0)
    assert ward.desk.engine.board.audio.of(1) is None


# Journal ---------------------------------------------------------------------------------------


def test_the_journal_tells_the_story_of_an_alarm(ward: WardOnTrial) -> None:
    limit = Limit(HEART_RATE, '/min', 35, 50, 110, 160)
    ward.desk.set_limits('', 1, ward.admission(), [limit], 'charge_1', ward.now)
    ward.hearts[1] = 115.0
    ward.run(5)
    ward.acknowledge('hr_high')
    ward.hearts[1] = 80.0
    ward.run(1)
    ward.move(Presence.EMPTY)
    entries = [e for e in ward.desk.journal() if e.bed == 1]
    assert [e.event for e in entries] == [
        'admitted', 'limits_set', 'alarm_on', 'acknowledged', 'alarm_off', 'discharged'
    ]  # fmt: skip
    limits_set, on, acknowledged, off = entries[1:5]
    assert limits_set.detail['limits'] == {'1': [35, 50, 110, 160]}
    assert (limits_set.user, acknowledged.user) == ('charge_1', 'nurse_1')
    assert on.detail == {
        'priority': 'MEDIUM', 'state': 'ACTIVE', 'value': 115, 'limit': 110, 'unit': '/min'
    }  # fmt: skip
    assert on.alarm_id == acknowledged.alarm_id == off.alarm_id
    assert on.at < acknowledged.at <= off.at
    assert entries[-1].admission_id == on.admission_id
