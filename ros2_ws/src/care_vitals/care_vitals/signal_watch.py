# SPDX-License-Identifier: Apache-2.0
"""Technical events: leads off, signal poor. Looked at once a second."""

from __future__ import annotations

import math

from care_vitals.lead_choice import LeadChoice
from care_vitals.reports import EventReport

#: All leads off for so long is an event; a shorter touch of a cable is not.
LEADS_OFF_S = 1.0
SIGNAL_POOR_S = 10.0


class SignalWatch:
    """Turns the state of the leads into events."""

    def __init__(self) -> None:
        self._on: dict[str, float] = {}
        self._poor_since = math.nan

    def stop_clock(self) -> None:
        """Forget times, not what is on: the time begins anew."""
        self._poor_since = math.nan

    def second(self, t: float, leads: LeadChoice) -> list[EventReport]:
        """Return what begins or ends at the full second `t`."""
        return [*self._leads_off(t, leads), *self._signal_poor(t, leads)]

    def _leads_off(self, t: float, leads: LeadChoice) -> list[EventReport]:
        if not leads.leads:
            return []
        since = max(lead.changed for lead in leads.leads.values())
        off = not leads.any_there and t - since >= LEADS_OFF_S
        return self._set('leads_off', off, t, since, 'No ECG lead is connected.')

    def _signal_poor(self, t: float, leads: LeadChoice) -> list[EventReport]:
        active = leads.active
        if active is None or not active.there or not active.poor:
            self._poor_since = math.nan
        elif math.isnan(self._poor_since):
            self._poor_since = t
        poor = t - self._poor_since >= SIGNAL_POOR_S
        text = f'Heart rate not trustworthy for {SIGNAL_POOR_S:.0f} s: signal too noisy.'
        return self._set('signal_poor', poor, t, self._poor_since, text)

    def _set(self, name: str, on: bool, t: float, onset: float, text: str) -> list[EventReport]:
        if on == (name in self._on):
            return []
        if on:
            self._on[name] = onset
            return [EventReport(t, name, True, onset, text)]
        return [EventReport(t, name, False, self._on.pop(name), 'The signal is back.')]
