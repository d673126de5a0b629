# SPDX-License-Identifier: Apache-2.0
"""The robot's side of the gateway: what pages see of it, and what they may ask of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from care_tablet.commands import Deed
from care_tablet.pictures import NewestPicture, Picture
from care_tablet.robot_board import RobotBoard
from care_tablet.robot_commands import RobotCommands, RobotServices
from care_tablet.status import StatusBoard
from care_tablet.stop import Publish, StopSwitch

#: How long the answer to a stop by HTTP waits for control's word [s].
_CONFIRM_S = 0.25
_LOOK_EVERY_S = 0.01
#: Looking again after so long leaves a new line in the journal [s].
_LOOK_NOTED_S = 10.0
#: How the task node begins its fault when the place of the robot is not known.
POSITION_UNKNOWN = 'position_unknown'


@dataclass
class RobotPlan:
    """What a desk is made of.

    Attributes:
        name: Name of the robot.
        map: Ward map for the hello frame, see robot_map.
        services: The robot's services.
        publish_stop: Publishes on the stop topic.
        stop_file: Where it is kept that the stop is engaged, None for nowhere.
    """

    name: str
    map: dict[str, Any]
    services: RobotServices
    publish_stop: Publish
    stop_file: Path | None = None


class RobotDesk:
    """State of the robot for all pages; runs in the web server's loop.

    Attributes:
        hello: Its part of the hello frame.
        stop: The nurses' STOP.
        commands: Everything else that nurses ask of the robot.
        pictures: The newest camera picture.
    """

    def __init__(
        self,
        plan: RobotPlan,
        status: StatusBoard,
        record: Callable[[Deed], None],
        ros_now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._status = status
        self._record = record
        self._clock = clock
        self._looked: dict[tuple[str, str], float] = {}
        self._board = RobotBoard(clock)
        self.hello = {'name': plan.name, 'map': plan.map}
        self.stop = StopSwitch(plan.publish_stop, record, plan.stop_file, clock)
        self.commands = RobotCommands(plan.services, self.stop, ros_now)
        self.pictures = NewestPicture(clock)

    def take(self, part: str, value: Any) -> bool:
        """Take the newest value of a part; tell whether to spread it at once."""
        return self._board.take(part, value)

    def frame(self) -> dict[str, Any]:
        """Return the `robot` frame as of now."""
        _, fault = self._node('tasks')
        self._board.position_known = not fault.startswith(POSITION_UNKNOWN)
        age = self.pictures.age()
        shown = None if math.isinf(age) else round(age, 3)
        return self._board.frame({'age': shown, 'reason': self.no_picture()})

    def no_picture(self) -> str:
        """Say why there is no camera picture, '' when there is one."""
        return self.pictures.reason(*self._node('vision'))

    def look(self, user: str, device: str) -> Picture | None:
        """Return the camera picture for a person, None when there is none; journal who looks."""
        now = self._clock()
        if now - self._looked.get((user, device), -1e9) > _LOOK_NOTED_S:
            self._record(Deed(user, device, 'camera_view', 'ok'))
        self._looked = {who: at for who, at in self._looked.items() if now - at < _LOOK_NOTED_S}
        self._looked[user, device] = now
        return self.pictures.get()

    async def confirmed(self, pressed_at: float) -> str:
        """Wait a moment; return the state in which control holds the base since, '' for none."""
        end = time.monotonic() + _CONFIRM_S
        while not (state := self._board.held_since(pressed_at)):
            if time.monotonic() > end:
                return ''
            await asyncio.sleep(_LOOK_EVERY_S)
        return state

    def _node(self, name: str) -> tuple[str, str]:
        """Return state and fault of a node; a silent one has no fault of its own."""
        line = self._status.node(name)
        silent = line['state'] == 'SILENT'
        return line['state'], '' if silent else line['fault']
