# SPDX-License-Identifier: Apache-2.0
"""Listens to the robot's topics for the node `tablet`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from care_node import graph
from care_node.node import CareNode
from rclpy.subscription import Subscription

from care_tablet import robot_translation

#: Odometry comes 50 times a second; pages get it 5 times [s].
_POSE_PERIOD_S = 0.1


class RobotListener:
    """Turns messages into parts of the `robot` frame."""

    def __init__(
        self,
        node: CareNode,
        part: Callable[[str, Any], None],
        picture: Callable[[bytes, float], None],
        running: Callable[[list[str]], None],
    ) -> None:
        """Begin without listening.

        Args:
            node: The node.
            part: Takes name and value of a part.
            picture: Takes a JPEG and its age on arrival [s].
            running: Takes the ids of the tasks that run.
        """
        self._node = node
        self._part = part
        self._picture = picture
        self._running = running
        self._pose_at = 0.0

    def listen(self) -> list[Subscription]:
        """Return the subscriptions."""
        return [
            self._plain(graph.SAFETY_STATE, 'safety', robot_translation.safety),
            self._plain(graph.BATTERY, 'battery', robot_translation.battery),
            self._plain(graph.ESTOP_SENSE, 'estop', robot_translation.estop),
            self._plain(graph.DRAWERS_STATE, 'drawers', robot_translation.drawers),
            self._plain(graph.LIGHTS_STATE, 'lights', robot_translation.lights),
            self._node.listen(graph.TASKS, self._take_tasks),
            self._node.listen(graph.ODOMETRY, self._take_odometry),
            self._node.listen(graph.TF_STATIC, self._take_fixed),
            self._node.listen(graph.VIEW, self._take_view),
        ]

    def _plain(
        self, topic: graph.Topic, part: str, translate: Callable[[Any], Any]
    ) -> Subscription:
        return self._node.listen(topic, lambda message: self._part(part, translate(message)))

    def _take_tasks(self, message: Any) -> None:
        tasks = robot_translation.tasks(message)
        self._running([task['id'] for task in tasks if task['state'] == 'RUNNING'])
        self._part('tasks', tasks)

    def _take_odometry(self, message: Any) -> None:
        now = time.monotonic()
        if now - self._pose_at >= _POSE_PERIOD_S:
            self._pose_at = now
            self._part('odometry', robot_translation.odometry(message))

    def _take_fixed(self, message: Any) -> None:
        shift = robot_translation.shift(message)
        if shift is not None:
            self._part('shift', shift)

    def _take_view(self, message: Any) -> None:
        if 'jp' not in message.format:
            raise ValueError(f'a view in format "{message.format}" cannot be shown')
        stamp = message.header.stamp
        taken = stamp.sec + stamp.nanosec * 1e-9
        # The stamp tells when the picture was taken; none, or one of another clock, tells nothing.
        delay = self._node.get_clock().now().nanoseconds * 1e-9 - taken if taken > 0 else 0.0
        self._picture(bytes(message.data), delay)
