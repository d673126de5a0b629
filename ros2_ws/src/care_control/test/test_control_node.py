# SPDX-License-Identifier: Apache-2.0
"""The built control node: driving, stopping, refusing, parameters."""

from __future__ import annotations

import itertools
import math
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import Heartbeat, SafetyState, Stop
from care_msgs.srv import SetMode
from care_node import graph, qos
from care_node.testing import probing, wait_until
from control_process import ALONE, Robot, arguments, control
from geometry_msgs.msg import TwistStamped
from rcl_interfaces.msg import Parameter, ParameterEvent, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)


@pytest.fixture(scope='module')
def shared() -> Iterator[Robot]:
    with control(ALONE) as robot:
        yield robot


@pytest.fixture
def robot(shared: Robot) -> Robot:
    """Return the shared robot, at rest, READY, commanded by nobody."""
    shared.stop(False)
    shared.call('control/set_mode', SetMode, SetMode.Request(mode=SetMode.Request.AUTONOMOUS))
    shared.wait_rest(15)
    reset(shared)
    return shared


def reset(robot: Robot) -> None:
    """Reset the latches as soon as control takes that, and wait until it is READY."""
    wait_until(lambda: robot.reset().accepted, 15, 'a reset')
    robot.wait_state(SafetyState.READY, 15)


def now_ns(robot: Robot) -> int:
    return int(robot.probe.node.get_clock().now().nanoseconds)


def test_a_command_drives_the_base_and_odometry_and_wheels_agree(robot: Robot) -> None:
    joints = robot.probe.collect(graph.JOINT_STATES)
    transforms = robot.probe.collect(graph.TF)
    wait_until(lambda: joints and transforms, 15, 'joints and transforms')
    start = robot.odometry[-1].pose.pose.position.x
    wheel = joints[-1].position[0]
    with robot.commanding(0.4):
        wait_until(lambda: robot.speed() == pytest.approx(0.4), 15, 'full speed')
        robot.wait_state(SafetyState.MOVING, 15)
    robot.wait_rest(15)
    way = robot.odometry[-1].pose.pose.position.x - start
    assert way > 0.1
    wait_until(lambda: abs((joints[-1].position[0] - wheel) * 0.1 - way) < 1e-3, 15, 'wheels agree')
    transform = transforms[-1].transforms[0]
    assert transform.header.frame_id == 'odom'
    assert transform.child_frame_id == 'base_footprint'
    assert transform.transform.translation.x == pytest.approx(
        robot.odometry[-1].pose.pose.position.x, abs=1e-3
    )
    assert joints[-1].name[:3] == ['wheel_left_joint', 'wheel_right_joint', 'lift_joint']


def test_too_fast_a_command_is_limited_and_the_state_says_so(robot: Robot) -> None:
    with robot.commanding(2.0):
        wait_until(lambda: robot.speed() == pytest.approx(0.6), 15, 'the limit')
        wait_until(
            lambda: robot.state() == SafetyState.LIMITED and 'at most 0.60 m/s' in robot.reasons(),
            15,
            'LIMITED, with the reason',
        )
        assert max(m.twist.linear.x for m in robot.applied) < 0.6001


def test_silence_of_commands_is_a_stop(
    robot: Robot, seconds_to_rest: Callable[[Robot, int], float]
) -> None:
    with robot.commanding(0.5):
        wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
    assert seconds_to_rest(robot, now_ns(robot)) < 3 * 1.2
    robot.wait_state(SafetyState.READY, 15)


