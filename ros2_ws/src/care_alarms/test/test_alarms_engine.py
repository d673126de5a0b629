# SPDX-License-Identifier: Apache-2.0
"""When each alarm is raised and when it ends, on a clock of the test's own."""

from dataclasses import replace

import pytest
from care_alarms.alarm import State
from care_alarms.board import Cause
from care_alarms.catalogue import CODES, WARD, Category, Priority
from care_alarms.limits import HEART_RATE, Limit, Profile
from care_alarms.patient import Known, Presence
from care_alarms.settings import Settings
from care_alarms.signals import Kind, Reason, Sign, Vitals
from care_alarms.testing import WardOnTrial

ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = State


@pytest.fixture
def ward() -> WardOnTrial:
    made = WardOnTrial()
    made.run(10)
    assert made.alarms() == []
    return made


# Limits of the heart rate ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ('rate', 'code', 'priority', 'text'),
    [
        (132.4, 'hr_high', Priority.MEDIUM, 'Heart rate 132 above 120 /min'),
        (42.5, 'hr_low', Priority.MEDIUM, 'Heart rate 43 below 50 /min'),
        (170.0, 'extreme_tachycardia', Priority.HIGH, 'heart rate 170 above 160 /min'),
        (30.0, 'extreme_bradycardia', Priority.HIGH, 'heart rate 30 below 35 /min'),
    ],
)
def test_a_heart_rate_outside_a_limit_is_told_with_value_and_limit(
    ward: WardOnTrial, rate: float, code: str, priority: Priority, text: str
) -> None:
    ward.hearts[1] = rate
    ward.run(5)
    alarm = ward.the(code)
    assert alarm.priority is priority
    assert alarm.text.endswith(text)
    assert (alarm.origin, alarm.admission_id, alarm.unit) == (2, ward.admission(), '/min')
    assert ward.alarms(bed=2) == []


def test_a_limit_alarm_waits_three_seconds_from_the_first_value_outside(ward: WardOnTrial) -> None:
    ward.hearts[1] = 130.0
    ward.run(1 + 2.75)
    assert ward.alarms() == []
    ward.run(0.25)
    assert ward.states('hr_high') == [ACTIVE]


def test_an_extreme_does_not_wait(ward: WardOnTrial) -> None:
    ward.hearts[1] = 30.0
    ward.run(1)
    assert ward.states('extreme_bradycardia') == [ACTIVE]


def test_a_rate_inside_for_one_second_starts_the_delay_anew(ward: WardOnTrial) -> None:
    for rate in (130.0, 130.0, 110.0, 130.0, 130.0, 130.0):
        ward.hearts[1] = rate
        ward.run(1)
    assert ward.alarms() == []


def test_the_limit_itself_is_inside_as_displayed(ward: WardOnTrial) -> None:
    ward.hearts.update({1: 120.4, 2: 49.5})
    ward.run(6)
    assert ward.alarms() == ward.alarms(bed=2) == []
    ward.hearts[1] = 120.5
    ward.run(6)
    assert ward.the('hr_high').value == 121


def test_a_rate_about_the_limit_does_not_flap(ward: WardOnTrial) -> None:
    ward.hearts[1] = 123.0
    ward.run(5)
    first = ward.the('hr_high')
    for rate in (119.0, 121.0) * 10:
        ward.hearts[1] = rate
        ward.run(1)
    assert ward.the('hr_high') is first
    assert first.state is ACTIVE
    ward.hearts[1] = 118.0
    ward.run(1)
    assert ward.states('hr_high') == [CLEARED]


def test_a_limit_alarm_clears_by_itself_and_an_extreme_only_when_acknowledged(
    ward: WardOnTrial,
) -> None:
    ward.hearts.update({1: 130.0, 2: 30.0})
    ward.run(5)
    ward.hearts.update({1: 80.0, 2: 80.0})
    ward.run(1)
    assert ward.states('hr_high') == [CLEARED]
    assert ward.states('extreme_bradycardia', bed=2) == [LATCHED]
    ward.run(120)
    assert ward.alarms() == []
    assert ward.states('extreme_bradycardia', bed=2) == [LATCHED]
    assert ward.acknowledge('extreme_bradycardia', bed=2).accepted
    assert ward.states('extreme_bradycardia', bed=2) == [CLEARED]


