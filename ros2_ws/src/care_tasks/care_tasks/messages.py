# SPDX-License-Identifier: Apache-2.0
"""Between ROS messages and what the logic works with."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from care_msgs.action import ExecuteTask
from care_msgs.msg import SafetyState
from care_node.transforms import Pose
from geometry_msgs.msg import TransformStamped, TwistStamped
from nav_msgs.msg import Odometry
from tf2_msgs.msg import TFMessage

from care_tasks.path_follower import Velocity
from care_tasks.refusals import Command

_STATES = {
    getattr(SafetyState, name): name
    for name in (
        'INIT', 'INACTIVE', 'READY', 'MOVING', 'LIMITED', 'PROTECTIVE_STOP', 'STOPPED', 'ESTOP',
        'FAULT',
    )
}  # fmt: skip


def command(goal: ExecuteTask.Goal) -> Command:
    """Return the command that a goal stands for."""
    return Command(goal.type, goal.bed, _seconds(goal.issued), _seconds(goal.expires))


def pose(odometry: Odometry) -> Pose:
    """Return the pose in odom."""
    where, turn = odometry.pose.pose.position, odometry.pose.pose.orientation
    return Pose((where.x, where.y, where.z), (turn.x, turn.y, turn.z, turn.w))


def state_name(safety: SafetyState) -> str:
    """Return the name of control's state, 'UNKNOWN' for one of a newer version."""
    return _STATES.get(safety.state, 'UNKNOWN')


def twist(velocity: Velocity, stamp: Time) -> TwistStamped:
    """Return the command to control."""
    message = TwistStamped()
    message.header.stamp = stamp
    message.header.frame_id = 'base_footprint'
    message.twist.linear.x = velocity.forward
    message.twist.angular.z = velocity.turn
    return message


def map_to_odom(shift: Pose, stamp: Time) -> TFMessage:
    """Return the transform from map to odom."""
    message = TransformStamped(child_frame_id='odom')
    message.header.stamp = stamp
    message.header.frame_id = 'map'
    where, turn = message.transform.translation, message.transform.rotation
    where.x, where.y, where.z = shift.translation
    turn.x, turn.y, turn.z, turn.w = shift.rotation
    return TFMessage(transforms=[message])


def _seconds(stamp: Time) -> float:
    return float(stamp.sec) + stamp.nanosec * 1e-9
