# SPDX-License-Identifier: Apache-2.0
"""Simulated patients: the same seed, the same samples; and a truth that is true."""

import itertools

import numpy as np
import pytest
from care_sim.patient import CHANNELS, LEAD_OFF, SATURATED, PatientChunk, SimulatedPatient
from care_sim.pulse import DC_INFRARED, DC_RED
from care_sim.rhythm import SimulatedBeat
from care_sim.scenario import STABLE, load_scenario
from care_sim.state import Course, course_from
from hypothesis import given, settings
from hypothesis import strategies as st


def patient(course: Course | None = None, **options) -> SimulatedPatient:
    options = {'seed': 1, 'bed': 1} | options
    return SimulatedPatient(course or STABLE.course(options['bed']), **options)


def read(source: SimulatedPatient, seconds: int) -> list[PatientChunk]:
    return [source.read(25) for _ in range(seconds)]


def signal(chunks: list[PatientChunk], channel: int) -> np.ndarray:
    return np.concatenate([chunk.samples[channel] for chunk in chunks])


def beats(chunks: list[PatientChunk]) -> list[SimulatedBeat]:
    return [beat for chunk in chunks for beat in chunk.beats]


@settings(max_examples=15)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 5), st.integers(1, 4))
def test_the_same_seed_gives_the_same_bytes_however_they_are_cut(cuts, seed, bed):
    course = load_scenario('cables').course
    whole = patient(course(bed), seed=seed, bed=bed).read(sum(cuts))
    source = patient(course(bed), seed=seed, bed=bed)
    pieces = [source.read(ticks) for ticks in cuts]
    for channel in range(len(CHANNELS)):
        assert signal(pieces, channel).tobytes() == whole.samples[channel].tobytes()
    assert tuple(beats(pieces)) == whole.beats


def test_indices_and_start_times_are_contiguous():
    source = patient()
    chunks = [source.read(ticks) for ticks in (1, 3, 25, 40, 2)]
    for before, after in itertools.pairwise(chunks):
        for channel, (_, _, rate) in enumerate(CHANNELS):
            end = before.first_indices[channel] + len(before.samples[channel])
            assert after.first_indices[channel] == end
            assert after.start_s == pytest.approx(end / rate)


@pytest.mark.parametrize('changed', [{'seed': 2}, {'bed': 2}])
def test_another_seed_or_bed_gives_another_patient(changed):
    course = course_from({})
    usual = patient(course).read(50).samples[0]
    assert not np.array_equal(usual, patient(course, **changed).read(50).samples[0])


@pytest.mark.parametrize('bed', [1, 2, 3, 4])
def test_beats_come_at_the_rate_of_the_patient(bed):
    rate = STABLE.course(bed).ramps['heart_rate'].at(0)
    assert len(beats(read(patient(bed=bed), 300))) / 5 == pytest.approx(rate, rel=0.02)


def test_the_patient_in_bed_4_alone_has_premature_beats():
    ventricular = [sum(b.ventricular for b in beats(read(patient(bed=bed), 300)))
                   for bed in (1, 2, 3, 4)]  # fmt: skip
    assert ventricular[:3] == [0, 0, 0]
    assert 5 <= ventricular[3] <= 30


def test_rr_intervals_are_the_times_between_beats():
    found = beats(read(patient(bed=4), 60))
    times = [beat.time for beat in found]
    assert [beat.rr for beat in found[1:]] == pytest.approx(np.diff(times))


def test_a_premature_beat_comes_early_and_the_pause_after_it_makes_up_for_it():
    course = course_from({'heart_rate': 60, 'heart_rate_variability': 0, 'pvc_rate': 10})
    found = beats(read(patient(course), 120))
    pairs = [(b.rr, after.rr) for b, after in itertools.pairwise(found) if b.ventricular]
    assert pairs
    assert pairs == [pytest.approx((0.6, 1.4))] * len(pairs)


@pytest.mark.parametrize('wanted', [0, 3, 8])
def test_the_variability_is_the_one_set(wanted):
    found = beats(read(patient(course_from({'heart_rate_variability': wanted})), 300))
    intervals = [beat.rr for beat in found[1:]]
    assert 100 * np.std(intervals) / np.mean(intervals) == pytest.approx(
        wanted, abs=0.25 * wanted + 1e-6
    )


