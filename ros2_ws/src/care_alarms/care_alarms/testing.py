# SPDX-License-Identifier: Apache-2.0
"""Runs the alarms of a ward on a clock of its own, without ROS."""

from __future__ import annotations

import math
from pathlib import Path

from care_alarms.alarm import Alarm, State
from care_alarms.answers import Answer
from care_alarms.desk import Desk
from care_alarms.moment import NS_PER_S, Moment
from care_alarms.patient import Patient, Presence
from care_alarms.settings import Settings
from care_alarms.signals import Event, Kind, Reason, Sign, Vitals

_TICK_S = 0.25
_EPOCH_S = 1_000_000_000


class WardOnTrial:
    """A ward with two beds, both admitted unless told otherwise, and what their sensors say.

    Attributes:
        desk: What is tried.
        steady: Steady time [s].
        clock_offset: Error of the ward's clock [s].
        hearts: What the heart rate of each bed says: a number, or the reason of a blank; a bed that
            is missing sends no vital signs.
        pulses: The same of the pleth.
    """

    def __init__(
        self,
        path: Path | None = None,
        settings: Settings | None = None,
        admit: tuple[int, ...] = (1, 2),
        steady: float = 100.0,
    ) -> None:
        self.steady = steady
        self.clock_offset = 0.0
        self.hearts: dict[int, float | Reason] = dict.fromkeys(admit, 72.0)
        self.pulses: dict[int, float | Reason] = dict.fromkeys(admit, 72.0)
        self.desk = Desk((1, 2), settings or Settings(), self.now, path, admit_on_first_start=admit)
        self.desk.start(self.now)

    @property
    def now(self) -> Moment:
        """Return the time on both clocks."""
        stamp = round((_EPOCH_S + self.steady + self.clock_offset) * NS_PER_S)
        return Moment(stamp, self.steady)

    def admission(self, bed: int = 1) -> str:
        """Return the present admission id of a bed."""
        return self.desk.ward.beds[bed].patient.admission_id

    def run(self, seconds: float) -> None:
        """Let time pass, with vital signs each second and ticks in between."""
        for _ in range(round(seconds / _TICK_S)):
            self.steady += _TICK_S
            if self.steady % 1.0 == 0:
                for bed in self.hearts:
                    self.vitals(bed)
            self.desk.engine.tick(self.now)
        self.desk.save(self.now)

    def vitals(self, bed: int = 1, admission: str | None = None) -> None:
        """Send the vital signs of a bed once."""
        signs = {
            Kind.HEART_RATE: self._sign(Kind.HEART_RATE, self.hearts[bed]),
            Kind.PULSE_RATE: self._sign(Kind.PULSE_RATE, self.pulses[bed]),
        }
        whose = self.admission(bed) if admission is None else admission
        self.desk.engine.take_vitals(bed, Vitals(whose, self.now.stamp, 2, signs), self.now)

    def event(self, name: str, on: bool = True, bed: int = 1, admission: str | None = None) -> None:
        """Send an event of a bed."""
        whose = self.admission(bed) if admission is None else admission
        event = Event(whose, name, on, self.now.stamp, self.now.stamp, 2, 'seen in a trial')
        self.desk.engine.take_event(bed, event, self.now)

    def alarms(self, code: str = '', bed: int = 1) -> list[Alarm]:
        """Return the alarms of a bed, of one code if given, in the order of the list."""
        listed = self.desk.engine.board.listing()
        return [a for a in listed if a.bed == bed and code in ('', a.code)]

    def the(self, code: str, bed: int = 1) -> Alarm:
        """Return the only alarm of a code at a bed."""
        (alarm,) = self.alarms(code, bed)
        return alarm

    def states(self, code: str, bed: int = 1) -> list[State]:
        """Return the states of all alarms of a code at a bed."""
        return [alarm.state for alarm in self.alarms(code, bed)]

    def acknowledge(self, code: str, bed: int = 1, request: str = '') -> Answer:
        """Acknowledge the only alarm of a code at a bed."""
        return self.desk.acknowledge(request, self.the(code, bed).id, 'nurse_1', self.now)

    def move(self, presence: Presence, bed: int = 1) -> Answer:
        """Admit, discharge, or change the state of a bed."""
        wanted = Patient(self.admission(bed), presence)
        return self.desk.set_patient('', bed, wanted, 'nurse_1', self.now)

    def restarted(self, path: Path, settings: Settings | None = None) -> WardOnTrial:
        """Return the same ward after a restart of the alarms."""
        self.desk.close()
        again = WardOnTrial(path, settings, steady=self.steady)
        again.hearts, again.pulses = self.hearts, self.pulses
        return again

    def _sign(self, kind: Kind, said: float | Reason) -> Sign:
        if isinstance(said, Reason):
            return Sign(kind, math.nan, said, 2, 0)
        return Sign(kind, said, Reason.OK, 2, self.now.stamp)
