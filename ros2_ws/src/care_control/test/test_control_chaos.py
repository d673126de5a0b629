# SPDX-License-Identifier: Apache-2.0
"""Whatever dies, hangs, floods or lies about the time: the base comes to rest and says why."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import SafetyState
from care_node import qos
from care_node.testing import wait_until
from control_process import ALONE, Robot, control
from geometry_msgs.msg import TwistStamped
from rcl_interfaces.srv import ListParameters
from rosgraph_msgs.msg import Clock

SPEED = 0.5  # m/s
PROTECTIVE = 2.0  # m/s^2, as the node has it without a params file
ORDINARY, JERK = 1.0, 3.0  # m/s^2, m/s^3
#: Silence is noticed after 0.25 s; on top come the period, braking and its jerk [m].
WAY_WITHOUT_COMMANDS = (
    SPEED * 3 * (0.25 + 0.04) + SPEED**2 / (2 * ORDINARY) + SPEED * ORDINARY / (2 * JERK) + 0.02
)
#: Processes of their own, so that they can be killed and stopped as real nodes are.
PEER = """
import sys, rclpy
from care_msgs.msg import Heartbeat
from rclpy.node import Node
rclpy.init()
node = Node('tasks', namespace='/robot_1')
out = node.create_publisher(Heartbeat, 'heartbeat', 10)
beat = Heartbeat(node='/robot_1/tasks', boot_id=str(sys.argv[1]), state=Heartbeat.ACTIVE)
def send():
    beat.turns += 1
    out.publish(beat)
node.create_timer(0.1, send)
rclpy.spin(node)
"""
COMMANDER = """
import sys, time, rclpy
from care_node import qos
from geometry_msgs.msg import TwistStamped
from rclpy.node import Node
rclpy.init()
node = Node('commander', namespace='/robot_1')
out = node.create_publisher(TwistStamped, 'cmd_vel', qos.NAMES['command'])
message = TwistStamped()
message.header.frame_id = 'base_link'
message.twist.linear.x = float(sys.argv[1])
period = float(sys.argv[2])
while True:
    message.header.stamp = node.get_clock().now().to_msg()
    out.publish(message)
    if period:
        time.sleep(period)
