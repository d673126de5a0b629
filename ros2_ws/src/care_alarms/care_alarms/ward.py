# SPDX-License-Identifier: Apache-2.0
"""State of the ward: a patient and limits for each bed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from care_alarms import limits, patient
from care_alarms.limits import Limit, Profile
from care_alarms.moment import Moment
from care_alarms.patient import Patient, Presence
from care_alarms.refusal import RefusedError


@dataclass
class Bed:
    """One bed.

    Attributes:
        number: Bed number, from 1.
        patient: Who lies in it.
        limits: Limits in force by kind of vital sign; empty for an EMPTY bed.
        restored: The limits were kept over a restart and nobody has set them since.
        set_by: User id of who set the limits, '' for defaults of the profile.
        set_at: ROS time [ns] of setting them.
    """

    number: int
    patient: Patient = field(default_factory=Patient)
    limits: dict[int, Limit] = field(default_factory=dict)
    restored: bool = False
    set_by: str = ''
    set_at: int = 0

    @property
    def defaults(self) -> dict[int, Limit]:
        """Return the limits of the patient's profile; empty for an EMPTY bed."""
        return {} if self.patient.empty else limits.defaults(self.patient.profile)

    def require(self, admission_id: str) -> None:
        """Refuse a request about another patient than the present one.

        Raises:
            RefusedError: `bed_empty` or `admission_changed`.
        """
        if self.patient.empty:
            raise RefusedError('bed_empty', f'Bed {self.number} is empty.')
        if admission_id != self.patient.admission_id:
            raise RefusedError(
                'admission_changed',
                f'The patient in bed {self.number} has changed; look again before you act.',
            )

    def set_limits(
        self, admission_id: str, wanted: Iterable[Limit], user: str, now: Moment
    ) -> None:
        """Put limits in force: all are checked, then all are applied, or none.

        Raises:
            RefusedError: Another patient, or limits that may not be set.
        """
        self.require(admission_id)
        accepted = [limits.checked(limit) for limit in wanted]
        kinds = [limit.kind for limit in accepted]
        if not accepted or len(set(kinds)) != len(kinds):
            raise RefusedError('invalid_limits', 'Give each vital sign once, and one at least.')
        self.limits = {**self.limits, **{limit.kind: limit for limit in accepted}}
        self.restored = False
        self.set_by = user
        self.set_at = now.stamp

    def set_patient(self, wanted: Patient, now: Moment) -> None:
        """Admit, discharge, suspend or change the profile.

        A bed that is EMPTY and gets a patient gets a new admission id; limits are the profile's
        again after admission and when the profile changes.

        Raises:
            RefusedError: `occupied`, `admission_changed` or `invalid_patient`.
        """
        wanted = patient.checked(wanted)
        if self.patient.empty:
            self._admit(wanted, now)
            return
        if not wanted.admission_id and not wanted.empty:
            raise RefusedError(
                'occupied', f'Bed {self.number} is occupied: discharge that patient first.'
            )
        self.require(wanted.admission_id)
        if wanted.empty:
            self._forget()
            return
        profile_changed = wanted.profile is not self.patient.profile
        self.patient = wanted
        if profile_changed:
            self._use_defaults(now)

    def _admit(self, wanted: Patient, now: Moment) -> None:
        if wanted.admission_id:
            raise RefusedError(
                'admission_changed', f'Bed {self.number} is empty; this patient was discharged.'
            )
        if wanted.empty:
            return
        self.patient = replace(wanted, admission_id=patient.new_admission_id())
        self._use_defaults(now)

    def _forget(self) -> None:
        self.patient = Patient()
        self.limits = {}
        self.restored = False
        self.set_by = ''
        self.set_at = 0

    def _use_defaults(self, now: Moment) -> None:
        self.limits = limits.defaults(self.patient.profile)
        self.restored = False
        self.set_by = ''
        self.set_at = now.stamp

    def kept(self) -> dict[str, Any]:
        """Return what is kept over a restart."""
        return {
            'patient': self.patient.kept(),
            'limits': [[limit.kind, *limit.numbers] for limit in self.limits.values()],
            'set_by': self.set_by,
            'set_at': self.set_at,
        }

    @classmethod
    def from_kept(cls, number: int, kept: dict[str, Any]) -> Bed:
        """Return a bed as kept, its limits marked as restored.

        Raises:
            KeyError, TypeError, ValueError, RefusedError: The record is damaged.
        """
        lying = Patient.restored(kept['patient'])
        found = [limits.checked(Limit(int(k), '', *n)) for k, *n in kept['limits']]
        in_force = {limit.kind: limit for limit in found}
        if not lying.empty:
            in_force = {**limits.defaults(lying.profile), **in_force}
        if lying.empty is bool(lying.admission_id):
            raise ValueError(f'bed {number}: patient and admission do not match')
        return cls(
            number, lying, in_force, not lying.empty, str(kept['set_by']), int(kept['set_at'])
        )


class Ward:
    """All beds of the ward."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.beds = {number: Bed(number) for number in numbers}

    def bed(self, number: int) -> Bed:
        """Return a bed.

        Raises:
            RefusedError: `unknown_bed`.
        """
        if number not in self.beds:
            known = ', '.join(str(n) for n in self.beds)
            raise RefusedError('unknown_bed', f'There is no bed {number}; beds are {known}.')
        return self.beds[number]

    def admit(self, number: int, now: Moment) -> None:
        """Admit an adult of whom nothing more is known.

        Raises:
            RefusedError: The bed is unknown or occupied.
        """
        self.bed(number).set_patient(
            Patient(presence=Presence.ADMITTED, profile=Profile.ADULT), now
        )

    @property
    def watched(self) -> list[Bed]:
        """Return the beds whose patients are ADMITTED, neither away nor in standby."""
        return [b for b in self.beds.values() if b.patient.presence is Presence.ADMITTED]

    def kept(self) -> dict[str, Any]:
        """Return what is kept over a restart."""
        return {str(number): bed.kept() for number, bed in self.beds.items()}

    def restore(self, kept: dict[str, Any]) -> list[int]:
        """Take the beds as kept; return numbers of kept beds that the ward no longer has.

        Raises:
            KeyError, TypeError, ValueError, RefusedError: The record is damaged.
        """
        found = {int(number): Bed.from_kept(int(number), bed) for number, bed in kept.items()}
        self.beds.update({n: bed for n, bed in found.items() if n in self.beds})
        return [n for n, bed in found.items() if n not in self.beds and not bed.patient.empty]
