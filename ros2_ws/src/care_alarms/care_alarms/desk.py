# SPDX-License-Identifier: Apache-2.0
"""The ward desk: carries out requests of people, and keeps what they and the alarms decide."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from care_alarms.answers import Answer, Answers
from care_alarms.board import Board, Cause
from care_alarms.catalogue import WARD
from care_alarms.engine import Engine
from care_alarms.journal import Entry
from care_alarms.limits import Limit
from care_alarms.moment import Moment
from care_alarms.patient import Patient
from care_alarms.refusal import RefusedError
from care_alarms.settings import Settings
from care_alarms.store import DamagedError, Store, move_aside
from care_alarms.ward import Ward

#: Journal entries that wait for a disk that cannot be written; older ones are lost then.
_WAITING_AT_MOST = 10_000
#: Time [s] between attempts to write to a disk that could not be written.
_RETRY_S = 1.0


class Desk:
    """Ward state, alarms and journal as one, over restarts.

    Attributes:
        ward: Patients and limits.
        engine: Alarms.
        problem: What a person must know about kept state that could not be read, '' for nothing.
        storage_fault: Why nothing can be kept now, '' when it can.
    """

    def __init__(
        self,
        beds: Sequence[int],
        settings: Settings,
        now: Moment,
        path: Path | None = None,
        keep_entries: int = 10_000,
        admit_on_first_start: Sequence[int] = (),
    ) -> None:
        """Open the kept state, or begin with empty beds.

        Raises:
            InUseError: Another process uses the file.
            OSError, sqlite3.OperationalError: The folder or file cannot be used.
        """
        self.problem = ''
        self.storage_fault = ''
        self._waiting: list[Entry] = []
        self._damaged = False
        self._retry_at = 0.0
        self._beds = beds
        self._settings = settings
        self._open(path, keep_entries, now)
        if self._damaged:
            self.engine.board.begin(Cause('state_lost', WARD, evidence=self.problem), now)
            self.engine.board.end(WARD, 'state_lost', now)
        if not self._found:
            for number in admit_on_first_start:
                self._admit(number, now)
        self.save(now)

    def start(self, now: Moment) -> None:
        """Begin to watch."""
        self.engine.start(now)
        self._waiting.append(Entry(now.stamp, 'started', WARD))
        self.save(now)

    # Requests ----------------------------------------------------------------------------------

    def acknowledge(self, request_id: str, alarm_id: str, user: str, now: Moment) -> Answer:
        """Acknowledge one alarm."""

        def act() -> Answer:
            alarm = self.engine.board.acknowledge(alarm_id, user, now)
            return Answer(True, 'ok', f'Acknowledged: {alarm.text}.')

        return self._once(('acknowledge', request_id), user, act, now)

    def set_limits(
        self,
        request_id: str,
        number: int,
        admission_id: str,
        limits: Sequence[Limit],
        user: str,
        now: Moment,
    ) -> Answer:
        """Set limits of the patient in a bed: all of them, or none."""

        def act() -> Answer:
            bed = self.ward.bed(number)
            bed.set_limits(admission_id, limits, user, now)
            self.engine.limits_changed(bed, user, now)
            return Answer(True, 'ok', f'Limits of bed {number} are set.', admission_id)

        return self._once(('set_limits', request_id), user, act, now)

    def pause_audio(
        self, request_id: str, number: int, seconds: float, user: str, now: Moment
    ) -> Answer:
        """Pause the sound of a bed, or of the whole ward with bed 0."""

        def act() -> Answer:
            numbers = [WARD, *self.ward.beds] if number == WARD else [self.ward.bed(number).number]
            for one in numbers:
                self.engine.board.pause_audio(one, seconds, user, now)
            text = f'Sound paused for {seconds:g} s.' if seconds else 'Sound is on.'
            return Answer(True, 'ok', text)

        return self._once(('pause_audio', request_id), user, act, now)

    def set_patient(
        self, request_id: str, number: int, wanted: Patient, user: str, now: Moment
    ) -> Answer:
        """Admit, discharge, suspend or change the profile of a patient."""

        def act() -> Answer:
            bed = self.ward.bed(number)
            before = bed.patient
            bed.set_patient(wanted, now)
            self.engine.patient_changed(bed, before, user, now)
            text = f'Bed {number}: {bed.patient.presence.name.lower()}.'
            return Answer(True, 'ok', text, bed.patient.admission_id)

        return self._once(('set_patient', request_id), user, act, now)

    # Keeping -----------------------------------------------------------------------------------

    def save(self, now: Moment) -> None:
        """Keep what has changed; raise a technical alarm while that is not possible."""
        answers, forgotten = self._answers.unkept, self._answers.expired(now.steady)
        if not (self._waiting or answers or forgotten):
            return
        if self.storage_fault and not answers and now.steady < self._retry_at:
            return
        try:
            self._store.commit(self._document(), self._waiting, answers, forgotten)
        except sqlite3.Error as error:
            self._retry_at = now.steady + _RETRY_S
            self.storage_fault = f'State cannot be stored: {error}.'
            self.engine.board.begin(Cause('state_not_kept', WARD, evidence=str(error)), now)
            del self._waiting[:-_WAITING_AT_MOST]
            return
        self._waiting.clear()
        self._answers.kept(forgotten)
        if self.storage_fault:
            self.storage_fault = ''
            self.engine.board.end(WARD, 'state_not_kept', now)

    def journal(self, newest: int = 1000) -> list[Entry]:
        """Return the newest entries of the journal, oldest of them first."""
        return self._store.journal(newest)

    def dropped(self) -> int:
        """Return how many of the oldest journal entries have been dropped."""
        return self._store.dropped()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    # Insides -----------------------------------------------------------------------------------

    def _open(self, path: Path | None, keep_entries: int, now: Moment) -> None:
        try:
            self._begin(path, keep_entries, now)
        except DamagedError as error:
            assert path is not None  # memory is not damaged
            aside = move_aside(path)
            self._begin(path, keep_entries, now)
            self._damaged = True
            self.problem = (
                f'The kept ward state could not be read ({error}); it is now {aside.name}. '
                'Patients, limits and acknowledgements are lost, defaults are in force.'
            )

    def _begin(self, path: Path | None, keep_entries: int, now: Moment) -> None:
        """Open the store and build ward and alarms from what is in it.

        Raises:
            DamagedError: The file, or what is in it, cannot be trusted; the store is closed.
        """
        self._store = Store(path, keep_entries)
        try:
            document = self._store.document()
            self._answers = Answers(self._store.answers(), now.steady)
            self._build()
            self._found = document is not None
            if document is not None:
                self._restore(document, now)
        except (DamagedError, RefusedError, LookupError, TypeError, ValueError) as error:
            self._store.close()
            raise DamagedError(str(error)) from error

    def _build(self) -> None:
        self.ward = Ward(self._beds)
        board = Board(self._waiting.append, self._settings.cleared_shown_s)
        self.engine = Engine(self.ward, board, self._settings, self._waiting.append)

    def _restore(self, document: dict[str, Any], now: Moment) -> None:
        left = self.ward.restore(document['ward'])
        if left:
            self.problem = f'Beds {left} had patients, but are no longer beds of this ward.'
        admissions = {n: bed.patient.admission_id for n, bed in self.ward.beds.items()}
        self.engine.board.restore(document['alarms'], {**admissions, WARD: ''}, now)

    def _document(self) -> dict[str, Any]:
        return {'ward': self.ward.kept(), 'alarms': self.engine.board.kept()}

    def _admit(self, number: int, now: Moment) -> None:
        bed = self.ward.bed(number)
        before = bed.patient
        self.ward.admit(number, now)
        self.engine.patient_changed(bed, before, '', now)

    def _once(
        self, key: tuple[str, str], user: str, act: Callable[[], Answer], now: Moment
    ) -> Answer:
        """Carry out a request, unless it has been answered; keep what it did before answering."""
        known = self._answers.known(key)
        if known is not None:
            return known
        try:
            if not user:
                raise RefusedError('user_missing', 'Nobody is named as acting; log in first.')
            answer = act()
        except RefusedError as error:
            answer = Answer(False, error.code, error.text)
        self._answers.remember(key, answer, now.steady)
        self.save(now)
        return answer
