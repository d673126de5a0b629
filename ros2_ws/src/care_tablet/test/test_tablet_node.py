# SPDX-License-Identifier: Apache-2.0
"""The node between real topics and a real WebSocket client."""

import array
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from unittest import mock

import httpx
import pytest
from care_msgs.msg import (
    Alarm,
    AlarmList,
    Heartbeat,
    Limits,
    Patient,
    VitalSign,
    VitalSigns,
    Waveform,
    WaveformChannel,
)
from care_node import graph
from care_node.testing import probing, running, wait_until
from care_tablet import frames, ward_link
from care_tablet.node import TabletNode
from websockets.sync.client import connect

PIN = '246810'
COMMAND_S = 2.0


class Page:
    """A page in a thread: keeps what comes, ticks, sends commands."""

    def __init__(self, port, cookie=''):
        origin = f'http://127.0.0.1:{port}'
        headers = {'Cookie': f'care_session={cookie}'} if cookie else {}
        self.socket = connect(
            f'ws://127.0.0.1:{port}/ws', origin=origin, additional_headers=headers, legacy=True
        )
        self.texts, self.frames = [], []
        self.socket.send('{"type":"hello","protocol":1,"boot":null,"last":{}}')
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for frame in self.socket:
            if isinstance(frame, str):
                self.texts.append(json.loads(frame))
                if self.texts[-1]['type'] == 'status':
                    self.socket.send('{"type":"tick"}')
            else:
                self.frames.append(frames.decode(frame))

    def of_type(self, kind):
        return [text for text in self.texts if text['type'] == kind]

    def command(self, cmd, args, command_id=None):
        frame = {'type': 'command', 'id': command_id or str(uuid.uuid4()), 'cmd': cmd, 'args': args}
        before = len(self.of_type('ack'))
        start = time.monotonic()
        self.socket.send(json.dumps(frame))
        wait_until(lambda: len(self.of_type('ack')) > before, 30, 'an ack')
        return self.of_type('ack')[-1], time.monotonic() - start

    def node_state(self, name):
        status = self.of_type('status')
        states = {n['node']: n['state'] for n in status[-1]['nodes']} if status else {}
        return states.get(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.thread.join()


def try_pin(port):
    origin = f'http://127.0.0.1:{port}'
    content = {'user': 'demo', 'pin': PIN}
    return httpx.post(f'{origin}/api/login', json=content, headers={'Origin': origin}, timeout=20)


def log_in(port):
    answer = try_pin(port)
    assert answer.status_code == 200, answer.text
    return answer.cookies['care_session']


@pytest.fixture
def parameters(tmp_path):
    (tmp_path / 'pin').write_text(PIN)
    (tmp_path / 'web').mkdir()
    (tmp_path / 'web' / 'index.html').write_text('<title>Ward</title>')
    return {
        'port': 0,
        'beds': [1, 2],
        'web_dir': str(tmp_path / 'web'),
        'demo_pin_file': str(tmp_path / 'pin'),
        'state_dir': str(tmp_path / 'state'),
    }


def turn(node, transition):
    """Carry out a transition where the node's own callbacks run, as its service does."""
    wait_until(node.executor.create_task(transition).done, 20, 'the transition')


def waveform(number):
    channel = WaveformChannel(
        name='ecg_ii', unit='mV', rate_hz=250.0, first_index=number * 10,
        samples=array.array('f', [number / 100] * 10),
    )  # fmt: skip
    return Waveform(bed=1, channels=[channel])


def test_waveforms_numbers_and_alarms_reach_a_page(parameters):
    with running(TabletNode, parameters) as node, probing() as probe:
        waves = probe.publisher(graph.WAVEFORM, bed=1)
        vitals = probe.publisher(graph.VITALS, bed=1)
        alarms = probe.publisher(graph.ALARMS)
        for publisher in (waves, vitals, alarms):
            probe.matched(publisher)
        with Page(node.port) as page:
            wait_until(lambda: page.of_type('hello'), 15, 'hello')
            for number in range(25):
                waves.publish(waveform(number))
                time.sleep(0.02)
            sign = VitalSign(kind=VitalSign.HEART_RATE, value=72.0, unit='/min')
            vitals.publish(VitalSigns(bed=1, signs=[sign]))
            alarms.publish(AlarmList(alarms=[Alarm(id='a1', bed=1, priority=Alarm.HIGH)]))
            wait_until(lambda: page.of_type('alarms'), 3 * 1.0, 'the alarm on the page')
            wait_until(lambda: len(page.frames) == 25, 15, 'all frames')
            wait_until(lambda: page.of_type('vitals'), 15, 'vitals')
            wait_until(
                lambda: any(s['vitals_age']['1'] is not None for s in page.of_type('status')),
                15,
                'age',
            )
        assert page.of_type('vitals')[0]['signs'][0]['value'] == 72.0
        assert page.of_type('alarms')[0]['alarms'][0]['priority'] == 'HIGH'
        assert [frame.sequence for frame in page.frames] == list(range(25))
        assert [f.channels[0].first_index for f in page.frames] == list(range(0, 250, 10))
        assert page.of_type('hello')[0]['beds'][1] == {'bed': 2, 'name': 'Bed 2'}
        assert page.of_type('status')[-1]['vitals_age']['2'] is None


def whole(bed):
    return bed['restored'] and bed['patient'] and bed['patient']['state'] == 'ADMITTED'


def test_latched_state_from_before_activation_reaches_a_page(parameters):
    with probing() as probe:
        patient = probe.publisher(graph.PATIENT, bed=1)
        limits = probe.publisher(graph.LIMITS, bed=1)
        patient.publish(Patient(bed=1, state=Patient.ADMITTED, admission_id='x'))
        limits.publish(Limits(bed=1, admission_id='x', restored=True))
        with running(TabletNode, parameters, activate=False) as node:
            turn(node, node.trigger_configure)
            time.sleep(1.0)
            turn(node, node.trigger_activate)
            with Page(node.port) as page:
                wait_until(lambda: page.of_type('bed'), 15, 'a bed')
                wait_until(lambda: whole(page.of_type('bed')[-1]), 15, 'patient and limits')


def test_a_message_of_another_bed_is_not_shown(parameters):
    with running(TabletNode, parameters) as node, probing() as probe:
        vitals = probe.publisher(graph.VITALS, bed=2)
        probe.matched(vitals)
        with Page(node.port) as page:
            wait_until(lambda: page.of_type('hello'), 15, 'hello')
            vitals.publish(VitalSigns(bed=1))
            vitals.publish(VitalSigns(bed=2))
            wait_until(lambda: page.of_type('vitals'), 15, 'vitals')
            assert [text['bed'] for text in page.of_type('vitals')] == [2]


def test_a_node_whose_counter_stands_still_is_shown_as_silent_within_3_s(parameters):
    with running(TabletNode, parameters) as node, probing() as probe:
        beats = probe.publisher(graph.HEARTBEAT)
        probe.matched(beats)
        with Page(node.port) as page:
            wait_until(lambda: page.node_state('vitals') == 'SILENT', 15, 'never heard: silent')
            beat = Heartbeat(node='/ward/vitals', boot_id='b', state=Heartbeat.ACTIVE)

            def alive():
                beat.turns += 1
                beats.publish(beat)
                return page.node_state('vitals') == page.node_state('tablet') == 'ACTIVE'

            wait_until(alive, 15, 'vitals, and itself, shown as active')

            def standing():
                beats.publish(beat)  # messages come, but the counter stands still
                time.sleep(0.1)
                return page.node_state('vitals') == 'SILENT'

            wait_until(standing, 3 * 3.0, 'vitals shown as silent')


def test_commands_reach_the_services_and_leave_a_journal(parameters, tmp_path):
    asked, codes = set(), ['ok']

    def acknowledge(request, response):
        # A request without an answer in time is sent again, under its id.
        asked.add((request.alarm_id, request.user, request.request_id))
        response.accepted, response.code = True, codes[-1]
        return response

    def set_limits(request, response):
        response.accepted, response.code = False, 'admission_changed'
        response.text = 'Another patient lies there.'
        return response

    # A slow machine is not a silent ward.
    patience = mock.patch.object(ward_link, '_LAST_WAIT_S', 15.0)
    with patience, running(TabletNode, parameters) as node, probing() as probe:
        for service, answer in ((graph.ACKNOWLEDGE, acknowledge), (graph.SET_LIMITS, set_limits)):
            probe.node.create_service(graph.load_type(service.type), service.name, answer)
        cookie = log_in(node.port)
        with Page(node.port, cookie) as page:
            command_id = str(uuid.uuid4())
            ack, _ = page.command('acknowledge', {'alarm_id': 'a1'}, command_id)
            assert (ack['accepted'], ack['id']) == (True, command_id)
            codes.append('asked once more')
            again, _ = page.command('acknowledge', {'alarm_id': 'a1'}, command_id)
            assert again == ack
            limit = {
                'kind': 'heart_rate', 'extreme_low': 30, 'low': 50, 'high': 90, 'extreme_high': 150,
            }  # fmt: skip
            args = {'bed': 1, 'admission_id': 'old', 'limits': [limit]}
            ack, _ = page.command('set_limits', args)
            assert (ack['accepted'], ack['code']) == (False, 'admission_changed')
            assert ack['text'] == 'Another patient lies there.'
    assert asked == {('a1', 'demo', command_id)}
    from care_tablet.journal import Journal

    journal = Journal(tmp_path / 'state' / 'tablet_journal.sqlite')
    lines = [(line.action, line.user, line.result) for line in journal.lines()]
    assert lines == [
        ('login', 'demo', 'ok'),
        ('acknowledge', 'demo', 'ok'),
        ('set_limits', 'demo', 'admission_changed'),
    ]
    assert journal.first_broken() is None


SERVER = """
import rclpy
from care_msgs.srv import AcknowledgeAlarm
rclpy.init()
node = rclpy.create_node('alarms', namespace='/ward')
def answer(request, response):
    response.accepted, response.code = True, 'ok'
    return response
node.create_service(AcknowledgeAlarm, 'alarms/acknowledge', answer)
print('serving', flush=True)
rclpy.spin(node)
"""


@contextmanager
def serving():
    process = subprocess.Popen(
        [sys.executable, '-c', SERVER], stdout=subprocess.PIPE, env=os.environ, text=True
    )
    try:
        assert process.stdout.readline() == 'serving\n'
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_after_a_kill_a_command_fails_clearly_and_a_retry_reaches_the_new_process(parameters):
    with running(TabletNode, parameters) as node, Page(node.port, log_in(node.port)) as page:
        with serving():
            wait_until(
                lambda: page.command('acknowledge', {'alarm_id': 'a1'})[0]['code'] == 'ok',
                30,
                'an answer',
            )
        command_id = str(uuid.uuid4())
        ack, seconds = page.command('acknowledge', {'alarm_id': 'a2'}, command_id)
        assert (ack['accepted'], ack['code']) == (False, 'no_answer')
        assert 1.5 < seconds < 3 * COMMAND_S
        with serving():
            # The new process is discovered within some 3 s; until then a try fails as above.
            wait_until(
                lambda: page.command('acknowledge', {'alarm_id': 'a2'}, command_id)[0]['accepted'],
                30,
                'an answer of the new process',
            )


def test_the_page_is_served_before_activation_and_the_port_is_free_after_clean_up(parameters):
    with running(TabletNode, parameters, activate=False) as node:
        turn(node, node.trigger_configure)
        url = f'http://127.0.0.1:{node.port}/'
        assert 'Ward' in httpx.get(url, timeout=20).text
        with Page(node.port) as page:
            wait_until(lambda: page.of_type('status'), 15, 'status')
        turn(node, node.trigger_cleanup)
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, timeout=20)
        turn(node, node.trigger_configure)
        url = f'http://127.0.0.1:{node.port}/'
        assert httpx.get(url, timeout=20).status_code == 200


