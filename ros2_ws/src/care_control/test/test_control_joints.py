# SPDX-License-Identifier: Apache-2.0
"""The built control node: joints go where a trajectory says, and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import SafetyState
from care_node import graph, qos
from care_node.testing import wait_until
from control_process import ALONE, DEACTIVATE, Robot, control
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

PAN, TILT = 'head_pan_joint', 'head_tilt_joint'


class Joints:
    """Sends joints somewhere and watches them."""

    def __init__(self, robot: Robot) -> None:
        self.robot = robot
        self._seen: list[Any] = robot.probe.collect(graph.JOINT_STATES)
        self._out = robot.probe.node.create_publisher(
            JointTrajectory, 'joint_trajectory', qos.NAMES['command']
        )
        robot.probe.matched(self._out)
        wait_until(lambda: self._seen and PAN in self._seen[-1].name, 10, 'joint states')

    def go(self, **positions: float) -> None:
        point = JointTrajectoryPoint(positions=list(positions.values()))
        self._out.publish(JointTrajectory(joint_names=list(positions), points=[point]))

    def at(self, name: str) -> float:
        newest = self._seen[-1]
        return float(newest.position[list(newest.name).index(name)])


@pytest.fixture
def joints() -> Iterator[Joints]:
    with control(ALONE) as robot:
        robot.wait_state(SafetyState.READY, 10)
        yield Joints(robot)


def test_a_joint_goes_where_it_is_sent_and_the_others_stay(joints: Joints) -> None:
    joints.go(head_pan_joint=0.8)
    wait_until(lambda: abs(joints.at(PAN) - 0.8) < 0.02, 10, 'pan at 0.8 rad')
    assert abs(joints.at(TILT)) < 0.02


def test_a_joint_is_never_sent_beyond_its_limit(joints: Joints) -> None:
    joints.go(head_tilt_joint=5.0)
    wait_until(lambda: joints.at(TILT) > 0.9, 10, 'tilt near its end')
    time.sleep(1.0)
    assert joints.at(TILT) <= 1.0 + 0.01


def test_a_senseless_trajectory_moves_nothing_and_is_counted(joints: Joints) -> None:
    joints.go(wing_joint=0.5)
    joints.go(head_pan_joint=float('nan'))
    counted = 'refused joint trajectories'
    wait_until(lambda: joints.robot.counted(counted) >= 1, 10, counted)
    time.sleep(0.5)
    assert abs(joints.at(PAN)) < 0.02


def test_joints_do_not_move_while_the_node_is_not_active(joints: Joints) -> None:
    assert joints.robot.change(DEACTIVATE)
    joints.robot.wait_state(SafetyState.INACTIVE)
    joints.go(head_pan_joint=0.8)
    refused = joints.robot.call('control/home_joints', Trigger, Trigger.Request())
    assert not refused.success
    assert 'INACTIVE' in refused.message
    time.sleep(1.0)
    assert abs(joints.at(PAN)) < 0.02
