# SPDX-License-Identifier: Apache-2.0
"""Watches one threshold: with a delay before it is passed and hysteresis before it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Without a trustworthy value for this long [s], a threshold that was not yet passed starts anew.
_FORGET_S = 5.0
#: A value older than this [s] passes no threshold.
_FRESH_S = 2.5


def displayed(value: float) -> float:
    """Return the value as it is displayed: rounded half up, so that alarm and tile agree."""
    return float(math.floor(value + 0.5))


@dataclass
class Threshold:
    """One threshold of one vital sign.

    Attributes:
        above: True when values above the limit are outside, False for below.
        delay_s: How long the value must be outside [s].
        hysteresis: How far inside the limit the value must come back.
        passed: The value is outside for long enough, and has not come back.
        value: Last value, as displayed.
    """

    above: bool
    delay_s: float
    hysteresis: float
    passed: bool = False
    value: float = math.nan
    _outside_since: float = math.inf
    _seen: float = -math.inf
    _blank: bool = True

    def see(self, value: float, limit: float, steady: float) -> None:
        """Take a trustworthy value, as displayed."""
        if steady - self._seen > _FORGET_S and not self.passed:
            self._outside_since = math.inf
        self.value, self._seen, self._blank = value, steady, False
        beyond = value - limit if self.above else limit - value
        if beyond > 0:
            self._outside_since = min(self._outside_since, steady)
        elif not self.passed or beyond <= -self.hysteresis:
            self._outside_since = math.inf
            self.passed = False
        self.tick(steady)

    def tick(self, steady: float) -> None:
        """Let time pass: the last value may now have been outside for long enough."""
        if self._fresh(steady) and steady - self._outside_since >= self.delay_s:
            self.passed = True

    def blank(self) -> None:
        """Take a blank value: it neither passes a threshold nor comes back from one."""
        self._blank = True

    def limit_changed(self, limit: float, steady: float) -> None:
        """Judge the last value by another limit, at once and without hysteresis."""
        inside = self.value <= limit if self.above else self.value >= limit
        if inside and not math.isnan(self.value):
            self.passed = False
            self._outside_since = math.inf
        elif not self.passed and self._fresh(steady):
            self._outside_since = min(self._outside_since, steady)

    def restore(self, steady: float) -> None:
        """Take the threshold as passed before a restart."""
        self.passed = True
        self._outside_since = steady - self.delay_s

    def _fresh(self, steady: float) -> bool:
        return not self._blank and steady - self._seen <= _FRESH_S
