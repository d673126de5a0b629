# SPDX-License-Identifier: Apache-2.0
"""Which limits may be set, and what happens to a patient's limits."""

import itertools
import math
from dataclasses import replace

import pytest
from care_alarms.limits import HEART_RATE, Limit, Profile, checked, defaults
from care_alarms.moment import Moment
from care_alarms.patient import Patient, Presence
from care_alarms.refusal import RefusedError
from care_alarms.ward import Bed
from hypothesis import given
from hypothesis import strategies as st

NOW = Moment(10**18, 5.0)


def limit(*numbers: float) -> Limit:
    return Limit(HEART_RATE, '/min', *numbers)


def occupied(profile: Profile = Profile.ADULT) -> Bed:
    bed = Bed(3)
    bed.set_patient(Patient(presence=Presence.ADMITTED, profile=profile), NOW)
    return bed


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=4, max_size=4))
def test_any_accepted_limits_are_in_order_and_in_range(numbers: list[float]) -> None:
    ordered = all(a < b for a, b in itertools.pairwise(numbers))
    allowed = ordered and numbers[0] >= 15 and numbers[3] <= 300
    if allowed:
        assert checked(limit(*numbers)).numbers == tuple(numbers)
    else:
        with pytest.raises(RefusedError, match='Heart rate') as refused:
            checked(limit(*numbers))
        assert refused.value.code == 'invalid_limits'


@given(
    st.lists(st.integers(15, 300), min_size=4, max_size=4, unique=True).map(sorted),
    st.permutations(range(4)),
)
def test_only_one_order_of_four_numbers_is_accepted(numbers: list[int], order: list[int]) -> None:
    shuffled = [float(numbers[i]) for i in order]
    if shuffled == sorted(shuffled):
        assert checked(limit(*shuffled)).numbers == tuple(shuffled)
    else:
        with pytest.raises(RefusedError):
            checked(limit(*shuffled))


@pytest.mark.parametrize('profile', Profile)
def test_the_defaults_of_every_profile_may_be_set(profile: Profile) -> None:
    for one in defaults(profile).values():
        assert checked(one) == one


def test_a_neonate_at_165_is_no_extreme_tachycardia() -> None:
    assert defaults(Profile.NEONATAL)[HEART_RATE].high > 165


def test_adult_defaults_are_those_agreed() -> None:
    assert defaults(Profile.ADULT)[HEART_RATE].numbers == (35, 50, 120, 160)


