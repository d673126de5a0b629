# SPDX-License-Identifier: Apache-2.0
"""Nurse calls: each stands from the press until it is cancelled at its button.

A call is a person's, not a measurement: it is shown from an EMPTY bed too, goes on over a
discharge, and no silence of its button ends it.
"""

from __future__ import annotations

from care_alarms.board import SOURCE_LOST, UNPROVEN, Board, Cause
from care_alarms.catalogue import WARD
from care_alarms.moment import Moment
from care_alarms.settings import Settings
from care_alarms.signals import Call
from care_alarms.silence import Silence
from care_alarms.ward import Ward

_CODE = 'nurse_call'


class CallWatch:
    """Raises and ends the nurse calls of all beds, and of the robot's own button (bed 0)."""

    def __init__(self, ward: Ward, board: Board, settings: Settings) -> None:
        self._ward = ward
        self._board = board
        self._settings = settings
        self._calls: dict[int, Call] = {}
        self._heard: dict[int, Silence] = {}

    def restore(self, now: Moment) -> None:
        """Go on with the calls that stood before a restart."""
        for alarm in self._board.alarms.values():
            if alarm.code == _CODE and alarm.stands:
                self._calls[alarm.bed] = Call(alarm.bed, True, alarm.onset, alarm.origin)
                self._heard[alarm.bed] = Silence.after_grace(
                    self._settings.board_lost_s, now.steady, self._settings.grace_s
                )
        self.tick(now)

    def take(self, call: Call, now: Moment) -> None:
        """Take what a button says."""
        self._calls[call.bed] = call
        silence = self._heard.setdefault(call.bed, Silence(self._settings.board_lost_s, now.steady))
        silence.heard(now.steady)
        if call.pressed:
            self._raise(call, now)
        else:
            self._board.end(call.bed, _CODE, now, 'cancelled at the button')
        self.tick(now)

    def resume(self, bed: int, now: Moment) -> None:
        """Raise the call of a bed again whose alarms went with its patient."""
        call = self._calls.get(bed)
        if call is not None and call.pressed:
            self._raise(call, now)

    def tick(self, now: Moment) -> None:
        """Mark the calls whose button is silent: they stand, and say so."""
        for bed, silence in self._heard.items():
            alarm = self._board.standing(bed, _CODE)
            if alarm is not None:
                lost = silence.silent(now.steady)
                hidden = SOURCE_LOST if lost else UNPROVEN if alarm.unproven else ''
                self._board.mark(alarm, hidden)

    def forgive(self, seconds: float) -> None:
        """Leave out a time in which we ourselves did not listen."""
        for silence in self._heard.values():
            silence.forgive(seconds)

    def _raise(self, call: Call, now: Moment) -> None:
        admission, where = self._whose(call.bed)
        self._board.begin(
            Cause(_CODE, call.bed, admission, call.origin, call.since, text_arguments=(where,)),
            now,
        )

    def _whose(self, number: int) -> tuple[str, str]:
        """Return admission id and place of a call: whoever pressed is shown, wherever it was."""
        if number == WARD:
            return '', 'the robot'
        bed = self._ward.beds.get(number)
        if bed is None:
            return '', f'bed {number}, which is not of this ward'
        return bed.patient.admission_id, 'an empty bed' if bed.patient.empty else 'the bed'
