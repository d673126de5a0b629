# SPDX-License-Identifier: Apache-2.0
"""The gateway without its network: puts its parts together; everything runs in one loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from care_tablet import __version__
from care_tablet.accounts import Accounts, User
from care_tablet.commands import Commander, Deed, WardServices
from care_tablet.hub import Hub, to_json
from care_tablet.journal import Entry, JournalWriter
from care_tablet.lockout import LockOut
from care_tablet.logins import Logins
from care_tablet.outbox import Outbox
from care_tablet.robot_desk import RobotDesk, RobotPlan
from care_tablet.session import Session
from care_tablet.sign_in import SignIn
from care_tablet.status import StatusBoard

_TICK_S = 1.0
_ROBOT_PERIOD_S = 0.2
_log = logging.getLogger(__name__)


@dataclass
class Settings:
    """What a gateway is made of.

    Attributes:
        boot: Id of this start.
        beds: Names of the beds by number.
        ring_s: How long waveforms are kept for pages that come back [s].
        idle_s: A login ends after so long without a deed [s].
        expected_nodes: Nodes that are missed when they are silent from the start.
        ros_now: ROS time [s].
        clock: Steady time [s].
    """

    boot: str
    beds: Mapping[int, str]
    ring_s: float = 30.0
    idle_s: float = 600.0
    expected_nodes: tuple[str, ...] = ('vitals', 'alarms')
    ros_now: Callable[[], float] = time.time
    clock: Callable[[], float] = field(default=time.monotonic)


class Gateway:
    """State of all pages.

    Attributes:
        hub: Spreads frames.
        status: What is alive.
        sign_in: Logging in and out.
        sessions: Open connections.
        robot: The robot's side, None in a ward without one.
    """

    def __init__(
        self,
        settings: Settings,
        accounts: Accounts,
        ward: WardServices,
        journal: JournalWriter,
        robot: RobotPlan | None = None,
    ) -> None:
        self._settings = settings
        self._accounts = accounts
        self._journal = journal
        self._logins = Logins(settings.idle_s, clock=settings.clock)
        lock_out = LockOut(settings.clock)
        self.hub = Hub(settings.boot, settings.beds, settings.ring_s, settings.clock)
        self.status = StatusBoard(settings.beds, settings.expected_nodes, settings.clock)
        self.sign_in = SignIn(accounts, lock_out, self._logins, self._record)
        self.sessions: set[Session] = set()
        self.robot: RobotDesk | None = None
        if robot is not None:
            self.robot = RobotDesk(
                robot, self.status, self._record, settings.ros_now, settings.clock
            )
        commands = None if self.robot is None else self.robot.commands
        self._commander = Commander(ward, settings.beds, self._record, commands)

    def join(self, client: Outbox, hello: dict[str, Any], user: User | None) -> None:
        """Greet a client and register it; see Hub.join."""
        users = [{'id': known.id, 'name': known.name} for known in self._accounts.list()]
        self.hub.join(
            client,
            hello['boot'],
            hello['last'],
            version=__version__,
            now=self._settings.ros_now(),
            user=None if user is None else {'id': user.id, 'name': user.name, 'role': user.role},
            users=users,
            robot=None if self.robot is None else self.robot.hello,
        )
        self._tell_robot([client])

    def leave(self, client: Outbox) -> None:
        """Send nothing more to a client."""
        self.hub.leave(client)

    def user(self, login_id: str) -> User | None:
        """Return who is logged in."""
        return self._logins.user(login_id)

    async def command(self, frame: dict[str, Any], login_id: str, device: str) -> dict[str, Any]:
        """Return the ack of a command."""
        user = self._logins.user(login_id, use=True)
        return await self._commander.handle(frame, user, device)

    async def tick_forever(self) -> None:
        """Once a second: tell all pages what is alive, end sessions whose login has ended."""
        while True:
            self.hub.status(
                to_json(self.status.frame(self._settings.ros_now(), len(self.hub.clients)))
            )
            for session in list(self.sessions):
                session.check_login()
            await asyncio.sleep(_TICK_S)

    async def tell_robot_forever(self) -> None:
        """Five times a second: tell all pages where the robot is and what it does."""
        while self.robot is not None:
            self._tell_robot(self.hub.clients)
            await asyncio.sleep(_ROBOT_PERIOD_S)

    def robot_part(self, part: str, value: Any) -> None:
        """Take news of the robot; a change goes to all pages at once."""
        if self.robot is not None and self.robot.take(part, value):
            self._tell_robot(self.hub.clients)

    def _tell_robot(self, clients: Collection[Outbox]) -> None:
        if self.robot is None or not clients:
            return
        try:
            text = to_json(self.robot.frame())
        except Exception:
            # The patients come first: whatever is wrong with the robot, the page goes on.
            _log.exception('The state of the robot could not be told')
            return
        for client in clients:
            client.latest('robot', text)

    def press_stop(self, login_id: str, device: str, way: str) -> float | None:
        """Stop the robot before anything else.

        Args:
            login_id: Login of the page, '' for none: STOP needs nobody.
            device: Address of the tablet.
            way: How it came, for the journal.

        Returns:
            Steady time of the call [s], None when it could not be sent.
        """
        if self.robot is None:
            return None
        user = self._logins.user(login_id)
        try:
            return self.robot.stop.engage('' if user is None else user.id, device, way)
        except Exception:
            _log.exception('A stop could not be published')
            return None

    def waveform(self, frame: bytes) -> None:
        """Spread a waveform frame."""
        self.status.waveform(frame[1])
        self.hub.waveform(frame)

    def vitals(self, bed: int, text: str) -> None:
        """Spread vital signs."""
        self.status.vitals(bed)
        self.hub.vitals(bed, text)

    def alarms(self, text: str) -> None:
        """Spread an alarm list."""
        self.status.alarms()
        self.hub.alarms(text)

    def _record(self, deed: Deed) -> None:
        self._journal.record(
            Entry(
                at=time.time(),
                ros_time=self._settings.ros_now(),
                user=deed.user,
                device=deed.device,
                action=deed.action,
                bed=deed.bed,
                request_id=deed.request_id,
                result=deed.result,
                details=deed.details,
            )
        )
