# SPDX-License-Identifier: Apache-2.0
"""From the state of leads and pleth to vital signs, each shown or blank with a reason."""

from __future__ import annotations

import math

from care_vitals.heart_rate import HIGHEST_RATE, LOWEST_RATE, Rate
from care_vitals.lead_choice import LeadState
from care_vitals.pulse import PulseQuality
from care_vitals.reports import Kind, Reason, Sign
from care_vitals.silence import KNOWN_WITHIN_S, SilenceWatch

#: Without a beat for this time, or for so many mean intervals, a mean no longer describes the
#: present.
_STALE_MEAN_S = 3.0
_STALE_MEAN_INTERVALS = 3.0


def heart_rate(lead: LeadState | None, silence: SilenceWatch, any_lead: bool, now: float) -> Sign:
    """Return the heart rate at stream time `now`, [s]."""
    if lead is None:
        return Sign(Kind.HEART_RATE)
    rate = lead.chain.rate()
    quality = 0.0 if math.isnan(lead.quality) or not lead.there else lead.quality
    sign = Sign(
        Kind.HEART_RATE,
        rate.value,
        quality=quality,
        reason=Reason.OK,
        source=lead.name,
        method=rate.method,
        measured_at=now if lead.chain.last is None else lead.chain.last,
    )
    reason = _heart_rate_reason(lead, rate, silence, any_lead, now)
    return sign if reason is Reason.OK else sign.blank(reason)


def _heart_rate_reason(
    lead: LeadState, rate: Rate, silence: SilenceWatch, any_lead: bool, now: float
) -> Reason:
    if not any_lead:
        return Reason.LEADS_OFF
    if silence.asystole:
        return Reason.ASYSTOLE
    if silence.held_back:
        return Reason.NO_BEATS
    if lead.poor:
        return Reason.NOISE
    if math.isnan(rate.value):
        return Reason.SETTLING
    longest = max(_STALE_MEAN_S, _STALE_MEAN_INTERVALS * 60.0 / rate.value)
    if lead.silence(now) > longest + KNOWN_WITHIN_S:
        return Reason.NO_BEATS
    return _range_reason(rate.value)


def pulse_rate(pulses: PulseQuality, source: str, there: bool, now: float) -> Sign:
    """Return the pulse rate of the pleth channel `source` ('' for none) at `now`, [s]."""
    if not source:
        return Sign(Kind.PULSE_RATE)
    value = pulses.rate(now)
    sign = Sign(
        Kind.PULSE_RATE,
        value,
        quality=pulses.value(now),
        reason=Reason.OK,
        source=source,
        method='mean of the last pulse intervals',
        measured_at=now,
    )
    if not there:
        return sign.blank(Reason.LEADS_OFF)
    if not pulses.settled:
        return sign.blank(Reason.SETTLING)
    if math.isnan(value):
        return sign.blank(Reason.NO_BEATS)
    if not pulses.good(now):
        return sign.blank(Reason.NOISE)
    reason = _range_reason(value)
    return sign if reason is Reason.OK else sign.blank(reason)


def _range_reason(rate: float) -> Reason:
    return Reason.OK if LOWEST_RATE <= rate <= HIGHEST_RATE else Reason.OUT_OF_RANGE
