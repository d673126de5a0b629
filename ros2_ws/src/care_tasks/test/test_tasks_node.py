# SPDX-License-Identifier: Apache-2.0
"""The node drives an ideal base to a bed, refuses in words, and stops when control stops."""

import math
import time
from collections.abc import Iterator
from typing import Any

import pytest
from builtin_interfaces.msg import Time
from care_msgs.action import ExecuteTask
from care_msgs.msg import SafetyState, Task
from care_msgs.srv import SetMode
from care_node import graph, qos
from care_node.testing import Probe, probing, running, wait_until
from care_tasks.node import TasksNode
from nav_msgs.msg import Odometry
from rclpy.action import ActionClient

PARAMETERS: dict[str, Any] = {
    'beds': [1, 2],
    'bed_poses': [0.4, 0.3, 1.571, 0.4, -0.3, -1.571],
    'waypoints': ['home 0.0 0.0', 'corridor 0.4 0.0'],
    'ways': ['home corridor'],
    'patience': 2.0,
}


class IdealControl:
    """Stands for control: moves as asked, twenty times a second."""

    def __init__(self, probe: Probe) -> None:
        self.state = SafetyState.READY
        self.boot = 'first'
        self.x = self.y = self.yaw = 0.0
        self.asked = (0.0, 0.0)
        self.held = False
        self.modes: list[int] = []
        self.mode_service: Any = None
        self._node = probe.node
        self._odometry = probe.publisher(graph.ODOMETRY)
        self._safety = probe.publisher(graph.SAFETY_STATE)
        probe.node.create_subscription(
            graph.load_type(graph.CMD_VEL.type), 'cmd_vel', self._take, qos.NAMES['command']
        )
        self.serve_modes()
        probe.node.create_timer(0.05, self._turn)

    def serve_modes(self, accept: bool = True) -> None:
        """Answer requests for the mode."""

        def answer(request: SetMode.Request, response: SetMode.Response) -> SetMode.Response:
            self.modes.append(request.mode)
            response.accepted, response.text = accept, '' if accept else 'There is no such mode'
            return response

        self.mode_service = self._node.create_service(SetMode, graph.SET_MODE.name, answer)

    def leave_modes(self) -> None:
        """Answer no more requests for the mode."""
        self._node.destroy_service(self.mode_service)

    def _take(self, message: Any) -> None:
        self.asked = (message.twist.linear.x, message.twist.angular.z)

    def _turn(self) -> None:
        moving = self.state == SafetyState.READY and not self.held
        forward, turn = self.asked if moving else (0.0, 0.0)
        self.yaw += turn * 0.05
        self.x += forward * 0.05 * math.cos(self.yaw)
        self.y += forward * 0.05 * math.sin(self.yaw)
        odometry = Odometry()
        odometry.pose.pose.position.x, odometry.pose.pose.position.y = self.x, self.y
        odometry.pose.pose.orientation.z = math.sin(self.yaw / 2)
        odometry.pose.pose.orientation.w = math.cos(self.yaw / 2)
        self._odometry.publish(odometry)
        self._safety.publish(
            SafetyState(state=self.state, reasons=['stop by nurse'], boot_id=self.boot)
        )


@pytest.fixture
def robot() -> Iterator[tuple[TasksNode, Probe, IdealControl, ActionClient]]:
    with (
        running(TasksNode, PARAMETERS, namespace='/robot_1') as node,
        probing('/robot_1') as probe,
    ):
        control = IdealControl(probe)
        client = ActionClient(probe.node, ExecuteTask, 'execute_task')
        wait_until(client.server_is_ready, 10, 'the action server')
        wait_until(lambda: node._localisation.known, 10, 'the place of the robot')
        yield node, probe, control, client
        client.destroy()


def _goal(kind: str, bed: int = 0, age: float = 0.0) -> ExecuteTask.Goal:
    now = time.time() - age
    issued = Time(sec=int(now), nanosec=int(now % 1 * 1e9))
    return ExecuteTask.Goal(
        type=kind, bed=bed, user='nurse', issued=issued, expires=Time(sec=int(now) + 5)
    )


def _result(client: ActionClient, goal: ExecuteTask.Goal, seconds: float = 30.0) -> Any:
    sent = client.send_goal_async(goal)
    wait_until(sent.done, 10, 'acceptance')
    result = sent.result().get_result_async()
    wait_until(result.done, seconds, f'the end of {goal.type}')
    return result.result().result


def test_the_robot_drives_to_the_bed_and_says_so(robot: Any) -> None:
    _, probe, control, client = robot
    tasks = probe.collect(graph.TASKS)
    result = _result(client, _goal('go_to_bed', 1))
    assert result.code == 'ok', result.text
    assert math.dist((control.x, control.y), (0.4, 0.3)) < 0.1
    wait_until(lambda: tasks and tasks[-1].tasks[0].state == Task.SUCCEEDED, 5, 'the task list')
    assert any(t.state == Task.RUNNING for message in tasks for t in message.tasks)


