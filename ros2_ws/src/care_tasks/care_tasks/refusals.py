# SPDX-License-Identifier: Apache-2.0
"""Why a command is refused, in a code and in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

TYPES = ('go_to_bed', 'check_bed', 'return', 'at_home')
_NEEDS_BED = ('go_to_bed', 'check_bed')

#: Safety states in which control lets the robot move.
MOVABLE_STATES = ('READY', 'MOVING', 'LIMITED')


@dataclass(frozen=True)
class Refusal:
    """A code for programs and a sentence for a person."""

    code: str
    text: str


@dataclass(frozen=True)
class Command:
    """A nurse's command.

    Attributes:
        kind: One of TYPES.
        bed: Bed number, 0 for none.
        issued: When it was given [s, ROS time].
        expires: When it must not be begun any more [s, ROS time].
    """

    kind: str
    bed: int
    issued: float
    expires: float


@dataclass(frozen=True)
class Situation:
    """What the robot knows when a command comes.

    Attributes:
        now: ROS time [s], for stamps.
        steady: Steady time [s], for durations.
        beds: Beds with a place on the map.
        busy_with: Words for the running task, '' for none.
        safety_state: Name of control's state, '' when it is silent.
        safety_reasons: Control's reasons.
        position_age: Age of the last odometry [s].
        position_known: False after control restarted: odometry began anew.
        tablet_silent: The tablet's heartbeat stands still.
    """

    now: float
    beds: Collection[int]
    steady: float = 0.0
    busy_with: str = ''
    safety_state: str = ''
    safety_reasons: tuple[str, ...] = ()
    position_age: float = 0.0
    position_known: bool = True
    tablet_silent: bool = False


POSITION_UNKNOWN = (
    'The robot restarted and does not know where it stands. Push it to its home place and confirm '
    '"robot is at home".'
)

#: Commands stamped further ahead than this come from a wrong clock [s].
_CLOCK_SLACK = 1.0
_STALE_POSITION = 0.5


def refuse(command: Command, at: Situation) -> Refusal | None:
    """Return why a command is refused, None when it may be begun."""
    return _refuse_command(command, at) or _refuse_situation(command, at)


def _refuse_command(command: Command, at: Situation) -> Refusal | None:
    if command.kind not in TYPES:
        return Refusal('unknown_task', f'The robot does not know the task "{command.kind}".')
    if command.kind in _NEEDS_BED and command.bed not in at.beds:
        return Refusal('bed_unknown', f'Bed {command.bed} is not on the map of this ward.')
    if at.now > command.expires or command.expires <= command.issued:
        return Refusal('expired', 'The command came too late and was dropped. Give it again.')
    if command.issued > at.now + _CLOCK_SLACK:
        return Refusal('wrong_clock', 'The command is stamped in the future: check the clocks.')
    return None


def _refuse_situation(command: Command, at: Situation) -> Refusal | None:
    if at.busy_with:
        return Refusal('busy', f'The robot is busy: {at.busy_with}. Cancel that first.')
    if command.kind == 'at_home':
        return None
    if at.tablet_silent:
        return Refusal('link_stale', 'The link to the tablet is stale.')
    return hindered(at)


def hindered(at: Situation) -> Refusal | None:
    """Return what keeps the robot from moving, before and during a task."""
    if not at.safety_state:
        return Refusal('control_silent', 'The control of the robot does not answer.')
    if at.safety_state not in MOVABLE_STATES:
        why = '; '.join(at.safety_reasons) or 'no reason given'
        return Refusal('stopped', f'The robot is stopped ({at.safety_state}): {why}.')
    if at.position_age > _STALE_POSITION:
        return Refusal('position_stale', 'The robot does not report where it stands.')
    if not at.position_known:
        return Refusal('position_unknown', POSITION_UNKNOWN)
    return None


def does_not_move(seconds: float, heard: bool, at: Situation) -> Refusal:
    """Say that the robot stands although it was told to move.

    Args:
        seconds: For how long.
        heard: Control answered the request to obey the tasks.
        at: What the robot knows now; control's reasons are given.
    """
    why = [] if heard else ['control does not answer who commands it']
    why += at.safety_reasons
    words = '; '.join(why) or f'control says {at.safety_state} and gives no reason'
    text = f'The robot was told to move and has not for {seconds:.0f} s: {words}. Give it again.'
    return Refusal('does_not_move', text)
