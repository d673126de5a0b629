# SPDX-License-Identifier: Apache-2.0
"""A node with one of everything, as rclpy sees it.

The executable comes from the C++ tests' build; ctest names it in CARE_RCL_PROBE.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('care_msgs.msg', reason='the workspace is not built')

from builtin_interfaces.msg import Time
from care_msgs.msg import Heartbeat
from care_node.testing import probing, wait_until
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from diagnostic_msgs.srv import AddDiagnostics
from lifecycle_msgs.msg import State, TransitionEvent
from lifecycle_msgs.srv import (
    ChangeState,
    GetAvailableStates,
    GetAvailableTransitions,
    GetState,
)
from rcl_interfaces.msg import Log, Parameter, ParameterEvent, ParameterType, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from type_description_interfaces.srv import GetTypeDescription

EXECUTABLE = os.environ.get('CARE_RCL_PROBE', '')
pytestmark = pytest.mark.skipif(not EXECUTABLE, reason='run by ctest, which builds what it needs')

LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
DECLARED = [
    'count',
    'fixed',
    'group.texts',
    'limit',
    'outcome',
    'recovery',
    'speed',
    'start_type_description_service',
    'use_sim_time',
]


class Peer:
    """The other side of the node under test."""

    def __init__(self, node: Node, name: str) -> None:
        self.node = node
        self.name = name
        self.said = self.hear(self.topic('out'), KeyValue)
        self.log = self.hear('/rosout', Log, LATCHED)
        self.tells = self.node.create_publisher(KeyValue, self.topic('in'), 10)

    def topic(self, name: str) -> str:
        """Return the full name of a topic in the node's namespace."""
        return f'{self.name.rpartition("/")[0]}/{name}'

    def hear(self, topic: str, kind: type, qos: QoSProfile | int = 400) -> list[Any]:
        """Return a list that grows as messages come."""
        heard: list[Any] = []
        self.node.create_subscription(kind, topic, heard.append, qos)
        return heard

    def ask(self, service: str, kind: Any, **fields: Any) -> Any:
        """Call a service of the node under test; ~ is its name."""
        client = self.node.create_client(kind, service.replace('~', self.name))
        try:
            wait_until(client.service_is_ready, 20, service)
            future = client.call_async(kind.Request(**fields))
            wait_until(future.done, 20, f'an answer of {service}')
            return future.result()
        finally:
            self.node.destroy_client(client)

    def tell(self, key: str, value: str) -> None:
        self.tells.publish(KeyValue(key=key, value=value))

    def set(self, *, atomically: bool = False, **values: object) -> Sequence[Any]:
        """Set parameters; return the results."""
        changes = [Parameter(name=name, value=as_value(value)) for name, value in values.items()]
        if atomically:
            answer = self.ask(
                '~/set_parameters_atomically', SetParametersAtomically, parameters=changes
            )
            return [answer.result]
        return list(self.ask('~/set_parameters', SetParameters, parameters=changes).results)

    def number(self, name: str) -> float:
        """Return the value of a parameter that is a number."""
        value = self.ask('~/get_parameters', GetParameters, names=[name]).values[0]
        return float(value.double_value)

    def transit(
        self, label: str, outcome: str = 'true', recovery: str = 'true'
    ) -> tuple[bool, str]:
        """Change the state, its work ending so; return whether it was done, and the state."""
        assert all(each.successful for each in self.set(outcome=outcome, recovery=recovery))
        request = ChangeState.Request()
        request.transition.label = label
        done = self.ask('~/change_state', ChangeState, transition=request.transition).success
        return done, self.ask('~/get_state', GetState).current_state.label


def as_value(value: object) -> ParameterValue:
    if isinstance(value, bool):
        return ParameterValue(type=ParameterType.PARAMETER_BOOL, bool_value=value)
    if isinstance(value, int):
        return ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=value)
    if isinstance(value, float):
        return ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=value)
    if isinstance(value, str):
        return ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=value)
    assert isinstance(value, list)
    return ParameterValue(type=ParameterType.PARAMETER_STRING_ARRAY, string_array_value=value)


