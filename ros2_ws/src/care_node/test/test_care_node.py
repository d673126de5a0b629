# SPDX-License-Identifier: Apache-2.0
"""The lifecycle base: what every node gets from it."""

import subprocess
import sys
from typing import Any

import pytest
from care_msgs.msg import Beat, Heartbeat, Patient
from care_msgs.srv import AcknowledgeAlarm
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode
from care_node.parameters import Parameter
from care_node.testing import probing, running, wait_until
from rclpy.parameter import Parameter as RosParameter

PARAMETERS = (
    Parameter('speed', 1.0, 'Playback speed', minimum=0.5, maximum=10.0),
    Parameter('gain', 1, 'Gain', minimum=1, maximum=8, live=True),
)


class EchoNode(CareNode):
    """Publishes each beat of bed 1 again as a beat of bed 2; refuses bed 13."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('echo', PARAMETERS, **kwargs)
        self.taken: list[int] = []
        self.admissions: list[str] = []

    def configure(self) -> None:
        if 13 in self.value('beds'):
            raise ConfigurationError('There is no bed 13.', 'Number the beds otherwise.')
        self.out = self.advertise(graph.BEAT, bed=2)
        self.listen(graph.BEAT, self.take, bed=1)
        self.listen(graph.PATIENT, lambda p: self.admissions.append(p.admission_id), bed=1)
        self.serve(graph.ACKNOWLEDGE, self.acknowledge)

    def take(self, beat: Beat) -> None:
        if beat.sample == 13:
            raise ValueError('unlucky sample')
        self.taken.append(beat.sample)
        self.out.publish(beat)

    def acknowledge(self, request: Any, response: Any) -> Any:
        if not request.alarm_id:
            raise KeyError('no alarm')
        response.accepted = True
        return response


def test_a_message_reaches_the_callback_only_while_active() -> None:
    with running(EchoNode, activate=False) as node, probing() as probe:
        node.trigger_configure()
        sender = probe.publisher(graph.BEAT, bed=1)
        probe.matched(sender)
        sender.publish(Beat(sample=1))
        turns = node.pulse.turns
        wait_until(lambda: node.pulse.turns > turns + 3, 20, 'three turns')
        node.trigger_activate()
        sender.publish(Beat(sample=2))
        wait_until(lambda: node.taken, 20, 'the second beat')
        assert node.taken == [2]


def test_a_latched_state_that_came_before_activation_is_handed_over_once() -> None:
    with running(EchoNode, activate=False) as node, probing() as probe:
        node.trigger_configure()
        sender = probe.publisher(graph.PATIENT, bed=1)
        probe.matched(sender)
        sender.publish(Patient(admission_id='a'))
        wait_until(lambda: node._held, 20, 'the state held back')
        assert node.admissions == []
        node.trigger_activate()
        node.trigger_deactivate()
        node.trigger_activate()
        assert node.admissions == ['a']


def test_a_failing_callback_is_counted_and_the_node_goes_on() -> None:
    with running(EchoNode) as node, probing() as probe:
        diagnostics = probe.collect(graph.DIAGNOSTICS)
        sender = probe.publisher(graph.BEAT, bed=1)
        probe.matched(sender)
        sender.publish(Beat(sample=13))
        sender.publish(Beat(sample=14))
        wait_until(lambda: node.taken == [14], 20, 'the beat after the bad one')

        def failure_reported() -> bool:
            return any(
                'unlucky sample' in status.message and status.values[0].value == '1'
                for array in diagnostics
                for status in array.status
            )

        wait_until(failure_reported, 20, 'the failure in /diagnostics')


def test_a_failing_service_answers_with_the_refusing_default() -> None:
    with running(EchoNode), probing() as probe:
        assert not probe.call(graph.ACKNOWLEDGE, AcknowledgeAlarm.Request()).accepted
        assert probe.call(graph.ACKNOWLEDGE, AcknowledgeAlarm.Request(alarm_id='a')).accepted


def test_the_heartbeat_counts_turns_and_names_the_age_of_inputs() -> None:
    with running(EchoNode) as node, probing() as probe:
        beats = probe.collect(graph.HEARTBEAT)
        wait_until(lambda: len(beats) >= 3, 20, 'three heartbeats')
        assert beats[-1].turns > beats[0].turns
        assert beats[-1].state == Heartbeat.ACTIVE
        assert beats[-1].node == '/ward/echo'
        assert beats[-1].inputs[0].name == 'bed_1/beat'
        assert beats[-1].inputs[0].age == float('inf')
        assert beats[-1].boot_id == node.pulse.boot_id


def test_a_refused_configuration_is_told_by_the_heartbeat() -> None:
    with running(EchoNode, {'beds': [13]}, activate=False) as node, probing() as probe:
        beats = probe.collect(graph.HEARTBEAT)
        node.trigger_configure()

        def refused() -> bool:
            return any('no bed 13' in b.fault and b.state == b.UNCONFIGURED for b in beats)

        wait_until(refused, 20, 'the fault')


def test_a_whole_number_is_taken_where_a_number_is_declared() -> None:
    with running(EchoNode, {'speed': 2}) as node:
        assert node.value('speed') == 2.0


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        ({'speed': 'fast'}, 'it must be a number'),
        ({'speed': 0.1}, 'at least 0.5'),
        ({'speed': float('nan')}, 'finite'),
        ({'gain': 9}, 'at most 8'),
        ({'gain': 1.5}, 'a whole number'),
        ({'beds': 3}, 'a list'),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_rule(overrides: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words), running(EchoNode, overrides):
        pass


def test_a_live_parameter_can_be_set_and_others_cannot() -> None:
    with running(EchoNode) as node:
        good = node.set_parameters([RosParameter('gain', value=3)])[0]
        too_large = node.set_parameters([RosParameter('gain', value=9)])[0]
        fixed = node.set_parameters([RosParameter('speed', value=3.0)])[0]
        assert good.successful
        assert node.value('gain') == 3
        assert not too_large.successful
        assert not fixed.successful


def test_an_unknown_parameter_stops_the_process_and_names_the_nearest() -> None:
    script = (
        'from care_node.node import run, CareNode\n'
        'from care_node.parameters import Parameter\n'
        'run(lambda: CareNode("echo", (Parameter("speed", 1.0, "Speed"),)))\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', script, '--ros-args', '-p', 'sped:=2.0'],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert 'no parameter "sped"' in done.stderr
    assert 'Did you mean "speed"?' in done.stderr


def test_a_transition_asked_for_twice_is_refused_and_ends_nothing() -> None:
    service = graph.Service('echo/change_state', 'lifecycle_msgs/srv/ChangeState', 'echo', (), '')
    configure = graph.load_type(service.type).Request()
    configure.transition.id = 1
    with running(EchoNode, activate=False) as node, probing() as probe:
        assert probe.call(service, configure).success
        assert not probe.call(service, configure).success
        turns = node.pulse.turns
        wait_until(lambda: node.pulse.turns > turns, 20, 'the node lives on')
