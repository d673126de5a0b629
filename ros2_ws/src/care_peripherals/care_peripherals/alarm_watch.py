# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which alarm priority the light bar and the annunciator are to show, and when the link is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from care_peripherals.light_bar import LIGHTS, LINK_LOST, LOW, NONE, Light

#: As in care_msgs/Alarm.
ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = 0, 1, 2, 3


@dataclass(frozen=True)
class Standing:
    """What matters here of one alarm.

    Attributes:
        priority: 1..3.
        state: ACTIVE, ACKNOWLEDGED, LATCHED or CLEARED.
        audio_paused_until: ROS time [s]; 0 when not paused.
    """

    priority: int
    state: int
    audio_paused_until: float = 0.0


class AlarmWatch:
    """Keeps the newest snapshot of the alarms, and what somebody asked to be shown."""

    def __init__(self, silent_after_s: float) -> None:
        self._silent_after_s = silent_after_s
        self._heard_at = float('-inf')
        self._alarms: tuple[Standing, ...] = ()
        self.asked_light = NONE
        self.asked_sound = NONE

    def take(self, alarms: Iterable[Standing], now: float) -> None:
        """Take a snapshot at a steady time [s]."""
        self._alarms = tuple(alarms)
        self._heard_at = now

    def link_lost(self, now: float) -> bool:
        """Tell whether the alarms are silent at a steady time [s]."""
        return now - self._heard_at > self._silent_after_s

    def light(self, now: float) -> Light:
        """Return what to show at a steady time [s]."""
        standing = max((a.priority for a in self._alarms if a.state != CLEARED), default=NONE)
        if self.link_lost(now):
            # What stood when the link broke is not known to stand now, nor that nothing else does.
            return LIGHTS[self.asked_light] if self.asked_light > LOW else LINK_LOST
        return LIGHTS[max(standing, self.asked_light)]

    def sound(self, now: float, ros_now: float) -> int:
        """Return the priority to play.

        Acknowledged alarms are silent, and so are those whose sound a person paused.
        """
        if self.link_lost(now):
            return self.asked_sound
        audible = (
            a.priority
            for a in self._alarms
            if a.state in (ACTIVE, LATCHED) and a.audio_paused_until <= ros_now
        )
        return max(max(audible, default=NONE), self.asked_sound)