def test_an_extreme_stands_beside_an_older_limit_alarm_and_raises_no_new_one(
    ward: WardOnTrial,
) -> None:
    ward.hearts.update({1: 130.0, 2: 170.0})
    ward.run(5)
    ward.hearts[1] = 170.0
    ward.run(5)
    assert [a.code for a in ward.alarms()] == ['extreme_tachycardia', 'hr_high']
    assert [a.code for a in ward.alarms(bed=2)] == ['extreme_tachycardia']


def test_when_an_extreme_ends_the_limit_that_is_still_passed_is_told_at_once(
    ward: WardOnTrial,
) -> None:
    ward.hearts[1] = 170.0
    ward.run(10)
    ward.hearts[1] = 140.0
    ward.run(1)
    assert ward.states('extreme_tachycardia') == [LATCHED]
    assert ward.the('hr_high').value == 140


@pytest.mark.parametrize('reason', [r for r in Reason if r is not Reason.OK])
def test_a_blank_neither_raises_nor_clears_a_limit_alarm(ward: WardOnTrial, reason: Reason) -> None:
    ward.hearts.update({1: 130.0, 2: 130.0})
    ward.run(2)
    ward.hearts[2] = reason
    ward.run(3)
    ward.hearts[1] = reason
    ward.run(4)
    assert ward.states('hr_high') == [ACTIVE]
    assert ward.the('hr_high').suppressed_by
    assert ward.states('hr_high', bed=2) == []


def test_a_limit_alarm_says_why_it_cannot_be_seen_to_end(ward: WardOnTrial) -> None:
    ward.hearts.update({1: 42.0, 2: 42.0})
    ward.run(5)
    ward.hearts.update({1: Reason.LEADS_OFF, 2: Reason.ASYSTOLE})
    ward.run(1)
    assert ward.the('hr_low').suppressed_by == 'source lost'
    assert ward.the('hr_low', bed=2).suppressed_by == 'no heart rate: asystole'
    ward.hearts[1] = 42.0
    ward.run(1)
    assert ward.the('hr_low').suppressed_by == ''
    assert ward.the('hr_low').state is ACTIVE


def test_a_short_blank_does_not_hide_a_rate_outside_its_limit(ward: WardOnTrial) -> None:
    for said in (130.0, Reason.NOISE, 130.0, Reason.NOISE, 130.0):
        ward.hearts[1] = said
        ward.run(1)
    assert ward.states('hr_high') == [ACTIVE]


def test_a_long_blank_starts_the_delay_anew(ward: WardOnTrial) -> None:
    ward.hearts[1] = 130.0
    ward.run(1)
    ward.hearts[1] = Reason.NOISE
    ward.run(8)
    ward.hearts[1] = 130.0
    ward.run(3.75)
    assert ward.alarms() == []
    ward.run(0.25)
    assert ward.states('hr_high') == [ACTIVE]


def test_new_limits_are_judged_at_once(ward: WardOnTrial) -> None:
    def set_limits(high: float) -> None:
        limit = Limit(HEART_RATE, '/min', 35, 50, high, 160)
        answer = ward.desk.set_limits('', 1, ward.admission(), [limit], 'nurse_1', ward.now)
        assert answer.accepted, answer.text

    ward.hearts[1] = 100.0
    ward.run(1)
    set_limits(90)
    ward.run(3.25)
    assert ward.the('hr_high').limit == 90
    set_limits(100)
    assert ward.states('hr_high') == [CLEARED]


def test_a_new_profile_is_judged_at_once(ward: WardOnTrial) -> None:
    ward.hearts[1] = 150.0
    ward.run(5)
    assert ward.states('hr_high') == [ACTIVE]
    neonate = replace(ward.desk.ward.beds[1].patient, profile=Profile.NEONATAL)
    assert ward.desk.set_patient('', 1, neonate, 'nurse_1', ward.now).accepted
    assert ward.states('hr_high') == [CLEARED]


