# SPDX-License-Identifier: Apache-2.0
"""Takes commands as actions, drives the robot, says how tasks end."""

from __future__ import annotations

import math
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care_msgs.action import ExecuteTask
from care_msgs.msg import Heartbeat, PersonArray, SafetyState, Task, TaskList
from care_msgs.srv import SetMode
from care_node import graph, heartbeat
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from care_node.transforms import Pose
from nav_msgs.msg import Odometry
from rclpy.action import ActionServer, CancelResponse
from rclpy.task import Future
from unique_identifier_msgs.msg import UUID

from care_tasks import messages
from care_tasks.errand import Errand, Outcome, describe
from care_tasks.localisation import Localisation
from care_tasks.path_follower import Gait, Velocity
from care_tasks.refusals import POSITION_UNKNOWN, Command, Situation, refuse
from care_tasks.ward_map import MapError, Place, WardMap

PARAMETERS = (
    Parameter(
        'starts_at_home', True, 'The robot stands at home when control starts (true in simulation)'
    ),
    Parameter('speed', 0.5, 'Largest speed asked for', unit='m/s', minimum=0.05, maximum=1.0),
    Parameter(
        'turn', 0.8, 'Largest turning speed asked for', unit='rad/s', minimum=0.1, maximum=2.0
    ),
    Parameter(
        'patience',
        5.0,
        'Time without way or turn after which a driving task ends',
        unit='s',
        minimum=1.0,
        maximum=60.0,
    ),
    Parameter('ended_shown', 10, 'Ended tasks kept in the list', minimum=0, maximum=100),
)

_CONTROL_PERIOD_S = 0.05
_SAFETY_SILENT_S = 1.0
_ENDED = {'ok': Task.SUCCEEDED, 'cancelled': Task.CANCELLED}


@dataclass
class _Seen:
    """What came last, with the steady time of its coming."""

    safety: SafetyState | None = None
    safety_at: float = -math.inf
    odometry: Pose | None = None
    odometry_at: float = -math.inf
    persons: int | None = None
    tablets: set[str] = field(default_factory=set)


