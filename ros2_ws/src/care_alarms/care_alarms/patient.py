# SPDX-License-Identifier: Apache-2.0
"""Who lies in a bed, without saying who."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

from care_alarms.limits import Profile
from care_alarms.refusal import RefusedError


class Presence(IntEnum):
    """State of a bed; the numbers are those of care_msgs/Patient."""

    EMPTY = 0
    ADMITTED = 1
    STANDBY = 2
    AWAY = 3


class Known(IntEnum):
    """Answer to a yes-or-no question that may not have been asked."""

    UNKNOWN = 0
    YES = 1
    NO = 2


def new_admission_id() -> str:
    """Return an opaque random id: it says nothing of the person, bed or time."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Patient:
    """State of a bed and profile of its patient.

    Attributes:
        admission_id: Opaque id, '' when the bed is EMPTY.
        spo2_scale: NEWS2 SpO2 scale, 1 or 2.
        spo2_target_low: [%], NaN when not set.
        spo2_target_high: [%], NaN when not set.
        spo2_target_set_by: User id, '' when not set.
    """

    admission_id: str = ''
    presence: Presence = Presence.EMPTY
    profile: Profile = Profile.ADULT
    paced: Known = Known.UNKNOWN
    pregnant: Known = Known.UNKNOWN
    bed_exit_risk: Known = Known.UNKNOWN
    spo2_scale: int = 1
    spo2_target_low: float = math.nan
    spo2_target_high: float = math.nan
    spo2_target_set_by: str = ''

    @property
    def empty(self) -> bool:
        """Tell whether nobody is admitted."""
        return self.presence is Presence.EMPTY

    @property
    def suspended(self) -> bool:
        """Tell whether alarms that can be switched off are off."""
        return self.presence in (Presence.STANDBY, Presence.AWAY)

    def kept(self) -> dict[str, Any]:
        """Return what is kept over a restart."""
        record = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ('presence', 'profile', 'paced', 'pregnant', 'bed_exit_risk'):
            record[name] = int(record[name])
        for name in ('spo2_target_low', 'spo2_target_high'):
            record[name] = None if math.isnan(record[name]) else record[name]
        return record

    @classmethod
    def restored(cls, kept: dict[str, Any]) -> Patient:
        """Return a patient as kept.

        Raises:
            KeyError, TypeError, ValueError: The record is damaged.
        """
        patient = cls(**kept)
        return replace(
            patient,
            presence=Presence(patient.presence),
            profile=Profile(patient.profile),
            paced=Known(patient.paced),
            pregnant=Known(patient.pregnant),
            bed_exit_risk=Known(patient.bed_exit_risk),
            spo2_target_low=_number_in(kept['spo2_target_low']),
            spo2_target_high=_number_in(kept['spo2_target_high']),
        )


def _number_in(number: float | None) -> float:
    return math.nan if number is None else float(number)


def checked(patient: Patient) -> Patient:
    """Return the patient if its profile makes sense, with an unset SpO2 target as NaN.

    Raises:
        RefusedError: `invalid_patient`, with the reason in plain words.
    """
    low, high = patient.spo2_target_low, patient.spo2_target_high
    if not (low or high) or (math.isnan(low) and math.isnan(high)):
        patient = replace(
            patient,
            spo2_target_low=math.nan,
            spo2_target_high=math.nan,
            spo2_target_set_by='',
        )
    elif not 50 <= low < high <= 100:
        raise RefusedError(
            'invalid_patient', f'SpO2 target {low:g} to {high:g} % is not within 50 to 100 %.'
        )
    if patient.spo2_scale not in (0, 1, 2):
        raise RefusedError('invalid_patient', f'There is no SpO2 scale {patient.spo2_scale}.')
    return replace(patient, spo2_scale=patient.spo2_scale or 1)