def test_numbers_go_on_over_a_deactivation_so_that_a_page_stays_in_step(parameters):
    with running(TabletNode, parameters) as node, probing() as probe:
        waves = probe.publisher(graph.WAVEFORM, bed=1)
        with Page(node.port) as page:
            wait_until(lambda: page.of_type('hello'), 15, 'hello')
            for start in (0, 5):
                probe.matched(waves)
                for number in range(start, start + 5):
                    waves.publish(waveform(number))
                wait_until(lambda end=start + 5: len(page.frames) == end, 15, 'frames')
                if start == 0:
                    node.executor.create_task(node.trigger_deactivate)
                    wait_until(lambda: not waves.get_subscription_count(), 15, 'no reader')
                    node.executor.create_task(node.trigger_activate)
        assert [frame.sequence for frame in page.frames] == list(range(10))


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'host': '0.0.0.0'}, 'no encryption'),
        ({'demo_pin_file': '/proc/version'}, '6 digits'),
        ({'state_dir': '/proc/nowhere'}, 'cannot be opened'),
    ],
)
def test_what_cannot_work_is_refused_with_a_cure(parameters, change, words):
    with running(TabletNode, {**parameters, **change}, activate=False) as node:
        turn(node, node.trigger_configure)
        assert words in node.fault


def test_a_port_in_use_is_refused_and_names_the_cure(parameters):
    with running(TabletNode, parameters) as first:
        taken = {**parameters, 'port': first.port, 'state_dir': ''}
        with running(TabletNode, taken, activate=False) as second:
            turn(second, second.trigger_configure)
            assert 'in use' in second.fault
            assert 'port:=' in second.fault


def test_nobody_can_log_in_without_users(parameters):
    with running(TabletNode, {**parameters, 'demo_pin_file': ''}) as node:
        assert try_pin(node.port).status_code == 401
