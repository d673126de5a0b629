# SPDX-License-Identifier: Apache-2.0
"""Which of several ECG leads the heart rate is taken from.

The preferred lead, unless it is off, or poor while another has been good for eight seconds; back to
the preferred one when that has been good for five. Hasty switching costs more than it gains: the
second lead of the ten test records is the worse one in most.
"""

from __future__ import annotations

import math

from care_vitals.heart_rate import IntervalChain
from care_vitals.quality import Quality

_GOOD_FOR_S = 8
_BACK_AFTER_S = 5
#: R-R intervals that the quality has judged good when a lead stops being poor.
_JUDGED_INTERVALS = 7
_TRUSTED = 0.95


class LeadState:
    """What is known of one lead at the stream time reached."""

    def __init__(self, name: str, rank: int) -> None:
        self.name = name
        self.rank = rank
        self.there = False
        self.poor = False
        self.quality = math.nan
        self.good_seconds = 0
        self.changed = -math.inf
        self.chain = IntervalChain()

    @property
    def trusted(self) -> bool:
        """Tell whether its beats may speak for the heart while another lead is active."""
        return self.there and not self.poor and self.quality >= _TRUSTED

    def presence(self, there: bool, t: float) -> None:
        """Note that the lead comes or goes; either breaks the chain of intervals."""
        if there != self.there or math.isinf(self.changed):
            self.changed = t
        self.there = there
        self.poor = False
        self.quality = math.nan
        self.good_seconds = 0
        self.chain.reset()

    def beat(self, t: float) -> float:
        """Add a beat at `t`; return its R-R interval, NaN for the first of a chain."""
        return self.chain.add(t)

    def judge(self, quality: Quality) -> None:
        """Take the quality of the last second."""
        if self.poor and not quality.poor:
            self.chain.keep_newest(_JUDGED_INTERVALS)
        self.poor = quality.poor
        self.quality = quality.value
        self.good_seconds = self.good_seconds + 1 if self.trusted else 0

    def silence(self, t: float) -> float:
        """Return the time since the last beat, [s]; infinite when there was none."""
        return math.inf if self.chain.last is None else t - self.chain.last


class LeadChoice:
    """Holds the leads of a bed and the active one."""

    def __init__(self) -> None:
        self.leads: dict[str, LeadState] = {}
        self.active: LeadState | None = None

    @property
    def any_there(self) -> bool:
        """Tell whether at least one lead is connected."""
        return any(lead.there for lead in self.leads.values())

    def add(self, name: str, rank: int) -> None:
        """Add a lead; the lowest rank is preferred, then the one added first."""
        self.leads[name] = LeadState(name, rank)
        if self.active is None or (rank < self.active.rank and not self.active.there):
            self.active = self.leads[name]

    def choose(self) -> None:
        """Choose the active lead anew."""
        best = min(self.leads.values(), key=lambda lead: lead.rank, default=None)
        active = self.active
        if active is None or best is None:
            return
        if best is not active and best.good_seconds >= _BACK_AFTER_S:
            self.active = best
        elif not active.there:
            self.active = next((lead for lead in self._others() if lead.there), active)
        elif active.poor:
            good = (lead for lead in self._others() if lead.good_seconds >= _GOOD_FOR_S)
            self.active = next(good, active)

    def _others(self) -> list[LeadState]:
        others = [lead for lead in self.leads.values() if lead is not self.active]
        return sorted(others, key=lambda lead: (-lead.good_seconds, lead.rank))