def test_an_old_command_is_refused_and_nothing_moves(robot: Any) -> None:
    _, _, control, client = robot
    result = _result(client, _goal('go_to_bed', 1, age=60.0))
    assert result.code == 'expired'
    assert control.asked == (0.0, 0.0)


def test_an_unknown_bed_is_refused(robot: Any) -> None:
    assert _result(robot[3], _goal('go_to_bed', 7)).code == 'bed_unknown'


def test_a_stop_on_the_way_ends_the_task_and_the_command(robot: Any) -> None:
    _, _, control, client = robot
    sent = client.send_goal_async(_goal('go_to_bed', 2))
    wait_until(lambda: control.asked != (0.0, 0.0), 10, 'motion')
    control.state = SafetyState.STOPPED
    result = sent.result().get_result_async()
    wait_until(result.done, 5, 'the end of the task')
    assert result.result().result.code == 'stopped'
    assert 'stop by nurse' in result.result().result.text
    wait_until(lambda: control.asked == (0.0, 0.0), 5, 'a command of zero')
    control.state = SafetyState.READY
    time.sleep(0.5)
    assert control.asked == (0.0, 0.0), 'a release never starts motion'


def test_a_second_command_is_refused_while_busy_and_cancel_frees_the_robot(robot: Any) -> None:
    _, _, control, client = robot
    sent = client.send_goal_async(_goal('go_to_bed', 2))
    wait_until(lambda: control.asked != (0.0, 0.0), 10, 'motion')
    assert _result(client, _goal('go_to_bed', 1)).code == 'busy'
    cancelled = sent.result().cancel_goal_async()
    wait_until(cancelled.done, 5, 'the answer to cancel')
    result = sent.result().get_result_async()
    wait_until(result.done, 5, 'the end of the task')
    assert result.result().result.code == 'cancelled'
    wait_until(lambda: control.asked == (0.0, 0.0), 5, 'a command of zero')


def test_after_a_restart_of_control_the_place_must_be_confirmed(robot: Any) -> None:
    node, _, control, client = robot
    control.boot = 'second'
    wait_until(lambda: not node._localisation.known, 5, 'the new life of control')
    assert _result(client, _goal('go_to_bed', 1)).code == 'position_unknown'
    # Pages look for this beginning, and offer "robot is at home".
    assert node.fault.startswith('position_unknown')
    assert _result(client, _goal('at_home')).code == 'ok'
    assert node.fault == ''
    assert _result(client, _goal('go_to_bed', 1)).code == 'ok'


def test_a_silent_control_ends_the_task(robot: Any) -> None:
    _, _, control, client = robot
    sent = client.send_goal_async(_goal('go_to_bed', 2))
    wait_until(lambda: control.asked != (0.0, 0.0), 10, 'motion')
    control._safety.publish = lambda message: None
    result = sent.result().get_result_async()
    wait_until(result.done, 10, 'the end of the task')
    assert result.result().result.code == 'control_silent'


def test_a_request_for_the_mode_that_nobody_hears_is_asked_again(robot: Any) -> None:
    _, _, control, client = robot
    control.leave_modes()
    sent = client.send_goal_async(_goal('go_to_bed', 2))
    wait_until(sent.done, 10, 'acceptance')
    time.sleep(0.5)
    assert control.asked == (0.0, 0.0), 'nothing is asked of a control that did not answer'
    control.serve_modes()
    wait_until(lambda: control.asked != (0.0, 0.0), 20, 'motion')
    assert set(control.modes) == {SetMode.Request.AUTONOMOUS}


def test_a_refused_mode_ends_the_task_in_controls_words(robot: Any) -> None:
    _, _, control, client = robot
    control.leave_modes()
    control.serve_modes(accept=False)
    result = _result(client, _goal('go_to_bed', 2))
    assert result.code == 'mode_refused'
    assert 'There is no such mode' in result.text
    assert control.asked == (0.0, 0.0)


def test_a_robot_held_on_the_way_ends_the_task_and_the_command(robot: Any) -> None:
    _, _, control, client = robot
    sent = client.send_goal_async(_goal('go_to_bed', 2))
    wait_until(lambda: control.asked != (0.0, 0.0), 20, 'motion')
    control.held = True
    result = sent.result().get_result_async()
    wait_until(result.done, 20, 'the end of the task')
    assert result.result().result.code == 'does_not_move'
    assert 'stop by nurse' in result.result().result.text
    wait_until(lambda: control.asked == (0.0, 0.0), 10, 'a command of zero')