@contextmanager
def started(name: str, *arguments: str) -> Iterator[Peer]:
    """Run the node under this full name with ROS arguments; it ends with exit status 0."""
    space, _, own = name.rpartition('/')
    rename = ['-r', f'__ns:={space}', '-r', f'__node:={own}']
    with (
        probing('/peer') as probe,
        subprocess.Popen(
            [EXECUTABLE, '--ros-args', *rename, *arguments], stdin=subprocess.PIPE
        ) as process,
    ):
        try:
            peer = Peer(probe.node, name)
            wait_until(peer.tells.get_subscription_count, 20, 'the node')
            wait_until(lambda: probe.node.count_publishers(peer.topic('out')), 20, 'its answers')
            yield peer
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(20) == 0
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope='module')
def peer() -> Iterator[Peer]:
    with started('/here/rcl_probe', '--log-level', 'here.rcl_probe:=debug') as peer:
        yield peer


@pytest.fixture(scope='module')
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Return a second node: renamed, with parameter files, without type descriptions."""
    everybody = tmp_path_factory.mktemp('params') / 'all.yaml'
    everybody.write_text('/**:\n  ros__parameters:\n    speed: 0.2\n    limit: 0.8\n    more: 1\n')
    own = everybody.with_name('own.yaml')
    own.write_text(
        '/there/other:\n  ros__parameters:\n'
        '    speed: 0.3\n    start_type_description_service: false\n'
    )
    files = ['--params-file', str(everybody), '--params-file', str(own)]
    with started('/there/other', '-r', 'now:=later', *files) as peer:
        yield peer


def logged(peer: Peer, level: int, text: str) -> Callable[[], bool]:
    return lambda: any(m.level == level and text in m.msg for m in peer.log)


# Node, publisher, subscription, service, timer ------------------------------------------------


def test_what_is_published_is_taken_and_answered_in_order(peer: Peer) -> None:
    for number in range(5):
        peer.tell('number', f'{number} größer')
    wait_until(lambda: len([m for m in peer.said if m.key == 'number']) == 5, 15, 'five answers')
    assert [m.value for m in peer.said if m.key == 'number'] == [f'{n} größer' for n in range(5)]


def test_a_service_answers(peer: Peer) -> None:
    answer = peer.ask('~/shout', AddDiagnostics, load_namespace='hey')
    assert (answer.success, answer.message) == (True, 'hey!')


def test_a_request_whose_work_throws_gets_no_answer_and_the_next_one_does(peer: Peer) -> None:
    client = peer.node.create_client(AddDiagnostics, '/here/rcl_probe/shout')
    wait_until(client.service_is_ready, 20, 'the service')
    unanswered = client.call_async(AddDiagnostics.Request(load_namespace=''))
    wait_until(logged(peer, Log.ERROR, 'nothing to shout'), 15, 'the error in the log')
    assert peer.ask('~/shout', AddDiagnostics, load_namespace='hey').success
    assert not unanswered.done()
    peer.node.destroy_client(client)


def test_a_message_whose_work_throws_is_logged_and_the_next_one_is_taken(peer: Peer) -> None:
    peer.tell('throw', 'a bad message')
    wait_until(logged(peer, Log.ERROR, 'a bad message'), 15, 'the error in the log')
    peer.tell('after', 'it')
    wait_until(lambda: any(m.key == 'after' for m in peer.said), 15, 'the next message')


def test_a_timer_keeps_its_period(peer: Peer) -> None:
    times = peer.hear('/here/now', Time)
    wait_until(lambda: len(times) >= 21, 15, 'twenty periods')
    first, last = (times[i].sec + times[i].nanosec * 1e-9 for i in (0, 20))
    assert 0.9 < last - first < 3.0  # 50 ms each


def test_names_are_remapped(other: Peer) -> None:
    assert other.ask('/there/other/shout', AddDiagnostics, load_namespace='hey').success
    assert ('other', '/there') in other.node.get_node_names_and_namespaces()
    later = other.hear('/there/later', Time)
    wait_until(lambda: later, 15, 'the renamed topic')


# Log, heartbeat, diagnostics --------------------------------------------------------------------


def test_rosout_carries_name_level_text_and_time(peer: Peer) -> None:
    for word, level in (('debug', Log.DEBUG), ('warn', Log.WARN), ('fatal', Log.FATAL)):
        peer.tell(word, f'a {word} of 100 %s')
        wait_until(logged(peer, level, f'a {word} of 100 %s'), 15, word)
    entry = next(m for m in peer.log if m.msg.startswith('a warn'))
    assert entry.name == 'here.rcl_probe'
    assert entry.stamp.sec > 1_600_000_000


def test_the_heartbeat_tells_state_turns_inputs_and_fault(peer: Peer) -> None:
    beats = peer.hear('/here/heartbeat', Heartbeat)
    wait_until(lambda: len(beats) >= 6, 15, 'heartbeats')
    assert beats[5].turns > beats[0].turns
    assert beats[0].node == '/here/rcl_probe'
    assert beats[0].state == State.PRIMARY_STATE_UNCONFIGURED
    assert [(i.name, i.age) for i in beats[0].inputs] == [('in', 0.25)]
    assert re.fullmatch(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', beats[0].boot_id)
    assert beats[0].fault == ''
    peer.tell('fault', 'no hands')
    wait_until(lambda: beats[-1].fault == 'no hands', 15, 'the fault')
    peer.tell('fault', '')


def test_diagnostics_come_each_second_with_a_line_a_part(peer: Peer) -> None:
    everybody = peer.hear('/diagnostics', DiagnosticArray)

    def own() -> list[Any]:
        return [m for m in everybody if m.status[0].name == '/here/rcl_probe: work']

    wait_until(lambda: len(own()) >= 2, 15, 'diagnostics')
    heard = own()
    (line,) = heard[0].status
    assert (line.level, line.message) == (DiagnosticStatus.WARN, 'it limps')
    assert line.hardware_id == os.uname().nodename
    assert line.values[0].key == 'turns'
    between = [m.header.stamp.sec + m.header.stamp.nanosec * 1e-9 for m in heard[:2]]
    assert 0.5 < between[1] - between[0] < 3.0


# Parameters -------------------------------------------------------------------------------------


def test_parameters_are_listed_by_prefix_and_depth(peer: Peer) -> None:
    everything = peer.ask('~/list_parameters', ListParameters).result
    assert (list(everything.names), list(everything.prefixes)) == (DECLARED, ['group'])
    flat = peer.ask('~/list_parameters', ListParameters, depth=1).result
    assert list(flat.names) == [name for name in DECLARED if '.' not in name]
    group = peer.ask('~/list_parameters', ListParameters, prefixes=['group']).result
    assert list(group.names) == ['group.texts']


def test_parameters_are_described_with_type_range_and_read_only(peer: Peer) -> None:
    names = ['speed', 'count', 'fixed', 'no_such']
    speed, count, fixed, unknown = peer.ask(
        '~/describe_parameters', DescribeParameters, names=names
    ).descriptors
    assert (speed.type, speed.read_only) == (ParameterType.PARAMETER_DOUBLE, False)
    assert speed.floating_point_range[0].from_value == 0.1
    assert speed.description == 'Some speed [m/s]'
    assert count.integer_range[0].to_value == 10
    assert fixed.read_only
    assert unknown.type == ParameterType.PARAMETER_NOT_SET
    types = peer.ask('~/get_parameter_types', GetParameterTypes, names=names).types
    assert list(types) == [3, 2, 4, 0]


def test_a_parameter_is_set_announced_and_read(peer: Peer) -> None:
    events = peer.hear('/parameter_events', ParameterEvent)
    (result,) = peer.set(speed=0.75)
    assert result.successful, result.reason
    assert peer.number('speed') == 0.75

    def announced() -> bool:
        return any(
            event.node == '/here/rcl_probe'
            and [(p.name, p.value.double_value) for p in event.changed_parameters]
            == [('speed', 0.75)]
            for event in events
        )

    wait_until(announced, 15, 'the event')
    wait_until(lambda: any(m.key == 'changed' for m in peer.said), 15, 'the call to the node')


def test_lists_and_whole_numbers_are_taken(peer: Peer) -> None:
    results = peer.set(**{'group.texts': ['c'], 'limit': 1, 'count': 10})
    assert [r.successful for r in results] == [True] * 3
    assert peer.number('limit') == 1.0


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'speed': math.nan}, 'finite'),
        ({'speed': math.inf}, 'finite'),
        ({'speed': 1.5}, 'at most 1'),
        ({'speed': 0.05}, 'at least 0.1'),
        ({'speed': 'fast'}, 'a number'),
        ({'count': 1.5}, 'a whole number'),
        ({'count': 11}, 'at most 10'),
        ({'outcome': 'maybe'}, 'one of true false throw'),
        ({'fixed': 'y'}, 'read only'),
        ({'start_type_description_service': False}, 'read only'),
        ({'sped': 0.5}, 'Did you mean "speed"?'),
    ],
)
def test_a_wrong_value_is_refused_with_its_reason(
    peer: Peer, change: dict[str, object], words: str
) -> None:
    before = peer.number('speed')
    (result,) = peer.set(**change)
    assert not result.successful
    assert words in result.reason
    assert peer.number('speed') == before


def test_the_node_itself_may_refuse_values_that_do_not_go_together(peer: Peer) -> None:
    assert all(r.successful for r in peer.set(speed=0.3, limit=0.4))
    (result,) = peer.set(speed=0.5)
    assert (result.successful, result.reason) == (False, 'speed is over limit')
    (result,) = peer.set(atomically=True, speed=0.5, limit=0.9)
    assert result.successful, result.reason


def test_set_atomically_takes_all_or_nothing(peer: Peer) -> None:
    assert all(r.successful for r in peer.set(speed=0.3, limit=0.9))
    (result,) = peer.set(atomically=True, speed=0.6, count=99)
    assert not result.successful
    assert peer.number('speed') == 0.3
    assert [r.successful for r in peer.set(speed=0.6, count=99)] == [True, False]
    assert peer.number('speed') == 0.6


def test_a_wrong_override_ends_the_start_and_names_cause_and_cure(tmp_path: Path) -> None:
    file = tmp_path / 'params.yaml'
    file.write_text('/here/rcl_probe:\n  ros__parameters:\n    sped: 0.3\n')
    command = [EXECUTABLE, '--ros-args', '--params-file', str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert 'no parameter "sped"' in ended.stderr
    assert 'Did you mean "speed"?' in ended.stderr


def test_of_parameter_files_the_later_wins(other: Peer) -> None:
    assert (other.number('speed'), other.number('limit')) == (0.3, 0.8)


def test_use_sim_time_switched_at_run_time_follows_clock(peer: Peer) -> None:
    times = peer.hear('/here/now', Time)
    clock = peer.node.create_publisher(Clock, '/clock', qos_profile_sensor_data)
    wait_until(clock.get_subscription_count, 15, 'a reader of /clock')

    def reads(seconds: int) -> Callable[[], bool]:
        def read() -> bool:
            clock.publish(Clock(clock=Time(sec=seconds, nanosec=7)))
            return bool(times) and (times[-1].sec, times[-1].nanosec) == (seconds, 7)

        return read

    try:
        assert peer.set(use_sim_time=True)[0].successful
        wait_until(reads(1000), 15, 'simulated time')
        wait_until(reads(500), 15, 'simulated time set back')
    finally:
        assert peer.set(use_sim_time=False)[0].successful
    wait_until(lambda: times[-1].sec > 1_600_000_000, 15, "the system's time")
    peer.node.destroy_publisher(clock)


# Type descriptions ------------------------------------------------------------------------------


def test_the_types_of_the_node_are_described_as_it_has_them(peer: Peer) -> None:
    (info,) = (
        i for i in peer.node.get_publishers_info_by_topic('/here/out') if i.node_name == 'rcl_probe'
    )
    answer = peer.ask(
        '~/get_type_description',
        GetTypeDescription,
        type_name='diagnostic_msgs/msg/KeyValue',
        type_hash=str(info.topic_type_hash),
        include_type_sources=True,
    )
    assert answer.successful, answer.failure_reason
    description = answer.type_description.type_description
    assert [field.name for field in description.fields] == ['key', 'value']
    assert answer.type_sources
    unknown = peer.ask(
        '~/get_type_description',
        GetTypeDescription,
        type_name='no_msgs/msg/Such',
        type_hash='RIHS01_' + 64 * '0',
    )
    assert not unknown.successful
    assert unknown.failure_reason


def test_without_start_type_description_service_there_is_none(peer: Peer, other: Peer) -> None:
    def served(by: Peer, service: str) -> bool:
        return f'{by.name}/{service}' in dict(other.node.get_service_names_and_types())

    wait_until(lambda: served(peer, 'get_type_description'), 15, 'the service of the one')
    wait_until(lambda: served(other, 'shout'), 15, 'services of the other')
    assert not served(other, 'get_type_description')


# Life cycle -------------------------------------------------------------------------------------


@pytest.fixture
def unconfigured(peer: Peer) -> Iterator[Peer]:
    """Return the node, which the test leaves where it wants."""
    yield peer
    for label in ('deactivate', 'cleanup'):
        peer.transit(label)
    assert peer.ask('~/get_state', GetState).current_state.label == 'unconfigured'


def test_the_life_cycle_goes_round_and_tells_its_changes(unconfigured: Peer) -> None:
    peer = unconfigured
    events = peer.hear('/here/rcl_probe/transition_event', TransitionEvent)
    wait_until(
        lambda: peer.node.count_publishers('/here/rcl_probe/transition_event'), 15, 'its events'
    )
    assert peer.transit('configure') == (True, 'inactive')
    assert peer.transit('activate') == (True, 'active')
    wait_until(lambda: len(events) >= 4, 15, 'four changes')
    ways = [(e.start_state.label, e.goal_state.label) for e in events[-4:]]
    assert ways[0] == ('unconfigured', 'configuring')
    assert ways[3] == ('activating', 'active')
    assert peer.transit('deactivate') == (True, 'inactive')
    assert peer.transit('cleanup') == (True, 'unconfigured')


def test_a_transition_may_be_asked_for_by_number(unconfigured: Peer) -> None:
    request = ChangeState.Request()
    request.transition.id = 1
    assert unconfigured.ask('~/change_state', ChangeState, transition=request.transition).success


def test_states_and_transitions_are_listed(peer: Peer) -> None:
    states = peer.ask('~/get_available_states', GetAvailableStates).available_states
    assert {'unconfigured', 'inactive', 'active', 'finalized', 'errorprocessing'} <= {
        state.label for state in states
    }
    now = peer.ask('~/get_available_transitions', GetAvailableTransitions)
    assert {t.transition.label for t in now.available_transitions} == {'configure', 'shutdown'}
    graph = peer.ask('~/get_transition_graph', GetAvailableTransitions)
    assert len(graph.available_transitions) > 20


def test_a_transition_that_does_not_start_here_is_refused(peer: Peer) -> None:
    assert peer.transit('activate') == (False, 'unconfigured')
    wait_until(logged(peer, Log.WARN, 'Refused transition'), 15, 'the warning')


def test_work_that_is_not_possible_leaves_the_state_as_it_was(unconfigured: Peer) -> None:
    peer = unconfigured
    assert peer.transit('configure', 'false') == (False, 'unconfigured')
    peer.transit('configure')
    assert peer.transit('activate', 'false') == (False, 'inactive')
    assert peer.transit('cleanup', 'false') == (False, 'inactive')
    peer.transit('activate')
    assert peer.transit('deactivate', 'false') == (False, 'active')


@pytest.mark.parametrize('way', [['configure'], ['configure', 'activate']])
def test_work_that_throws_recovers_to_unconfigured(unconfigured: Peer, way: list[str]) -> None:
    peer = unconfigured
    events = peer.hear('/here/rcl_probe/transition_event', TransitionEvent)
    wait_until(
        lambda: peer.node.count_publishers('/here/rcl_probe/transition_event'), 15, 'its events'
    )
    for label in way[:-1]:
        peer.transit(label)
    assert peer.transit(way[-1], 'throw') == (False, 'unconfigured')
    wait_until(
        lambda: [e.goal_state.label for e in events[-2:]] == ['errorprocessing', 'unconfigured'],
        15,
        'the way through error processing',
    )
    wait_until(logged(peer, Log.ERROR, f'Cannot {way[-1]}: told to throw'), 15, 'the error')
    assert peer.transit('configure') == (True, 'inactive')