"""


@contextmanager
def process(program: str, *words: object) -> Iterator[subprocess.Popen[bytes]]:
    made = subprocess.Popen([sys.executable, '-c', program, *map(str, words)])
    try:
        yield made
    finally:
        made.send_signal(signal.SIGCONT)
        made.kill()
        made.wait(10)


def seconds(stamp: Any) -> float:
    return float(stamp.sec + stamp.nanosec * 1e-9)


def first_change(robot: Robot, state: int) -> float:
    """Return the stamp of the first message of the newest run of a state."""
    stamp = math.nan
    for message in reversed(robot.safety):
        if message.state != state:
            break
        stamp = seconds(message.header.stamp)
    return stamp


def way_since(robot: Robot, stamp: float) -> float:
    """Return how far the base has gone since a stamp [m]."""
    places = [(seconds(m.header.stamp), m.pose.pose.position.x) for m in robot.odometry]
    at = next((x for t, x in places if t >= stamp), places[-1][1])
    return abs(places[-1][1] - at)


def assert_rests_within_its_braking_distance(robot: Robot, state: int) -> None:
    robot.wait_state(state, 30)
    robot.wait_rest(30)
    # Braking had begun when the state was published; the rest is the wheels' lag.
    assert way_since(robot, first_change(robot, state)) <= SPEED**2 / (2 * PROTECTIVE) + 0.02


def drive(robot: Robot) -> None:
    wait_until(lambda: robot.speed() > 0.95 * SPEED, 30, f'motion; {robot.reasons()}')


@pytest.mark.parametrize('ill', [signal.SIGKILL, signal.SIGSTOP], ids=['killed', 'stopped'])
def test_a_required_node_that_dies_or_hangs_stops_the_base_and_is_named(
    ill: signal.Signals,
) -> None:
    with (
        control({**ALONE, 'required_heartbeats': '[tasks]'}) as robot,
        process(PEER, 'first') as peer,
    ):
        robot.wait_state(SafetyState.READY, 30)
        with robot.commanding(SPEED):
            drive(robot)
            peer.send_signal(ill)
            fell_ill = time.time()
            assert_rests_within_its_braking_distance(robot, SafetyState.PROTECTIVE_STOP)
            assert first_change(robot, SafetyState.PROTECTIVE_STOP) - fell_ill < 3 * 1.2
            assert 'No sign of life of /robot_1/tasks' in robot.reasons()
            peer.send_signal(signal.SIGCONT)
            with process(PEER, 'second') if ill == signal.SIGKILL else _nothing():
                robot.wait_state(SafetyState.READY, 30)
                time.sleep(0.5)
                assert robot.speed() == 0, 'a stream that went on through a stop moves nothing'


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@pytest.mark.parametrize('ill', [signal.SIGKILL, signal.SIGSTOP], ids=['killed', 'stopped'])
def test_a_commander_that_dies_or_hangs_leaves_the_base_at_rest(ill: signal.Signals) -> None:
    with control(ALONE) as robot, process(COMMANDER, SPEED, 0.04) as commander:
        drive(robot)
        commander.send_signal(ill)
        killed = time.time()
        robot.wait_rest(30)
        assert way_since(robot, killed) < WAY_WITHOUT_COMMANDS
        wait_until(
            lambda: any(w.name == 'cmd_vel' and w.age > 0.25 for w in robot.safety[-1].watched),
            30,
            'the age of the last command',
        )
        robot.wait_state(SafetyState.READY)
        if ill == signal.SIGSTOP:
            before = robot.counted('cmd_vel accepted')
            commander.send_signal(signal.SIGCONT)
            wait_until(lambda: robot.counted('cmd_vel accepted') > before, 30, 'new commands')


def test_a_flood_of_commands_neither_delays_a_stop_nor_starves_the_node() -> None:
    with control(ALONE) as robot:
        # As fast as two processes can: 10 kHz and more on an idle machine.
        with process(COMMANDER, SPEED, 0) as one, process(COMMANDER, SPEED, 0) as two:
            drive(robot)
            time.sleep(1.0)
            assert max(m.twist.linear.x for m in robot.applied) <= SPEED + 1e-6
            accepted = robot.counted('cmd_vel accepted')
            wait_until(
                lambda: robot.counted('cmd_vel accepted') > accepted, 30, 'diagnostics go on'
            )
            names = robot.call('control/list_parameters', ListParameters, ListParameters.Request())
            assert 'max_linear' in names.result.names
            robot.stop(True)
            pressed = time.time()
            assert_rests_within_its_braking_distance(robot, SafetyState.STOPPED)
            assert first_change(robot, SafetyState.STOPPED) - pressed < 3 * 0.1
            assert 'Stopped' in robot.reasons()
            assert one.poll() is None
            assert two.poll() is None
        robot.stop(False)
        wait_until(lambda: robot.reset().accepted, 30, 'a reset')


class SimulatedTime:
    """A /clock that runs, and jumps when told; commands are stamped by it."""

    def __init__(self, robot: Robot) -> None:
        self.now = 1000.0
        self.commanding = False
        self._robot = robot
        node = robot.probe.node
        self._clock = node.create_publisher(Clock, '/clock', qos.NAMES['sensor'])
        self._commands = node.create_publisher(TwistStamped, 'cmd_vel', qos.NAMES['command'])
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        last = time.monotonic()
        turn = 0
        while not self._ending.wait(0.01):
            now = time.monotonic()
            self.now += now - last
            last = now
            clock = Clock()
            clock.clock.sec, clock.clock.nanosec = divmod(int(self.now * 1e9), 10**9)
            self._clock.publish(clock)
            turn += 1
            if self.commanding and turn % 4 == 0:
                message = self._robot.twist(SPEED)
                message.header.stamp = clock.clock
                self._commands.publish(message)

    def end(self) -> None:
        self._ending.set()
        self._thread.join()


@pytest.mark.parametrize('jump', [3600.0, -3600.0], ids=['forth', 'back'])
def test_a_jump_of_the_clock_moves_nothing_and_driving_goes_on_later(jump: float) -> None:
    with control({**ALONE, 'use_sim_time': 'true'}) as robot:
        clock = SimulatedTime(robot)
        try:
            clock.now = 10_000.0
            clock.commanding = True
            drive(robot)
            fastest = len(robot.applied)
            clock.now += jump
            # Stamps and clock jump together: what was sent before is refused, speed never rises.
            time.sleep(1.0)
            assert max(m.twist.linear.x for m in robot.applied[fastest:]) <= SPEED + 1e-6
            clock.commanding = False
            robot.wait_rest(30)
            robot.wait_state(SafetyState.READY)
            time.sleep(1.0)
            clock.commanding = True
            drive(robot)
            clock.commanding = False
            robot.wait_rest(30)
        finally:
            clock.end()


@pytest.mark.parametrize(('age', 'reason'), [(3600.0, 'expired'), (-3600.0, 'from the future')])
def test_a_commander_whose_clock_goes_wrong_leaves_the_base_at_rest_and_is_counted(
    age: float, reason: str
) -> None:
    with control(ALONE) as robot:
        with robot.commanding(SPEED):
            drive(robot)
        went_wrong = time.time()
        _send_for(0.5, lambda: robot.send(robot.twist(SPEED, age=age)))
        robot.wait_rest(30)
        assert way_since(robot, went_wrong) < WAY_WITHOUT_COMMANDS
        wait_until(lambda: robot.counted(f'cmd_vel {reason}') > 0, 30, reason)
        _send_for(0.5, lambda: robot.send(robot.twist(SPEED, age=age)))
        assert robot.speed() == 0


def _send_for(duration: float, send: Callable[[], None]) -> None:
    end = time.monotonic() + duration
    while time.monotonic() < end:
        send()
        time.sleep(0.04)
