# SPDX-License-Identifier: Apache-2.0
"""Alarm limits of a patient: defaults of the profile, and what may be set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

from care_alarms.refusal import RefusedError


class Profile(IntEnum):
    """Whom the default limits are for; the numbers are those of `category` in care_msgs/Patient."""

    ADULT = 0
    PAEDIATRIC = 1
    NEONATAL = 2


@dataclass(frozen=True)
class Limit:
    """Limits of one vital sign; extreme_low < low < high < extreme_high.

    Attributes:
        kind: Number of the vital sign in care_msgs/VitalSign.
        unit: UCUM.
        extreme_low: HIGH priority below.
        low: MEDIUM priority below.
        high: MEDIUM priority above.
        extreme_high: HIGH priority above.
    """

    kind: int
    unit: str
    extreme_low: float
    low: float
    high: float
    extreme_high: float

    @property
    def numbers(self) -> tuple[float, float, float, float]:
        """Return the four limits from low to high."""
        return self.extreme_low, self.low, self.high, self.extreme_high


@dataclass(frozen=True)
class Sign:
    """What may be set for one vital sign.

    Attributes:
        name: Name in plain words.
        unit: UCUM.
        allowed: Smallest and largest number that can be a limit.
    """

    name: str
    unit: str
    allowed: tuple[float, float]


HEART_RATE = 1

#: Vital signs that have limits. The allowed range is what the heart-rate meters of bedside monitors
#: can measure.
SIGNS = {HEART_RATE: Sign('Heart rate', '/min', (15.0, 300.0))}

#: Limits of heart rate: of bedside monitors' manuals (adult 50-120, paediatric 75-160, neonatal
#: 100-200 /min); extremes outside them by profile, so that a neonate at 165 /min is no emergency.
_HEART_RATE_DEFAULTS = {
    Profile.ADULT: (35.0, 50.0, 120.0, 160.0),
    Profile.PAEDIATRIC: (50.0, 75.0, 160.0, 190.0),
    Profile.NEONATAL: (70.0, 100.0, 200.0, 230.0),
}


def defaults(profile: Profile) -> dict[int, Limit]:
    """Return the limits of a profile by kind of vital sign."""
    return {
        HEART_RATE: Limit(HEART_RATE, SIGNS[HEART_RATE].unit, *_HEART_RATE_DEFAULTS[profile]),
    }


def checked(limit: Limit) -> Limit:
    """Return the limit if it may be set, with its unit filled in.

    Raises:
        RefusedError: `unknown_kind`, `wrong_unit` or `invalid_limits`, with the reason in words.
    """
    sign = SIGNS.get(limit.kind)
    if sign is None:
        raise RefusedError(
            'unknown_kind', f'There are no limits for vital sign number {limit.kind}.'
        )
    if limit.unit not in ('', sign.unit):
        raise RefusedError(
            'wrong_unit', f'{sign.name}: limits are in {sign.unit}, not in {limit.unit}.'
        )
    _check_range(sign, limit)
    _check_order(sign, limit)
    return Limit(limit.kind, sign.unit, *(float(number) for number in limit.numbers))


_NAMES = ('extreme low', 'low', 'high', 'extreme high')


def _check_range(sign: Sign, limit: Limit) -> None:
    smallest, largest = sign.allowed
    for name, number in zip(_NAMES, limit.numbers, strict=True):
        if not math.isfinite(number):
            raise RefusedError(
                'invalid_limits',
                f'{sign.name}: the {name} limit is missing; no limit can be switched off.',
            )
        if not smallest <= number <= largest:
            raise RefusedError(
                'invalid_limits',
                f'{sign.name}: the {name} limit {number:g} {sign.unit} is outside '
                f'{smallest:g} to {largest:g} {sign.unit}.',
            )


def _check_order(sign: Sign, limit: Limit) -> None:
    numbers = limit.numbers
    for below in range(3):
        if not numbers[below] < numbers[below + 1]:
            raise RefusedError(
                'invalid_limits',
                f'{sign.name}: the {_NAMES[below]} limit {numbers[below]:g} must be below the '
                f'{_NAMES[below + 1]} limit {numbers[below + 1]:g} {sign.unit}.',
            )