@pytest.mark.parametrize(
    'state',
    [
        {'heart_rate': 58}, {'heart_rate': 96, 'pvc_rate': 20}, {'heart_rate': 178},
        {'rhythm': 'ventricular_tachycardia', 'heart_rate': 190}, {'heart_rate': 30},
    ],
)  # fmt: skip
def test_a_true_beat_lies_on_the_peak_of_the_wave_without_noise(state):
    chunks = read(patient(course_from(state), clean=True), 60)
    wave = signal(chunks, 0)
    for beat in beats(chunks)[1:-1]:
        sample = round(beat.time * 250)
        near = wave[sample - 12 : sample + 13]
        assert abs(int(np.argmax(near)) - 12) <= 1, beat


def test_beats_belong_to_the_chunk_that_holds_their_sample():
    source = patient()
    for _ in range(1000):
        chunk = source.read(1)
        for beat in chunk.beats:
            assert 0 <= round(beat.time * 250) - chunk.first_indices[0] < 10


def test_the_truth_follows_the_ramps_of_a_scenario():
    source = patient(load_scenario('bed_3_worsens').course(3), bed=3)
    got = {}
    for second in range(1, 121):
        source.read(25)
        truth = source.truth()
        got[second] = (truth.rhythm, truth.heart_rate)
    assert got[10] == ('sinus', 88)
    assert got[25] == ('sinus', pytest.approx(109))
    assert got[35] == ('sinus', pytest.approx(130))
    assert got[80] == ('sinus', pytest.approx(178))
    assert got[95][0] == 'asystole'
    assert np.isnan(got[95][1])
    assert got[120] == ('sinus', pytest.approx(86))


def test_the_beats_of_bed_3_pass_each_limit_long_enough_to_be_seen():
    found = beats(read(patient(load_scenario('bed_3_worsens').course(3), bed=3), 125))

    def rate(begin: float, end: float) -> float:
        return float(np.mean([60 / b.rr for b in found if begin <= b.time < end]))

    assert rate(0, 15) < 120
    assert 120 < rate(36, 55) < 160
    assert rate(70, 90) > 160
    assert max(b.rr for b in found) > 8
    assert 50 < rate(115, 125) < 120


def test_the_pulse_follows_the_beat_by_200_to_400_milliseconds():
    chunks = read(patient(clean=True), 30)
    infrared = signal(chunks, 3)
    for beat in beats(chunks)[1:-1]:
        start = round(beat.time * 125)
        window = infrared[start : start + 80]
        steepest = (np.argmax(np.diff(window)) + 0.5) / 125
        assert 0.2 <= steepest <= 0.4


@pytest.mark.parametrize('spo2', [70, 85, 97])
def test_red_and_infrared_stand_in_the_ratio_of_the_saturation(spo2):
    chunks = read(patient(course_from({'spo2': spo2}), clean=True), 20)
    red, infrared = (signal(chunks, channel)[250:].astype(float) for channel in (2, 3))
    ratio = (np.ptp(red) / DC_RED) / (np.ptp(infrared) / DC_INFRARED)
    assert 110 - 25 * ratio == pytest.approx(spo2, abs=0.3)


def test_the_perfusion_index_is_the_size_of_the_pulse():
    still = {'heart_rate_variability': 0, 'resp_rate': 0, 'perfusion_index': 5, 'heart_rate': 60}
    infrared = signal(read(patient(course_from(still), clean=True), 20), 3)[250:]
    assert 100 * np.ptp(infrared) / np.mean(infrared) == pytest.approx(5, rel=0.15)


@pytest.mark.parametrize('rate', [8, 14, 32])
def test_breaths_come_at_the_rate_of_the_patient(rate):
    breath = signal(read(patient(course_from({'resp_rate': rate}), clean=True), 120), 4)
    spectrum = np.abs(np.fft.rfft(breath - breath.mean()))
    assert np.argmax(spectrum) / 120 * 60 == pytest.approx(rate, abs=0.5)