def test_a_stop_latches_and_only_a_reset_and_a_fresh_command_move_again(robot: Robot) -> None:
    with robot.commanding(0.5):
        wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
        robot.stop(True, user='nurse_1')
        robot.wait_state(SafetyState.STOPPED, 15)
        robot.wait_rest(15)
        assert 'by nurse_1 at tablet' in robot.reasons()

        def both_block() -> bool:
            refused = robot.reset()
            assert not refused.accepted
            blocking = ' '.join(refused.still_blocking)
            return 'held by tablet' in blocking and 'still being sent' in blocking

        wait_until(both_block, 15, 'what blocks a reset')
        robot.stop(False)
        time.sleep(0.3)
        assert robot.state() == SafetyState.STOPPED
    reset(robot)
    time.sleep(0.5)
    assert robot.speed() == 0
    with robot.commanding(0.5):
        wait_until(lambda: robot.speed() > 0.1, 15, 'motion after a fresh command')


def test_a_stop_brings_the_base_to_rest_within_half_a_second(
    robot: Robot, seconds_to_rest: Callable[[Robot, int], float]
) -> None:
    with robot.commanding(0.6):
        wait_until(lambda: robot.speed() > 0.55, 15, 'motion')
        pressed_at = now_ns(robot)
        robot.stop(True)
        assert seconds_to_rest(robot, pressed_at) < 3 * 0.5
    robot.stop(False)


def test_a_reset_needs_a_person(robot: Robot) -> None:
    answer = robot.reset(user='')
    assert not answer.accepted
    assert 'name of the person' in answer.still_blocking[0]


@pytest.mark.parametrize(
    ('make', 'counter'),
    [
        (lambda r: r.twist(math.nan), 'cmd_vel not finite'),
        (lambda r: r.twist(-math.inf), 'cmd_vel not finite'),
        (lambda r: r.twist(0.5, age=0.3), 'cmd_vel expired'),
        (lambda r: r.twist(0.5, age=-1.0), 'cmd_vel from the future'),
        (lambda r: r.twist(0.5, frame='map'), 'cmd_vel wrong frame'),
    ],
)
def test_a_bad_command_is_refused_and_counted(
    robot: Robot, make: Callable[[Robot], TwistStamped], counter: str
) -> None:
    wait_until(lambda: robot.counted(counter) >= 0, 15, 'diagnostics')
    before = robot.counted(counter)

    def is_told() -> bool:
        # Sent again: a command that a busy machine holds up longer than it lives never arrives.
        robot.send(make(robot))
        time.sleep(1.2)
        return robot.counted(counter) > before

    wait_until(is_told, 15, counter)
    assert robot.state() == SafetyState.READY
    assert robot.speed() == 0


def test_a_replayed_command_is_refused_and_counted(robot: Robot) -> None:
    wait_until(lambda: robot.counted('cmd_vel replayed') >= 0, 15, 'diagnostics')
    before = robot.counted('cmd_vel replayed')
    robot.applied.clear()
    message = robot.twist(0.0)
    # Several: of two that wait together only the newer is kept, and a replay needs a first.
    for speed in (0.0, 0.0, 0.0, 0.5):
        message.twist.linear.x = speed
        robot.send(message)
        time.sleep(0.03)
    wait_until(lambda: robot.counted('cmd_vel replayed') > before, 15, 'counted')
    assert {sent.twist.linear.x for sent in robot.applied} == {0.0}


def test_teleop_moves_only_in_its_mode(robot: Robot) -> None:
    with robot.commanding(0.3, teleop=True):
        time.sleep(0.5)
        assert robot.speed() == 0
    request = SetMode.Request(mode=SetMode.Request.TELEOP, user='engineer')
    assert robot.call('control/set_mode', SetMode, request).accepted
    time.sleep(0.3)  # the pause before a fresh command
    with robot.commanding(0.3, teleop=True):
        wait_until(lambda: robot.speed() > 0.2, 15, 'motion by hand')
    refused = robot.call('control/set_mode', SetMode, SetMode.Request(mode=9))
    assert not refused.accepted
    assert refused.code == 'unknown_mode'


