# SPDX-License-Identifier: Apache-2.0
"""Conditions of one bed that begin and end by event messages.

An event may be missed: one of us was restarted, or the patient was in standby. The reason of a
blank heart rate, which comes every second, tells then whether the condition stands.
"""

from __future__ import annotations

from care_alarms.board import Board, Cause
from care_alarms.catalogue import CODES, EVENT_CODES, Priority
from care_alarms.moment import NS_PER_S, Moment
from care_alarms.signals import RHYTHM_REASONS, Event, Reason
from care_alarms.ward import Bed

#: So many vitals in a row must tell of an event before it is taken as missed: one may have been on
#: its way while the event was sent.
_TOLD_TIMES = 2

#: Vitals with a stamp this much [ns] before the last event were on their way when it was sent; with
#: an older one the ward's clock has jumped back.
_ON_ITS_WAY_NS = 10 * NS_PER_S

#: Reasons of the heart rate that tell of an event.
_TELLS = {'asystole': Reason.ASYSTOLE, 'leads_off': Reason.LEADS_OFF}

_LEADS_ON = frozenset({Reason.OK, Reason.NOISE, *RHYTHM_REASONS})
#: Reasons with which a condition that nobody has seen since a restart cannot stand.
_DISPROVED_BY: dict[str, frozenset[Reason]] = {
    'asystole': frozenset({Reason.OK}),
    'pause': frozenset({Reason.OK, Reason.ASYSTOLE}),
    'leads_off': _LEADS_ON,
    'signal_poor': frozenset({Reason.OK, Reason.LEADS_OFF, *RHYTHM_REASONS}),
    'ecg_lost_watching_pleth': frozenset({Reason.OK, Reason.LEADS_OFF, Reason.ASYSTOLE}),
}


class EventWatch:
    """Raises and ends the alarms of one bed that follow events.

    Attributes:
        pulse_good: The pleth gives a pulse rate, so that the ECG is not the only source.
    """

    def __init__(self, bed: Bed, board: Board) -> None:
        self._bed = bed
        self._board = board
        self.pulse_good = False
        self._on: dict[str, Event] = {}
        self._unseen_ends: set[str] = set()
        self._stamps: dict[str, int] = {}
        self._told: dict[tuple[str, bool], int] = {}

    def restore(self) -> None:
        """Take the alarms that stand as conditions that began before a restart."""
        for code in EVENT_CODES:
            alarm = self._board.standing(self._bed.number, code)
            if alarm is not None:
                self._on[code] = Event(
                    alarm.admission_id, code, True, alarm.announced, alarm.onset, alarm.origin
                )

    def stands(self, code: str) -> bool:
        """Tell whether a condition stands, be its alarm raised or suspended."""
        return code in self._on

    def take(self, event: Event, blind: bool, now: Moment) -> None:
        """Take one event.

        Args:
            event: Event with a name in EVENT_CODES.
            blind: The source is lost: that a life threat has ended cannot have been seen.
            now: Now.
        """
        self._stamps[event.name] = event.stamp
        if event.on:
            self._begin(event, now)
        elif blind and CODES[event.name].always_armed and event.name in self._on:
            self._unseen_ends.add(event.name)
        else:
            self._end(event.name, now)

    def see(self, reason: Reason, stamp: int, origin: int, now: Moment) -> None:
        """Compare the conditions with the reason of the heart rate of this second."""
        self._settle_unproven(reason, now)
        if reason is Reason.OK:
            for code in list(self._unseen_ends):
                self._end(code, now)
        self._find_missed(reason, stamp, origin, now)
        if self.stands('leads_off') and not self.pulse_good:
            alarm = self._board.standing(self._bed.number, 'leads_off')
            if alarm is not None:
                self._board.raise_priority(alarm, Priority.MEDIUM, now)

    def resume(self, now: Moment) -> None:
        """Raise what began while alarms were suspended and still stands."""
        for event in list(self._on.values()):
            self._begin(event, now)

    def _settle_unproven(self, reason: Reason, now: Moment) -> None:
        for code in list(self._on):
            alarm = self._board.standing(self._bed.number, code)
            if alarm is None or not alarm.unproven:
                continue
            if reason in _DISPROVED_BY[code]:
                self._end(code, now)
            elif reason is _TELLS.get(code):
                alarm.unproven = False

    def _find_missed(self, reason: Reason, stamp: int, origin: int, now: Moment) -> None:
        for code, telling in _TELLS.items():
            missed_begin = reason is telling and code not in self._on
            if self._told_often(code, True, missed_begin, stamp):
                self._begin(
                    Event(
                        self._bed.patient.admission_id,
                        code,
                        True,
                        stamp,
                        origin=origin,
                        evidence='told by the vital signs',
                    ),
                    now,
                )
        missed_end = reason is Reason.OK and 'asystole' in self._on
        if self._told_often('asystole', False, missed_end, stamp):
            self._end('asystole', now)

    def _told_often(self, code: str, begins: bool, told: bool, stamp: int) -> bool:
        behind = self._stamps.get(code, 0) - stamp
        if not told or 0 <= behind < _ON_ITS_WAY_NS:
            self._told[code, begins] = 0
            return False
        self._told[code, begins] = self._told.get((code, begins), 0) + 1
        return self._told[code, begins] >= _TOLD_TIMES

    def _begin(self, event: Event, now: Moment) -> None:
        self._on[event.name] = event
        self._unseen_ends.discard(event.name)
        if self._bed.patient.suspended and not CODES[event.name].always_armed:
            return
        only_source = event.name == 'leads_off' and not self.pulse_good
        self._board.begin(
            Cause(
                event.name,
                self._bed.number,
                self._bed.patient.admission_id,
                event.origin,
                event.onset,
                Priority.MEDIUM if only_source else None,
                evidence=event.evidence,
            ),
            now,
        )

    def _end(self, code: str, now: Moment) -> None:
        self._on.pop(code, None)
        self._unseen_ends.discard(code)
        self._board.end(self._bed.number, code, now)