def test_a_change_that_is_not_of_the_profile_leaves_the_hysteresis(ward: WardOnTrial) -> None:
    ward.hearts[1] = 125.0
    ward.run(5)
    ward.hearts[1] = 120.0
    ward.run(1)
    paced = replace(ward.desk.ward.beds[1].patient, paced=Known.YES)
    ward.desk.set_patient('', 1, paced, 'nurse_1', ward.now)
    assert ward.states('hr_high') == [ACTIVE]


# Events ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('name', 'priority'),
    [
        ('asystole', Priority.HIGH),
        ('pause', Priority.MEDIUM),
        ('leads_off', Priority.LOW),
        ('signal_poor', Priority.LOW),
        ('ecg_lost_watching_pleth', Priority.MEDIUM),
    ],
)
def test_an_event_raises_its_alarm_at_once(
    ward: WardOnTrial, name: str, priority: Priority
) -> None:
    revision = ward.desk.engine.board.revision
    ward.event(name)
    assert ward.desk.engine.board.revision > revision
    alarm = ward.the(name)
    assert (alarm.state, alarm.priority, alarm.origin) == (ACTIVE, priority, 2)
    assert (alarm.announced, alarm.onset) == (ward.now.stamp, ward.now.stamp)
    ward.event(name)
    assert ward.the(name) is alarm


