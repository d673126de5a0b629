# SPDX-License-Identifier: Apache-2.0
"""The node `alarms` in the graph: what it publishes, and when."""

import math
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from care_alarms.catalogue import EVENT_CODES
from care_alarms.node import AlarmsNode
from care_msgs.msg import Alarm, ClinicalEvent, Limit, Patient, VitalSign, VitalSigns
from care_msgs.srv import AcknowledgeAlarm, PauseAudio, SetLimits, SetPatient
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.testing import Probe, probing, running, wait_until

#: With a long grace, so that a slow machine does not add alarms about missing signals.
PARAMETERS = {'beds': [1, 2], 'admit_on_first_start': [1], 'grace': 30.0}


class Bedside:
    """What stands at bed 1, and what a nurse sees of it."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.lists = probe.collect(graph.ALARMS)
        self.patients = probe.collect(graph.PATIENT, bed=1)
        self.limits = probe.collect(graph.LIMITS, bed=1)
        self.watches = probe.collect(graph.WATCH, bed=1)
        self._vitals = probe.publisher(graph.VITALS, bed=1)
        self._events = probe.publisher(graph.EVENT, bed=1)
        state = (self.patients, self.limits, self.watches, self.lists)
        wait_until(lambda: all(state), 30, 'the state of bed 1')
        probe.matched(self._vitals)
        probe.matched(self._events)

    @property
    def admission(self) -> str:
        return str(self.patients[-1].admission_id)

    def send_heart_rate(self, rate: float, reason: int = VitalSign.OK) -> None:
        sign = VitalSign(kind=VitalSign.HEART_RATE, value=rate, unit='/min', reason=reason)
        sign.measured_at = self.probe.node.get_clock().now().to_msg()
        message = VitalSigns(bed=1, admission_id=self.admission, signs=[sign])
        message.header.stamp = sign.measured_at
        self._vitals.publish(message)

    def send_event(self, name: str, on: bool = True) -> None:
        event = ClinicalEvent(bed=1, admission_id=self.admission, name=name, on=on)
        event.header.stamp = event.onset = self.probe.node.get_clock().now().to_msg()
        self._events.publish(event)

    def alarm(self, code: str) -> Any:
        found = [a for a in self.lists[-1].alarms if a.code == code] if self.lists else []
        return found[0] if found else None

    def wait_for(self, code: str, state: int, act: Callable[[], None] = lambda: None) -> Any:
        """Wait for an alarm in a state, acting four times a second; return it as it was then."""
        alarm = None

        def seen() -> bool:
            nonlocal alarm
            act()
            time.sleep(0.25)
            alarm = self.alarm(code)
            return alarm is not None and alarm.state == state

        wait_until(seen, 20, f'{code} in state {state}')
        return alarm

    def acknowledge(self, alarm: Any, request: str = 'r1') -> Any:
        return self.probe.call(
            graph.ACKNOWLEDGE,
            AcknowledgeAlarm.Request(request_id=request, alarm_id=alarm.id, user='nurse_1'),
        )


@contextmanager
def bedside(**parameters: Any) -> Iterator[tuple[Bedside, Any]]:
    with running(AlarmsNode, PARAMETERS | parameters) as node, probing() as probe:
        yield Bedside(probe), node


def heart_rate_limits(*numbers: float) -> Limit:
    names = ('extreme_low', 'low', 'high', 'extreme_high')
    fields = dict(zip(names, map(float, numbers), strict=True))
    return Limit(kind=VitalSign.HEART_RATE, unit='/min', **fields)


def test_limits_set_by_service_are_latched_and_raise_the_alarm() -> None:
    with bedside() as (bed, _):
        request = SetLimits.Request(
            request_id='r1',
            bed=1,
            admission_id=bed.admission,
            user='charge_1',
            limits=[heart_rate_limits(35, 50, 90, 150)],
        )
        answer = bed.probe.call(graph.SET_LIMITS, request)
        assert (answer.accepted, answer.code) == (True, 'ok')
        wait_until(lambda: bed.limits[-1].set_by == 'charge_1', 20, 'the new limits')
        assert bed.limits[-1].limits[0].high == 90
        assert bed.limits[-1].defaults[0].high == 120
        alarm = bed.wait_for('hr_high', Alarm.ACTIVE, lambda: bed.send_heart_rate(95.0))
        assert alarm.text == 'Heart rate 95 above 90 /min'
        assert (alarm.text_key, list(alarm.text_arguments)) == (
            'alarm.hr_high',
            ['95', '90', '/min'],
        )
        assert (alarm.priority, alarm.type) == (Alarm.MEDIUM, Alarm.PHYSIOLOGICAL)
        bed.wait_for('hr_high', Alarm.CLEARED, lambda: bed.send_heart_rate(70.0))


def test_refused_limits_are_answered_in_words_and_change_nothing() -> None:
    with bedside() as (bed, _):
        request = SetLimits.Request(bed=1, admission_id=bed.admission, user='charge_1')
        request.limits = [heart_rate_limits(60, 50, 90, 150)]
        answer = bed.probe.call(graph.SET_LIMITS, request)
        assert (answer.accepted, answer.code) == (False, 'invalid_limits')
        assert 'extreme low limit 60 must be below the low limit 50' in answer.text
        assert bed.limits[-1].limits[0].high == 120


def test_an_event_is_published_at_once() -> None:
    took = []
    with bedside() as (bed, _):
        bed.send_heart_rate(70.0)
        for name in EVENT_CODES:
            sent = time.monotonic()
            bed.send_event(name)
            wait_until(lambda name=name: bed.alarm(name), 20, name)
            took.append(time.monotonic() - sent)
    # Goal 0.1 s, three times that on a noisy machine; the median, for it may stand still at times.
    assert statistics.median(took) < 0.3, took


def test_an_asystole_is_acknowledged_by_name() -> None:
    with bedside() as (bed, _):
        bed.send_event('asystole')
        alarm = bed.wait_for('asystole', Alarm.ACTIVE)
        assert alarm.priority == Alarm.HIGH
        assert math.isnan(alarm.value)
        first = bed.acknowledge(alarm)
        again = bed.acknowledge(alarm)
        assert first.accepted
        assert (again.code, again.text) == (first.code, first.text)
        acknowledged = bed.wait_for('asystole', Alarm.ACKNOWLEDGED)
        assert (acknowledged.id, acknowledged.acknowledged_by) == (alarm.id, 'nurse_1')


def test_a_pause_of_the_sound_is_shown_on_bed_and_alarm() -> None:
    with bedside() as (bed, _):
        bed.send_event('leads_off')
        bed.wait_for('leads_off', Alarm.ACTIVE)
        request = PauseAudio.Request(request_id='r1', bed=1, user='nurse_1', seconds=60.0)
        assert bed.probe.call(graph.PAUSE_AUDIO, request).accepted
        wait_until(lambda: bed.alarm('leads_off').audio_paused_until.sec, 20, 'the pause')
        states = {state.bed: state for state in bed.lists[-1].beds}
        assert (states[1].audio_paused_by, states[2].audio_paused_by) == ('nurse_1', '')


def test_the_snapshot_comes_each_second_with_a_sequence_and_a_boot_id() -> None:
    with bedside() as (bed, _):
        wait_until(lambda: len(bed.lists) > 3, 20, 'four snapshots')
        numbers = [message.sequence for message in bed.lists]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len({message.boot_id for message in bed.lists}) == 1
        boot = bed.lists[0].boot_id
    with bedside() as (bed, _):
        assert bed.lists[-1].boot_id not in ('', boot)


def test_a_late_reader_gets_the_state_of_the_ward() -> None:
    with bedside() as (bed, _), probing() as late:
        patients = late.collect(graph.PATIENT, bed=2)
        watches = late.collect(graph.WATCH, bed=1)
        wait_until(lambda: patients and watches, 20, 'latched state')
        assert patients[0].state == Patient.EMPTY
        assert patients[0].admission_id == ''
        assert (watches[0].watched, watches[0].reason) == (False, 'no camera at this bed yet')
        assert watches[0].admission_id == bed.admission


def test_discharge_and_admission_are_told_to_everyone() -> None:
    with bedside() as (bed, _):
        before = bed.admission
        bed.send_event('asystole')
        bed.wait_for('asystole', Alarm.ACTIVE)

        def set_patient(**fields: Any) -> Any:
            request = SetPatient.Request(bed=1, user='nurse_1', patient=Patient(**fields))
            return bed.probe.call(graph.SET_PATIENT, request)

        assert set_patient(state=Patient.EMPTY, admission_id=before).accepted
        wait_until(lambda: bed.patients[-1].state == Patient.EMPTY, 20, 'the discharge')
        wait_until(lambda: not bed.lists[-1].alarms, 20, 'no alarms')
        assert set_patient(state=9).code == 'invalid_patient'
        answer = set_patient(state=Patient.ADMITTED, category=Patient.NEONATAL)
        wait_until(lambda: bed.admission == answer.admission_id, 20, 'the admission')
        wait_until(
            lambda: bed.limits[-1].limits and bed.limits[-1].limits[0].high == 200, 20, 'its limits'
        )
        assert answer.admission_id not in ('', before)


def test_standby_is_visible() -> None:
    with bedside() as (bed, _):
        patient = Patient(state=Patient.STANDBY, admission_id=bed.admission)
        request = SetPatient.Request(bed=1, user='nurse_1', patient=patient)
        assert bed.probe.call(graph.SET_PATIENT, request).accepted

        def state() -> Any:
            return {s.bed: s for s in bed.lists[-1].beds}[1]

        wait_until(lambda: state().alarms_off, 20, 'alarms off')
        assert 'hr_high' in state().codes_off
        assert 'asystole' not in state().codes_off


def test_a_message_about_another_bed_is_ignored_and_counted_in_diagnostics() -> None:
    with bedside() as (bed, _):
        diagnostics = bed.probe.collect(graph.DIAGNOSTICS)
        event = ClinicalEvent(bed=2, admission_id=bed.admission, name='asystole', on=True)
        bed._events.publish(event)

        def count() -> str:
            for status in diagnostics[-1].status if diagnostics else []:
                if status.name == '/ward/alarms: ignored messages':
                    return str({v.key: v.value for v in status.values}['bed_1'])
            return ''

        wait_until(lambda: count() == '1', 20, 'the count')
        assert bed.alarm('asystole') is None


def test_a_disk_that_cannot_be_written_is_the_fault_of_the_node(tmp_path: Path) -> None:
    with bedside(state_dir=str(tmp_path)) as (bed, _):
        beats = bed.probe.collect(graph.HEARTBEAT)
        other = sqlite3.connect(tmp_path / 'alarms.sqlite', isolation_level=None)
        other.execute('BEGIN EXCLUSIVE')
        bed.send_event('leads_off')
        bed.wait_for('state_not_kept', Alarm.ACTIVE)
        wait_until(lambda: any('cannot be stored' in b.fault for b in beats), 20, 'the fault')
        other.execute('ROLLBACK')
        other.close()
        bed.wait_for('state_not_kept', Alarm.CLEARED)
        wait_until(lambda: beats[-1].fault == '', 20, 'the end of the fault')


def test_an_alarm_stays_when_the_node_is_deactivated_for_a_while() -> None:
    with running(AlarmsNode, PARAMETERS, activate=False) as node, probing() as probe:
        node.trigger_configure()
        node.trigger_activate()
        bed = Bedside(probe)
        bed.send_event('asystole')
        before = bed.wait_for('asystole', Alarm.ACTIVE)
        node.trigger_deactivate()
        sequence = node.sequence
        node.trigger_activate()
        wait_until(lambda: bed.lists[-1].sequence > sequence, 20, 'the next snapshot')
        assert bed.alarm('asystole').id == before.id
        assert bed.alarm('asystole').suppressed_by == 'not seen again yet'


def test_nothing_fails_while_the_node_waits_to_be_configured() -> None:
    with running(AlarmsNode, PARAMETERS, activate=False) as node, probing() as probe:
        diagnostics = probe.collect(graph.DIAGNOSTICS)
        wait_until(lambda: len(diagnostics) > 1, 20, 'diagnostics')
        assert node.fault == ''


def test_a_silent_processing_is_told_after_the_grace_period() -> None:
    with bedside(grace=1.0) as (bed, _):
        alarm = bed.wait_for('vitals_lost', Alarm.ACTIVE)
        assert (alarm.bed, alarm.priority, alarm.type) == (0, Alarm.HIGH, Alarm.TECHNICAL)
        bed.wait_for('vitals_lost', Alarm.CLEARED, lambda: bed.send_heart_rate(70.0))


def test_a_number_without_meaning_is_no_heart_rate() -> None:
    with bedside() as (bed, _):

        def send_nonsense() -> None:
            for number in (math.nan, -20.0, math.inf):
                bed.send_heart_rate(number)

        send_nonsense()
        bed.send_event('leads_off')
        bed.wait_for('leads_off', Alarm.ACTIVE, send_nonsense)
        assert {a.code for m in bed.lists for a in m.alarms if a.bed == 1} == {'leads_off'}


def test_a_bed_that_the_ward_has_not_is_refused_at_start() -> None:
    parameters = {'beds': [1, 2], 'admit_on_first_start': [3]}
    with running(AlarmsNode, parameters, activate=False) as node:
        node.trigger_configure()
        assert 'admit_on_first_start' in node.fault


def test_a_state_folder_that_cannot_be_used_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    parameters = PARAMETERS | {'state_dir': str(tmp_path / 'file')}
    with running(AlarmsNode, parameters, activate=False) as node:
        node.trigger_configure()
        assert 'cannot be opened' in node.fault


def test_a_delay_out_of_range_is_refused() -> None:
    parameters = PARAMETERS | {'limit_delay': 16.0}
    with (
        pytest.raises(ConfigurationError, match='limit_delay'),
        running(AlarmsNode, parameters),
    ):
        pass


def test_requests_before_the_start_are_refused() -> None:
    with running(AlarmsNode, PARAMETERS, activate=False) as node, probing() as probe:
        node.trigger_configure()
        request = PauseAudio.Request(bed=1, user='nurse_1', seconds=60.0)
        assert probe.call(graph.PAUSE_AUDIO, request).code == 'not_active'


PROCESS = """
import sys
import rclpy
from care_alarms.node import AlarmsNode
from rclpy.parameter import Parameter
rclpy.init()
values = {'beds': [1, 2], 'admit_on_first_start': [1], 'grace': 30.0, 'state_dir': sys.argv[1]}
overrides = [Parameter(name, value=value) for name, value in values.items()]
node = AlarmsNode(namespace='/ward', parameter_overrides=overrides)
node.trigger_configure()
node.trigger_activate()
rclpy.spin(node)
"""


@contextmanager
def process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, '-c', PROCESS, str(folder)])
    try:
        yield started
    finally:
        if started.poll() is None:
            os.kill(started.pid, signal.SIGKILL)
        started.wait()


def test_limits_and_acknowledgements_are_unchanged_by_kill_9(tmp_path: Path) -> None:
    with probing() as probe:
        with process(tmp_path):
            bed = Bedside(probe)
            request = SetLimits.Request(request_id='r0', bed=1, admission_id=bed.admission)
            request.user, request.limits = 'charge_1', [heart_rate_limits(33, 44, 111, 155)]
            assert probe.call(graph.SET_LIMITS, request).accepted
            alarm = bed.wait_for('hr_high', Alarm.ACTIVE, lambda: bed.send_heart_rate(140.0))
            assert bed.acknowledge(alarm).accepted
            before = bed.wait_for('hr_high', Alarm.ACKNOWLEDGED)
        admission, boot = bed.admission, bed.lists[-1].boot_id
        told = (len(bed.patients), len(bed.limits))
        with process(tmp_path):
            wait_until(lambda: bed.lists[-1].boot_id != boot, 30, 'the alarms after the restart')
            after = bed.alarm('hr_high')
            assert after.suppressed_by == 'not seen again yet'

            def seen_again() -> bool:
                nonlocal after
                # Sent until it is heard: the new process has yet to discover its sources.
                bed.send_heart_rate(140.0)
                time.sleep(0.25)
                after = bed.alarm('hr_high')
                return bool(after.suppressed_by == '')

            wait_until(seen_again, 20, 'the heart rate seen again')
            for field in ('id', 'state', 'acknowledged_by', 'acknowledged_at', 'announced', 'text'):
                assert getattr(after, field) == getattr(before, field)
            wait_until(
                lambda: len(bed.patients) > told[0] and len(bed.limits) > told[1],
                20,
                'patient and limits after the restart',
            )
            assert bed.limits[-1].restored
            assert bed.limits[-1].set_by == 'charge_1'
            assert bed.limits[-1].limits[0].high == 111
            assert bed.admission == admission
