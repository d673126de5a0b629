# SPDX-License-Identifier: Apache-2.0
"""The alarm engine: takes vital signs, events, calls, drawers and time; keeps the alarms."""

from __future__ import annotations

import math
from collections.abc import Callable

from care_alarms.bed_watch import BedWatch
from care_alarms.board import Board, Cause
from care_alarms.call_watch import CallWatch
from care_alarms.catalogue import EVENT_CODES, WARD
from care_alarms.drawer_watch import DrawerWatch
from care_alarms.journal import Entry
from care_alarms.moment import Moment
from care_alarms.patient import Patient, Presence
from care_alarms.settings import Settings
from care_alarms.signals import Call, Drawers, Event, Vitals
from care_alarms.silence import Silence
from care_alarms.ward import Bed, Ward

#: Ticks further apart than this [s] mean that we ourselves stood still.
_STALL_S = 1.0


class Engine:
    """Watches all beds of the ward.

    Attributes:
        ward: Patients and limits.
        board: The alarms; its `revision` counts up with every visible change.
        foreign: Messages ignored because they are about another admission than the present one, by
            bed.
        unknown: Events ignored because there is no alarm of that name.
    """

    def __init__(
        self, ward: Ward, board: Board, settings: Settings, journal: Callable[[Entry], None]
    ) -> None:
        self.ward = ward
        self.board = board
        self.foreign = dict.fromkeys(ward.beds, 0)
        self.unknown = 0
        self._settings = settings
        self._journal = journal
        self._watches: dict[int, BedWatch] = {}
        self._calls = CallWatch(ward, board, settings)
        self._drawers = DrawerWatch(board, settings)
        self._processing = Silence(settings.vitals_lost_s, math.inf)
        self._last_tick = math.inf

    def start(self, now: Moment) -> None:
        """Begin to watch, with time for the sources to be heard first."""
        self._processing = self._patient_processing(now)
        self._last_tick = now.steady
        self._calls.restore(now)
        self._drawers.restore(now)
        for number, bed in self.ward.beds.items():
            if not bed.patient.empty:
                self._watches[number] = BedWatch(bed, self.board, self._settings, now)
                self._watches[number].restore(now)

    def take_vitals(self, number: int, vitals: Vitals, now: Moment) -> None:
        """Take the vital signs of a bed."""
        self._processing.heard(now.steady)
        self.board.end(WARD, 'vitals_lost', now)
        watch = self._watch_of(number, vitals.admission_id)
        if watch is not None:
            watch.take_vitals(vitals, now)
            watch.refresh(self.vitals_lost)

    def take_event(self, number: int, event: Event, now: Moment) -> None:
        """Take an event of a bed."""
        if event.name not in EVENT_CODES:
            self.unknown += 1
            return
        watch = self._watch_of(number, event.admission_id)
        if watch is not None:
            watch.take_event(event, now)
            watch.refresh(self.vitals_lost)

    def take_call(self, call: Call, now: Moment) -> None:
        """Take the state of a nurse-call button."""
        self._calls.take(call, now)

    def take_drawers(self, drawers: Drawers, now: Moment) -> None:
        """Take the state of the robot's drawers."""
        self._drawers.take(drawers, now)

    def tick(self, now: Moment) -> None:
        """Let time pass; call it some times a second."""
        self._forgive_stall(now)
        self._judge_processing(now)
        for watch in self._watches.values():
            watch.tick(now, self.vitals_lost)
        self._calls.tick(now)
        self._drawers.tick(now)
        self.board.tick(now)

    @property
    def vitals_lost(self) -> bool:
        """Tell whether the processing of vital signs is silent."""
        return self.board.standing(WARD, 'vitals_lost') is not None

    def limits_changed(self, bed: Bed, user: str, now: Moment) -> None:
        """Judge a bed by its new limits."""
        limits = {str(kind): list(limit.numbers) for kind, limit in bed.limits.items()}
        self._note(bed, 'limits_set', user, now, limits=limits)
        self._watches[bed.number].limits_changed(now)

    def patient_changed(self, bed: Bed, before: Patient, user: str, now: Moment) -> None:
        """Follow an admission, a discharge or a change of state or profile."""
        patient = bed.patient
        if patient.admission_id != before.admission_id:
            if not before.empty:
                self._journal(
                    Entry(now.stamp, 'discharged', bed.number, before.admission_id, user=user)
                )
            self.board.discharge(bed.number, now)
            self._calls.resume(bed.number, now)
            self._watches.pop(bed.number, None)
            if not patient.empty:
                self._note(bed, 'admitted', user, now, profile=patient.profile.name)
                self._watches[bed.number] = BedWatch(bed, self.board, self._settings, now)
        elif not patient.empty:
            self._note(bed, 'patient_changed', user, now, **patient.kept())
            self._follow(bed, before, now)
        if patient.presence is Presence.ADMITTED and self._processing.silent(now.steady):
            self._processing = self._patient_processing(now)

    def _follow(self, bed: Bed, before: Patient, now: Moment) -> None:
        watch = self._watches[bed.number]
        if bed.patient.suspended is not before.suspended:
            watch.presence_changed(now)
        if bed.patient.profile is not before.profile:
            watch.limits_changed(now)

    def _patient_processing(self, now: Moment) -> Silence:
        return Silence.after_grace(self._settings.vitals_lost_s, now.steady, self._settings.grace_s)

    def _watch_of(self, number: int, admission_id: str) -> BedWatch | None:
        """Return who watches this admission; count and ignore what is about another one."""
        bed = self.ward.beds.get(number)
        if bed is None or (bed.patient.empty and not admission_id):
            return None
        if bed.patient.empty or bed.patient.admission_id != admission_id:
            self.foreign[number] += 1
            return None
        return self._watches[number]

    def _judge_processing(self, now: Moment) -> None:
        if not self.ward.watched:
            self.board.end(WARD, 'vitals_lost', now, 'no patient to watch')
        elif self._processing.silent(now.steady):
            self.board.begin(Cause('vitals_lost', WARD), now)

    def _forgive_stall(self, now: Moment) -> None:
        stalled = now.steady - self._last_tick
        self._last_tick = now.steady
        if stalled > _STALL_S:
            self._processing.forgive(stalled)
            self._calls.forgive(stalled)
            self._drawers.forgive(stalled)
            for watch in self._watches.values():
                watch.forgive(stalled)

    def _note(self, bed: Bed, event: str, user: str, now: Moment, **detail: object) -> None:
        self._journal(
            Entry(
                now.stamp,
                event,
                bed.number,
                bed.patient.admission_id,
                user=user,
                detail={'presence': bed.patient.presence.name, **detail},
            )
        )