class TasksNode(CareNode):
    """Thin node around errand, refusals and localisation."""

    scope: graph.Scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('tasks', PARAMETERS, **kwargs)

    def configure(self) -> None:
        """Read the map; make the action server."""
        self._ward = self._read_map()
        self._gait = Gait(
            speed=self.value('speed'), turn=self.value('turn'), patience=self.value('patience')
        )
        state_dir = self.value('state_dir')
        self._localisation = Localisation(
            self._ward.home,
            self.value('starts_at_home'),
            Path(state_dir) / 'robot_place.json' if state_dir else None,
        )
        self._seen = _Seen()
        self._lives = heartbeat.Watch()
        self._errand: Errand | None = None
        self._over: Future | None = None
        self._mode_asked: list[Future] = []
        self._task = Task()
        self._ended: deque[Task] = deque(maxlen=self.value('ended_shown'))
        self._cmd_vel = self.advertise(graph.CMD_VEL)
        self._tasks_out = self.advertise(graph.TASKS)
        self._fixed_out = self.advertise(graph.TF_STATIC)
        self._mode = self.client(graph.SET_MODE)
        self.listen(graph.SAFETY_STATE, self._take_safety)
        self.listen(graph.ODOMETRY, self._take_odometry)
        self.listen(graph.PERSONS, self._take_persons)
        self.listen(graph.HEARTBEAT, self._take_heartbeat)
        self.every(_CONTROL_PERIOD_S, self._drive)
        self.every(1.0, self._publish_tasks)
        self._server = ActionServer(
            self, graph.load_type(graph.EXECUTE_TASK.type), graph.EXECUTE_TASK.name, self._execute,
            cancel_callback=self._cancel,
        )  # fmt: skip

    def activate(self) -> None:
        """Say where the map is."""
        self._publish_shift()
        self._publish_tasks()

    def deactivate(self) -> None:
        """End a running task: silence is a stop."""
        if self._errand is not None:
            self._errand.cancel()
            self._finish()

    def cleanup(self) -> None:
        """Close the action server."""
        self._server.destroy()

    # Commands ----------------------------------------------------------------------------------

    async def _execute(self, goal_handle: Any) -> ExecuteTask.Result:
        goal = goal_handle.request
        command = messages.command(goal)
        task = Task(
            id=goal.id if any(goal.id.uuid) else UUID(uuid=list(uuid.uuid4().bytes)),
            type=goal.type, bed=goal.bed, user=goal.user, issued=goal.issued, expires=goal.expires,
            state=Task.RUNNING, remaining_s=math.nan,
        )  # fmt: skip
        outcome = self._begin(command, task)
        if outcome is None:
            outcome = await self._run(goal_handle)
        if outcome.code == 'ok':
            goal_handle.succeed()
        elif outcome.code == 'cancelled' and goal_handle.is_cancel_requested:
            goal_handle.canceled()
        else:
            goal_handle.abort()
        return ExecuteTask.Result(code=outcome.code, text=outcome.text)

    def _begin(self, command: Command, task: Task) -> Outcome | None:
        """Begin a task; return its outcome where it ends at once."""
        refusal = (
            Outcome('not_active', 'The robot is not ready: its task node is not active.')
            if not self.active
            else refuse(command, self._situation())
        )
        if refusal is not None:
            self.get_logger().warning(f'Refused {describe(command)}: {refusal.text}')
            self._note_end(task, Task.REFUSED, Outcome(refusal.code, refusal.text))
            return Outcome(refusal.code, refusal.text)
        if command.kind == 'at_home':
            return self._confirm_home(task)
        odometry = self._seen.odometry
        assert odometry is not None  # refused above as stale
        self._task = task
        self._errand = Errand(command, self._ward, self._localisation.place(odometry), self._gait)
        self._over = Future()
        self._seen.persons = None
        self._ask_mode(self._errand)
        self._publish_tasks()
        return None

    async def _run(self, goal_handle: Any) -> Outcome:
        over = self._over
        assert over is not None
        self._goal_handle = goal_handle
        outcome: Outcome = await over
        return outcome

    def _confirm_home(self, task: Task) -> Outcome:
        odometry = self._seen.odometry
        if odometry is None:
            outcome = Outcome('position_stale', 'The robot does not report any odometry.')
            self._note_end(task, Task.FAILED, outcome)
            return outcome
        self._localisation.confirm_home(odometry)
        self._publish_shift()
        self._say_whether_placed()
        outcome = Outcome('ok', 'The robot takes this place as its home place.')
        self._note_end(task, Task.SUCCEEDED, outcome)
        return outcome

    def _cancel(self, _goal_handle: Any) -> CancelResponse:
        if self._errand is not None:
            self._errand.cancel()
            self._finish()
        return CancelResponse.ACCEPT

    # Driving -----------------------------------------------------------------------------------

    def _drive(self) -> None:
        if self._errand is None:
            return
        odometry = self._seen.odometry
        assert odometry is not None
        place = self._localisation.place(odometry)
        situation = self._situation(own_task=True)
        self._ask_mode(self._errand)
        if not self._errand.looking():
            self._seen.persons = None
        self._command(self._errand.step(place, situation, self._seen.persons))
        if self._errand.outcome is not None:
            self._finish()

    def _finish(self) -> None:
        """Stop, note the end, and let the action return."""
        errand, over = self._errand, self._over
        if errand is None or errand.outcome is None or over is None:
            return
        self._errand = None
        self._command(Velocity())
        for future in self._mode_asked:
            self._mode.remove_pending_request(future)
        self._mode_asked.clear()
        state = _ENDED.get(errand.outcome.code, Task.FAILED)
        self._note_end(self._task, state, errand.outcome)
        over.set_result(errand.outcome)

    def _ask_mode(self, errand: Errand) -> None:
        """Ask control to obey us, again where no answer came."""
        if not errand.mode.due(time.monotonic()):
            return

        def take(answered: Future) -> None:
            answer = answered.result()
            if answer is not None:
                errand.mode.answer(time.monotonic(), answer.accepted, answer.text)

        request = SetMode.Request(mode=SetMode.Request.AUTONOMOUS, user=self._task.user)
        future = self._mode.call_async(request)
        future.add_done_callback(take)
        self._mode_asked.append(future)

    def _command(self, velocity: Velocity) -> None:
        self._cmd_vel.publish(messages.twist(velocity, self.stamp()))

    def _situation(self, own_task: bool = False) -> Situation:
        now, seen = time.monotonic(), self._seen
        safety = seen.safety if now - seen.safety_at < _SAFETY_SILENT_S else None
        busy = '' if own_task or self._errand is None else self._errand.words
        return Situation(
            now=self.get_clock().now().nanoseconds / 1e9,
            beds=tuple(self._ward.beds),
            steady=now,
            busy_with=busy,
            safety_state='' if safety is None else messages.state_name(safety),
            safety_reasons=() if safety is None else tuple(safety.reasons),
            position_age=now - seen.odometry_at,
            position_known=self._localisation.known,
            tablet_silent=any(self._lives.silent(name) for name in seen.tablets),
        )

    # What comes in and goes out ----------------------------------------------------------------

    def _take_safety(self, message: SafetyState) -> None:
        self._seen.safety, self._seen.safety_at = message, time.monotonic()
        if self._localisation.control_is(message.boot_id):
            self._publish_shift()
            self._say_whether_placed()

    def _take_odometry(self, message: Odometry) -> None:
        self._seen.odometry = messages.pose(message)
        self._seen.odometry_at = time.monotonic()

    def _take_persons(self, message: PersonArray) -> None:
        self._seen.persons = len(message.persons)

    def _take_heartbeat(self, message: Heartbeat) -> None:
        if message.node.endswith('/tablet'):
            self._seen.tablets.add(message.node)
            self._lives.beat(message.node, message.boot_id, message.turns)

    def _publish_shift(self) -> None:
        self._fixed_out.publish(messages.map_to_odom(self._localisation.shift, self.stamp()))

    def _say_whether_placed(self) -> None:
        """Tell in heartbeat and diagnostics that a person must place the robot."""
        self.fault = '' if self._localisation.known else f'position_unknown: {POSITION_UNKNOWN}'

    def _note_end(self, task: Task, state: int, outcome: Outcome) -> None:
        task.state, task.code, task.text = state, outcome.code, outcome.text
        task.progress = 1.0 if state == Task.SUCCEEDED else task.progress
        task.remaining_s = 0.0
        self._ended.appendleft(task)
        self._publish_tasks()

    def _publish_tasks(self) -> None:
        running = []
        if self._errand is not None:
            self._task.progress = self._errand.progress
            self._task.remaining_s = self._errand.remaining_s
            self._task.text = self._errand.words
            running = [self._task]
        message = TaskList(tasks=[*running, *self._ended])
        message.header.stamp = self.stamp()
        self._tasks_out.publish(message)

    def _read_map(self) -> WardMap:
        poses, beds = self.value('bed_poses'), self.value('beds')
        home = self.value('home')
        if len(poses) != 3 * len(beds) or len(home) != 3:
            raise ConfigurationError(
                f'bed_poses holds {len(poses)} numbers and home {len(home)}; {len(beds)} beds need '
                f'{3 * len(beds)}, home 3.',
                'Give x, y, yaw of each in params/ward.yaml.',
            )
        places = {bed: Place(*poses[3 * i : 3 * i + 3]) for i, bed in enumerate(beds)}
        try:
            return WardMap(self.value('waypoints'), self.value('ways'), places, Place(*home))
        except MapError as error:
            raise ConfigurationError(
                f'The ward map is wrong: {error}.', 'Correct params/ward.yaml.'
            ) from error


def main() -> None:
    """Run the node."""
    run(TasksNode)


if __name__ == '__main__':
    main()
