# SPDX-License-Identifier: Apache-2.0
"""The built control node: its life cycle, and what must live and be heard for motion."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_msgs.msg import DrawersState, DrawerState, EstopSense, Heartbeat, SafetyState
from care_node import graph, qos
from care_node.testing import Probe, probing, wait_until
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
from lifecycle_msgs.msg import TransitionEvent
from lifecycle_msgs.srv import GetAvailableStates, GetAvailableTransitions


def test_it_comes_up_inactive_and_moves_only_while_active() -> None:
    with control(ALONE, active=False) as robot:
        robot.wait_state(SafetyState.INACTIVE)
        assert robot.lifecycle() == 'inactive'
        assert 'Control is not active' in robot.reasons()
        with robot.commanding(0.5):
            time.sleep(0.5)
            assert robot.speed() == 0
            assert robot.change(ACTIVATE)
            robot.wait_state(SafetyState.READY)
            time.sleep(0.5)
            assert robot.speed() == 0  # the stream began before motion was allowed
        time.sleep(0.3)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 5, 'motion')
            assert robot.change(DEACTIVATE)
            robot.wait_state(SafetyState.INACTIVE)
            robot.wait_rest()
        assert not robot.change(DEACTIVATE)
        assert robot.change(CLEANUP)
        robot.wait_state(SafetyState.INIT)
        assert robot.change(CONFIGURE)
        robot.wait_state(SafetyState.INACTIVE)


def test_states_and_transitions_are_told_to_ordinary_tools() -> None:
    with control(ALONE, active=False) as robot:
        events: list[TransitionEvent] = []
        robot.probe.node.create_subscription(
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
        wait_until(lambda: robot.change(ACTIVATE) or robot.lifecycle() == 'active', 5, 'active')
        wait_until(lambda: events, 5, 'an event')
        assert events[-1].goal_state.label in ('activating', 'active')


def test_a_signal_while_driving_brings_the_base_to_rest_and_ends_with_0() -> None:
    with control(ALONE) as robot:
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 5, 'motion')
            began = time.monotonic()
            robot.process.send_signal(signal.SIGTERM)
            assert robot.process.wait(10) == 0
        assert time.monotonic() - began > 0.4  # it ramped; it did not just vanish


def test_a_held_stop_is_found_again_after_a_restart() -> None:
    with control(ALONE) as robot:
        robot.stop(True, source='stop_button')
        robot.wait_state(SafetyState.STOPPED)
        old_boot = robot.safety[-1].boot_id
        robot.process.kill()
        robot.process.wait(10)
        robot.process = subprocess.Popen(arguments(ALONE))
        try:
            wait_until(
                lambda: (
                    robot.safety[-1].boot_id != old_boot and robot.state() == SafetyState.STOPPED
                ),
                15,
                'the new process is stopped too',
            )
            assert 'stop_button' in robot.reasons()
        finally:
            robot.process.send_signal(signal.SIGINT)
            assert robot.process.wait(10) == 0


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


def test_a_required_node_that_hangs_stops_the_base_and_is_named() -> None:
    required = {**ALONE, 'required_heartbeats': '[tasks, /ward/tablet]'}
    with control(required) as robot:
        robot.wait_state(SafetyState.PROTECTIVE_STOP)
        assert 'Not heard yet: /robot_1/tasks' in robot.reasons()
        Beats(robot.probe, '/robot_1/tasks', '/robot_1/heartbeat')
        tablet = Beats(robot.probe, '/ward/tablet', '/ward/heartbeat')
        robot.wait_state(SafetyState.READY)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 5, 'motion')
            tablet.turning = False  # it still sends, but its loop stands
            began = time.monotonic()
            robot.wait_state(SafetyState.PROTECTIVE_STOP)
            robot.wait_rest()
            assert time.monotonic() - began < 3 * 1.5
            assert robot.reasons().startswith('No sign of life of /ward/tablet')
            watched = {w.name: w for w in robot.safety[-1].watched}
            assert not watched['heartbeat /ward/tablet'].ok
            assert watched['heartbeat /ward/tablet'].age >= 1.0
            assert watched['heartbeat /robot_1/tasks'].ok
            tablet.turning = True
            robot.wait_state(SafetyState.READY)
            time.sleep(0.5)
            assert robot.speed() == 0
            assert 'fresh command' in robot.reasons()


def test_the_emergency_stop_line_must_be_heard_readable_and_released() -> None:
    with control({}) as robot:
        robot.wait_state(SafetyState.PROTECTIVE_STOP)
        assert 'not been heard yet' in robot.reasons()
        line = robot.probe.publisher(graph.ESTOP_SENSE)
        # A board that is still being connected says so; that latches nothing.
        sense = EstopSense(engaged=True, readable=False)
        timer = robot.probe.node.create_timer(0.2, lambda: line.publish(sense))
        robot.probe.matched(line)
        time.sleep(0.5)
        assert robot.state() == SafetyState.PROTECTIVE_STOP
        sense.engaged, sense.readable = False, True
        robot.wait_state(SafetyState.READY)
        sense.engaged = True
        robot.wait_state(SafetyState.ESTOP)
        sense.engaged = False
        time.sleep(0.5)
        assert robot.state() == SafetyState.ESTOP
        assert robot.reset().accepted
        robot.wait_state(SafetyState.READY)
        timer.cancel()
        robot.wait_state(SafetyState.PROTECTIVE_STOP)
        assert 'silent' in robot.reasons()


def test_an_open_drawer_holds_the_base() -> None:
    with control(ALONE) as robot:
        drawers = robot.probe.publisher(graph.DRAWERS_STATE)
        robot.probe.matched(drawers)
        with robot.commanding(0.5):
            wait_until(lambda: robot.speed() > 0.45, 5, 'motion')
            drawers.publish(DrawersState(drawers=[DrawerState(drawer=2, state=DrawerState.OPEN)]))
            robot.wait_state(SafetyState.PROTECTIVE_STOP)
            robot.wait_rest()
            assert 'drawer is open' in robot.reasons()
        drawers.publish(
            DrawersState(
                drawers=[DrawerState(drawer=2, state=DrawerState.LOCKED, reed_closed=True)]
            )
        )
        robot.wait_state(SafetyState.READY)


def test_it_runs_without_privileges_and_says_that_it_is_degraded() -> None:
    setpriv = shutil.which('setpriv')
    if setpriv is None or os.geteuid() != 0:
        pytest.skip('needs root and setpriv, to give up privileges')
    few = [setpriv, '--bounding-set', '-sys_nice,-ipc_lock', '--inh-caps', '-sys_nice,-ipc_lock']
    with probing('/robot_1') as probe:
        process = subprocess.Popen([*few, *arguments(ALONE)])
        try:
            robot = Robot(probe, process)
            wait_until(lambda: robot.diagnostics, 15, 'diagnostics')
            (loop,) = [s for s in robot.diagnostics[-1].status if s.name.endswith('control loop')]
            assert 'degraded' in loop.message
            assert loop.message.count(';') == 1, 'two causes, each told once'
            assert 'no real-time priority' in loop.message
            assert 'memory is not locked' in loop.message
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
