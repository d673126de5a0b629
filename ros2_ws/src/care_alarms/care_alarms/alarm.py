# SPDX-License-Identifier: Apache-2.0
"""One alarm and the table of its states."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

from care_alarms.catalogue import CODES, Code, Priority


class State(IntEnum):
    """State of an alarm; the numbers are those of care_msgs/Alarm."""

    ACTIVE = 0
    ACKNOWLEDGED = 1
    LATCHED = 2
    CLEARED = 3


class Happening(Enum):
    """What can happen to an alarm."""

    END = 'the condition has gone'
    ACKNOWLEDGE = 'a person has seen it'


#: (state, happening) -> next state of a latching alarm, of one that does not latch. What is not in
#: the table changes nothing. A condition that begins again after LATCHED or CLEARED is a new alarm.
TRANSITIONS: dict[tuple[State, Happening], tuple[State, State]] = {
    (State.ACTIVE, Happening.END): (State.LATCHED, State.CLEARED),
    (State.ACTIVE, Happening.ACKNOWLEDGE): (State.ACKNOWLEDGED, State.ACKNOWLEDGED),
    (State.ACKNOWLEDGED, Happening.END): (State.CLEARED, State.CLEARED),
    (State.LATCHED, Happening.ACKNOWLEDGE): (State.CLEARED, State.CLEARED),
}


def next_state(state: State, happening: Happening, latching: bool) -> State:
    """Return the state after something has happened."""
    pair = TRANSITIONS.get((state, happening))
    if pair is None:
        return state
    return pair[0] if latching else pair[1]


@dataclass
class Alarm:
    """One occurrence of an alarm. All times are ROS time [ns], 0 for never.

    Attributes:
        id: uuid of this occurrence.
        code: Name in the catalogue.
        bed: Bed number, 0 for the whole ward.
        origin: Number of care_msgs/Origin.
        value: Value that raised it, NaN for none.
        limit: Limit that it passed, NaN for none.
        unproven: Kept over a restart of ours or of the processing; the condition has not been seen
            again since.
    """

    id: str
    code: str
    bed: int
    admission_id: str
    origin: int
    priority: Priority
    onset: int
    announced: int
    state: State = State.ACTIVE
    cleared: int = 0
    acknowledged_by: str = ''
    acknowledged_at: int = 0
    value: float = math.nan
    limit: float = math.nan
    unit: str = ''
    suppressed_by: str = ''
    audio_paused_until: int = 0
    text_arguments: list[str] = field(default_factory=list)
    unproven: bool = False

    @property
    def kind(self) -> Code:
        """Return the entry of the catalogue."""
        return CODES[self.code]

    @property
    def stands(self) -> bool:
        """Tell whether the condition stands."""
        return self.state in (State.ACTIVE, State.ACKNOWLEDGED)

    @property
    def text(self) -> str:
        """Return the alarm in plain words."""
        return self.kind.text.format(*self.text_arguments)

    def happen(self, happening: Happening) -> bool:
        """Apply the table of states; return whether the state changed."""
        before = self.state
        self.state = next_state(before, happening, self.kind.latching)
        return self.state is not before

    def kept(self) -> dict[str, Any]:
        """Return what is kept over a restart: all but the audio pause, so that sound comes back."""
        return {
            'id': self.id,
            'code': self.code,
            'bed': self.bed,
            'admission_id': self.admission_id,
            'origin': self.origin,
            'priority': int(self.priority),
            'onset': self.onset,
            'announced': self.announced,
            'state': int(self.state),
            'cleared': self.cleared,
            'acknowledged_by': self.acknowledged_by,
            'acknowledged_at': self.acknowledged_at,
            'value': _number_out(self.value),
            'limit': _number_out(self.limit),
            'unit': self.unit,
            'text_arguments': self.text_arguments,
        }

    @classmethod
    def restored(cls, kept: dict[str, Any]) -> Alarm:
        """Return an alarm as it was kept.

        Raises:
            KeyError, TypeError, ValueError: The record is damaged.
        """
        if kept['code'] not in CODES:
            raise ValueError(f'unknown alarm code {kept["code"]!r}')
        alarm = cls(
            **{
                **kept,
                'priority': Priority(kept['priority']),
                'state': State(kept['state']),
                'value': _number_in(kept['value']),
                'limit': _number_in(kept['limit']),
            }
        )
        alarm.unproven = alarm.stands
        return alarm


def _number_out(number: float) -> float | None:
    return None if math.isnan(number) else number


def _number_in(number: float | None) -> float:
    return math.nan if number is None else float(number)
