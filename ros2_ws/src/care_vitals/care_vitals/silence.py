# SPDX-License-Identifier: Apache-2.0
"""Watches for missing beats: pause after 3 s, asystole after 4 s.

A beat may be known up to 0.36 s after its R peak, so that a silence of 4.0 s is certain 4.36 s
after the last beat. Only time in which a beat would have been seen counts: a gap of up to 1 s
stops the clock, with the time around it in which a beat goes unseen; a longer one, or one behind
which the thresholds are learned anew, starts it again. So a signal in shreds is no asystole. Both
conditions end with the second beat that comes back; an asystole that leads off interrupt stays on,
for nothing has shown that it ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from care_vitals.reports import EventReport

PAUSE_S = 3.0
ASYSTOLE_S = 4.0
#: All but one in a thousand beats that are not late are known within this time.
KNOWN_WITHIN_S = 0.36
#: Gaps up to this length stop the clock of the silence, longer ones start it again.
SHORT_GAP_S = 1.0
#: A beat so shortly before or after a gap may go unseen: 0.36 s before, until it would have been
#: known, and 0.24 s after, while the filters settle.
BLIND_S = 0.6
#: Longest time that an asystole may be held back by a good pulse.
HELD_BACK_S = 10.0
_BEATS_BACK = 2
#: QRS complexes of two leads within this time are the same beat.
SAME_BEAT_S = 0.2
_WORSE_THAN_PAUSE = {'pause', 'asystole', 'ecg_lost_watching_pleth'}

PulseAgrees = Callable[[float], bool]


class SilenceWatch:
    """Turns the times of QRS complexes into pause and asystole events."""

    def __init__(self, pulse_agrees: PulseAgrees) -> None:
        """Prepare; `pulse_agrees(t)` tells whether a good pulse speaks against asystole."""
        self._pulse_agrees = pulse_agrees
        self._on: dict[str, float] = {}
        self.stop_clock()

    def stop_clock(self) -> None:
        """Forget the beats, not what is on: the time begins anew. `leads_on` starts the clock."""
        self._last_qrs: float | None = None
        self._silent_from = math.inf
        self._off_since: float | None = None
        self._back = 0
        self._held_until = math.inf

    @property
    def asystole(self) -> bool:
        """Tell whether asystole is on."""
        return 'asystole' in self._on

    @property
    def held_back(self) -> bool:
        """Tell whether an asystole is being held back by the pulse."""
        return 'ecg_lost_watching_pleth' in self._on

    @property
    def waiting_for_leads(self) -> bool:
        """Tell whether the clock stands because no lead is there."""
        return self._off_since is not None or math.isinf(self._silent_from)

    def restart(self, t: float) -> list[EventReport]:
        """Begin anew behind a long gap or a seam; pause and asystole stay on if they are."""
        self._last_qrs = None
        self._silent_from = t
        self._off_since = None
        self._back = 0
        return self._close('ecg_lost_watching_pleth', t, 'The ECG begins anew.')

    def leads_on(self, t: float, anew: bool = False) -> list[EventReport]:
        """An ECG lead is there from `t` on; `anew`: its thresholds are learned from here."""
        gap = math.inf if self._off_since is None else t - self._off_since
        if anew or gap > SHORT_GAP_S:
            return self.restart(t)
        self._off_since = None
        self._silent_from = min(t, self._silent_from + gap + BLIND_S)
        return []

    def leads_off(self, t: float) -> None:
        """No ECG lead is there from `t` on."""
        if self._off_since is None:
            self._off_since = t

    def next_deadline(self) -> float:
        """Return the stream time at which `expire` has something to say."""
        if self._off_since is not None or self.asystole:
            return math.inf
        if self.held_back:
            return self._held_until
        if self._last_qrs is not None and 'pause' not in self._on:
            return self._silent_from + PAUSE_S + KNOWN_WITHIN_S
        return self._silent_from + ASYSTOLE_S + KNOWN_WITHIN_S

    def expire(self, t: float) -> list[EventReport]:
        """Return what the deadline at `t` brings."""
        if self.held_back:
            return self._asystole(t)
        if t >= self._silent_from + ASYSTOLE_S + KNOWN_WITHIN_S:
            return self._hold_back(t) if self._pulse_agrees(t) else self._asystole(t)
        return self._open('pause', t, self._silent_from, f'No QRS for {PAUSE_S:.0f} s.')

    def second(self, t: float) -> list[EventReport]:
        """Check once a second whether the pulse still speaks against asystole."""
        if self.held_back and not self._pulse_agrees(t):
            return self._asystole(t)
        return []

    def qrs(self, t: float, known: float) -> list[EventReport]:
        """Take a QRS complex with R peak at `t`; return what it ends or begins."""
        before, interval = self._last_qrs, math.nan
        if before is not None:
            interval = t - before
            if interval < SAME_BEAT_S:
                return []
        self._last_qrs = t
        self._silent_from = t if before is None else max(self._silent_from, t)
        long = interval >= PAUSE_S
        self._back = 1 if long else self._back + 1
        if long and before is not None and not (self._on.keys() & _WORSE_THAN_PAUSE):
            return self._open('pause', known, before, f'R-R interval of {interval:.1f} s.')
        if self._back < _BEATS_BACK:
            return []
        ended = (self._close(name, known, 'Beats are back.') for name in list(self._on))
        return [event for events in ended for event in events]

    def _hold_back(self, t: float) -> list[EventReport]:
        self._held_until = t + HELD_BACK_S
        text = f'No QRS for {ASYSTOLE_S:.0f} s, but the pleth shows a pulse.'
        opened = self._open('ecg_lost_watching_pleth', t, self._silent_from, text)
        return opened + self._close('pause', t, 'ECG lost.')

    def _asystole(self, t: float) -> list[EventReport]:
        text = f'No QRS for {t - self._silent_from:.1f} s with leads on.'
        opened = self._open('asystole', t, self._silent_from, text)
        closed = self._close('ecg_lost_watching_pleth', t, 'No longer held back.')
        return opened + closed + self._close('pause', t, 'Asystole.')

    def _open(self, name: str, t: float, onset: float, evidence: str) -> list[EventReport]:
        if name in self._on:
            return []
        self._on[name] = onset
        return [EventReport(t, name, True, onset, evidence)]

    def _close(self, name: str, t: float, evidence: str) -> list[EventReport]:
        if name not in self._on:
            return []
        return [EventReport(t, name, False, self._on.pop(name), evidence)]
