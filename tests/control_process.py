# SPDX-License-Identifier: Apache-2.0
"""Runs the built control node for tests and talks to it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from care_msgs.msg import SafetyState, Stop
from care_msgs.srv import Reset
from care_node import graph
from care_node.testing import Probe, probing, wait_until
from geometry_msgs.msg import TwistStamped
from lifecycle_msgs.srv import ChangeState, GetState
from ward_stack import wait_for

#: Transitions of lifecycle_msgs/Transition.
CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = 1, 2, 3, 4
#: Parameters of a robot that nobody watches.
ALONE = {'estop_required': 'false'}


def executable() -> str:
    """Return the built executable; skip the test where there is none."""
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':'):
        path = Path(prefix) / 'lib/care_control/control_node'
        if path.exists():
            return str(path)
    pytest.skip('care_control is not built')


def arguments(parameters: dict[str, str], namespace: str = '/robot_1') -> list[str]:
    """Return the command line of a control node."""
    words = [executable(), '--ros-args', '-r', f'__ns:={namespace}']
    for name, value in parameters.items():
        words += ['-p', f'{name}:={value}']
    return words


class Robot:
    """A running control node and what it says."""

    def __init__(self, probe: Probe, process: subprocess.Popen[str]) -> None:
        self.probe = probe
        self.process = process
        self.safety: list[SafetyState] = probe.collect(graph.SAFETY_STATE)
        self.odometry: list[Any] = probe.collect(graph.ODOMETRY)
        self.applied: list[TwistStamped] = probe.collect(graph.CMD_VEL_APPLIED)
        self.diagnostics: list[Any] = probe.collect(graph.DIAGNOSTICS)
        self._command = probe.publisher(graph.CMD_VEL)
        self._teleop = probe.publisher(graph.CMD_VEL_TELEOP)
        self._stop = probe.publisher(graph.STOP)

    def state(self) -> int:
        """Return the newest safety state, -1 for none."""
        return int(self.safety[-1].state) if self.safety else -1

    def reasons(self) -> str:
        """Return the reasons of the newest safety state."""
        return '; '.join(self.safety[-1].reasons) if self.safety else 'nothing'

    def speed(self) -> float:
        """Return the speed that the base is told [m/s]."""
        return float(self.applied[-1].twist.linear.x)

    def wait_state(self, state: int, seconds: float = 15.0) -> None:
        """Wait for a safety state."""
        wait_for(
            lambda: self.state() == state,
            seconds,
            lambda: f'state {state}; it is {self.state()}: {self.reasons()}',
        )

    def call(self, name: str, kind: Any, request: Any) -> Any:
        """Call one of control's services."""
        client = self.probe.node.create_client(kind, f'{self.probe.node.get_namespace()}/{name}')
        wait_until(client.service_is_ready, 20, f'service {name}')
        future = client.call_async(request)
        wait_until(future.done, 20, f'answer of {name}')
        self.probe.node.destroy_client(client)
        return future.result()

    def change(self, transition: int) -> bool:
        """Ask for a lifecycle transition."""
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(self.call('control/change_state', ChangeState, request).success)

    def lifecycle(self) -> str:
        """Return the label of the lifecycle state."""
        return str(self.call('control/get_state', GetState, GetState.Request()).current_state.label)

    def twist(self, linear: float, age: float = 0.0, frame: str = 'base_link') -> TwistStamped:
        """Return a command [m/s] whose stamp is `age` seconds old."""
        message = TwistStamped()
        now = self.probe.node.get_clock().now().nanoseconds - int(age * 1e9)
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(now, 10**9)
        message.header.frame_id = frame
        message.twist.linear.x = linear
        return message

    def send(self, message: TwistStamped, teleop: bool = False) -> None:
        """Send one command."""
        publisher = self._teleop if teleop else self._command
        self.probe.matched(publisher)
        publisher.publish(message)

    @contextmanager
    def commanding(self, linear: float, teleop: bool = False) -> Iterator[None]:
        """Send a velocity at 25 Hz."""
        ending = threading.Event()
        publisher = self._teleop if teleop else self._command
        self.probe.matched(publisher)

        def stream() -> None:
            while not ending.wait(0.04):
                publisher.publish(self.twist(linear))

        thread = threading.Thread(target=stream)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

    def stop(self, engaged: bool, source: str = 'tablet', user: str = '') -> None:
        """Engage or release a stop."""
        self.probe.matched(self._stop)
        self._stop.publish(Stop(engaged=engaged, source=source, user=user, reason='in the way'))

    def reset(self, user: str = 'nurse_1') -> Reset.Response:
        """Ask for a reset."""
        return self.call('control/reset', Reset, Reset.Request(user=user, reason='path clear'))

    def wait_rest(self, seconds: float = 4.5) -> None:
        """Wait until the base stands."""
        wait_for(
            lambda: self.speed() == 0 and abs(self.odometry[-1].twist.twist.linear.x) < 0.01,
            seconds,
            lambda: f'the base at rest; it is told {self.speed():.2f} m/s: {self.reasons()}',
        )

    def line(self, name: str) -> Any:
        """Return the newest line of a subcomponent in /diagnostics, None for none."""
        for array in reversed(self.diagnostics):
            for line in array.status:
                if line.name.endswith(name):
                    return line
        return None

    @staticmethod
    def values(name: str, array: Any) -> dict[str, str]:
        """Return the values of a subcomponent in one message of /diagnostics, none for none."""
        lines = [line for line in array.status if line.name.endswith(name)]
        return {pair.key: pair.value for pair in lines[0].values} if lines else {}

    def counted(self, name: str) -> int:
        """Return the newest value of a counter in /diagnostics, -1 for none."""
        for array in reversed(self.diagnostics):
            for line in array.status:
                for pair in line.values:
                    if pair.key == name:
                        return int(pair.value)
        return -1


@contextmanager
def control(
    parameters: dict[str, str], *, active: bool = True, environment: dict[str, str] | None = None
) -> Iterator[Robot]:
    """Run a control node, ACTIVE unless told otherwise, with more variables where given."""
    with probing('/robot_1') as probe:
        # Its output goes to ours: a pipe that nobody reads would block it when full.
        process = subprocess.Popen(
            arguments(parameters), env={**os.environ, **(environment or {})}, text=True
        )
        try:
            robot = Robot(probe, process)
            wait_until(lambda: robot.safety and robot.applied, 30, 'control speaks')
            if active:
                assert robot.change(ACTIVATE)
            yield robot
        finally:
            process.send_signal(signal.SIGINT)
            try:
                code = process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        # A sanitizer tells by the code what it found.
        assert code in (0, -signal.SIGKILL), f'control ended with {code}'
