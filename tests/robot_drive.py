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
from care_msgs.msg import Heartbeat, SafetyState, Stop
from care_msgs.srv import Reset
from care_node import graph
from care_node.testing import Probe, probing
from care_tasks.messages import state_name
from rclpy.action import ActionClient
from ward_stack import ask, wait_for

#: Why a command may end though nothing is wrong with robot or test: a starved machine delivers a
#: heartbeat, a picture or the command itself late. A nurse gives it again.
_HICCUPS = (
    'link_stale', 'stopped', 'control_silent', 'position_stale', 'does_not_move', 'expired',
    'no_view',
)  # fmt: skip
_TRIES = 5


class Driver:
    """A nurse's commands, without a page."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.safety: list[SafetyState] = probe.collect(graph.SAFETY_STATE)
        self.odometry: list[Any] = probe.collect(graph.ODOMETRY)
        self.applied: list[Any] = probe.collect(graph.CMD_VEL_APPLIED)
        self.beats: list[Heartbeat] = probe.collect(graph.ROBOT_HEARTBEAT)
        self._stop = probe.publisher(graph.STOP)
        # A client lives as long as its goals may still be asked for.
        self._clients: list[ActionClient] = []

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until control would let the robot move and the tasks take commands."""
        wait_for(
            lambda: (
                self.safety
                and self.odometry
                and self.safety[-1].state == SafetyState.READY
                and self._tasks_active()
            ),
            seconds,
            lambda: f'the robot READY; control says {self.says()}',
        )

    def _tasks_active(self) -> bool:
        states = (b.state for b in reversed(self.beats) if b.node.endswith('/tasks'))
        return next(states, None) == Heartbeat.ACTIVE

    def reasons(self) -> str:
        """Return why the robot does not move."""
        return '; '.join(self.safety[-1].reasons) if self.safety else 'nothing'

    def says(self) -> str:
        """Return control's state and reasons."""
        state = state_name(self.safety[-1]) if self.safety else 'nothing'
        return f'{state}: {self.reasons() or "no reason"}'

    def gave(self, cause: str, since: int) -> bool:
        """Tell whether control named a cause in any message from number `since` on."""
        return any(cause in words for said in self.safety[since:] for words in said.reasons)

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
                wait_for(sent.done, 10, f'acceptance of {kind}')
            except AssertionError:
                client.destroy()
                continue
            self._clients.append(client)
            return sent.result()
        raise AssertionError(f'nobody accepts {kind}; control says {self.says()}')

    def result(self, handle: Any, seconds: float = 90.0) -> Any:
        """Wait for the end of a task; return its result."""
        done = handle.get_result_async()
        wait_for(done.done, seconds, lambda: f'the end of the task; control says {self.says()}')
        return done.result().result

    def run(self, kind: str, bed: int = 0, code: str = 'ok') -> Any:
        """Give a command until it ends with a code; return its result.

        Only hiccups of a starved machine are met with the command once more.
        """
        said = []
        for _ in range(_TRIES):
            result = self.result(self.send(kind, bed))
            if result.code == code:
                return result
            said.append(f'{kind} {bed} ended: {result.code}: {result.text}')
            print(said[-1])
            if result.code not in _HICCUPS:
                break
            if code != 'stopped':
                self.wait_ready()
        raise AssertionError(f'wanted {code}; ' + '; '.join(said))

    def begin(self, kind: str, bed: int = 0) -> Any:
        """Give a command until the robot drives; return the goal handle."""
        said = []
        for _ in range(_TRIES):
            self.wait_ready()
            handle = self.send(kind, bed)
            ended = handle.get_result_async()
            wait_for(
                lambda ended=ended: self.speed() > 0.2 or ended.done(),
                30,
                lambda: f'motion or an end of {kind} {bed}; control says {self.says()}',
            )
            if not ended.done():
                return handle
            result = ended.result().result
            said.append(f'{kind} {bed} ended: {result.code}: {result.text}')
            print(said[-1])
            if result.code not in _HICCUPS:
                break
        raise AssertionError(f'no motion; {"; ".join(said)}; control says {self.says()}')

    def time_to_rest(self, since: float, seconds: float = 6.0) -> float:
        """Wait for rest, which must be `seconds` after `since` (steady); return what it took [s].

        Judged by control's stamps: this process may hear of it late.
        """
        began = time.time() - (time.monotonic() - since)
        rest: list[float] = []

        def rests() -> bool:
            last = self.odometry[-1]
            stamp = last.header.stamp.sec + last.header.stamp.nanosec * 1e-9
            if stamp > began and self.speed() < 0.01:
                rest.append(stamp - began)
            return bool(rest)

        wait_for(rests, 30, lambda: f'rest; {self.speed():.2f} m/s, control says {self.says()}')
        assert rest[0] < seconds, f'at rest after {rest[0]:.2f} s; control says {self.says()}'
        return rest[0]

    def press_stop(self) -> None:
        """Engage a person's stop, once."""
        self.probe.matched(self._stop)
        self._stop.publish(Stop(engaged=True, source='test', user='test', reason='test'))

    def release(self) -> None:
        """Release our stop and have the latches reset, once nothing stands against it."""
        self._stop.publish(Stop(engaged=False, source='test', user='test'))
        blocking: list[str] = []

        def accepted() -> bool:
            request = Reset.Request(user='test', reason='path clear')
            answer = ask(self.probe, graph.RESET, request)
            blocking[:] = answer.still_blocking
            return bool(answer.accepted)

        wait_for(accepted, 30, lambda: f'a reset; {blocking}; control says {self.says()}')


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
