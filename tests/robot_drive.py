# SPDX-License-Identifier: Apache-2.0
"""Commands the robot of a running stack and watches what it does."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from builtin_interfaces.msg import Time
from care_msgs.action import ExecuteTask
from care_msgs.msg import SafetyState, Stop
from care_msgs.srv import Reset
from care_node import graph
from care_node.testing import Probe, probing
from rclpy.action import ActionClient
from ward_stack import wait_for


class Driver:
    """A nurse's commands, without a page."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.safety: list[SafetyState] = probe.collect(graph.SAFETY_STATE)
        self.odometry: list[Any] = probe.collect(graph.ODOMETRY)
        self.applied: list[Any] = probe.collect(graph.CMD_VEL_APPLIED)
        self._stop = probe.publisher(graph.STOP)
        # A client lives as long as its goals may still be asked for.
        self._clients: list[ActionClient] = []

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until control would let the robot move."""
        wait_for(
            lambda: self.safety and self.odometry and self.safety[-1].state == SafetyState.READY,
            seconds,
            f'the robot READY; it says {self.reasons()}',
        )

    def reasons(self) -> str:
        """Return why the robot does not move."""
        return '; '.join(self.safety[-1].reasons) if self.safety else 'nothing'

    def speed(self) -> float:
        """Return the measured speed [m/s]."""
        return abs(float(self.odometry[-1].twist.twist.linear.x)) if self.odometry else 0.0

    def at(self) -> tuple[float, float]:
        """Return the place by odometry [m]."""
        position = self.odometry[-1].pose.pose.position
        return (position.x, position.y)

    def send(self, kind: str, bed: int = 0) -> Any:
        """Give a command; return the goal handle.

        A request to a process that was killed vanishes without a word: asked again with a new
        client. One that arrives late has expired.
        """
        for _ in range(6):
            client = ActionClient(self.probe.node, ExecuteTask, 'execute_task')
            wait_for(client.server_is_ready, 30, 'the tasks')
            sent = client.send_goal_async(_goal(kind, bed))
            try:
                wait_for(sent.done, 5, f'acceptance of {kind}')
            except AssertionError:
                client.destroy()
                continue
            self._clients.append(client)
            return sent.result()
        raise AssertionError(f'nobody accepts {kind}')

    def result(self, handle: Any, seconds: float = 60.0) -> Any:
        """Wait for the end of a task; return its result."""
        done = handle.get_result_async()
        wait_for(done.done, seconds, 'the end of the task')
        return done.result().result

    def begin(self, kind: str, bed: int = 0) -> Any:
        """Give a command and wait until the robot drives."""
        handle = self.send(kind, bed)
        wait_for(lambda: self.speed() > 0.2, 20, f'motion; control says {self.reasons()}')
        return handle

    def time_to_rest(self, since: float, seconds: float = 6.0) -> float:
        """Wait for rest; return the time from `since` (steady) [s]."""
        wait_for(lambda: self.speed() < 0.01, seconds, 'rest')
        return time.monotonic() - since

    def press_stop(self) -> None:
        """Engage a person's stop."""
        self._stop.publish(Stop(engaged=True, source='test', user='test', reason='test'))

    def release(self) -> Any:
        """Release our stop and reset the latches."""
        self._stop.publish(Stop(engaged=False, source='test', user='test'))
        time.sleep(0.3)
        return self.probe.call(graph.RESET, Reset.Request(user='test', reason='path clear'))


def _goal(kind: str, bed: int) -> ExecuteTask.Goal:
    now = time.time()
    return ExecuteTask.Goal(
        type=kind, bed=bed, user='test',
        issued=Time(sec=int(now), nanosec=int(now % 1 * 1e9)), expires=Time(sec=int(now) + 5),
    )  # fmt: skip


@contextmanager
def driving() -> Iterator[Driver]:
    """Give a driver beside a running stack."""
    with probing('/robot_1') as probe:
        yield Driver(probe)


def near(place: tuple[float, float], other: tuple[float, float], metres: float = 0.15) -> bool:
    """Tell whether two places are close."""
    return math.dist(place, other) < metres
