# SPDX-License-Identifier: Apache-2.0
"""The built control node with what real hardware brings: a servo bus, and sensors on topics."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import Origin, SafetyState
from care_node import qos
from care_node.testing import wait_until
from control_process import ALONE, Robot, control
from dynamixel_bus import Bus, running
from dynamixel_servo import Servo
from sensor_msgs.msg import LaserScan, Range

LEFT, RIGHT, PAN = 11, 12, 14


def parameters(bus: Bus, **more: str) -> dict[str, str]:
    return {
        **ALONE,
        'hardware': 'dynamixel',
        'servo_port': str(bus.link),
        'servo_ids': f'[{LEFT}, {RIGHT}, {PAN}]',
        'servo_ratios': '[1.0, -1.0, 1.0]',
        'servo_zeros': '[0, 0, 2048]',
        'servo_turns': '[false, false, false]',
        # The simulated bus is a Python program on a busy machine.
        'servo_answer_timeout': '0.05',
        'servo_silence': '0.25',
        'servo_watchdog': '0.4',
        'joint_names': '[head_pan_joint]',
        'joint_lower': '[-2.6]',
        'joint_upper': '[2.6]',
        'joint_velocity': '[1.5]',
        'joint_acceleration': '[3.0]',
        'joint_jerk': '[20.0]',
        'joint_following_error': '[0.5]',
        'joint_following_time': '[1.0]',
        'joint_homing_speed': '[0.0]',
        'joint_home': '[0.0]',
        'lift_joint': "''",
        **more,
    }


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    with running(tmp_path / 'bus', [Servo(number) for number in (LEFT, RIGHT, PAN)]) as bus:
        yield bus


def test_servos_drive_the_base_and_a_pulled_plug_is_a_fault_until_reset(bus: Bus) -> None:
    with control(parameters(bus)) as robot:
        robot.wait_state(SafetyState.READY, 20)
        assert robot.safety[-1].origin.value == Origin.LIVE
        with robot.commanding(0.2):
            wait_until(lambda: robot.odometry[-1].twist.twist.linear.x > 0.15, 20, 'motion')
            bus.unplug()
            robot.wait_state(SafetyState.FAULT, 10)
        wait_until(lambda: robot.speed() == 0, 10, 'a command of zero')
        assert 'bus is lost' in robot.reasons()
        # What cannot be measured is not claimed to be known.
        wait_until(lambda: robot.odometry[-1].twist.covariance[0] > 1e3, 10, 'odometry in doubt')
        bus.plug()
        time.sleep(0.4)
        wait_until(lambda: robot.reset().accepted, 20, 'a reset once the bus is back')
        robot.wait_state(SafetyState.READY, 10)


def test_a_bus_that_is_not_there_is_told_and_the_node_lives(tmp_path: Path, bus: Bus) -> None:
    with control(parameters(bus, servo_port=str(tmp_path / 'none'))) as robot:
        robot.wait_state(SafetyState.FAULT, 20)
        assert 'bus is lost' in robot.reasons()
        wait_until(lambda: robot.line('actuators'), 10, 'diagnostics')
        assert 'bus is lost' in robot.line('actuators').message


class Sensors:
    """A scanner and one range sensor at the rear, as long as they are told to speak."""

    def __init__(self, robot: Robot) -> None:
        self.ahead = math.inf
        self.behind = math.inf
        self.speaking = True
        node = robot.probe.node
        self._node = node
        self._scan = node.create_publisher(LaserScan, 'scan', qos.NAMES['sensor'])
        self._range = node.create_publisher(Range, 'range/rear', qos.NAMES['sensor'])
        node.create_timer(0.05, self._speak)

    def _speak(self) -> None:
        if not self.speaking:
            return
        stamp: Any = self._node.get_clock().now().to_msg()
        scan = LaserScan(angle_min=-2.0, angle_increment=0.01, range_min=0.05, range_max=12.0)
        scan.header.stamp = stamp
        scan.ranges = [self.ahead if abs(i - 200) < 20 else math.inf for i in range(401)]
        self._scan.publish(scan)
        rear = Range(field_of_view=0.7, min_range=0.02, max_range=4.0, range=self.behind)
        rear.header.stamp = stamp
        self._range.publish(rear)


@contextmanager
def seeing(bus: Bus) -> Iterator[tuple[Robot, Sensors]]:
    places = {
        'scan_required': 'true',
        'range_names': '[rear]',
        'range_x': '[-0.28]',
        'range_y': '[0.0]',
        'range_yaw': '[3.14159]',
    }
    with control(parameters(bus, **places)) as robot:
        sensors = Sensors(robot)
        robot.wait_state(SafetyState.READY, 20)
        yield robot, sensors


def test_something_ahead_stops_the_base_and_a_free_way_lets_it_go_on(bus: Bus) -> None:
    with seeing(bus) as (robot, sensors):
        with robot.commanding(0.2):
            wait_until(lambda: robot.speed() > 0.15, 20, f'motion; {robot.reasons()}')
            sensors.ahead = 0.4
            robot.wait_rest(10)
            wait_until(lambda: 'too near ahead' in robot.reasons(), 10, 'the reason')
            sensors.ahead = math.inf
        time.sleep(1.5)
        with robot.commanding(0.2):
            wait_until(lambda: robot.speed() > 0.15, 20, f'motion; {robot.reasons()}')


def test_silent_sensors_stop_the_base_and_are_named(bus: Bus) -> None:
    with seeing(bus) as (robot, sensors), robot.commanding(0.2):
        wait_until(lambda: robot.speed() > 0.15, 20, f'motion; {robot.reasons()}')
        sensors.speaking = False
        robot.wait_rest(10)
        wait_until(lambda: 'Blind: no fresh laser scan, rear' in robot.reasons(), 10, 'reason')
