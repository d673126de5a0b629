# SPDX-License-Identifier: Apache-2.0
"""One task from its beginning to its end, without ROS."""

from __future__ import annotations

from dataclasses import dataclass

from care_tasks.mode_request import ModeRequest
from care_tasks.path_follower import Gait, PathFollower, Velocity
from care_tasks.refusals import Command, Refusal, Situation, does_not_move, hindered
from care_tasks.stillness import Stillness
from care_tasks.ward_map import Place, WardMap

#: How long a camera check waits for a picture of persons [s].
LOOK_S = 5.0


@dataclass(frozen=True)
class Outcome:
    """How a task ended: 'ok', or why not; the text is for a person."""

    code: str
    text: str


class Errand:
    """A running task. Feed it poses; it asks for velocities until it has an outcome.

    Attributes:
        mode: Control's consent; zero is asked for until it is there.
    """

    def __init__(self, command: Command, ward: WardMap, at: Place, gait: Gait) -> None:
        self.command = command
        self.outcome: Outcome | None = None
        self.mode = ModeRequest()
        goal = ward.home if command.kind == 'return' else ward.beds[command.bed]
        self._follower = PathFollower(ward.route((at.x, at.y), goal), goal.yaw, gait)
        self._length = max(self._follower.remaining(at), 0.01)
        self._gait = gait
        self._stillness = Stillness()
        self._remaining = self._length
        self._looking_since: float | None = None

    @property
    def words(self) -> str:
        """Say what the robot is doing, for a person."""
        return describe(self.command)

    @property
    def progress(self) -> float:
        """Share of the way that is done, 0..1."""
        return min(1.0, max(0.0, 1.0 - self._remaining / self._length))

    @property
    def remaining_s(self) -> float:
        """Time left at full speed [s]: a lower bound."""
        return self._remaining / self._gait.speed

    def step(self, at: Place, situation: Situation, persons: int | None) -> Velocity:
        """Return the velocity to ask for; zero when the errand has an outcome.

        Args:
            at: Pose in the map frame.
            situation: What the robot knows.
            persons: Persons seen in a picture since the robot arrived, None for no picture.
        """
        hindrance = hindered(situation)
        if hindrance is not None:
            return self._end(hindrance)
        if self.mode.refused is not None:
            text = f'Control does not let the tasks drive: {self.mode.refused}.'
            return self._end(Refusal('mode_refused', text))
        velocity = self._follower.step(at)
        self._remaining = self._follower.remaining(at)
        if not self._follower.done:
            return self._move(velocity, at, situation)
        if self.command.kind == 'check_bed':
            return self._look(situation.steady, persons)
        return self._finish(f'The robot stands at {_place(self.command)}.')

    def cancel(self) -> None:
        """End the errand because a person wants so."""
        self._end(Refusal('cancelled', f'Cancelled: {self.words}.'))

    def _move(self, velocity: Velocity, at: Place, situation: Situation) -> Velocity:
        if self._stillness.seconds(at, situation.steady) > self._gait.patience:
            return self._end(does_not_move(self._gait.patience, self.mode.answered, situation))
        # What streams on through a change of mode is never obeyed: control waits for zero first.
        return velocity if self.mode.settled(situation.steady) else Velocity()

    def _look(self, now: float, persons: int | None) -> Velocity:
        if self._looking_since is None:
            self._looking_since = now
        elif persons is not None:
            seen = {0: 'nobody', 1: 'one person'}.get(persons, f'{persons} persons')
            return self._finish(f'At {_place(self.command)} the camera sees {seen}.')
        if now - self._looking_since > LOOK_S:
            text = f'At {_place(self.command)}, but no picture came within {LOOK_S:.0f} s.'
            return self._end(Refusal('no_view', text))
        return Velocity()

    def looking(self) -> bool:
        """Tell whether the robot has arrived and waits for a picture."""
        return self._looking_since is not None

    def _finish(self, text: str) -> Velocity:
        return self._end(Refusal('ok', text))

    def _end(self, why: Refusal) -> Velocity:
        if self.outcome is None:
            self.outcome = Outcome(why.code, why.text)
        return Velocity()


def describe(command: Command) -> str:
    """Say what a command means, for a person."""
    return {
        'go_to_bed': f'go to bed {command.bed}',
        'check_bed': f'look at bed {command.bed}',
        'return': 'return to its place',
        'at_home': 'robot is at home',
    }.get(command.kind, command.kind)


def _place(command: Command) -> str:
    return 'its place' if command.kind == 'return' else f'bed {command.bed}'