def test_the_heartbeat_carries_the_cycles_of_the_control_thread(robot: Robot) -> None:
    beats: list[Heartbeat] = robot.probe.collect(graph.ROBOT_HEARTBEAT)
    wait_until(lambda: len(beats) > 6, 20, 'heartbeats')
    assert beats[-1].node == '/robot_1/control'
    assert beats[-1].state == Heartbeat.ACTIVE
    assert beats[-1].boot_id == robot.safety[-1].boot_id
    steps = [b.turns - a.turns for a, b in itertools.pairwise(beats)]
    assert 100 < sorted(steps)[len(steps) // 2] < 300


def test_diagnostics_tell_how_late_the_loop_is(robot: Robot) -> None:
    def loop() -> Any:
        lines = [s for a in robot.diagnostics for s in a.status if s.name.endswith('control loop')]
        values = {pair.key: pair.value for pair in lines[-1].values} if lines else {}
        return values if int(values.get('cycles', '0')) > 1000 else None

    wait_until(loop, 20, 'the loop reports')
    values = loop()
    for kind in ('late', 'work'):
        spread = [float(values[f'{kind} {q} [us]']) for q in ('p50', 'p99', 'p99.9', 'max')]
        assert spread == sorted(spread)
        assert spread[0] > 0


def test_a_stop_is_not_hidden_by_what_another_source_says_at_the_same_moment(robot: Robot) -> None:
    others = [robot.probe.publisher(graph.STOP) for _ in range(2)]
    for publisher in others:
        robot.probe.matched(publisher)
    for _ in range(20):
        robot.wait_state(SafetyState.READY)
        others[0].publish(Stop(engaged=True, source='tablet', user='nurse_1', reason='in the way'))
        others[1].publish(Stop(engaged=False, source='other', user='nurse_2'))
        robot.wait_state(SafetyState.STOPPED)
        others[0].publish(Stop(engaged=False, source='tablet', user='nurse_1'))
        wait_until(lambda: robot.reset().accepted, 20, 'a reset')


def test_the_battery_is_in_its_range(robot: Robot) -> None:
    levels = robot.probe.collect(graph.BATTERY)
    wait_until(lambda: levels and levels[-1].voltage > 0, 15, 'a measured battery')
    assert 0 < levels[-1].percentage <= 0.9
    assert levels[-1].current < 0


def test_publishers_and_readers_have_the_qos_of_the_table(robot: Robot) -> None:
    rows = [t for t in graph.TOPICS if t.scope == 'robot' and '{' not in t.name]
    node = robot.probe.node

    def check_all() -> int:
        seen = 0
        for row in rows:
            name = f'/robot_1/{row.name}'
            ends = node.get_publishers_info_by_topic(name)
            for end in ends + node.get_subscriptions_info_by_topic(name):
                if end.node_name == 'control':
                    profile = qos.NAMES[row.qos]
                    assert end.topic_type == row.type
                    assert end.qos_profile.reliability == profile.reliability, name
                    assert end.qos_profile.durability == profile.durability, name
                    seen += 1
        return seen

    wait_until(lambda: check_all() >= 14, 15, 'all ends')
    assert check_all() == 14


# Parameters --------------------------------------------------------------------------------------


def number(name: str, value: float) -> Parameter:
    return Parameter(name=name, value=ParameterValue(type=3, double_value=value))


def test_parameters_are_listed_described_and_read(robot: Robot) -> None:
    listed = robot.call('control/list_parameters', ListParameters, ListParameters.Request())
    assert {'max_linear', 'required_heartbeats', 'use_sim_time'} <= set(listed.result.names)
    request = DescribeParameters.Request(names=['max_linear', 'wheel_radius'])
    live, fixed = robot.call('control/describe_parameters', DescribeParameters, request).descriptors
    assert live.floating_point_range[0].to_value == 1.2
    assert '[m/s]' in live.description
    assert not live.read_only
    assert fixed.read_only
    values = robot.call(
        'control/get_parameters', GetParameters, GetParameters.Request(names=['max_linear', 'none'])
    ).values
    assert values[0].double_value == 0.6
    assert values[1].type == 0


def test_a_live_parameter_acts_at_once_and_is_announced(robot: Robot) -> None:
    events: list[ParameterEvent] = []
    listening = robot.probe.node.create_subscription(
        ParameterEvent, '/parameter_events', events.append, 10
    )

    def put(value: float) -> Any:
        request = SetParameters.Request(parameters=[number('max_linear', value)])
        return robot.call('control/set_parameters', SetParameters, request).results[0]

    # Those of probe and control.
    wait_until(lambda: listening.get_publisher_count() >= 2, 15, 'a match')
    try:
        assert put(0.2).successful
        robot.applied.clear()
        with robot.commanding(0.5):
            wait_until(lambda: robot.applied and robot.speed() == pytest.approx(0.2), 15, '0.2 m/s')
            time.sleep(0.3)
            assert max(m.twist.linear.x for m in robot.applied) < 0.2001
        wait_until(
            lambda: 'max_linear' in [p.name for e in events for p in e.changed_parameters],
            15,
            'its announcement',
        )
        refused = put(1.3)
        assert not refused.successful
        assert 'at most 1.2' in refused.reason
        assert not put(math.nan).successful
    finally:
        assert put(0.6).successful


def test_a_declared_parameter_cannot_be_deleted(robot: Robot) -> None:
    nothing = Parameter(name='max_linear', value=ParameterValue(type=0))
    request = SetParameters.Request(parameters=[nothing])
    (result,) = robot.call('control/set_parameters', SetParameters, request).results
    assert not result.successful
    assert 'cannot be deleted' in result.reason


def test_a_set_of_parameters_is_taken_whole_or_not_at_all(robot: Robot) -> None:
    request = SetParametersAtomically.Request(
        parameters=[number('max_angular', 0.5), number('wheel_radius', 0.2)]
    )
    result = robot.call(
        'control/set_parameters_atomically', SetParametersAtomically, request
    ).result
    assert not result.successful
    assert 'read only' in result.reason
    values = robot.call(
        'control/get_parameters', GetParameters, GetParameters.Request(names=['max_angular'])
    ).values
    assert values[0].double_value == 1.0


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['-p', 'max_linaer:=0.5'], 'Did you mean "max_linear"?'),
        (['-p', 'max_linear:=9.0'], 'at most 1.2'),
        (['-p', 'max_linear:=fast'], 'it must be a number'),
        (['-p', 'joint_lower:=[0.0]'], 'differ in length'),
    ],
)
def test_bad_parameters_refuse_the_start_and_say_why(words: Sequence[str], said: str) -> None:
    done = subprocess.run(
        [*arguments({}), *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr


def test_an_unknown_key_in_a_file_is_ignored_for_all_and_refused_for_this_node(
    tmp_path: Path,
) -> None:
    for_all, own = tmp_path / 'all.yaml', tmp_path / 'own.yaml'
    for_all.write_text(
        '/**:\n  ros__parameters:\n    beds: [1, 2]\n    max_linear: 0.4\n'
        '    estop_required: false\n    required_heartbeats: []\n'
    )
    own.write_text('/robot_1/*:\n  ros__parameters:\n    wheel_radios: 0.1\n')
    files = ['--params-file', str(for_all), '--params-file', str(own)]
    done = subprocess.run(
        [*arguments({}), *files], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert 'wheel_radius' in done.stderr
    own.write_text('/**/control:\n  ros__parameters:\n    max_linear: 0.3\n')
    with probing('/robot_2') as probe:
        process = subprocess.Popen([*arguments({}, '/robot_2'), *files])
        try:
            robot = Robot(probe, process)
            request = GetParameters.Request(names=['max_linear'])
            answer = robot.call('control/get_parameters', GetParameters, request)
            assert answer.values[0].double_value == 0.3
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
