# SPDX-License-Identifier: Apache-2.0
"""Nurses' commands to the robot: begin a task, cancel it, release the stop.

A command lives for some seconds and is given once: it is never queued, and never given again after
a link came back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from care_tablet.commands import Answer, NoAnswerError
from care_tablet.stop import StopSwitch

#: A command that took longer from the tablet to the robot is dropped [s].
EXPIRES_AFTER_S = 5.0
#: A page's idea of the ward's clock lags behind, by the way to it; it is never far ahead [s].
_CLOCK_SLACK_S = 1.0
#: Tasks and base need a moment to come to rest before a reset is taken [s].
_RESET_WITHIN_S = 1.5
_RESET_EVERY_S = 0.2


@dataclass(frozen=True)
class Order:
    """A task for the robot; times in ROS seconds, bed 0 for none."""

    kind: str
    bed: int
    user: str
    request_id: str
    issued: float
    expires: float


class RobotServices(Protocol):
    """What the robot offers; each call raises NoAnswerError when no answer comes in time."""

    async def begin(self, order: Order) -> Answer:
        """Begin a task: accepted when it runs, or the robot's own refusal."""

    async def cancel(self) -> int:
        """Cancel all tasks; return how many."""

    async def reset(self, user: str, reason: str) -> Sequence[str]:
        """Reset the latches of control; return what still blocks it, nothing when it is done."""


class RobotCommands:
    """Carries out commands that were checked for who may give them."""

    def __init__(
        self,
        robot: RobotServices,
        stop: StopSwitch,
        ros_now: Callable[[], float] = time.time,
        reset_within_s: float = _RESET_WITHIN_S,
    ) -> None:
        self._robot = robot
        self._stop = stop
        self._ros_now = ros_now
        self._reset_within_s = reset_within_s

    async def call(self, cmd: str, args: dict[str, Any], request_id: str, user: str) -> Answer:
        """Give one command to the robot; see commands.WardServices."""
        if cmd == 'cancel_task':
            return await self._cancel()
        now = self._ros_now()
        # Ward time by the page's own steady counter, set by our frames; absent: as of now.
        issued = args.get('at', now)
        if not -_CLOCK_SLACK_S <= now - issued <= EXPIRES_AFTER_S:
            return Answer(
                False, 'expired', 'The command took too long to get here. Nothing was done.'
            )
        if cmd == 'release_stop':
            return await self._release(user)
        order = Order(cmd, args.get('bed', 0), user, request_id, now, issued + EXPIRES_AFTER_S)
        return await self._robot.begin(order)

    async def _cancel(self) -> Answer:
        if await self._robot.cancel() > 0:
            return Answer(True, 'ok', 'Cancelled.')
        return Answer(False, 'no_task', 'The robot has no task that could be cancelled.')

    async def _release(self, user: str) -> Answer:
        presses = self._stop.count
        try:
            await self._robot.cancel()
        except NoAnswerError as error:
            return Answer(False, 'not_cancelled', f'Not released: {error}')
        if not self._stop.release(user, presses):
            return _PRESSED_AGAIN
        return await self._reset(user, presses)

    async def _reset(self, user: str, presses: int) -> Answer:
        end = time.monotonic() + self._reset_within_s
        while True:
            blocking = await self._robot.reset(user, 'path clear, confirmed at a tablet')
            if not blocking:
                return Answer(True, 'ok', 'Released. The robot waits for a command.')
            if time.monotonic() > end:
                return Answer(False, 'still_blocking', f'Not released. {". ".join(blocking)}.')
            await asyncio.sleep(_RESET_EVERY_S)
            if self._stop.count != presses:
                return _PRESSED_AGAIN


_PRESSED_AGAIN = Answer(False, 'stopped_again', 'Not released: STOP was pressed again.')