def test_asystole_stays_until_acknowledged(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.event('asystole', on=False)
    assert ward.states('asystole') == [LATCHED]
    ward.run(120)
    assert ward.states('asystole') == [LATCHED]
    ward.acknowledge('asystole')
    assert ward.states('asystole') == [CLEARED]


def test_asystole_that_was_acknowledged_clears_when_the_heart_beats(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.acknowledge('asystole')
    assert ward.states('asystole') == [ACKNOWLEDGED]
    ward.event('asystole', on=False)
    assert ward.states('asystole') == [CLEARED]


@pytest.mark.parametrize('name', ['leads_off', 'signal_poor', 'ecg_lost_watching_pleth'])
def test_technical_events_clear_by_themselves(ward: WardOnTrial, name: str) -> None:
    ward.event(name)
    ward.event(name, on=False)
    assert ward.states(name) == [CLEARED]


def test_a_pause_is_shown_long_enough_to_be_seen(ward: WardOnTrial) -> None:
    ward.event('pause')
    ward.event('pause', on=False)
    ward.run(9.75)
    assert ward.states('pause') == [ACTIVE]
    ward.run(0.25)
    assert ward.states('pause') == [CLEARED]


def test_a_pause_that_was_acknowledged_need_not_be_shown_longer(ward: WardOnTrial) -> None:
    ward.event('pause')
    ward.event('pause', on=False)
    ward.acknowledge('pause')
    assert ward.states('pause') == [CLEARED]
    ward.event('pause')
    assert ward.states('pause') == [ACTIVE]


def test_leads_off_is_medium_when_the_ecg_is_the_only_source(ward: WardOnTrial) -> None:
    ward.pulses[1] = Reason.NO_SOURCE
    ward.run(1)
    ward.event('leads_off')
    assert ward.the('leads_off').priority is Priority.MEDIUM


def test_leads_off_becomes_medium_when_the_pleth_is_lost_too(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    ward.hearts[1] = Reason.LEADS_OFF
    assert ward.the('leads_off').priority is Priority.LOW
    ward.pulses[1] = Reason.NOISE
    ward.run(1)
    assert ward.the('leads_off').priority is Priority.MEDIUM


def test_a_lost_source_never_ends_an_asystole(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.hearts[1] = Reason.ASYSTOLE
    ward.run(2)
    ward.event('leads_off')
    ward.event('asystole', on=False)
    ward.hearts[1] = Reason.LEADS_OFF
    ward.run(5)
    asystole = ward.the('asystole')
    assert (asystole.state, asystole.suppressed_by) == (ACTIVE, 'source lost')
    ward.event('leads_off', on=False)
    ward.hearts[1] = 70.0
    ward.run(1)
    assert (asystole.state, asystole.suppressed_by) == (LATCHED, '')


def test_asystole_while_the_signal_stands_is_not_marked(ward: WardOnTrial) -> None:
    ward.hearts[1] = Reason.NOISE
    ward.run(1)
    ward.event('asystole')
    assert ward.the('asystole').suppressed_by == ''


def test_a_missed_asystole_is_told_by_the_vital_signs(ward: WardOnTrial) -> None:
    ward.hearts[1] = Reason.ASYSTOLE
    ward.run(1)
    assert ward.alarms() == []
    ward.run(1)
    assert ward.states('asystole') == [ACTIVE]


def test_vital_signs_older_than_the_end_of_an_asystole_do_not_raise_it_again(
    ward: WardOnTrial,
) -> None:
    ward.event('asystole')
    ward.event('asystole', on=False)
    ward.acknowledge('asystole')
    ward.hearts[1] = Reason.ASYSTOLE
    ward.vitals()
    ward.vitals()
    assert ward.states('asystole') == [CLEARED]


def test_a_missed_asystole_is_told_although_the_clock_went_back(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.event('asystole', on=False)
    ward.acknowledge('asystole')
    ward.clock_offset = -7200.0
    ward.hearts[1] = Reason.ASYSTOLE
    ward.run(3)
    assert ward.states('asystole') == [ACTIVE]


def test_an_event_of_no_known_name_is_counted(ward: WardOnTrial) -> None:
    ward.event('levitation')
    assert ward.alarms() == []
    assert ward.desk.engine.unknown == 1


def test_what_the_processing_forgot_when_it_was_restarted_ends(ward: WardOnTrial) -> None:
    ward.event('leads_off')
    ward.hearts[1] = Reason.LEADS_OFF
    ward.run(3)
    silent = ward.hearts
    ward.hearts = {}
    ward.run(4)
    ward.hearts = silent
    ward.hearts[1] = 70.0
    ward.run(1)
    assert ward.states('leads_off') == [CLEARED]


# Silence ---------------------------------------------------------------------------------------


def test_a_bed_whose_numbers_stand_still_has_lost_its_source(ward: WardOnTrial) -> None:
    ward.hearts[1] = ward.pulses[1] = Reason.NO_SOURCE
    ward.run(5)
    assert ward.alarms() == []
    ward.run(1)
    assert ward.states('source_lost') == [ACTIVE]
    assert (ward.the('source_lost').priority, ward.the('source_lost').origin) == (3, 2)
    ward.hearts[1] = 70.0
    ward.run(1)
    assert ward.states('source_lost') == [CLEARED]


def test_a_value_that_is_no_newer_than_the_last_one_is_no_sign_of_life(ward: WardOnTrial) -> None:
    frozen = ward.now
    engine = ward.desk.engine
    for _ in range(7):
        ward.steady += 1
        sign = Sign(Kind.HEART_RATE, 72.0, Reason.OK, 2, frozen.stamp)
        vitals = Vitals(ward.admission(), ward.now.stamp, 2, {sign.kind: sign})
        engine.take_vitals(1, vitals, ward.now)
        ward.vitals(2)
        engine.tick(ward.now)
    assert ward.states('source_lost') == [ACTIVE]


def test_stale_vital_signs_tell_that_the_wait_is_over(ward: WardOnTrial) -> None:
    ward.hearts[1] = ward.pulses[1] = Reason.STALE
    ward.run(1)
    assert ward.states('source_lost') == [ACTIVE]


@pytest.mark.parametrize('reason', [Reason.LEADS_OFF, Reason.NOISE, Reason.ASYSTOLE])
def test_a_signal_without_a_number_is_no_lost_source(ward: WardOnTrial, reason: Reason) -> None:
    ward.hearts[1] = ward.pulses[1] = reason
    ward.run(20)
    assert ward.states('source_lost') == []


def test_a_lost_source_marks_the_alarms_that_need_it(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.hearts[1] = ward.pulses[1] = Reason.STALE
    ward.run(2)
    assert ward.the('asystole').state is ACTIVE
    assert ward.the('asystole').suppressed_by == 'source lost'


def test_a_bed_of_which_the_processing_says_nothing_has_lost_its_source(ward: WardOnTrial) -> None:
    del ward.hearts[1]
    ward.run(7)
    assert ward.states('source_lost') == [ACTIVE]
    assert ward.alarms(bed=WARD) == []


def test_a_silent_processing_is_one_alarm_for_the_ward(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.hearts = {}
    ward.run(2)
    assert ward.alarms(bed=WARD) == []
    ward.run(0.25)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]
    ward.run(60)
    assert ward.states('source_lost') == []
    assert ward.the('asystole').suppressed_by == 'source lost'
    ward.hearts = dict.fromkeys((1, 2), 72.0)
    ward.run(1)
    assert ward.states('vitals_lost', WARD) == [CLEARED]


def test_nothing_is_lost_while_nobody_is_admitted() -> None:
    ward = WardOnTrial(admit=())
    ward.run(60)
    assert ward.alarms(bed=WARD) == []


def test_after_a_start_the_processing_has_eight_seconds_and_no_more() -> None:
    ward = WardOnTrial()
    ward.hearts = {}
    ward.run(8)
    assert ward.alarms(bed=WARD) == []
    ward.run(0.25)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]


def test_once_heard_the_processing_may_not_fall_silent_in_the_time_given_to_a_start() -> None:
    ward = WardOnTrial()
    ward.run(1)
    ward.hearts = {}
    ward.run(3.25)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]


def test_after_a_start_a_bed_has_eight_seconds_and_no_more() -> None:
    ward = WardOnTrial()
    ward.hearts[1] = ward.pulses[1] = Reason.NO_SOURCE
    ward.run(8)
    assert ward.alarms() == []
    ward.run(0.25)
    assert ward.states('source_lost') == [ACTIVE]


def test_a_stall_of_our_own_raises_nothing_but_does_not_hide_silence(ward: WardOnTrial) -> None:
    ward.steady += 4
    ward.desk.engine.tick(ward.now)
    assert ward.alarms(bed=WARD) == []
    ward.hearts = {}
    for _ in range(4):
        ward.steady += 2
        ward.desk.engine.tick(ward.now)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]


def test_a_jump_of_the_clock_raises_and_ends_nothing(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.hearts[1] = Reason.ASYSTOLE
    ward.clock_offset = -7200.0
    ward.run(20)
    ward.clock_offset = 7200.0
    ward.run(20)
    assert ward.states('asystole') == [ACTIVE]
    assert len(ward.alarms()) == 1
    assert ward.alarms(bed=2) == ward.alarms(bed=WARD) == []


# Whose alarm -----------------------------------------------------------------------------------


def test_data_of_another_admission_is_ignored_and_counted(ward: WardOnTrial) -> None:
    ward.event('asystole', admission='another')
    ward.hearts[1] = 30.0
    ward.vitals(admission='another')
    ward.vitals(admission='')
    assert ward.alarms() == []
    assert ward.desk.engine.foreign == {1: 3, 2: 0}


def test_data_of_another_admission_is_no_sign_of_life(ward: WardOnTrial) -> None:
    del ward.hearts[1]
    for _ in range(8):
        ward.run(1)
        ward.hearts[1] = 72.0
        ward.vitals(admission='another')
        del ward.hearts[1]
    assert ward.states('source_lost') == [ACTIVE]


def test_an_empty_bed_never_alarms() -> None:
    ward = WardOnTrial(admit=(2,))
    ward.hearts[1] = ward.pulses[1] = 20.0
    ward.event('asystole')
    ward.run(30)
    ward.hearts[1] = Reason.STALE
    ward.run(30)
    assert ward.alarms() == []


def test_discharge_clears_the_alarms_and_the_next_patient_has_none(ward: WardOnTrial) -> None:
    ward.event('asystole')
    ward.acknowledge('asystole')
    ward.hearts[1] = 130.0
    ward.run(5)
    before = ward.admission()
    assert ward.move(Presence.EMPTY).accepted
    assert ward.alarms() == []
    answer = ward.move(Presence.ADMITTED)
    assert answer.admission_id not in ('', before)
    ward.hearts[1] = 72.0
    ward.run(30)
    assert ward.alarms() == []


@pytest.mark.parametrize('presence', [Presence.STANDBY, Presence.AWAY])
def test_standby_ends_and_suspends_all_but_asystole(ward: WardOnTrial, presence: Presence) -> None:
    ward.hearts[1] = 170.0
    ward.event('leads_off')
    ward.event('pause')
    ward.run(5)
    ward.event('asystole')
    ward.hearts[1] = Reason.ASYSTOLE
    ward.move(presence)
    assert ward.states('extreme_tachycardia') == [LATCHED]
    assert ward.states('leads_off') == ward.states('pause') == [CLEARED]
    assert ward.states('asystole') == [ACTIVE]
    ward.run(60)
    ward.event('signal_poor')
    ward.hearts[1] = ward.pulses[1] = Reason.STALE
    ward.run(60)
    assert {a.code for a in ward.alarms()} == {'extreme_tachycardia', 'asystole'}


def test_asystole_is_told_in_standby(ward: WardOnTrial) -> None:
    ward.move(Presence.STANDBY)
    ward.event('asystole')
    assert ward.states('asystole') == [ACTIVE]


def test_what_began_in_standby_and_still_stands_is_told_on_return(ward: WardOnTrial) -> None:
    ward.move(Presence.STANDBY)
    ward.event('leads_off')
    ward.hearts[1] = Reason.LEADS_OFF
    ward.run(10)
    assert ward.alarms() == []
    ward.move(Presence.ADMITTED)
    assert ward.states('leads_off') == [ACTIVE]


def test_a_patient_who_comes_back_is_given_time_to_be_connected(ward: WardOnTrial) -> None:
    ward.move(Presence.AWAY)
    ward.hearts[1] = ward.pulses[1] = Reason.NO_SOURCE
    ward.run(60)
    ward.move(Presence.ADMITTED)
    ward.run(8)
    assert ward.alarms() == []
    ward.run(0.25)
    assert ward.states('source_lost') == [ACTIVE]


def test_a_further_patient_buys_a_silent_processing_no_time() -> None:
    ward = WardOnTrial(admit=(2,))
    ward.run(10)
    ward.hearts = {}
    ward.run(1)
    ward.move(Presence.ADMITTED)
    ward.run(1.25)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]


def test_messages_of_a_bed_that_the_ward_has_not_are_ignored(ward: WardOnTrial) -> None:
    ward.event('asystole', bed=9, admission=ward.admission())
    assert ward.alarms(bed=9) == []


def test_the_first_patient_of_a_ward_is_given_time_for_the_processing() -> None:
    ward = WardOnTrial(admit=())
    ward.run(60)
    ward.move(Presence.ADMITTED)
    ward.run(8)
    assert ward.alarms(bed=WARD) == []
    ward.run(0.25)
    assert ward.states('vitals_lost', WARD) == [ACTIVE]


def test_delays_and_margins_are_settings() -> None:
    ward = WardOnTrial(settings=Settings(limit_delay_s=0.0, extreme_delay_s=2.0, hysteresis=5.0))
    ward.run(10)
    ward.hearts.update({1: 122.0, 2: 170.0})
    ward.run(1)
    assert ward.states('hr_high') == [ACTIVE]
    assert 'extreme_tachycardia' not in [a.code for a in ward.alarms(bed=2)]
    ward.hearts[1] = 116.0
    ward.run(2)
    assert ward.states('hr_high') == [ACTIVE]
    assert ward.states('extreme_tachycardia', bed=2) == [ACTIVE]


@pytest.mark.parametrize('code', CODES)
def test_every_code_can_be_raised_acknowledged_and_ended(ward: WardOnTrial, code: str) -> None:
    board = ward.desk.engine.board
    alarm = board.begin(Cause(code, 1, text_arguments=('132', '120', '/min')), ward.now)
    assert '{' not in alarm.text
    board.acknowledge(alarm.id, 'nurse_1', ward.now)
    board.end(1, code, ward.now)
    assert alarm.state is CLEARED
    again = board.begin(Cause(code, 1, text_arguments=('132', '120', '/min')), ward.now)
    board.end(1, code, ward.now, at_once=True)
    assert again.state is (LATCHED if alarm.kind.latching else CLEARED)


def test_only_life_threats_forced_drawers_and_lost_state_latch() -> None:
    assert {name for name, code in CODES.items() if code.latching} == {
        'asystole',
        'drawer_forced',
        'extreme_bradycardia',
        'extreme_tachycardia',
        'state_lost',
    }
    assert CODES['leads_off'].category is Category.TECHNICAL