@pytest.mark.parametrize(
    ('wanted', 'code', 'words'),
    [
        (limit(35, 120, 50, 160), 'invalid_limits', 'low limit 120 must be below the high limit'),
        (limit(35, 35, 120, 160), 'invalid_limits', 'extreme low limit 35 must be below the low'),
        (limit(35, 50, 120, 301), 'invalid_limits', '301 /min is outside 15 to 300'),
        (limit(14, 50, 120, 160), 'invalid_limits', '14 /min is outside'),
        (limit(35, 50, math.nan, 160), 'invalid_limits', 'the high limit is missing'),
        (replace(limit(35, 50, 120, 160), unit='Hz'), 'wrong_unit', 'not in Hz'),
        (replace(limit(35, 50, 120, 160), kind=99), 'unknown_kind', 'vital sign number 99'),
    ],
)
def test_limits_are_refused_in_plain_words(wanted: Limit, code: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        checked(wanted)
    assert refused.value.code == code
    assert words in refused.value.text


def test_limits_are_all_set_or_none() -> None:
    bed = occupied()
    before = dict(bed.limits)
    wanted = [limit(30, 40, 130, 170), replace(limit(35, 50, 120, 160), kind=99)]
    with pytest.raises(RefusedError):
        bed.set_limits(bed.patient.admission_id, wanted, 'nurse_1', NOW)
    assert bed.limits == before
    assert bed.set_by == ''


@pytest.mark.parametrize('wanted', [[], [limit(30, 40, 130, 170), limit(31, 41, 131, 171)]])
def test_each_vital_sign_is_set_once_and_one_at_least(wanted: list[Limit]) -> None:
    bed = occupied()
    with pytest.raises(RefusedError, match='once'):
        bed.set_limits(bed.patient.admission_id, wanted, 'nurse_1', NOW)


def test_limits_of_another_patient_are_refused() -> None:
    bed = occupied()
    with pytest.raises(RefusedError) as refused:
        bed.set_limits('another', [limit(30, 40, 130, 170)], 'nurse_1', NOW)
    assert refused.value.code == 'admission_changed'
    with pytest.raises(RefusedError) as refused:
        Bed(1).set_limits('', [limit(30, 40, 130, 170)], 'nurse_1', NOW)
    assert refused.value.code == 'bed_empty'


def test_an_admission_gets_an_id_that_says_nothing_and_defaults_of_its_profile() -> None:
    bed, other = occupied(Profile.NEONATAL), occupied()
    assert bed.limits == defaults(Profile.NEONATAL)
    assert bed.patient.admission_id != other.patient.admission_id
    assert len(bed.patient.admission_id) == 16
    assert (bed.restored, bed.set_by, bed.set_at) == (False, '', NOW.stamp)


def test_a_new_profile_brings_its_own_limits() -> None:
    bed = occupied()
    bed.set_limits(bed.patient.admission_id, [limit(30, 40, 130, 170)], 'nurse_1', NOW)
    bed.set_patient(replace(bed.patient, paced=1), NOW)
    assert bed.limits[HEART_RATE].high == 130
    bed.set_patient(replace(bed.patient, profile=Profile.PAEDIATRIC), NOW)
    assert (bed.limits, bed.set_by) == (defaults(Profile.PAEDIATRIC), '')


def test_discharge_forgets_the_limits() -> None:
    bed = occupied()
    bed.set_limits(bed.patient.admission_id, [limit(30, 40, 130, 170)], 'nurse_1', NOW)
    bed.set_patient(Patient(bed.patient.admission_id), NOW)
    assert bed == Bed(3)


@pytest.mark.parametrize(
    ('wanted', 'code'),
    [
        (Patient(presence=Presence.ADMITTED), 'occupied'),
        (Patient('another', Presence.STANDBY), 'admission_changed'),
        (Patient('another', Presence.EMPTY), 'admission_changed'),
        (Patient(presence=Presence.EMPTY), 'admission_changed'),
    ],
)
def test_a_patient_is_not_changed_for_another(wanted: Patient, code: str) -> None:
    bed = occupied()
    before = bed.patient
    with pytest.raises(RefusedError) as refused:
        bed.set_patient(wanted, NOW)
    assert refused.value.code == code
    assert bed.patient == before


def test_a_discharged_patient_is_not_admitted_again_under_the_old_id() -> None:
    with pytest.raises(RefusedError) as refused:
        Bed(1).set_patient(Patient('old', Presence.ADMITTED), NOW)
    assert refused.value.code == 'admission_changed'


@pytest.mark.parametrize(
    'profile',
    [
        {'spo2_target_low': 94.0, 'spo2_target_high': 90.0},
        {'spo2_target_low': math.nan, 'spo2_target_high': 92.0},
        {'spo2_target_low': 88.0, 'spo2_target_high': math.nan},
        {'spo2_target_low': 88.0, 'spo2_target_high': 0.0},
        {'spo2_scale': 3},
    ],
)
def test_a_senseless_profile_is_refused(profile: dict[str, float]) -> None:
    bed = Bed(1)
    with pytest.raises(RefusedError) as refused:
        bed.set_patient(replace(Patient(presence=Presence.ADMITTED), **profile), NOW)
    assert refused.value.code == 'invalid_patient'
    assert bed.patient.empty


def test_an_unset_target_is_blank_not_zero() -> None:
    bed = Bed(1)
    wanted = Patient(presence=Presence.ADMITTED, spo2_target_low=0.0, spo2_target_high=0.0)
    bed.set_patient(replace(wanted, spo2_scale=0), NOW)
    assert math.isnan(bed.patient.spo2_target_low)
    assert bed.patient.spo2_scale == 1
