# SPDX-License-Identifier: Apache-2.0
"""What a bed's monitor says: beats and events at once, vital signs once a second."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum


class Kind(IntEnum):
    """Kinds of vital sign, numbered as in care_msgs/VitalSign."""

    HEART_RATE = 1
    PULSE_RATE = 2


class Reason(IntEnum):
    """Why a value is blank, numbered as in care_msgs/VitalSign."""

    OK = 0
    NO_SOURCE = 1
    SETTLING = 2
    LEADS_OFF = 3
    NOISE = 4
    ASYSTOLE = 5
    STALE = 6
    OUT_OF_RANGE = 9
    NO_BEATS = 10


REASON_TEXTS = {
    Reason.OK: '',
    Reason.NO_SOURCE: 'no device has sent this sign',
    Reason.SETTLING: 'waiting for more beats',
    Reason.LEADS_OFF: 'leads off',
    Reason.NOISE: 'signal too noisy',
    Reason.ASYSTOLE: 'asystole',
    Reason.STALE: 'no new data',
    Reason.OUT_OF_RANGE: 'outside what can be measured',
    Reason.NO_BEATS: 'no beats',
}

#: True until rhythm and respiration are watched; shown on every tile.
NOTICES = ('NO ARRHYTHMIA DETECTION', 'APNOEA WATCH OFF')


@dataclass(frozen=True, slots=True)
class BeatReport:
    """A heart beat.

    Attributes:
        t: Stream time of the R peak, [s].
        known: Stream time of the last sample needed to find it, [s].
        channel: Lead that it was found on.
        sample: Index of the R peak on that lead.
        interval: R-R interval to the beat before, [s]; NaN for the first of a chain.
        late: Found by learning or looking back.
    """

    t: float
    known: float
    channel: str
    sample: int
    interval: float
    late: bool


@dataclass(frozen=True, slots=True)
class EventReport:
    """A condition that begins or ends.

    Attributes:
        t: Stream time at which it was recognised, [s].
        name: asystole, ecg_lost_watching_pleth, pause, leads_off or signal_poor.
        on: True when it begins.
        onset: Stream time at which the condition began, [s].
        evidence: One sentence for a person.
    """

    t: float
    name: str
    on: bool
    onset: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One vital sign; `value` is NaN unless `reason` is OK."""

    kind: Kind
    value: float = math.nan
    unit: str = '/min'
    quality: float = 0.0
    reason: Reason = Reason.NO_SOURCE
    source: str = ''
    method: str = ''
    measured_at: float = math.nan

    def blank(self, reason: Reason) -> Sign:
        """Return this sign without its value."""
        return Sign(
            self.kind, math.nan, self.unit, self.quality, reason, self.source, '', self.measured_at
        )


@dataclass(frozen=True, slots=True)
class VitalsReport:
    """All vital signs at stream time `t`, [s]."""

    t: float
    signs: tuple[Sign, ...] = field(default=())


Report = BeatReport | EventReport | VitalsReport
