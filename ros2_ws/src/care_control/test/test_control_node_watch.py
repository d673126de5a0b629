# SPDX-License-Identifier: Apache-2.0
"""The built control node: its life cycle, and what must live and be heard for motion."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Callable, Sequence

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import DrawersState, DrawerState, EstopSense, Heartbeat, SafetyState
from care_node import graph, qos
from care_node.testing import Probe, wait_until
from control_process import (
    ACTIVATE,
    ALONE,
    CLEANUP,
    CONFIGURE,
    DEACTIVATE,
    Robot,
    arguments,
    control,
)
from geometry_msgs.msg import TwistStamped
from lifecycle_msgs.msg import TransitionEvent
from lifecycle_msgs.srv import GetAvailableStates, GetAvailableTransitions


def has_paused(commands: Sequence[TwistStamped]) -> bool:
    """Tell whether this test got no processor for long: what it sent then was a fresh command."""
    stamps = [c.header.stamp.sec + c.header.stamp.nanosec * 1e-9 for c in commands]
    return any(after - before > 0.2 for before, after in itertools.pairwise(stamps))


def test_it_comes_up_inactive_and_moves_only_while_active() -> None:
    with control(ALONE, active=False) as robot:
        robot.wait_state(SafetyState.INACTIVE, 15)
        assert robot.lifecycle() == 'inactive'
        assert 'Control is not active' in robot.reasons()
        sent = robot.probe.collect(graph.CMD_VEL)
        with robot.commanding(0.5):
            time.sleep(0.5)
            assert robot.speed() == 0
            assert robot.change(ACTIVATE)
            robot.wait_state(SafetyState.READY, 15)
            time.sleep(0.5)
            # The stream began before motion was allowed.
            assert robot.speed() == 0 or has_paused(sent)
        time.sleep(0.3)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
            assert robot.change(DEACTIVATE)
            robot.wait_state(SafetyState.INACTIVE, 15)
            robot.wait_rest(15)
        assert not robot.change(DEACTIVATE)
        assert robot.change(CLEANUP)
        robot.wait_state(SafetyState.INIT, 15)
        assert robot.change(CONFIGURE)
        robot.wait_state(SafetyState.INACTIVE, 15)


def test_states_and_transitions_are_told_to_ordinary_tools() -> None:
    with control(ALONE, active=False) as robot:
        events: list[TransitionEvent] = []
        listening = robot.probe.node.create_subscription(
            TransitionEvent, '/robot_1/control/transition_event', events.append, 10
        )
        states = robot.call(
            'control/get_available_states', GetAvailableStates, GetAvailableStates.Request()
        ).available_states
        assert {'unconfigured', 'inactive', 'active', 'finalized'} <= {s.label for s in states}
        request = GetAvailableTransitions.Request()
        now = robot.call(
            'control/get_available_transitions', GetAvailableTransitions, request
        ).available_transitions
        assert {t.transition.label for t in now} == {'cleanup', 'activate', 'shutdown'}
        graph_of_all = robot.call(
            'control/get_transition_graph', GetAvailableTransitions, request
        ).available_transitions
        assert len(graph_of_all) > len(now)
        wait_until(listening.get_publisher_count, 15, 'a match')
        wait_until(lambda: robot.change(ACTIVATE) or robot.lifecycle() == 'active', 15, 'active')
        wait_until(lambda: events, 15, 'an event')
        assert events[-1].goal_state.label in ('activating', 'active')


def test_a_signal_while_driving_brings_the_base_to_rest_and_ends_with_0() -> None:
    with control(ALONE) as robot:
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
            began = time.monotonic()
            robot.process.send_signal(signal.SIGTERM)
            assert robot.process.wait(20) == 0
        assert time.monotonic() - began > 0.4  # it ramped; it did not just vanish


def test_a_held_stop_is_found_again_after_a_restart() -> None:
    with control(ALONE) as robot:
        robot.stop(True, source='stop_button')
        robot.wait_state(SafetyState.STOPPED, 15)
        old_boot = robot.safety[-1].boot_id
        robot.process.kill()
        robot.process.wait(10)
        robot.process = subprocess.Popen(arguments(ALONE))
        try:
            wait_until(
                lambda: (
                    robot.safety[-1].boot_id != old_boot and robot.state() == SafetyState.STOPPED
                ),
                30,
                'the new process is stopped too',
            )
            assert 'stop_button' in robot.reasons()
        finally:
            robot.process.send_signal(signal.SIGINT)
            assert robot.process.wait(20) == 0


class Beats:
    """Heartbeats of a pretended node, as long as it lives."""

    def __init__(self, probe: Probe, node: str, topic: str) -> None:
        self.turning = True
        self._beat = Heartbeat(node=node, boot_id='x', state=Heartbeat.ACTIVE)
        self._out = probe.node.create_publisher(Heartbeat, topic, qos.NAMES['periodic'])
        probe.node.create_timer(0.1, self._send)

    def _send(self) -> None:
        self._beat.turns += 1 if self.turning else 0
        self._out.publish(self._beat)


def test_a_required_node_that_hangs_stops_the_base_and_is_named(
    seconds_to_rest: Callable[[Robot, int], float],
) -> None:
    required = {**ALONE, 'required_heartbeats': '[tasks, /ward/tablet]'}
    with control(required) as robot:
        robot.wait_state(SafetyState.PROTECTIVE_STOP, 15)
        assert 'Not heard yet: /robot_1/tasks' in robot.reasons()
        Beats(robot.probe, '/robot_1/tasks', '/robot_1/heartbeat')
        tablet = Beats(robot.probe, '/ward/tablet', '/ward/heartbeat')
        robot.wait_state(SafetyState.READY, 15)
        sent = robot.probe.collect(graph.CMD_VEL)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
            tablet.turning = False  # it still sends, but its loop stands
            began = robot.probe.node.get_clock().now().nanoseconds
            robot.wait_state(SafetyState.PROTECTIVE_STOP, 15)
            assert seconds_to_rest(robot, began) < 3 * 1.5

            def only_the_tablet() -> bool:
                watched = {w.name: w for w in robot.safety[-1].watched}
                silent = watched['heartbeat /ward/tablet']
                assert not silent.ok
                assert silent.age >= 1.0
                return watched['heartbeat /robot_1/tasks'].ok and robot.reasons().startswith(
                    'No sign of life of /ward/tablet'
                )

            wait_until(only_the_tablet, 15, 'the tablet is named')
            tablet.turning = True
            robot.wait_state(SafetyState.READY, 15)
            time.sleep(0.5)
            stands = robot.speed() == 0 and 'fresh command' in robot.reasons()
            assert stands or has_paused(sent)


def test_the_emergency_stop_line_must_be_heard_readable_and_released() -> None:
    with control({}) as robot:
        robot.wait_state(SafetyState.PROTECTIVE_STOP, 15)
        assert 'not been heard yet' in robot.reasons()
        line = robot.probe.publisher(graph.ESTOP_SENSE)
        # A board that is still being connected says so; that latches nothing.
        sense = EstopSense(engaged=True, readable=False)
        timer = robot.probe.node.create_timer(0.2, lambda: line.publish(sense))
        wait_until(lambda: 'not been heard yet' not in robot.reasons(), 15, 'the line is heard')
        time.sleep(0.5)
        assert robot.state() == SafetyState.PROTECTIVE_STOP
        sense.engaged, sense.readable = False, True
        robot.wait_state(SafetyState.READY, 15)
        sense.engaged = True
        robot.wait_state(SafetyState.ESTOP, 15)
        sense.engaged = False
        time.sleep(0.5)
        assert robot.state() == SafetyState.ESTOP
        wait_until(lambda: robot.reset().accepted, 15, 'a reset')
        robot.wait_state(SafetyState.READY, 15)
        timer.cancel()
        robot.wait_state(SafetyState.PROTECTIVE_STOP, 15)
        assert 'silent' in robot.reasons()


def test_an_open_drawer_holds_the_base() -> None:
    with control(ALONE) as robot:
        drawers = robot.probe.publisher(graph.DRAWERS_STATE)
        robot.probe.matched(drawers)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 15, 'motion')
            drawers.publish(DrawersState(drawers=[DrawerState(drawer=2, state=DrawerState.OPEN)]))
            wait_until(lambda: 'drawer is open' in robot.reasons(), 15, 'the reason')
            assert robot.state() == SafetyState.PROTECTIVE_STOP
            robot.wait_rest(15)
        drawers.publish(
            DrawersState(
                drawers=[DrawerState(drawer=2, state=DrawerState.LOCKED, reed_closed=True)]
            )
        )
        robot.wait_state(SafetyState.READY, 15)
