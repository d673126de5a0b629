# SPDX-License-Identifier: Apache-2.0
"""What the alarms hear from the processing of vital signs and from the robot, without ROS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """Continuous vital signs; the numbers are those of care_msgs/VitalSign."""

    HEART_RATE = 1
    PULSE_RATE = 2
    SPO2 = 3
    RESP_RATE = 4


class Reason(IntEnum):
    """Why a number is blank; the numbers are those of care_msgs/VitalSign."""

    OK = 0
    NO_SOURCE = 1
    SETTLING = 2
    LEADS_OFF = 3
    NOISE = 4
    ASYSTOLE = 5
    STALE = 6
    FIBRILLATION = 7
    EXPIRED = 8
    OUT_OF_RANGE = 9
    NO_BEATS = 10


#: Blank because there is no signal, with data that no longer come.
SILENT_REASONS = frozenset({Reason.NO_SOURCE, Reason.STALE, Reason.EXPIRED})
#: Blank because the heart gives no rate: the source is there.
RHYTHM_REASONS = {
    Reason.ASYSTOLE: 'asystole',
    Reason.FIBRILLATION: 'fibrillation',
    Reason.NO_BEATS: 'no beats',
}
#: Reasons with which nothing can be said about the heart.
BLIND_REASONS = frozenset({Reason.NO_SOURCE, Reason.STALE, Reason.LEADS_OFF, Reason.NOISE})


@dataclass(frozen=True)
class Sign:
    """One continuous vital sign.

    Attributes:
        kind: Which.
        value: Number in the sign's unit, NaN when blank.
        reason: Why it is blank; OK when it is not.
        origin: Number of care_msgs/Origin.
        measured_at: ROS time [ns] of the newest sample used.
    """

    kind: Kind
    value: float
    reason: Reason
    origin: int = 0
    measured_at: int = 0

    @property
    def trusted(self) -> bool:
        """Tell whether there is a number."""
        return self.reason is Reason.OK and not math.isnan(self.value)


@dataclass(frozen=True)
class Vitals:
    """The vital signs of a bed, once a second.

    Attributes:
        admission_id: Whose they are.
        stamp: ROS time [ns] of publication.
        origin: Number of care_msgs/Origin.
        signs: Continuous signs by kind.
    """

    admission_id: str
    stamp: int
    origin: int
    signs: dict[Kind, Sign]


@dataclass(frozen=True)
class Call:
    """State of a nurse-call button.

    Attributes:
        bed: Bed number, 0 for the robot's own button.
        pressed: The call stands; it is cancelled at the button only.
        since: ROS time [ns] when it was pressed, 0 when that is not said.
        origin: Number of care_msgs/Origin.
    """

    bed: int
    pressed: bool
    since: int = 0
    origin: int = 0


class DrawerState(IntEnum):
    """State of a drawer; the numbers are those of care_msgs/DrawerState."""

    UNKNOWN = 0
    LOCKED = 1
    UNLOCKED = 2
    OPEN = 3
    FORCED = 4


@dataclass(frozen=True)
class Drawers:
    """State of the robot's drawers.

    Attributes:
        states: State of each by its number.
        origin: Number of care_msgs/Origin.
    """

    states: dict[int, DrawerState]
    origin: int = 0


@dataclass(frozen=True)
class Event:
    """A condition that begins or ends.

    Attributes:
        admission_id: Whose it is.
        name: Name of the condition.
        on: It begins.
        stamp: ROS time [ns] when it was recognised.
        onset: ROS time [ns] when it began.
        origin: Number of care_msgs/Origin.
        evidence: One sentence for a person.
    """

    admission_id: str
    name: str
    on: bool
    stamp: int
    onset: int = 0
    origin: int = 0
    evidence: str = ''
