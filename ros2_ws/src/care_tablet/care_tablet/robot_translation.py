# SPDX-License-Identifier: Apache-2.0
"""Between the robot's messages and the parts of the `robot` frame. Knows fields, no nodes."""

from __future__ import annotations

import math
import uuid
from typing import Any

from care_msgs.action import ExecuteTask
from care_msgs.msg import DrawerState, SafetyState, Task
from care_node.transforms import Pose

from care_tablet.translation import PRIORITIES, number, origin, word

SAFETY_STATES = {
    getattr(SafetyState, name): name
    for name in (
        'INIT', 'INACTIVE', 'READY', 'MOVING', 'LIMITED', 'PROTECTIVE_STOP', 'STOPPED', 'ESTOP',
        'FAULT',
    )
}  # fmt: skip
TASK_STATES = {
    getattr(Task, name): name
    for name in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'CANCELLED', 'FAILED', 'REFUSED')
}
DRAWER_STATES = {
    getattr(DrawerState, name): name for name in ('UNKNOWN', 'LOCKED', 'UNLOCKED', 'OPEN', 'FORCED')
}


def safety(message: Any) -> dict[str, Any]:
    """Return the part of a SafetyState message."""
    return {
        'state': word(SAFETY_STATES, message.state),
        'reasons': list(message.reasons),
        'watched': [
            {'name': item.name, 'age': number(item.age), 'ok': item.ok} for item in message.watched
        ],
        'boot': message.boot_id,
        'origin': origin(message.origin.value),
    }


def odometry(message: Any) -> Pose:
    """Return the pose of an Odometry message."""
    return _pose(message.pose.pose.position, message.pose.pose.orientation)


def shift(message: Any) -> Pose | None:
    """Return the pose of odom in map of a TFMessage, None when it says nothing of that."""
    for transform in reversed(message.transforms):
        parent, child = transform.header.frame_id, transform.child_frame_id
        # Frames may carry the robot's name as a prefix.
        if parent.rsplit('/', 1)[-1] == 'map' and child.rsplit('/', 1)[-1] == 'odom':
            return _pose(transform.transform.translation, transform.transform.rotation)
    return None


def _pose(place: Any, turn: Any) -> Pose:
    pose = Pose((place.x, place.y, place.z), (turn.x, turn.y, turn.z, turn.w))
    if not all(map(math.isfinite, (*pose.translation, *pose.rotation))):
        raise ValueError('a pose that is not finite')
    return pose


def battery(message: Any) -> float | None:
    """Return the charge of a BatteryState message, 0..1; None when it is not measured."""
    charge = number(message.percentage)
    return None if charge is None or not 0.0 <= charge <= 1.0 else charge


def tasks(message: Any) -> list[dict[str, Any]]:
    """Return the part of a TaskList message."""
    return [
        {
            'id': task_id(task.id),
            'type': task.type,
            'bed': task.bed,
            'user': task.user,
            'state': word(TASK_STATES, task.state),
            'progress': number(task.progress),
            'remaining_s': number(task.remaining_s),
            'code': task.code,
            'text': task.text,
        }
        for task in message.tasks
    ]


def task_id(message: Any) -> str:
    """Return a UUID message as text."""
    return str(uuid.UUID(bytes=bytes(message.uuid)))


def estop(message: Any) -> dict[str, Any]:
    """Return the part of an EstopSense message."""
    return {
        'engaged': message.engaged,
        'readable': message.readable,
        'reason': message.reason,
    }


def drawers(message: Any) -> dict[str, Any]:
    """Return the part of a DrawersState message."""
    return {
        'drawers': [
            {'drawer': drawer.drawer, 'state': word(DRAWER_STATES, drawer.state)}
            for drawer in message.drawers
        ],
        'locks_enabled': message.locks_enabled,
        'drawers_reason': message.reason,
    }


def lights(message: Any) -> dict[str, Any]:
    """Return the part of a LightsState message; priority None when the bar shows no alarm."""
    return {'priority': PRIORITIES.get(message.priority)}


def goal(
    kind: str, bed: int, user: str, request_id: str, issued: float, expires: float
) -> ExecuteTask.Goal:
    """Return the goal of a nurse's command; times in ROS seconds."""
    message = ExecuteTask.Goal(type=kind, bed=bed, user=user)
    message.id.uuid = list(uuid.UUID(request_id).bytes)
    for stamp, value in ((message.issued, issued), (message.expires, expires)):
        stamp.sec = int(value)
        stamp.nanosec = int(value % 1.0 * 1e9)
    return message
