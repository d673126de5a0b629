# SPDX-License-Identifier: Apache-2.0
"""Watches one bed: limits, events, silence of its signals, and what hides an alarm's source."""

from __future__ import annotations

from care_alarms.alarm import Alarm
from care_alarms.board import SOURCE_LOST, UNPROVEN, Board, Cause
from care_alarms.catalogue import EVENT_CODES, SUSPENDABLE, Category
from care_alarms.event_watch import EventWatch
from care_alarms.limit_watch import LIMIT_CODES, LimitWatch
from care_alarms.moment import Moment
from care_alarms.patient import Presence
from care_alarms.settings import Settings
from care_alarms.signals import (
    BLIND_REASONS,
    RHYTHM_REASONS,
    SILENT_REASONS,
    Event,
    Kind,
    Reason,
    Vitals,
)
from care_alarms.silence import Silence
from care_alarms.ward import Bed


class BedWatch:
    """Watches one admission; a new one is made for the next.

    The arrival of signals is judged by what the vital signs say about them, not by the waveforms:
    taking 100 waveform messages a second would cost about a tenth of a core.
    """

    def __init__(self, bed: Bed, board: Board, settings: Settings, now: Moment) -> None:
        self._bed = bed
        self._board = board
        self._settings = settings
        self._events = EventWatch(bed, board)
        self._limits = LimitWatch(bed, board, settings)
        self._reason: Reason | None = None
        self._origin = 0
        self._measured: dict[Kind, int] = {}
        self._last_vitals = now.steady
        self.wait_for_data(now)

    def restore(self, now: Moment) -> None:
        """Go on with the alarms that stood before a restart."""
        self._board.doubt(self._bed.number, (*EVENT_CODES, *LIMIT_CODES))
        self._events.restore()
        self._limits.restore(now)
        self.refresh(vitals_lost=False)

    def wait_for_data(self, now: Moment) -> None:
        """Give the sources time to start."""
        grace, allowed = self._settings.grace_s, self._settings.source_lost_s
        self._signal = Silence.after_grace(allowed, now.steady, grace)
        self._vitals = Silence.after_grace(allowed, now.steady, grace)

    def forgive(self, seconds: float) -> None:
        """Leave out a time in which we ourselves did not listen."""
        self._signal.forgive(seconds)
        self._vitals.forgive(seconds)

    def take_vitals(self, vitals: Vitals, now: Moment) -> None:
        """Take the vital signs of this second."""
        if now.steady - self._last_vitals > self._settings.vitals_lost_s:
            # Whoever computes them may have been restarted and have forgotten what it told us.
            self._board.doubt(self._bed.number, EVENT_CODES)
        self._last_vitals = now.steady
        self._vitals.heard(now.steady)
        self._origin = vitals.origin
        self._listen(vitals, now)
        heart = vitals.signs.get(Kind.HEART_RATE)
        pulse = vitals.signs.get(Kind.PULSE_RATE)
        self._reason = Reason.NO_SOURCE if heart is None else heart.reason
        self._events.pulse_good = pulse is not None and pulse.trusted
        self._events.see(self._reason, vitals.stamp, vitals.origin, now)
        if not self._bed.patient.suspended:
            self._limits.see(heart, now)

    def take_event(self, event: Event, now: Moment) -> None:
        """Take an event with a name in EVENT_CODES."""
        if event.on and event.name == 'asystole':
            self._reason = Reason.ASYSTOLE
        self._events.take(event, self._blind(), now)

    def tick(self, now: Moment, vitals_lost: bool) -> None:
        """Let time pass.

        Args:
            now: Now.
            vitals_lost: The processing of all beds is silent, which has an alarm of its own.
        """
        if self._bed.patient.presence is Presence.ADMITTED:
            self._limits.tick(now)
            self._judge_silence(now, vitals_lost)
        self.refresh(vitals_lost)

    def limits_changed(self, now: Moment) -> None:
        """Judge by the new limits."""
        if not self._bed.patient.suspended:
            self._limits.limits_changed(now)

    def presence_changed(self, now: Moment) -> None:
        """Suspend or resume what standby and away switch off."""
        self._limits = LimitWatch(self._bed, self._board, self._settings)
        if self._bed.patient.suspended:
            for code in SUSPENDABLE:
                self._board.end(self._bed.number, code, now, 'suspended', at_once=True)
            return
        self.wait_for_data(now)
        self._limits.restore(now)
        self._events.resume(now)

    def refresh(self, vitals_lost: bool) -> None:
        """Mark alarms whose source is hidden: they stay, and say so."""
        for alarm in self._board.of_bed(self._bed.number):
            if alarm.kind.category is Category.PHYSIOLOGICAL:
                self._board.mark(alarm, self._hidden_by(alarm, vitals_lost))

    def _listen(self, vitals: Vitals, now: Moment) -> None:
        """Judge whether signals still arrive.

        A blank number with another reason than silence needs a signal; a number needs another
        stretch of it than the last number did. (Not a newer one: the ward's clock may jump back.)
        """
        alive = False
        for kind, sign in vitals.signs.items():
            moves = sign.measured_at != self._measured.get(kind, 0)
            self._measured[kind] = sign.measured_at
            alive |= moves if sign.reason is Reason.OK else sign.reason not in SILENT_REASONS
        if alive:
            self._signal.heard(now.steady)
            self._board.end(self._bed.number, 'source_lost', now)
        elif any(sign.reason is Reason.STALE for sign in vitals.signs.values()):
            self._signal.known_silent()

    def _judge_silence(self, now: Moment, vitals_lost: bool) -> None:
        lost = self._board.standing(self._bed.number, 'source_lost') is not None
        if vitals_lost and not lost:
            # Nothing is known about the signals; count anew when the processing is back.
            self._signal.heard(now.steady)
            self._vitals.heard(now.steady)
        elif self._signal.silent(now.steady) or self._vitals.silent(now.steady):
            self._board.begin(
                Cause(
                    'source_lost',
                    self._bed.number,
                    self._bed.patient.admission_id,
                    self._origin,
                ),
                now,
            )

    def _blind(self) -> bool:
        return (
            self._reason in BLIND_REASONS
            or self._events.stands('leads_off')
            or self._board.standing(self._bed.number, 'source_lost') is not None
        )

    def _hidden_by(self, alarm: Alarm, vitals_lost: bool) -> str:
        if vitals_lost or self._blind():
            return SOURCE_LOST
        if alarm.stands and alarm.unproven:
            return UNPROVEN
        if alarm.code not in LIMIT_CODES or not alarm.stands:
            return ''
        if self._reason is None or self._reason is Reason.OK:
            return ''
        rhythm = RHYTHM_REASONS.get(self._reason)
        return f'no heart rate: {rhythm}' if rhythm else SOURCE_LOST
