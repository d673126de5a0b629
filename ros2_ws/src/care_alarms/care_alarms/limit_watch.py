# SPDX-License-Identifier: Apache-2.0
"""Heart-rate limits of one bed.

An extreme stands beside a limit alarm that was there before it, but while it stands no new limit
alarm of the same direction is raised: it would tell less than the extreme does.
"""

from __future__ import annotations

from dataclasses import dataclass

from care_alarms.board import Board, Cause
from care_alarms.limits import HEART_RATE, Limit
from care_alarms.moment import Moment
from care_alarms.rate_watch import Threshold, displayed
from care_alarms.settings import Settings
from care_alarms.signals import Sign
from care_alarms.ward import Bed


@dataclass(frozen=True)
class _Rule:
    code: str
    field: str
    above: bool
    extreme: str = ''


#: Extremes first: a limit asks whether the extreme of its direction has been passed.
_RULES = (
    _Rule('extreme_tachycardia', 'extreme_high', above=True),
    _Rule('extreme_bradycardia', 'extreme_low', above=False),
    _Rule('hr_high', 'high', above=True, extreme='extreme_tachycardia'),
    _Rule('hr_low', 'low', above=False, extreme='extreme_bradycardia'),
)
LIMIT_CODES = tuple(rule.code for rule in _RULES)


class LimitWatch:
    """Watches the heart rate of one bed against the limits in force."""

    def __init__(self, bed: Bed, board: Board, settings: Settings) -> None:
        self._bed = bed
        self._board = board
        self._origin = 0
        self._thresholds = {
            rule.code: Threshold(
                rule.above,
                settings.limit_delay_s if rule.extreme else settings.extreme_delay_s,
                settings.hysteresis,
            )
            for rule in _RULES
        }

    def restore(self, now: Moment) -> None:
        """Take the alarms that stand as thresholds passed before a restart."""
        for code, threshold in self._thresholds.items():
            if self._board.standing(self._bed.number, code):
                threshold.restore(now.steady)

    def see(self, heart: Sign | None, now: Moment) -> None:
        """Take the heart rate of this second, None when there is none."""
        if heart is None or not heart.trusted:
            for threshold in self._thresholds.values():
                threshold.blank()
            return
        self._origin = heart.origin
        for rule in _RULES:
            threshold = self._thresholds[rule.code]
            threshold.see(displayed(heart.value), self._limit(rule), now.steady)
            if threshold.passed:
                self._prove(rule.code)
        self._apply(now)

    def tick(self, now: Moment) -> None:
        """Let time pass."""
        for threshold in self._thresholds.values():
            threshold.tick(now.steady)
        self._apply(now)

    def limits_changed(self, now: Moment) -> None:
        """Judge the present heart rate by the new limits."""
        for rule in _RULES:
            self._thresholds[rule.code].limit_changed(self._limit(rule), now.steady)
        self._apply(now)

    def _prove(self, code: str) -> None:
        alarm = self._board.standing(self._bed.number, code)
        if alarm is not None:
            alarm.unproven = False

    def _limit(self, rule: _Rule) -> float:
        limit: Limit = self._bed.limits[HEART_RATE]
        return float(getattr(limit, rule.field))

    def _apply(self, now: Moment) -> None:
        for rule in _RULES:
            threshold = self._thresholds[rule.code]
            standing = self._board.standing(self._bed.number, rule.code)
            if threshold.passed and standing is None and not self._told_by_extreme(rule):
                self._board.begin(self._cause(rule, threshold), now)
            elif not threshold.passed and standing is not None:
                self._board.end(self._bed.number, rule.code, now)

    def _told_by_extreme(self, rule: _Rule) -> bool:
        return bool(rule.extreme) and self._thresholds[rule.extreme].passed

    def _cause(self, rule: _Rule, threshold: Threshold) -> Cause:
        limit, unit = self._limit(rule), self._bed.limits[HEART_RATE].unit
        return Cause(
            rule.code,
            self._bed.number,
            self._bed.patient.admission_id,
            self._origin,
            value=threshold.value,
            limit=limit,
            unit=unit,
            text_arguments=(f'{threshold.value:g}', f'{limit:g}', unit),
        )
