# SPDX-License-Identifier: Apache-2.0
"""Calls of the robot's action and services from the web server's loop."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from action_msgs.srv import CancelGoal
from care_msgs.srv import Reset
from care_node import graph
from care_node.node import CareNode
from rclpy.action import ActionClient
from rclpy.client import Client
from unique_identifier_msgs.msg import UUID

from care_tablet import robot_translation
from care_tablet.commands import Answer, NoAnswerError
from care_tablet.robot_commands import Order

#: How long a task may take to begin or be refused [s].
_BEGIN_S = 2.0
_ANSWER_S = 1.0
_NOT_KNOWN = 'It is not known whether it was taken: look at the robot.'


@dataclass(eq=False)
class _Begun:
    """An order on its way."""

    order: Order
    answer: asyncio.Future[Answer]
    taken: bool = False
    given_up: bool = False


class RobotLink:
    """Carries orders from the loop to the thread that spins the node, and answers back."""

    def __init__(self, node: CareNode, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        """Make clients; call in the thread that spins the node.

        Args:
            node: The node.
            loop: Returns the web server's loop.
        """
        self._node = node
        self._loop = loop
        action = node.topic_name(graph.EXECUTE_TASK)
        self._goals = ActionClient(node, graph.load_type(graph.EXECUTE_TASK.type), action)
        # The goals of an earlier gateway process can only be reached through the service itself.
        self._cancels: Client = node.create_client(CancelGoal, f'{action}/_action/cancel_goal')
        self._resets: Client = node.client(graph.RESET)
        self._begun: dict[str, _Begun] = {}
        self._errands: deque[Callable[[], None]] = deque()
        self._wake = node.create_guard_condition(self._run_errands)

    def close(self) -> None:
        """Release what the node does not release itself."""
        self._goals.destroy()
        self._node.destroy_client(self._cancels)
        self._node.destroy_guard_condition(self._wake)

    async def begin(self, order: Order) -> Answer:
        """Begin a task; see robot_commands.RobotServices."""
        if not self._node.active:
            return Answer(False, 'not_active', 'The gateway is not active.')
        begun = _Begun(order, self._loop().create_future())
        self._run_soon(partial(self._send, begun))
        done, _ = await asyncio.wait([begun.answer], timeout=_BEGIN_S)
        if done:
            return begun.answer.result()
        if begun.taken:
            return Answer(True, 'ok', 'The robot has taken the command.')
        begun.given_up = True
        raise NoAnswerError(f'The robot does not answer. {_NOT_KNOWN}')

    async def cancel(self) -> int:
        """Cancel all tasks; see robot_commands.RobotServices."""
        # Zero id and zero stamp stand for all goals.
        response = await self._call(self._cancels, CancelGoal.Request(), 'task node')
        return len(response.goals_canceling)

    async def reset(self, user: str, reason: str) -> Sequence[str]:
        """Reset the latches of control; see robot_commands.RobotServices."""
        request = Reset.Request(user=user, reason=reason)
        response = await self._call(self._resets, request, 'control')
        if response.accepted:
            return ()
        return list(response.still_blocking) or ('The control of the robot gives no reason',)

    def running(self, task_ids: Sequence[str]) -> None:
        """Note the tasks that run, in the thread that spins the node."""
        for task_id in task_ids:
            begun = self._begun.pop(task_id, None)
            if begun is not None:
                self._settle(begun.answer, Answer(True, 'ok', 'The robot is on its way.'))

    async def _call(self, client: Client, request: Any, who: str) -> Any:
        answer: asyncio.Future[Any] = self._loop().create_future()

        def send() -> None:
            client.call_async(request).add_done_callback(
                lambda future: self._settle(answer, future.result())
            )

        self._run_soon(send)
        done, _ = await asyncio.wait([answer], timeout=_ANSWER_S)
        if not done:
            raise NoAnswerError(f'The {who} of the robot does not answer. Look at the robot.')
        return answer.result()

    # In the thread that spins the node -----------------------------------------------------------

    def _send(self, begun: _Begun) -> None:
        if not self._goals.server_is_ready():
            text = 'The robot does not answer: its task node is not there. Nothing was sent.'
            self._settle(begun.answer, Answer(False, 'tasks_silent', text))
            return
        order = begun.order
        goal = robot_translation.goal(
            order.kind, order.bed, order.user, order.request_id, order.issued, order.expires
        )
        self._begun = {i: b for i, b in self._begun.items() if not b.given_up}
        self._begun[str(uuid.UUID(order.request_id))] = begun
        sent = self._goals.send_goal_async(goal, goal_uuid=UUID(uuid=goal.id.uuid))
        sent.add_done_callback(self._guarded(partial(self._taken, begun)))

    def _taken(self, begun: _Begun, future: Any) -> None:
        handle = future.result()
        if not handle.accepted:
            text = 'The robot did not take the command.'
            self._end(begun, Answer(False, 'not_accepted', text))
        elif begun.given_up:
            # The nurse was told that nobody knows: it must not begin now.
            handle.cancel_goal_async()
        else:
            begun.taken = True
            result = handle.get_result_async()
            result.add_done_callback(self._guarded(partial(self._ended, begun)))

    def _ended(self, begun: _Begun, future: Any) -> None:
        result = future.result().result
        self._end(begun, Answer(result.code == 'ok', result.code, result.text))

    def _end(self, begun: _Begun, answer: Answer) -> None:
        self._begun.pop(str(uuid.UUID(begun.order.request_id)), None)
        self._settle(begun.answer, answer)

    def _guarded(self, callback: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return a callback whose error does not end the node."""

        def call(future: Any) -> None:
            try:
                callback(future)
            except Exception as error:
                self._node.get_logger().error(f'An answer of the robot was not understood: {error}')

        return call

    def _run_soon(self, errand: Callable[[], None]) -> None:
        self._errands.append(errand)
        self._wake.trigger()

    def _run_errands(self) -> None:
        while self._errands:
            try:
                self._errands.popleft()()
            except Exception as error:
                # Nothing guards this callback: an error would end the node.
                self._node.get_logger().error(f'A command could not be sent: {error}')

    def _settle(self, answer: asyncio.Future[Any], value: Any) -> None:
        # The loop may have ended in between.
        with contextlib.suppress(RuntimeError):
            self._loop().call_soon_threadsafe(_set, answer, value)


def _set(answer: asyncio.Future[Any], value: Any) -> None:
    if not answer.done():
        answer.set_result(value)