def test_in_asystole_neither_heart_nor_pulse_beats_and_both_come_back():
    course = course_from({})
    course.change(10, 0, {'rhythm': 'asystole'})
    course.change(20, 0, {'rhythm': 'sinus'})
    chunks = read(patient(course, clean=True), 30)
    assert not [b for b in beats(chunks) if 10 <= b.time < 20]
    assert len([b for b in beats(chunks) if b.time >= 20]) >= 10
    assert np.ptp(signal(chunks, 0)[11 * 250 : 20 * 250]) < 0.05
    assert np.ptp(signal(chunks, 3)[12 * 125 : 20 * 125]) < 0.005


def test_a_pause_is_one_interval_of_its_length():
    course = course_from({'heart_rate_variability': 0})
    course.change(10, 0, {'pause': 3.5})
    intervals = [beat.rr for beat in beats(read(patient(course), 30))]
    assert [rr for rr in intervals if rr > 1] == [3.5]


def test_atrial_fibrillation_is_irregular_and_has_no_p_wave():
    found = beats(read(patient(course_from({'rhythm': 'atrial_fibrillation'})), 120))
    intervals = [beat.rr for beat in found[1:]]
    assert 0.15 < np.std(intervals) / np.mean(intervals) < 0.25
    assert not any(beat.atrial for beat in found)


def test_ventricular_fibrillation_has_waves_and_no_beats():
    chunks = read(patient(course_from({'rhythm': 'ventricular_fibrillation'}), clean=True), 20)
    wave = signal(chunks, 0)
    assert beats(chunks) == []
    spectrum = np.abs(np.fft.rfft(wave))
    assert 3.5 <= np.argmax(spectrum) / 20 <= 6.5
    assert 0.4 < np.ptp(wave) < 2.5


def test_noise_has_the_strength_set():
    quiet = {'mains_noise': 0, 'baseline_wander': 0, 'muscle_noise': 0.3, 'rhythm': 'asystole'}
    assert np.std(signal(read(patient(course_from(quiet)), 20), 0)) == pytest.approx(0.3, rel=0.05)


def test_leads_off_are_flagged_and_their_samples_missing():
    course = course_from({})
    course.change(2.02, 0, {'ecg_lead': 'off'})
    course.change(4, 0, {'ecg_lead': 'attached'})
    source = patient(course)
    for tick in range(150):
        chunk = source.read(1)
        off = tick * 0.04 + 0.04 - 1e-9 >= 2.02 and tick * 0.04 < 4 - 1e-9
        assert chunk.flags == ((LEAD_OFF, LEAD_OFF, 0, 0, LEAD_OFF) if off else (0,) * 5)
        times = tick * 0.04 + np.arange(10) / 250
        np.testing.assert_array_equal(
            np.isnan(chunk.samples[0]), (times >= 2.02 - 1e-9) & (times < 4 - 1e-9)
        )
        assert not np.isnan(chunk.samples[3]).any()


def test_a_probe_that_is_off_is_flagged_and_the_ecg_goes_on():
    chunk = patient(course_from({'pleth_probe': 'off'})).read(25)
    assert chunk.flags == (0, 0, LEAD_OFF, LEAD_OFF, 0)
    assert np.isnan(chunk.samples[2]).all()
    assert not np.isnan(chunk.samples[0]).any()


def test_a_saturated_amplifier_lies_at_its_rail():
    chunk = patient(course_from({'ecg_lead': 'saturated'})).read(25)
    assert chunk.flags[:2] == (SATURATED, SATURATED)
    assert set(chunk.samples[0]) == {5.0}


def test_a_flat_lead_is_not_flagged_and_the_heart_goes_on():
    chunks = read(patient(course_from({'ecg_lead': 'flat'}), clean=True), 10)
    assert chunks[0].flags == (0,) * 5
    assert np.ptp(signal(chunks, 0)) == 0
    assert len(beats(chunks)) > 8
    assert np.ptp(signal(chunks, 3)[250:]) > 0.01


def test_while_the_link_is_down_chunks_are_lost_and_time_goes_on():
    course = course_from({})
    course.change(1, 0, {'link': 'down'})
    course.change(2, 0, {'link': 'up'})
    source = patient(course)
    assert [source.read(1).lost for _ in range(75)] == [False] * 25 + [True] * 25 + [False] * 25
